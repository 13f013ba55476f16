//! From the bytes of a delivery to a document: envelope, media type, charset, limits.

use crate::document::Document;
use crate::rejection::Rejection;
use crate::source::Delivery;

mod authority;
mod carrier;
mod charset;
mod cloudevents;
mod compression;
mod detection;
mod encoded;
mod envelope;
mod fields;
mod formats;
mod head;
mod http;
pub(crate) mod instant;
mod json;
mod markdown;
mod markup;
mod opening;
mod repair;
mod retraction;
mod sniff;
pub(crate) mod warc;

pub use detection::{Detection, Envelope, PayloadKind};
pub use formats::field_tables;

use carrier::Carrier;
use opening::Opening;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecodeLimits {
    /// Largest payload as it was delivered, in bytes.
    pub payload_bytes: usize,
    /// Largest payload once decompressed and taken out of base64, in bytes.
    pub decoded_bytes: usize,
    /// Decompressed bytes for each compressed one, at most; judged once there is 1 MiB of them.
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
    let carrier = Carrier::of(delivery);
    let Some(bytes) = delivery.payload.as_deref() else {
        let url = carrier::key_url(delivery).ok_or(Rejection::Empty)?;
        let why = "null value under an address as key".to_owned();
        let found = Detection { kind: PayloadKind::Retraction, envelope: Envelope::Raw, charset: "UTF-8", why };
        return Ok(Payload::Retraction(Retraction { target: Target::Url(url), found }));
    };
    check_size(bytes, limits)?;
    envelope::reject_error_page(carrier.status)?;
    Opening::new(limits).payload(bytes, carrier)
}

/// Decodes a line of a batch, which is an envelope or nothing.
///
/// # Errors
/// A [`Rejection`] of stage `decode`.
pub fn decode_line(line: &[u8], limits: &DecodeLimits) -> Result<Decoded, Rejection> {
    check_size(line, limits)?;
    match Opening::new(limits).line(line)? {
        Payload::Document(decoded) => Ok(decoded),
        Payload::Retraction(_) => Err(Rejection::NoContentField),
    }
}

fn check_size(bytes: &[u8], limits: &DecodeLimits) -> Result<(), Rejection> {
    if bytes.len() > limits.payload_bytes {
        return Err(Rejection::TooLarge { bytes: bytes.len(), limit: limits.payload_bytes });
    }
    Ok(())
}

/// The id of a line that has no article, if it can be read.
pub fn line_id(line: &[u8]) -> Option<serde_json::Value> {
    serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(line).ok()?.remove("id")
}

#[cfg(test)]
mod tests;
