//! Requests to take an article back: a null value under an address, or `{"op": "retract", …}`.

use serde_json::{Map, Value};

use super::{Target, carrier, json};
use crate::rejection::Rejection;
use crate::verdict::ArticleId;

/// Whether an object asks for a retraction, well or badly.
pub(super) fn is_asked(object: &Map<String, Value>) -> bool {
    object.get("op").and_then(Value::as_str).is_some_and(|op| op.eq_ignore_ascii_case("retract"))
}

/// The article that `{"op": "retract", "id" | "url": …}` names; the id where both do.
pub(super) fn target(object: &Map<String, Value>) -> Result<Target, Rejection> {
    let invalid = |what| Err(Rejection::InvalidRetraction { what });
    match (json::first_text(object, &["id"]), json::first_text(object, &["url"])) {
        (Some(id), _) if ArticleId::parse(&id).is_some() => Ok(Target::Id(id)),
        (Some(_), _) => invalid("an id that is not a1- and 32 hexadecimal digits"),
        (None, Some(url)) if carrier::is_web_url(&url) => Ok(Target::Url(url)),
        (None, Some(_)) => invalid("a url that is not an absolute http(s) address"),
        (None, None) => invalid("neither id nor url"),
    }
}
