//! The one written form of a text: NFC, plain spaces, no invisible characters, no leftover entities.

mod characters;
mod entities;
mod language;
mod mojibake;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::characters::is_composed;

pub(crate) use language::{detect, shortest_tag};

/// Text in normal form, its line breaks kept.
///
/// Applying it twice gives the same as applying it once.
pub(crate) fn text(raw: impl Into<String>) -> String {
    let mut text = raw.into();
    // Removing one character can complete an entity that another had broken; nothing real nests deeper.
    for _ in 0..=16 {
        if is_normal(&text) {
            break;
        }
        let again = pass(&text);
        if again == text {
            break;
        }
        text = again;
    }
    text
}

/// Bytes of a text that are looked at together.
const TOGETHER: usize = 32;

/// Whether a text is surely in normal form already, as most are.
fn is_normal(raw: &str) -> bool {
    if is_plain_ascii(raw, |byte| byte == b'\n') {
        return true;
    }
    let (mut composed, mut lead, mut suspect) = (true, false, false);
    let mut rest = raw;
    while !rest.is_empty() {
        let end = (TOGETHER..rest.len()).find(|end| rest.is_char_boundary(*end)).unwrap_or(rest.len());
        let (part, behind) = rest.split_at(end);
        if is_plain_ascii(part, |byte| byte == b'\n') {
            (lead, rest) = (false, behind);
            continue;
        }
        for (at, character) in part.char_indices() {
            let next = || rest.as_bytes().get(at + 1);
            let begins_entity =
                character == '&' && next().is_some_and(|next| *next == b'#' || next.is_ascii_alphabetic());
            if begins_entity || !characters::is_plain(character) {
                return false;
            }
            composed &= is_composed(character);
            suspect |= lead && !character.is_ascii();
            lead = mojibake::is_lead(character);
        }
        rest = behind;
    }
    !(suspect && mojibake::is_suspect(raw)) && (composed || is_nfc_quick(raw.chars()) == IsNormalized::Yes)
}

/// Whether a text is of letters, digits and signs that every machine knows, plain spaces and the given others, and no entity.
fn is_plain_ascii(text: &str, is_space: impl Fn(u8) -> bool) -> bool {
    // No early end, so that compilers look at many bytes at once.
    text.bytes().fold(true, |plain, byte| plain & ((byte.wrapping_sub(b' ') < 0x5f) & (byte != b'&') | is_space(byte)))
}

fn pass(raw: &str) -> String {
    let meant = mojibake::repair(raw);
    let visible = characters::visible(&entities::decode(&characters::visible(&meant)));
    if visible.chars().all(is_composed) { visible } else { visible.nfc().collect() }
}

/// One line: normal form, and every run of white space a single space.
pub(crate) fn line(raw: &str) -> String {
    if is_plain_ascii(raw, |byte| byte.wrapping_sub(b'\t') < 5) {
        return fold_space(raw);
    }
    // Spaces of the source and between words that belong together would cost a pass over the text. Some of them are a part of
    // letters that were read wrongly.
    let is_spaced = memchr::memchr3(b'\t', b'\r', b'\xc2', raw.as_bytes()).is_some() && !mojibake::is_suspect(raw);
    fold_space(text(if is_spaced { raw.replace(['\t', '\r', '\u{a0}'], " ") } else { raw.to_owned() }))
}

/// What somebody states, as one [`line`]; nothing where nothing is left of it.
pub(crate) fn stated(raw: Option<&str>) -> Option<String> {
    raw.map(line).filter(|line| !line.is_empty())
}

/// Every run of white space becomes one space; none at the ends.
pub(crate) fn fold_space(text: impl Into<String> + AsRef<str>) -> String {
    let trimmed = text.as_ref().trim();
    if is_folded(trimmed) {
        return if trimmed.len() == text.as_ref().len() { text.into() } else { trimmed.to_owned() };
    }
    let mut folded = String::with_capacity(trimmed.len());
    for word in trimmed.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    folded
}

/// Whether a text that begins and ends with a word has single spaces between its words and no other white space.
fn is_folded(text: &str) -> bool {
    let bytes = text.as_bytes();
    // No early end and nothing carried from byte to byte, so that compilers look at many at once.
    let is_plain = bytes.iter().fold(true, |plain, byte| plain & !matches!(byte, b'\t'..=b'\r'));
    let after_first = bytes.get(1..).unwrap_or_default();
    let is_single =
        bytes.iter().zip(after_first).fold(true, |single, (one, next)| single & !(*one == b' ' && *next == b' '));
    is_plain
        && is_single
        && (text.is_ascii() || !text.chars().any(|character| !character.is_ascii() && character.is_whitespace()))
}

/// A body: its paragraphs, separated by blank lines.
pub(crate) fn body<'p>(paragraphs: impl IntoIterator<Item = &'p str>) -> String {
    let mut body = String::new();
    for paragraph in paragraphs {
        let paragraph = paragraph.trim();
        if paragraph.is_empty() {
            continue;
        }
        if !body.is_empty() {
            body.push_str("\n\n");
        }
        body.push_str(paragraph);
    }
    body
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::{UnicodeNormalization, is_nfc};

    use super::{is_normal, line, pass, text};

    #[test]
    fn invisible_characters_and_entities_go() {
        assert_eq!(
            line("co\u{ad}op\u{200b}era\u{feff}tion &amp;amp; l&#39;&eacute;t&eacute;&nbsp;\u{a0} fin\u{202e}"),
            "cooperation & l'été fin"
        );
    }

    #[test]
    fn decomposed_letters_are_composed() {
        assert_eq!(text("e\u{301}te\u{301}"), "été");
    }

    #[test]
    fn joiners_stay_where_a_script_needs_them() {
        assert_eq!(text("می\u{200c}شود"), "می\u{200c}شود");
        assert_eq!(text("un\u{200c}wanted"), "unwanted");
    }

    #[test]
    fn an_entity_completed_by_a_removal_is_decoded() {
        assert_eq!(text("&am&shy;p;"), "&");
    }

    #[test]
    fn most_texts_are_seen_to_be_normal() {
        assert!(is_normal("Été à l’île — “yes”, 大雨, день."));
        assert!(!is_normal("e\u{301}"));
        assert!(!is_normal("a\u{a0}b"));
        assert!(!is_normal("AT&amp;T"));
    }

    proptest! {
        #[test]
        fn what_is_seen_to_be_normal_is_normal(raw in "[a-zé’ 大\u{301}\u{a0}&;\u{200b}\u{200c}\r\n\u{ad}]{0,12}|\\PC{0,12}") {
            if is_normal(&raw) {
                prop_assert_eq!(pass(&raw), raw);
            }
        }
    }

    proptest! {
        #[test]
        fn the_short_ways_to_a_line_lead_to_the_same(raw in "[a-zéÃÂ大\u{301}\u{a0}&; \u{200b}\t\r\n\u{b}\u{ad}]{0,12}|\\PC{0,12}") {
            prop_assert_eq!(line(&raw), super::fold_space(text(raw.replace(['\t', '\r'], " "))));
        }
    }

    #[test]
    fn runs_of_white_space_become_one_space() {
        for (text, folded) in [
            ("a b", "a b"),
            (" a  b", "a b"),
            ("a\tb ", "a b"),
            ("é  è", "é è"),
            ("a\u{a0} b", "a b"),
            ("", ""),
            (" ", ""),
        ] {
            assert_eq!(super::fold_space(text), folded, "{text:?}");
        }
    }

    #[test]
    fn text_that_only_looks_like_an_entity_stays() {
        assert_eq!(text("AT&T & R&D; fish&chips"), "AT&T & R&D; fish&chips");
    }

    proptest! {
        #[test]
        fn letters_and_digits_are_kept_and_composed(raw in "大([a-zA-Z0-9àéîõüßøœﬁａ①大あкאع한 \u{ad}\u{200b}\u{202e}\u{301}\u{308}“”'—\n])*") {
            // No entities can stand here, and a text with an ideograph was not read as Windows-1252.
            let kept = |text: &str| text.nfd().filter(|character| character.is_alphanumeric()).collect::<String>();
            let normal = text(&raw);
            prop_assert!(is_nfc(&normal));
            prop_assert_eq!(kept(&normal), kept(&raw));
        }

        #[test]
        fn whatever_comes_is_composed(raw in "\\PC{0,60}") {
            prop_assert!(is_nfc(&text(&raw)));
        }
    }

    proptest! {
        #[test]
        fn normalising_twice_is_normalising_once(raw in "(\\PC|[&#;a-z0-9 \u{ad}\u{200b}\u{200c}\u{301}\n\t]|&amp;|&#x26;|&nbsp;|&shy;){0,60}") {
            let once = text(&raw);
            prop_assert_eq!(text(&once), once.clone());
            let folded = line(&raw);
            prop_assert_eq!(line(&folded), folded.clone());
        }
    }
}
