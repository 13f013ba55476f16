//! Plain text, as a text-only crawler scraped it: the article among the furniture, line by line.
//!
//! The steps run in this order, each on the lines that the earlier ones left: fields and furniture by words,
//! the title, repetitions, what stands beside furniture, the edges of the body.

mod edges;
mod fields;
mod furniture;
mod head;
mod lines;
mod repeat;

use super::boilerplate::Rules;
use super::metadata::dates;
use super::{Article, DateSource, Explanation, Published, RemovedBlock, normalise};
use crate::document::Document;
use fields::Fields;
use lines::Lines;

/// What was found in a text, before the checks that every article must pass.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) article: Article,
    pub(super) removed: Vec<RemovedBlock>,
}

/// The lines of a text with what became of each, and the fields that were found in them.
fn judge(text: &str, document: &Document, rules: &Rules) -> (Lines, Fields) {
    let mut lines = Lines::split(text);
    let hinted = document.hints.title.as_deref().map(normalise::line).filter(|title| !title.is_empty());
    let mut fields = Fields::default();
    furniture::mark_by_words(&mut lines, rules);
    fields::take_labelled(&mut lines, &mut fields, rules);
    furniture::mark_lists(&mut lines);
    head::take(&mut lines, &mut fields, hinted.as_deref(), document, rules);
    repeat::mark(&mut lines);
    furniture::mark_beside(&mut lines, rules);
    edges::mark(&mut lines);
    (lines, fields)
}

/// What became of each line of a plain text, and why.
pub(super) fn explain(text: &str, document: &Document, rules: &Rules) -> Explanation {
    let (lines, fields) = judge(text, document, rules);
    Explanation { title: fields.title, rejected: None, blocks: lines.into_explained() }
}

/// The article of a plain text.
pub(super) fn extract(text: &str, document: &Document, rules: &Rules) -> Draft {
    let (lines, mut fields) = judge(text, document, rules);
    let published = published(&mut fields, document, rules);
    let body = normalise::body(lines.kept().map(|line| line.text.as_str()));
    let article = Article {
        title: fields.title,
        language: normalise::detect(&body, document.hints.language.as_deref()),
        body,
        authors: fields.authors,
        published,
        modified: fields.modified,
        section: fields.section,
        tags: fields.tags,
        dateline: fields.dateline,
        source_url: fields.source_url,
        ..Article::default()
    };
    Draft { article, removed: lines.into_removed() }
}

/// The carrier's date, else the text's own, else the day in the address of the source or of the page.
/// The address of the source also gives the section where the text names none.
fn published(fields: &mut Fields, document: &Document, rules: &Rules) -> Option<Published> {
    let vocabulary = &rules.vocabulary;
    let by_carrier =
        document.hints.published.as_deref().and_then(|raw| dates::parse(raw, DateSource::Envelope, vocabulary));
    let by_source = fields.source_url.as_deref().and_then(|url| dates::in_url(url, vocabulary));
    if fields.section.is_none() {
        fields.section = by_source.as_ref().and_then(|date| date.section.clone());
    }
    by_carrier.or_else(|| fields.published.take()).or_else(|| {
        by_source
            .or_else(|| document.url().and_then(|url| dates::in_url(url, vocabulary)))
            .map(dates::UrlDate::into_published)
    })
}
