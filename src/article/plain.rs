//! Plain text, as a text-only crawler scraped it: the article among the furniture, line by line.
//!
//! First the lines: hard-wrapped paragraphs are joined, and a notice at the end of a single line is cut off. Then the
//! steps run in this order, each on the lines that the earlier ones left: fields and furniture by words, the title,
//! repetitions, what stands beside furniture, the edges of the body.

mod edges;
mod extent;
mod fields;
mod furniture;
mod glued;
mod head;
mod headings;
mod lines;
mod one_line;
mod repeat;
mod rows;
mod runs;
mod sentences;
mod subtitles;
mod titles;
mod wrap;

use super::about::Author;
use super::boilerplate::Rules;
use super::classifier;
use super::confidence::{self, Weighed};
use super::features::{Cues, Rows};
use super::metadata::dates::{Reader, UrlDate};
use super::metadata::{address, authors, rights, tags_of_carrier};
use super::model::{Model, probability};
use super::{
    Article, Assessment, DateSource, Explanation, ExtractLimits, FieldSource, Models, Published, RemovedBlock,
    StudiedBlock, Study, normalise, prose,
};
use crate::document::{Document, Hints};
use crate::rejection::Rejection;
use extent::Extent;
use fields::Fields;
use lines::Lines;

/// What was found in a text, before the checks that every article must pass.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) article: Article,
    pub(super) removed: Vec<RemovedBlock>,
    pub(super) assessment: Option<Assessment>,
    /// Share of the body that is links, in percent; 0 where that is not known.
    pub(super) linked: usize,
}

/// A text in its lines, after the rules have had their say.
struct Parts {
    lines: Lines,
    fields: Fields,
    extent: Extent,
    /// A row for each line; none where the classifier is not asked.
    rows: Option<Rows>,
}

fn take_apart(
    text: &str,
    document: &Document,
    rules: &Rules,
    cues: &Cues,
    titles: &Model,
    limits: &ExtractLimits,
) -> Result<Parts, Rejection> {
    let (mut lines, mut fields) = read(text, document, rules, limits)?;
    let hinted = normalise::stated(document.hints.title.as_deref());
    let reader = reader(document, rules);
    let extent = extent::of(&lines);
    if extent == Extent::Article {
        furniture::restore_quantities(&mut lines);
    }
    let titles = (extent == Extent::Page).then_some(titles);
    head::take(&mut lines, &mut fields, hinted.as_deref(), document, rules, reader, titles);
    repeat::mark(&mut lines, extent);
    furniture::mark_beside(&mut lines, rules);
    edges::mark(&mut lines, extent);
    let is_scored = classifier::takes(lines.kept().map(|line| prose::words(&line.text)).sum(), lines.0.len());
    let rows = is_scored.then(|| rows::describe(&lines, fields.title.as_deref(), cues));
    Ok(Parts { lines, fields, extent, rows })
}

/// The lines of a text, and what its words say of them.
fn read(text: &str, document: &Document, rules: &Rules, limits: &ExtractLimits) -> Result<(Lines, Fields), Rejection> {
    let mut lines = Lines::split(text, limits.max_nodes)?;
    let mut fields = Fields::default();
    one_line::cut(&mut lines, limits.max_nodes);
    glued::cut(&mut lines, rules);
    subtitles::mark(&mut lines);
    furniture::mark_by_words(&mut lines, rules);
    furniture::restore_subject(&mut lines, rules);
    fields::take_labelled(&mut lines, &mut fields, rules, reader(document, rules));
    furniture::mark_lists(&mut lines);
    Ok((lines, fields))
}

/// The lines of a page's text that may be its title, as the model of titles sees them; none of a text that is no page.
pub(super) fn study_titles(
    text: &str,
    document: &Document,
    rules: &Rules,
    limits: &ExtractLimits,
) -> Result<Study, Rejection> {
    let (lines, _) = read(text, document, rules, limits)?;
    if extent::of(&lines) != Extent::Page {
        return Ok(Study::default());
    }
    let titles::Candidates { places, rows } = titles::describe(&lines, document, rules, reader(document, rules));
    let lines = places.into_iter().filter_map(|at| lines.0.get(at));
    let blocks = lines.map(|line| StudiedBlock {
        weight: prose::weight(&line.text),
        text: titles::bare(&line.text, None).to_owned(),
        reason: None,
    });
    Ok(Study::new(blocks.collect(), &rows, 0..))
}

/// Reads the dates of a text, by what its carrier says of its language and address.
fn reader<'r>(document: &Document, rules: &'r Rules) -> Reader<'r> {
    let hints = &document.hints;
    let host = document.url().and_then(address::host);
    Reader::of_page(&rules.vocabulary, hints.language.as_deref(), host.as_deref()).seen_by(hints.seen_by_ms())
}

/// The lines of a text as the classifier sees them: in its second stage where a first is given.
pub(super) fn study(
    text: &str,
    document: &Document,
    rules: &Rules,
    cues: &Cues,
    titles: &Model,
    first: Option<&Model>,
    limits: &ExtractLimits,
) -> Result<Study, Rejection> {
    let Parts { lines, rows, .. } = take_apart(text, document, rules, cues, titles, limits)?;
    let rows = rows.unwrap_or_default();
    let rows = match first {
        Some(first) => rows::with_context(&rows, &classifier::stage(first, &rows), &lines),
        None => rows,
    };
    let blocks = lines.0.into_iter().map(|line| StudiedBlock {
        weight: prose::weight(&line.text),
        text: line.text,
        reason: line.removed,
    });
    Ok(Study::new(blocks.collect(), &rows, 0..))
}

/// What became of each line, with what the classifier thinks of it.
struct Judged {
    lines: Lines,
    fields: Fields,
    extent: Extent,
    /// Log odds; none without a classifier.
    scores: Option<Vec<f32>>,
    assessment: Option<Assessment>,
}

fn judge(
    text: &str,
    document: &Document,
    rules: &Rules,
    models: &Models,
    limits: &ExtractLimits,
) -> Result<Judged, Rejection> {
    let Parts { mut lines, fields, extent, rows } =
        take_apart(text, document, rules, &models.plain.cues, &models.plain_title, limits)?;
    let scores =
        rows.and_then(|rows| models.plain.scores(&rows, |rows, first| rows::with_context(rows, first, &lines)));
    let assessment = scores.as_ref().map(|scores| {
        let by_rules: Vec<bool> = lines.0.iter().map(lines::Line::is_kept).collect();
        // A text that is an article with a little furniture is what the rules are for; pages are what the model saw.
        if extent != Extent::Article {
            lines.judge(scores);
        }
        let weighed = lines.0.iter().zip(scores).zip(by_rules).map(|((line, score), by_rules)| Weighed {
            weight: prose::weight(&line.text),
            score: *score,
            kept: line.is_kept(),
            by_rules,
        });
        confidence::assess(&weighed.collect::<Vec<_>>())
    });
    Ok(Judged { lines, fields, extent, scores, assessment })
}

/// What became of each line of a plain text, and why.
pub(super) fn explain(
    text: &str,
    document: &Document,
    rules: &Rules,
    models: &Models,
    limits: &ExtractLimits,
) -> Result<Explanation, Rejection> {
    let Judged { lines, fields, extent, scores, .. } = judge(text, document, rules, models, limits)?;
    let mut blocks = lines.into_explained();
    if let Some(scores) = scores.filter(|_| extent != Extent::Article) {
        for (block, score) in blocks.iter_mut().zip(scores) {
            block.score = Some(probability(score));
        }
    }
    Ok(Explanation { title: fields.title, rejected: None, blocks })
}

/// The article of a plain text.
pub(super) fn extract(
    text: &str,
    document: &Document,
    rules: &Rules,
    models: &Models,
    limits: &ExtractLimits,
) -> Result<Draft, Rejection> {
    let Judged { mut lines, mut fields, assessment, .. } = judge(text, document, rules, models, limits)?;
    lines.rejoin();
    let reader = reader(document, rules);
    let published = published(&mut fields, document, reader);
    let body = normalise::body(lines.kept().map(|line| line.text.as_str()));
    let hints = &document.hints;
    let (authors, authors_source) = written_by(hints, fields.authors, rules);
    let tags = tags_of_carrier(hints, &authors, document.url().and_then(address::host).as_deref());
    let by_carrier = hints.extracted.modified.as_deref().and_then(|raw| reader.past(raw, DateSource::Envelope));
    let hinted = hints.title.is_some();
    let has_title = fields.title.is_some();
    let article = Article {
        blocks: lines.kept().map(lines::Line::content).collect(),
        title: fields.title,
        language: normalise::detect(&body, hints.language.as_deref()),
        body,
        title_source: has_title.then_some(if hinted { FieldSource::Envelope } else { FieldSource::Text }),
        authors_source,
        authors,
        published,
        modified: by_carrier.or(fields.modified).or_else(|| reader.served(hints)),
        rights: rights::of_served(&hints.served),
        description: normalise::stated(hints.extracted.description.as_deref()),
        section: normalise::stated(hints.extracted.section.as_deref()).or(fields.section),
        tags: if tags.is_empty() { fields.tags } else { tags },
        dateline: fields.dateline,
        source_url: fields.source_url,
        confidence: assessment.as_ref().and_then(|assessment| confidence::of(assessment, &models.plain_confidence)),
        ..Article::default()
    };
    Ok(Draft { article, removed: lines.into_removed(), assessment, linked: 0 })
}

/// The authors that the carrier names, else those of the text.
fn written_by(hints: &Hints, by_text: Vec<String>, rules: &Rules) -> (Vec<Author>, Option<FieldSource>) {
    let sources = [(FieldSource::Envelope, hints.extracted.authors.clone()), (FieldSource::Text, by_text)];
    let mut known = sources.into_iter().map(|(source, names)| (authors::of_names(names, &rules.vocabulary), source));
    let (authors, source) = known.find(|(authors, _)| !authors.is_empty()).unzip();
    (authors.unwrap_or_default(), source)
}

/// The carrier's date, else the text's own, else the day in the address of the source or of the page.
/// The address of the source also gives the section where the text names none.
fn published(fields: &mut Fields, document: &Document, reader: Reader<'_>) -> Option<Published> {
    let by_carrier = document.hints.published.as_deref().and_then(|raw| reader.past(raw, DateSource::Envelope));
    let by_source = fields.source_url.as_deref().and_then(|url| reader.in_url(url));
    if fields.section.is_none() {
        fields.section = by_source.as_ref().and_then(|date| date.section.clone());
    }
    by_carrier.or_else(|| fields.published.take()).or_else(|| {
        by_source.or_else(|| document.url().and_then(|url| reader.in_url(url))).map(UrlDate::into_published)
    })
}
