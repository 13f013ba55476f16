//! What the names of tags and attributes mean for the pass.

use std::collections::HashSet;

use crate::article::html::blocks;

/// Whether anything behind this pass looks at an attribute: extraction, or the parser itself (`type` of a hidden input,
/// `encoding` of a formula's annotation). The parser allocates for each, and pages have far more than these.
pub(super) fn is_read(tag: &str, attribute: &str, also_read: &HashSet<String>) -> bool {
    let is_tag = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(tag));
    lower(attribute, |attribute| match attribute {
        "class" | "id" | "href" | "style" | "role" | "rel" | "type" | "name" | "content" | "property" | "itemprop"
        | "itemscope" | "data-testid" | "datetime" | "pubdate" | "hidden" | "aria-hidden" | "lang" | "xml:lang"
        | "http-equiv" | "encoding" => true,
        "src" | "srcset" | "data-src" | "data-srcset" | "data-lazy-src" | "data-original" | "width" | "height" => {
            is_tag(&["img"])
        }
        // Times are written there for machines.
        "title" => is_tag(&["abbr", "time", "span"]),
        _ => false,
    }) || (!also_read.is_empty() && also_read.contains(&attribute.to_ascii_lowercase()))
}

/// Asks about a name in lower case; a name that is longer than any that is known is not.
fn lower(name: &str, is_known: impl FnOnce(&str) -> bool) -> bool {
    let mut buffer = [0; 16];
    let Some(lower) = buffer.get_mut(..name.len()) else { return false };
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    std::str::from_utf8(lower).is_ok_and(is_known)
}

/// Whether what a page links by a relation is for browsers alone.
pub(super) fn is_resource(relation: &str) -> bool {
    lower(relation, |relation| {
        matches!(
            relation,
            "stylesheet"
                | "preload"
                | "prefetch"
                | "preconnect"
                | "dns-prefetch"
                | "modulepreload"
                | "prerender"
                | "icon"
                | "shortcut"
                | "apple-touch-icon"
                | "mask-icon"
                | "manifest"
                | "pingback"
        )
    })
}

/// Whether a style can hide an element; nothing else is read of it.
pub(super) fn can_hide(style: &str) -> bool {
    let style = style.as_bytes();
    style.windows(4).any(|part| part.eq_ignore_ascii_case(b"none") || part.eq_ignore_ascii_case(b"hidd"))
}

/// Whether a block of text begins or ends with a tag of this name.
pub(super) fn is_boundary(name: &str) -> bool {
    lower(name, blocks::is_block_level)
}

/// Elements that the parser opens again where they were closed out of order; it tells them apart by all their attributes.
pub(super) fn is_formatting(name: &str) -> bool {
    const NAMES: [&str; 13] =
        ["b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];
    NAMES.iter().any(|formatting| formatting.eq_ignore_ascii_case(name))
}
