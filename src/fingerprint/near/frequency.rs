//! How frequent a word is in news: a table that ships with the model, never counted online.
//!
//! A file is one line of JSON (how it came about), then the classes of words, four bits each, then one bit for each pair of
//! words, set where the pair is frequent. Both are looked up by two hashes and hold the least of what is found there, so
//! that a collision makes few rare words look frequent.
//!
//! Which words a sketch remembers depends on the table, so that sketches made with two tables cannot be compared: its head
//! names the version of the sketches that it is for, and a table with other counts is another version.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::fold::Folder;
use super::hash::{Salt, mix};
use super::layout::VERSION;
use super::words::words;

/// log2 of the places for words.
const WORD_BITS: u32 = 18;
/// log2 of the places for pairs.
const PAIR_BITS: u32 = 19;

/// The class of words that are in few articles, or in none that was counted.
pub const RAREST: u8 = 7;

/// A word is in class `n` if its share of the articles of some language is above `SHARES[n]`, and in [`RAREST`] if below
/// them all.
pub const SHARES: [f64; RAREST as usize] = [0.25, 0.1, 0.04, 0.016, 0.006, 0.0025, 0.001];

/// A frequency table that cannot be used.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum FrequencyError {
    /// The file does not begin with its description.
    #[error("frequencies: the first line is not their description")]
    Head,
    /// Of sketches of another version.
    #[error("frequencies: for sketches of version {found}, this program makes version {VERSION}")]
    Version {
        /// Its version.
        found: u8,
    },
    /// Too short or too long.
    #[error("frequencies: {bytes} bytes of counts, not {expected}")]
    Length {
        /// Found.
        bytes: usize,
        /// Needed.
        expected: usize,
    },
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    name: String,
    /// Of the sketches that are made with it; 0 in a table that does not say.
    #[serde(default)]
    version: u8,
    provenance: String,
}

/// The classes of words, and which pairs of words are frequent.
#[derive(Debug, Clone, PartialEq)]
pub struct Frequencies {
    head: Head,
    words: Vec<u8>,
    pairs: Vec<u8>,
}

impl Frequencies {
    /// A table in which everything is rare, to be filled.
    pub fn empty(provenance: &str) -> Self {
        Self {
            head: Head { name: "dedup-frequencies".to_owned(), version: VERSION, provenance: provenance.to_owned() },
            words: vec![u8::MAX; 1 << (WORD_BITS - 1)],
            pairs: vec![0; 1 << (PAIR_BITS - 3)],
        }
    }

    /// The table of a file.
    ///
    /// # Errors
    /// [`FrequencyError`] where it is none.
    pub fn parse(file: &[u8]) -> Result<Self, FrequencyError> {
        let end = file.iter().position(|byte| *byte == b'\n').ok_or(FrequencyError::Head)?;
        let (head, rest) = file.split_at(end);
        let head: Head = serde_json::from_slice(head).map_err(|_| FrequencyError::Head)?;
        if head.version != VERSION {
            return Err(FrequencyError::Version { found: head.version });
        }
        let counts = rest.get(1..).unwrap_or_default();
        let expected = (1 << (WORD_BITS - 1)) + (1 << (PAIR_BITS - 3));
        if counts.len() != expected {
            return Err(FrequencyError::Length { bytes: counts.len(), expected });
        }
        let (words, pairs) = counts.split_at(1 << (WORD_BITS - 1));
        Ok(Self { head, words: words.to_vec(), pairs: pairs.to_vec() })
    }

    /// The table as a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec(&self.head).unwrap_or_default();
        bytes.push(b'\n');
        bytes.extend(&self.words);
        bytes.extend(&self.pairs);
        bytes
    }

    /// Enters a word of this class, by its hash without salt.
    pub fn add_word(&mut self, word: u64, class: u8) {
        for place in places(word, WORD_BITS) {
            if let Some(byte) = self.words.get_mut(place / 2) {
                let shift = 4 * (place % 2);
                let least = (*byte >> shift & 15).min(class);
                *byte = *byte & !(15 << shift) | least << shift;
            }
        }
    }

    /// Enters a frequent pair of words.
    pub fn add_pair(&mut self, pair: u64) {
        for place in places(pair, PAIR_BITS) {
            if let Some(byte) = self.pairs.get_mut(place / 8) {
                *byte |= 1 << (place % 8);
            }
        }
    }

    /// The class of a word: 0 in most articles, [`RAREST`] in hardly any.
    pub(super) fn class(&self, word: u64) -> u8 {
        let class = |place: usize| self.words.get(place / 2).map_or(RAREST, |byte| byte >> (4 * (place % 2)) & 15);
        places(word, WORD_BITS).map(class).into_iter().max().unwrap_or(RAREST).min(RAREST)
    }

    /// Whether a pair of words is in many articles.
    pub(super) fn is_frequent(&self, pair: u64) -> bool {
        let bits = places(pair, PAIR_BITS).map(|place| self.pairs.get(place / 8).map_or(0, |byte| byte >> (place % 8)));
        bits.into_iter().fold(1, |all, bit| all & bit) == 1
    }
}

/// The table that ships with the program. A test shows that it can be read; an empty one would call every word rare.
pub(super) static SHIPPED: LazyLock<Frequencies> = LazyLock::new(|| {
    let table = Frequencies::parse(include_bytes!("../../../config/models/dedup-frequencies.table"));
    table.unwrap_or_else(|_| Frequencies::empty("none"))
});

/// Reads what a table of frequencies counts.
#[derive(Debug, Default)]
pub struct Counter(Folder);

impl Counter {
    /// The words of a text by their hashes without salt, and its pairs of neighbours.
    pub fn read(&self, text: &str) -> (Vec<u64>, Vec<u64>) {
        let words: Vec<u64> = words(&self.0, Salt::NONE, text).iter().map(|word| word.plain).collect();
        let pairs = words.iter().zip(words.iter().skip(1)).map(|(first, second)| pair(*first, *second)).collect();
        (words, pairs)
    }
}

fn places(hash: u64, bits: u32) -> [usize; 2] {
    [(hash >> (64 - bits)) as usize, (hash & ((1 << bits) - 1)) as usize]
}

/// The hash without salt by which a pair of neighbours is known.
pub(super) fn pair(first: u64, second: u64) -> u64 {
    mix(first.rotate_left(17) ^ second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_that_ships_can_be_read() {
        let counter = Counter::default();
        let class = |word: &str| SHIPPED.class(counter.read(word).0[0]);
        assert!(
            class("the") < 2 && class("und") < 2 && class("что") < 3,
            "{} {} {}",
            class("the"),
            class("und"),
            class("что")
        );
        // A few collide with frequent ones.
        let unknown = (0..100).filter(|number| class(&format!("zq{number}x")) == RAREST).count();
        assert!(unknown > 85, "{unknown}");
    }

    /// A claim outlives the program that sketched it. Where this fails, raise `layout::VERSION` and put the new hash here: sketches
    /// of the old table then count as none, and are not compared with those of the new one.
    #[test]
    fn other_counts_are_another_version() {
        let mut counts = blake3::Hasher::new();
        counts.update(&SHIPPED.words).update(&SHIPPED.pairs);
        let hash = counts.finalize().to_hex();
        assert_eq!(
            (SHIPPED.head.version, hash.as_str()),
            (2, "f8efe2d6a90232bd2860d08513afa982b90ba1be7ba77c616ceee50a6dae0d8e")
        );
    }

    #[test]
    fn a_file_gives_the_table_back_and_what_is_none_is_refused() {
        let mut table = Frequencies::empty("by hand");
        table.add_word(0x1234_5678_9abc_def0, 2);
        table.add_word(0x1234_5678_9abc_def0, 5);
        table.add_pair(77);
        let read = Frequencies::parse(&table.to_bytes()).unwrap();
        assert_eq!(read, table);
        assert_eq!(read.class(0x1234_5678_9abc_def0), 2);
        assert_eq!(read.class(0x0234_5678_9abc_def1), RAREST);
        assert!(read.is_frequent(77) && !read.is_frequent(78 << 40));
        assert_eq!(Frequencies::parse(b"no json\n"), Err(FrequencyError::Head));
        let other = Frequencies { head: Head { version: VERSION + 1, ..table.head.clone() }, ..table.clone() };
        assert_eq!(Frequencies::parse(&other.to_bytes()), Err(FrequencyError::Version { found: VERSION + 1 }));
        let silent = b"{\"name\":\"dedup-frequencies\",\"provenance\":\"\"}\n";
        assert_eq!(Frequencies::parse(silent), Err(FrequencyError::Version { found: 0 }));
        assert!(matches!(Frequencies::parse(&table.to_bytes()[..900]), Err(FrequencyError::Length { .. })));
    }
}
