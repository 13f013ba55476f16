//! When something was fetched, as far as a file tells.

use std::borrow::Cow;

use serde::Deserialize;

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    fetched_at: Option<Cow<'a, str>>,
}

/// The top-level `fetched_at` of a JSON line, in milliseconds since the epoch.
pub(super) fn of_line(line: &[u8]) -> Option<i64> {
    if !line.trim_ascii_start().starts_with(b"{") {
        return None;
    }
    let envelope: Envelope<'_> = serde_json::from_slice(line).ok()?;
    let instant: jiff::Timestamp = envelope.fetched_at?.parse().ok()?;
    Some(instant.as_millisecond())
}

/// What stands in for it: one second a place from 1970-01-01.
pub(super) fn of_place(place: u64) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX).saturating_mul(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_valid_instant_at_the_top_level_counts() {
        assert_eq!(of_line(br#" {"url":"x","fetched_at":"1970-01-02T01:00:00.5+01:00"}"#), Some(86_400_500));
        let others: [&[u8]; 7] = [
            br#"{"page":{"fetched_at":"1970-01-02T00:00:00Z"}}"#,
            br#"{"fetched_at":"yesterday"}"#,
            br#"{"fetched_at":null}"#,
            br#"{"fetched_at":"1970-01-02T00:00:00Z""#,
            br#"["fetched_at"]"#,
            b"{\"fetched_at\":\"\xff\"}",
            b"fetched_at",
        ];
        for line in others {
            assert_eq!(of_line(line), None, "{}", String::from_utf8_lossy(line));
        }
    }
}
