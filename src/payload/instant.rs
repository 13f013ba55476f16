//! Instants as carriers write them.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;
use serde_json::Value;

/// Numbers above this are milliseconds: as seconds they would lie beyond the year 5000.
const MAX_SECONDS: f64 = 1e11;

/// Milliseconds since the epoch of what is written: RFC 3339, a date and time without offset (UTC), an HTTP date, 14
/// digits, or seconds or milliseconds since the epoch.
pub(crate) fn parse_ms(written: &str) -> Option<i64> {
    let written = written.trim();
    let instant = written
        .parse::<Timestamp>()
        .ok()
        .or_else(|| utc(written.parse::<DateTime>().ok().filter(|_| written.contains(':'))?))
        .or_else(|| rfc2822::DateTimeParser::new().parse_timestamp(written).ok())
        .or_else(|| {
            let is_archive_form = written.len() == 14 && written.bytes().all(|byte| byte.is_ascii_digit());
            utc(DateTime::strptime("%Y%m%d%H%M%S", written).ok().filter(|_| is_archive_form)?)
        });
    instant.map(Timestamp::as_millisecond).or_else(|| number_ms(written.parse().ok()?))
}

/// As [`parse_ms`], of a JSON string or number.
pub(super) fn value_ms(value: &Value) -> Option<i64> {
    match value {
        Value::String(written) => parse_ms(written),
        Value::Number(number) => number_ms(number.as_f64()?),
        _ => None,
    }
}

fn utc(civil: DateTime) -> Option<Timestamp> {
    civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

fn number_ms(number: f64) -> Option<i64> {
    let ms = if number < MAX_SECONDS { number * 1000.0 } else { number };
    // Zero and less are "not known" in crawlers' records.
    #[allow(clippy::cast_possible_truncation, reason = "checked to lie within the calendar")]
    (ms > 0.0 && ms < 2e14).then_some(ms as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_in_the_forms_of_crawlers() {
        for written in [
            "2026-03-01T10:00:00+01:00",
            "2026-03-01 09:00:00",
            "2026-03-01T09:00:00",
            "Sun, 01 Mar 2026 09:00:00 GMT",
            "20260301090000",
            "1772355600",
            "1772355600000",
        ] {
            assert_eq!(parse_ms(written), Some(1_772_355_600_000), "{written}");
        }
        assert_eq!(value_ms(&serde_json::json!(1_772_355_600.5)), Some(1_772_355_600_500));
        for written in ["", "yesterday", "0", "2026-03-01", "1e300", "NaN", "-5"] {
            assert_eq!(parse_ms(written), None, "{written}");
        }
    }
}
