//! CloudEvents 1.0 in structured mode: attributes and data in one JSON object. Binary mode is headers (`carrier`).

use serde_json::{Map, Value};

use super::carrier::{self, Carrier};
use super::{instant, json};
use crate::document::Hints;

/// The data of an event.
#[derive(Debug)]
pub(super) enum Data<'v> {
    /// `data` that is an object or a list.
    Json(&'v Value),
    /// `data` that is a string.
    Text(&'v str),
    /// `data_base64`.
    Base64(&'v str),
    /// None.
    Nothing,
}

/// Whether an object has the attributes that every event must have.
pub(super) fn is_event(object: &Map<String, Value>) -> bool {
    ["specversion", "id", "source", "type"].iter().all(|name| object.get(*name).is_some_and(Value::is_string))
}

/// The data of an event, and what its attributes say; they come after what the carrier of the event says.
///
/// `subject` may be the page's address. `source` names the producer: as an address it would be that of every page.
pub(super) fn open(object: &Map<String, Value>, carrier: Carrier) -> (Data<'_>, Carrier) {
    let attribute = |name| json::first_text(object, &[name]);
    let data = match (object.get("data_base64").and_then(Value::as_str), object.get("data")) {
        (Some(encoded), _) => Data::Base64(encoded),
        (None, Some(Value::String(text))) => Data::Text(text),
        (None, None | Some(Value::Null)) => Data::Nothing,
        (None, Some(value)) => Data::Json(value),
    };
    let subject = attribute("subject").filter(|subject| carrier::is_web_url(subject));
    let authority = carrier.authority.narrowed(subject.as_deref());
    let authority = match data {
        Data::Text(_) | Data::Base64(_) => authority.of_foreign_bytes(),
        Data::Json(_) | Data::Nothing => authority,
    };
    let hints = Hints {
        url: carrier.hints.url.or(subject),
        fetched_at_ms: carrier.hints.fetched_at_ms.or_else(|| instant::parse_ms(&attribute("time")?)),
        ..carrier.hints
    };
    let said = Carrier {
        content_type: attribute("datacontenttype"),
        content_encoding: None,
        status: None,
        hints,
        is_event: true,
        is_addressed: carrier.is_addressed,
        authority,
    };
    (data, said)
}
