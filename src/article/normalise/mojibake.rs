//! UTF-8 that was once read as Windows-1252 ("cafÃ©"): put right where nothing else can be meant.

use std::borrow::Cow;

use crate::misread::byte_of;

/// Whether a text may have been read in the wrong encoding: a lead byte with what can only follow one.
pub(super) fn is_suspect(text: &str) -> bool {
    let mut lead = false;
    for character in text.chars() {
        if lead && byte_of(character).is_some_and(|byte| (0x80..=0xbf).contains(&byte)) {
            return true;
        }
        lead = is_lead(character);
    }
    false
}

/// Whether a character may be the first byte of another.
pub(super) fn is_lead(character: char) -> bool {
    matches!(character, '\u{c2}'..='\u{f4}')
}

/// Fewest letters of scripts other than Latin: a letter and the marks behind it can look like one by chance ("Spaß“" like the
/// letter of N'Ko that is written DF 93, "é’”" like an ideograph).
const OTHER_LETTERS: usize = 3;

/// The text as it was written, if each of its characters beyond ASCII was read wrongly: a text in which one was not is
/// left as it is.
pub(super) fn repair(text: &str) -> Cow<'_, str> {
    if !is_suspect(text) {
        return Cow::Borrowed(text);
    }
    let bytes: Option<Vec<u8>> = text.chars().map(byte_of).collect();
    match bytes.and_then(|bytes| String::from_utf8(bytes).ok()) {
        Some(repaired) if is_likely(&repaired) => Cow::Owned(repaired),
        _ => Cow::Borrowed(text),
    }
}

/// Whether what the bytes spell is text that somebody may have written.
fn is_likely(repaired: &str) -> bool {
    let others = repaired.chars().filter(|character| *character >= '\u{250}' && !is_extended_latin(*character));
    !repaired.chars().any(is_doubtful)
        && !matches!(others.filter(|other| other.is_alphanumeric()).count(), 1..OTHER_LETTERS)
}

/// The letters with marks that Vietnamese needs, one to a word.
fn is_extended_latin(character: char) -> bool {
    matches!(character, '\u{1e00}'..='\u{1eff}')
}

/// What no text has, and Syriac, Thaana and N'Ko: what German and Nordic capitals make with quotation marks and dashes.
fn is_doubtful(character: char) -> bool {
    matches!(
        character,
        '\u{80}'..='\u{9f}' | '\u{700}'..='\u{7ff}' | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{f0000}'..
    ) || u32::from(character) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::{is_suspect, repair};

    #[test]
    fn text_that_was_read_wrongly_throughout_is_put_right() {
        assert_eq!(repair("Le cafÃ© de l’Ã©tÃ©"), "Le cafÃ© de l’Ã©tÃ©");
        assert_eq!(repair("Le cafÃ© de lâ€™Ã©tÃ©"), "Le café de l’été");
        assert_eq!(repair("â€œQuoteâ€\u{9d} â€“ MÃ¼nchen"), "“Quote” – München");
        assert_eq!(repair("Tiáº¿ng Viá»‡t"), "Tiếng Việt");
        assert_eq!(repair("ÐœÐ¾ÑÐºÐ²Ð°"), "ÐœÐ¾ÑÐºÐ²Ð°");
    }

    #[test]
    fn text_that_can_be_meant_stays() {
        for text in [
            "NÃO É ASSIM",
            "Ångström, Český, São Paulo",
            "Â© 2024 Café",
            "5 Â° und 3 °",
            "\"Spaß“",
            "FÜR DIE FÜß”",
            "resté’” là",
            "î—\u{ad}",
            "plain",
        ] {
            assert_eq!(repair(text), text, "{text}");
        }
        assert!(!is_suspect("Été à l’île — “yes”, 大雨, день."));
    }
}
