//! The form of a text in which copies are equal: NFKC, lower case, letters and digits only.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use super::eight::{self, FLAGS};
use crate::article::is_alphanumeric;

/// Folds a text to its words, one space between two: case, punctuation, ligatures, width and white space do not count.
pub(crate) fn normalise(text: &str) -> String {
    let mut folded = Folded::with_capacity(text.len());
    folded.add(text);
    folded.into_words()
}

/// What of ASCII is inside a word and does not count.
const JOINED: u8 = b'\'';

/// Folds eight bytes behind another. Gives how many before the first that is left out, or beyond ASCII, too.
fn fold_eight(bytes: [u8; 8], last: u8) -> ([u8; 8], usize) {
    let bytes = u64::from_le_bytes(bytes);
    let kept = eight::letters(bytes) | eight::digits(bytes);
    let spaces = !kept & FLAGS;
    let before = spaces << 8 | if last == b' ' { 0x80 } else { 0 };
    let left_out = (bytes & FLAGS) | eight::any(bytes, JOINED) | (spaces & before);
    let folded = (eight::lower(bytes) & eight::masks(kept)) | (eight::each(b' ') & eight::masks(spaces));
    (folded.to_le_bytes(), left_out.trailing_zeros() as usize / 8)
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

    /// The same without these parts, in order, each of whole words.
    pub(super) fn without(&self, parts: &[Range<usize>]) -> Self {
        let mut words = Vec::with_capacity(self.words.len());
        let starts = std::iter::once(0).chain(parts.iter().map(|part| part.end));
        let ends = parts.iter().map(|part| part.start).chain([self.words.len()]);
        for (start, end) in starts.zip(ends) {
            words.extend_from_slice(self.words.get(start..end).unwrap_or_default());
        }
        Self { words }
    }

    pub(super) fn into_words(mut self) -> String {
        self.words.truncate(self.words().len());
        String::from_utf8(self.words).unwrap_or_default()
    }

    /// How many words there are; scripts that write without spaces count a token a character.
    pub(super) fn count_tokens(&self) -> u32 {
        count_tokens(self.words())
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
        while let Some(next) = rest.chars().next() {
            rest = if next.is_ascii() {
                self.add_ascii(rest)
            } else if is_stable(next) {
                lower(next).for_each(|c| self.push(c));
                rest.get(next.len_utf8()..).unwrap_or_default()
            } else {
                let (read, _) = text.split_at(text.len() - rest.len());
                let before = read.chars().next_back();
                before.into_iter().flat_map(lower).for_each(|c| self.take_back(c));
                let (_, unstable) = read.split_at(read.len() - before.map_or(0, char::len_utf8));
                self.add_unstable(text.get(read.len() - unstable.len()..).unwrap_or_default())
            };
        }
    }

    /// Folds what begins the text up to where nothing composes any more, and gives the rest. The first character composes with
    /// those behind it.
    fn add_unstable<'t>(&mut self, text: &'t str) -> &'t str {
        let mut behind = text.char_indices().skip(1);
        let end = behind.find(|(_, c)| is_stable(*c)).map_or(text.len(), |(at, _)| at);
        let (unstable, rest) = text.split_at(end);
        unstable.nfkc().flat_map(char::to_lowercase).for_each(|c| self.push(c));
        rest
    }

    /// Folds what of ASCII begins the text, or as much of it as is done at a time; gives the rest.
    fn add_ascii<'t>(&mut self, text: &'t str) -> &'t str {
        const AT_A_TIME: usize = 256;
        let start = self.words.len();
        let mut last = self.words.last().copied().unwrap_or(b' ');
        let bytes = text.as_bytes().get(..AT_A_TIME).unwrap_or(text.as_bytes());
        self.words.resize(start + bytes.len() + 8, 0);
        let slots = self.words.get_mut(start..).unwrap_or_default();
        let (mut taken, mut read) = (0, 0);
        while let Some(rest) = bytes.get(read..).filter(|rest| !rest.is_empty())
            && let Some(slot) = slots.get_mut(taken..).and_then(<[u8]>::first_chunk_mut)
        {
            let eight = rest.first_chunk().copied().unwrap_or_else(|| {
                let mut padded = [b' '; 8];
                padded.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
                padded
            });
            let (folded, count) = fold_eight(eight, last);
            *slot = folded;
            if count == 8 && rest.len() >= 8 {
                // Mostly: a processor that foresees it need not wait for the count.
                (taken, read, last) = (taken + 8, read + 8, folded[7]);
                continue;
            }
            let count = count.min(rest.len());
            last = count.checked_sub(1).and_then(|end| folded.get(end)).copied().unwrap_or(last);
            (taken, read) = (taken + count, read + count);
            match rest.get(count) {
                Some(left_out) if left_out.is_ascii() => read += 1,
                Some(_) => break,
                None => {}
            }
        }
        self.words.truncate(start + taken);
        text.get(read..).unwrap_or_default()
    }

    /// Takes a character back that was pushed last; the end of a word stays.
    fn take_back(&mut self, c: char) {
        if is_alphanumeric(c) {
            self.words.truncate(self.words.len() - c.len_utf8());
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

/// A character in lower case.
fn lower(c: char) -> impl Iterator<Item = char> {
    let plain = plain_lower(c);
    let other = if plain.is_none() { Some(c.to_lowercase()) } else { None };
    plain.into_iter().chain(other.into_iter().flatten())
}

/// The same without Unicode's tables; none for those that would need them.
fn plain_lower(c: char) -> Option<char> {
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
    let is_spaced = folded.iter().fold(0, |highest: u8, byte| highest.max(*byte)) < FIRST_UNSPACED;
    let count = if is_spaced {
        // As many as fit a byte at a time, which many can be added of at once.
        let spaces = |few: &[u8]| few.iter().map(|byte| u8::from(*byte == b' ')).sum::<u8>();
        folded.chunks(255).map(|few| usize::from(spaces(few))).sum::<usize>() + usize::from(!folded.is_empty())
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
            if let Some(lower) = plain_lower(c) {
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
