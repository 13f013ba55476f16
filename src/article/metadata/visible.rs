//! Fields that the page shows or links: headings, its own title, the canonical address, its language.

use crate::article::boilerplate::Rules;
use crate::article::html::Tree;
use crate::article::{normalise, prose};

/// Words from which a heading below the main ones may be the headline of a page that has no main one.
const HEADLINE_WORDS: usize = 5;

/// The main headings of the page, in order.
pub(super) fn headings(tree: &Tree<'_>, rules: &Rules) -> Vec<String> {
    headings_of(tree, rules, "h1")
}

/// The headings of a page without main ones that are as long as headlines: those of the next level that has any.
pub(super) fn lower_headings(tree: &Tree<'_>, rules: &Rules) -> Vec<String> {
    let levels = ["h2", "h3"].into_iter().map(|tag| {
        let mut headings = headings_of(tree, rules, tag);
        headings.retain(|text| prose::words(text) >= HEADLINE_WORDS);
        headings
    });
    levels.into_iter().find(|headings| !headings.is_empty()).unwrap_or_default()
}

fn headings_of(tree: &Tree<'_>, rules: &Rules, tag: &'static str) -> Vec<String> {
    let mut headings: Vec<String> = Vec::new();
    for (at, node) in tree.tagged(tag).take(20) {
        let text = normalise::line(&tree.text(at));
        let weight = prose::weight(&text);
        if !(6..=400).contains(&weight) || rules.selectors.consent_root(node.attributes()).is_some() {
            continue;
        }
        if !headings.contains(&text) {
            headings.push(text);
        }
    }
    headings
}

/// The content of `<title>`.
pub(super) fn page_title(tree: &Tree<'_>) -> Option<String> {
    tree.tagged("title").map(|(at, _)| normalise::line(&tree.text(at))).find(|title| !title.is_empty())
}

/// The canonical link as it is written.
pub(super) fn canonical(tree: &Tree<'_>) -> Option<String> {
    tree.tagged("link")
        .filter(|(_, node)| {
            node.attribute("rel")
                .is_some_and(|rel| rel.split_ascii_whitespace().any(|one| one.eq_ignore_ascii_case("canonical")))
        })
        .filter_map(|(_, node)| node.attribute("href"))
        .map(|href| href.trim().to_owned())
        .find(|href| !href.is_empty())
}

/// The language of the root element.
pub(super) fn language(tree: &Tree<'_>) -> Option<String> {
    let (_, root) = tree.tagged("html").next()?;
    root.attribute("lang")
        .or_else(|| root.attribute("xml:lang"))
        .map(|tag| tag.trim().to_owned())
        .filter(|tag| normalise::shortest_tag(tag).is_some())
}
