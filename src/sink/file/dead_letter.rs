//! A dead letter as a line that a person can read and a program can turn back into the payload.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use crate::sink::Output;

/// Headers tell where the payload came from and why it was rejected, beside those that it came with.
#[derive(Debug, Serialize)]
struct DeadLetter<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<Bytes<'a>>,
    event_time_ms: i64,
    headers: BTreeMap<&'a str, Values<'a>>,
    /// The original bytes, where they are text.
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<&'a str>,
    /// The original bytes, where they are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    payload_base64: Option<String>,
}

/// A header's value, or all of them where the name is repeated.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Values<'a> {
    One(Option<Bytes<'a>>),
    Many(Vec<Option<Bytes<'a>>>),
}

#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
enum Bytes<'a> {
    Text(&'a str),
    Binary { base64: String },
}

impl<'a> Bytes<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text),
            Err(_) => Self::Binary { base64: STANDARD.encode(bytes) },
        }
    }
}

/// The line of a dead letter, without its end.
pub(super) fn line(output: &Output) -> String {
    let mut headers: BTreeMap<&str, Vec<Option<Bytes<'_>>>> = BTreeMap::new();
    for header in &output.headers {
        headers.entry(&header.name).or_default().push(header.value.as_deref().map(Bytes::of));
    }
    let text = output.value.as_deref().map(std::str::from_utf8);
    let letter = DeadLetter {
        key: output.key.as_deref().map(Bytes::of),
        event_time_ms: output.event_time_ms,
        headers: headers.into_iter().map(|(name, values)| (name, Values::of(values))).collect(),
        payload: text.and_then(Result::ok),
        payload_base64: match text {
            Some(Err(_)) => output.value.as_deref().map(|bytes| STANDARD.encode(bytes)),
            _ => None,
        },
    };
    // Strings, numbers and maps of strings always have a JSON form.
    serde_json::to_string(&letter).unwrap_or_default()
}

impl<'a> Values<'a> {
    fn of(mut values: Vec<Option<Bytes<'a>>>) -> Self {
        match (values.pop(), values.is_empty()) {
            (Some(only), true) => Self::One(only),
            (last, _) => {
                values.extend(last);
                Self::Many(values)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sink::Stream;
    use crate::source::Header;

    fn letter(value: Option<&[u8]>, key: Option<&[u8]>, headers: &[(&str, Option<&[u8]>)]) -> serde_json::Value {
        let headers =
            headers.iter().map(|(name, value)| Header { name: (*name).into(), value: value.map(<[u8]>::to_vec) });
        let output = Output {
            stream: Stream::DeadLetters,
            key: key.map(<[u8]>::to_vec),
            value: value.map(<[u8]>::to_vec),
            headers: headers.collect(),
            event_time_ms: 7,
        };
        serde_json::from_str(&line(&output)).unwrap()
    }

    #[test]
    fn text_is_text_and_other_bytes_are_base64() {
        assert_eq!(
            letter(Some("é\n".as_bytes()), Some(b"https://example.org/"), &[("reason", Some(b"no_text"))]),
            json!({"key": "https://example.org/", "event_time_ms": 7, "headers": {"reason": "no_text"}, "payload": "é\n"}),
        );
        assert_eq!(
            letter(Some(b"\xff\x00"), Some(b"\xfe"), &[("h", Some(b"\xff"))]),
            json!({"key": {"base64": "/g=="}, "event_time_ms": 7, "headers": {"h": {"base64": "/w=="}}, "payload_base64": "/wA="}),
        );
    }

    #[test]
    fn no_payload_no_value_and_repeated_names_are_told_apart() {
        assert_eq!(
            letter(None, None, &[("a", Some(b"1")), ("b", None), ("a", Some(b"2"))]),
            json!({"event_time_ms": 7, "headers": {"a": ["1", "2"], "b": null}}),
        );
        assert_eq!(letter(Some(b""), None, &[]), json!({"event_time_ms": 7, "headers": {}, "payload": ""}));
    }
}
