//! What the elements around a block say.

use super::Page;
use crate::article::BlockKind;

/// What an element and those around it say.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Around {
    pub(super) depth: usize,
    pub(super) article: bool,
    pub(super) main: bool,
    pub(super) list: bool,
    pub(super) table: bool,
    pub(super) quote: bool,
    pub(super) figure: bool,
    pub(super) aside: bool,
    pub(super) header: bool,
    /// Elements up to the nearest that says that it holds the text.
    pub(super) content: Option<usize>,
    /// The same for the nearest that says that it is furniture.
    pub(super) furniture: Option<(usize, BlockKind)>,
    /// Elements up to the first that also holds the container.
    pub(super) outside: usize,
}

/// For each node of the tree; each from its parent's.
pub(super) fn around_all(page: &Page<'_, '_>) -> Vec<Around> {
    let container_end = page.tree.get(page.container).map_or(0, |node| node.end);
    let mut all: Vec<Around> = Vec::with_capacity(page.tree.nodes.len());
    for (at, node) in page.tree.nodes.iter().enumerate() {
        if node.element().is_none() {
            all.push(Around::default());
            continue;
        }
        let mut around = if at == 0 { Around::default() } else { all.get(node.parent).copied().unwrap_or_default() };
        around.depth += 1;
        match node.tag() {
            "article" => around.article = true,
            "main" => around.main = true,
            "ul" | "ol" | "dl" => around.list = true,
            "table" => around.table = true,
            "blockquote" => around.quote = true,
            "figure" | "figcaption" => around.figure = true,
            "aside" | "nav" | "footer" | "form" => around.aside = true,
            "header" => around.header = true,
            _ => {}
        }
        let inside = (page.container..container_end).contains(&at);
        let holds = at <= page.container && container_end <= node.end;
        around.outside = if inside || holds { 0 } else { around.outside + 1 };
        let is_content = page.content.get(at) == Some(&true);
        around.content = if is_content { Some(0) } else { around.content.map(|distance| distance + 1) };
        around.furniture = match page.marks.hit(at) {
            Some(kind) => Some((0, kind)),
            None => around.furniture.map(|(distance, kind)| (distance + 1, kind)),
        };
        all.push(around);
    }
    all
}
