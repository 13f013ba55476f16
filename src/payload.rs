//! From the bytes of a delivery to a document: envelope, media type, charset, limits.

use serde::{Deserialize, Serialize};

use crate::document::{Content, Document, Hints};
use crate::rejection::Rejection;
use crate::source::Delivery;

mod charset;
mod detection;
mod envelope;
mod sniff;

pub use detection::{Detection, Envelope, PayloadKind};

/// A decoded payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The document in it.
    pub document: Document,
    /// What it was.
    pub found: Detection,
    /// The id that the envelope gives, for batch lines.
    pub id: Option<serde_json::Value>,
}

/// What decoding may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecodeLimits {
    /// Largest payload as it was delivered, in bytes.
    pub payload_bytes: usize,
    /// Largest payload once decompressed and taken out of base64, in bytes.
    pub decoded_bytes: usize,
    /// Decompressed bytes for each compressed one, at most.
    pub ratio: u32,
    /// Arrays and objects open at once in JSON.
    pub json_depth: usize,
}

/// What a delivery asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// A page or a text to be published.
    Document(Decoded),
    /// An article to be taken back.
    Retraction(Retraction),
}

/// A request to take an article back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retraction {
    /// The article.
    pub target: Target,
    /// What the payload was.
    pub found: Detection,
}

/// The article that a retraction names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// By its address.
    Url(String),
    /// By its id, `a1-` and 32 hexadecimal digits.
    Id(String),
}

/// Decodes a delivery.
///
/// # Errors
/// A [`Rejection`] of stage `decode`.
pub fn decode(delivery: &Delivery, limits: &DecodeLimits) -> Result<Payload, Rejection> {
    let max_bytes = limits.payload_bytes;
    let bytes = delivery.payload.as_deref().unwrap_or_default();
    if bytes.len() > max_bytes {
        return Err(Rejection::TooLarge { bytes: bytes.len(), limit: max_bytes });
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Rejection::Empty);
    }
    let hints = hints_of(delivery);
    if sniff::is_json(bytes, delivery.header("content-type")) {
        return envelope::open(bytes, hints, max_bytes).map(Payload::Document);
    }
    let (content, charset) = read_text(bytes, delivery.header("content-type"))?;
    let kind = match &content {
        Content::Html(_) => PayloadKind::Html,
        Content::Plain(_) => PayloadKind::Text,
    };
    let found = Detection { kind, envelope: Envelope::Raw, charset, why: String::new() };
    Ok(Payload::Document(Decoded { document: Document { content, hints }, found, id: None }))
}

/// Decodes a line of a batch, which is an envelope or nothing.
///
/// # Errors
/// A [`Rejection`] of stage `decode`.
pub fn decode_line(line: &[u8], limits: &DecodeLimits) -> Result<Decoded, Rejection> {
    let max_bytes = limits.payload_bytes;
    if line.len() > max_bytes {
        return Err(Rejection::TooLarge { bytes: line.len(), limit: max_bytes });
    }
    envelope::open(line, Hints::default(), max_bytes)
}

/// The id of a line that has no article, if it can be read.
pub fn line_id(line: &[u8]) -> Option<serde_json::Value> {
    serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(line).ok()?.remove("id")
}

/// Raw bytes of a page or a text.
fn read_text(bytes: &[u8], content_type: Option<&str>) -> Result<(Content, &'static str), Rejection> {
    if let Some(media) = sniff::unsupported_media(bytes) {
        return Err(Rejection::UnsupportedMedia { media });
    }
    let (text, charset) = charset::decode(bytes, content_type)?;
    let is_html = match content_type.map(sniff::media_type) {
        Some("text/html" | "application/xhtml+xml") => true,
        // Servers send pages as text/plain often enough that the markup has the last word.
        _ => sniff::is_html(&text),
    };
    Ok((if is_html { Content::Html(text) } else { Content::Plain(text) }, charset))
}

/// What headers and key say.
fn hints_of(delivery: &Delivery) -> Hints {
    let header = |name| delivery.header(name).map(str::to_owned);
    let key = delivery.key.as_deref().and_then(|key| std::str::from_utf8(key).ok());
    let key_url = key.filter(|key| key.starts_with("http://") || key.starts_with("https://"));
    Hints {
        url: header("url").or_else(|| key_url.map(str::to_owned)),
        final_url: header("final-url"),
        title: None,
        published: None,
        language: header("content-language"),
        fetched_at_ms: delivery.header("fetched-at").and_then(envelope::parse_instant_ms),
    }
}

#[cfg(test)]
mod tests;
