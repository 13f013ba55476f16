//! A text as hashed words: what sketches are made of.

use super::fold::{Class, Folder, classify_folded, expand};
use super::hash::{Salt, mix};

/// One word, or one pair of neighbours in a script without spaces.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word {
    /// Salted hash.
    pub(super) hash: u64,
    /// Hash without salt: what the frequency table knows it by.
    pub(super) plain: u64,
    /// Whether it is digits.
    pub(super) number: bool,
    /// Number of its sentence, from 0.
    pub(super) sentence: u16,
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
        let behind = reader.letters(rest);
        let mut chars = behind.chars();
        let Some(c) = chars.next() else { break };
        rest = chars.as_str();
        if c == ' ' && reader.pending.is_none() {
            // Most gaps end a word and nothing else.
            reader.end_word();
            reader.before = None;
            continue;
        }
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

#[derive(Clone, Copy)]
struct Open {
    hash: u64,
    plain: u64,
    length: u8,
    number: bool,
}

impl Open {
    fn step(&mut self, salt: Salt, code: u32) {
        self.hash = salt.step(self.hash, code);
        self.plain = Salt::NONE.step(self.plain, code);
        self.length = self.length.saturating_add(1);
    }
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

    /// Takes the letters of ASCII that a text begins with, if any; gives the rest of the text.
    fn letters<'t>(&mut self, text: &'t str) -> &'t str {
        let end = text.bytes().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or(text.len());
        let (run, behind) = text.split_at(end);
        if !run.is_empty() {
            let (salt, word) = (self.salt, self.open(false));
            // On a copy, which need not be in memory between two letters; in lower case.
            let mut own = *word;
            run.bytes().for_each(|byte| own.step(salt, (byte | 0x20).into()));
            *word = own;
        }
        behind
    }

    fn letter(&mut self, code: u32, digit: bool) {
        let (salt, word) = (self.salt, self.open(digit));
        word.step(salt, code);
    }

    /// The word that a letter or a digit belongs to.
    fn open(&mut self, digit: bool) -> &mut Open {
        if self.pending.take().is_some() && !digit {
            self.end_word();
        }
        // "16bn" says 16.
        if !digit && self.word.as_ref().is_some_and(|word| word.number) {
            self.end_word();
        }
        self.before = None;
        let start = self.salt.start();
        let word =
            self.word.get_or_insert_with(|| Open { hash: start, plain: Salt::NONE.start(), length: 0, number: true });
        word.number &= digit;
        word
    }

    fn unspaced(&mut self, code: u32) {
        self.end_word();
        let before = self.before.replace(code).unwrap_or(0);
        let hash = self.salt.step(self.salt.step(self.salt.start(), before), code);
        let plain = Salt::NONE.step(Salt::NONE.step(Salt::NONE.start(), before), code);
        self.push(Word { hash: mix(hash), plain: mix(plain), number: false, sentence: self.sentence });
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
            self.push(Word {
                hash: mix(word.hash),
                plain: mix(word.plain),
                number: word.number,
                sentence: self.sentence,
            });
        }
    }

    fn push(&mut self, word: Word) {
        self.fresh = false;
        self.words.push(word);
    }
}

fn ends_sentence(c: char) -> bool {
    matches!(c, '.' | '!' | '?')
}
