//! Splits a page into its blocks.

use super::blocks::{Block, Look, Shape};
use super::furniture::Marks;
use super::tree::{Tree, What};
use crate::article::{BlockKind, normalise, prose};

/// Running text of this weight is no heading, whatever its tag.
const PARAGRAPH: usize = 120;

/// What separates the cells of a row.
const CELLS: &str = " | ";

/// Longest row of a table with data, in bytes; tables that lay out a page have longer ones.
const LONGEST_ROW: usize = 300;

/// Whether the element is a row of short cells, which say something only together.
fn is_row(tree: &Tree<'_>, at: usize) -> bool {
    let (mut cells, mut bytes) = (0, 0);
    let Some(row) = tree.get(at) else { return false };
    for node in tree.nodes.get(at + 1..row.end).unwrap_or_default() {
        match node.what {
            What::Text(text) => bytes += text.trim().len(),
            What::Element(_) => match node.tag() {
                "td" | "th" => cells += 1,
                "table" | "ul" | "ol" | "form" | "article" | "h1" | "h2" | "h3" => return false,
                _ => {}
            },
        }
        if bytes > LONGEST_ROW {
            return false;
        }
    }
    cells >= 2
}

/// Splits a page into its blocks, in document order.
pub(super) fn split(tree: &Tree<'_>, marks: &Marks) -> Vec<Block> {
    let (open, within) = (Open::default(), Vec::new());
    let mut splitter = Splitter { tree, marks, blocks: Vec::new(), open, within, aside: false, media: 0, line: false };
    // Ends of the block-level elements that are open, with the element; innermost last.
    let mut levels: Vec<(usize, usize)> = Vec::new();
    let mut link_end = 0;
    let mut strong_end = 0;
    let mut italic_end = 0;
    let mut row_end = 0;
    for (at, node) in tree.nodes.iter().enumerate() {
        while levels.last().is_some_and(|(end, _)| *end <= at) {
            levels.pop();
            splitter.flush();
        }
        match node.what {
            What::Text(text) => {
                let owner = levels.last().map_or(0, |(_, owner)| *owner);
                splitter.push(at, owner, text, at < link_end);
                if at < strong_end {
                    splitter.current().strong_weight += prose::weight(text.trim());
                }
                if at < italic_end {
                    splitter.current().italic_weight += prose::weight(text.trim());
                }
            }
            What::Element(_) => match node.tag() {
                "td" | "th" if at < row_end => splitter.next_cell(),
                "br" => splitter.line_break(at),
                "a" if node.attribute("href").is_some() => link_end = link_end.max(node.end),
                "b" | "strong" => strong_end = strong_end.max(node.end),
                "i" | "em" => italic_end = italic_end.max(node.end),
                "img" | "picture" | "video" | "audio" | "iframe" | "object" | "svg" => splitter.media += 1,
                name if node.is_block => {
                    splitter.line |= name == "hr";
                    if at < row_end {
                        splitter.gap();
                        continue;
                    }
                    splitter.flush();
                    levels.push((node.end, at));
                    if name == "tr" && is_row(tree, at) {
                        row_end = node.end;
                    }
                }
                _ => {}
            },
        }
    }
    splitter.flush();
    splitter.blocks
}

#[derive(Default)]
struct Open {
    text: String,
    link_text: String,
    strong_weight: usize,
    italic_weight: usize,
    look: Look,
    node: usize,
    owner: usize,
    mark: usize,
    /// Line breaks since the last text.
    breaks: usize,
    /// Within another block, where in its text it stands.
    place: usize,
    /// Whether a cell began since the last text.
    next_cell: bool,
}

struct Splitter<'t, 'd> {
    tree: &'t Tree<'d>,
    marks: &'t Marks,
    blocks: Vec<Block>,
    open: Open,
    /// Furniture in the middle of the open block, each a block behind it.
    within: Vec<Open>,
    /// Whether the last text was the last of those.
    aside: bool,
    /// See [`Look::media`].
    media: usize,
    /// See [`Look::after_line`].
    line: bool,
}

impl Splitter<'_, '_> {
    fn push(&mut self, node: usize, owner: usize, text: &str, linked: bool) {
        let blank = text.chars().all(char::is_whitespace);
        let mark = self.marks.mark(node);
        if self.aside && self.open.owner == owner && self.open.mark == mark {
            self.aside = false;
        }
        if !blank {
            let goes_on = self.open.owner == owner && self.open.breaks < 2;
            let other = self.open.mark != mark;
            if !goes_on || (other && !self.interrupts(mark)) {
                self.flush();
            } else if other && (!self.aside || self.within.last().is_none_or(|last| last.mark != mark)) {
                self.within.push(Open { node, owner, mark, place: self.open.text.len(), ..Open::default() });
                self.aside = true;
            }
            if !self.aside && self.open.text.is_empty() {
                let look = Look {
                    media: std::mem::take(&mut self.media),
                    after_line: std::mem::take(&mut self.line),
                    ..Look::default()
                };
                self.open = Open { node, owner, mark, look, ..Open::default() };
            }
        }
        let is_preformatted = self.is_preformatted(owner);
        let open = self.current();
        if open.text.is_empty() {
            if blank {
                return;
            }
            open.look.begins_linked = linked;
        }
        if !blank {
            open.look.ends_linked = linked;
            open.look.links += usize::from(linked);
            if open.breaks > 0 {
                open.text.push('\n');
            }
            open.breaks = 0;
            if std::mem::take(&mut open.next_cell) {
                open.text.push_str(CELLS);
            }
        }
        let has_plain_space = text.bytes().fold(true, |plain, byte| plain & (b' '..0x80).contains(&byte));
        if has_plain_space || is_preformatted {
            open.text.push_str(text);
        } else {
            // White space of the source is no line break.
            open.text.extend(text.chars().map(|character| if character.is_whitespace() { ' ' } else { character }));
        }
        if linked {
            open.link_text.push_str(text);
        }
    }

    /// Whether text with this mark stands in the middle of the open block, which goes on behind it: what is hidden there, and an
    /// element between the words of a sentence.
    fn interrupts(&self, mark: usize) -> bool {
        self.open.mark == 0
            && !self.open.text.is_empty()
            && (self.is_hidden(mark) || !prose::ends_sentence(self.open.text.trim_end()))
    }

    fn is_hidden(&self, mark: usize) -> bool {
        self.marks.reason(mark).is_some_and(|(kind, _)| *kind == BlockKind::Hidden)
    }

    /// What the last text was added to.
    fn current(&mut self) -> &mut Open {
        match self.within.last_mut() {
            Some(within) if self.aside => within,
            _ => &mut self.open,
        }
    }

    /// Text from here on belongs to another cell of the row.
    fn next_cell(&mut self) {
        self.open.next_cell = !self.open.text.is_empty();
    }

    /// Text from here on is another word.
    fn gap(&mut self) {
        if !self.open.text.is_empty() {
            self.open.text.push(' ');
        }
    }

    fn line_break(&mut self, at: usize) {
        match self.within.last_mut().filter(|_| self.aside) {
            Some(within) if within.mark == self.marks.mark(at) => within.text.push(' '),
            _ => self.open.breaks += 1,
        }
    }

    fn flush(&mut self) {
        self.aside = false;
        // Most elements end where another just did.
        if self.open.text.is_empty() && self.within.is_empty() {
            self.open = Open::default();
            return;
        }
        let mut open = std::mem::take(&mut self.open);
        let mut blocks = Vec::new();
        // From the last on: what goes in moves only what is behind it.
        for within in std::mem::take(&mut self.within).into_iter().rev() {
            if self.is_linked_word(&open, &within) {
                open.text.insert_str(within.place, &within.text);
                open.link_text.push_str(&within.link_text);
                open.look.links += within.look.links;
                continue;
            }
            if !self.is_hidden(within.mark) {
                open.text.insert(within.place, ' ');
            }
            blocks.push(within);
        }
        self.end(open);
        for block in blocks.into_iter().rev() {
            self.end(block);
        }
    }

    /// Whether it is a link in the middle of running text: words of a sentence, whatever names the link has.
    fn is_linked_word(&self, open: &Open, within: &Open) -> bool {
        within.look.begins_linked
            && !self.is_hidden(within.mark)
            && open.text.get(within.place..).is_some_and(|behind| !behind.trim().is_empty())
            && prose::is_prose(open.text.trim())
    }

    /// Makes a block of text.
    fn end(&mut self, open: Open) {
        let text = normalise::text(open.text);
        let text = if self.is_preformatted(open.owner) {
            joined(text.lines().map(str::trim_end))
        } else if memchr::memchr(b'\n', text.as_bytes()).is_none() {
            normalise::fold_space(text)
        } else {
            joined(text.split('\n').map(normalise::fold_space))
        };
        if text.is_empty() {
            return;
        }
        let weight = prose::weight(&text).max(1);
        let linked = prose::weight(&normalise::fold_space(open.link_text));
        let words = prose::words(&text);
        let prose = prose::is_prose_of(&text, weight, words);
        let shape = match self.shape(open.owner) {
            // Some pages set whole paragraphs as headings.
            Shape::Heading(2..) if prose && weight >= PARAGRAPH => Shape::Paragraph,
            shape => shape,
        };
        self.blocks.push(Block {
            node: open.node,
            owner: open.owner,
            shape,
            prose,
            links: (linked * 100 / weight).min(100),
            strong: (open.strong_weight * 100 / weight).min(100),
            look: Look { italic: (open.italic_weight * 100 / weight).min(100), ..open.look },
            weight,
            words,
            text,
            mark: open.mark,
        });
    }

    fn is_preformatted(&self, owner: usize) -> bool {
        self.tree.get(owner).is_some_and(|node| node.tag() == "pre")
    }

    /// The shape that the owner, or an element close above it, gives.
    fn shape(&self, owner: usize) -> Shape {
        let tag = |at: usize| self.tree.get(at).map_or("", |node| node.tag());
        match tag(owner) {
            "p" => {
                let inside = self.tree.get(owner).map_or("", |node| tag(node.parent));
                if inside == "blockquote" { Shape::Quote } else { Shape::Paragraph }
            }
            "h1" => Shape::Heading(1),
            "h2" => Shape::Heading(2),
            "h3" => Shape::Heading(3),
            "h4" => Shape::Heading(4),
            "h5" => Shape::Heading(5),
            "h6" => Shape::Heading(6),
            "li" | "dd" | "dt" => Shape::Item,
            "tr" => Shape::Row,
            "td" | "th" => Shape::Cell,
            "blockquote" => Shape::Quote,
            "pre" => Shape::Preformatted,
            "caption" | "figcaption" => Shape::Caption,
            _ => Shape::Loose,
        }
    }
}

/// Lines below each other, without the empty ones.
fn joined(lines: impl Iterator<Item = impl AsRef<str>>) -> String {
    let mut text = String::new();
    for line in lines {
        let line = line.as_ref();
        if !text.is_empty() && !line.is_empty() {
            text.push('\n');
        }
        text.push_str(line);
    }
    text
}
