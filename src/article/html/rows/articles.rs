//! Pages that show several articles.

use super::Page;
use crate::article::BlockKind;
use crate::article::features::Rows;
use crate::article::html::blocks::{Block, Shape};

/// The `<article>` elements and main headings of a page: one that shows several articles has several of them.
pub(super) struct Articles {
    /// Ranges of nodes, outermost ones alone.
    elements: Vec<(usize, usize)>,
    headings: usize,
    since: usize,
    title_seen: bool,
}

impl Articles {
    pub(super) fn of(page: &Page<'_, '_>) -> Self {
        let mut elements: Vec<(usize, usize)> = Vec::new();
        for (at, node) in page.tree.tagged("article") {
            if elements.last().is_none_or(|(_, end)| at >= *end) {
                elements.push((at, node.end));
            }
        }
        Self { elements, headings: 0, since: 0, title_seen: false }
    }

    /// Called for each block in order.
    pub(super) fn pass(&mut self, page: &Page<'_, '_>, at: usize, block: &Block) {
        self.since += 1;
        if block.shape == Shape::Heading(1) {
            self.headings += 1;
            self.since = 0;
        }
        let is_title = page.reasons.get(at).and_then(Option::as_ref).is_some_and(|(kind, _)| *kind == BlockKind::Title);
        self.title_seen |= is_title;
    }

    /// Adds the features of the block that was passed last.
    pub(super) fn describe(&self, row: &mut Rows, page: &Page<'_, '_>, block: &Block) {
        row.count("headings_before", self.headings);
        row.count("since_heading", self.since);
        row.flag("title_seen", self.title_seen);
        let own = self.elements.partition_point(|(start, _)| *start <= block.node);
        let within = own.checked_sub(1).and_then(|own| self.elements.get(own)).filter(|(_, end)| block.node < *end);
        row.count("articles", self.elements.len());
        row.count("article_number", within.map_or(0, |_| own));
        let holds_container = within.is_some_and(|(start, end)| {
            (*start..*end).contains(&page.container)
                || page.tree.get(page.container).is_some_and(|node| (page.container..node.end).contains(start))
        });
        row.flag("article_of_container", holds_container);
    }
}
