//! Which blocks stand in which element.

use super::blocks::Block;
use super::tree::Tree;

/// For each node of a tree, how many blocks begin before it.
#[derive(Debug)]
pub(super) struct Spans {
    before: Vec<usize>,
    ends: Vec<usize>,
    /// For each node the nearest element around it with more blocks; itself where there is none.
    wider: Vec<usize>,
}

impl Spans {
    pub(super) fn of_page(tree: &Tree<'_>, blocks: &[Block]) -> Self {
        let mut before = Vec::with_capacity(tree.nodes.len() + 1);
        let mut count = 0;
        for at in 0..=tree.nodes.len() {
            while blocks.get(count).is_some_and(|block| block.node < at) {
                count += 1;
            }
            before.push(count);
        }
        let mut spans = Self { before, ends: tree.nodes.iter().map(|node| node.end).collect(), wider: Vec::new() };
        spans.wider.reserve(tree.nodes.len());
        for (at, node) in tree.nodes.iter().enumerate() {
            let wider = if at == 0 {
                0
            } else if spans.count(node.parent) > spans.count(at) {
                node.parent
            } else {
                // Where the parent has none, neither has this one.
                let above = spans.wider.get(node.parent).copied().unwrap_or(0);
                if above == node.parent { at } else { above }
            };
            spans.wider.push(wider);
        }
        spans
    }

    fn count(&self, element: usize) -> usize {
        let (from, to) = self.of(element);
        to - from
    }

    /// The elements around a block, each with its blocks: its owner if that holds more than this block, then each next
    /// with more blocks than the last. Deep markup costs no more than flat.
    pub(super) fn levels(&self, owner: usize) -> impl Iterator<Item = (usize, (usize, usize))> {
        let wider = |at: usize| self.wider.get(at).copied().filter(|wider| *wider != at);
        let first = if self.count(owner) > 1 { Some(owner) } else { wider(owner) };
        std::iter::successors(first, move |at| wider(*at)).map(|at| (at, self.of(at)))
    }

    /// The blocks within an element: the first, and the one behind the last.
    pub(super) fn of(&self, element: usize) -> (usize, usize) {
        let before = |at: usize| self.before.get(at).copied().unwrap_or(0);
        (before(element), before(self.ends.get(element).copied().unwrap_or(0)))
    }
}
