//! JSON around a page or a text: recognised by the tables of `fields`.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::carrier::Carrier;
use super::fields::{self, CRAWLERS, DOCUMENTED, Paths, Role, Shape};
use super::{instant, json};
use crate::document::{Extracted, Hints};
use crate::fingerprint::publisher_of;
use crate::rejection::Rejection;

/// What an envelope holds, before it is decoded.
#[derive(Debug)]
pub(super) struct Opened<'v> {
    pub(super) shape: &'static Shape,
    /// Name of the content field.
    pub(super) field: &'static str,
    pub(super) role: Role,
    pub(super) content: Cow<'v, str>,
    /// Whether the content is declared to be base64.
    pub(super) is_base64: bool,
    /// What the fields say of the content, then what the carrier of the envelope says.
    pub(super) carrier: Carrier,
}

/// Finds the content of an object. `carrier` is what was said of the object; its own fields come first.
pub(super) fn open(object: &Map<String, Value>, carrier: Carrier) -> Result<Opened<'_>, Rejection> {
    if object.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with("json-pages-")) {
        return Err(Rejection::CrawlHeader);
    }
    let crawlers = if object.contains_key(fields::VERSION) { &[] } else { CRAWLERS.as_slice() };
    for shape in crawlers.iter().chain([&DOCUMENTED]) {
        for within in shape.within {
            let Some((inner, is_one_of_several)) = object_at(object, within) else { continue };
            let Some((field, role, content)) = content_of(inner, shape) else { continue };
            if is_one_of_several {
                return Err(Rejection::SeveralDocuments { shape: "a JSON list" });
            }
            let carrier = said(shape, inner, object, carrier);
            reject_error_page(carrier.status)?;
            return Ok(Opened { shape, field, role, content, is_base64: is_base64(inner), carrier });
        }
    }
    let status = first_status(DOCUMENTED.status, object);
    reject_error_page(status)?;
    Err(match status {
        Some(300..=399) => Rejection::Empty,
        _ if fields::CRAWL_LOG_MARKS.iter().any(|name| object.contains_key(*name)) => Rejection::CrawlLog,
        _ => Rejection::NoContentField,
    })
}

/// Refuses what was served with a status of 400 to 599.
pub(super) fn reject_error_page(status: Option<u16>) -> Result<(), Rejection> {
    match status {
        Some(status @ 400..=599) => Err(Rejection::HttpError { status }),
        _ => Ok(()),
    }
}

/// The object at a path, and whether it is the first of a list of several.
fn object_at<'v>(object: &'v Map<String, Value>, path: &str) -> Option<(&'v Map<String, Value>, bool)> {
    if path.is_empty() {
        return Some((object, false));
    }
    match json::at(object, path)? {
        Value::Array(elements) => Some((elements.first()?.as_object()?, elements.len() > 1)),
        value => Some((value.as_object()?, false)),
    }
}

/// The first content field, if the object has the marks of the shape.
fn content_of<'v>(object: &'v Map<String, Value>, shape: &Shape) -> Option<(&'static str, Role, Cow<'v, str>)> {
    let has = |path: &&str| json::at(object, path).is_some();
    if !shape.marks.iter().any(|group| group.iter().all(has)) {
        return None;
    }
    shape.content.iter().find_map(|(field, role)| Some((*field, *role, json::text_at(object, field)?)))
}

/// What the fields say: those of the shape, then the documented ones, beside the content and then around it; then the
/// carrier.
fn said(shape: &Shape, inner: &Map<String, Value>, outer: &Map<String, Value>, carrier: Carrier) -> Carrier {
    let places = [(shape, inner), (shape, outer), (&DOCUMENTED, inner), (&DOCUMENTED, outer)];
    let first =
        |of: fn(&Shape) -> Paths| places.into_iter().find_map(|(shape, object)| json::first_text(object, of(shape)));
    let all = |of: fn(&Shape) -> Paths| {
        let mut names = places.into_iter().map(|(shape, object)| json::names_at(object, of(shape)));
        names.find(|names| !names.is_empty())
    };
    let fetched_at_ms = [shape, &DOCUMENTED].into_iter().find_map(|shape| {
        let paths = shape.fetched_at.iter();
        paths.flat_map(|path| [json::at(inner, path), json::at(outer, path)]).flatten().find_map(instant::value_ms)
    });
    let status = places.into_iter().find_map(|(shape, object)| first_status(shape.status, object));
    let charset = json::first_text(inner, &[fields::CHARSET, fields::ENCODING])
        .filter(|label| !label.eq_ignore_ascii_case("base64"));
    let content_type = first(|shape| shape.content_type);
    let (url, final_url) = addresses(first(|shape| shape.url), first(|shape| shape.final_url), &carrier);
    let outside = *carrier.hints.extracted;
    Carrier {
        content_type: match charset {
            Some(charset) => {
                let media = content_type.as_deref().and_then(|value| value.split(';').next()).unwrap_or_default();
                Some(format!("{media}; charset={charset}"))
            }
            None => content_type,
        },
        content_encoding: json::first_text(inner, &[fields::CONTENT_ENCODING]),
        status,
        hints: Hints {
            url,
            final_url,
            title: first(|shape| shape.title).or(carrier.hints.title),
            published: first(|shape| shape.published).or(carrier.hints.published),
            language: first(|shape| shape.language).or(carrier.hints.language),
            fetched_at_ms: fetched_at_ms.or(carrier.hints.fetched_at_ms),
            extracted: Box::new(Extracted {
                authors: all(|shape| shape.authors).unwrap_or(outside.authors),
                tags: all(|shape| shape.tags).unwrap_or(outside.tags),
                section: first(|shape| shape.section).or(outside.section),
                description: first(|shape| shape.description).or(outside.description),
                modified: first(|shape| shape.modified).or(outside.modified),
            }),
            ..carrier.hints
        },
        is_event: carrier.is_event,
        is_addressed: carrier.is_addressed,
        authority: carrier.authority,
    }
}

/// What a carrier says, and where it says nothing, what fields above the text say under the documented names.
pub(super) fn completed(hints: Hints, fields: &Map<String, Value>) -> Hints {
    if fields.is_empty() {
        return hints;
    }
    let below = said(&DOCUMENTED, fields, fields, Carrier::default()).hints;
    let (own, extracted) = (*hints.extracted, *below.extracted);
    let first = |own: Vec<String>, other: Vec<String>| if own.is_empty() { other } else { own };
    let is_addressed = hints.url.is_some() || hints.final_url.is_some();
    Hints {
        url: if is_addressed { hints.url } else { below.url },
        title: hints.title.or(below.title),
        published: hints.published.or(below.published),
        language: hints.language.or(below.language),
        extracted: Box::new(Extracted {
            authors: first(own.authors, extracted.authors),
            tags: first(own.tags, extracted.tags),
            section: own.section.or(extracted.section),
            description: own.description.or(extracted.description),
            modified: own.modified.or(extracted.modified),
        }),
        ..hints
    }
}

/// The address of the page and the one where it ended. An envelope knows them best, unless headers give them: then the JSON may
/// be a page's, which must not pass for another publisher's.
fn addresses(url: Option<String>, final_url: Option<String>, carrier: &Carrier) -> (Option<String>, Option<String>) {
    let Hints { url: carried, final_url: carried_final, .. } = &carrier.hints;
    if !carrier.is_addressed {
        return (url.or_else(|| carried.clone()), final_url.or_else(|| carried_final.clone()));
    }
    let domain = |url: &Option<String>| url.as_deref().and_then(publisher_of);
    let own = domain(carried_final).or_else(|| domain(carried));
    let of_own = |url: Option<String>| url.filter(|url| own.is_some() && publisher_of(url) == own);
    (carried.clone().or_else(|| of_own(url)), carried_final.clone().or_else(|| of_own(final_url)))
}

fn is_base64(object: &Map<String, Value>) -> bool {
    object.get(fields::ENCODING).and_then(Value::as_str).is_some_and(|encoding| encoding.eq_ignore_ascii_case("base64"))
}

/// The first of these fields that holds an HTTP status, as a number or in digits.
fn first_status(paths: Paths, object: &Map<String, Value>) -> Option<u16> {
    paths.iter().find_map(|path| match json::only(json::at(object, path)?) {
        Value::Number(number) => number.as_u64().and_then(|status| u16::try_from(status).ok()),
        Value::String(digits) => digits.trim().parse().ok(),
        _ => None,
    })
}
