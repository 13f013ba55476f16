//! Which words of a block stand elsewhere: in the title, in the description, in the text of the page.

use std::collections::HashMap;

use super::share;
use crate::article::prose;

/// Words of fewer letters say little about what a text is about.
const TELLING: usize = 5;

/// Words in a run that two texts hardly share by chance.
const RUN: usize = 4;

/// FNV-1a, so that the same words are the same on every platform.
fn hash(word: &str) -> u64 {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The words of a text in lower case, by their hashes, with their number of letters; in scripts without spaces every
/// letter is a word.
fn words(text: &str) -> Vec<(u64, usize)> {
    let mut words = Vec::new();
    let mut open = String::new();
    let mut letters = 0;
    for character in text.chars() {
        let dense = prose::is_unspaced(character);
        if (!character.is_alphanumeric() || dense) && !open.is_empty() {
            words.push((hash(&open), letters));
            open.clear();
            letters = 0;
        }
        if dense && character.is_alphanumeric() {
            let mut buffer = [0; 4];
            words.push((hash(character.encode_utf8(&mut buffer)), TELLING));
        } else if character.is_alphanumeric() {
            open.extend(character.to_lowercase());
            letters += 1;
        }
    }
    if !open.is_empty() {
        words.push((hash(&open), letters));
    }
    words
}

fn runs(words: &[(u64, usize)]) -> impl Iterator<Item = u64> {
    words.windows(RUN).map(|run| run.iter().fold(0_u64, |sum, (word, _)| sum.rotate_left(17) ^ word.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
}

/// How often each word and each run of words stands in a text.
#[derive(Debug, Default)]
pub(crate) struct PageWords {
    words: HashMap<u64, u32>,
    runs: HashMap<u64, u32>,
    total: usize,
}

impl PageWords {
    /// The words of the texts.
    pub(crate) fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut page = Self::default();
        for text in texts {
            let words = words(text);
            for (word, _) in &words {
                *page.words.entry(*word).or_default() += 1;
            }
            for run in runs(&words) {
                *page.runs.entry(run).or_default() += 1;
            }
            page.total += words.len();
        }
        page
    }

    /// Whether there are no words.
    pub(crate) fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// How a text is like these. `own` says that the text is one of those counted here.
    pub(crate) fn likeness(&self, text: &str, own: bool) -> Likeness {
        let words = words(text);
        let least = u32::from(own) + 1;
        let known = |word: &u64| self.words.get(word).is_some_and(|count| *count >= least);
        let telling: Vec<u64> = words.iter().filter(|(_, letters)| *letters >= TELLING).map(|(word, _)| *word).collect();
        let known_runs = runs(&words).filter(|run| self.runs.get(run).is_some_and(|count| *count >= least)).count();
        let mut distinct: Vec<u64> = words.iter().map(|(word, _)| *word).collect();
        distinct.sort_unstable();
        distinct.dedup();
        Likeness {
            words: share(words.iter().filter(|(word, _)| known(word)).count(), words.len()),
            telling: share(telling.iter().filter(|word| known(word)).count(), telling.len()),
            runs: share(known_runs, words.len().saturating_sub(RUN - 1)),
            covered: share(distinct.iter().filter(|word| known(word)).count(), self.words.len()),
        }
    }
}

/// Shares, each 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Likeness {
    /// Of the text's words, those known.
    pub(crate) words: f32,
    /// Of its longer words, those known.
    pub(crate) telling: f32,
    /// Of its runs of four words, those known.
    pub(crate) runs: f32,
    /// Of the known words, those in the text.
    pub(crate) covered: f32,
}
