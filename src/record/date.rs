//! Where the dates of a record come from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::article::{DateSource, Precision, Published};

/// Where a date comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DateOrigin {
    /// As written there.
    pub raw: String,
    /// How much of it is stated.
    pub precision: Precision,
    /// The place.
    pub source: DateSource,
    /// The day on the publisher's own calendar, `YYYY-MM-DD`, where the time is in universal time and the page states
    /// another day elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local_day: Option<String>,
}

impl DateOrigin {
    pub(super) fn of(date: &Published) -> Self {
        Self {
            raw: date.raw.clone(),
            precision: date.precision,
            source: date.source,
            local_day: date.local_day.clone(),
        }
    }
}

/// A point in time as RFC 3339, UTC; outside the calendar's range, its nearest end.
pub(crate) fn rfc3339(ms: i64) -> String {
    let bound = if ms < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
    jiff::Timestamp::from_millisecond(ms).unwrap_or(bound).to_string()
}
