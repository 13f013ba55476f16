//! Which words of a block stand elsewhere: in the title, in the description, in the text of the page.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::share;
use crate::article::characters::is_alphanumeric;
use crate::article::prose;

/// Words of fewer letters say little about what a text is about.
const TELLING: usize = 5;

/// Words in a run that two texts hardly share by chance.
const RUN: usize = 4;

/// Words of one text, or of all blocks of a page, that are looked at: a few times those of the longest article that is scored
/// ([`classifier::takes`](crate::article::classifier::takes)). Each takes more memory than it does in the page.
pub(crate) const MOST_WORDS: usize = 50_000;

const BASIS: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a, so that the same words are the same on every platform.
pub(crate) fn hash_on(hash: u64, word: &str) -> u64 {
    word.bytes().fold(hash ^ BASIS, step)
}

fn step(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
}

/// Keys that are hashes already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().copied().fold(self.0, step);
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

type Counts = HashMap<u64, u32, BuildHasherDefault<Hashed>>;

/// The words of a text in lower case, by their hashes; in scripts without spaces every letter is a word.
#[derive(Debug, Default)]
pub(crate) struct TextWords {
    /// Each with whether it is long enough to tell what a text is about.
    words: Vec<(u64, bool)>,
    distinct: Vec<u64>,
}

impl TextWords {
    /// Its words, the first of them where fewer are `left`; those are then fewer by these.
    pub(crate) fn of(text: &str, left: &mut usize) -> Self {
        // A word of five letters and a space.
        let mut words = Vec::with_capacity((text.len() / 6).min(*left));
        let (mut hash, mut letters) = (BASIS, 0);
        for character in text.chars() {
            if words.len() >= *left {
                letters = 0;
                break;
            }
            if character.is_ascii_alphanumeric() {
                // Most letters of most texts.
                hash = step(hash, character.to_ascii_lowercase() as u8);
                letters += 1;
                continue;
            }
            let dense = prose::is_unspaced(character);
            let is_letter = !character.is_ascii() && is_alphanumeric(character);
            if (!is_letter || dense) && letters > 0 {
                words.push((hash, letters >= TELLING));
                (hash, letters) = (BASIS, 0);
            }
            if is_letter {
                let mut buffer = [0; 4];
                for lower in character.to_lowercase() {
                    hash = lower.encode_utf8(&mut buffer).bytes().fold(hash, step);
                }
                if dense {
                    words.push((hash, true));
                    hash = BASIS;
                } else {
                    letters += 1;
                }
            }
        }
        if letters > 0 {
            words.push((hash, letters >= TELLING));
        }
        *left -= words.len();
        let mut distinct: Vec<u64> = words.iter().map(|(word, _)| *word).collect();
        distinct.sort_unstable();
        distinct.dedup();
        Self { words, distinct }
    }

    /// The words that are long enough to tell what a text is about, by their hashes.
    pub(crate) fn telling(&self) -> impl Iterator<Item = u64> {
        self.words.iter().filter(|(_, tells)| *tells).map(|(word, _)| *word)
    }

    /// The first word, by its hash.
    pub(crate) fn first(&self) -> Option<u64> {
        self.words.first().map(|(word, _)| *word)
    }

    fn runs(&self) -> impl Iterator<Item = u64> {
        self.words.windows(RUN).map(|run| {
            run.iter().fold(0_u64, |sum, (word, _)| sum.rotate_left(17) ^ word.wrapping_mul(0x9e37_79b9_7f4a_7c15))
        })
    }
}

/// How often each word and each run of words stands in a text.
#[derive(Debug, Default)]
pub(crate) struct PageWords {
    words: Counts,
    runs: Counts,
    /// A bit for the top bits of each word: most words of a block are not those of a title, and are seen here not to be.
    some: [u64; 4],
}

impl PageWords {
    /// The words of a text.
    pub(crate) fn of(text: &str) -> Self {
        let mut page = Self::default();
        let mut left = MOST_WORDS;
        page.add(&TextWords::of(text, &mut left));
        page
    }

    /// Counts the words of one more text.
    pub(crate) fn add(&mut self, text: &TextWords) {
        self.words.reserve(text.distinct.len());
        self.runs.reserve(text.words.len());
        for (word, _) in &text.words {
            *self.words.entry(*word).or_default() += 1;
            let (place, bit) = place(*word);
            if let Some(some) = self.some.get_mut(place) {
                *some |= bit;
            }
        }
        for run in text.runs() {
            *self.runs.entry(run).or_default() += 1;
        }
    }

    /// Whether a word stands in the text, by its hash.
    pub(crate) fn has(&self, word: u64) -> bool {
        self.count(word) > 0
    }

    fn count(&self, word: u64) -> u32 {
        let (place, bit) = place(word);
        if self.some.get(place).is_some_and(|some| some & bit == 0) {
            return 0;
        }
        self.words.get(&word).copied().unwrap_or(0)
    }

    /// Whether there are no words.
    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The share of a text's runs of four words that stand in this one. `own` says that the text is one of those counted here.
    pub(crate) fn shared_runs(&self, text: &TextWords, own: bool) -> f32 {
        let least = u32::from(own) + 1;
        let runs = text.runs().filter(|run| self.runs.get(run).is_some_and(|count| *count >= least)).count();
        share(runs, text.words.len().saturating_sub(RUN - 1))
    }

    /// How a text is like these. `own` says that the text is one of those counted here.
    pub(crate) fn likeness(&self, text: &TextWords, own: bool) -> Likeness {
        if self.words.is_empty() || text.words.is_empty() {
            return Likeness::default();
        }
        let least = u32::from(own) + 1;
        let is_known = |word: u64| self.count(word) >= least;
        let (mut known, mut telling, mut telling_known) = (0, 0, 0);
        for (word, tells) in &text.words {
            let is_known = is_known(*word);
            known += usize::from(is_known);
            telling += usize::from(*tells);
            telling_known += usize::from(*tells && is_known);
        }
        Likeness {
            words: share(known, text.words.len()),
            telling: share(telling_known, telling),
            covered: share(text.distinct.iter().filter(|word| is_known(**word)).count(), self.words.len()),
        }
    }
}

/// Where the bit of a word is.
fn place(word: u64) -> (usize, u64) {
    (usize::from((word >> 62) as u8), 1 << (word >> 56 & 63))
}

/// Shares, each 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Likeness {
    /// Of the text's words, those known.
    pub(crate) words: f32,
    /// Of its longer words, those known.
    pub(crate) telling: f32,
    /// Of the known words, those in the text.
    pub(crate) covered: f32,
}
