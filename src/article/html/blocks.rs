//! A page as blocks of text: what a reader sees as a paragraph, a heading, an item.

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
