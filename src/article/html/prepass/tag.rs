//! Tags, as the HTML standard's tokeniser reads them.

use std::collections::HashSet;

use html5ever::LocalName;

use super::names::{can_hide, is_formatting, read_name, tag_name};

/// A tag with those of its attributes that are read.
#[derive(Debug, Clone)]
pub(in crate::article::html) struct Tag<'h> {
    /// In lower case.
    pub(in crate::article::html) name: LocalName,
    /// Whether it is an end tag.
    pub(in crate::article::html) closes: bool,
    pub(in crate::article::html) self_closing: bool,
    pub(in crate::article::html) attributes: Vec<Attribute<'h>>,
    /// Bytes from `<` to after `>`.
    pub(in crate::article::html) length: usize,
}

/// White space within tags.
fn space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c')
}

/// The place of the first byte from a place on that is one of some; the end where none is.
#[inline]
fn next(bytes: &[u8], from: usize, is: impl Fn(u8) -> bool) -> usize {
    let found = bytes.get(from..).and_then(|rest| rest.iter().position(|byte| is(*byte)));
    found.map_or(bytes.len(), |found| from + found)
}

/// One attribute of a tag.
#[derive(Debug, Clone)]
pub(in crate::article::html) struct Attribute<'h> {
    /// In lower case.
    pub(in crate::article::html) name: LocalName,
    /// As it stands in the page, references and all.
    pub(in crate::article::html) value: &'h str,
    /// Name, sign and value as they stand in the page.
    written: &'h str,
}

impl<'h> Tag<'h> {
    /// The value of an attribute; empty if the tag does not have it.
    pub(super) fn value(&self, name: &LocalName) -> &'h str {
        self.attributes.iter().find(|known| known.name == *name).map_or("", |known| known.value)
    }

    /// The tag as markup.
    pub(in crate::article::html) fn markup(&self) -> String {
        let mut out = format!("{}{}", if self.closes { "</" } else { "<" }, self.name);
        for attribute in &self.attributes {
            out.push(' ');
            out.push_str(attribute.written);
        }
        out + if self.self_closing { " />" } else { ">" }
    }

    /// Reads the tag that the text begins with: `>` within a quoted value does not end it. Attributes above `max_attributes`
    /// are left out, because each is compared with all earlier ones, and so are those of end tags. None if the text
    /// ends within the tag.
    pub(super) fn read(text: &'h str, max_attributes: usize, also_read: &HashSet<String>) -> Option<Self> {
        let bytes = text.as_bytes();
        let byte = |at: usize| bytes.get(at).copied();
        let closes = byte(1) == Some(b'/');
        let name_at = if closes { 2 } else { 1 };
        let mut at = next(bytes, name_at, |byte| space(byte) || matches!(byte, b'/' | b'>'));
        let name = tag_name(text.get(name_at..at)?);
        let mut tag = Self { name, closes, self_closing: false, attributes: Vec::new(), length: 0 };
        let mut count = 0;
        loop {
            let between = at;
            at = next(bytes, at, |byte| !space(byte) && byte != b'/');
            if byte(at)? == b'>' {
                // A slash at the end of a value without quotes is the value's.
                tag.self_closing = !closes && at > between && byte(at - 1) == Some(b'/');
                tag.length = at + 1;
                return Some(tag);
            }
            count += 1;
            let from = at;
            // The first character may be `=`; it belongs to the name.
            at = next(bytes, at + 1, |byte| space(byte) || matches!(byte, b'/' | b'>' | b'='));
            let name_end = at;
            let value_at = next(bytes, at, |byte| !space(byte));
            let mut value = "";
            if byte(value_at) == Some(b'=') {
                at = next(bytes, value_at + 1, |byte| !space(byte));
                (value, at) = match byte(at)? {
                    quote @ (b'"' | b'\'') => {
                        let close = at + 1 + memchr::memchr(quote, bytes.get(at + 1..)?)?;
                        (text.get(at + 1..close)?, close + 1)
                    }
                    _ => {
                        let end = next(bytes, at, |byte| space(byte) || byte == b'>');
                        (text.get(at..end)?, end)
                    }
                };
            }
            if closes || count > max_attributes {
                continue;
            }
            let Some(name) = read_name(&tag.name, text.get(from..name_end)?, also_read) else { continue };
            let is_idle =
                || &*name == "style" && !can_hide(value) && !is_formatting(&tag.name) && !also_read.contains("style");
            if !is_idle() && tag.attributes.iter().all(|known| known.name != name) {
                tag.attributes.push(Attribute { name, value, written: text.get(from..at)? });
            }
        }
    }
}
