//! Lines that are fields of the article: "Tags: …", "Source : https://…", "Published: …".

use super::lines::{Line, Lines};
use crate::article::boilerplate::{Field, Rules};
use crate::article::metadata::TAGS;
use crate::article::metadata::dates::Reader;
use crate::article::{BlockKind, DateSource, Published, prose};

/// What the lines of a text gave.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) title: Option<String>,
    pub(super) authors: Vec<String>,
    pub(super) published: Option<Published>,
    pub(super) modified: Option<Published>,
    pub(super) section: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) dateline: Option<String>,
    pub(super) source_url: Option<String>,
}

/// Longest label, in characters.
const LABEL: usize = 30;

/// Longest value other than an address or tags, in characters.
const VALUE: usize = 90;

/// Takes the labelled lines. A label alone on its line takes the next line as its value.
pub(super) fn take_labelled(lines: &mut Lines, fields: &mut Fields, rules: &Rules, reader: Reader<'_>) {
    for at in 0..lines.0.len() {
        let Some(line) = lines.0.get(at) else { break };
        let by_other_words = line
            .removed
            .as_ref()
            .is_some_and(|(kind, _)| *kind != BlockKind::ImageCredit && *kind != BlockKind::Navigation);
        if by_other_words {
            continue;
        }
        let Some((field, value)) = labelled(&line.text, rules) else { continue };
        let value = value.to_owned();
        if value.is_empty() {
            let Some(next) = lines.0.get(at + 1).filter(|next| next.is_kept() && !next.prose) else { continue };
            let value = next.text.clone();
            if fill(fields, field, &value, reader) {
                mark(lines.0.get_mut(at), field);
                mark(lines.0.get_mut(at + 1), field);
            }
        } else if fill(fields, field, &value, reader) {
            mark(lines.0.get_mut(at), field);
        }
    }
}

fn mark(line: Option<&mut Line>, field: Field) {
    if let Some(line) = line {
        line.removed = Some((BlockKind::Metadata, rule(field).to_owned()));
    }
}

/// The rule that takes the line of a field.
pub(super) fn rule(field: Field) -> &'static str {
    match field {
        Field::Tags => "field:tags",
        Field::Source => "field:source",
        Field::Author => "field:author",
        Field::Published => "field:published",
        Field::Modified => "field:modified",
        Field::Section => "field:section",
    }
}

/// The field that a line names before its colon, and the rest of the line.
fn labelled<'l>(line: &'l str, rules: &Rules) -> Option<(Field, &'l str)> {
    let (label, value) = line.split_once([':', '：'])?;
    if label.chars().count() > LABEL {
        return None;
    }
    Some((rules.vocabulary.field(label)?, value.trim()))
}

/// Whether the value fits the field; then it is kept, unless the field has one already.
fn fill(fields: &mut Fields, field: Field, value: &str, reader: Reader<'_>) -> bool {
    let short = value.chars().count() <= VALUE;
    match field {
        Field::Tags => {
            let tags = tags(value);
            if tags.is_empty() {
                return false;
            }
            for tag in tags {
                if fields.tags.len() < TAGS && !fields.tags.contains(&tag) {
                    fields.tags.push(tag);
                }
            }
            true
        }
        Field::Source => match address(value) {
            Some(url) => {
                fields.source_url.get_or_insert(url);
                true
            }
            // A name instead of an address is still no part of the text.
            None => short && !prose::ends_sentence(value) && prose::words(value) <= 5,
        },
        Field::Author => {
            let names = crate::article::metadata::authors::split(value);
            let fits = short && !names.is_empty();
            if fits && fields.authors.is_empty() {
                fields.authors = names;
            }
            fits
        }
        Field::Published | Field::Modified => {
            let date = if short { reader.parse(value, DateSource::Text) } else { None };
            let fits = date.is_some();
            // One of the future is no date of this article, but no part of its text either.
            let date = date.filter(|date| reader.is_past(date));
            let slot = if field == Field::Published { &mut fields.published } else { &mut fields.modified };
            if slot.is_none() {
                *slot = date;
            }
            fits
        }
        Field::Section => {
            let fits = short && prose::words(value) <= 6 && !prose::ends_sentence(value);
            if fits {
                fields.section.get_or_insert_with(|| value.to_owned());
            }
            fits
        }
    }
}

/// Tags are short, and separated by commas or the like.
fn tags(value: &str) -> Vec<String> {
    let tags = value
        .split([',', ';', '|', '،', '、', '，', '#', '•', '·'])
        .map(|tag| tag.trim().trim_end_matches('.'))
        .filter(|tag| !tag.is_empty());
    let all_short = tags.clone().all(|tag| tag.chars().count() <= 60 && tag.split_whitespace().count() <= 7);
    if all_short { tags.take(TAGS).map(str::to_owned).collect() } else { Vec::new() }
}

/// The address that a value consists of.
fn address(value: &str) -> Option<String> {
    let value = value.trim_matches(['<', '>', '(', ')', '[', ']', '"']);
    let url = url::Url::parse(value).ok()?;
    let web = matches!(url.scheme(), "http" | "https") && url.has_host() && !value.contains(char::is_whitespace);
    web.then(|| value.to_owned())
}
