//! Lists of links that are marked as tags: by `rel`, or by what the elements around them are called.

use std::collections::BTreeMap;

use crate::article::boilerplate::Names;
use crate::article::html::{Node, Tree};
use crate::article::{normalise, prose};

/// Elements around a link, itself among them, that may be called a list of tags.
const AROUND: usize = 6;

/// Most links of one list; more are an index.
const LINKS: usize = 30;

/// Most lists.
const LISTS: usize = 40;

/// Longest tag that is a link, in characters and in words; longer ones are titles of other articles.
const CHARACTERS: usize = 40;
const WORDS: usize = 5;

/// Most nodes within such a link.
const NODES: usize = 12;

/// What is known of an element around links; those of one list have the same around them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Around {
    Unknown,
    Other,
    /// It is called as lists of tags are.
    Tags,
    /// Nothing beyond it is about a list within it.
    End,
}

/// The lists of tags below a place, each with the texts of its links.
pub(in crate::article::metadata) fn linked<'p>(
    tree: &Tree<'p>,
    names: &mut Names<'_, 'p>,
    below: usize,
) -> Vec<Vec<String>> {
    let mut lists: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut known = vec![Around::Unknown; tree.nodes.len()];
    let mut around = |at: usize| {
        let Some(known) = known.get_mut(at) else { return Around::End };
        if *known == Around::Unknown
            && let Some(node) = tree.get(at)
        {
            *known = match node.tag() {
                "body" | "html" | "main" | "article" | "aside" => Around::End,
                _ if names.lists_tags(node.attribute("id"), node.attribute("class")) => Around::Tags,
                _ => Around::Other,
            };
        }
        *known
    };
    for (at, node) in (below + 1..tree.nodes.len()).filter_map(|at| Some((at, tree.get(at)?))) {
        if node.tag() == "a"
            && node.attribute("href").is_some()
            && let Some(list) = list(tree, &mut around, at, node)
        {
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
    texts.filter_map(|links| links.into_iter().map(|at| text(tree, at)).collect()).take(LISTS).collect()
}

/// The element that holds the list of tags which a link is one of.
fn list(tree: &Tree<'_>, mut around: impl FnMut(usize) -> Around, at: usize, node: &Node<'_>) -> Option<usize> {
    let is_item = |at: &usize| tree.get(*at).is_some_and(|node| matches!(node.tag(), "li" | "span"));
    let holder = || tree.ancestors(at).take(AROUND).find(|at| !is_item(at));
    let says = |name: &str| {
        let mut words = node.attribute("rel").into_iter().flat_map(str::split_ascii_whitespace);
        words.any(|word| word.eq_ignore_ascii_case(name))
    };
    if says("tag") {
        // Of "category tag" the section of a blog is made.
        return if says("category") { None } else { holder() };
    }
    let places = std::iter::once(at).chain(tree.ancestors(at)).take(AROUND);
    let known = places.map(|at| (at, around(at))).take_while(|(_, around)| *around != Around::End);
    let (outermost, _) = known.filter(|(_, around)| *around == Around::Tags).last()?;
    if outermost == at { holder() } else { Some(outermost) }
}

/// The text of a link, if it may be a tag.
fn text(tree: &Tree<'_>, at: usize) -> Option<String> {
    tree.get(at).filter(|node| node.end - at <= NODES)?;
    let text = normalise::line(&tree.text(at));
    (text.chars().count() <= CHARACTERS && prose::words(&text) <= WORDS).then_some(text)
}
