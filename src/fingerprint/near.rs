//! Near-duplicates: a sketch of each text, and how likely it is that one of two texts is a copy of the other.

mod code;
mod features;
mod fold;
mod frequency;
mod hash;
mod layout;
mod sketcher;
mod words;

pub use features::{FEATURES, NAMES, features};
pub use frequency::{Frequencies, FrequencyError, RAREST, SHARES};
pub use layout::{Sketch, SketchError};
pub use sketcher::Sketcher;

/// What a comparison of two sketches gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// That one text is a copy of the other, 0 to 1: calibrated.
    pub probability: f32,
    /// How much of the shorter text is in the other, 0 to 1: for people, not for decisions.
    pub overlap: f32,
}

/// Compares two sketches of one seed.
pub fn compare(earlier: &Sketch, later: &Sketch) -> Comparison {
    let row = features(earlier, later);
    let overlap = row[11];
    Comparison { probability: overlap, overlap }
}

/// The words of a text by their hashes without salt, and its pairs of words: what a table of frequencies counts.
#[derive(Debug, Default)]
pub struct Counter(fold::Folder);

impl Counter {
    /// The words, and the pairs.
    pub fn read(&self, text: &str) -> (Vec<u64>, Vec<u64>) {
        let words: Vec<u64> = words::words(&self.0, hash::Salt::NONE, text).iter().map(|word| word.plain).collect();
        let pairs = words.windows(2).map(|pair| frequency::pair(pair[0], pair[1])).collect();
        (words, pairs)
    }
}

#[cfg(test)]
mod tests;
