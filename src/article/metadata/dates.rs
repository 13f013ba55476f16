//! Dates as pages write them. Nothing is added to what stands there: no time, no zone.

mod calendar;
mod clock;
mod months;
mod scan;
mod url;

use jiff::civil::DateTime;

use crate::article::boilerplate::Vocabulary;
use crate::article::{DateSource, Precision, Published};
use crate::document::Hints;

pub(crate) use url::UrlDate;
use url::in_url;

/// Years that an article can be from.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2100;

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// Latest time after the visit that a clock which is a little fast may give, in seconds; a date without an offset may be
/// of a zone ahead.
const FAST_CLOCK: i64 = DAY;

/// No written date is longer, in bytes.
const LONGEST: usize = 800;

/// What is known about how dates are written where they stand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'v> {
    vocabulary: &'v Vocabulary,
    order: Option<Order>,
    /// Whether October is listopad, which elsewhere is November.
    southern: bool,
    /// When the page had been seen at the latest, in milliseconds since the epoch.
    seen_by_ms: Option<i64>,
}

/// Which number of `4/5/2024` is the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    DayFirst,
    MonthFirst,
}

impl<'v> Reader<'v> {
    /// A reader of dates of any origin: of two readings none is taken.
    pub(crate) fn new(vocabulary: &'v Vocabulary) -> Self {
        Self { vocabulary, order: None, southern: false, seen_by_ms: None }
    }

    /// A reader of the dates of a page, by its language and host: the United States put the month first, and so do pages
    /// for them; English alone does not tell.
    pub(crate) fn of_page(vocabulary: &'v Vocabulary, language: Option<&str>, host: Option<&str>) -> Self {
        let tag = language.unwrap_or_default().to_ascii_lowercase().replace('_', "-");
        let top = host.and_then(|host| host.rsplit('.').next()).unwrap_or_default();
        let order = match (tag.split('-').next().unwrap_or_default(), tag.rsplit('-').next().unwrap_or_default()) {
            ("", _) | ("en", "en") => {
                ["uk", "au", "nz", "ie", "in", "za", "de", "fr"].contains(&top).then_some(Order::DayFirst)
            }
            ("en", "us" | "ph") => Some(Order::MonthFirst),
            _ => Some(Order::DayFirst),
        };
        let southern = ["hr", "bs", "sr"].contains(&tag.get(..2).unwrap_or_default());
        Self { order, southern, ..Self::new(vocabulary) }
    }

    /// The same; what was seen at a time cannot be of a later one.
    pub(crate) fn seen_by(self, seen_by_ms: Option<i64>) -> Self {
        Self { seen_by_ms, ..self }
    }

    /// Whether a date is not after the visit of the crawler.
    pub(crate) fn is_past(self, date: &Published) -> bool {
        let (Some(seen), Some(time)) = (self.seen_by_ms, seconds(date)) else { return true };
        time - FAST_CLOCK <= seen / 1_000
    }

    /// The date that stands in a short text, unless it is one of the future.
    pub(crate) fn past(self, raw: &str, source: DateSource) -> Option<Published> {
        self.parse(raw, source).filter(|date| self.is_past(date))
    }

    /// The day that an address names, unless it is one of the future.
    pub(crate) fn in_url(self, address: &str) -> Option<UrlDate> {
        in_url(address, self.vocabulary).filter(|date| self.is_past(&date.clone().into_published()))
    }

    /// The time at which a server says that a page was changed: believed where that was a day or more before the visit,
    /// because pages that are made for each visit are as new as it.
    pub(crate) fn served(self, hints: &Hints) -> Option<Published> {
        let date = self.past(hints.served.last_modified.as_deref()?, DateSource::Header)?;
        let visit = hints.fetched_at_ms? / 1_000;
        seconds(&date).filter(|time| time + DAY <= visit).map(|_| date)
    }

    /// The date that stands in an attribute or a short text, in ISO 8601, RFC 2822 or words.
    pub(crate) fn parse(self, raw: &str, source: DateSource) -> Option<Published> {
        let raw = raw.trim();
        if raw.len() > LONGEST || !may_name_a_day(raw) {
            return None;
        }
        let gregorian = calendar::gregorian(raw)?;
        let (value, precision) = scan::find(&gregorian, self)?.written()?;
        let date = Published { value, raw: raw.to_owned(), precision, source, local_day: None };
        // The first second of Unix time is that of fields which were never set.
        (precision == Precision::Day || seconds(&date) != Some(0)).then_some(date)
    }

    /// Whether a word is the name of a month or a weekday.
    pub(crate) fn is_of_date(self, word: &str) -> bool {
        self.month(word).is_some() || months::is_weekday(word)
    }

    /// The number of a month, 1 to 12, from its name or abbreviation.
    fn month(self, word: &str) -> Option<i8> {
        if self.southern && word.to_lowercase().starts_with("listopad") {
            return Some(10);
        }
        self.vocabulary.month(word).or_else(|| months::number(word))
    }
}

/// Whether a text may hold a date: it has a digit, or letters of scripts that have digits of their own.
pub(crate) fn may_name_a_day(text: &str) -> bool {
    // Up to 0xc9 begin the letters of Europe, with 0xe2 typographic quotes and dashes.
    text.bytes().any(|byte| byte.is_ascii_digit() || (byte >= 0xca && byte != 0xe2))
}

/// Seconds since the epoch; a date without an offset is read as universal time.
pub(crate) fn seconds(date: &Published) -> Option<i64> {
    let parsed = match date.value.len() {
        10 => date.value.parse::<jiff::civil::Date>().ok()?.at(0, 0, 0, 0),
        19 => date.value.parse::<DateTime>().ok()?,
        _ => return Some(date.value.parse::<jiff::Timestamp>().ok()?.as_second()),
    };
    Some(parsed.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}

/// The date that stands in a text of any origin.
#[cfg(test)]
pub(crate) fn parse(raw: &str, source: DateSource, vocabulary: &Vocabulary) -> Option<Published> {
    Reader::new(vocabulary).parse(raw, source)
}

/// The parts of a date that were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Parts {
    year: i16,
    month: i8,
    day: i8,
    time: Option<Time>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Time {
    hour: i8,
    minute: i8,
    second: Option<i8>,
    /// Minutes east of Greenwich, where the page gives an offset.
    offset: Option<i16>,
}

impl Parts {
    /// The written form, if the parts are a real date.
    fn written(self) -> Option<(String, Precision)> {
        let Self { year, month, day, time } = self;
        if !YEARS.contains(&year) {
            return None;
        }
        let Some(time) = time else {
            DateTime::new(year, month, day, 0, 0, 0, 0).ok()?;
            return Some((format!("{year:04}-{month:02}-{day:02}"), Precision::Day));
        };
        let second = time.second.unwrap_or(0);
        DateTime::new(year, month, day, time.hour, time.minute, second, 0).ok()?;
        let Time { hour, minute, .. } = time;
        let mut value = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
        match time.offset {
            None => {}
            Some(0) => value.push('Z'),
            Some(minutes) => {
                let sign = if minutes < 0 { '-' } else { '+' };
                let minutes = minutes.unsigned_abs();
                value.push_str(&format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60));
            }
        }
        let precision = if time.second.is_some() { Precision::Second } else { Precision::Minute };
        Some((value, precision))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::parse;
    use crate::article::boilerplate::Rules;
    use crate::article::{DateSource, Precision};

    fn value(raw: &str) -> Option<String> {
        let rules = Rules::compiled_in().unwrap();
        parse(raw, DateSource::Meta, &rules.vocabulary).map(|date| date.value)
    }

    #[test]
    fn iso_dates_keep_their_own_offset_or_none() {
        for (raw, expected) in [
            ("2024-03-05T08:30:00+01:00", "2024-03-05T08:30:00+01:00"),
            ("2024-03-05T08:30:00.123Z", "2024-03-05T08:30:00Z"),
            ("2024-03-05 08:30:15 -0500", "2024-03-05T08:30:15-05:00"),
            ("2024-03-05T08:30", "2024-03-05T08:30:00"),
            ("2024-03-05", "2024-03-05"),
            ("2024/3/5", "2024-03-05"),
            ("20240305T083000Z", "2024-03-05T08:30:00Z"),
            ("20240305", "2024-03-05"),
        ] {
            assert_eq!(value(raw).as_deref(), Some(expected), "{raw}");
        }
    }

    #[test]
    fn dates_in_words_are_read_in_many_languages() {
        for (raw, expected) in [
            ("Tue, 05 Mar 2024 08:30:00 GMT", "2024-03-05T08:30:00Z"),
            ("March 5th, 2024", "2024-03-05"),
            ("Published on 5 March 2024 at 8:30 pm", "2024-03-05T20:30:00"),
            ("Publié le 5 mars 2024 à 10h05", "2024-03-05T10:05:00"),
            ("1er août 2023", "2023-08-01"),
            ("5. März 2024, 10:30 Uhr", "2024-03-05T10:30:00"),
            ("5 de marzo de 2024", "2024-03-05"),
            ("5 марта 2024, 10:30", "2024-03-05T10:30:00"),
            ("2024年3月5日 10時30分", "2024-03-05T10:30:00"),
            ("2024년 3월 5일", "2024-03-05"),
            ("05.03.2024", "2024-03-05"),
            ("25/12/2023 09:15", "2023-12-25T09:15:00"),
            ("12/25/2023", "2023-12-25"),
            ("5 (Tuesday) March 2024", "2024-03-05"),
            ("2024. március 5. kedd", "2024-03-05"),
            ("5 mardi mars 2024", "2024-03-05"),
            ("១៣-៣-២០២៤", "2024-03-13"),
            ("௫/௧௩/௨௦௨௪", "2024-05-13"),
            ("౧౩/౩/౨౦౨౪", "2024-03-13"),
            ("೧೩-೩-೨೦೨೪", "2024-03-13"),
            ("൧൩-൩-൨൦൨൪", "2024-03-13"),
            ("୧୩-୩-୨୦୨୪", "2024-03-13"),
            ("໑໓-໓-໒໐໒໔", "2024-03-13"),
        ] {
            assert_eq!(value(raw).as_deref(), Some(expected), "{raw}");
        }
    }

    #[test]
    fn what_is_no_date_or_may_be_two_gives_none() {
        for raw in ["", "yesterday", "2024-13-45", "4/5/2024", "version 1.2.3", "99999999", "5 March"] {
            assert_eq!(value(raw), None, "{raw}");
        }
    }

    #[test]
    fn precision_is_that_of_the_page() {
        let rules = Rules::compiled_in().unwrap();
        let precision = |raw| parse(raw, DateSource::Meta, &rules.vocabulary).unwrap().precision;
        assert_eq!(precision("2024-03-05"), Precision::Day);
        assert_eq!(precision("2024-03-05T08:30Z"), Precision::Minute);
        assert_eq!(precision("2024-03-05T08:30:00Z"), Precision::Second);
    }
}
