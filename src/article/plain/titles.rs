//! Which line of a page's text is the title of its article, as a model judges the lines above its body.

use std::ops::Range;

use super::edges;
use super::lines::{Line, Lines};
use crate::article::boilerplate::Rules;
use crate::article::features::{self, MOST_WORDS, PageWords, Rows, TextWords, share};
use crate::article::metadata::dates::Reader;
use crate::article::metadata::title::{Site, likeness, without_site};
use crate::article::metadata::{address, authors, bylines};
use crate::article::model::Model;
use crate::article::{DateSource, prose};
use crate::document::Document;
use foldhash::HashMap;

/// Lines above the body, and within it, among which its title is looked for.
const ABOVE: usize = 160;
const WITHIN: usize = 12;

/// Lengths of a title, in characters of weight.
const TITLE: std::ops::RangeInclusive<usize> = 6..=250;

/// Lines that are compared with each of them, for one that begins as another does.
const COMPARED: usize = 2_000;

/// Bytes of a beginning that two lines hardly share by chance.
const SHORTEST_BEGINNING: usize = 15;

/// A neighbour longer than this is no longer for it, in characters of weight.
const LONG: usize = 500;

/// Longest line that may be a date or a byline, in characters of weight.
const SHORT: usize = 90;

/// Lines below and above a title among which its date and byline are looked for.
const AROUND: usize = 8;

/// Neighbours on each side that are described.
const NEIGHBOURS: isize = 3;

const NEIGHBOUR_NAMES: [[&str; 4]; 6] = [
    ["b3_weight", "b3_prose", "b3_kept", "b3_sentence"],
    ["b2_weight", "b2_prose", "b2_kept", "b2_sentence"],
    ["b1_weight", "b1_prose", "b1_kept", "b1_sentence"],
    ["a1_weight", "a1_prose", "a1_kept", "a1_sentence"],
    ["a2_weight", "a2_prose", "a2_kept", "a2_sentence"],
    ["a3_weight", "a3_prose", "a3_kept", "a3_sentence"],
];

/// Log odds below which no line is the title.
const LEAST: f32 = -3.5;

/// Log odds by which a line may be likelier than the one above it, and be its standfirst nevertheless.
const STANDFIRST: f32 = 0.5;

/// The lines of a text that may be the title.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    /// Their places among all lines, in order.
    pub(super) places: Vec<usize>,
    /// A row for each.
    pub(super) rows: Rows,
}

/// The line that is likeliest to be the title; none where no line is likely.
pub(super) fn choose(
    lines: &Lines,
    document: &Document,
    rules: &Rules,
    reader: Reader<'_>,
    model: &Model,
) -> Option<usize> {
    let candidates = describe(lines, document, rules, reader);
    if !model.fits(candidates.rows.names()) {
        return None;
    }
    let scores = model.scores(candidates.rows.iter());
    let scored = || candidates.places.iter().copied().zip(scores.iter().copied());
    let (best, score) = scored().max_by(|one, other| one.1.total_cmp(&other.1)).filter(|(_, score)| *score >= LEAST)?;
    // A standfirst may look like a title; it stands below its own.
    let above = scored().find(|(place, above)| place + 1 == best && score - above <= STANDFIRST);
    Some(above.map_or(best, |(place, _)| place))
}

/// A line without the name of its site.
pub(super) fn bare<'l>(line: &'l str, host: Option<&str>) -> &'l str {
    without_site(line, Site { name: None, host, section: None })
}

/// Describes the lines that may be the title.
pub(super) fn describe(lines: &Lines, document: &Document, rules: &Rules, reader: Reader<'_>) -> Candidates {
    let page = Page::of(&lines.0, edges::best_run(lines), document, rules, reader);
    let places: Vec<usize> = page.window.clone().filter(|at| TITLE.contains(&page.weight(*at))).collect();
    let around = page.window.start.saturating_sub(2);
    let likenesses: Vec<Likeness> = (around..page.window.end + 2).map(|at| page.likeness(at)).collect();
    let of = |at: usize| at.checked_sub(around).and_then(|place| likenesses.get(place)).copied().unwrap_or_default();
    let best = |field: fn(Likeness) -> f32| places.iter().map(|at| field(of(*at))).fold(0.0_f32, f32::max);
    let (best_telling, best_slug) = (best(|one| one.telling), best(|one| one.slug));
    let mut rows = Rows::default();
    for at in places.iter().copied() {
        let likeness = of(at);
        rows.begin();
        page.describe_place(&mut rows, at, &places);
        rows.push("body_telling", likeness.telling);
        rows.push("body_telling_best", best_telling - likeness.telling);
        rows.push("body_words", likeness.words);
        rows.push("body_runs", likeness.runs);
        rows.flag("has_slug", !page.slug.is_empty());
        rows.push("slug", likeness.slug);
        rows.push("slug_best", best_slug - likeness.slug);
        page.describe_neighbours(&mut rows, at);
        // A standfirst stands below a line that is about the article as well, a title below what is about anything.
        for (offset, names) in
            [(-2, ["b2_telling", "b2_words"]), (-1, ["b1_telling", "b1_words"]), (1, ["a1_telling", "a1_words"])]
        {
            let other = at.checked_add_signed(offset).map(of).unwrap_or_default();
            rows.push(names[0], other.telling);
            rows.push(names[1], other.words);
        }
    }
    Candidates { places, rows }
}

/// How a line is like the body and the address of the page, as shares.
#[derive(Debug, Clone, Copy, Default)]
struct Likeness {
    /// Of its longer words, those in the body.
    telling: f32,
    /// Of all its words.
    words: f32,
    /// Of its runs of words.
    runs: f32,
    /// Words that it and the address have in common.
    slug: f32,
}

/// What the lines of a page are described by.
struct Page<'p> {
    all: &'p [Line],
    /// The lines with the most running text.
    run: Range<usize>,
    /// Where the title is looked for.
    window: Range<usize>,
    /// The words of the running text.
    body: PageWords,
    /// How often each line stands on the page.
    keys: HashMap<&'p str, usize>,
    /// The words of the page's address.
    slug: Vec<String>,
    /// Weights of the lines down to a little below the window.
    weights: Vec<usize>,
    surroundings: Surroundings,
    rules: &'p Rules,
}

impl<'p> Page<'p> {
    fn of(all: &'p [Line], run: Range<usize>, document: &Document, rules: &'p Rules, reader: Reader<'_>) -> Self {
        let window = run.start.saturating_sub(ABOVE)..(run.start + WITHIN).min(run.end).max(run.start);
        let mut left = MOST_WORDS;
        let mut body = PageWords::default();
        for line in all.get(run.clone()).unwrap_or_default().iter().filter(|line| line.is_kept() && line.prose) {
            body.add(&TextWords::of(&line.text, &mut left));
        }
        let mut keys: HashMap<&str, usize> = HashMap::default();
        for line in all {
            *keys.entry(line.key.as_str()).or_default() += 1;
        }
        let around = window.start.saturating_sub(AROUND)..(window.end + AROUND).min(all.len());
        Self {
            weights: all.iter().take(around.end).map(|line| prose::weight(&line.text)).collect(),
            surroundings: Surroundings::of(all, around, rules, reader),
            slug: document.url().map(address::slug).unwrap_or_default(),
            all,
            run,
            window,
            body,
            keys,
            rules,
        }
    }

    fn weight(&self, at: usize) -> usize {
        self.weights.get(at).copied().unwrap_or(0)
    }

    fn likeness(&self, at: usize) -> Likeness {
        let Some(line) = self.all.get(at) else { return Likeness::default() };
        let words = TextWords::of(&line.text, &mut { MOST_WORDS });
        let own = self.run.contains(&at) && line.is_kept() && line.prose;
        let alike = self.body.likeness(&words, own);
        let runs = self.body.shared_runs(&words, own);
        let slug = if self.slug.is_empty() { 0.0 } else { likeness(&line.text, &self.slug) as f32 };
        Likeness { telling: alike.telling, words: alike.words, runs, slug }
    }

    /// Its own words, and where it stands.
    fn describe_place(&self, rows: &mut Rows, at: usize, places: &[usize]) {
        let (all, start) = (self.all, self.run.start);
        let Some(line) = all.get(at) else { return };
        features::of_text(rows, &line.text, self.weight(at), prose::words(&line.text), line.verdict);
        rows.flag("is_kept", line.is_kept());
        rows.push("kind", features::kind_code(line.removed.as_ref().map(|(kind, _)| *kind)));
        rows.push("above_body", share(start, 1) - share(at, 1));
        rows.count("place", at);
        rows.share("place_share", at, all.len());
        rows.count("candidates_below", places.iter().filter(|other| **other > at && **other < start).count());
        rows.count("next_prose", lines_to(all, at, |line| line.is_kept() && line.prose));
        rows.count("next_sentence", lines_to(all, at, |line| prose::ends_sentence(&line.text)));
        rows.count("longest_below", (at + 1..start).map(|below| self.weight(below)).max().unwrap_or(0));
        rows.count("equal", self.keys.get(line.key.as_str()).copied().unwrap_or(1));
        let compared = || all.iter().take(COMPARED).map(|other| other.key.as_str());
        rows.count("extended", compared().filter(|other| extends(other, &line.key)).take(3).count());
        rows.flag("extends", compared().any(|other| extends(&line.key, other)));
    }

    /// What names it, dates and bylines around it, and its neighbours.
    fn describe_neighbours(&self, rows: &mut Rows, at: usize) {
        let text = self.all.get(at).map(|line| line.text.as_str()).unwrap_or_default();
        rows.flag("has_site", bare(text, None).len() < text.len());
        rows.flag("is_section", self.rules.vocabulary.is_section(text));
        self.surroundings.describe(rows, at);
        let near = |offset: isize| at.checked_add_signed(offset).and_then(|place| self.all.get(place));
        for (offset, names) in (-NEIGHBOURS..=NEIGHBOURS).filter(|offset| *offset != 0).zip(NEIGHBOUR_NAMES) {
            let other = near(offset);
            rows.count(names[0], other.map_or(0, |line| prose::weight(&line.text).min(LONG)));
            rows.flag(names[1], other.is_some_and(|line| line.prose));
            rows.flag(names[2], other.is_some_and(Line::is_kept));
            rows.flag(names[3], other.is_some_and(|line| prose::ends_sentence(&line.text)));
        }
        rows.flag("section_above", near(-1).is_some_and(|line| self.rules.vocabulary.is_section(&line.text)));
    }
}

/// Whether a line begins as another does, and goes on.
fn extends(line: &str, beginning: &str) -> bool {
    beginning.len() >= SHORTEST_BEGINNING && line.len() > beginning.len() && line.starts_with(beginning)
}

/// Lines from one to the next of a kind, at most [`ABOVE`].
fn lines_to(all: &[Line], at: usize, is: impl Fn(&Line) -> bool) -> usize {
    all.iter().skip(at + 1).take(ABOVE).position(is).unwrap_or(ABOVE)
}

/// Which lines of a range are dates and bylines.
struct Surroundings {
    start: usize,
    dates: Vec<bool>,
    bylines: Vec<bool>,
}

impl Surroundings {
    fn of(all: &[Line], range: Range<usize>, rules: &Rules, reader: Reader<'_>) -> Self {
        let short: Vec<Option<&str>> = all
            .get(range.clone())
            .unwrap_or_default()
            .iter()
            .map(|line| Some(line.text.as_str()).filter(|text| prose::weight(text) <= SHORT))
            .collect();
        let is_byline = |text: &str| {
            bylines::after_opening(text, rules).is_some_and(|rest| !authors::split(rest).is_empty())
                || authors::is_opening(text)
        };
        Self {
            start: range.start,
            dates: short
                .iter()
                .map(|text| text.is_some_and(|text| reader.parse(text, DateSource::Text).is_some()))
                .collect(),
            bylines: short.iter().map(|text| text.is_some_and(is_byline)).collect(),
        }
    }

    fn describe(&self, rows: &mut Rows, at: usize) {
        let here = at.saturating_sub(self.start);
        let below = |flags: &[bool]| flags.iter().skip(here + 1).take(AROUND).position(|is| *is).unwrap_or(AROUND);
        let above = |flags: &[bool]| {
            let before = flags.get(..here).unwrap_or_default();
            before.iter().rev().take(AROUND).position(|is| *is).unwrap_or(AROUND)
        };
        rows.flag("is_date", self.dates.get(here).copied().unwrap_or(false));
        rows.flag("is_byline", self.bylines.get(here).copied().unwrap_or(false));
        rows.count("date_below", below(&self.dates));
        rows.count("date_above", above(&self.dates));
        rows.count("byline_below", below(&self.bylines));
        rows.count("byline_above", above(&self.bylines));
    }
}
