//! A text as hashed words: what sketches are made of.

use super::super::eight::{self, FLAGS};
use super::fold::{Class, Folder, classify_folded, expand};
use super::hash::{Salt, mix};

/// One word, or one pair of neighbours in a script without spaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    /// Salted hash.
    pub(super) hash: u64,
    /// Hash without salt: what the frequency table knows it by.
    pub(super) plain: u64,
    /// Whether it is digits.
    pub(super) number: bool,
    /// Number of its sentence, from 0.
    pub(super) sentence: u16,
    /// How rare it is, once somebody has looked: see [`super::frequency`].
    pub(super) class: u8,
}

/// Reads words; hashes are salted, and equal where the words are equal once folded.
pub(super) fn words(folder: &Folder, salt: Salt, text: &str) -> Vec<Word> {
    let mut reader = Reader {
        salt,
        words: Vec::with_capacity(text.len() / 5),
        word: None,
        before: None,
        sentence: 0,
        fresh: true,
        pending: None,
    };
    let mut rest = text;
    loop {
        let behind = reader.plain_words(rest);
        let mut chars = behind.chars();
        let Some(c) = chars.next() else { break };
        rest = chars.as_str();
        match folder.class(c) {
            Class::Several => {
                let mut parts = [Class::Joined; 18];
                let mut count = 0;
                expand(c, |part| {
                    if let Some(slot) = parts.get_mut(count) {
                        *slot = classify_folded(part);
                        count += 1;
                    }
                });
                parts.iter().take(count).for_each(|part| reader.take(*part, c));
            }
            class => reader.take(class, c),
        }
    }
    reader.end_word();
    reader.words
}

/// A word that may go on.
struct Open {
    hash: u64,
    plain: u64,
    /// Up to seven bytes that are not in the hashes yet.
    bytes: u64,
    /// How many bits those are.
    bits: u32,
    /// Characters.
    length: u8,
    number: bool,
}

impl Open {
    fn new(salt: Salt) -> Self {
        Self { hash: salt.start(), plain: Salt::NONE.start(), bytes: 0, bits: 0, length: 0, number: true }
    }

    /// Takes the bytes of a character.
    fn take(&mut self, salt: Salt, c: u32) {
        let c = char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER);
        for byte in c.encode_utf8(&mut [0; 4]).bytes() {
            self.bytes |= u64::from(byte) << self.bits;
            self.bits += 8;
            if self.bits == u64::BITS {
                self.step(salt, self.bytes);
                (self.bytes, self.bits) = (0, 0);
            }
        }
        self.length = self.length.saturating_add(1);
    }

    /// Takes eight bytes, or what is left of them at the end of a word: no byte of a word is zero.
    fn step(&mut self, salt: Salt, bytes: u64) {
        self.hash = salt.step(self.hash, bytes);
        self.plain = Salt::NONE.step(self.plain, bytes);
    }
}

/// How many letters of ASCII eight bytes begin with, and these in lower case.
fn leading_letters(bytes: [u8; 8]) -> (usize, u64) {
    let bytes = u64::from_le_bytes(bytes);
    let others = !eight::letters(bytes) & FLAGS;
    let count = others.trailing_zeros() / 8;
    (count as usize, eight::lower(bytes) & u64::MAX.checked_shr(u64::BITS - 8 * count).unwrap_or(0))
}

struct Reader {
    salt: Salt,
    words: Vec<Word>,
    word: Option<Open>,
    /// The neighbour before, in a script without spaces.
    before: Option<u32>,
    sentence: u16,
    /// Nothing yet in this sentence.
    fresh: bool,
    /// A separator inside a number, if a digit follows.
    pending: Option<char>,
}

impl Reader {
    fn take(&mut self, class: Class, c: char) {
        match class {
            Class::Joined | Class::Several => {}
            Class::Letter(code) => self.letter(code, false),
            Class::Digit(digit) => self.letter(u32::from(digit) + u32::from('0'), true),
            Class::Unspaced(code) => self.unspaced(code),
            Class::Gap => self.gap(c),
        }
    }

    /// Takes words of ASCII's letters, and what stands between them and ends no sentence, as far as a text begins with them;
    /// gives the rest. Most texts are made of little else.
    fn plain_words<'t>(&mut self, text: &'t str) -> &'t str {
        if self.word.is_some() || self.pending.is_some() {
            return text;
        }
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(next) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
            let (mut count, mut letters) = leading_letters(*next);
            let mut length = count;
            let mut word = Open::new(self.salt);
            while count == 8 {
                word.step(self.salt, letters);
                let more = bytes.get(at + length..).and_then(<[u8]>::first_chunk);
                (count, letters) = more.map_or((0, 0), |more| leading_letters(*more));
                length += count;
            }
            at += length;
            let ends = bytes.get(at).copied().is_some_and(is_plain_gap);
            if length == 0 && !ends {
                break;
            }
            self.before = None;
            if length > 0 {
                (word.bytes, word.bits, word.number) = (letters, 8 * count as u32, false);
                word.length = u8::try_from(length).unwrap_or(u8::MAX);
                if !ends {
                    self.word = Some(word);
                    break;
                }
                self.push_word(&word);
            }
            at += 1;
        }
        text.get(at..).unwrap_or_default()
    }

    fn letter(&mut self, code: u32, digit: bool) {
        if self.pending.take().is_some() && !digit {
            self.end_word();
        }
        // "16bn" says 16.
        if !digit && self.word.as_ref().is_some_and(|word| word.number) {
            self.end_word();
        }
        self.before = None;
        let salt = self.salt;
        let word = self.word.get_or_insert_with(|| Open::new(salt));
        word.number &= digit;
        word.take(salt, code);
    }

    fn unspaced(&mut self, code: u32) {
        self.end_word();
        let before = self.before.replace(code).unwrap_or(0);
        let hash = |salt: Salt| salt.step(salt.step(salt.start(), before.into()), code.into());
        let (hash, plain) = (hash(self.salt), hash(Salt::NONE));
        self.push(hash, plain, false);
    }

    fn gap(&mut self, c: char) {
        if matches!(c, '.' | ',' | '\u{00A0}' | '\u{202F}')
            && self.pending.is_none()
            && self.word.as_ref().is_some_and(|word| word.number)
        {
            self.pending = Some(c);
            return;
        }
        let short = self.word.as_ref().is_none_or(|word| word.length < 3 && !word.number);
        let stop = self.pending == Some('.') || ends_sentence(c);
        self.end_word();
        self.before = None;
        let ends = c == '\n'
            || matches!(c, '。' | '！' | '？' | '።' | '।' | '။' | '។' | '؟')
            || (stop && !(short && c == '.'));
        if ends && !self.fresh {
            self.sentence = self.sentence.saturating_add(1);
            self.fresh = true;
        }
    }

    fn end_word(&mut self) {
        self.pending = None;
        if let Some(word) = self.word.take() {
            self.push_word(&word);
        }
    }

    fn push_word(&mut self, word: &Open) {
        let (hash, plain) = (self.salt.step(word.hash, word.bytes), Salt::NONE.step(word.plain, word.bytes));
        self.push(hash, plain, word.number);
    }

    fn push(&mut self, hash: u64, plain: u64, number: bool) {
        self.fresh = false;
        let (hash, plain, sentence) = (mix(hash), mix(plain), self.sentence);
        self.words.push(Word { hash, plain, number, sentence, class: 0 });
    }
}

/// Whether a byte of ASCII ends a word, and can neither end a sentence nor stand within a number.
fn is_plain_gap(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'\'' | b'\n' | b'.' | b'!' | b'?')
}

fn ends_sentence(c: char) -> bool {
    matches!(c, '.' | '!' | '?')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same letters in their full width, which are read one by one.
    fn wide(text: &str) -> String {
        let wide = |c: char| char::from_u32(u32::from(c) + 0xfee0).filter(|_| c.is_ascii_alphabetic()).unwrap_or(c);
        text.chars().map(wide).collect()
    }

    proptest! {
        #[test]
        fn words_read_at_once_and_one_by_one_are_the_same(text in "([a-zA-Z]{1,20}|[ ,.'!?:\\-\n\t]|[0-9]|[éß北’]|\\PC){0,40}") {
            let (folder, salt) = (Folder::new(), Salt::of("tests"));
            prop_assert_eq!(words(&folder, salt, &text), words(&folder, salt, &wide(&text)));
        }
    }

    #[test]
    fn a_word_is_its_letters() {
        let plain = |text: &str| -> Vec<u64> {
            words(&Folder::new(), Salt::NONE, text).iter().map(|word| word.plain).collect()
        };
        assert_eq!(plain("Café, CAFE; cafés"), [plain("cafe"), plain("cafe"), plain("cafes")].concat());
        let long = ["a", "ab", "abcdefg", "abcdefgh", "abcdefghi", "abcdefghijklmnop", "abcdefghijklmnopq"];
        let mut all: Vec<u64> = long.iter().flat_map(|word| plain(word)).collect();
        assert_eq!(all.len(), long.len());
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), long.len(), "however many bytes are hashed at once");
    }
}
