//! JSON of strangers: bounded before it is parsed, then looked into by paths.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{DecodeLimits, sniff};
use crate::rejection::Rejection;

mod python;

/// `serde_json` gives up at 128 values within each other, with an error that would blame the syntax.
const PARSER_DEPTH: usize = 127;
/// A parsed value takes up to 30 times the bytes of a written one: envelopes hold hundreds, and this many at most.
const MAX_VALUES: usize = 200_000;
/// Names of one list that are read.
const NAMES: usize = 1_000;
/// Longest text, in bytes, that may be a name or a list of them.
const LONGEST_NAME: usize = 16 << 10;

/// Parses one value, within the limits. What Python's serialiser writes beyond the standard is read too.
pub(super) fn parse(text: &str, limits: &DecodeLimits) -> Result<Value, Rejection> {
    check_bounds(text, limits)?;
    let parsed = parse_one(text);
    match &parsed {
        Err(Rejection::InvalidJson { .. }) => match python::repaired(text) {
            Some(repaired) => parse_one(&repaired).or(parsed),
            None => parsed,
        },
        _ => parsed,
    }
}

fn parse_one(text: &str) -> Result<Value, Rejection> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let invalid = |error: &serde_json::Error| Rejection::InvalidJson {
        // serde_json's own message can quote the payload; the place and the class cannot.
        detail: format!("{:?} error at line {}, column {}", error.classify(), error.line(), error.column()),
    };
    let value = match values.next() {
        Some(Ok(value)) => value,
        Some(Err(error)) => return Err(invalid(&error)),
        None => return Err(Rejection::Empty),
    };
    match values.next() {
        None => Ok(value),
        // JSON lines that were sent as one payload.
        Some(Ok(_)) if value.is_object() => Err(Rejection::SeveralDocuments { shape: "JSON lines" }),
        Some(Ok(_)) => Err(Rejection::InvalidJson { detail: "more behind the first value".to_owned() }),
        Some(Err(error)) => Err(invalid(&error)),
    }
}

fn check_bounds(text: &str, limits: &DecodeLimits) -> Result<(), Rejection> {
    let limit = limits.json_depth.min(PARSER_DEPTH);
    let size = crate::json::size(text);
    if size.depth > limit {
        return Err(Rejection::JsonTooDeep { limit });
    }
    if size.values > MAX_VALUES {
        return Err(Rejection::JsonTooLarge { limit: MAX_VALUES });
    }
    Ok(())
}

/// Whether text is JSON itself: what an interface for programs answered, not what a page says.
pub(super) fn is_object(text: &str) -> bool {
    sniff::opens_json(text.as_bytes()) && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// The value at a path of names with dots between them. A list of one is walked into as if it were its element.
pub(super) fn at<'v>(object: &'v Map<String, Value>, path: &str) -> Option<&'v Value> {
    let mut names = path.split('.');
    let mut value = object.get(names.next()?)?;
    for name in names {
        value = only(value).as_object()?.get(name)?;
    }
    Some(value)
}

/// The element of a list of one; anything else as it is.
pub(super) fn only(value: &Value) -> &Value {
    match value.as_array().map(Vec::as_slice) {
        Some([element]) => element,
        _ => value,
    }
}

/// The text at a path, if there is any: a string, or a list of strings as the paragraphs that selectors give.
pub(super) fn text_at<'v>(object: &'v Map<String, Value>, path: &str) -> Option<Cow<'v, str>> {
    let text = match only(at(object, path)?) {
        Value::String(text) => Cow::Borrowed(text.as_str()),
        Value::Array(parts) => {
            let parts: Option<Vec<&str>> = parts.iter().map(Value::as_str).collect();
            Cow::Owned(parts?.join("\n\n"))
        }
        _ => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}

/// The first of these paths that holds something with text in it.
pub(super) fn first_text(object: &Map<String, Value>, paths: &[&str]) -> Option<String> {
    let single = |path: &&str| only(at(object, path)?).as_str().map(str::trim).filter(|text| !text.is_empty());
    paths.iter().find_map(single).map(str::to_owned)
}

/// The names at the first of these paths that holds any: a text, or a list of texts or of objects that have a name.
pub(super) fn names_at(object: &Map<String, Value>, paths: &[&str]) -> Vec<String> {
    fn name(value: &Value) -> Option<&str> {
        let named = || ["name", "label"].iter().find_map(|key| value.get(*key)?.as_str());
        value.as_str().or_else(named).map(str::trim).filter(|text| !text.is_empty() && text.len() <= LONGEST_NAME)
    }
    let names = |value: &Value| -> Vec<String> {
        let listed = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        listed.iter().filter_map(name).take(NAMES).map(str::to_owned).collect()
    };
    paths.iter().filter_map(|path| at(object, path)).map(names).find(|names| !names.is_empty()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: DecodeLimits =
        DecodeLimits { payload_bytes: 1 << 20, decoded_bytes: 1 << 20, ratio: 100, json_depth: 3 };

    #[test]
    fn depth_and_values_are_counted_outside_strings() {
        assert!(parse(r#"{"a":[{"b":"[[[[{{{{\"[[[["}]}"#, &LIMITS).is_ok());
        assert_eq!(parse(r#"{"a":[{"b":[]}]}"#, &LIMITS), Err(Rejection::JsonTooDeep { limit: 3 }));
        let limits = DecodeLimits { json_depth: 1_000_000, ..LIMITS };
        assert_eq!(parse(&"[".repeat(100_000), &limits), Err(Rejection::JsonTooDeep { limit: PARSER_DEPTH }));
        let deepest = format!("{}{}", "[".repeat(PARSER_DEPTH), "]".repeat(PARSER_DEPTH));
        assert!(parse(&deepest, &limits).is_ok());
        let wide = format!("[{}0]", "0,".repeat(MAX_VALUES));
        assert_eq!(parse(&wide, &LIMITS), Err(Rejection::JsonTooLarge { limit: MAX_VALUES }));
    }

    #[test]
    fn json_of_python_is_read_and_other_errors_keep_their_place() {
        assert_eq!(parse(r#"{"a":NaN}"#, &LIMITS).unwrap(), serde_json::json!({"a": null}));
        let place = Rejection::InvalidJson { detail: "Syntax error at line 1, column 14".to_owned() };
        assert_eq!(parse(r#"{"a":"\udce9",}"#, &LIMITS).map_err(|_| ()), Err(()));
        assert_eq!(parse(r#"{"a":1,"b":2,}"#, &LIMITS), Err(place));
    }

    #[test]
    fn paths_walk_through_lists_of_one() {
        let value =
            parse(r#"{"a":[{"b":{"c":["x"]}}],"d":["p","q"],"e":" "}"#, &DecodeLimits { json_depth: 9, ..LIMITS });
        let value = value.unwrap();
        let object = value.as_object().unwrap();
        assert_eq!(text_at(object, "a.b.c").unwrap(), "x");
        assert_eq!(text_at(object, "d").unwrap(), "p\n\nq");
        assert_eq!(first_text(object, &["e", "d", "a.b.c"]).unwrap(), "x");
        assert_eq!(at(object, "a.x.c"), None);
        assert_eq!(names_at(object, &["e", "a.b", "d"]), ["p", "q"]);
    }
}
