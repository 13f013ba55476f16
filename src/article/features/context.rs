//! What a first stage thinks of the blocks around a block.

use std::ops::Range;

use super::{Rows, share};

/// Neighbours on each side whose first probabilities the second stage sees.
const NEIGHBOURS: isize = 4;

const NEIGHBOUR_NAMES: [&str; 8] = ["p_b4", "p_b3", "p_b2", "p_b1", "p_a1", "p_a2", "p_a3", "p_a4"];

/// Blocks on each side of the window whose mean probability is a feature.
const WINDOW: usize = 8;

/// The opinion of a first stage about all blocks of a document, with its sums.
#[derive(Debug)]
pub(crate) struct Context<'f> {
    first: &'f [f32],
    /// What each block adds to a run: its weight where it is likely, less where it is not.
    gains: Vec<f32>,
    mass: Vec<f32>,
    weight: Vec<f32>,
    /// Places of running text that is likely the article's.
    likely: Vec<usize>,
    run: Range<usize>,
}

impl<'f> Context<'f> {
    /// `blocks` gives the weight of each block, and whether it is running text.
    pub(crate) fn new(first: &'f [f32], blocks: impl Iterator<Item = (usize, bool)>) -> Self {
        let (mut mass, mut weight, mut gains, mut likely) = (vec![0.0_f32], vec![0.0_f32], Vec::new(), Vec::new());
        let (mut mass_sum, mut weight_sum) = (0.0, 0.0);
        for (at, ((own, prose), probability)) in blocks.zip(first).enumerate() {
            let own = share(own, 1);
            mass_sum += probability * own;
            weight_sum += own;
            mass.push(mass_sum);
            weight.push(weight_sum);
            gains.push((probability - 0.5) * own);
            if prose && *probability >= 0.5 {
                likely.push(at);
            }
        }
        let run = best_run(&gains);
        Self { first, gains, mass, weight, likely, run }
    }

    /// What each block adds to a run or an element that holds it.
    pub(crate) fn gains(&self) -> &[f32] {
        &self.gains
    }

    /// Probable weight of the blocks of a range, its share of their weight, and its share of the whole document's.
    pub(crate) fn shares(&self, from: usize, to: usize) -> (f32, f32) {
        let own = between(&self.mass, from, to);
        (ratio(own, between(&self.weight, from, to)), ratio(own, self.all()))
    }

    fn all(&self) -> f32 {
        self.mass.last().copied().unwrap_or(0.0)
    }

    /// Adds the features of a block.
    pub(crate) fn describe(&self, row: &mut Rows, at: usize) {
        let length = self.first.len();
        row.push("p", self.first.get(at).copied().unwrap_or(0.0));
        let near = (-NEIGHBOURS..=NEIGHBOURS).filter(|offset| *offset != 0);
        for (offset, name) in near.zip(NEIGHBOUR_NAMES) {
            row.push(name, at.checked_add_signed(offset).and_then(|at| self.first.get(at)).copied().unwrap_or(0.0));
        }
        row.push("p_page", self.all());
        row.push("p_before", ratio(between(&self.mass, 0, at), self.all()));
        row.push("p_window", self.shares(at.saturating_sub(WINDOW), (at + WINDOW + 1).min(length)).0);
        let next = self.likely.partition_point(|place| *place <= at);
        let after = self.likely.get(next).map(|place| place - at - 1);
        let last = self.likely.partition_point(|place| *place < at);
        let before = last.checked_sub(1).and_then(|last| self.likely.get(last)).map(|place| at - place - 1);
        row.count("p_since", before.unwrap_or(99));
        row.count("p_until", after.unwrap_or(99));
        row.push("p_weight_since", before.map_or(-1.0, |gap| between(&self.weight, at - gap, at)));
        row.push("p_weight_until", after.map_or(-1.0, |gap| between(&self.weight, at + 1, at + 1 + gap)));
        row.push("p_in_run", distance(&self.run, at));
    }
}

/// How far a place is outside a range, negative before it.
pub(crate) fn distance(range: &Range<usize>, at: usize) -> f32 {
    if range.contains(&at) {
        0.0
    } else if at < range.start {
        -share(range.start - at, 1)
    } else {
        share(at + 1 - range.end, 1)
    }
}

fn between(sums: &[f32], from: usize, to: usize) -> f32 {
    sums.get(to).copied().unwrap_or(0.0) - sums.get(from).copied().unwrap_or(0.0)
}

fn ratio(part: f32, whole: f32) -> f32 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// The run of blocks with the greatest sum (Kadane).
fn best_run(gains: &[f32]) -> Range<usize> {
    let (mut best, mut best_sum) = (0..0, 0.0);
    let (mut start, mut sum) = (0, 0.0_f32);
    for (at, gain) in gains.iter().enumerate() {
        if sum <= 0.0 {
            (start, sum) = (at, 0.0);
        }
        sum += gain;
        if sum > best_sum {
            (best, best_sum) = (start..at + 1, sum);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::best_run;

    #[test]
    fn the_best_run_bridges_a_small_gap_and_not_a_large_one() {
        assert_eq!(best_run(&[-1.0, 5.0, -2.0, 4.0, -9.0, 3.0]), 1..4);
        assert_eq!(best_run(&[-1.0, -2.0]), 0..0);
    }
}
