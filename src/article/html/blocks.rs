//! A page as blocks of text: what a reader sees as a paragraph, a heading, an item.

use html5ever::{LocalName, local_name};

use crate::article::about::ContentKind;

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
    pub(super) fn is_heading(self) -> bool {
        matches!(self, Self::Heading(_))
    }

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

/// Whether an element of this name is a block of its own.
pub(super) fn is_block_level(tag: &LocalName) -> bool {
    matches!(
        *tag,
        local_name!("address")
            | local_name!("article")
            | local_name!("aside")
            | local_name!("blockquote")
            | local_name!("body")
            | local_name!("button")
            | local_name!("caption")
            | local_name!("center")
            | local_name!("dd")
            | local_name!("details")
            | local_name!("dialog")
            | local_name!("div")
            | local_name!("dl")
            | local_name!("dt")
            | local_name!("fieldset")
            | local_name!("figcaption")
            | local_name!("figure")
            | local_name!("footer")
            | local_name!("form")
            | local_name!("h1")
            | local_name!("h2")
            | local_name!("h3")
            | local_name!("h4")
            | local_name!("h5")
            | local_name!("h6")
            | local_name!("head")
            | local_name!("header")
            | local_name!("hgroup")
            | local_name!("hr")
            | local_name!("html")
            | local_name!("legend")
            | local_name!("li")
            | local_name!("main")
            | local_name!("menu")
            | local_name!("nav")
            | local_name!("noscript")
            | local_name!("ol")
            | local_name!("option")
            | local_name!("p")
            | local_name!("pre")
            | local_name!("section")
            | local_name!("select")
            | local_name!("summary")
            | local_name!("table")
            | local_name!("tbody")
            | local_name!("td")
            | local_name!("tfoot")
            | local_name!("th")
            | local_name!("thead")
            | local_name!("title")
            | local_name!("tr")
            | local_name!("ul")
            | local_name!("textarea")
    )
}
