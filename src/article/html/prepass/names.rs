//! What the names of tags and attributes mean for the pass.

use std::collections::HashSet;

use html5ever::{LocalName, local_name};

/// The name of an attribute, if anything behind this pass looks at it: extraction, or the tree builder itself (`type` of a
/// hidden input, `encoding` of a formula's annotation). Pages have far more attributes than these, and each costs an allocation.
pub(super) fn read_name(tag: &LocalName, attribute: &str, also_read: &HashSet<String>) -> Option<LocalName> {
    let known = lower(attribute, |name| {
        Some(match name {
            "class" => local_name!("class"),
            "id" => local_name!("id"),
            "href" => local_name!("href"),
            "style" => local_name!("style"),
            "role" => local_name!("role"),
            "rel" => local_name!("rel"),
            "type" => local_name!("type"),
            "content" => local_name!("content"),
            "property" => local_name!("property"),
            "itemprop" => local_name!("itemprop"),
            "name" => local_name!("name"),
            "aria-hidden" => local_name!("aria-hidden"),
            "itemscope" | "typeof" | "resource" | "data-testid" | "datetime" | "pubdate" | "hidden" | "lang"
            | "xml:lang" | "http-equiv" | "encoding" => LocalName::from(name),
            "src" | "srcset" | "data-src" | "data-srcset" | "data-lazy-src" | "data-original" | "width" | "height"
                if *tag == local_name!("img") =>
            {
                LocalName::from(name)
            }
            // Times are written there for machines.
            "title" if [local_name!("abbr"), local_name!("time"), local_name!("span")].contains(tag) => {
                local_name!("title")
            }
            _ => return None,
        })
    });
    known.or_else(|| {
        let all = is_formatting(tag);
        let name = (all || !also_read.is_empty()).then(|| attribute.to_ascii_lowercase())?;
        (all || also_read.contains(&name)).then(|| LocalName::from(name))
    })
}

/// The name of a tag.
pub(super) fn tag_name(name: &str) -> LocalName {
    let known = lower(name, |name| {
        // Nearly all tags of nearly all pages: comparing is cheaper than looking up.
        Some(match name {
            "div" => local_name!("div"),
            "a" => local_name!("a"),
            "li" => local_name!("li"),
            "span" => local_name!("span"),
            "p" => local_name!("p"),
            "meta" => local_name!("meta"),
            "img" => local_name!("img"),
            "ul" => local_name!("ul"),
            "link" => local_name!("link"),
            "script" => local_name!("script"),
            "br" => local_name!("br"),
            "h2" => local_name!("h2"),
            "h3" => local_name!("h3"),
            "button" => local_name!("button"),
            "strong" => local_name!("strong"),
            "section" => local_name!("section"),
            "article" => local_name!("article"),
            "picture" => local_name!("picture"),
            "source" => local_name!("source"),
            "svg" => local_name!("svg"),
            "td" => local_name!("td"),
            "tr" => local_name!("tr"),
            _ => LocalName::from(name),
        })
    });
    known.unwrap_or_else(|| LocalName::from(name.to_ascii_lowercase()))
}

/// Asks about a name in lower case; a name that is longer than any that is known is not.
fn lower<T>(name: &str, ask: impl FnOnce(&str) -> Option<T>) -> Option<T> {
    const LONGEST: usize = 16;
    // Nearly all names are.
    if name.len() <= LONGEST && !name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return ask(name);
    }
    let mut buffer = [0; LONGEST];
    let lower = buffer.get_mut(..name.len())?;
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    ask(std::str::from_utf8(lower).ok()?)
}

/// Whether an element, where it stands in HTML, holds text alone, whatever the text looks like.
pub(in crate::article::html) fn holds_text(name: &LocalName) -> bool {
    hides_text(name)
        || matches!(
            *name,
            local_name!("title")
                | local_name!("textarea")
                | local_name!("xmp")
                | local_name!("script")
                | local_name!("plaintext")
        )
}

/// Whether it holds text that is never shown.
pub(super) fn hides_text(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("style")
            | local_name!("iframe")
            | local_name!("noembed")
            | local_name!("noframes")
            | local_name!("noscript")
    )
}

/// Whether what a page links by a relation is for browsers alone.
pub(super) fn is_resource(relation: &str) -> bool {
    let known = lower(relation, |relation| {
        Some(matches!(
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
        ))
    });
    known.unwrap_or(false)
}

/// Whether a style can hide an element; nothing else is read of it.
pub(super) fn can_hide(style: &str) -> bool {
    let style = style.as_bytes();
    style.windows(4).any(|part| part.eq_ignore_ascii_case(b"none") || part.eq_ignore_ascii_case(b"hidd"))
}

/// Elements that the tree builder opens again where they were closed out of order; it tells them apart by all their attributes.
pub(super) fn is_formatting(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("b")
            | local_name!("big")
            | local_name!("code")
            | local_name!("em")
            | local_name!("font")
            | local_name!("i")
            | local_name!("nobr")
            | local_name!("s")
            | local_name!("small")
            | local_name!("strike")
            | local_name!("strong")
            | local_name!("tt")
            | local_name!("u")
    )
}
