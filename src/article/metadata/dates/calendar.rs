//! Years that are not counted from the birth of Christ: converted where only the count of years differs, else left alone.

use std::borrow::Cow;

/// Signs of years of the Buddhist era, which are 543 ahead.
const BUDDHIST: [&str; 3] = ["พ.ศ.", "พ.ศ", "B.E."];

/// Eras of Japan and Taiwan with the year before their first.
const ERAS: [(&str, i32); 6] =
    [("令和", 2018), ("平成", 1988), ("昭和", 1925), ("大正", 1911), ("民國", 1911), ("民国", 1911)];

/// Months of the Iranian and the Islamic calendar: their days fall on others in each year.
const OTHERS: [&str; 26] = [
    "فروردین",
    "اردیبهشت",
    "خرداد",
    "تیر",
    "مرداد",
    "شهریور",
    "مهر",
    "آبان",
    "آذر",
    "دی",
    "بهمن",
    "اسفند",
    "محرم",
    "صفر",
    "ربيع",
    "جمادى",
    "رجب",
    "شعبان",
    "رمضان",
    "شوال",
    "ذو القعدة",
    "ذو الحجة",
    "ذي القعدة",
    "ذي الحجة",
    "ה'תש",
    "תש״",
];

/// The text with Gregorian years; none where the date is of a calendar that is known and not converted, and nothing in
/// the text is Gregorian beside it.
pub(super) fn gregorian(raw: &str) -> Option<Cow<'_, str>> {
    if raw.is_ascii() {
        return Some(Cow::Borrowed(raw));
    }
    if let Some((era, before)) = ERAS.iter().find(|(era, _)| raw.contains(era)) {
        return Some(Cow::Owned(of_era(raw, era, *before)?));
    }
    let thai = raw.chars().any(|character| ('\u{e00}'..='\u{e7f}').contains(&character));
    if thai || BUDDHIST.iter().any(|sign| raw.contains(sign)) {
        return Some(Cow::Owned(of_buddhist(raw)));
    }
    let words = || raw.split(|character: char| !character.is_alphabetic()).filter(|word| !word.is_empty());
    let foreign = words().any(|word| OTHERS.contains(&word))
        || OTHERS.iter().any(|name| name.contains(' ') && raw.contains(name));
    let mut numbers = raw.split(|character: char| !character.is_numeric());
    // "5 Ramadan 1445 - 15 March 2024": the year that ours has belongs to the other date.
    let has_ours = numbers.any(|number| number.chars().count() == 4 && !number.starts_with(['1', '١', '۱']));
    (!foreign || has_ours).then_some(Cow::Borrowed(raw))
}

/// `令和6年` becomes `2024年`; the first year of an era is 元年.
fn of_era(raw: &str, era: &str, before: i32) -> Option<String> {
    let (head, tail) = raw.split_once(era)?;
    let tail = tail.trim_start();
    let (year, rest) = match tail.strip_prefix('元') {
        Some(rest) => (1, rest),
        None => {
            let end = tail.find(|character: char| !character.is_ascii_digit())?;
            (tail.get(..end)?.parse::<i32>().ok().filter(|year| *year < 150)?, tail.get(end..)?)
        }
    };
    Some(format!("{head}{}{rest}", before + year))
}

/// Numbers that can only be years of the Buddhist era become ours.
fn of_buddhist(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut number = String::new();
    let raw = BUDDHIST.iter().fold(raw.to_owned(), |raw, sign| raw.replace(sign, ""));
    for character in raw.chars().chain([' ']) {
        let digit =
            character.to_digit(10).or_else(|| u32::from(character).checked_sub(0xe50).filter(|digit| *digit < 10));
        if let Some(digit) = digit.and_then(|digit| char::from_digit(digit, 10)) {
            number.push(digit);
            continue;
        }
        match number.parse::<i32>() {
            Ok(year @ 2_450..=2_650) => text.push_str(&(year - 543).to_string()),
            _ => text.push_str(&number),
        }
        number.clear();
        text.push(character);
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use crate::article::DateSource;
    use crate::article::boilerplate::Rules;
    use crate::article::metadata::dates::parse;

    fn day(raw: &str) -> Option<String> {
        parse(raw, DateSource::Text, &Rules::compiled_in().unwrap().vocabulary).map(|date| date.value)
    }

    #[test]
    fn eras_that_only_count_otherwise_are_converted() {
        for (raw, expected) in [
            ("令和6年3月5日", "2024-03-05"),
            ("令和元年5月1日", "2019-05-01"),
            ("民國113年3月5日", "2024-03-05"),
            ("5 มีนาคม 2567", "2024-03-05"),
            ("๕ มีนาคม พ.ศ. ๒๕๖๗", "2024-03-05"),
        ] {
            assert_eq!(day(raw).as_deref(), Some(expected), "{raw}");
        }
    }

    #[test]
    fn other_calendars_are_not_misread() {
        for raw in ["۱۵ فروردین ۱۴۰۳", "1403/01/15", "5 رمضان 1445", "1445-09-05"] {
            assert_eq!(day(raw), None, "{raw}");
        }
        assert_eq!(day("5 رمضان 1445 - 15 مارس 2024").as_deref(), Some("2024-03-15"));
    }
}
