//! The publisher's own day of a time that is given in universal time.

use super::names::{SURE, UNSURE};
use super::{Dates, Visible};
use crate::article::metadata::dates::seconds;
use crate::article::{DateSource, Published};

/// The zones of the world, in minutes east of Greenwich.
const ZONES: std::ops::RangeInclusive<i64> = -12 * 60..=14 * 60;

impl Dates<'_, '_, '_> {
    /// The date with the day of the publisher's own calendar, where it is given in universal time and the page states the
    /// day elsewhere: by the same time with an offset, in local time, beside the heading, in the address.
    pub(super) fn with_local_day(&self, date: Published, visible: &Visible) -> Published {
        let Some(time) = seconds(&date).filter(|_| date.value.ends_with('Z')) else { return date };
        let others = self
            .meta
            .all(&SURE)
            .chain(self.meta.all(&UNSURE))
            .filter_map(|raw| self.parse(Some(raw), DateSource::Meta))
            .chain(self.parse(self.data.published.as_deref(), DateSource::Jsonld))
            .chain(
                self.shown.lines.iter().filter_map(|line| self.parse(line.time.as_deref(), DateSource::Time)).take(12),
            );
        let mut local = None;
        for other in others {
            let Some(other_time) = seconds(&other) else { continue };
            let has_offset = !other.value.ends_with('Z') && other.value.len() > 19;
            if has_offset && other_time == time {
                return other;
            }
            let minutes = (other_time - time) / 60;
            let is_zone = (other_time - time) % 900 == 0 && minutes != 0 && ZONES.contains(&minutes);
            if other.value.len() == 19 && is_zone && local.is_none() {
                local = Some(other.day().to_owned());
            }
        }
        // An address names the day on which it was made: evidence only where nothing is shown.
        let by_url = || {
            let address = self.address.filter(|_| visible.near.is_none());
            address.and_then(|url| self.reader.in_url(url)).map(|date| date.day)
        };
        let by_heading =
            visible.near.as_ref().filter(|near| !near.value.ends_with('Z')).map(|near| near.day().to_owned());
        let marked =
            self.marked("datePublished").filter(|date| !date.value.ends_with('Z')).map(|date| date.day().to_owned());
        let local = local
            .or(marked.filter(|day| is_local_day(time, day)))
            .or(by_heading.filter(|day| is_local_day(time, day)))
            .or_else(|| by_url().filter(|day| is_local_day(time, day)));
        Published { local_day: local.filter(|day| day != date.day()), ..date }
    }
}

pub(super) fn days_between(one: &Published, other: &Published) -> Option<i64> {
    let day = |date: &Published| date.day().parse::<jiff::civil::Date>().ok();
    Some(i64::from(day(one)?.until(day(other)?).ok()?.get_days()).abs())
}

/// Whether it can be this day anywhere in the world at a time.
fn is_local_day(time: i64, day: &str) -> bool {
    let Ok(day) = day.parse::<jiff::civil::Date>() else { return false };
    let Ok(start) = day.to_zoned(jiff::tz::TimeZone::UTC) else { return false };
    let into = (time - start.timestamp().as_second()) / 60;
    // The day has begun in the zones ahead, and has not ended in those behind.
    into + ZONES.end() >= 0 && into + ZONES.start() < 24 * 60
}
