//! Fields that the page shows or links: headings, bylines, times, the canonical address.

use super::{authors, dates};
use crate::article::boilerplate::Rules;
use crate::article::html::{Node, Tree};
use crate::article::{DateSource, Published, normalise, prose};

/// Longest byline, in characters of weight.
const BYLINE: usize = 120;

/// Places of the tree after which no byline or date of the article is looked for.
const TEXTS: usize = 4_000;

/// The main headings of the page, in order.
pub(super) fn headings(tree: &Tree<'_>, rules: &Rules) -> Vec<String> {
    let mut headings: Vec<String> = Vec::new();
    for (at, node) in tree.tagged("h1").take(20) {
        let text = normalise::line(&tree.text(at));
        let weight = prose::weight(&text);
        if !(6..=400).contains(&weight) || rules.selectors.furniture(node.attributes()).any(|hit| hit.form == "root") {
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

/// The bylines that the page shows: by `rel`, by `itemprop`, by class.
pub(super) fn bylines(tree: &Tree<'_>, rules: &Rules) -> Vec<String> {
    let by_rule = |matches: &dyn Fn(&Node<'_>) -> bool| -> Vec<String> {
        tree.elements()
            .filter(|(_, node)| matches(node))
            .take(8)
            .map(|(at, _)| normalise::line(&tree.text(at)))
            .filter(|text| !text.is_empty() && prose::weight(text) <= BYLINE)
            .collect()
    };
    let linked = by_rule(&|node| {
        node.tag() == "a"
            && node.attribute("rel").is_some_and(|rel| rel.split_ascii_whitespace().any(|one| one == "author"))
    });
    if !linked.is_empty() {
        return linked;
    }
    let stated = by_rule(&|node| node.attribute("itemprop") == Some("author"));
    if !stated.is_empty() {
        return stated;
    }
    for class in
        ["byline", "author-name", "author", "c-byline__author", "article-author", "post-author", "entry-author"]
    {
        let named = by_rule(&|node| {
            node.attribute("class")
                .is_some_and(|classes| classes.split_ascii_whitespace().any(|one| one.eq_ignore_ascii_case(class)))
        });
        let names: Vec<String> = named
            .iter()
            .map(|text| rules.vocabulary.after_byline(text).unwrap_or(text).to_owned())
            .filter(|text| authors::split(text).iter().all(|name| authors::is_name(name) && prose::words(name) >= 2))
            .take(1)
            .collect();
        if !names.is_empty() {
            return names;
        }
    }
    Vec::new()
}

/// The first `<time>` of the page that is marked as its date, else the first with a machine-readable one.
pub(super) fn time(tree: &Tree<'_>, rules: &Rules) -> Option<Published> {
    let parse = |raw: Option<&str>| dates::parse(raw?, DateSource::Time, &rules.vocabulary);
    let marked = tree.elements().filter(|(_, node)| {
        node.attribute("itemprop") == Some("datePublished")
            || (node.tag() == "time" && node.attribute("pubdate").is_some())
    });
    let of = |at: usize, node: &Node<'_>| {
        parse(node.attribute("datetime").or_else(|| node.attribute("content")))
            .or_else(|| parse(Some(&normalise::line(&tree.text(at)))))
    };
    marked
        .take(4)
        .find_map(|(at, node)| of(at, node))
        .or_else(|| tree.tagged("time").take(8).find_map(|(at, node)| of(at, node)))
}

/// A date written out near a class or label that says so.
pub(super) fn written_date(tree: &Tree<'_>, rules: &Rules) -> Option<Published> {
    tree.elements().take(TEXTS).find_map(|(at, node)| {
        let class = node.attribute("class").or_else(|| node.attribute("id"))?.to_ascii_lowercase();
        if !["date", "time", "publish", "posted", "byline", "meta"].iter().any(|word| class.contains(word)) {
            return None;
        }
        let text = normalise::line(&tree.text(at));
        if prose::weight(&text) > BYLINE {
            return None;
        }
        dates::parse(&text, DateSource::Text, &rules.vocabulary)
    })
}
