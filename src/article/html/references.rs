//! Character references, where they read the same however the page goes on: `&amp;`, `&#8217;`, and signs that begin none. Those that
//! hang on what stands behind them, as `&copy` without a semicolon, are left to the standard's tokeniser.

use html5ever::data::NAMED_ENTITIES;
use html5ever::tendril::StrTendril;

/// Where a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Text,
    /// A name that an equals sign or a letter follows is no reference there: addresses are full of them.
    Attribute,
}

/// What begins with `&`.
enum Reference {
    /// One or two characters, the second `\0` where there is one, and how many bytes stand for them.
    Is([char; 2], usize),
    /// The sign stands for itself.
    IsNone,
    /// The tokeniser has to say.
    Unsure,
}

/// The text that the tokeniser would make of a whole text or value; none where it has to be asked.
pub(super) fn decode(raw: &str, place: Place) -> Option<StrTendril> {
    if memchr::memchr3(b'&', b'\r', b'\0', raw.as_bytes()).is_none() {
        return Some(StrTendril::from(raw));
    }
    if memchr::memchr2(b'\r', b'\0', raw.as_bytes()).is_some() {
        return None;
    }
    let mut text = StrTendril::new();
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        let behind = rest.get(at + 1..)?;
        text.push_slice(rest.get(..at)?);
        rest = behind;
        match reference(behind, place) {
            Reference::Is([first, second], length) => {
                text.push_char(first);
                if second != '\0' {
                    text.push_char(second);
                }
                rest = behind.get(length..)?;
            }
            Reference::IsNone => text.push_char('&'),
            Reference::Unsure => return None,
        }
    }
    text.push_slice(rest);
    Some(text)
}

/// What the text behind a sign begins with.
fn reference(behind: &str, place: Place) -> Reference {
    if let Some(number) = behind.strip_prefix('#') {
        return numbered(number);
    }
    let length = behind.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let Some(name) = behind.get(..length).filter(|name| !name.is_empty()) else { return Reference::IsNone };
    let known = |name: &str| NAMED_ENTITIES.get(name).copied().filter(|(first, _)| *first != 0);
    match behind.as_bytes().get(length) {
        Some(b';') => match behind.get(..=length).and_then(known) {
            Some((first, second)) => match (char::from_u32(first), char::from_u32(second)) {
                (Some(first), Some(second)) => Reference::Is([first, second], length + 1),
                _ => Reference::Unsure,
            },
            None => Reference::Unsure,
        },
        Some(b'=') if place == Place::Attribute => Reference::IsNone,
        // A shorter name would be followed by a letter.
        _ if place == Place::Attribute && known(name).is_none() => Reference::IsNone,
        _ => Reference::Unsure,
    }
}

/// Digits in a number.
const DIGITS: usize = 7;

/// What a number behind `&#` begins with: a character, where it is one that the standard replaces by no other.
fn numbered(number: &str) -> Reference {
    let hexadecimal = number.strip_prefix(['x', 'X']);
    let (digits, radix) = hexadecimal.map_or((number, 10), |digits| (digits, 16));
    let length = digits.bytes().take_while(|byte| char::from(*byte).is_digit(radix)).count();
    let value = digits.get(..length).filter(|digits| digits.len() <= DIGITS && digits.len() < number.len());
    let value = value.and_then(|digits| u32::from_str_radix(digits, radix).ok());
    let plain = value.filter(
        |value| matches!(value, 0x20..=0x7e | 0xa0..=0xd7ff | 0xe000..=0xfdcf | 0xfdf0..=0xfffd | 0x1_0000..=0x1_fffd),
    );
    match (plain.and_then(char::from_u32), digits.as_bytes().get(length)) {
        (Some(character), Some(b';')) => {
            Reference::Is([character, '\0'], 2 + length + usize::from(hexadecimal.is_some()))
        }
        _ => Reference::Unsure,
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, decode};

    /// What is read at once; none where the tokeniser is asked.
    fn read(raw: &str, place: Place) -> Option<String> {
        decode(raw, place).map(|text| text.to_string())
    }

    #[test]
    fn references_that_end_are_read_at_once() {
        for place in [Place::Text, Place::Attribute] {
            for (raw, text) in [
                ("a < b", "a < b"),
                ("Merrow &amp; Sons&#8217; &#x1F6A2;&nbsp;&ngE;", "Merrow & Sons’ 🚢\u{a0}≧̸"),
                ("a & b && c &", "a & b && c &"),
            ] {
                assert_eq!(read(raw, place).as_deref(), Some(text), "{raw:?} in {place:?}");
            }
        }
    }

    #[test]
    fn what_follows_decides_in_an_attribute() {
        assert_eq!(read("/?a=1&sect", Place::Attribute), None, "the name of a sign, which may end there");
        let address = "/?a=1&copy=2&b=3&section";
        assert_eq!(read(address, Place::Attribute).as_deref(), Some(address));
    }

    #[test]
    fn the_tokeniser_is_asked_about_the_rest() {
        for raw in [
            "&copy 2026",
            "AT&T",
            "&unknown;",
            "&#8217 ",
            "&#128;",
            "&#0;",
            "&#xd800;",
            "&#99999999;",
            "&#;",
            "a\rb",
            "\0",
        ] {
            assert_eq!(read(raw, Place::Text), None, "{raw:?}");
        }
    }
}
