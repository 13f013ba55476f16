//! The element that holds the article: the subtree with the most running text, where furniture costs.

use std::ops::Range;

use super::blocks::{Block, Shape};
use super::furniture::Marks;
use super::rows::Words;
use super::spans::Spans;
use super::tree::{Node, Tree};
use crate::article::boilerplate::Names;

/// One paragraph counts at most this much, so that a single huge block does not decide.
const PARAGRAPH: i64 = 900;

/// Worth of the best run of blocks, in percent of what the best element holds, above which the run says where the article is.
const RUN_PERCENT: i64 = 125;

/// What a paragraph is worth for each of the longer words that the title or the description has too, and for how many.
const KNOWN: i64 = 40;
const MOST_KNOWN: i64 = 5;

/// What a block of a teaser costs.
const TEASER: i64 = -20;

/// What is known of a page when its container is chosen.
pub(super) struct Page<'p, 'd> {
    pub(super) tree: &'p Tree<'d>,
    pub(super) blocks: &'p [Block],
    pub(super) words: &'p Words,
    pub(super) spans: &'p Spans,
    pub(super) cards: &'p [bool],
    pub(super) marks: &'p Marks,
    pub(super) content: &'p [bool],
}

/// The container of the article; the root where the page has no text.
pub(super) fn choose(page: &Page<'_, '_>) -> usize {
    let Page { tree, blocks, words, spans, cards, marks, content } = *page;
    let mut sums = Vec::with_capacity(blocks.len() + 1);
    let mut sum = 0_i64;
    sums.push(sum);
    for (at, (block, card)) in blocks.iter().zip(cards).enumerate() {
        sum += if *card { TEASER } else { gain(block, || words.about(at)) };
        sums.push(sum);
    }
    let run = best_run(&sums);
    let (mut best, mut chosen, mut around_run) = ((0, 0), 0, 0);
    for (at, node) in tree.elements() {
        if marks.mark(at) > 0 || is_text(node.tag()) {
            continue;
        }
        let (from, to) = spans.of(at);
        let within = between(&sums, from, to);
        let score = within * boost(node.tag(), content.get(at) == Some(&true));
        // Of equal elements the innermost.
        if within > 0 && score >= best.0 {
            best = (score, at);
            chosen = within;
        }
        if from <= run.start && run.end <= to {
            around_run = at;
        }
    }
    // Long lists of links behind a text may cost more than the text is worth to every element that holds it.
    if between(&sums, run.start, run.end) * 100 > RUN_PERCENT * chosen { around_run } else { best.1 }
}

/// The blocks in a row that are worth most together.
fn best_run(sums: &[i64]) -> Range<usize> {
    let (mut best, mut worth, mut start) = (0..0, 0, 0);
    for (at, sum) in sums.iter().enumerate() {
        let from = sums.get(start).copied().unwrap_or(0);
        if *sum <= from {
            start = at;
        } else if sum - from > worth {
            (best, worth) = (start..at, sum - from);
        }
    }
    best
}

fn between(sums: &[i64], from: usize, to: usize) -> i64 {
    sums.get(to).copied().unwrap_or(0) - sums.get(from).copied().unwrap_or(0)
}

/// Elements that are a part of a text and cannot hold the whole of it.
fn is_text(tag: &str) -> bool {
    matches!(
        tag,
        "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "li" | "a" | "b" | "i" | "em" | "strong" | "blockquote"
    )
}

/// What a block adds to every element around it. `known`: how many of its longer words title or description have.
fn gain(block: &Block, known: impl FnOnce() -> usize) -> i64 {
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
        let known = i64::try_from(known()).unwrap_or(i64::MAX);
        return weight.min(PARAGRAPH) + known.min(MOST_KNOWN) * KNOWN;
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
pub(super) fn content<'d>(tree: &Tree<'d>, marks: &Marks, names: &mut Names<'_, 'd>) -> Vec<bool> {
    let is_content = |(at, node): (usize, &Node<'d>)| {
        marks.mark(at) == 0 && node.element().is_some() && names.is_content(node.attributes())
    };
    tree.nodes.iter().enumerate().map(is_content).collect()
}
