//! What stands above the body: section, title, byline, date, dateline.

use std::ops::Range;

use super::edges;
use super::fields::{self, Fields};
use super::lines::{Line, Lines, key};
use super::titles::{bare, choose};
use crate::article::boilerplate::Rules;
use crate::article::metadata::dateline::is_dateline;
use crate::article::metadata::dates::Reader;
use crate::article::metadata::{address, around, authors, bylines};
use crate::article::model::Model;
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

/// Takes the fields above the first line of running text, and removes repetitions of the title, which a model finds on a page.
pub(super) fn take(
    lines: &mut Lines,
    fields: &mut Fields,
    hinted: Option<&str>,
    document: &Document,
    rules: &Rules,
    reader: Reader<'_>,
    titles: Option<&Model>,
) {
    // Without running text every line may be the article itself.
    let Some(first) = lines.first_prose() else {
        // A crawler's title is one all the same, unless it is all that there is.
        if let Some(title) = hinted.filter(|_| lines.kept().nth(1).is_some()) {
            take_title(lines, title, fields, document);
        }
        return;
    };
    let body = if titles.is_some() { edges::best_run(lines).start } else { first };
    let head = body.saturating_sub(REACH)..body;
    let stated = || hinted.map(key).and_then(|title| lines.0.iter().position(|line| line.key == title));
    let chosen = titles.and_then(|titles| stated().or_else(|| choose(lines, document, rules, reader, titles)));
    // The menus of a page name every section.
    if titles.is_none() {
        take_section(lines, &head, fields, rules);
    }
    match chosen {
        Some(title) => {
            take_around(lines, title, fields, rules, reader);
            // Menus and teasers: no article begins with a label above its title.
            for line in lines.0.iter_mut().take(title).filter(|line| !line.prose) {
                line.remove(BlockKind::Navigation, "title:above");
            }
        }
        None => take_short_lines(lines, &head, fields, rules, reader),
    }
    take_dateline(lines, &head, fields, rules);
    let title = match hinted {
        Some(title) => Some(title.to_owned()),
        None => {
            let found = if titles.is_some() { chosen } else { find(lines, &head) };
            found.and_then(|at| lines.0.get(at)).map(|line| line.text.clone())
        }
    };
    if let Some(title) = title {
        take_title(lines, &title, fields, document);
    }
}

/// Takes author and date from the lines around the title, before what labels further away said.
fn take_around(lines: &mut Lines, title: usize, fields: &mut Fields, rules: &Rules, reader: Reader<'_>) {
    let shown = lines.0.iter().map(|line| around::ShownLine { text: &line.text, prose: line.prose });
    let around = around::read(&shown.collect::<Vec<_>>(), title, rules, reader);
    if !around.authors.is_empty() {
        fields.authors = around.authors;
    }
    fields.published = around.published.or(fields.published.take());
    fields.modified = fields.modified.take().or(around.modified);
    for (at, field) in around.said {
        if let Some(line) = lines.0.get_mut(at) {
            line.remove(BlockKind::Metadata, fields::rule(field));
        }
    }
}

fn take_section(lines: &mut Lines, head: &Range<usize>, fields: &mut Fields, rules: &Rules) {
    for line in above(lines, head) {
        if rules.vocabulary.is_section(&line.text) {
            fields.section.get_or_insert_with(|| line.text.clone());
            line.remove(BlockKind::Metadata, "field:section");
        }
    }
}

/// Bylines and dates.
fn take_short_lines(lines: &mut Lines, head: &Range<usize>, fields: &mut Fields, rules: &Rules, reader: Reader<'_>) {
    for line in above(lines, head).filter(|line| prose::weight(&line.text) <= SHORT) {
        let date = reader.parse(&line.text, DateSource::Text);
        let is_dated = date.is_some();
        let date = date.filter(|date| reader.is_past(date));
        let byline = bylines::after_opening(&line.text, rules).map(|rest| authors::split(strip_date(rest)));
        if let Some(names) = byline.filter(|names| !names.is_empty() && names.iter().all(|name| authors::is_name(name)))
        {
            if fields.authors.is_empty() {
                fields.authors = names;
            }
            fields.published = fields.published.take().or(date);
            line.remove(BlockKind::Metadata, "field:author");
        } else if is_dated && prose::words(&line.text) <= 9 {
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
fn take_dateline(lines: &mut Lines, head: &Range<usize>, fields: &mut Fields, rules: &Rules) {
    let Some(line) = above(lines, head).last() else { return };
    let Some(place) = line.text.strip_suffix([':', '：', '-', '–', '—']) else { return };
    let place = place.trim();
    if prose::weight(place) > SHORT || place.is_empty() || !is_dateline(place, rules) {
        return;
    }
    fields.dateline = Some(place.to_owned());
    line.remove(BlockKind::Metadata, "field:dateline");
}

/// Takes a title without its site, and removes every line that is it again.
fn take_title(lines: &mut Lines, raw: &str, fields: &mut Fields, document: &Document) {
    let host = document.url().and_then(address::host);
    let title = bare(raw, host.as_deref());
    let title_key = key(title);
    if title_key.is_empty() {
        return;
    }
    for line in lines.0.iter_mut().filter(|line| line.is_kept()) {
        if let Some(rule) = repeats(&line.key, &title_key) {
            line.remove(BlockKind::Title, rule);
        }
    }
    fields.title = Some(title.to_owned());
}

/// The line above the body that reads as a headline: one that is repeated, else the first.
fn find(lines: &Lines, head: &Range<usize>) -> Option<usize> {
    let mut candidates = head.clone().filter(|at| lines.0.get(*at).is_some_and(is_headline));
    let stands_twice = |at: &usize| {
        let key = lines.0.get(*at).map(|line| line.key.as_str()).unwrap_or_default();
        lines.0.iter().enumerate().any(|(other, line)| other != *at && repeats(&line.key, key).is_some())
    };
    candidates.clone().find(stands_twice).or_else(|| candidates.next())
}

/// The kept lines of the head.
fn above<'l>(lines: &'l mut Lines, head: &Range<usize>) -> impl Iterator<Item = &'l mut Line> {
    lines.0.get_mut(head.clone()).unwrap_or_default().iter_mut().filter(|line| line.is_kept())
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
