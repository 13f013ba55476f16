//! Which blocks stand in which element.

use super::blocks::Block;
use super::tree::Tree;

/// For each node of a tree, how many blocks begin before it.
#[derive(Debug)]
pub(super) struct Spans {
    before: Vec<usize>,
    ends: Vec<usize>,
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
        Self { before, ends: tree.nodes.iter().map(|node| node.end).collect() }
    }

    /// The blocks within an element: the first, and the one behind the last.
    pub(super) fn of(&self, element: usize) -> (usize, usize) {
        let before = |at: usize| self.before.get(at).copied().unwrap_or(0);
        (before(element), before(self.ends.get(element).copied().unwrap_or(0)))
    }
}
