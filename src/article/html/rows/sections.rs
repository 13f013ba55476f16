//! What the headings and labels above a block say of the part of the page that it stands in.

use super::Page;
use crate::article::BlockKind;
use crate::article::features::{Rows, kind_code};
use crate::article::html::blocks::{Block, Shape};

/// The place of a block that is not there.
const NONE: usize = 99;

/// The last heading, and the last block whose words name a kind of furniture, above each block.
#[derive(Default)]
pub(super) struct Sections {
    heading: Option<usize>,
    label: Option<usize>,
    /// For each block the place of the next heading.
    next: Vec<usize>,
}

impl Sections {
    pub(super) fn of(page: &Page<'_, '_>) -> Self {
        let mut next = vec![page.blocks.len(); page.blocks.len()];
        let mut at_heading = page.blocks.len();
        for (at, (block, place)) in page.blocks.iter().zip(&mut next).enumerate().rev() {
            *place = at_heading;
            if block.shape.is_heading() {
                at_heading = at;
            }
        }
        Self { heading: None, label: None, next }
    }

    /// Adds the features of a block, before it is [passed](Self::pass).
    pub(super) fn describe(&self, row: &mut Rows, page: &Page<'_, '_>, at: usize, block: &Block) {
        let heading = self.heading.and_then(|place| Some((place, page.blocks.get(place)?)));
        row.count("section_level", heading.map_or(0, |(_, heading)| level(heading)));
        row.count("section_since", heading.map_or(NONE, |(place, _)| at - place));
        row.count("section_until", self.next.get(at).map_or(NONE, |next| next - at));
        row.count("section_links", heading.map_or(0, |(_, heading)| heading.links));
        row.count("section_weight", heading.map_or(0, |(_, heading)| heading.weight));
        row.push("section_kind", kind_code(heading.and_then(|(place, _)| kind(page, place))));
        row.flag("section_kept", heading.is_some_and(|(place, _)| page.is_kept(place)));
        let parent = heading.and_then(|(_, heading)| page.tree.get(page.tree.get(heading.owner)?.parent));
        row.flag("section_within", parent.is_some_and(|parent| block.node < parent.end));
        let label = self.label.and_then(|place| Some((place, page.blocks.get(place)?)));
        row.push("label_kind", kind_code(label.and_then(|(place, _)| kind(page, place))));
        row.count("label_since", label.map_or(NONE, |(place, _)| at - place));
        let parent = label.and_then(|(_, label)| page.tree.get(page.tree.get(label.owner)?.parent));
        row.flag("label_within", parent.is_some_and(|parent| block.node < parent.end));
    }

    /// Called for each block in order, described or not.
    pub(super) fn pass(&mut self, page: &Page<'_, '_>, at: usize, block: &Block) {
        if block.shape.is_heading() {
            self.heading = Some(at);
        }
        if kind(page, at).is_some() {
            self.label = Some(at);
        }
    }
}

fn level(block: &Block) -> usize {
    if let Shape::Heading(level) = block.shape { usize::from(level) } else { 0 }
}

fn kind(page: &Page<'_, '_>, at: usize) -> Option<BlockKind> {
    page.verdicts.get(at).copied().flatten().map(|verdict| verdict.kind)
}
