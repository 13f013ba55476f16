//! The bylines that a page shows: marked by `rel`, `itemprop`, a class or the address of a link, or opened by a word.

use super::address::absolute;
use super::authors::{self, is_nobody};
use super::marked;
use super::shown::Shown;
use crate::article::boilerplate::{Field, Rules};
use crate::article::html::{Node, Tree, What};
use crate::article::{normalise, prose};

/// Longest byline, in characters of weight.
const BYLINE: usize = 140;

/// Most nodes of an element that is a byline.
const LABEL_NODES: usize = 60;

/// Most elements that are tried.
const TRIED: usize = 200;

/// Lines below the heading, and above it, among which a byline is the article's.
const NEAR: std::ops::RangeInclusive<isize> = -6..=18;

/// Lines between the names of one byline.
const TOGETHER: isize = 3;

/// Words of a class or an identifier that name an author.
const WORDS: [&str; 18] = [
    "byline",
    "author",
    "authors",
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

/// Something that may be a byline.
struct Found {
    /// How surely it is one.
    score: i32,
    line: isize,
    names: Vec<String>,
    /// Whether microdata or RDFa say so.
    is_marked: bool,
}

/// The names of the byline of the article, in its order, and whether microdata or RDFa mark it.
pub(super) fn names(tree: &Tree<'_>, shown: &Shown, rules: &Rules) -> (Vec<String>, bool) {
    let mut found: Vec<Found> = Vec::new();
    let marked =
        tree.elements().filter(|(at, _)| !shown.is_skipped(*at)).filter_map(|(at, node)| Some((at, mark(node)?)));
    for (at, mark) in marked.take(TRIED) {
        let Some(text) = small_text(tree, at) else { continue };
        let is_marked = tree.get(at).is_some_and(is_author);
        push(&mut found, names_of(&text, rules), mark, shown.below_heading(at), is_marked);
    }
    for line in shown.lines.iter().filter(|line| prose::weight(&line.text) <= BYLINE) {
        if let Some(byline) = written(&line.text, rules) {
            let labelled = line.text.contains([':', '：']);
            push(&mut found, authors::split(byline), if labelled { 4 } else { 3 }, shown.below_heading(line.at), false);
        }
    }
    let Some(best) = found.iter().map(|one| one.score).max() else { return (Vec::new(), false) };
    let Some(first) = found.iter().filter(|one| one.score == best).min_by_key(|one| one.line) else {
        return (Vec::new(), false);
    };
    let together = found.iter().filter(|one| one.score == best && (one.line - first.line).abs() <= TOGETHER);
    let mut names: Vec<String> = Vec::new();
    for name in together.flat_map(|one| &one.names) {
        if !names.iter().any(|known| super::title::same(known, name)) {
            names.push(name.clone());
        }
    }
    (names, first.is_marked)
}

/// The address of an author's page: where the byline links the name, to a page of the same host or as that of an author.
pub(super) fn page_of(name: &str, tree: &Tree<'_>, shown: &Shown, page: Option<&str>) -> Option<String> {
    let host = |address: &str| url::Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned));
    let own = page.and_then(host);
    let near = tree
        .tagged("a")
        .filter(|(at, _)| !shown.is_skipped(*at) && shown.below_heading(*at).is_none_or(|lines| NEAR.contains(&lines)));
    near.filter(|(at, node)| node.end - at <= LABEL_NODES).take(TRIED).find_map(|(at, node)| {
        let address = absolute(node.attribute("href")?, page)?;
        let is_page = own.is_some() && host(&address) == own
            || node.attribute("rel").is_some_and(|rel| rel.split_ascii_whitespace().any(|one| one == "author"))
            || is_author(node);
        let is_home = || url::Url::parse(&address).is_ok_and(|url| url.path() == "/");
        if !is_page || is_home() {
            return None;
        }
        let text = normalise::line(&tree.text(at));
        super::title::same(authors::without_opening(&text), name).then_some(address)
    })
}

fn push(found: &mut Vec<Found>, names: Vec<String>, mark: i32, below: Option<isize>, is_marked: bool) {
    let names: Vec<String> = names.into_iter().filter(|name| !is_nobody(name)).collect();
    // A word alone is a name only where the page says so.
    let whole = names.iter().all(|name| prose::words(name) >= 2 || !name.is_ascii() || mark >= 4);
    if names.is_empty() || !whole {
        return;
    }
    let near = match below {
        Some(line) if NEAR.contains(&line) => 2,
        Some(line) if line > 0 => 0,
        _ => -1,
    };
    found.push(Found { score: mark + near, line: below.unwrap_or(0), names, is_marked });
}

/// How surely an element is a byline by its attributes: from 2, a word of its class, to 5, a statement.
fn mark(node: &Node<'_>) -> Option<i32> {
    let words = |name: &str| node.attribute(name).into_iter().flat_map(str::split_ascii_whitespace);
    if is_author(node) {
        return (node.tag() != "meta").then_some(5);
    }
    if words("rel").any(|one| one == "author") {
        return Some(5);
    }
    let class = node.attribute("class");
    let has = |name: &str| {
        class.is_some_and(|class| class.split_ascii_whitespace().any(|one| one.eq_ignore_ascii_case(name)))
    };
    if (has("author") && has("vcard")) || has("username") {
        return Some(4);
    }
    if node.tag() == "a" && node.attribute("href").is_some_and(is_authors_page) {
        return Some(4);
    }
    let known = |names: &[&str], name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    if class.is_some_and(|class| class.split_ascii_whitespace().any(|one| known(&NAMED, one))) {
        return Some(3);
    }
    let by_word = [class, node.attribute("id"), node.attribute("data-testid")]
        .into_iter()
        .flatten()
        .flat_map(|names| names.split(|character: char| !character.is_ascii_alphanumeric()))
        .any(|word| known(&WORDS, word));
    (by_word && !matches!(node.tag(), "body" | "html" | "article" | "main" | "section")).then_some(2)
}

/// Whether an address is that of a page about an author.
fn is_authors_page(address: &str) -> bool {
    // Each of them begins with a slash.
    address
        .match_indices('/')
        .any(|(at, _)| address.get(at..).is_some_and(|rest| PAGES.iter().any(|part| rest.starts_with(part))))
}

/// Whether microdata or RDFa mark an element as the author.
fn is_author(node: &Node<'_>) -> bool {
    marked::properties(node).any(|property| property == "author")
}

/// What follows the word that opens a byline, or the label of one.
fn written<'l>(line: &'l str, rules: &Rules) -> Option<&'l str> {
    if let Some((label, value)) = line.split_once([':', '：'])
        && rules.vocabulary.field(label) == Some(Field::Author)
    {
        return Some(before_date(value.trim()));
    }
    let rest = rules.vocabulary.after_byline(line).or_else(|| authors::after_opening(line))?;
    // "Von der Leyen …" and "By the time …" are no bylines: a name begins with a capital, and a byline is no sentence.
    let rest = authors::without_opening(rest);
    let named = rest.chars().next().is_some_and(|first| !first.is_lowercase() && first.is_alphabetic());
    (named && !prose::ends_sentence(rest)).then(|| before_date(rest))
}

fn names_of(text: &str, rules: &Rules) -> Vec<String> {
    authors::split(before_date(rules.vocabulary.after_byline(text).unwrap_or(text)))
}

/// A byline up to the date or the separator that follows the names.
fn before_date(byline: &str) -> &str {
    let end = byline.char_indices().find(|(at, character)| {
        matches!(character, '|' | '•' | '·' | '–' | '—')
            // "7 News" and "r23" are names, "12 May" after a name is not.
            || (character.is_ascii_digit() && byline.get(..*at).is_some_and(|before| before.ends_with([' ', '.', ',']) && before.len() > 3))
    });
    byline.get(..end.map_or(byline.len(), |(at, _)| at)).unwrap_or(byline).trim()
}

/// The text of an element that is small enough to be a label: of its name, where microdata marks one within.
fn small_text(tree: &Tree<'_>, at: usize) -> Option<String> {
    let node = tree.get(at)?;
    if node.end - at > LABEL_NODES {
        return None;
    }
    let within = || {
        (at + 1..node.end)
            .filter(|inner| tree.get(*inner).is_some_and(|node| node.attribute("itemprop") == Some("name")))
    };
    let named: Vec<String> = within()
        .filter_map(|inner| {
            let stated = tree.get(inner).and_then(|node| node.attribute("content")).map(normalise::line);
            Some(stated.unwrap_or_else(|| normalise::line(&tree.text(inner)))).filter(|text| !text.is_empty())
        })
        .collect();
    let text = if named.is_empty() { spaced_text(tree, at, node.end) } else { named.join(", ") };
    (!text.is_empty() && prose::weight(&text) <= BYLINE).then_some(text)
}

/// The text of an element; what stands in elements of their own are words of their own.
fn spaced_text(tree: &Tree<'_>, at: usize, end: usize) -> String {
    let texts = (at..end).filter_map(|inner| match tree.get(inner)?.what {
        What::Text(text) => Some(text),
        What::Element(_) => None,
    });
    normalise::line(&texts.collect::<Vec<_>>().join(" "))
}
