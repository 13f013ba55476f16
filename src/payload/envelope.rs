//! JSON around a page or a text: the documented envelope, and the usual names of fields.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::{Decoded, Detection, Envelope, PayloadKind, charset, sniff};
use crate::document::{Content, Document, Hints};
use crate::rejection::Rejection;

/// Fields that hold a page, in order of preference.
const PAGE_FIELDS: [&str; 6] = ["rawHtml", "raw_html", "html", "body_html", "articleBodyHtml", "cleaned_html"];
/// Fields that hold a page or a text: the content tells.
const CONTENT_FIELDS: [&str; 3] = ["body", "content", "response_body"];
/// Fields that hold a text.
const TEXT_FIELDS: [&str; 4] = ["maintext", "articleBody", "text", "plain_text"];

/// Opens an envelope. `hints` is what the carrier said; the envelope's own fields come first.
pub(super) fn open(bytes: &[u8], hints: Hints, max_bytes: usize) -> Result<Decoded, Rejection> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let envelope: Map<String, Value> = serde_json::from_slice(bytes).map_err(|error| Rejection::InvalidJson {
        // serde_json's own message can quote the payload; the place and the class cannot.
        detail: format!("{:?} error at line {}, column {}", error.classify(), error.line(), error.column()),
    })?;
    let hints = merge(&envelope, hints);
    let (content, charset) = content_of(&envelope, max_bytes)?;
    let kind = match &content {
        Content::Html(_) => PayloadKind::JsonHtml,
        Content::Plain(_) => PayloadKind::JsonText,
    };
    let found = Detection { kind, envelope: Envelope::Json, charset, why: String::new() };
    Ok(Decoded { document: Document { content, hints }, found, id: envelope.get("id").cloned() })
}

fn content_of(envelope: &Map<String, Value>, max_bytes: usize) -> Result<(Content, &'static str), Rejection> {
    let is_base64 = text(envelope, &["encoding"]).is_some_and(|encoding| encoding == "base64");
    if let Some(page) = text(envelope, &PAGE_FIELDS) {
        return if is_base64 { decode_base64(&page, envelope, max_bytes) } else { Ok((Content::Html(page), "UTF-8")) };
    }
    if let Some(page) = text(envelope, &["html_base64", "body_base64"]) {
        return decode_base64(&page, envelope, max_bytes);
    }
    if let Some(content) = text(envelope, &CONTENT_FIELDS) {
        return match () {
            () if is_base64 => decode_base64(&content, envelope, max_bytes),
            () if sniff::is_html(&content) => Ok((Content::Html(content), "UTF-8")),
            () => Ok((Content::Plain(content), "UTF-8")),
        };
    }
    match text(envelope, &TEXT_FIELDS) {
        Some(text) => Ok((Content::Plain(text), "UTF-8")),
        None => Err(Rejection::NoContentField),
    }
}

fn decode_base64(
    encoded: &str,
    envelope: &Map<String, Value>,
    max_bytes: usize,
) -> Result<(Content, &'static str), Rejection> {
    let compact: String = encoded.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let bytes = STANDARD.decode(compact).map_err(|_| Rejection::Undecodable)?;
    if bytes.len() > max_bytes {
        return Err(Rejection::TooLarge { bytes: bytes.len(), limit: max_bytes });
    }
    let content_type = text(envelope, &["content_type"]);
    let charset = text(envelope, &["charset"]).map(|charset| format!("text/html; charset={charset}"));
    if let Some(media) = sniff::unsupported_media(&bytes) {
        return Err(Rejection::UnsupportedMedia { media });
    }
    let (text, charset) = charset::decode(&bytes, charset.as_deref().or(content_type.as_deref()))?;
    Ok((if sniff::is_html(&text) { Content::Html(text) } else { Content::Plain(text) }, charset))
}

/// The first of these fields that holds a string with something in it.
fn text(envelope: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names
        .iter()
        .filter_map(|name| envelope.get(*name)?.as_str())
        .find(|value| !value.trim().is_empty())
        .map(str::to_owned)
}

fn merge(envelope: &Map<String, Value>, carrier: Hints) -> Hints {
    Hints {
        url: text(envelope, &["url"]).or(carrier.url),
        final_url: text(envelope, &["final_url", "response_url", "redirected_url"]).or(carrier.final_url),
        title: text(envelope, &["title"]).or(carrier.title),
        published: text(envelope, &["published_at", "published", "date_publish"]).or(carrier.published),
        language: text(envelope, &["lang", "language"]).or(carrier.language),
        fetched_at_ms: text(envelope, &["fetched_at"]).as_deref().and_then(parse_instant_ms).or(carrier.fetched_at_ms),
    }
}

/// Milliseconds since the epoch of an RFC 3339 instant.
pub(crate) fn parse_instant_ms(written: &str) -> Option<i64> {
    written.trim().parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}
