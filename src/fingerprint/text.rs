//! The form of a text in which copies are equal: NFKC, lower case, letters and digits only.

use unicode_normalization::UnicodeNormalization;

use crate::article::is_alphanumeric;

/// Folds a text to its words, one space between two: case, punctuation, ligatures, width and white space do not count.
pub(crate) fn normalise(text: &str) -> String {
    let mut folded = Folded::with_capacity(text.len());
    folded.add(text);
    folded.into_words()
}

/// How many bytes stand before the first character beyond ASCII.
fn ascii_prefix(text: &str) -> usize {
    const BLOCK: usize = 32;
    let whole = text.as_bytes().chunks_exact(BLOCK).take_while(|block| block.is_ascii()).count() * BLOCK;
    whole + text.bytes().skip(whole).take_while(u8::is_ascii).count()
}

/// Whether NFKC leaves a character as it is, and it composes with none before it; not all that are answer so.
fn is_stable(c: char) -> bool {
    matches!(
        c,
        '\0'..='\u{7f}' | 'À'..='\u{131}' | 'Ł'..='\u{148}' | '\u{14a}'..='\u{17e}' | 'Ѐ'..='\u{481}' | '\u{2012}'..='\u{2015}'
            | '\u{2018}'..='\u{201f}' | '一'..='\u{9fff}'
    )
}

/// Words so far, a space between two; a space behind the last says that what comes is another.
#[derive(Debug)]
pub(super) struct Folded {
    words: Vec<u8>,
}

impl Folded {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self { words: Vec::with_capacity(bytes + 1) }
    }

    /// The words so far, as UTF-8.
    pub(super) fn words(&self) -> &[u8] {
        self.words.strip_suffix(b" ").unwrap_or(&self.words)
    }

    /// The same up to a place that [`Self::end_word`] gave.
    pub(super) fn up_to(&self, place: usize) -> Self {
        Self { words: self.words.get(..place).unwrap_or(&self.words).to_vec() }
    }

    pub(super) fn into_words(mut self) -> String {
        self.words.truncate(self.words().len());
        String::from_utf8(self.words).unwrap_or_default()
    }

    /// How many words there are; scripts that write without spaces count a token a character.
    pub(super) fn count_tokens(&self) -> u32 {
        count_tokens(self.words())
    }

    /// Takes words that were folded before.
    pub(super) fn extend(&mut self, words: &[u8]) {
        self.end_word();
        self.words.extend_from_slice(words);
    }

    /// Ends the word, if one is open: what comes next is another. Gives the place where that one will begin.
    pub(super) fn end_word(&mut self) -> usize {
        if self.words.last().is_some_and(|last| *last != b' ') {
            self.words.push(b' ');
        }
        self.words.len()
    }

    /// Folds more text. Most characters of most texts need no tables: NFKC leaves them as they are, and they compose with none
    /// before them.
    pub(super) fn add(&mut self, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            let ascii = ascii_prefix(rest);
            let (_, beyond) = rest.split_at(ascii);
            let run = ascii + beyond.find(|c: char| c.is_ascii() || !is_stable(c)).unwrap_or(beyond.len());
            let (plain, behind) = rest.split_at(run);
            let may_compose = behind.chars().next().is_some_and(|c| !is_stable(c));
            let last = plain.chars().next_back().filter(|_| may_compose).map_or(0, char::len_utf8);
            let (plain, other) = rest.split_at(run - last);
            let (ascii, stable) = plain.split_at(ascii.min(plain.len()));
            self.add_ascii(ascii);
            self.add_stable(stable);
            rest = if may_compose { self.add_unstable(other) } else { other };
        }
    }

    /// Folds what begins the text up to where nothing composes any more, and gives the rest.
    fn add_unstable<'t>(&mut self, text: &'t str) -> &'t str {
        let mut behind = text.char_indices().skip(1);
        let end = behind.find(|(_, c)| is_stable(*c)).map_or(text.len(), |(at, _)| at);
        let (unstable, rest) = text.split_at(end);
        unstable.nfkc().flat_map(char::to_lowercase).for_each(|c| self.push(c));
        rest
    }

    fn add_ascii(&mut self, text: &str) {
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            let letters = rest.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(rest.len());
            let (word, behind) = rest.split_at(letters);
            // In lower case: digits have this bit already.
            self.words.extend(word.iter().map(|byte| byte | 0x20));
            let Some((mark, behind)) = behind.split_first() else { break };
            if *mark != b'\'' {
                self.end_word();
            }
            rest = behind;
        }
    }

    fn add_stable(&mut self, text: &str) {
        for c in text.chars() {
            match lower(c) {
                Some(c) => self.push(c),
                None => c.to_lowercase().for_each(|c| self.push(c)),
            }
        }
    }

    fn push(&mut self, c: char) {
        if is_alphanumeric(c) {
            self.words.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        } else if !is_joined(c) {
            self.end_word();
        }
    }
}

/// A character in lower case, without Unicode's tables; none for those that would need them.
fn lower(c: char) -> Option<char> {
    let by = |distance: u32| char::from_u32(u32::from(c) + distance);
    match c {
        'à'..='ö' | 'ø'..='ÿ' | 'а'..='џ' | '\u{2012}'..='\u{201f}' | '一'..='\u{9fff}' => Some(c),
        'À'..='Ö' | 'Ø'..='Þ' | 'А'..='Я' => by(32),
        'Ѐ'..='Џ' => by(80),
        _ => None,
    }
}

/// Marks that stand inside a word: apostrophes in all their forms, combining marks, joiners.
fn is_joined(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{2018}' | '\u{02BC}' | '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{0300}'..='\u{036F}')
}

fn count_tokens(folded: &[u8]) -> u32 {
    // Characters of such scripts begin with this byte or a later one.
    const FIRST_UNSPACED: u8 = 0xe0;
    let (highest, spaces) = folded
        .iter()
        .fold((0, 0), |(highest, spaces): (u8, usize), byte| (highest.max(*byte), spaces + usize::from(*byte == b' ')));
    let count = if highest < FIRST_UNSPACED {
        spaces + usize::from(!folded.is_empty())
    } else {
        let words = std::str::from_utf8(folded).unwrap_or_default().split(' ').filter(|word| !word.is_empty());
        words.map(|word| word.chars().filter(|c| is_unspaced(*c)).count().max(1)).sum()
    };
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
        fn stable_apart_or_not_the_words_are_the_same(text in "([a-zA-Z' ]|[éÅﬁ①İΣß“–йЙŁĳſ大가\u{1100}\u{1161}\u{0300}\u{0301}\u{0327}’]|\\PC){0,40}") {
            let mut folded = Folded::with_capacity(0);
            text.nfkc().flat_map(char::to_lowercase).for_each(|c| folded.push(c));
            prop_assert_eq!(normalise(&text), folded.into_words());
        }
    }

    #[test]
    fn the_short_way_to_lower_case_says_what_the_tables_say() {
        for c in '\0'..=char::MAX {
            if let Some(lower) = lower(c) {
                assert!(c.to_lowercase().eq([lower]), "{c:?}");
            }
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
        assert_eq!(count_tokens(normalise("two words").as_bytes()), 2);
        assert_eq!(count_tokens(normalise("北京天气").as_bytes()), 4);
        assert_eq!(count_tokens(b""), 0);
    }
}
