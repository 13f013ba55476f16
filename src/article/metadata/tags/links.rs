//! Lists of links that are marked as tags: by `rel`, or by what the elements around them are called.

use std::collections::BTreeMap;

use crate::article::boilerplate::Names;
use crate::article::html::{Node, Tree};
use crate::article::{normalise, prose};

/// Elements around a link, itself among them, that may be called a list of tags.
const AROUND: usize = 6;

/// Most links of one list; more are an index.
const LINKS: usize = 30;

/// Longest tag that is a link, in characters and in words; longer ones are titles of other articles.
const CHARACTERS: usize = 40;
const WORDS: usize = 5;

/// Most nodes within such a link.
const NODES: usize = 12;

/// The lists of tags below a place, each with the texts of its links.
pub(in crate::article::metadata) fn linked<'p>(
    tree: &Tree<'p>,
    names: &mut Names<'_, 'p>,
    below: usize,
) -> Vec<Vec<String>> {
    let mut lists: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, node) in tree.tagged("a").filter(|(at, node)| *at > below && node.attribute("href").is_some()) {
        if let Some(list) = list(tree, names, at, node) {
            lists.entry(list).or_default().push(at);
        }
    }
    // A tag that has an element of its own, called a tag, is alone in it.
    let mut joined: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (list, links) in lists {
        let holder = if links.len() == 1 { tree.ancestors(list).nth(1).unwrap_or(list) } else { list };
        joined.entry(holder).or_default().extend(links);
    }
    let texts = joined.into_values().filter(|links| links.len() <= LINKS);
    texts.filter_map(|links| links.into_iter().map(|at| text(tree, at)).collect()).collect()
}

/// The element that holds the list of tags which a link is one of.
fn list<'p>(tree: &Tree<'p>, names: &mut Names<'_, 'p>, at: usize, node: &Node<'p>) -> Option<usize> {
    let is_item = |at: &usize| tree.get(*at).is_some_and(|node| matches!(node.tag(), "li" | "span"));
    let holder = || tree.ancestors(at).find(|at| !is_item(at));
    let says = |name: &str| {
        let mut words = node.attribute("rel").into_iter().flat_map(str::split_ascii_whitespace);
        words.any(|word| word.eq_ignore_ascii_case(name))
    };
    if says("tag") {
        // Of "category tag" the section of a blog is made.
        return if says("category") { None } else { holder() };
    }
    let around = std::iter::once(at).chain(tree.ancestors(at)).take(AROUND);
    let inner = around.take_while(|at| {
        tree.get(*at).is_some_and(|node| !matches!(node.tag(), "body" | "html" | "main" | "article" | "aside"))
    });
    let outermost = inner.filter(|at| tree.get(*at).is_some_and(|node| names.lists_tags(node.attributes()))).last()?;
    if outermost == at { holder() } else { Some(outermost) }
}

/// The text of a link, if it may be a tag.
fn text(tree: &Tree<'_>, at: usize) -> Option<String> {
    tree.get(at).filter(|node| node.end - at <= NODES)?;
    let text = normalise::line(&tree.text(at));
    (text.chars().count() <= CHARACTERS && prose::words(&text) <= WORDS).then_some(text)
}
