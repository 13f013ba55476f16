//! Teasers of other articles: small elements with one linked heading each, or elements of any size that end with a label that leads
//! on; several of them on the page.

use std::ops::Range;

use foldhash::{HashMap, HashMapExt as _};

use super::blocks::{Block, Shape};
use super::body::Reason;
use super::spans::Spans;
use super::tree::Tree;
use crate::article::BlockKind;
use crate::article::boilerplate::Verdict;

/// Largest teaser, in characters of weight.
const LARGEST: usize = 450;

/// How many teasers make a list, and the share of the page's running text, in percent, above which they are the article: a list of
/// things, or an article in parts.
struct Bounds {
    fewest: usize,
    most_percent: usize,
}

/// Of teasers with linked headings: small, so that much of the page can be in them.
const LINKED_HEADINGS: Bounds = Bounds { fewest: 3, most_percent: 90 };

/// Of teasers that lead on, which their label says.
const LEADING_ON: Bounds = Bounds { fewest: 2, most_percent: 60 };

/// Share of links, in percent, from which a heading or a label leads elsewhere.
const LINKED: usize = 80;

/// How far above its heading a teaser's own element can be.
const LEVELS: usize = 6;

/// For each block, whether it belongs to a teaser.
pub(super) fn find(tree: &Tree<'_>, blocks: &[Block]) -> Vec<bool> {
    let mut cards: Vec<Range<usize>> = Vec::new();
    let sums = Sums::of(blocks);
    for block in blocks {
        if matches!(block.shape, Shape::Heading(2..)) && block.links >= LINKED && block.mark == 0 {
            cards.extend(around(tree, blocks, &sums, block.owner));
        }
    }
    let mut found = vec![false; blocks.len()];
    if is_list(&cards, blocks, prose(blocks), &LINKED_HEADINGS) {
        for card in cards {
            if let Some(blocks) = found.get_mut(card) {
                blocks.fill(true);
            }
        }
    }
    found
}

/// Weight of the running text that no element marks as furniture.
fn prose(blocks: &[Block]) -> usize {
    blocks.iter().filter(|block| block.prose && block.mark == 0).map(|block| block.weight).sum()
}

/// Whether teasers are a list; `all` is what the page has in running text.
fn is_list(cards: &[Range<usize>], blocks: &[Block], all: usize, bounds: &Bounds) -> bool {
    let taken: usize = cards.iter().filter_map(|card| blocks.get(card.clone())).map(prose).sum();
    cards.len() >= bounds.fewest && taken * 100 <= all * bounds.most_percent
}

/// Takes teasers that stand side by side in one element and end with a linked label ("Read more") each, whatever they show of the other
/// articles: often all of it, to be cut off by a style, so that each reads like an article.
pub(super) fn remove_leading_on(
    spans: &Spans,
    blocks: &[Block],
    verdicts: &[Option<Verdict>],
    reasons: &mut [Option<Reason>],
) {
    let leads_on = |(block, verdict): &(&Block, &Option<Verdict>)| {
        let is_label = |verdict: Verdict| verdict.kind == BlockKind::Related && verdict.rule == "label";
        block.links >= LINKED && verdict.is_some_and(is_label)
    };
    let labels = blocks.iter().zip(verdicts).enumerate().filter(|(_, pair)| leads_on(pair));
    let labels: Vec<(usize, &Block)> = labels.map(|(at, (block, _))| (at, block)).collect();
    let before = |at: usize| labels.partition_point(|(label, _)| *label < at);
    let mut lists: HashMap<usize, Vec<Range<usize>>> = HashMap::new();
    for (at, label) in &labels {
        let mut card = None;
        for (element, (from, to)) in spans.levels(label.owner) {
            if before(to) - before(from) > 1 {
                lists.entry(element).or_default().extend(card);
                break;
            }
            // What follows its label is no part of a teaser.
            card = (to == at + 1).then_some(from..to);
        }
    }
    if lists.is_empty() {
        return;
    }
    let all = prose(blocks);
    for card in lists.into_values().filter(|cards| is_list(cards, blocks, all, &LEADING_ON)).flatten() {
        for reason in reasons.get_mut(card).unwrap_or_default() {
            reason.get_or_insert_with(|| (BlockKind::Related, "card:leads_on".to_owned()));
        }
    }
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
