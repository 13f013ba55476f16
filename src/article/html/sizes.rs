//! How much text stands in each subtree: sums over the nodes before each place.

use super::tree::{Tree, What};
use crate::article::prose;

/// Words in a heading that is the article's rather than the site's.
const HEADING_WORDS: usize = 3;

/// Weight from which on a paragraph is running text.
const PARAGRAPH: usize = 80;

/// The same for text that stands directly in a container.
const LOOSE: usize = 110;

/// Prefix sums of a page's text.
#[derive(Debug)]
pub(super) struct Sizes {
    text: Vec<usize>,
    prose: Vec<usize>,
    headings: Vec<usize>,
    links: Vec<usize>,
}

impl Sizes {
    pub(super) fn of(tree: &Tree<'_>) -> Self {
        let sums = || {
            let mut sums = Vec::with_capacity(tree.nodes.len() + 1);
            sums.push(0);
            sums
        };
        let mut sizes = Self { text: sums(), prose: sums(), headings: sums(), links: sums() };
        let (mut text, mut headings, mut links) = (0, 0, 0);
        let mut hidden_until = 0;
        // A heading within a heading is the same one: its text is read once.
        let mut heading_until = 0;
        for (at, node) in tree.nodes.iter().enumerate() {
            match node.what {
                What::Text(piece) if at >= hidden_until => text += weight(piece),
                What::Element(_) if is_unseen(node.tag()) => hidden_until = hidden_until.max(node.end),
                What::Element(_) if at >= heading_until && node.tag() == "h1" => {
                    heading_until = node.end;
                    headings += usize::from(prose::words(&tree.text(at)) >= HEADING_WORDS);
                }
                _ => {}
            }
            sizes.text.push(text);
            sizes.headings.push(headings);
            links += usize::from(node.tag() == "a");
            sizes.links.push(links);
        }
        sizes.sum_prose(tree);
        sizes
    }

    fn sum_prose(&mut self, tree: &Tree<'_>) {
        let mut prose = 0;
        // Text within a paragraph or a link is counted with it, or not at all.
        let mut counted_until = 0;
        for (at, node) in tree.nodes.iter().enumerate() {
            let size = between(&self.text, at, node.end);
            match node.what {
                What::Element(_) if at >= counted_until && node.tag() == "p" => {
                    counted_until = node.end;
                    prose += if size >= PARAGRAPH { size } else { 0 };
                }
                What::Element(_) if node.tag() == "a" => counted_until = counted_until.max(node.end),
                What::Text(_) if at >= counted_until && size >= LOOSE => prose += size,
                _ => {}
            }
            self.prose.push(prose);
        }
    }

    /// Share of all text between two places, in percent.
    pub(super) fn percent(&self, from: usize, to: usize) -> usize {
        share(between(&self.text, from, to), &self.text)
    }

    /// Weight of the running text between two places.
    pub(super) fn prose(&self, from: usize, to: usize) -> usize {
        between(&self.prose, from, to)
    }

    /// Share of all running text between two places, in percent.
    pub(super) fn prose_percent(&self, from: usize, to: usize) -> usize {
        share(self.prose(from, to), &self.prose)
    }

    /// Share that a weight is of all running text, in percent.
    pub(super) fn prose_percent_of(&self, weight: usize) -> usize {
        share(weight, &self.prose)
    }

    /// Whether a link stands between two places.
    pub(super) fn holds_link(&self, from: usize, to: usize) -> bool {
        between(&self.links, from, to) > 0
    }

    /// Whether a main heading stands between two places.
    pub(super) fn holds_heading(&self, from: usize, to: usize) -> bool {
        between(&self.headings, from, to) > 0
    }
}

fn between(sums: &[usize], from: usize, to: usize) -> usize {
    sums.get(to).copied().unwrap_or(0).saturating_sub(sums.get(from).copied().unwrap_or(0))
}

fn share(part: usize, sums: &[usize]) -> usize {
    part.saturating_mul(100) / sums.last().copied().unwrap_or(0).max(1)
}

/// The weight of the words, and one for each.
fn weight(piece: &str) -> usize {
    if piece.is_ascii() {
        let (mut weight, mut in_word) = (0, false);
        for byte in piece.bytes() {
            let is_space = matches!(byte, b'\t'..=b'\r' | b' ');
            weight += usize::from(!is_space) + usize::from(!is_space & !in_word);
            in_word = !is_space;
        }
        return weight;
    }
    piece.split_whitespace().map(|word| prose::weight(word) + 1).sum()
}

fn is_unseen(tag: &str) -> bool {
    matches!(tag, "head" | "script" | "style" | "noscript" | "textarea" | "select" | "iframe" | "object" | "option")
}
