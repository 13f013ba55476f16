//! Text that stands for other text: base64, and markup that was escaped as if it were text.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::compression::Coding;
use super::sniff;
use crate::rejection::Rejection;

/// Shorter fields that look like base64 are words.
const MIN_BASE64: usize = 40;
/// Tells base64 from text by its beginning.
const PROBE: usize = 4096;

const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Base64 that was declared: standard or URL-safe letters, with or without line breaks and padding.
pub(super) fn base64(written: &str, limit: usize) -> Result<Vec<u8>, Rejection> {
    let letters: Vec<u8> = written
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => other,
        })
        .collect();
    if letters.len() / 4 * 3 > limit {
        return Err(Rejection::TooLargeDecoded { limit });
    }
    ENGINE.decode(letters).map_err(|_| Rejection::Undecodable)
}

/// Base64 that nobody declared: a field of nothing but its letters, that decodes to a page or to compressed data.
pub(super) fn undeclared_base64(written: &str, limit: usize) -> Option<Vec<u8>> {
    let written = written.trim();
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_\r\n".contains(&byte);
    if written.len() < MIN_BASE64 || !written.trim_end_matches('=').bytes().all(is_letter) {
        return None;
    }
    let probe = base64(written.get(..PROBE).unwrap_or(written), limit).ok()?;
    if Coding::by_magic(&probe).is_none() && !sniff::is_html(&probe) {
        return None;
    }
    base64(written, limit).ok()
}

/// Markup that was escaped once too often (`&lt;p&gt;` and no `<p`), as markup again. A page may hold escaped markup in what its
/// scripts read: it has more tags of its own.
pub(super) fn unescaped(text: Cow<'_, str>) -> (Cow<'_, str>, bool) {
    let escaped = Tags::opened_by("&lt;", &text);
    let is_escaped = escaped.have_paragraphs && {
        let written = Tags::opened_by("<", &text);
        !written.have_paragraphs && escaped.count > written.count
    };
    if !is_escaped {
        return (text, false);
    }
    let mut markup = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    while let Some((before, from)) = rest.split_once('&') {
        markup.push_str(before);
        let entity = ENTITIES.iter().find_map(|(name, c)| from.strip_prefix(name).map(|after| (after, *c)));
        let (after, c) = entity.unwrap_or((from, '&'));
        markup.push(c);
        rest = after;
    }
    markup.push_str(rest);
    (Cow::Owned(markup), true)
}

/// The tags of a text, by how their first sign is written.
#[derive(Default)]
struct Tags {
    count: usize,
    have_paragraphs: bool,
}

impl Tags {
    fn opened_by(sign: &str, text: &str) -> Self {
        let mut tags = Self::default();
        for at in memchr::memmem::find_iter(text.as_bytes(), sign) {
            let next = text.as_bytes().get(at + sign.len()).copied().unwrap_or_default();
            tags.count += usize::from(next.is_ascii_alphabetic() || next == b'/');
            tags.have_paragraphs |= next.eq_ignore_ascii_case(&b'p');
        }
        tags
    }
}

/// What escaping writes.
const ENTITIES: [(&str, char); 6] =
    [("lt;", '<'), ("gt;", '>'), ("amp;", '&'), ("quot;", '"'), ("#39;", '\''), ("#x27;", '\'')];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_markup_is_unescaped_once() {
        let (markup, was_escaped) = unescaped("&lt;p class=&quot;a&quot;&gt;R&amp;amp;D &copy;&lt;/p&gt;".into());
        assert_eq!((markup.as_ref(), was_escaped), ("<p class=\"a\">R&amp;D &copy;</p>", true));
        assert!(unescaped("&lt;P&gt;R&amp;amp;D&lt;/P&gt;".into()).1);
        assert!(unescaped("<content>&lt;p&gt;One.&lt;/p&gt; &lt;p&gt;Two.&lt;/p&gt;</content>".into()).1);
        for page in [
            "<p>how to write &lt;p&gt;</p>",
            "<DIV><P>how to write &lt;p&gt;, &lt;b&gt; and &lt;i&gt;</P></DIV>",
            "<div data-text=\"&lt;p&gt;One.&lt;/p&gt;\">One.</div><div>Two.</div>",
        ] {
            assert!(!unescaped(page.into()).1, "{page}");
        }
    }

    #[test]
    fn words_are_no_base64() {
        assert_eq!(undeclared_base64(&"Donaudampfschifffahrtsgesellschaft".repeat(3), 1 << 20), None);
        let page = ENGINE.encode("<html><body><p>Ein Satz, der lang genug ist.</p></body></html>");
        assert!(undeclared_base64(&page, 1 << 20).is_some());
        assert_eq!(base64(&page, 10), Err(Rejection::TooLargeDecoded { limit: 10 }));
    }

    #[test]
    fn both_alphabets_line_breaks_and_missing_padding_are_read() {
        assert_eq!(base64("-_\n8", 10).unwrap(), base64("+/8=", 10).unwrap());
        assert_eq!(base64("no!", 10), Err(Rejection::Undecodable));
    }
}
