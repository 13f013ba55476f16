//! What stands above the body: section, title, byline, date, dateline.

use super::fields::Fields;
use super::lines::{Line, Lines, key};
use crate::article::boilerplate::Rules;
use crate::article::metadata::title::{Site, without_site};
use crate::article::metadata::{authors, dates};
use crate::article::{BlockKind, DateSource, prose};
use crate::document::Document;

/// Lengths of a title, in characters of weight.
const TITLE: std::ops::RangeInclusive<usize> = 15..=250;

/// What may follow a title on its line ("Source: …", a credit), in characters of weight.
const SUFFIX: usize = 60;

/// Longest dateline, byline or date line, in characters of weight.
const SHORT: usize = 70;

/// Lines above the body that are searched for its title.
const REACH: usize = 12;

/// Takes the fields above the first line of running text, and removes repetitions of the title.
pub(super) fn take(lines: &mut Lines, fields: &mut Fields, hinted: Option<&str>, document: &Document, rules: &Rules) {
    // Without running text every line may be the article itself.
    let Some(body) = lines.first_prose() else { return };
    take_section(lines, body, fields, rules);
    take_short_lines(lines, body, fields, rules);
    take_dateline(lines, body, fields, rules);
    take_title(lines, body, fields, hinted, document);
}

fn take_section(lines: &mut Lines, body: usize, fields: &mut Fields, rules: &Rules) {
    for line in lines.0.iter_mut().take(body).filter(|line| line.is_kept()) {
        if rules.vocabulary.is_section(&line.text) {
            fields.section.get_or_insert_with(|| line.text.clone());
            line.remove(BlockKind::Metadata, "field:section");
        }
    }
}

/// Bylines and dates.
fn take_short_lines(lines: &mut Lines, body: usize, fields: &mut Fields, rules: &Rules) {
    for line in lines.0.iter_mut().take(body).filter(|line| line.is_kept() && prose::weight(&line.text) <= SHORT) {
        let date = dates::parse(&line.text, DateSource::Text, &rules.vocabulary);
        let byline = rules.vocabulary.after_byline(&line.text).map(|rest| authors::split(strip_date(rest)));
        if let Some(names) = byline.filter(|names| !names.is_empty() && names.iter().all(|name| authors::is_name(name)))
        {
            if fields.authors.is_empty() {
                fields.authors = names;
            }
            fields.published = fields.published.take().or(date);
            line.remove(BlockKind::Metadata, "field:author");
        } else if date.is_some() && prose::words(&line.text) <= 9 {
            fields.published = fields.published.take().or(date);
            line.remove(BlockKind::Metadata, "field:published");
        }
    }
}

/// A byline without the date that follows it.
fn strip_date(byline: &str) -> &str {
    byline.split(['|', '•', '·', '–', '—', '\t']).next().unwrap_or(byline).trim()
}

/// A line of place and agency directly above the body, ended by a colon or dash ("Paris (AFP) –").
fn take_dateline(lines: &mut Lines, body: usize, fields: &mut Fields, rules: &Rules) {
    let Some(line) = lines.0.iter_mut().take(body).rfind(|line| line.is_kept()) else { return };
    let Some(place) = line.text.strip_suffix([':', '：', '-', '–', '—']) else { return };
    let place = place.trim();
    if prose::weight(place) > SHORT || place.is_empty() || !is_dateline(place, rules) {
        return;
    }
    fields.dateline = Some(place.to_owned());
    line.remove(BlockKind::Metadata, "field:dateline");
}

/// Names only: each word has a capital, a digit, or joins two names. Scripts without capitals must name an agency.
fn is_dateline(place: &str, rules: &Rules) -> bool {
    let words: Vec<&str> =
        place.split([' ', '-', '/', ',', '(', ')', '–', '—', '|', '،', '、']).filter(|word| !word.is_empty()).collect();
    if words.is_empty() || words.len() > 7 {
        return false;
    }
    let agency = words.iter().any(|word| rules.vocabulary.is_agency(word));
    let names = words.iter().filter(|word| word.chars().next().is_some_and(|first| first.is_uppercase())).count();
    let joined = words.iter().all(|word| {
        word.chars().next().is_some_and(|first| first.is_uppercase() || first.is_ascii_digit())
            || rules.vocabulary.month(word).is_some()
            || matches!(
                *word,
                "de" | "du"
                    | "la"
                    | "le"
                    | "les"
                    | "el"
                    | "del"
                    | "of"
                    | "the"
                    | "al"
                    | "am"
                    | "an"
                    | "der"
                    | "den"
                    | "und"
                    | "et"
                    | "y"
                    | "e"
                    | "and"
            )
    });
    (names > 0 && joined) || agency
}

fn take_title(lines: &mut Lines, body: usize, fields: &mut Fields, hinted: Option<&str>, document: &Document) {
    let host =
        document.url().and_then(|url| url::Url::parse(url).ok()).and_then(|url| url.host_str().map(str::to_owned));
    let site = Site { name: None, host: host.as_deref() };
    let found = match hinted {
        Some(title) => Some(without_site(title, site).to_owned()),
        None => find(lines, body).and_then(|at| lines.0.get(at)).map(|line| without_site(&line.text, site).to_owned()),
    };
    let Some(title) = found else { return };
    let title_key = key(&title);
    if title_key.is_empty() {
        return;
    }
    for line in lines.0.iter_mut().filter(|line| line.is_kept()) {
        if let Some(rule) = repeats(&line.key, &title_key) {
            line.remove(BlockKind::Title, rule);
        }
    }
    fields.title = Some(title);
}

/// The line above the body that reads as a headline: one that is repeated, else the first of the last few.
fn find(lines: &Lines, body: usize) -> Option<usize> {
    let from = body.saturating_sub(REACH);
    let candidates: Vec<usize> = (from..body).filter(|at| lines.0.get(*at).is_some_and(is_headline)).collect();
    let repeated = candidates.iter().copied().find(|at| {
        let key = lines.0.get(*at).map(|line| line.key.as_str()).unwrap_or_default();
        lines.0.iter().enumerate().any(|(other, line)| other != *at && repeats(&line.key, key).is_some())
    });
    repeated.or_else(|| candidates.first().copied())
}

fn is_headline(line: &Line) -> bool {
    line.is_kept()
        && TITLE.contains(&prose::weight(&line.text))
        && prose::words(&line.text) >= 3
        && !line.text.ends_with(['.', ':', ';', ',', '。', '：', '،'])
}

/// Whether a line is the title again, alone or with a short addition, and by which rule.
fn repeats(line: &str, title: &str) -> Option<&'static str> {
    let rest = line.strip_prefix(title)?;
    if rest.is_empty() {
        return Some("title:line");
    }
    let separate = !rest.starts_with(char::is_alphanumeric);
    (separate && prose::weight(rest) <= SUFFIX).then_some("title:with_suffix")
}
