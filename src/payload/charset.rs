//! Bytes to text: byte order mark, valid UTF-8, header, XML declaration, `<meta>`, then detection.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::rejection::Rejection;

/// How far a `<meta charset>` is looked for; the HTML standard asks for the first 1,024 bytes.
const META_SCAN_BYTES: usize = 4096;
/// A text with more than one character in this many that no text holds is not text.
const MAX_JUNK: usize = 20;
/// Bytes that are decoded between two looks at the limit.
const PIECE_BYTES: usize = 64 << 10;

/// Decoded text.
#[derive(Debug)]
pub(super) struct Text<'b> {
    /// The text, without its byte order mark.
    pub(super) text: Cow<'b, str>,
    /// Name of the encoding.
    pub(super) charset: &'static str,
    /// What told the encoding.
    pub(super) by: &'static str,
}

/// Decodes bytes and names their encoding.
pub(super) fn decode<'b>(bytes: &'b [u8], content_type: Option<&str>, limit: usize) -> Result<Text<'b>, Rejection> {
    let (encoding, by) = encoding_of(bytes, content_type);
    let text = if encoding == UTF_8
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        Cow::Borrowed(text.strip_prefix('\u{FEFF}').unwrap_or(text))
    } else {
        Cow::Owned(decode_bounded(bytes, encoding, limit)?)
    };
    if text.len() > limit {
        return Err(Rejection::TooLargeDecoded { limit });
    }
    let (mut junk, mut chars) = (0usize, 0usize);
    for c in text.chars() {
        chars += 1;
        junk +=
            usize::from(c == '\u{FFFD}' || (c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{C}' | '\u{85}')));
    }
    if junk * MAX_JUNK > chars {
        return Err(Rejection::Undecodable);
    }
    Ok(Text { text, charset: encoding.name(), by })
}

/// The encoding, and what told it. Valid UTF-8 beyond ASCII is UTF-8 whatever is declared: text of another encoding is
/// not valid UTF-8 by chance.
fn encoding_of(bytes: &[u8], content_type: Option<&str>) -> (&'static Encoding, &'static str) {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return (encoding, "byte order mark");
    }
    if let Some(encoding) = utf_16_without_mark(bytes) {
        return (encoding, "zero bytes");
    }
    let is_utf_8 = std::str::from_utf8(bytes).is_ok();
    if is_utf_8 && !bytes.is_ascii() {
        return (UTF_8, "valid UTF-8");
    }
    let head = bytes.get(..META_SCAN_BYTES).unwrap_or(bytes).to_ascii_lowercase();
    let header = content_type.and_then(|value| label_after(value.to_ascii_lowercase().as_bytes(), b"charset"));
    let declared = [(header, "content type"), (xml_declaration(&head), "XML declaration"), (meta(&head), "meta")];
    let declared = declared.into_iter().find_map(|(encoding, by)| {
        let encoding = encoding?;
        // Bytes in which a declaration could be read are not UTF-16 (HTML standard, "prescan a byte stream").
        let is_possible = encoding.is_ascii_compatible() || (by == "content type" && !is_utf_8);
        let encoding = if is_possible { encoding } else { UTF_8 };
        let is_contradicted = encoding == UTF_8 && !is_utf_8 && is_hardly_utf_8(bytes);
        (!is_contradicted).then_some((encoding, by))
    });
    declared.unwrap_or_else(|| if is_utf_8 { (UTF_8, "ASCII") } else { (detect(bytes), "detection") })
}

/// Whether bytes are UTF-16, by their mark or by their zeros.
pub(super) fn is_utf_16(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") || utf_16_without_mark(bytes).is_some()
}

/// Markup and western text in UTF-16 have a zero in every second byte, whatever else is said of them.
fn utf_16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..512).unwrap_or(bytes);
    let zeros = |parity: usize| head.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, most) = (zeros(0), zeros(1), head.len() / 4);
    match () {
        () if head.len() < 8 || !bytes.len().is_multiple_of(2) => None,
        () if even > most && odd == 0 => Some(UTF_16BE),
        () if odd > most && even == 0 => Some(UTF_16LE),
        () => None,
    }
}

/// Whether most of what is not ASCII is not UTF-8 either: the declaration is wrong, not some bytes.
fn is_hardly_utf_8(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes.get(..PIECE_BYTES).unwrap_or(bytes));
    let broken = text.chars().filter(|c| *c == '\u{FFFD}').count();
    let beyond_ascii = text.chars().filter(|c| !c.is_ascii()).count();
    broken * 2 > beyond_ascii
}

/// The encoding of `<?xml … encoding="…"?>`; `head` is in lower case.
fn xml_declaration(head: &[u8]) -> Option<&'static Encoding> {
    let declaration = head.trim_ascii_start().strip_prefix(b"<?xml")?;
    let end = declaration.windows(2).position(|window| window == b"?>")?;
    label_after(declaration.get(..end)?, b"encoding")
}

/// The encoding of the first `<meta>` that names one; `head` is in lower case.
fn meta(head: &[u8]) -> Option<&'static Encoding> {
    head.windows(5).enumerate().filter(|(_, window)| window == b"<meta").find_map(|(at, _)| {
        let tag = head.get(at..)?.split(|byte| *byte == b'>').next()?;
        label_after(tag, b"charset")
    })
}

/// The encoding whose label is written behind `name` and an equals sign.
fn label_after(text: &[u8], name: &[u8]) -> Option<&'static Encoding> {
    let at = text.windows(name.len()).position(|window| window == name)? + name.len();
    let value = text.get(at..)?.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let value = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value);
    let is_label = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_:.".contains(byte);
    let end = value.iter().position(|byte| !is_label(byte)).unwrap_or(value.len());
    Encoding::for_label(value.get(..end)?)
}

fn detect(bytes: &[u8]) -> &'static Encoding {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    detector.guess(None, chardetng::Utf8Detection::Allow)
}

/// Decodes piece by piece: text can be three times as long as its bytes.
fn decode_bounded(bytes: &[u8], encoding: &'static Encoding, limit: usize) -> Result<String, Rejection> {
    let mut decoder = encoding.new_decoder_with_bom_removal();
    let mut text = String::new();
    let mut pieces = bytes.chunks(PIECE_BYTES).peekable();
    while let Some(piece) = pieces.next() {
        let is_last = pieces.peek().is_none();
        let needed = decoder.max_utf8_buffer_length(piece.len()).unwrap_or(usize::MAX);
        if text.len() > limit {
            return Err(Rejection::TooLargeDecoded { limit });
        }
        text.reserve(needed);
        let (result, _, _) = decoder.decode_to_string(piece, &mut text, is_last);
        debug_assert!(result == encoding_rs::CoderResult::InputEmpty, "the reserve holds a whole piece");
    }
    Ok(text)
}
