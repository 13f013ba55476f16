//! Bytes to text: byte order mark, header, `<meta>`, valid UTF-8, then detection.

use encoding_rs::{Encoding, UTF_8};

use crate::rejection::Rejection;

/// How far a `<meta charset>` is looked for; the HTML standard asks for the first 1,024 bytes.
const META_SCAN_BYTES: usize = 4096;
/// A text with more than one character in this many that no text holds is not text.
const MAX_JUNK: usize = 20;

/// Decodes bytes and names their encoding.
pub(super) fn decode(bytes: &[u8], content_type: Option<&str>) -> Result<(String, &'static str), Rejection> {
    let encoding = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None => declared(bytes, content_type).unwrap_or_else(|| detect(bytes)),
    };
    let (text, encoding, _) = encoding.decode(bytes);
    let (mut junk, mut chars) = (0usize, 0usize);
    for c in text.chars() {
        chars += 1;
        junk +=
            usize::from(c == '\u{FFFD}' || (c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{C}' | '\u{85}')));
    }
    if junk * MAX_JUNK > chars {
        return Err(Rejection::Undecodable);
    }
    Ok((text.into_owned(), encoding.name()))
}

/// What header or `<meta>` say, unless the bytes are valid UTF-8 beyond ASCII: then they are UTF-8 whatever is declared.
fn declared(bytes: &[u8], content_type: Option<&str>) -> Option<&'static Encoding> {
    if !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok() {
        return Some(UTF_8);
    }
    let header = content_type.and_then(|value| label_after(value.as_bytes(), b"charset="));
    header.or_else(|| label_after(bytes.get(..META_SCAN_BYTES).unwrap_or(bytes), b"charset="))
}

fn label_after(text: &[u8], name: &[u8]) -> Option<&'static Encoding> {
    let lower = text.to_ascii_lowercase();
    let at = lower.windows(name.len()).position(|window| window == name)? + name.len();
    let rest = lower.get(at..)?;
    let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
    let end =
        rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"-_:.".contains(byte)).unwrap_or(rest.len());
    let encoding = Encoding::for_label(rest.get(..end)?)?;
    // A page that could be read this far is not UTF-16, whatever it says (HTML standard, "prescan a byte stream").
    Some(if encoding.is_ascii_compatible() { encoding } else { UTF_8 })
}

fn detect(bytes: &[u8]) -> &'static Encoding {
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    detector.guess(None, chardetng::Utf8Detection::Allow)
}
