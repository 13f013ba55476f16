//! A page as blocks of text: what a reader sees as a paragraph, a heading, an item.

use super::furniture::Marks;
use super::tree::{Tree, What};
use crate::article::about::ContentKind;
use crate::article::{normalise, prose};

/// Running text of this weight is no heading, whatever its tag.
const PARAGRAPH: usize = 120;

/// What a block is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Paragraph,
    /// With its level, 1 to 6.
    Heading(u8),
    Item,
    /// A row of a table, its cells separated by bars.
    Row,
    /// A cell that is no part of a row of short ones: of a table that lays out the page.
    Cell,
    Quote,
    /// Text whose line breaks and spaces mean something.
    Preformatted,
    Caption,
    /// Anything else: text directly in a container.
    Loose,
}

impl Shape {
    /// What a kept block is in a record, with the level of a heading.
    pub(super) fn content(self) -> (ContentKind, Option<u8>) {
        match self {
            Self::Heading(level) => (ContentKind::Heading, Some(level)),
            Self::Paragraph | Self::Loose => (ContentKind::Paragraph, None),
            Self::Item => (ContentKind::ListItem, None),
            Self::Quote => (ContentKind::Quote, None),
            Self::Row | Self::Cell => (ContentKind::TableRow, None),
            Self::Caption => (ContentKind::Caption, None),
            Self::Preformatted => (ContentKind::Preformatted, None),
        }
    }

    /// The name used in explanations.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Paragraph => "paragraph",
            Self::Heading(1) => "heading1",
            Self::Heading(2) => "heading2",
            Self::Heading(3) => "heading3",
            Self::Heading(4) => "heading4",
            Self::Heading(5) => "heading5",
            Self::Heading(_) => "heading6",
            Self::Item => "item",
            Self::Row => "row",
            Self::Cell => "cell",
            Self::Quote => "quote",
            Self::Preformatted => "preformatted",
            Self::Caption => "caption",
            Self::Loose => "text",
        }
    }
}

/// A run of text between two block boundaries.
#[derive(Debug)]
pub(super) struct Block {
    /// Where its first text stands in the tree.
    pub(super) node: usize,
    /// The innermost block-level element around it.
    pub(super) owner: usize,
    pub(super) shape: Shape,
    /// Normalised; single line breaks of the page are kept.
    pub(super) text: String,
    pub(super) weight: usize,
    pub(super) words: usize,
    /// Share of the text that is links, 0 to 100.
    pub(super) links: usize,
    /// Share of the text that is set in bold, 0 to 100.
    pub(super) strong: usize,
    pub(super) look: Look,
    pub(super) prose: bool,
    /// The mark of its nodes, see [`Marks`].
    pub(super) mark: usize,
}

/// How a block looks beside its words.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Look {
    /// Share of the text that is set in italics, 0 to 100.
    pub(super) italic: usize,
    /// Pictures, films and frames since the last block.
    pub(super) media: usize,
    /// Whether a line is drawn between the last block and this one.
    pub(super) after_line: bool,
    /// Texts of links.
    pub(super) links: usize,
    pub(super) begins_linked: bool,
    pub(super) ends_linked: bool,
}

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
    let mut splitter = Splitter { tree, blocks: Vec::new(), open: Open::default(), media: 0, line: false };
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
                splitter.push(at, owner, text, marks.mark(at), at < link_end);
                if at < strong_end {
                    splitter.open.strong_weight += prose::weight(text.trim());
                }
                if at < italic_end {
                    splitter.open.italic_weight += prose::weight(text.trim());
                }
            }
            What::Element(_) => match node.tag() {
                "td" | "th" if at < row_end => splitter.next_cell(),
                "br" => splitter.line_break(),
                "a" if node.attribute("href").is_some() => link_end = link_end.max(node.end),
                "b" | "strong" => strong_end = strong_end.max(node.end),
                "i" | "em" => italic_end = italic_end.max(node.end),
                "img" | "picture" | "video" | "audio" | "iframe" | "object" | "svg" => splitter.media += 1,
                name if is_block_level(name) => {
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
    /// Whether a cell began since the last text.
    next_cell: bool,
}

struct Splitter<'t, 'd> {
    tree: &'t Tree<'d>,
    blocks: Vec<Block>,
    open: Open,
    /// See [`Look::media`].
    media: usize,
    /// See [`Look::after_line`].
    line: bool,
}

impl Splitter<'_, '_> {
    fn push(&mut self, node: usize, owner: usize, text: &str, mark: usize, linked: bool) {
        let blank = text.chars().all(char::is_whitespace);
        if !blank && (self.open.mark != mark || self.open.owner != owner || self.open.breaks >= 2) {
            self.flush();
        }
        if self.open.text.is_empty() {
            if blank {
                return;
            }
            let look = Look {
                media: std::mem::take(&mut self.media),
                after_line: std::mem::take(&mut self.line),
                begins_linked: linked,
                ..Look::default()
            };
            self.open = Open { node, owner, mark, look, ..Open::default() };
        }
        if !blank {
            self.open.look.ends_linked = linked;
            self.open.look.links += usize::from(linked);
        }
        if !blank {
            if self.open.breaks > 0 {
                self.open.text.push('\n');
            }
            self.open.breaks = 0;
            if std::mem::take(&mut self.open.next_cell) {
                self.open.text.push_str(CELLS);
            }
        }
        let has_plain_space = text.bytes().fold(true, |plain, byte| plain & (b' '..0x80).contains(&byte));
        if has_plain_space || self.is_preformatted(owner) {
            self.open.text.push_str(text);
        } else {
            // White space of the source is no line break.
            self.open
                .text
                .extend(text.chars().map(|character| if character.is_whitespace() { ' ' } else { character }));
        }
        if linked {
            self.open.link_text.push_str(text);
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

    fn line_break(&mut self) {
        self.open.breaks += 1;
    }

    fn flush(&mut self) {
        let open = std::mem::take(&mut self.open);
        let text = normalise::text(open.text);
        let text = if self.is_preformatted(open.owner) {
            text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
        } else if !text.contains('\n') {
            normalise::fold_space(text)
        } else {
            let lines = text.split('\n').map(normalise::fold_space).filter(|line| !line.is_empty());
            lines.collect::<Vec<_>>().join("\n")
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

/// Whether an element of this name, in lower case, is a block of its own.
pub(super) fn is_block_level(tag: &str) -> bool {
    matches!(
        tag,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "button"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "dialog"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "head"
            | "header"
            | "hgroup"
            | "hr"
            | "html"
            | "legend"
            | "li"
            | "main"
            | "menu"
            | "nav"
            | "noscript"
            | "ol"
            | "option"
            | "p"
            | "pre"
            | "section"
            | "select"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "title"
            | "tr"
            | "ul"
            | "textarea"
    )
}
