//! Near-duplicates: a sketch of each text, and how likely it is that one of two texts is a copy of the other.

mod features;
mod fold;
mod hash;
mod layout;
mod sketcher;
mod words;

pub use features::{FEATURES, NAMES, features};
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
    let [jaccard, _, less, _, lead, numbers, title, _] = features(earlier, later);
    let odds = 8.0 * jaccard + 6.0 * less + 2.0 * lead + 2.0 * numbers + title - 10.0;
    Comparison { probability: 1.0 / (1.0 + (-odds).exp()), overlap: less }
}

#[cfg(test)]
mod tests;
