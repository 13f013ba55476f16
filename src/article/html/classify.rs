//! The rows of the second stage for a page: what the first thinks of the elements around a block as well.

use std::ops::Range;

use super::blocks::Block;
use super::spans::Spans;
use super::tree::Tree;
use crate::article::features::{Context, Rows, distance};

const LEVEL_NAMES: [[&str; 2]; 3] = [["p_l1", "p_l1_share"], ["p_l2", "p_l2_share"], ["p_l3", "p_l3_share"]];

/// The rows of the second stage: those of the first, with what it thinks of the blocks around.
pub(super) fn with_context(rows: &Rows, first: &[f32], tree: &Tree<'_>, spans: &Spans, blocks: &[Block]) -> Rows {
    let context = Context::new(first, blocks.iter().map(|block| (block.weight, block.prose)));
    let element = best_element(context.gains(), tree, spans);
    rows.extended(|row, at| {
        context.describe(row, at);
        row.push("p_in_element", distance(&element, at));
        let Some(block) = blocks.get(at) else { return };
        let mut inner = (at, at + 1);
        let mut levels = spans.levels(block.owner);
        for names in LEVEL_NAMES {
            inner = levels.next().map_or(inner, |(_, range)| range);
            let (own, of_page) = context.shares(inner.0, inner.1);
            row.push(names[0], own);
            row.push(names[1], of_page);
        }
    })
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
