//! Opening a payload, layer by layer, until there is a document: the order of recognition.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::carrier::Carrier;
use super::charset::Text;
use super::compression::Layers;
use super::envelope::{self, Opened};
use super::fields::Role;
use super::http::Response;
use super::{
    DecodeLimits, Decoded, Detection, Envelope, Payload, PayloadKind, Retraction, charset, cloudevents, encoded, json,
    retraction, sniff, warc,
};
use crate::document::{Content, Document, Hints};
use crate::rejection::Rejection;

mod archive;
mod content;

/// Bytes of a schema registry's head: a zero, and the schema's number.
const SCHEMA_HEAD: usize = 5;

/// One payload that is being opened, and what has been found so far.
#[derive(Debug)]
pub(super) struct Opening<'l> {
    limits: &'l DecodeLimits,
    layers: Layers<'l>,
    envelope: Envelope,
    is_in_json: bool,
    /// The id of the outermost object, for batch lines.
    id: Option<Value>,
    why: Vec<Cow<'static, str>>,
}

/// Content with what decoding it found.
struct Read {
    content: Content,
    charset: &'static str,
    is_markdown: bool,
    /// Fields that stood above it.
    fields: Map<String, Value>,
}

impl<'l> Opening<'l> {
    pub(super) fn new(limits: &'l DecodeLimits) -> Self {
        Self {
            limits,
            layers: Layers::new(limits),
            envelope: Envelope::Raw,
            is_in_json: false,
            id: None,
            why: Vec::new(),
        }
    }

    /// Opens the payload of a delivery.
    pub(super) fn payload(mut self, bytes: &[u8], carrier: Carrier) -> Result<Payload, Rejection> {
        if carrier.is_event {
            self.note_envelope(Envelope::CloudEvents, "CloudEvents headers");
        }
        let bytes = self.without_schema_head(bytes)?;
        self.bytes(bytes, carrier)
    }

    /// Opens a line of a batch: an envelope or nothing.
    pub(super) fn line(mut self, line: &[u8]) -> Result<Payload, Rejection> {
        self.json(line, Carrier::default())
    }

    /// What a schema registry's serialiser wrote before JSON is passed over; behind it anything else is not read.
    fn without_schema_head<'b>(&mut self, bytes: &'b [u8]) -> Result<&'b [u8], Rejection> {
        // Numbers are given from 1 upwards: a zero in their first byte tells a head from other bytes with a leading zero.
        let Some((head, rest)) = bytes.split_at_checked(SCHEMA_HEAD) else { return Ok(bytes) };
        if !head.starts_with(&[0, 0]) || head.iter().all(|byte| *byte == 0) {
            return Ok(bytes);
        }
        if sniff::opens_json(rest) {
            self.why.push("schema registry's head passed over".into());
            return Ok(rest);
        }
        Err(sniff::foreign_media(bytes).unwrap_or(Rejection::SchemaEncoded))
    }

    /// Bytes that may be anything.
    fn bytes(&mut self, bytes: &[u8], carrier: Carrier) -> Result<Payload, Rejection> {
        let bytes = self.decompressed(bytes, &carrier)?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(Rejection::Empty);
        }
        // A stretch of an archive that is no record is no page either, whatever it looks like.
        let declares_record =
            carrier.content_type.as_deref().is_some_and(|declared| sniff::media_type(declared) == warc::MEDIA);
        if declares_record || warc::is_record(&bytes) {
            return self.warc(&bytes, carrier.hints);
        }
        // Prose may begin like this too: what has no valid head is no response.
        if bytes.starts_with(b"HTTP/")
            && let Ok(response) = Response::parse(&bytes)
        {
            self.why.push("HTTP response".into());
            let read = self.response(&response)?;
            return Ok(self.finish(read, carrier.hints, None));
        }
        if let Some(how) = self.json_by(&bytes, carrier.content_type.as_deref()) {
            self.why.push(how.into());
            return self.json(&bytes, carrier);
        }
        if charset::is_utf_16(&bytes)
            && let Ok(decoded) = charset::decode(&bytes, None, self.limits.decoded_bytes)
            && sniff::opens_json(decoded.text.as_bytes())
        {
            self.why.push("JSON in UTF-16 by its opening".into());
            return self.json(decoded.text.as_bytes(), carrier);
        }
        let read = self.text(&bytes, carrier.content_type.as_deref())?;
        Ok(self.finish(read, carrier.hints, None))
    }

    /// What makes bytes JSON. Crawlers pass on content types of servers that are wrong: the opening has the last word.
    fn json_by(&self, bytes: &[u8], content_type: Option<&str>) -> Option<&'static str> {
        let is_declared = content_type.is_some_and(sniff::declares_json);
        let opens_otherwise = || bytes.trim_ascii_start().starts_with(b"<") || sniff::foreign_media(bytes).is_some();
        match () {
            () if is_declared && !opens_otherwise() => Some("JSON by content type"),
            () if sniff::opens_json(bytes) => Some("JSON by its opening"),
            () => None,
        }
    }

    /// Bytes without their compression.
    fn decompressed<'b>(&mut self, bytes: &'b [u8], carrier: &Carrier) -> Result<Cow<'b, [u8]>, Rejection> {
        let why = &mut self.why;
        self.layers.take_off(bytes, carrier.content_encoding.as_deref(), |how, coding| {
            why.push(format!("{} {how}", coding.label()).into());
        })
    }

    /// JSON, in UTF-8 as the standard asks or as it is declared.
    fn json(&mut self, bytes: &[u8], carrier: Carrier) -> Result<Payload, Rejection> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let decoded = match std::str::from_utf8(bytes) {
            Ok(text) => Text { text: Cow::Borrowed(text), charset: "UTF-8", by: "valid UTF-8" },
            Err(_) => charset::decode(bytes, carrier.content_type.as_deref(), self.limits.decoded_bytes)?,
        };
        self.is_in_json = true;
        let value = json::parse(&decoded.text, self.limits)?;
        self.value(&value, carrier, decoded.charset)
    }

    fn value(&mut self, value: &Value, carrier: Carrier, charset: &'static str) -> Result<Payload, Rejection> {
        match value {
            Value::Object(object) => self.object(object, carrier, charset),
            Value::String(text) => {
                self.note_envelope(Envelope::Json, "JSON string");
                let read = self.field(Role::Either, Cow::Borrowed(text), &carrier, false)?;
                Ok(self.finish(Read { charset, ..read }, carrier.hints, None))
            }
            Value::Array(elements) => match elements.as_slice() {
                [] => Err(Rejection::Empty),
                [element] => self.value(element, carrier, charset),
                _ => Err(Rejection::SeveralDocuments { shape: "a JSON list" }),
            },
            Value::Null | Value::Bool(_) | Value::Number(_) => Err(Rejection::NoContentField),
        }
    }

    fn object(
        &mut self,
        object: &Map<String, Value>,
        carrier: Carrier,
        charset: &'static str,
    ) -> Result<Payload, Rejection> {
        if retraction::is_asked(object) {
            let target = retraction::target(object)?;
            carrier.authority.check(&target)?;
            self.note_envelope(Envelope::Json, "op retract");
            return Ok(Payload::Retraction(Retraction { target, found: self.found(PayloadKind::Retraction, charset) }));
        }
        if self.envelope != Envelope::CloudEvents && cloudevents::is_event(object) {
            return self.event(object, carrier, charset);
        }
        let Opened { shape, field, role, content, is_base64, carrier } = envelope::open(object, carrier)?;
        self.note_envelope(shape.envelope, shape.envelope.label());
        self.why.push(format!("field {field}").into());
        self.id = self.id.take().or_else(|| object.get("id").cloned());
        let read = self.field(role, content, &carrier, is_base64)?;
        Ok(self.finish(read, carrier.hints, None))
    }

    /// The data of a CloudEvent.
    fn event(
        &mut self,
        object: &Map<String, Value>,
        carrier: Carrier,
        charset: &'static str,
    ) -> Result<Payload, Rejection> {
        self.note_envelope(Envelope::CloudEvents, "CloudEvents JSON");
        let (data, carrier) = cloudevents::open(object, carrier);
        match data {
            cloudevents::Data::Nothing => Err(Rejection::Empty),
            cloudevents::Data::Json(value) => self.value(value, carrier, charset),
            cloudevents::Data::Base64(written) => {
                self.why.push("data_base64".into());
                self.bytes(&encoded::base64(written, self.limits.decoded_bytes)?, carrier)
            }
            cloudevents::Data::Text(text) => {
                self.why.push("data".into());
                // Data of a JSON type is a JSON value already: this one is a string.
                let content_type = carrier.content_type.clone().filter(|declared| !sniff::declares_json(declared));
                self.bytes(text.as_bytes(), Carrier { content_type, ..carrier })
            }
        }
    }

    /// The document, of this kind or of the one that its content and what stood around it make.
    fn finish(&mut self, read: Read, hints: Hints, kind: Option<PayloadKind>) -> Payload {
        let kind = kind.unwrap_or(match &read.content {
            _ if read.is_markdown => PayloadKind::Markdown,
            Content::Html(_) if self.is_in_json => PayloadKind::JsonHtml,
            Content::Html(_) => PayloadKind::Html,
            Content::Plain(_) if self.is_in_json => PayloadKind::JsonText,
            Content::Plain(_) => PayloadKind::Text,
        });
        let found = self.found(kind, read.charset);
        let document = Document { content: read.content, hints: envelope::completed(hints, &read.fields) };
        Payload::Document(Decoded { document, found, id: self.id.take() })
    }

    /// The innermost name wins: a crawler's JSON within an event is the crawler's; nameless JSON within one is the event's.
    fn note_envelope(&mut self, envelope: Envelope, why: &'static str) {
        if self.envelope == Envelope::Raw || envelope != Envelope::Json {
            self.envelope = envelope;
        }
        self.why.push(why.into());
    }

    fn found(&self, kind: PayloadKind, charset: &'static str) -> Detection {
        Detection { kind, envelope: self.envelope, charset, why: self.why.join("; ") }
    }
}
