//! How long claims matter, by event time: a window of days that ends at the watermark. Nothing here reads a clock.

use std::time::Duration;

use serde::{Deserialize, Serialize};

const DAY_MS: i64 = 86_400_000;

/// A day of event time: days since the epoch, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(i32);

impl Day {
    /// Before every day that an event time can name.
    pub const FIRST: Self = Self(i32::MIN);

    /// The day of a point in time, milliseconds since the epoch.
    pub fn of(event_time_ms: i64) -> Self {
        let day = event_time_ms.div_euclid(DAY_MS);
        Self(i32::try_from(day).unwrap_or(if day < 0 { i32::MIN + 1 } else { i32::MAX }))
    }

    /// As it is written: `2026-11-23`; outside the calendar's range, the number of days.
    pub fn label(self) -> String {
        let instant = jiff::Timestamp::from_millisecond(i64::from(self.0).saturating_mul(DAY_MS));
        let day = instant.map(|instant| instant.to_zoned(jiff::tz::TimeZone::UTC).date().to_string());
        day.unwrap_or_else(|_| format!("day {}", self.0))
    }
}

/// How long claims matter, and how fast event time may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Whole days in front of the watermark's own.
    days: i64,
    /// What one delivery may move the watermark by, in milliseconds; without it as far as its event time says.
    max_step_ms: Option<i64>,
}

impl Default for Window {
    /// Claims matter for ever.
    fn default() -> Self {
        Self { days: i64::MAX, max_step_ms: None }
    }
}

/// Where a delivery stands against the watermark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Timing {
    /// Within the window.
    #[default]
    InTime,
    /// Ahead of it by more than one delivery may move it: adjudicated at the watermark.
    FutureDated,
    /// Before the window: looked up all the same, and claimed on its oldest day.
    Late,
}

/// Where a delivery stands in the window that it leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The time at which it is adjudicated.
    pub(crate) event_time_ms: i64,
    /// The day on which its claim is held, where its time does not say.
    pub(crate) day: Option<Day>,
    /// Claims of earlier days do not matter any more.
    pub(crate) since: Day,
    pub(crate) timing: Timing,
}

impl Window {
    /// A window of at least this length: whole days, because claims go by the day.
    pub fn new(length: Duration, max_step: Option<Duration>) -> Self {
        let days = length.as_millis().div_ceil(DAY_MS.unsigned_abs().into());
        let ms = |step: Duration| i64::try_from(step.as_millis()).unwrap_or(i64::MAX);
        Self { days: i64::try_from(days).unwrap_or(i64::MAX), max_step_ms: max_step.map(ms) }
    }

    /// Whether one delivery may move the watermark by so much and no more: then it matters where it begins.
    pub(crate) fn is_stepwise(&self) -> bool {
        self.max_step_ms.is_some()
    }

    /// The oldest day that matters at this watermark.
    pub(crate) fn oldest(&self, watermark_ms: i64) -> Day {
        let day = i64::from(Day::of(watermark_ms).0).saturating_sub(self.days);
        Day(i32::try_from(day).unwrap_or(i32::MIN + 1))
    }

    /// Where a delivery stands. The watermark is the greatest event time of all claims, so that it needs no record of
    /// its own: the claim of this delivery moves it.
    pub(crate) fn place(&self, watermark_ms: Option<i64>, event_time_ms: i64) -> Place {
        let watermark = watermark_ms.unwrap_or(event_time_ms);
        let reach = self.max_step_ms.map_or(i64::MAX, |step| watermark.saturating_add(step));
        let at = event_time_ms.min(reach);
        let since = self.oldest(watermark.max(at));
        let is_late = Day::of(at) < since;
        let timing = match (event_time_ms > reach, is_late) {
            (true, _) => Timing::FutureDated,
            (false, true) => Timing::Late,
            (false, false) => Timing::InTime,
        };
        Place { event_time_ms: at, day: is_late.then_some(since), since, timing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn window() -> Window {
        Window::new(Duration::from_secs(30 * 86_400), Some(Duration::from_secs(3_600)))
    }

    #[test]
    fn a_delivery_within_reach_moves_the_watermark_to_its_own_time() {
        let place = window().place(Some(100 * DAY_MS), 100 * DAY_MS + HOUR);
        assert_eq!((place.event_time_ms, place.day, place.timing), (100 * DAY_MS + HOUR, None, Timing::InTime));
        assert_eq!(place.since, Day(70));
    }

    #[test]
    fn a_delivery_further_ahead_is_taken_at_the_end_of_its_reach() {
        let place = window().place(Some(100 * DAY_MS), 40_000 * DAY_MS);
        assert_eq!((place.event_time_ms, place.timing), (100 * DAY_MS + HOUR, Timing::FutureDated));
        // Where steps have no bound, it is as it says.
        let free = Window::new(Duration::from_secs(86_400), None);
        assert_eq!(free.place(Some(0), 40_000 * DAY_MS).timing, Timing::InTime);
    }

    #[test]
    fn a_late_delivery_keeps_its_time_and_is_held_on_the_oldest_day() {
        let place = window().place(Some(100 * DAY_MS), 3 * DAY_MS);
        assert_eq!((place.event_time_ms, place.day, place.timing), (3 * DAY_MS, Some(Day(70)), Timing::Late));
        assert_eq!(window().place(Some(100 * DAY_MS), 70 * DAY_MS).timing, Timing::InTime);
        assert_eq!(window().place(None, 3 * DAY_MS).timing, Timing::InTime, "the first begins the window");
    }

    #[test]
    fn days_before_the_epoch_and_beyond_the_calendar_have_their_order() {
        assert_eq!(Day::of(-1), Day(-1));
        assert!(Day::FIRST < Day::of(i64::MIN) && Day::of(i64::MIN) < Day::of(i64::MAX));
        assert_eq!(Window::default().place(Some(i64::MAX), i64::MIN).timing, Timing::InTime);
        assert_eq!(Day::of(DAY_MS).label(), "1970-01-02");
    }
}
