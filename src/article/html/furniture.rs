//! Marks the parts of a page that are no article, by their elements.
//!
//! Names lie: a wrapper around the whole text is called "paywall", every paragraph sits in a "widget". So a rule
//! never takes most of the running text: neither one element of it, nor all its elements together.

use std::collections::{BTreeMap, BTreeSet};

use super::mounted::Mounted;
use super::sizes::Sizes;
use super::tree::Tree;
use crate::article::BlockKind;
use crate::article::boilerplate::Names;

/// Share of the page's text, in percent, above which only a certain rule may take a block.
const GUARD_PERCENT: usize = 40;

/// Weight of running text above which an invitation, a label or a form is something else by that name.
const SMALL: usize = 600;

/// Marking again without the rules that took too much can bring out another such rule.
const PASSES: usize = 4;

/// Why nodes are not part of the article.
#[derive(Debug)]
pub(super) struct Marks {
    /// For each node the number of its reason, from 1; 0 for none.
    of_node: Vec<usize>,
    /// For each node what its own names say, whether that took hold or not.
    hits: Vec<Option<BlockKind>>,
    reasons: Vec<(BlockKind, String)>,
}

impl Marks {
    /// The mark of a node: equal marks have one reason.
    pub(super) fn mark(&self, at: usize) -> usize {
        self.of_node.get(at).copied().unwrap_or(0)
    }

    /// What an element's own names say it is, even where they were not believed; none within what is marked.
    pub(super) fn hit(&self, at: usize) -> Option<BlockKind> {
        self.hits.get(at).copied().flatten()
    }

    /// Why a mark was set.
    pub(super) fn reason(&self, mark: usize) -> Option<&(BlockKind, String)> {
        self.reasons.get(mark.checked_sub(1)?)
    }
}

/// Marks furniture. A mark holds for the whole subtree.
pub(super) fn mark<'d>(tree: &Tree<'d>, names: &mut Names<'_, 'd>, mounted: &Mounted) -> Marks {
    let (suspended, taken) = (BTreeSet::new(), BTreeMap::new());
    let mut marker = Marker { tree, names, mounted, sizes: Sizes::of(tree), suspended, taken };
    let mut marks = marker.pass();
    for _ in 1..PASSES {
        let greedy: Vec<String> = marker
            .taken
            .iter()
            .filter(|(_, prose)| marker.sizes.prose_percent_of(**prose) > GUARD_PERCENT)
            .map(|(rule, _)| rule.clone())
            .collect();
        if greedy.is_empty() {
            break;
        }
        marker.suspended.extend(greedy);
        marks = marker.pass();
    }
    marks
}

struct Marker<'t, 'r, 'd> {
    tree: &'t Tree<'d>,
    names: &'t mut Names<'r, 'd>,
    mounted: &'t Mounted,
    sizes: Sizes,
    /// Rules that took too much in an earlier pass.
    suspended: BTreeSet<String>,
    /// Running text that each rule took in this pass.
    taken: BTreeMap<String, usize>,
}

impl Marker<'_, '_, '_> {
    fn pass(&mut self) -> Marks {
        let nodes = self.tree.nodes.len();
        let mut marks =
            Marks { of_node: Vec::with_capacity(nodes), hits: Vec::with_capacity(nodes), reasons: Vec::new() };
        self.taken.clear();
        let mut article_end = 0;
        for (at, node) in self.tree.nodes.iter().enumerate() {
            let in_article = at < article_end;
            if matches!(node.tag(), "article" | "main") {
                article_end = article_end.max(node.end);
            }
            let inherited = if at == 0 { 0 } else { marks.mark(node.parent) };
            let (mark, hit) = if self.mounted.is_body(at) {
                (0, None)
            } else if inherited > 0 || node.element().is_none() {
                (inherited, None)
            } else {
                self.own(at, in_article, &mut marks.reasons)
            };
            marks.of_node.push(mark);
            marks.hits.push(hit);
        }
        marks
    }

    /// The mark that an element's own rules give it, and what the first of them says.
    fn own(
        &mut self,
        at: usize,
        in_article: bool,
        reasons: &mut Vec<(BlockKind, String)>,
    ) -> (usize, Option<BlockKind>) {
        let Some(node) = self.tree.get(at) else { return (0, None) };
        if matches!(node.tag(), "html" | "body" | "main") {
            return (0, None);
        }
        if let Some((kind, rule)) = self.mounted.reason(at) {
            return (numbered(*kind, rule.clone(), reasons), Some(*kind));
        }
        let too_much = self.sizes.percent(at, node.end) > GUARD_PERCENT || self.sizes.holds_heading(at, node.end);
        let too_much_prose = self.sizes.prose_percent(at, node.end) > GUARD_PERCENT;
        let large = self.sizes.prose(at, node.end) > SMALL;
        // What leads to other articles has links, or is one.
        let leads = || {
            self.sizes.holds_link(at, node.end)
                || self.tree.ancestors(at).any(|above| self.tree.get(above).is_some_and(|node| node.tag() == "a"))
        };
        let by_selector = self
            .names
            .furniture(node.attributes())
            .map(|hit| (hit.kind, format!("selector:{}:{}", hit.form, hit.name), hit.certain));
        let by_form =
            is_hidden(self.tree, at).then(|| (BlockKind::Hidden, "hidden".to_owned(), false)).into_iter().chain(
                (node.tag() == "header" && !in_article)
                    .then(|| (BlockKind::Navigation, "selector:tag:header".to_owned(), false)),
            );
        let mut first = None;
        let found = by_selector.chain(by_form).inspect(|(kind, _, _)| first = first.or(Some(*kind))).find(
            |(kind, rule, certain)| {
                // Readers may well write more than the author, and the tags of the standard do not lie.
                let honest = *kind == BlockKind::Comments || is_standard(node.tag());
                let guarded = too_much
                    || (too_much_prose && !honest)
                    || (large && (is_small(*kind) || node.tag() == "form"))
                    || (*kind == BlockKind::Related && !is_standard(node.tag()) && !leads());
                *certain || (!guarded && !self.suspended.contains(rule))
            },
        );
        let Some((kind, rule, certain)) = found else { return (0, first) };
        if !certain && kind != BlockKind::Comments && !is_standard(node.tag()) {
            *self.taken.entry(rule.clone()).or_default() += self.sizes.prose(at, node.end);
        }
        (numbered(kind, rule, reasons), first)
    }
}

/// The mark of a reason.
fn numbered(kind: BlockKind, rule: String, reasons: &mut Vec<(BlockKind, String)>) -> usize {
    match reasons.iter().position(|(known, name)| *known == kind && *name == rule) {
        Some(index) => index + 1,
        None => {
            reasons.push((kind, rule));
            reasons.len()
        }
    }
}

/// Elements that the standard gives one meaning.
fn is_standard(tag: &str) -> bool {
    matches!(tag, "nav" | "footer" | "aside")
}

/// Kinds whose blocks are short by nature.
fn is_small(kind: BlockKind) -> bool {
    matches!(
        kind,
        BlockKind::Paywall
            | BlockKind::Newsletter
            | BlockKind::AppPromotion
            | BlockKind::Metadata
            | BlockKind::Counter
            | BlockKind::ImageCredit
            | BlockKind::Copyright
            | BlockKind::Share
    )
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
