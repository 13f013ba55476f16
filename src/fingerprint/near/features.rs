//! What two sketches have in common, in numbers.

use super::layout::{EMPTY, Sketch};

/// How many features there are.
pub const FEATURES: usize = 8;

/// Their names.
pub const NAMES: [&str; FEATURES] = [
    "pairs_jaccard",
    "pairs_bins",
    "words_contained_less",
    "words_contained_more",
    "lead",
    "numbers",
    "title",
    "length_ratio",
];

/// The features of two sketches, as [`NAMES`] has them.
pub fn features(earlier: &Sketch, later: &Sketch) -> [f32; FEATURES] {
    let (mut same, mut either) = (0_usize, 0_usize);
    for (left, right) in earlier.bins().into_iter().zip(later.bins()) {
        either += usize::from(left != EMPTY || right != EMPTY);
        same += usize::from(left == right && left != EMPTY);
    }
    let bits = |sketch: &Sketch| sketch.bitmap().iter().map(|byte| byte.count_ones()).sum::<u32>() as usize;
    let both: u32 = earlier.bitmap().iter().zip(later.bitmap()).map(|(left, right)| (left & right).count_ones()).sum();
    let (less, more) = (bits(earlier).min(bits(later)), bits(earlier).max(bits(later)));
    let tokens = [earlier.tokens().max(1), later.tokens().max(1)];
    [
        share(same, either),
        share(either, 64),
        share(both as usize, less),
        share(both as usize, more),
        shared(earlier, later, 0),
        shared(earlier, later, 1),
        shared(earlier, later, 2),
        tokens[0].min(tokens[1]) as f32 / tokens[0].max(tokens[1]) as f32,
    ]
}

fn shared(earlier: &Sketch, later: &Sketch, which: usize) -> f32 {
    let (left, right) = (earlier.list(which), later.list(which));
    let both = left.iter().filter(|hash| right.contains(hash)).count();
    share(both, left.len().min(right.len()))
}

fn share(part: usize, whole: usize) -> f32 {
    if whole == 0 { 0.0 } else { part as f32 / whole as f32 }
}
