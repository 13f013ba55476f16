//! The elements of a page that may be bylines, by their attributes, and the names in them.

use foldhash::HashMap;

use super::{BYLINE, LABEL_NODES, names_of};
use crate::article::boilerplate::Rules;
use crate::article::html::{Node, Tree, What};
use crate::article::metadata::marked;
use crate::article::{normalise, prose};

/// Words of a class or an identifier that name an author.
const WORDS: [&str; 22] = [
    "byline",
    "author",
    "authors",
    "authorname",
    "articleauthor",
    "postauthor",
    "blogauthor",
    "autor",
    "autores",
    "autoren",
    "auteur",
    "auteurs",
    "autore",
    "verfasser",
    "redakteur",
    "redacteur",
    "writer",
    "journalist",
    "contributor",
    "reporter",
    "creator",
    "username",
];

/// Words of a class that are enough to be the name and nothing else.
const NAMED: [&str; 10] = [
    "byline",
    "author-name",
    "author__name",
    "author",
    "article-author",
    "post-author",
    "entry-author",
    "autor",
    "byline-name",
    "authors",
];

/// What names of classes hold where they are about an author, but not the name.
const ABOUT: [&str; 9] = ["bio", "role", "position", "description", "title", "job", "social", "avatar", "image"];

/// Parts of the addresses of pages about authors.
const PAGES: [&str; 17] = [
    "/author/",
    "/authors/",
    "/autor/",
    "/autoren/",
    "/autores/",
    "/auteur/",
    "/auteurs/",
    "/autori/",
    "/people/",
    "/journalist/",
    "/journalists/",
    "/reporters/",
    "/contributors/",
    "/staff/",
    "/profil/",
    "/by/",
    "/autor-",
];

/// How surely the elements of a page are bylines by their attributes.
#[derive(Debug, Default)]
pub(super) struct Marks<'p> {
    /// Pages repeat the names of their ids and classes; each is looked at once.
    known: HashMap<&'p str, Name>,
}

/// What the name of a class or an id says.
#[derive(Debug, Clone, Copy, Default)]
struct Name {
    /// All of it names an author.
    is_whole: bool,
    /// One of its words does.
    has_word: bool,
}

impl<'p> Marks<'p> {
    /// From 2, a word of a class, to 5, a statement.
    pub(super) fn of(&mut self, node: &Node<'p>) -> Option<i32> {
        let words = |name: &str| node.attribute(name).into_iter().flat_map(str::split_ascii_whitespace);
        if is_author(node) {
            return (node.tag() != "meta").then_some(5);
        }
        if words("rel").any(|one| one == "author") {
            return Some(5);
        }
        let (mut is_whole, mut by_word) = (false, false);
        let (mut is_author, mut is_card, mut is_login) = (false, false, false);
        for one in words("class") {
            is_author |= one.eq_ignore_ascii_case("author");
            is_card |= one.eq_ignore_ascii_case("vcard");
            is_login |= one.eq_ignore_ascii_case("username");
            let name = self.name(one);
            is_whole |= name.is_whole;
            by_word |= name.has_word;
        }
        if (is_author && is_card) || is_login {
            return Some(4);
        }
        if node.tag() == "a" && node.attribute("href").is_some_and(is_authors_page) {
            return Some(4);
        }
        if is_whole {
            return Some(3);
        }
        by_word = by_word || words("id").chain(words("data-testid")).any(|one| self.name(one).has_word);
        (by_word && !matches!(node.tag(), "body" | "html" | "article" | "main" | "section")).then_some(2)
    }

    fn name(&mut self, name: &'p str) -> Name {
        *self.known.entry(name).or_insert_with(|| Name::of(name))
    }
}

impl Name {
    fn of(name: &str) -> Self {
        let known = |names: &[&str], name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        let mut words = name.split(|character: char| !character.is_ascii_alphanumeric());
        // Of "author-title", "authorBio" and "comment-author-link" none has the name of the article's author.
        let has_word = words.clone().any(|word| known(&WORDS, word)) && !words.any(|word| known(&ABOUT, word)) && {
            let lower = name.to_ascii_lowercase();
            !ABOUT.iter().any(|about| lower.ends_with(about)) && !lower.contains("comment")
        };
        Self { is_whole: known(&NAMED, name), has_word }
    }
}

/// Whether an address is that of a page about an author.
fn is_authors_page(address: &str) -> bool {
    // Each of them begins with a slash; what is licensed "/by/4.0/" is nobody's page.
    let named = |rest: &str| {
        if !matches!(rest.as_bytes(), [_, b'a' | b'b' | b'c' | b'j' | b'p' | b'r' | b's', ..]) {
            return false;
        }
        let mut names = PAGES.iter().filter_map(|part| Some((*part, rest.strip_prefix(part)?)));
        names.any(|(part, name)| {
            name.starts_with(|first: char| first.is_alphabetic() || (part != "/by/" && first != '/'))
        })
    };
    address.match_indices('/').any(|(at, _)| address.get(at..).is_some_and(named))
}

/// Whether microdata or RDFa mark an element as the author.
pub(super) fn is_author(node: &Node<'_>) -> bool {
    marked::properties(node).any(|property| property == "author")
}

/// The names in an element that is small enough to be a label, of authors alone.
pub(super) fn small_names(tree: &Tree<'_>, at: usize, rules: &Rules) -> Option<Vec<String>> {
    let small = |text: &String| !text.is_empty() && prose::weight(text) <= BYLINE;
    let node = tree.get(at).filter(|node| node.end - at <= LABEL_NODES)?;
    let stated = stated_names(tree, at, node.end);
    if !stated.is_empty() {
        return Some(stated.join(", ")).filter(small).map(|text| names_of(&text, rules));
    }
    let whole = Some(spaced_text(tree, at, node.end)).filter(small)?;
    let parts = blocks_of(tree, at, node.end);
    // A job or a few words about the author stand in an element of another kind than the name.
    let of_parts = parts.iter().find(|part| names_of(&part.text, rules).iter().any(|name| prose::words(name) >= 2));
    let of_kind = of_parts.filter(|_| parts.len() > 1).map(|named| {
        let alike = parts.iter().filter(|part| part.kind == named.kind && (part.at == named.at || part.repeats()));
        alike.flat_map(|part| names_of(&part.text, rules)).collect()
    });
    Some(of_kind.unwrap_or_else(|| names_of(&whole, rules)))
}

/// The names that microdata marks within an element.
fn stated_names(tree: &Tree<'_>, at: usize, end: usize) -> Vec<String> {
    let marked = (at + 1..end).filter_map(|inner| {
        let node = tree.get(inner).filter(|node| node.attribute("itemprop") == Some("name"))?;
        Some(node.attribute("content").map_or_else(|| normalise::line(&tree.text(inner)), normalise::line))
    });
    marked.filter(|text| !text.is_empty()).collect()
}

/// A block within an element: where it stands, its tag and class, its text.
struct Part<'t> {
    at: usize,
    kind: (&'t str, Option<&'t str>),
    text: String,
}

impl Part<'_> {
    /// Whether others like it are as likely names as it is: entries of lists, and what has a class.
    fn repeats(&self) -> bool {
        self.kind.0 == "li" || self.kind.1.is_some()
    }
}

/// The text of an element block by block.
fn blocks_of<'t>(tree: &'t Tree<'_>, at: usize, end: usize) -> Vec<Part<'t>> {
    let mut parts: Vec<Part<'t>> = Vec::new();
    for inner in at..end {
        let Some(What::Text(text)) = tree.get(inner).map(|node| node.what) else { continue };
        let block =
            tree.ancestors(inner).take_while(|above| *above > at).find(|above| tree.get(*above).is_some_and(is_block));
        let block = block.unwrap_or(at);
        match parts.last_mut().filter(|part| part.at == block) {
            Some(part) => {
                part.text.push(' ');
                part.text.push_str(text);
            }
            None => {
                let Some(node) = tree.get(block) else { continue };
                parts.push(Part { at: block, kind: (node.tag(), node.attribute("class")), text: text.to_owned() });
            }
        }
    }
    parts.retain(|part| !part.text.trim().is_empty());
    parts
}

fn is_block(node: &Node<'_>) -> bool {
    matches!(
        node.tag(),
        "div" | "p" | "li" | "dt" | "dd" | "section" | "address" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6"
    )
}

/// The text of an element; what stands in elements of their own are words of their own.
fn spaced_text(tree: &Tree<'_>, at: usize, end: usize) -> String {
    let texts = (at..end).filter_map(|inner| match tree.get(inner)?.what {
        What::Text(text) => Some(text),
        What::Element(_) => None,
    });
    normalise::line(&texts.collect::<Vec<_>>().join(" "))
}
