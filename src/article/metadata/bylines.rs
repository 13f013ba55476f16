//! The bylines that a page shows: marked by `rel`, `itemprop`, a class or the address of a link, or opened by a word.

mod elements;

use super::address::{absolute, host};
use super::authors::{self, is_nobody};
use super::dates::Reader;
use super::shown::Shown;
use crate::article::boilerplate::{Field, Rules};
use crate::article::html::Tree;
use crate::article::{normalise, prose};
use elements::{Marks, is_author, small_names};

/// Longest byline, in characters of weight.
const BYLINE: usize = 140;

/// Most nodes of an element that is a byline.
const LABEL_NODES: usize = 60;

/// Most elements that are tried.
const TRIED: usize = 200;

/// Lines below the heading, and above it, among which a byline is the article's.
const NEAR: std::ops::RangeInclusive<isize> = -6..=18;

/// Lines below the heading, and above it, where a line of date and author stands.
const BELOW: std::ops::RangeInclusive<isize> = -2..=6;

/// Most words of a date in front of a byline.
const WORDS_OF_DATE: usize = 9;

/// Most words of a byline that has a date behind it and ends as a sentence does.
const WORDS_OF_BYLINE: usize = 20;

/// Lines between the names of one byline.
const TOGETHER: isize = 3;

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
    let mut marks = Marks::default();
    let marked =
        tree.elements().filter(|(at, _)| !shown.is_skipped(*at)).filter_map(|(at, node)| Some((at, marks.of(node)?)));
    for (at, mark) in marked.take(TRIED) {
        let Some(names) = small_names(tree, at, rules).filter(|names| !names.is_empty()) else { continue };
        if authors::names_another_role(&shown.before(tree, at)) {
            continue;
        }
        let is_marked = tree.get(at).is_some_and(is_author);
        push(&mut found, names, mark, shown.below_heading(at), is_marked);
    }
    let mut labelled = None;
    for line in shown.lines.iter().filter(|line| prose::weight(&line.text) <= BYLINE) {
        let below = shown.below_heading(line.at);
        if let Some(byline) = written(&line.text, rules) {
            let mark = if line.text.contains([':', '：']) { 4 } else { 3 };
            push(&mut found, authors::split(byline), mark, below, false);
        } else if below.is_some_and(|below| BELOW.contains(&below))
            && let Some(byline) = behind_date(&line.text, rules)
        {
            push(&mut found, authors::split(byline), 3, below, false);
        } else if labelled.is_some_and(|label: isize| below == Some(label + 1)) && !prose::ends_sentence(&line.text) {
            // "Written by" on a line of its own, and the name on the next.
            push(&mut found, names_of(&line.text, rules), 3, below, false);
        }
        labelled = below.filter(|_| authors::is_opening(&line.text));
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

/// What follows the word that opens a byline, or the label of one.
fn written<'l>(line: &'l str, rules: &Rules) -> Option<&'l str> {
    if let Some((label, value)) = line.split_once([':', '：'])
        && rules.vocabulary.field(label) == Some(Field::Author)
    {
        return Some(before_date(value.trim(), rules));
    }
    let rest = after_opening(line, rules)?;
    // "Von der Leyen …" and "By the time …" are no bylines: a name begins with a capital, and a byline is no sentence.
    let rest = authors::without_opening(rest);
    let named = rest.chars().next().is_some_and(|first| !first.is_lowercase() && first.is_alphabetic());
    let byline = before_date(rest, rules);
    // "Jane Doe, updated May 5 at 5:49 p.m." ends as a sentence does.
    let is_dated = byline.len() < rest.trim().len() && prose::words(rest) <= WORDS_OF_BYLINE;
    let is_sentence = prose::ends_sentence(rest) && !is_dated;
    (named && !is_sentence).then_some(byline)
}

/// What follows the word that opens a byline, in any language that is known.
pub(crate) fn after_opening<'l>(line: &'l str, rules: &Rules) -> Option<&'l str> {
    rules.vocabulary.after_byline(line).or_else(|| authors::after_opening(line))
}

/// What follows the word that opens a byline behind a date: "12 May 2024, 13:30 by Jane Doe".
fn behind_date<'l>(line: &'l str, rules: &Rules) -> Option<&'l str> {
    const OPENS: [&str; 9] = ["by", "von", "par", "por", "door", "av", "af", "przez", "oleh"];
    let is_year = |number: &str| number.len() == 4 && (number.starts_with("19") || number.starts_with("20"));
    let mut words = line.match_indices(' ').map(|(at, _)| at).take(WORDS_OF_DATE);
    words.find_map(|at| {
        let has_year = line.get(..at)?.split(|character: char| !character.is_ascii_digit()).any(is_year);
        let (opening, names) = line.get(at + 1..)?.split_once([' ', ':'])?;
        let opens = OPENS.iter().any(|known| opening.eq_ignore_ascii_case(known));
        let named = names.starts_with(char::is_uppercase) && !prose::ends_sentence(names);
        (has_year && opens && named).then(|| before_date(names, rules))
    })
}

/// The names in a line that opens as a byline does, or has one behind a date.
pub(crate) fn of_line(line: &str, rules: &Rules) -> Option<Vec<String>> {
    let byline = written(line, rules).or_else(|| behind_date(line, rules))?;
    Some(authors::split(byline)).filter(|names| !names.is_empty())
}

fn names_of(text: &str, rules: &Rules) -> Vec<String> {
    authors::split(before_date(rules.vocabulary.after_byline(text).unwrap_or(text), rules))
}

/// A byline up to the date or the separator that follows the names.
pub(crate) fn before_date<'b>(byline: &'b str, rules: &Rules) -> &'b str {
    let end = byline.char_indices().find(|(at, character)| {
        matches!(character, '|' | '•' | '·' | '–' | '—')
            // "7 News" and "r23" are names, "12 May" after a name is not.
            || (character.is_ascii_digit() && byline.get(..*at).is_some_and(|before| before.ends_with([' ', '.', ',']) && before.len() > 3))
    });
    let Some((at, first)) = end else { return byline.trim() };
    let mut names = byline.get(..at).unwrap_or(byline).trim_end();
    // "Jane Doe March 3", "Jeanne Dubois le 5 mars"
    let reader = Reader::new(&rules.vocabulary);
    while first.is_ascii_digit()
        && let Some((before, last)) = names.rsplit_once(' ')
        && (authors::leads_to_date(last) || reader.is_of_date(last.trim_end_matches([',', '.'])))
    {
        names = before.trim_end_matches([' ', ',']);
    }
    names
}
