//! Words that tell lines of an article from lines of furniture, whatever the site: "Subscribe", "said on Monday", "©".
//!
//! Each has a weight of evidence (after Good, "Probability and the weighing of evidence", 1950): the logarithm of the odds that a
//! line with it belongs to the article, each publisher counted once, less those of any line. A table that ships with the
//! models, as hashes; a file is one line of JSON, then the hashes (`u32`), rising, then the weights (`i8`, [`STEPS`] to one), all
//! little-endian.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Rows;
use crate::article::characters::{is_alphanumeric, tail};

/// Steps of a weight to one unit of log odds.
const STEPS: f32 = 20.0;

/// A line of at most as many words is known by each of them.
const SHORT: usize = 8;

/// A line of at most as many words is known as a whole.
const WHOLE: usize = 5;

/// Bytes at each end of a line in which its words are looked for.
const OPENING: usize = 240;
const END: usize = 80;

/// A table of cues that cannot be used.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum CuesError {
    /// The file does not begin with its description.
    #[error("cues: the first line is not their description")]
    Head,
    /// Too short, too long, or not in order.
    #[error("cues: {bytes} bytes of entries are no table in rising order")]
    Entries {
        /// Found.
        bytes: usize,
    },
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    name: String,
    provenance: String,
}

/// Cues with their weights; an empty table knows none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cues {
    head: Head,
    hashes: Vec<u32>,
    weights: Vec<i8>,
}

impl Cues {
    /// A table of cues, each with the log odds that it speaks for the article.
    pub fn new(name: &str, provenance: &str, odds: impl IntoIterator<Item = (u32, f64)>) -> Self {
        #[allow(clippy::cast_possible_truncation, reason = "clamped to what fits")]
        let weight = |odds: f64| (odds * f64::from(STEPS)).round().clamp(f64::from(i8::MIN), f64::from(i8::MAX)) as i8;
        let mut entries: Vec<(u32, i8)> = odds.into_iter().map(|(hash, odds)| (hash, weight(odds))).collect();
        entries.sort_unstable_by_key(|(hash, _)| *hash);
        entries.dedup_by_key(|(hash, _)| *hash);
        let (hashes, weights) = entries.into_iter().unzip();
        Self { head: Head { name: name.to_owned(), provenance: provenance.to_owned() }, hashes, weights }
    }

    /// The table of a file.
    ///
    /// # Errors
    /// [`CuesError`] where it is none.
    pub fn parse(file: &[u8]) -> Result<Self, CuesError> {
        let end = file.iter().position(|byte| *byte == b'\n').ok_or(CuesError::Head)?;
        let (head, rest) = file.split_at(end);
        let head = serde_json::from_slice(head).map_err(|_| CuesError::Head)?;
        let entries = rest.get(1..).unwrap_or_default();
        let refused = CuesError::Entries { bytes: entries.len() };
        let Some((hashes, weights)) = entries.split_at_checked(entries.len() / 5 * 4) else { return Err(refused) };
        let hashes: Vec<u32> =
            hashes.chunks_exact(4).filter_map(|bytes| Some(u32::from_le_bytes(bytes.try_into().ok()?))).collect();
        let weights: Vec<i8> = weights.iter().map(|byte| i8::from_le_bytes([*byte])).collect();
        if hashes.len() != weights.len() || !hashes.is_sorted_by(|left, right| left < right) {
            return Err(refused);
        }
        Ok(Self { head, hashes, weights })
    }

    /// The table as a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec(&self.head).unwrap_or_default();
        bytes.push(b'\n');
        bytes.extend(self.hashes.iter().flat_map(|hash| hash.to_le_bytes()));
        bytes.extend(self.weights.iter().flat_map(|weight| weight.to_le_bytes()));
        bytes
    }

    /// What it is for.
    pub fn name(&self) -> &str {
        &self.head.name
    }

    /// How many cues it knows.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Adds to a row what the cues of a line say.
    pub(crate) fn describe(&self, row: &mut Rows, text: &str) {
        let (mut least, mut most, mut sum, mut known) = (0.0_f32, 0.0_f32, 0.0_f32, 0_usize);
        for cue in of(text) {
            let Ok(at) = self.hashes.binary_search(&cue) else { continue };
            let weight = self.weights.get(at).copied().map_or(0.0, f32::from) / STEPS;
            (least, most) = if known == 0 { (weight, weight) } else { (least.min(weight), most.max(weight)) };
            sum += weight;
            known += 1;
        }
        row.push("cues_least", least);
        row.push("cues_most", most);
        row.push("cues_sum", sum);
        row.count("cues", known);
    }
}

/// The cues of a line, each once, as hashes: its first word and its first two, its last, and of a short line every word and the
/// whole.
pub fn of(text: &str) -> Vec<u32> {
    let opening = (0..=OPENING.min(text.len())).rev().find_map(|end| text.get(..end));
    let words = words(opening.unwrap_or(text));
    let mut cues = Vec::new();
    if words.len() <= SHORT {
        cues.extend(words.iter().map(|word| hash(1, word)));
    }
    if let Some(first) = words.first() {
        cues.push(hash(2, first));
        cues.push(hash(3, &words.get(..2).unwrap_or(&words).join(" ")));
    }
    if words.len() <= WHOLE {
        cues.push(hash(4, &words.join(" ")));
    }
    if let Some(last) = self::words(tail(text, END)).last() {
        cues.push(hash(5, last));
    }
    cues.sort_unstable();
    cues.dedup();
    cues
}

fn words(text: &str) -> Vec<String> {
    text.split(|character| !is_alphanumeric(character)).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// The upper half of FNV-1a, after a number that keeps the same word in different places apart.
fn hash(place: u64, word: &str) -> u32 {
    let hash = super::hash_on(place.wrapping_mul(0x9e37_79b9_7f4a_7c15), word);
    u32::try_from(hash >> 32).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_line_is_known_by_all_its_words_a_long_one_by_its_ends() {
        let short = of("Subscribe to our newsletter");
        assert!(short.contains(&hash(1, "newsletter")) && short.contains(&hash(4, "subscribe to our newsletter")));
        let long = of("The minister said that the harbour would be open again on Monday");
        assert!(long.contains(&hash(2, "the")) && long.contains(&hash(3, "the minister")));
        assert!(long.contains(&hash(5, "monday")) && !long.contains(&hash(1, "harbour")));
        assert_eq!(of("… — …"), [hash(4, "")], "a line without words has one cue");
    }

    #[test]
    fn a_table_says_how_far_the_words_of_a_line_speak_for_the_article() {
        let odds = [(hash(1, "subscribe"), -2.0), (hash(2, "subscribe"), -9.9), (hash(5, "monday"), 1.5)];
        let table = Cues::new("test", "by hand", odds);
        let row = |text: &str| {
            let mut rows = Rows::default();
            rows.begin();
            table.describe(&mut rows, text);
            rows.iter().flatten().copied().collect::<Vec<f32>>()
        };
        let expected = [-6.4, 1.5, -6.9, 3.0];
        for (value, expected) in row("Subscribe on Monday").into_iter().zip(expected) {
            assert!((value - expected).abs() < 1e-5, "{value} is not {expected}; weights end at 6.4");
        }
        assert_eq!(row("Harbour opens"), [0.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn a_file_is_read_as_it_was_written_and_a_broken_one_refused() {
        let table = Cues::new("test", "by hand", [(7, 1.0), (3, -1.0)]);
        let mut bytes = table.to_bytes();
        assert_eq!(Cues::parse(&bytes), Ok(table));
        assert_eq!(Cues::parse(b"{}"), Err(CuesError::Head));
        bytes.pop();
        assert_eq!(Cues::parse(&bytes), Err(CuesError::Entries { bytes: 9 }));
    }
}
