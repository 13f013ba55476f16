//! The form of a text in which copies are equal: NFKC, lower case, letters and digits only.

use unicode_normalization::UnicodeNormalization;

/// Folds a text to its words, one space between two: case, punctuation, ligatures, width and white space do not count.
///
/// ASCII, most of most texts, needs no tables: NFKC leaves it as it is, and nothing before an ASCII character composes with it.
pub(crate) fn normalise(text: &str) -> String {
    let mut folded = Folded { words: String::with_capacity(text.len()), gap: false };
    let mut rest = text;
    while !rest.is_empty() {
        let ascii = rest.bytes().take_while(u8::is_ascii).count();
        // The last one may compose with a mark behind it.
        let plain = if ascii == rest.len() { ascii } else { ascii.saturating_sub(1) };
        let (plain, other) = rest.split_at(plain);
        plain.bytes().for_each(|byte| folded.push(char::from(byte.to_ascii_lowercase())));
        let end = other.bytes().skip(1).position(|byte| byte.is_ascii()).map_or(other.len(), |at| at + 1);
        let (other, behind) = other.split_at(end);
        other.nfkc().flat_map(char::to_lowercase).for_each(|c| folded.push(c));
        rest = behind;
    }
    folded.words
}

/// Words so far, and whether something lies between them and what comes.
struct Folded {
    words: String,
    gap: bool,
}

impl Folded {
    fn push(&mut self, c: char) {
        if c.is_alphanumeric() {
            if self.gap && !self.words.is_empty() {
                self.words.push(' ');
            }
            self.gap = false;
            self.words.push(c);
        } else if !is_joined(c) {
            self.gap = true;
        }
    }
}

/// Marks that stand inside a word: apostrophes in all their forms, combining marks, joiners.
fn is_joined(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{2018}' | '\u{02BC}' | '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{0300}'..='\u{036F}')
}

/// Words of a folded text; scripts that write without spaces count a token a character.
pub(crate) fn count_tokens(folded: &str) -> u32 {
    let count: usize = folded
        .split(' ')
        .filter(|word| !word.is_empty())
        .map(|word| if word.is_ascii() { 1 } else { word.chars().filter(|c| is_unspaced(*c)).count().max(1) })
        .sum();
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Chinese, Japanese, Thai, Lao, Burmese, Khmer.
pub(crate) fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c), 0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x9FFF | 0x2_0000..=0x3_FFFF)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ascii_apart_or_not_the_words_are_the_same(text in "([a-zA-Z' ]|[éÅﬁ①İΣß가\u{1100}\u{1161}\u{0300}\u{0301}\u{0327}’]|\\PC){0,40}") {
            let mut folded = Folded { words: String::new(), gap: false };
            text.nfkc().flat_map(char::to_lowercase).for_each(|c| folded.push(c));
            prop_assert_eq!(normalise(&text), folded.words);
        }
    }

    #[test]
    fn punctuation_case_width_and_ligatures_do_not_count() {
        assert_eq!(normalise("  L’OTAN — « Ｏui » ﬁn.\n\nFin "), "lotan oui fin fin");
        assert_eq!(normalise("l'otan oui fin, fin"), "lotan oui fin fin");
    }

    #[test]
    fn other_numbers_are_another_text() {
        assert_ne!(normalise("a dividend of 12 cents"), normalise("a dividend of 13 cents"));
    }

    #[test]
    fn scripts_without_spaces_count_characters() {
        assert_eq!(count_tokens(&normalise("two words")), 2);
        assert_eq!(count_tokens(&normalise("北京天气")), 4);
        assert_eq!(count_tokens(""), 0);
    }
}
