//! The form of a text in which copies are equal: NFKC, lower case, letters and digits only.

use unicode_normalization::UnicodeNormalization;

/// Folds a text to its words, one space between two: case, punctuation, ligatures, width and white space do not count.
pub(crate) fn normalise(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.nfkc().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            if gap && !folded.is_empty() {
                folded.push(' ');
            }
            gap = false;
            folded.push(c);
        } else if !is_joined(c) {
            gap = true;
        }
    }
    folded
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
        .map(|word| word.chars().filter(|c| is_unspaced(*c)).count().max(1))
        .sum();
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Chinese, Japanese, Thai, Lao, Burmese, Khmer.
fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c), 0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x9FFF | 0x2_0000..=0x3_FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;

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
