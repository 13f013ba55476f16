//! How often titles, authors and dates are those that people noted, and the figures that they are held to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use copydesk::article::Article;
use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use crate::corpus::{Input, Page};

/// What is asked of a field in a set: the best peer's figure on the same pages, and the least of ours. Peers read HTML alone.
///
/// The peers are trafilatura 2.3.1, go-trafilatura, rs-trafilatura 0.2.2, dom_smoothie 0.19 and newspaper4k 0.9.6, for
/// dates alone also htmldate, each at its defaults, and a short program that reads JSON-LD and then OpenGraph; the best of
/// them on each field, by the scorer that this file follows.
struct Bar {
    field: Field,
    set: &'static str,
    peer: Option<f64>,
    must: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Field {
    /// Share of pages whose title has the same words.
    Title,
    /// F1 of the names, over all pages of the set.
    Authors,
    /// Share of pages with the same day.
    Date,
    /// F1 of the tags, over all pages of the set that have any.
    Tags,
}

impl Field {
    const ALL: [Self; 4] = [Self::Title, Self::Authors, Self::Date, Self::Tags];

    fn label(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Authors => "authors",
            Self::Date => "date",
            Self::Tags => "tags",
        }
    }
}

impl Bar {
    fn count(&self, pages: &[(&Page, Option<&Article>)]) -> Count {
        let mut count = Count::default();
        for (page, article) in pages.iter().filter(|(page, _)| page.set == self.set) {
            count.add(judge(self.field, page, *article));
        }
        count
    }
}

const fn bar(field: Field, set: &'static str, peer: f64, must: f64) -> Bar {
    Bar { field, set, peer: Some(peer), must }
}

const fn of_text(field: Field, set: &'static str, must: f64) -> Bar {
    Bar { field, set, peer: None, must }
}

/// Of what a reader of plain text alone can tell.
const BARS_OF_TEXT: [Bar; 9] = [
    of_text(Field::Title, "andy", 0.88),
    of_text(Field::Title, "fundus", 0.72),
    of_text(Field::Title, "trafsnip", 0.73),
    of_text(Field::Authors, "andy", 0.78),
    of_text(Field::Authors, "fundus", 0.64),
    of_text(Field::Authors, "trafsnip", 0.53),
    of_text(Field::Date, "andy", 0.78),
    of_text(Field::Date, "fundus", 0.72),
    of_text(Field::Date, "trafsnip", 0.70),
];

/// Of what Markdown shows, without the data and the names of the page that it was made of.
const BARS_OF_MARKDOWN: [Bar; 9] = [
    of_text(Field::Title, "andy", 0.90),
    of_text(Field::Title, "fundus", 0.78),
    of_text(Field::Title, "trafsnip", 0.74),
    of_text(Field::Authors, "andy", 0.82),
    of_text(Field::Authors, "fundus", 0.71),
    of_text(Field::Authors, "trafsnip", 0.60),
    of_text(Field::Date, "andy", 0.80),
    of_text(Field::Date, "fundus", 0.80),
    of_text(Field::Date, "trafsnip", 0.77),
];

const BARS: [Bar; 11] = [
    bar(Field::Title, "andy", 0.879, 0.91),
    bar(Field::Title, "fundus", 0.831, 0.88),
    bar(Field::Title, "trafsnip", 0.721, 0.76),
    bar(Field::Authors, "andy", 0.850, 0.875),
    bar(Field::Authors, "fundus", 0.872, 0.90),
    bar(Field::Authors, "trafsnip", 0.581, 0.63),
    bar(Field::Date, "andy", 0.862, 0.89),
    bar(Field::Date, "fundus", 0.985, 0.985),
    bar(Field::Date, "trafsnip", 0.866, 0.89),
    bar(Field::Date, "htmldate", 0.900, 0.91),
    bar(Field::Tags, "fundus", 0.706, 0.80),
];

/// What is right, what is missed, and what is too much.
#[derive(Debug, Default, Clone, Copy)]
struct Count {
    pages: usize,
    right: usize,
    missed: usize,
    surplus: usize,
}

impl Count {
    /// One page's; nothing where nothing is known.
    fn of(known: &BTreeSet<String>, found: &BTreeSet<String>) -> Self {
        if known.is_empty() {
            return Self::default();
        }
        Self {
            pages: 1,
            right: known.intersection(found).count(),
            missed: known.difference(found).count(),
            surplus: found.difference(known).count(),
        }
    }

    fn add(&mut self, other: Self) {
        self.pages += other.pages;
        self.right += other.right;
        self.missed += other.missed;
        self.surplus += other.surplus;
    }

    /// F1, which is the share of pages where each has one answer that counts once.
    fn figure(self) -> f64 {
        let all = 2 * self.right + self.missed + self.surplus;
        if all == 0 { 0.0 } else { 2.0 * self.right as f64 / all as f64 }
    }
}

/// Prints the tables; answers whether every bar is met. A page without an article has none of its fields.
pub fn print(pages: &[(&Page, Option<&Article>)], input: Input) -> bool {
    let bars: &[Bar] = match input {
        Input::Html => &BARS,
        Input::Bare => &BARS_OF_MARKDOWN,
        Input::Plain => &BARS_OF_TEXT,
    };
    let mut met = true;
    println!("{:<10}{:<14}{:>6}{:>8}{:>8}{:>8}", "metadata", "set", "pages", "ours", "peer", "must");
    for bar in bars {
        let count = bar.count(pages);
        let figure = count.figure();
        let is_met = figure >= bar.must;
        met &= is_met;
        println!(
            "{:<10}{:<14}{:>6}{figure:>8.4}{:>8}{:>8.3}{}",
            bar.field.label(),
            bar.set,
            count.pages,
            bar.peer.map_or_else(String::new, |peer| format!("{peer:.3}")),
            bar.must,
            if is_met { "" } else { " <" },
        );
    }
    for field in Field::ALL.into_iter().filter(|field| bars.iter().any(|bar| bar.field == *field)) {
        languages(field, bars, pages);
    }
    met
}

/// Prints how many titles are right, set by set.
pub fn print_titles(what: &str, pages: &[(&Page, Option<&Article>)]) {
    let sets = BARS_OF_TEXT
        .iter()
        .filter(|bar| bar.field == Field::Title)
        .map(|bar| format!("{} {:.4}", bar.set, bar.count(pages).figure()));
    println!("titles {what}: {}", sets.collect::<Vec<_>>().join(", "));
}

/// The figures of each language that has at least three pages.
fn languages(field: Field, bars: &[Bar], pages: &[(&Page, Option<&Article>)]) {
    let mut by_language: BTreeMap<&str, Count> = BTreeMap::new();
    for (page, article) in
        pages.iter().filter(|(page, _)| bars.iter().any(|bar| bar.field == field && bar.set == page.set))
    {
        let language = page.language.as_deref().unwrap_or("none");
        by_language.entry(language).or_default().add(judge(field, page, *article));
    }
    let mut rows: Vec<(&str, Count)> = by_language.into_iter().filter(|(_, count)| count.pages >= 3).collect();
    rows.sort_by_key(|(_, count)| usize::MAX - count.pages);
    let cells = rows.iter().map(|(language, count)| format!("{language} {:.3} ({})", count.figure(), count.pages));
    println!("{} by language: {}", field.label(), cells.collect::<Vec<_>>().join(", "));
}

/// One page's part in a figure; nothing where nobody noted the field.
fn judge(field: Field, page: &Page, article: Option<&Article>) -> Count {
    let one = |known: Option<String>, found: Option<String>| match known {
        None => Count::default(),
        Some(known) if found.as_ref() == Some(&known) => Count { pages: 1, right: 1, ..Count::default() },
        // A wrong answer counts as a missed one once, so that the figure is a share of pages.
        Some(_) => Count { pages: 1, missed: 1, surplus: 1, ..Count::default() },
    };
    match field {
        Field::Title => {
            one(page.title.as_deref().map(folded), article.and_then(|article| article.title.as_deref()).map(folded))
        }
        Field::Date => {
            let found = article.and_then(|article| article.published.as_ref()).map(|date| date.day().to_owned());
            one(page.date.as_deref().and_then(day), found)
        }
        Field::Authors => {
            let known = names(page.authors.iter().map(String::as_str));
            let named = article.map(|article| article.authors.as_slice()).unwrap_or_default();
            Count::of(&known, &names(named.iter().map(|author| author.name.as_str())))
        }
        Field::Tags => {
            let known = tags(&page.topics);
            let found = article.map(|article| article.tags.as_slice()).unwrap_or_default();
            Count::of(&known, &tags(found))
        }
    }
}

/// The words of a text, compatibility forms and case folded: by them two titles are compared.
pub fn folded(text: &str) -> String {
    static WORDS: LazyLock<Regex> = LazyLock::new(|| match Regex::new(r"\w+") {
        Ok(words) => words,
        Err(error) => unreachable!("a fixed expression is valid: {error}"),
    });
    let text: String = text.nfkc().collect::<String>().to_lowercase();
    WORDS.find_iter(&text).map(|word| word.as_str()).collect::<Vec<_>>().join(" ")
}

/// Names without what opens a byline.
fn names<'n>(names: impl Iterator<Item = &'n str>) -> BTreeSet<String> {
    const OPENINGS: [&str; 9] = ["by ", "von ", "par ", "por ", "de ", "di ", "van ", "av ", "af "];
    let bare = names.map(|name| {
        let name = folded(name);
        OPENINGS.iter().find_map(|opening| name.strip_prefix(opening)).map(str::to_owned).unwrap_or(name)
    });
    bare.filter(|name| !name.is_empty()).collect()
}

/// Tags, those split that a list names as one: "Doe, John" is two wherever it stands.
fn tags(values: &[String]) -> BTreeSet<String> {
    let parts = values.iter().flat_map(|value| value.split([',', ';', '，', '、']));
    parts.map(folded).filter(|tag| !tag.is_empty()).collect()
}

/// The day of a noted date, `YYYY-MM-DD`; dates that are none stay as they are, and no answer is equal to them.
fn day(noted: &str) -> Option<String> {
    let mut parts = noted.split(|character: char| !character.is_ascii_digit());
    let year = parts.next().filter(|year| year.len() == 4)?;
    let mut number = || parts.next().and_then(|part| part.get(..part.len().min(2))?.parse::<u8>().ok());
    Some(format!("{year}-{:02}-{:02}", number()?, number()?))
}
