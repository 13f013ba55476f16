//! Which blocks of a page the classifier is asked about, and the rows of its second stage: what the first thinks of the
//! elements around a block as well.

use std::ops::Range;

use foldhash::{HashMap, HashMapExt as _};

use super::blocks::Block;
use super::body::Reason;
use super::spans::Spans;
use super::tree::Tree;
use crate::article::features::{Context, Rows, distance, share};

const LEVEL_NAMES: [[&str; 2]; 3] = [["p_l1", "p_l1_share"], ["p_l2", "p_l2_share"], ["p_l3", "p_l3_share"]];

/// Log odds of a block that nobody asks about.
const FURNITURE: f32 = -6.0;

/// A block that is no running text is furniture without asking from this weight down, where its place says so.
const LABEL: usize = 60;

/// Other blocks on each side that are labels too: more than a block is described with.
const AROUND: usize = 4;

/// The blocks that the classifier is asked about: all but the labels and links amid others of which their place says already
/// that they are furniture, which are most blocks of most pages.
#[derive(Debug)]
pub(super) struct Asked {
    places: Vec<usize>,
    is: Vec<bool>,
}

impl Asked {
    /// `reasons` are those by place.
    pub(super) fn of(blocks: &[Block], reasons: &[Option<Reason>]) -> Self {
        let is_label =
            |(block, reason): (&Block, &Option<Reason>)| reason.is_some() && !block.prose && block.weight <= LABEL;
        let labels: Vec<bool> = blocks.iter().zip(reasons).map(is_label).collect();
        let is: Vec<bool> = (0..blocks.len()).map(|at| near(&labels, at).iter().any(|label| !label)).collect();
        Self { places: (0..is.len()).filter(|at| is.get(*at) == Some(&true)).collect(), is }
    }

    /// Whether the classifier is asked about a block.
    pub(super) fn is(&self, at: usize) -> bool {
        self.is.get(at) == Some(&true)
    }

    /// Whether it is asked about a block that this one is described with.
    pub(super) fn is_near(&self, at: usize) -> bool {
        near(&self.is, at).contains(&true)
    }

    /// The blocks in order.
    pub(super) fn places(&self) -> &[usize] {
        &self.places
    }

    /// The log odds of all blocks from those that were asked for.
    pub(super) fn scores(&self, asked: &[f32]) -> Vec<f32> {
        self.spread(asked, FURNITURE)
    }

    fn spread(&self, asked: &[f32], otherwise: f32) -> Vec<f32> {
        let mut all = vec![otherwise; self.is.len()];
        for (value, at) in asked.iter().zip(&self.places) {
            if let Some(place) = all.get_mut(*at) {
                *place = *value;
            }
        }
        all
    }

    /// The rows of the second stage: those of the first, with what it thinks of the blocks around.
    pub(super) fn with_context(
        &self,
        rows: &Rows,
        first: &[f32],
        tree: &Tree<'_>,
        spans: &Spans,
        blocks: &[Block],
        looks: &[u64],
    ) -> Rows {
        let first = self.spread(first, 0.0);
        let context = Context::new(&first, blocks.iter().map(|block| (block.weight, block.prose)));
        let alike = Alike::of(&first, blocks, looks);
        let is_heading = |at: &usize| blocks.get(*at).is_some_and(|block| block.shape.is_heading());
        let headings: Vec<usize> = (0..blocks.len()).filter(is_heading).collect();
        let element = best_element(context.gains(), tree, spans);
        rows.extended(|row, index| {
            let Some(at) = self.places.get(index).copied() else { return };
            context.describe(row, at);
            row.push("p_in_element", distance(&element, at));
            let Some(block) = blocks.get(at) else { return };
            row.push("p_alike", alike.without(at, &first, blocks, looks));
            let next = headings.partition_point(|heading| *heading <= at);
            let heading = next.checked_sub(1).and_then(|last| headings.get(last)).copied();
            let end = headings.get(next).copied().unwrap_or(blocks.len());
            row.push("p_heading", heading.and_then(|heading| first.get(heading)).copied().unwrap_or(-1.0));
            row.push("p_next_heading", first.get(end).copied().unwrap_or(-1.0));
            row.push("p_section", context.shares(heading.map_or(0, |heading| heading + 1), end).0);
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
}

/// Probable weight, and weight, of the blocks that look alike.
struct Alike(HashMap<u64, (f32, f32)>);

impl Alike {
    fn of(first: &[f32], blocks: &[Block], looks: &[u64]) -> Self {
        let mut sums: HashMap<u64, (f32, f32)> = HashMap::new();
        for ((probability, block), look) in first.iter().zip(blocks).zip(looks) {
            let weight = share(block.weight, 1);
            let sum = sums.entry(*look).or_default();
            sum.0 += probability * weight;
            sum.1 += weight;
        }
        Self(sums)
    }

    /// The share that is probable of the blocks that look like one, without itself; -1 where there are no others.
    fn without(&self, at: usize, first: &[f32], blocks: &[Block], looks: &[u64]) -> f32 {
        let (Some(probability), Some(block), Some(look)) = (first.get(at), blocks.get(at), looks.get(at)) else {
            return -1.0;
        };
        let (mass, all) = self.0.get(look).copied().unwrap_or_default();
        let weight = share(block.weight, 1);
        if all - weight > 0.5 { (mass - probability * weight) / (all - weight) } else { -1.0 }
    }
}

/// A place with its neighbours.
fn near(all: &[bool], at: usize) -> &[bool] {
    let from = at.saturating_sub(AROUND);
    all.get(from..(at + AROUND + 1).min(all.len())).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "tests fail by panicking")]
    use super::*;
    use crate::article::BlockKind;
    use crate::article::html::blocks::{Look, Shape};

    fn block(prose: bool) -> Block {
        let text = "Latest news".to_owned();
        let (weight, words) = (text.len(), 2);
        let (node, owner, mark, shape, look) = (0, 0, 0, Shape::Item, Look::default());
        Block { node, owner, shape, text, weight, words, links: 100, strong: 0, look, prose, mark }
    }

    #[test]
    fn labels_deep_within_furniture_are_not_asked_about() {
        let mut blocks: Vec<Block> = (0..20).map(|_| block(false)).collect();
        let outside = Some((BlockKind::Navigation, "selector:tag:nav".to_owned()));
        let mut reasons = vec![outside; 20];
        assert!(Asked::of(&blocks, &reasons).places().is_empty());
        blocks[9] = block(true);
        let asked = Asked::of(&blocks, &reasons);
        assert_eq!(asked.places(), [5, 6, 7, 8, 9, 10, 11, 12, 13], "running text, and what stands beside it");
        assert!(asked.is_near(1) && !asked.is_near(0));
        let scores = asked.scores(&[1.0; 9]);
        assert_eq!((scores.len(), scores[4], scores[5]), (20, FURNITURE, 1.0));
        reasons[19] = None;
        assert_eq!(Asked::of(&blocks, &reasons).places().last(), Some(&19), "what no element speaks against");
    }
}
