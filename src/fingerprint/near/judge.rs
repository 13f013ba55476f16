//! The verdict on two sketches: boosted trees over their features, fitted by `tools/train` to pairs that were read.

use std::sync::LazyLock;

use super::features::{FEATURES, NAMES, features_and_overlap};
use super::layout::Sketch;
use crate::article::model::{Model, probability};

/// What a comparison of two sketches gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// That one text is a copy of the other, 0 to 1.
    pub probability: f32,
    /// How much of the shorter text is in the other, 0 to 1, from a sample of its pairs of words: for people, not for
    /// decisions.
    pub overlap: f32,
}

/// The model that ships. A test shows that it can be read and is for these features; an empty one would call every pair
/// even.
static MODEL: LazyLock<Model> = LazyLock::new(|| {
    let model = Model::parse("dedup-pairs", include_bytes!("../../../config/models/dedup-pairs.model"));
    model.ok().filter(|model| model.fits(&NAMES)).unwrap_or_default()
});

/// Compares two sketches of one seed; which of them came first does not count.
pub fn compare(earlier: &Sketch, later: &Sketch) -> Comparison {
    let (row, overlap) = features_and_overlap(earlier, later);
    comparison(MODEL.score(&row), overlap)
}

/// Compares several sketches with one: the same as [`compare`], and faster than one by one.
pub fn compare_all(earlier: &[&Sketch], later: &Sketch) -> Vec<Comparison> {
    let rows: Vec<([f32; FEATURES], f32)> =
        earlier.iter().map(|earlier| features_and_overlap(earlier, later)).collect();
    let scores = MODEL.scores(rows.iter().map(|(row, _)| row.as_slice()));
    rows.iter().zip(scores).map(|((_, overlap), score)| comparison(score, *overlap)).collect()
}

fn comparison(score: f32, overlap: f32) -> Comparison {
    // In thousandths, so that it is the same on every platform.
    let probability = (probability(score) * 1000.0).round() / 1000.0;
    Comparison { probability, overlap }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_that_ships_is_for_these_features() {
        assert!(MODEL.fits(&NAMES));
        assert!(!MODEL.is_empty());
    }
}
