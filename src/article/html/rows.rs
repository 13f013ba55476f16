//! The blocks of a page as rows of features: their text, their place in the tree, their neighbours.

mod around;
mod articles;
mod codes;
mod sections;
mod sums;
mod words;

use foldhash::{HashMap, HashMapExt as _};

use super::blocks::{Block, Shape};
use super::body::Reason;
use super::classify::Asked;
use super::furniture::Marks;
use super::spans::Spans;
use super::tree::Tree;
use crate::article::boilerplate::Verdict;
use crate::article::features::{self, Cues, Rows};
use around::{Around, around_all};
use articles::Articles;
use codes::{owner_code, shape_code, tag_code};
use sections::Sections;
use sums::{Gaps, Sums};
pub(super) use words::Words;

/// Levels of the tree around a block that are described. A level is an element that holds more blocks than the last.
const LEVELS: usize = 4;

/// Neighbours on each side that are described.
const NEIGHBOURS: isize = 2;

/// A weight below this is a label's.
const LABEL: usize = 40;

/// What is known of a page when its blocks are described.
pub(super) struct Page<'p, 'd> {
    pub(super) tree: &'p Tree<'d>,
    pub(super) blocks: &'p [Block],
    pub(super) cards: &'p [bool],
    pub(super) marks: &'p Marks,
    pub(super) container: usize,
    /// What the words of each block say.
    pub(super) verdicts: &'p [Option<Verdict>],
    /// Why the rules would remove each block.
    pub(super) reasons: &'p [Option<Reason>],
    pub(super) spans: &'p Spans,
    /// Elements that say that they hold the text.
    pub(super) content: &'p [bool],
    /// What each block looks like, by [`looks`].
    pub(super) looks: &'p [u64],
}

/// The blocks that look alike: same element, same classes, same parents.
#[derive(Debug, Default, Clone, Copy)]
struct Alike {
    count: usize,
    weight: usize,
    prose: usize,
    links: usize,
    kept: usize,
}

/// For each block a hash of its element, its classes and those of its parents: blocks with the same look alike.
pub(super) fn looks(tree: &Tree<'_>, blocks: &[Block]) -> Vec<u64> {
    let look = |block: &Block| {
        let mut hash = 0;
        for at in std::iter::once(block.owner).chain(tree.ancestors(block.owner)).take(3) {
            if let Some(node) = tree.get(at) {
                hash = features::hash_on(hash, node.tag());
                hash = features::hash_on(hash, node.attribute("class").unwrap_or_default());
            }
        }
        hash
    };
    blocks.iter().map(look).collect()
}

impl Page<'_, '_> {
    fn is_kept(&self, at: usize) -> bool {
        self.reasons.get(at).is_some_and(Option::is_none)
    }

    /// Describes the blocks that are asked about.
    pub(super) fn rows(&self, asked: &Asked, words: Words, cues: &Cues) -> Rows {
        let mut rows = Rows::default();
        let sums = Sums::of(self);
        let mut alike: HashMap<u64, Alike> = HashMap::new();
        // How often a text stands on the page, and where first.
        let mut repeated: HashMap<&str, (usize, usize)> = HashMap::new();
        for (at, (block, look)) in self.blocks.iter().zip(self.looks).enumerate() {
            let group = alike.entry(*look).or_default();
            group.count += 1;
            group.weight += block.weight;
            group.prose += if block.prose { block.weight } else { 0 };
            group.links += block.weight * block.links / 100;
            group.kept += if self.is_kept(at) { block.weight } else { 0 };
            repeated.entry(block.text.as_str()).or_insert((0, at)).0 += 1;
        }
        let words = words.with_container(self, asked);
        let mut articles = Articles::of(self);
        let mut sections = Sections::of(self);
        let heading = self.blocks.iter().position(|block| block.shape == Shape::Heading(1));
        let gaps = Gaps::of(self);
        let around = around_all(self);
        for (at, (block, look)) in self.blocks.iter().zip(self.looks).enumerate() {
            articles.pass(self, at, block);
            if !asked.is(at) {
                sections.pass(self, at, block);
                continue;
            }
            rows.begin();
            features::of_text(
                &mut rows,
                &block.text,
                block.weight,
                block.words,
                self.verdicts.get(at).copied().flatten(),
            );
            if !cues.is_empty() {
                cues.describe(&mut rows, &block.text);
            }
            self.form(&mut rows, at, block);
            words.describe(&mut rows, at, block);
            let around = around.get(block.owner).copied().unwrap_or_default();
            self.place(&mut rows, at, block, &sums, around);
            position(&mut rows, at, self.blocks, &sums, heading);
            rows.count("kept_since", gaps.since.get(at).copied().unwrap_or(0));
            rows.count("kept_until", gaps.until.get(at).copied().unwrap_or(0));
            let group = alike.get(look).copied().unwrap_or_default();
            rows.count("alike", group.count);
            rows.share("alike_of_prose", group.prose, Sums::all(&sums.prose));
            rows.share("alike_prose", group.prose, group.weight);
            rows.share("alike_links", group.links, group.weight);
            rows.share("alike_kept", group.kept, group.weight);
            let (times, first) = repeated.get(block.text.as_str()).copied().unwrap_or((1, at));
            rows.count("repeated", times);
            rows.flag("repeats", first < at);
            articles.describe(&mut rows, self, block);
            sections.describe(&mut rows, self, at, block);
            sections.pass(self, at, block);
            self.neighbours(&mut rows, at);
        }
        rows
    }

    /// Element, links, and what the rules say.
    fn form(&self, row: &mut Rows, at: usize, block: &Block) {
        row.count("links", block.links);
        row.push("shape", shape_code(block.shape));
        row.push("owner_tag", owner_code(self.tree.get(block.owner).map_or("", |node| node.tag())));
        row.count("strong", block.strong);
        row.count("italic", block.look.italic);
        row.count("link_texts", block.look.links);
        row.flag("begins_linked", block.look.begins_linked);
        row.flag("ends_linked", block.look.ends_linked);
        row.flag("after_line", block.look.after_line);
        row.count("media_before", block.look.media);
        let next = self.blocks.get(at + 1);
        row.count("media_after", next.map_or(0, |next| next.look.media));
        row.flag("before_line", next.is_some_and(|next| next.look.after_line));
        row.flag("card", self.cards.get(at).copied().unwrap_or(false));
        let marked = self.marks.reason(block.mark);
        row.push("mark_kind", features::kind_code(marked.map(|(kind, _)| *kind)));
        row.flag("mark_tag", marked.is_some_and(|(_, rule)| rule.starts_with("selector:tag")));
        let reason = self.reasons.get(at).and_then(Option::as_ref);
        row.push("rule_kind", features::kind_code(reason.map(|(kind, _)| *kind)));
        row.flag("rule_kept", reason.is_none());
    }

    /// The elements around a block.
    fn place(&self, row: &mut Rows, at: usize, block: &Block, sums: &Sums, around: Around) {
        row.count("depth", around.depth);
        row.flag("in_article", around.article);
        row.flag("in_main", around.main);
        row.flag("in_list", around.list);
        row.flag("in_table", around.table);
        row.flag("in_quote", around.quote);
        row.flag("in_figure", around.figure);
        row.flag("in_aside", around.aside);
        row.flag("in_header", around.header);
        row.count("content_distance", around.content.unwrap_or(99));
        row.count("furniture_distance", around.furniture.map_or(99, |(distance, _)| distance));
        row.push("furniture_kind", features::kind_code(around.furniture.map(|(_, kind)| kind)));
        let container = self.spans.of(self.container);
        row.flag("in_container", (container.0..container.1).contains(&at));
        row.count("outside_levels", around.outside);
        let mut inner = (at, at + 1);
        let mut levels = self.spans.levels(block.owner);
        for level in 0..LEVELS {
            let (element, range) = levels.next().unwrap_or((0, inner));
            let names = LEVEL_NAMES.get(level).copied().unwrap_or_default();
            let (from, to) = range;
            let weight = Sums::between(&sums.weight, from, to);
            row.count(names[0], to - from);
            row.share(names[1], Sums::between(&sums.prose, from, to), weight);
            row.share(names[2], Sums::between(&sums.links, from, to), weight);
            row.share(names[3], Sums::between(&sums.prose, from, to), Sums::all(&sums.prose));
            row.share(names[4], Sums::between(&sums.kept, from, to), weight);
            row.share(names[5], at - from, to - from);
            row.push(names[6], tag_code(self.tree.get(element).map_or("", |node| node.tag())));
            inner = range;
        }
    }

    fn neighbours(&self, row: &mut Rows, at: usize) {
        let near = (-NEIGHBOURS..=NEIGHBOURS).filter(|offset| *offset != 0);
        for (offset, names) in near.zip(NEIGHBOUR_NAMES) {
            let place = at.checked_add_signed(offset);
            let block = place.and_then(|place| self.blocks.get(place));
            row.count(names[0], block.map_or(0, |block| block.weight));
            row.count(names[1], block.map_or(0, |block| block.links));
            row.push(names[2], block.map_or(-1.0, |block| shape_code(block.shape)));
            row.flag(names[3], block.is_some_and(|block| block.prose));
            row.flag(names[4], place.is_some_and(|place| self.is_kept(place)));
            let kind = place.and_then(|place| self.verdicts.get(place).copied().flatten()).map(|verdict| verdict.kind);
            row.push(names[5], features::kind_code(kind));
            let own = self.blocks.get(at).map(|block| self.tree.get(block.owner).map(|node| node.parent));
            let other = block.map(|block| self.tree.get(block.owner).map(|node| node.parent));
            row.flag(names[6], own == other);
        }
    }
}

const LEVEL_NAMES: [[&str; 7]; LEVELS] = [
    ["l1_blocks", "l1_prose", "l1_links", "l1_of_prose", "l1_kept", "l1_position", "l1_tag"],
    ["l2_blocks", "l2_prose", "l2_links", "l2_of_prose", "l2_kept", "l2_position", "l2_tag"],
    ["l3_blocks", "l3_prose", "l3_links", "l3_of_prose", "l3_kept", "l3_position", "l3_tag"],
    ["l4_blocks", "l4_prose", "l4_links", "l4_of_prose", "l4_kept", "l4_position", "l4_tag"],
];

const NEIGHBOUR_NAMES: [[&str; 7]; 4] = [
    ["b2_weight", "b2_links", "b2_shape", "b2_prose", "b2_kept", "b2_kind", "b2_sibling"],
    ["b1_weight", "b1_links", "b1_shape", "b1_prose", "b1_kept", "b1_kind", "b1_sibling"],
    ["a1_weight", "a1_links", "a1_shape", "a1_prose", "a1_kept", "a1_kind", "a1_sibling"],
    ["a2_weight", "a2_links", "a2_shape", "a2_prose", "a2_kept", "a2_kind", "a2_sibling"],
];

/// Where in the page a block stands.
fn position(row: &mut Rows, at: usize, blocks: &[Block], sums: &Sums, heading: Option<usize>) {
    row.count("index", at);
    row.count("from_end", blocks.len() - at);
    row.share("index_share", at, blocks.len());
    row.count("page_weight", Sums::all(&sums.weight));
    row.count("page_prose", Sums::all(&sums.prose));
    row.share("page_kept", Sums::all(&sums.kept), Sums::all(&sums.weight));
    row.share("prose_before", Sums::between(&sums.prose, 0, at), Sums::all(&sums.prose));
    row.share("kept_before", Sums::between(&sums.kept, 0, at), Sums::all(&sums.kept));
    let window = |from: usize, to: usize| (Sums::between(&sums.prose, from, to), Sums::between(&sums.weight, from, to));
    let (prose, weight) = window(at.saturating_sub(6), at);
    row.share("prose_window_before", prose, weight);
    let (prose, weight) = window(at + 1, (at + 7).min(blocks.len()));
    row.share("prose_window_after", prose, weight);
    match heading {
        Some(heading) if heading < at => row.count("after_heading", at - heading),
        Some(heading) if heading == at => row.push("after_heading", 0.0),
        Some(_) => row.push("after_heading", -1.0),
        None => row.push("after_heading", -2.0),
    }
    let labels = |range: std::ops::Range<usize>| {
        blocks.get(range).unwrap_or_default().iter().filter(|block| block.weight < LABEL).count()
    };
    row.count("labels_before", labels(at.saturating_sub(5)..at));
    row.count("labels_after", labels((at + 1).min(blocks.len())..(at + 6).min(blocks.len())));
}
