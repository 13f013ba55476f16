//! Years that are not counted from the birth of Christ: converted where only the count of years differs, else left alone.

use std::borrow::Cow;

use super::scan::latin_digits;

/// Signs of years of the Buddhist era, which are 543 ahead.
const BUDDHIST: [&str; 3] = ["พ.ศ.", "พ.ศ", "B.E."];

/// Eras of Japan and Taiwan with the year before their first.
const ERAS: [(&str, i32); 6] =
    [("令和", 2018), ("平成", 1988), ("昭和", 1925), ("大正", 1911), ("民國", 1911), ("民国", 1911)];

/// Months of the Iranian, the Islamic and the Jewish calendar: their days fall on others in each year.
const OTHERS: [&str; 37] = [
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
    "תשרי",
    "חשוון",
    "חשון",
    "כסלו",
    "טבת",
    "שבט",
    "אדר",
    "ניסן",
    "אייר",
    "סיוון",
    "סיון",
    "תמוז",
    "אלול",
];

/// Signs of the Ethiopian era, whose years look like ours of seven or eight years ago, and of ours in its languages.
const ETHIOPIAN: [&str; 4] = ["ዓ.ም", "ዓ/ም", "ዓ. ም", "ዓ ም"];
const ETHIOPIAN_OURS: [&str; 2] = ["እ.ኤ.አ", "እኤአ"];

/// Signs and months of Bikram Sambat, the era of Nepal, whose years look like ours of the future.
const BIKRAM: [&str; 24] = [
    "वि.सं",
    "बि.सं",
    "वि. सं",
    "बि. सं",
    "विक्रम संवत",
    "विक्रम सम्वत",
    "B.S.",
    "बैशाख",
    "वैशाख",
    "जेठ",
    "असार",
    "साउन",
    "श्रावण",
    "भदौ",
    "असोज",
    "कात्तिक",
    "कार्तिक",
    "मंसिर",
    "पुस",
    "माघ",
    "फागुन",
    "फाल्गुन",
    "चैत",
    "मङ्सिर",
];

/// Years of Bikram Sambat that would be ours of the future.
const BIKRAM_YEARS: std::ops::RangeInclusive<u32> = 2_050..=2_100;

/// The text with Gregorian years; none where the date is of a calendar that is known and not converted, and nothing in
/// the text is Gregorian beside it.
pub(super) fn gregorian(raw: &str) -> Option<Cow<'_, str>> {
    if BIKRAM.iter().any(|sign| raw.contains(sign)) {
        return Some(Cow::Owned(without_bikram(raw)));
    }
    if raw.is_ascii() {
        return Some(Cow::Borrowed(raw));
    }
    let has = |signs: &[&str]| signs.iter().any(|sign| raw.contains(sign));
    if has(&ETHIOPIAN) && !has(&ETHIOPIAN_OURS) {
        return None;
    }
    if let Some((era, before)) = ERAS.iter().find(|(era, _)| raw.contains(era)) {
        return Some(Cow::Owned(of_era(raw, era, *before)?));
    }
    let thai = raw.chars().any(|character| ('\u{e00}'..='\u{e7f}').contains(&character));
    if thai || BUDDHIST.iter().any(|sign| raw.contains(sign)) {
        return Some(Cow::Owned(of_buddhist(raw)));
    }
    let words = || raw.split(|character: char| !character.is_alphabetic()).filter(|word| !word.is_empty());
    // "in Adar" is one word, and years are written in letters, with a mark before the last: תשפ״ד.
    let is_other =
        |word: &str| OTHERS.contains(&word) || word.strip_prefix('ב').is_some_and(|word| OTHERS.contains(&word));
    let foreign = words().any(is_other)
        || raw.split_whitespace().any(is_jewish_year)
        || OTHERS.iter().any(|name| name.contains(' ') && raw.contains(name));
    let mut numbers = raw.split(|character: char| !character.is_numeric());
    // "5 Ramadan 1445 - 15 March 2024": the year that ours has belongs to the other date.
    let has_ours = numbers.any(|number| number.chars().count() == 4 && !number.starts_with(['1', '١', '۱']));
    (!foreign || has_ours).then_some(Cow::Borrowed(raw))
}

/// Whether a word is a year of the Jewish calendar, in letters: תשפ״ד, ה'תשפ"ד.
fn is_jewish_year(word: &str) -> bool {
    let is_mark = |letter: char| matches!(letter, '"' | '\'' | '״' | '׳' | '’' | '”');
    let marked = word.contains(is_mark);
    let letters: String = word.chars().filter(|letter| letter.is_alphabetic()).collect();
    let letters = letters.strip_prefix('ה').unwrap_or(&letters);
    marked && letters.starts_with("תש") && (3..=5).contains(&letters.chars().count())
}

/// The text without the years of Bikram Sambat, so that nothing else is made of them.
fn without_bikram(raw: &str) -> String {
    let latin = latin_digits(raw);
    let mut text = String::with_capacity(latin.len());
    let mut number = String::new();
    for character in latin.chars().chain([' ']) {
        if character.is_ascii_digit() {
            number.push(character);
            continue;
        }
        let is_year = number.parse().is_ok_and(|year: u32| BIKRAM_YEARS.contains(&year));
        text.push_str(if is_year { "0" } else { &number });
        number.clear();
        text.push(character);
    }
    text
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
        for raw in [
            "۱۵ فروردین ۱۴۰۳",
            "1403/01/15",
            "5 رمضان 1445",
            "1445-09-05",
            "כ״ה באדר א׳ תשפ״ד",
            "5 אדר 5784",
            "5 באדר ה'תשפ\"ד",
            "መጋቢት 5 ቀን 2016 ዓ.ም",
            "05.07.2016 ዓ.ም",
            "वि.सं. 2080-12-05",
            "२०८०-१२-०५ बि.सं.",
            "2080-12-05 B.S.",
            "२०८० चैत ५",
        ] {
            assert_eq!(day(raw), None, "{raw}");
        }
        for raw in ["२०८० चैत ५ (2024-03-18)", "እ.ኤ.አ 18.03.2024 (9.7.2016 ዓ.ም)", "כ״ה אדר תשפ״ד, 18.3.2024"]
        {
            assert_eq!(day(raw).as_deref(), Some("2024-03-18"), "{raw}");
        }
        assert_eq!(day("5 رمضان 1445 - 15 مارس 2024").as_deref(), Some("2024-03-15"));
    }
}
