//! The element that holds the article: the subtree with the most running text, where furniture costs.

use super::blocks::{Block, Shape};
use super::furniture::Marks;
use super::spans::Spans;
use super::tree::{Node, Tree};
use crate::article::boilerplate::Rules;

/// One paragraph counts at most this much, so that a single huge block does not decide.
const PARAGRAPH: i64 = 900;

/// What a block of a teaser costs.
const TEASER: i64 = -20;

/// The container of the article; the root where the page has no text.
pub(super) fn choose(
    tree: &Tree<'_>,
    blocks: &[Block],
    spans: &Spans,
    cards: &[bool],
    marks: &Marks,
    content: &[bool],
) -> usize {
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
        let (from, to) = spans.of(at);
        let within = sums.get(to).copied().unwrap_or(0) - sums.get(from).copied().unwrap_or(0);
        let score = within * boost(node.tag(), content.get(at) == Some(&true));
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
        let paragraph = matches!(block.shape, Shape::Paragraph | Shape::Quote | Shape::Preformatted);
        return if paragraph { -5 } else { -(10 + (weight / 4).min(30)) };
    }
    if block.prose {
        return weight.min(PARAGRAPH);
    }
    match block.shape {
        Shape::Heading(_) => 0,
        Shape::Paragraph | Shape::Quote | Shape::Preformatted => weight.min(40) / 2,
        Shape::Item | Shape::Cell | Shape::Row => 0,
        Shape::Loose | Shape::Caption => -8,
    }
}

/// What an element says of itself, in percent.
fn boost(tag: &str, is_content: bool) -> i64 {
    let named = if is_content { 12 } else { 0 };
    let by_tag = match tag {
        "article" => 8,
        "main" => 3,
        "body" | "html" => -10,
        _ => 0,
    };
    100 + named.max(by_tag)
}

/// For each node whether it says of itself that it holds the article's text; none within furniture.
pub(super) fn content(tree: &Tree<'_>, marks: &Marks, rules: &Rules) -> Vec<bool> {
    let is_content = |(at, node): (usize, &Node<'_>)| {
        marks.mark(at) == 0 && node.element().is_some() && rules.selectors.is_content(node.attributes())
    };
    tree.nodes.iter().enumerate().map(is_content).collect()
}
