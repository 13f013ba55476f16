//! Teasers of other articles: small elements with one linked heading each, several of them on the page.

use std::ops::Range;

use super::blocks::{Block, Shape};
use super::tree::Tree;

/// Largest teaser, in characters of weight.
const LARGEST: usize = 450;

/// Fewest teasers that make a list.
const FEWEST: usize = 3;

/// Share of the page's running text, in percent, above which the teasers are the article: a list of things.
const GUARD_PERCENT: usize = 90;

/// How far above its heading a teaser's own element can be.
const LEVELS: usize = 6;

/// For each block, whether it belongs to a teaser.
pub(super) fn find(tree: &Tree<'_>, blocks: &[Block]) -> Vec<bool> {
    let mut cards: Vec<Range<usize>> = Vec::new();
    let sums = Sums::of(blocks);
    for block in blocks {
        if matches!(block.shape, Shape::Heading(2..)) && block.links >= 80 && block.mark == 0 {
            cards.extend(around(tree, blocks, &sums, block.owner));
        }
    }
    let mut found = vec![false; blocks.len()];
    let prose = |blocks: &[Block]| -> usize {
        blocks.iter().filter(|block| block.prose && block.mark == 0).map(|block| block.weight).sum()
    };
    let taken: usize = cards.iter().filter_map(|card| blocks.get(card.clone())).map(prose).sum();
    if cards.len() >= FEWEST && taken * 100 <= prose(blocks) * GUARD_PERCENT {
        for card in cards {
            if let Some(blocks) = found.get_mut(card) {
                blocks.fill(true);
            }
        }
    }
    found
}

/// Sums over the blocks before each place: a page of headings alone must not be read again for each.
struct Sums {
    headings: Vec<usize>,
    weight: Vec<usize>,
}

impl Sums {
    fn of(blocks: &[Block]) -> Self {
        let sum = |value: &dyn Fn(&Block) -> usize| {
            let mut sum = 0;
            let sums = blocks.iter().map(|block| {
                sum += value(block);
                sum
            });
            std::iter::once(0).chain(sums).collect::<Vec<usize>>()
        };
        Self { headings: sum(&|block| usize::from(block.shape.is_heading())), weight: sum(&|block| block.weight) }
    }

    fn within(sums: &[usize], range: &Range<usize>) -> usize {
        let before = |at: usize| sums.get(at).copied().unwrap_or(0);
        before(range.end).saturating_sub(before(range.start))
    }
}

/// The blocks of the largest element around a heading that is still a teaser: small, with no other heading.
fn around(tree: &Tree<'_>, blocks: &[Block], sums: &Sums, owner: usize) -> Option<Range<usize>> {
    let mut best = None;
    for ancestor in std::iter::once(owner).chain(tree.ancestors(owner)).take(LEVELS) {
        let end = tree.get(ancestor)?.end;
        let from = blocks.partition_point(|block| block.node < ancestor);
        let to = blocks.partition_point(|block| block.node < end);
        let within = from..to;
        if Sums::within(&sums.headings, &within) != 1 || Sums::within(&sums.weight, &within) > LARGEST {
            break;
        }
        best = Some(within);
    }
    // A heading alone is no teaser: the text below may be the article's.
    best.filter(|card| card.len() >= 2)
}
