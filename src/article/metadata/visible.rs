//! Fields that the page shows or links: headings, bylines, times, the canonical address.

use super::{authors, dates};
use crate::article::boilerplate::Rules;
use crate::article::html::{Node, Tree};
use crate::article::{DateSource, Published, normalise, prose};

/// Longest byline, in characters of weight.
const BYLINE: usize = 120;

/// Elements below the main heading among which its date may stand.
const NEAR_HEADING: usize = 60;

/// Most nodes of an element that is a byline or a date.
const LABEL_NODES: usize = 40;

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

/// Classes and identifiers that name an author, the surest first.
const BYLINES: [&str; 7] =
    ["byline", "author-name", "author", "article-author", "post-author", "entry-author", "autor"];

/// Words of a class that are enough where none of those occurs.
const BYLINE_WORDS: [&str; 10] =
    ["author", "byline", "autor", "auteur", "autore", "verfasser", "redakteur", "redacteur", "writer", "journalist"];

/// The bylines that the page shows: by `rel`, by `itemprop`, by class.
pub(super) fn bylines(tree: &Tree<'_>, rules: &Rules) -> Vec<String> {
    let by_rule = |matches: &dyn Fn(&Node<'_>) -> bool| -> Vec<String> {
        let found = tree.elements().filter(|(_, node)| matches(node)).take(8);
        found.filter_map(|(at, _)| small_text(tree, at)).collect()
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
    let named = |found: Vec<String>| -> Option<String> {
        found.iter().map(|text| without_date(rules.vocabulary.after_byline(text).unwrap_or(text)).to_owned()).find(
            |text| {
                let names = authors::split(text);
                !names.is_empty() && names.iter().all(|name| prose::words(name) >= 2 || !name.is_ascii())
            },
        )
    };
    let by_class = BYLINES.iter().find_map(|name| {
        named(by_rule(&|node| {
            node.attribute("class")
                .is_some_and(|class| class.split_ascii_whitespace().any(|one| one.eq_ignore_ascii_case(name)))
        }))
    });
    let by_word = || {
        named(by_rule(&|node| {
            let names = [node.attribute("class"), node.attribute("id")].into_iter().flatten();
            names
                .flat_map(|names| names.split(|character: char| !character.is_ascii_alphanumeric()))
                .any(|word| BYLINE_WORDS.iter().any(|known| known.eq_ignore_ascii_case(word)))
        }))
    };
    by_class.or_else(by_word).into_iter().collect()
}

/// A byline up to the date or the separator that follows the names.
fn without_date(byline: &str) -> &str {
    let end =
        byline.find(|character: char| character.is_ascii_digit() || matches!(character, '|' | '•' | '·' | '–' | '—'));
    let names = byline.get(..end.unwrap_or(byline.len())).unwrap_or(byline).trim();
    [" am", " on", " le", " vom", " el", " il", ","]
        .iter()
        .find_map(|joint| names.strip_suffix(joint))
        .unwrap_or(names)
        .trim()
}

/// The text of an element that is small enough to be a label.
fn small_text(tree: &Tree<'_>, at: usize) -> Option<String> {
    let node = tree.get(at)?;
    if node.end - at > LABEL_NODES {
        return None;
    }
    let text = normalise::line(&tree.text(at));
    (!text.is_empty() && prose::weight(&text) <= BYLINE).then_some(text)
}

/// The times that the page shows: first those marked as its date, then each `<time>`.
pub(super) fn times(tree: &Tree<'_>, rules: &Rules) -> Vec<Published> {
    let parse = |raw: Option<&str>| dates::parse(raw?, DateSource::Time, &rules.vocabulary);
    let of = |at: usize, node: &Node<'_>| {
        parse(node.attribute("datetime").or_else(|| node.attribute("content")))
            .or_else(|| parse(Some(&normalise::line(&tree.text(at)))))
    };
    let is_marked = |node: &Node<'_>| {
        node.attribute("itemprop") == Some("datePublished")
            || (node.tag() == "time" && node.attribute("pubdate").is_some())
    };
    let marked = tree.elements().filter(|(_, node)| is_marked(node)).take(4);
    marked.chain(tree.tagged("time").take(8)).filter_map(|(at, node)| of(at, node)).collect()
}

/// A date written out in a small element: one whose class says so, else one close below the main heading.
pub(super) fn written_date(tree: &Tree<'_>, rules: &Rules) -> Option<Published> {
    const WORDS: [&str; 9] = ["date", "time", "publish", "posted", "byline", "meta", "datum", "fecha", "created"];
    let read = |at: usize| dates::parse(&small_text(tree, at)?, DateSource::Text, &rules.vocabulary);
    let by_class = tree.elements().take(TEXTS).find_map(|(at, node)| {
        let class = node.attribute("class").or_else(|| node.attribute("id"))?.to_ascii_lowercase();
        WORDS.iter().any(|word| class.contains(word)).then(|| read(at)).flatten()
    });
    by_class.or_else(|| {
        let (heading, _) = tree.tagged("h1").next()?;
        tree.elements().skip_while(|(at, _)| *at <= heading).take(NEAR_HEADING).find_map(|(at, _)| read(at))
    })
}
