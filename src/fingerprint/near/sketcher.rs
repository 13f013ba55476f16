//! From an article's words to its sketch.

use super::code;
use super::fold::Folder;
use super::frequency::{self, Frequencies, SHIPPED};
use super::hash::Salt;
use super::layout::{BINS, BITMAP, EMPTY, LEAD, MOST, NUMBERS, Parts, Sketch, TITLE};
use super::words::{Word, words};

/// Words of a body that count as its lead.
const LEAD_WORDS: usize = 60;

/// Words of a class below say nothing of what a text is about.
const TELLING: u8 = 2;

/// The class of numbers.
const NUMBER: u8 = 5;

/// Makes sketches; those of one seed can be compared.
#[derive(Debug)]
pub struct Sketcher {
    folder: Folder,
    salt: Salt,
    frequencies: Frequencies,
}

impl Sketcher {
    /// A sketcher whose hashes nobody can foresee who does not know the seed (`dedup.seed`).
    pub fn new(seed: &str) -> Self {
        Self::with_frequencies(seed, SHIPPED.clone())
    }

    /// The same with another table of frequencies.
    pub fn with_frequencies(seed: &str, frequencies: Frequencies) -> Self {
        Self { folder: Folder::new(), salt: Salt::of(seed), frequencies }
    }

    /// The sketch of an article.
    pub fn sketch(&self, title: Option<&str>, body: &str) -> Sketch {
        let title = self.words(title.unwrap_or_default());
        let body = self.words(body);
        let (bins, places) = self.min_hash(&body);
        let lead: Vec<&Word> = body.iter().take(LEAD_WORDS).collect();
        let lead_words = codes(lead.iter().copied().filter(|word| word.class >= TELLING && !word.number), MOST[LEAD]);
        let first = codes(
            lead.iter().copied().filter(|word| word.class >= TELLING && !word.number && word.sentence == 0),
            MOST[LEAD],
        );
        let numbers = |words: &[Word]| codes(words.iter().filter(|word| word.number), MOST[NUMBERS]);
        let lead_numbers = numbers(body.get(..LEAD_WORDS).unwrap_or(&body));
        let count = |codes: &[u16]| u8::try_from(codes.len()).unwrap_or(u8::MAX);
        Sketch::of(&Parts {
            tokens: u32::try_from(body.len()).unwrap_or(u32::MAX),
            first: [count(&first), count(&lead_numbers)],
            bins,
            places,
            bitmap: bitmap(&body),
            lists: [lead_words, numbers(&body), codes(title.iter().filter(|word| word.class >= 1), MOST[TITLE])],
        })
    }

    fn words(&self, text: &str) -> Vec<Word> {
        let mut words = words(&self.folder, self.salt, text);
        for word in &mut words {
            word.class = if word.number { NUMBER } else { self.frequencies.class(word.plain) };
        }
        words
    }

    /// One-permutation MinHash over pairs of words (after Li, Owen and Zhang, "One permutation hashing", 2012), with
    /// where in the text each stands, in 255ths.
    fn min_hash(&self, body: &[Word]) -> ([u16; BINS], [u8; BINS]) {
        let mut best = [(u64::MAX, 0_usize); BINS];
        for (at, pair) in body.windows(2).enumerate() {
            let [first, second] = pair else { continue };
            let hash = self.salt.join(first.hash, second.hash);
            // Which pairs are left out cannot be foreseen by a processor: it is reckoned, not branched on.
            let is_left_out = (first.class.max(second.class) < TELLING)
                | self.frequencies.is_frequent(frequency::pair(first.plain, second.plain));
            let value = (hash << 6) | if is_left_out { u64::MAX } else { 0 };
            if let Some(bin) = best.get_mut((hash >> 58) as usize)
                && value < bin.0
            {
                *bin = (value, at);
            }
        }
        let place = |at: usize| u8::try_from(at * 255 / body.len().max(1)).unwrap_or(u8::MAX);
        let value = |best: u64| if best == u64::MAX { EMPTY } else { ((best >> 48) as u16).min(EMPTY - 1) };
        (best.map(|(hash, _)| value(hash)), best.map(|(_, at)| place(at)))
    }
}

fn codes<'w>(words: impl Iterator<Item = &'w Word>, most: usize) -> Vec<u16> {
    let mut codes = Vec::new();
    for word in words {
        if codes.len() == most {
            break;
        }
        let code = code::of(word.hash, word.class);
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}

fn bitmap(body: &[Word]) -> [u8; BITMAP] {
    let mut bitmap = [0_u8; BITMAP];
    for word in body {
        let bit = code::bit(code::of(word.hash, word.class));
        if let Some(byte) = bitmap.get_mut(bit / 8) {
            *byte |= u8::from(word.class >= TELLING) << (bit % 8);
        }
    }
    bitmap
}
