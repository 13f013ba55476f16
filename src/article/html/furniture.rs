//! Marks the parts of a page that are no article, by their elements.

use super::tree::{Tree, What};
use crate::article::boilerplate::Rules;
use crate::article::{BlockKind, prose};

/// Share of the page's text, in percent, above which only a certain rule may take a block.
const GUARD_PERCENT: usize = 40;

/// Words in a heading that is the article's rather than the site's.
const HEADING_WORDS: usize = 3;

/// Why nodes are not part of the article.
#[derive(Debug)]
pub(super) struct Marks {
    /// For each node the number of its reason, from 1; 0 for none.
    of_node: Vec<usize>,
    reasons: Vec<(BlockKind, String)>,
}

impl Marks {
    /// The mark of a node: equal marks have one reason.
    pub(super) fn mark(&self, at: usize) -> usize {
        self.of_node.get(at).copied().unwrap_or(0)
    }

    /// Why a mark was set.
    pub(super) fn reason(&self, mark: usize) -> Option<&(BlockKind, String)> {
        self.reasons.get(mark.checked_sub(1)?)
    }
}

/// Marks furniture. A mark holds for the whole subtree.
pub(super) fn mark(tree: &Tree<'_>, rules: &Rules) -> Marks {
    let sizes = Sizes::of(tree);
    let mut marks = Marks { of_node: vec![0; tree.nodes.len()], reasons: Vec::new() };
    for (at, node) in tree.nodes.iter().enumerate() {
        let inherited = if at == 0 { 0 } else { marks.mark(node.parent) };
        let mark = if inherited > 0 || node.element().is_none() { inherited } else { own(tree, at, rules, &sizes, &mut marks.reasons) };
        if let Some(slot) = marks.of_node.get_mut(at) {
            *slot = mark;
        }
    }
    marks
}

/// The mark that an element's own rules give it.
fn own(tree: &Tree<'_>, at: usize, rules: &Rules, sizes: &Sizes, reasons: &mut Vec<(BlockKind, String)>) -> usize {
    let Some(node) = tree.get(at) else { return 0 };
    if matches!(node.tag(), "html" | "body" | "main") {
        return 0;
    }
    let (kind, rule, certain) = match rules.selectors.furniture(node.attributes()) {
        Some(hit) => (hit.kind, format!("selector:{}:{}", hit.form, hit.name), hit.certain || hit.form == "tag" && hit.kind == BlockKind::Hidden),
        None if is_hidden(tree, at) => (BlockKind::Hidden, "hidden".to_owned(), false),
        None if node.tag() == "header" && !is_in_article(tree, at) => (BlockKind::Navigation, "selector:tag:header".to_owned(), false),
        None => return 0,
    };
    if !certain && (sizes.percent(at, node.end) > GUARD_PERCENT || sizes.holds_heading(at, node.end)) {
        return 0;
    }
    match reasons.iter().position(|(known, name)| *known == kind && *name == rule) {
        Some(index) => index + 1,
        None => {
            reasons.push((kind, rule));
            reasons.len()
        }
    }
}

fn is_hidden(tree: &Tree<'_>, at: usize) -> bool {
    let Some(node) = tree.get(at) else { return false };
    if node.attribute("hidden").is_some() || node.attribute("aria-hidden") == Some("true") {
        return true;
    }
    node.attribute("style").is_some_and(|style| {
        let style: String = style.chars().filter(|character| !character.is_whitespace()).collect();
        style.contains("display:none") || style.contains("visibility:hidden")
    })
}

fn is_in_article(tree: &Tree<'_>, at: usize) -> bool {
    tree.ancestors(at).any(|ancestor| tree.get(ancestor).is_some_and(|node| matches!(node.tag(), "article" | "main")))
}

/// Sums over the nodes before each place.
struct Sizes {
    text: Vec<usize>,
    headings: Vec<usize>,
}

impl Sizes {
    fn of(tree: &Tree<'_>) -> Self {
        let mut sizes = Self { text: vec![0], headings: vec![0] };
        let (mut text, mut headings) = (0, 0);
        let mut hidden_until = 0;
        for (at, node) in tree.nodes.iter().enumerate() {
            match node.what {
                What::Text(piece) if at >= hidden_until => text += piece.split_whitespace().map(prose::weight).sum::<usize>(),
                What::Element(element) if matches!(element.name(), "head" | "script" | "style" | "noscript" | "textarea" | "select") => hidden_until = hidden_until.max(node.end),
                What::Element(element) if element.name() == "h1" => headings += usize::from(prose::words(&tree.text(at)) >= HEADING_WORDS),
                _ => {}
            }
            sizes.text.push(text);
            sizes.headings.push(headings);
        }
        sizes
    }

    fn between(sums: &[usize], from: usize, to: usize) -> usize {
        sums.get(to).copied().unwrap_or(0).saturating_sub(sums.get(from).copied().unwrap_or(0))
    }

    fn percent(&self, from: usize, to: usize) -> usize {
        let all = self.text.last().copied().unwrap_or(0).max(1);
        Self::between(&self.text, from, to).saturating_mul(100) / all
    }

    fn holds_heading(&self, from: usize, to: usize) -> bool {
        Self::between(&self.headings, from, to) > 0
    }
}
