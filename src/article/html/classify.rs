//! The block classifier: two sums of trees, the second of which also sees what the first thinks of the blocks around.

use std::ops::Range;

use super::blocks::Block;
use super::spans::Spans;
use super::tree::Tree;
use crate::article::features::{Rows, share};
use crate::article::model::{Model, probability};

/// The two stages. Without trees it has no opinion, and the rules alone decide.
#[derive(Debug, Clone, Default)]
pub struct BlockModel {
    /// Sees each block with the numbers about it.
    pub first: Model,
    /// Sees what the first thinks of the blocks around as well.
    pub second: Model,
}

impl BlockModel {
    /// What both stages together think of each block, as log odds; none without trees.
    pub(super) fn scores(&self, rows: &Rows, tree: &Tree<'_>, spans: &Spans, blocks: &[Block]) -> Option<Vec<f32>> {
        if self.second.is_empty() {
            return None;
        }
        let rows = with_context(rows, &stage(&self.first, rows), tree, spans, blocks);
        Some(self.second.scores(rows.iter()))
    }
}

/// What a first stage thinks of each block, as probabilities.
pub(super) fn stage(first: &Model, rows: &Rows) -> Vec<f32> {
    first.scores(rows.iter()).into_iter().map(probability).collect()
}

/// Neighbours on each side whose first probabilities the second stage sees.
const NEIGHBOURS: isize = 4;

const NEIGHBOUR_NAMES: [&str; 8] = ["p_b4", "p_b3", "p_b2", "p_b1", "p_a1", "p_a2", "p_a3", "p_a4"];

const LEVEL_NAMES: [[&str; 2]; 3] = [["p_l1", "p_l1_share"], ["p_l2", "p_l2_share"], ["p_l3", "p_l3_share"]];

/// The rows of the second stage: those of the first, with what it thinks of the blocks around.
pub(super) fn with_context(rows: &Rows, first: &[f32], tree: &Tree<'_>, spans: &Spans, blocks: &[Block]) -> Rows {
    let mut context = Rows::default();
    let weights: Vec<f32> = blocks.iter().map(|block| share(block.weight, 1)).collect();
    let mut mass = vec![0.0_f32];
    let mut weight = vec![0.0_f32];
    let (mut mass_sum, mut weight_sum) = (0.0, 0.0);
    for (probability, own) in first.iter().zip(&weights) {
        mass_sum += probability * own;
        weight_sum += own;
        mass.push(mass_sum);
        weight.push(weight_sum);
    }
    let between = |sums: &[f32], from: usize, to: usize| {
        sums.get(to).copied().unwrap_or(0.0) - sums.get(from).copied().unwrap_or(0.0)
    };
    let ratio = |part: f32, whole: f32| if whole > 0.0 { part / whole } else { 0.0 };
    let gains: Vec<f32> = first.iter().zip(&weights).map(|(probability, own)| (probability - 0.5) * own).collect();
    let run = best_run(&gains);
    let element = best_element(&gains, tree, spans);
    let likely: Vec<usize> = (0..blocks.len()).filter(|at| is_likely(blocks.get(*at), first.get(*at))).collect();
    for (at, (row, block)) in rows.iter().zip(blocks).enumerate() {
        context.begin_with(rows.names(), row);
        context.push("p", first.get(at).copied().unwrap_or(0.0));
        let near = (-NEIGHBOURS..=NEIGHBOURS).filter(|offset| *offset != 0);
        for (offset, name) in near.zip(NEIGHBOUR_NAMES) {
            context.push(name, at.checked_add_signed(offset).and_then(|at| first.get(at)).copied().unwrap_or(0.0));
        }
        context.push("p_page", mass_sum);
        context.push("p_before", ratio(between(&mass, 0, at), mass_sum));
        let (from, to) = (at.saturating_sub(8), (at + 9).min(blocks.len()));
        context.push("p_window", ratio(between(&mass, from, to), between(&weight, from, to)));
        let next = likely.partition_point(|place| *place <= at);
        let after = likely.get(next).map(|place| place - at - 1);
        let last = likely.partition_point(|place| *place < at);
        let before = last.checked_sub(1).and_then(|last| likely.get(last)).map(|place| at - place - 1);
        context.count("p_since", before.unwrap_or(99));
        context.count("p_until", after.unwrap_or(99));
        context.push("p_weight_since", before.map_or(-1.0, |gap| between(&weight, at - gap, at)));
        context.push("p_weight_until", after.map_or(-1.0, |gap| between(&weight, at + 1, at + 1 + gap)));
        context.push(
            "p_in_run",
            if run.contains(&at) {
                0.0
            } else if at < run.start {
                -share(run.start - at, 1)
            } else {
                share(at + 1 - run.end, 1)
            },
        );
        context.push(
            "p_in_element",
            if element.contains(&at) {
                0.0
            } else if at < element.start {
                -share(element.start - at, 1)
            } else {
                share(at + 1 - element.end, 1)
            },
        );
        let mut inner = (at, at + 1);
        let mut levels = std::iter::once(block.owner).chain(tree.ancestors(block.owner));
        for names in LEVEL_NAMES {
            inner = levels
                .by_ref()
                .map(|element| spans.of(element))
                .find(|(from, to)| to - from > inner.1 - inner.0)
                .unwrap_or(inner);
            let own = between(&mass, inner.0, inner.1);
            context.push(names[0], ratio(own, between(&weight, inner.0, inner.1)));
            context.push(names[1], ratio(own, mass_sum));
        }
    }
    context
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

/// The blocks of the element with the greatest sum.
fn best_element(gains: &[f32], tree: &Tree<'_>, spans: &Spans) -> Range<usize> {
    let mut sums = vec![0.0_f32];
    let mut sum = 0.0;
    for gain in gains {
        sum += gain;
        sums.push(sum);
    }
    let (mut best, mut best_sum) = (0..0, 0.0);
    for (at, _) in tree.elements() {
        let (from, to) = spans.of(at);
        let within = sums.get(to).copied().unwrap_or(0.0) - sums.get(from).copied().unwrap_or(0.0);
        if within > best_sum || (within == best_sum && within > 0.0) {
            (best, best_sum) = (from..to, within);
        }
    }
    best
}

/// Running text that is more likely the article's than not.
fn is_likely(block: Option<&Block>, probability: Option<&f32>) -> bool {
    block.is_some_and(|block| block.prose) && probability.is_some_and(|probability| *probability >= 0.5)
}
