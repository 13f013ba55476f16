//! The day that many sites put into an article's address.

use super::Parts;
use crate::article::boilerplate::Vocabulary;
use crate::article::{DateSource, Precision, Published};

/// A day found in an address, and the section that stands before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UrlDate {
    /// `YYYY-MM-DD`.
    pub(crate) day: String,
    /// The characters that say so.
    pub(crate) raw: String,
    /// The first path segment, if it is a word and stands before the date.
    pub(crate) section: Option<String>,
}

impl UrlDate {
    /// The day as a date of publication.
    pub(crate) fn into_published(self) -> Published {
        Published {
            value: self.day,
            raw: self.raw,
            precision: Precision::Day,
            source: DateSource::Url,
            local_day: None,
        }
    }
}

/// The day in the path of an address: `/2017/02/16/`, `/2017-02-16-…`, `/201702161030…`, `/2017/feb/16/`.
pub(crate) fn in_url(address: &str, vocabulary: &Vocabulary) -> Option<UrlDate> {
    let path = path(address)?;
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    for (at, segment) in segments.iter().enumerate() {
        // Archives put the time of their visit before the page's own address.
        if segment.len() == 14 && at > 0 && segments.get(at - 1) == Some(&"web") {
            continue;
        }
        let rest = segments.get(at..).unwrap_or_default();
        if let Some((day, raw)) = of_segments(rest, vocabulary).or_else(|| in_segment(segment)) {
            let section = segments.first().filter(|first| at > 0 && is_section(first)).map(|first| (*first).to_owned());
            return Some(UrlDate { day, raw, section });
        }
    }
    None
}

fn path(address: &str) -> Option<&str> {
    // Archives put the page's own address behind the time at which they fetched it.
    let address = address
        .rfind("http://")
        .into_iter()
        .chain(address.rfind("https://"))
        .max()
        .and_then(|at| address.get(at..))
        .unwrap_or(address);
    let rest = address.trim().split_once("://").map_or(address, |(_, rest)| rest);
    let (_, path) = rest.split_once('/')?;
    path.split(['?', '#']).next()
}

fn is_section(segment: &str) -> bool {
    (4..=25).contains(&segment.len())
        && segment.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-')
        && !matches!(
            segment,
            "news"
                | "article"
                | "articles"
                | "story"
                | "stories"
                | "post"
                | "posts"
                | "blog"
                | "archive"
                | "archives"
                | "actualites"
                | "noticias"
                | "artikel"
                | "index"
        )
}

/// Three segments: year, month by number or name, day.
fn of_segments(segments: &[&str], vocabulary: &Vocabulary) -> Option<(String, String)> {
    let [year, month, day, ..] = segments else { return None };
    let month_number = match month.parse::<i8>() {
        Ok(number) if month.len() <= 2 => number,
        _ => vocabulary.month(month)?,
    };
    if year.len() != 4 || day.len() > 2 {
        return None;
    }
    let day = written(year.parse().ok()?, month_number, day.parse().ok()?)?;
    Some((day, [*year, month, segments.get(2)?].join("/")))
}

/// A day within one segment: `2017-02-16-title`, `title-20170216`, `201702161030124806-title`.
fn in_segment(segment: &str) -> Option<(String, String)> {
    let mut from = 0;
    while let Some(offset) = segment.get(from..)?.find(|character: char| character.is_ascii_digit()) {
        let start = from + offset;
        let rest = segment.get(start..)?;
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if let Some(found) = compact(rest, digits).or_else(|| dashed(rest, digits)).or_else(|| day_first(rest, digits))
        {
            return Some(found);
        }
        from = start + digits;
    }
    None
}

/// Eight digits, or a day and time at the head of a longer identifier.
fn compact(rest: &str, digits: usize) -> Option<(String, String)> {
    if digits != 8 && digits < 12 {
        return None;
    }
    let number = |from: usize, to: usize| rest.get(from..to)?.parse::<i16>().ok();
    if digits >= 12 && (number(8, 10)? > 23 || number(10, 12)? > 59) {
        return None;
    }
    let year = number(0, 4)?;
    // Identifiers of eight digits are common; those that could be years before the web are identifiers.
    if year < 1990 {
        return None;
    }
    let day = written(year, i8::try_from(number(4, 6)?).ok()?, i8::try_from(number(6, 8)?).ok()?)?;
    Some((day, rest.get(..8)?.to_owned()))
}

fn dashed(rest: &str, digits: usize) -> Option<(String, String)> {
    if digits != 4 {
        return None;
    }
    let raw = rest.get(..10)?;
    let mark = raw.get(4..5).filter(|mark| matches!(*mark, "-" | "_" | "."))?;
    if raw.get(7..8) != Some(mark)
        || rest.get(10..).is_some_and(|after| after.starts_with(|character: char| character.is_ascii_digit()))
    {
        return None;
    }
    let day = written(raw.get(..4)?.parse().ok()?, raw.get(5..7)?.parse().ok()?, raw.get(8..10)?.parse().ok()?)?;
    Some((day, raw.to_owned()))
}

/// `29-10-2021`; where both could be the day, nothing is known.
fn day_first(rest: &str, digits: usize) -> Option<(String, String)> {
    let raw = rest.get(..10).filter(|_| digits == 2)?;
    let mark = raw.get(2..3).filter(|mark| matches!(*mark, "-" | "_" | "."))?;
    let ended = rest.get(10..).is_none_or(|after| !after.starts_with(|character: char| character.is_ascii_digit()));
    let (first, second): (i8, i8) = (raw.get(..2)?.parse().ok()?, raw.get(3..5)?.parse().ok()?);
    if raw.get(5..6) != Some(mark) || !ended || first <= 12 || second > 12 {
        return None;
    }
    Some((written(raw.get(6..)?.parse().ok()?, second, first)?, raw.to_owned()))
}

fn written(year: i16, month: i8, day: i8) -> Option<String> {
    let (value, precision) = Parts { year, month, day, time: None }.written()?;
    (precision == Precision::Day).then_some(value)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::in_url;
    use crate::article::boilerplate::Rules;

    fn day(url: &str) -> Option<String> {
        in_url(url, &Rules::compiled_in().unwrap().vocabulary).map(|date| date.day)
    }

    #[test]
    fn the_usual_forms_are_found() {
        for url in [
            "https://example.org/2017/02/16/title",
            "https://example.org/world/2017/feb/16/title",
            "https://example.org/a/2017-02-16-title.html",
            "https://example.org/title-20170216",
            "https://archive.example/web/20200101120000/http://example.org/2017/02/16/title",
            "https://example.org/economy/201702161130456789-title/",
        ] {
            assert_eq!(day(url).as_deref(), Some("2017-02-16"), "{url}");
        }
    }

    #[test]
    fn identifiers_and_queries_are_no_dates() {
        for url in [
            "https://example.org/12345678",
            "https://example.org/a?d=2017-02-16",
            "https://example.org/20179999",
            "20170216",
            "https://example.org/201702169988776655-x",
        ] {
            assert_eq!(day(url), None, "{url}");
        }
    }

    #[test]
    fn the_first_segment_before_the_date_is_the_section() {
        let rules = Rules::compiled_in().unwrap();
        let date = in_url("https://example.org/economy/20170216-title", &rules.vocabulary).unwrap();
        assert_eq!(date.section.as_deref(), Some("economy"));
        assert_eq!(in_url("https://example.org/20170216/economy", &rules.vocabulary).unwrap().section, None);
    }
}
