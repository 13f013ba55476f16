//! The element that holds the article: the subtree with the most running text, where furniture costs.

use super::blocks::{Block, Shape};
use super::furniture::Marks;
use super::tree::Tree;
use crate::article::boilerplate::Rules;

/// One paragraph counts at most this much, so that a single huge block does not decide.
const PARAGRAPH: i64 = 900;

/// What a block of a teaser costs.
const TEASER: i64 = -20;

/// The container of the article; the root where the page has no text.
pub(super) fn choose(tree: &Tree<'_>, blocks: &[Block], cards: &[bool], marks: &Marks, rules: &Rules) -> usize {
    let mut sums = Vec::with_capacity(blocks.len() + 1);
    let mut sum = 0_i64;
    sums.push(sum);
    for (block, card) in blocks.iter().zip(cards) {
        sum += if *card { TEASER } else { gain(block) };
        sums.push(sum);
    }
    let mut best = (0, 0);
    for (at, node) in tree.elements() {
        if marks.mark(at) > 0 || is_text(node.tag()) {
            continue;
        }
        let from = blocks.partition_point(|block| block.node < at);
        let to = blocks.partition_point(|block| block.node < node.end);
        let within = sums.get(to).copied().unwrap_or(0) - sums.get(from).copied().unwrap_or(0);
        let score = within * boost(tree, at, rules);
        // Of equal elements the innermost.
        if within > 0 && score >= best.0 {
            best = (score, at);
        }
    }
    best.1
}

/// Elements that are a part of a text and cannot hold the whole of it.
fn is_text(tag: &str) -> bool {
    matches!(
        tag,
        "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "li" | "a" | "b" | "i" | "em" | "strong" | "blockquote"
    )
}

/// What a block adds to every element around it.
fn gain(block: &Block) -> i64 {
    if block.mark > 0 {
        return 0;
    }
    let weight = i64::try_from(block.weight).unwrap_or(i64::MAX);
    if block.links >= 50 {
        // A paragraph that is a link may be a line of the article; an item or a label that is one hardly ever.
        let paragraph = matches!(block.shape, Shape::Paragraph | Shape::Quote);
        return if paragraph { -5 } else { -(10 + (weight / 4).min(30)) };
    }
    if block.prose {
        return weight.min(PARAGRAPH);
    }
    match block.shape {
        Shape::Heading(_) => 0,
        Shape::Paragraph | Shape::Quote => weight.min(40) / 2,
        Shape::Item | Shape::Cell => 0,
        Shape::Loose => -8,
    }
}

/// What an element says of itself, in percent.
fn boost(tree: &Tree<'_>, at: usize, rules: &Rules) -> i64 {
    let Some(node) = tree.get(at) else { return 100 };
    let attributes = node.attributes();
    let named = if rules.selectors.is_content(attributes) { 12 } else { 0 };
    let by_tag = match node.tag() {
        "article" => 8,
        "main" => 3,
        "body" | "html" => -10,
        _ => 0,
    };
    100 + named.max(by_tag)
}
