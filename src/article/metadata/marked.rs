//! Microdata and RDFa: what the elements that a page shows are marked as.

use std::collections::BTreeMap;

use super::title::same;
use crate::article::html::{Node, Tree};
use crate::article::normalise;

/// Most marked elements that are read.
const MARKED: usize = 2_000;

/// Longest value but for the description, in characters.
const LONGEST: usize = 300;

/// What the article of the page is marked as.
#[derive(Debug, Default)]
pub(super) struct Marked {
    pub(super) headline: Option<String>,
    pub(super) description: Option<String>,
    pub(super) section: Option<String>,
    pub(super) publisher: Option<String>,
    /// As linked.
    pub(super) image: Option<String>,
    pub(super) keywords: Vec<String>,
}

/// The name of a property without its vocabulary: `schema:headline`, `http://schema.org/headline`.
pub(super) fn local(property: &str) -> &str {
    property.rsplit(['/', '#', ':']).next().unwrap_or(property)
}

/// The properties that an element is marked with, without their vocabularies.
pub(super) fn properties<'d>(node: &Node<'d>) -> impl Iterator<Item = &'d str> + use<'d> {
    let named = [node.attribute("itemprop"), node.attribute("property")].into_iter().flatten();
    named.flat_map(str::split_ascii_whitespace).map(local)
}

impl Marked {
    /// Reads what is marked. Of several things that have headlines the one is taken whose headline the page shows as its
    /// own; where none is, a thing that stands alone.
    pub(super) fn of(tree: &Tree<'_>, headings: &[String]) -> Self {
        let mut things: BTreeMap<Option<usize>, Self> = BTreeMap::new();
        let marked = tree.marked().filter(|(_, node)| properties(node).next().is_some());
        for (at, node) in marked.take(MARKED) {
            let thing = things.entry(scope(tree, at)).or_default();
            for property in properties(node) {
                thing.note(property, tree, at, node);
            }
        }
        let is_shown = |thing: &Self| {
            thing.headline.as_ref().is_some_and(|known| headings.iter().any(|heading| same(known, heading)))
        };
        let mut headed: Vec<Self> = things.into_values().filter(|thing| thing.headline.is_some()).collect();
        match headed.iter().position(is_shown) {
            Some(at) => headed.swap_remove(at),
            None if headed.len() == 1 => headed.pop().unwrap_or_default(),
            None => Self::default(),
        }
    }

    fn note(&mut self, property: &str, tree: &Tree<'_>, at: usize, node: &Node<'_>) {
        let short = || value(tree, at, node).filter(|text| text.chars().count() <= LONGEST);
        let first = |slot: &mut Option<String>, text: Option<String>| {
            if slot.is_none() {
                *slot = text;
            }
        };
        match property {
            "headline" => first(&mut self.headline, short()),
            "description" => first(&mut self.description, value(tree, at, node)),
            "articleSection" => first(&mut self.section, short()),
            "publisher" => first(&mut self.publisher, name_of(tree, at, node).or_else(short)),
            "image" => first(&mut self.image, image(tree, at, node)),
            "keywords" => self.keywords.extend(short()),
            _ => {}
        }
    }
}

/// The thing that a marked element is said of: the nearest element around it that is one.
fn scope(tree: &Tree<'_>, at: usize) -> Option<usize> {
    let is_thing =
        |at: &usize| tree.get(*at).is_some_and(|node| is_thing(node) && !matches!(node.tag(), "html" | "body"));
    tree.ancestors(at).find(is_thing)
}

fn is_thing(node: &Node<'_>) -> bool {
    node.attribute("itemscope").is_some() || node.attribute("typeof").is_some()
}

/// What an element says: its content, else its text.
fn value(tree: &Tree<'_>, at: usize, node: &Node<'_>) -> Option<String> {
    let text = match node.attribute("content") {
        Some(content) => normalise::line(content),
        None => normalise::line(&tree.text(at)),
    };
    (!text.is_empty()).then_some(text)
}

/// The name of a thing within which one is marked.
fn name_of(tree: &Tree<'_>, at: usize, node: &Node<'_>) -> Option<String> {
    let mut within = (at + 1..node.end).filter_map(|inner| Some((inner, tree.get(inner)?)));
    let (inner, node) = within.find(|(_, node)| properties(node).any(|property| property == "name"))?;
    value(tree, inner, node).filter(|text| text.chars().count() <= LONGEST)
}

/// The address of a picture: of the element itself, else of one within it.
fn image(tree: &Tree<'_>, at: usize, node: &Node<'_>) -> Option<String> {
    let link = |node: &Node<'_>| {
        let links = ["content", "src", "href", "resource"].into_iter().filter_map(|name| node.attribute(name));
        links.map(str::trim).find(|link| !link.is_empty() && !link.starts_with("data:")).map(str::to_owned)
    };
    link(node).or_else(|| {
        let within = (at + 1..node.end).filter_map(|inner| tree.get(inner));
        let mut pictures = within
            .filter(|node| node.tag() == "img" || properties(node).any(|one| matches!(one, "url" | "contentUrl")));
        pictures.find_map(link)
    })
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn a_property_is_known_without_its_vocabulary() {
        for written in ["headline", "schema:headline", "http://schema.org/headline", "https://example.org/ns#headline"]
        {
            assert_eq!(local(written), "headline");
        }
    }
}
