//! Finds a date and its time among the numbers and words of a short text.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;

use super::clock::{compact_time, time};
use super::{Order, Parts, Reader, months};

/// A piece of a text in which a date is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// A run of digits and how many they are.
    Number(u32, usize),
    Word(&'t str),
    Mark(char),
    Space,
}

/// The first date of a text.
pub(super) fn find(text: &str, reader: Reader<'_>) -> Option<Parts> {
    let latin = latin_digits(text);
    let tokens = tokens(&latin);
    (0..tokens.len()).find_map(|at| {
        let rest = tokens.get(at..)?;
        let (parts, used) = numeric(rest, reader).or_else(|| in_words(rest, reader))?;
        // A run of digits must not begin within a longer number such as a version.
        let time = compact_time(rest).or_else(|| time(rest.get(used..)?));
        Some(Parts { time, ..parts })
    })
}

/// The text with the digits of other scripts as Latin ones.
pub(super) fn latin_digits(text: &str) -> Cow<'_, str> {
    // The first digit of each script whose digits stand in a row.
    const ZEROS: [u32; 17] = [
        0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0, 0xf20, 0x1040,
        0x17e0, 0xff10,
    ];
    let digit = |character: char| {
        let code = u32::from(character);
        let zero = ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code))?;
        char::from_digit(code - zero, 10)
    };
    if text.is_ascii() || !text.chars().any(|character| digit(character).is_some()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|character| digit(character).unwrap_or(character)).collect())
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = |same: fn(char) -> bool| rest.find(|character| !same(character)).unwrap_or(rest.len());
        let taken = if first.is_ascii_digit() {
            let end = length(|character| character.is_ascii_digit());
            let digits = rest.get(..end).unwrap_or_default();
            tokens.push(Token::Number(digits.parse().unwrap_or(u32::MAX), digits.len()));
            end
        } else if first.is_alphabetic() {
            let end = length(|character| character.is_alphabetic() || is_combining_mark(character));
            tokens.push(Token::Word(rest.get(..end).unwrap_or_default()));
            end
        } else if first.is_whitespace() {
            tokens.push(Token::Space);
            length(char::is_whitespace)
        } else {
            tokens.push(Token::Mark(first));
            first.len_utf8()
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    tokens
}

/// `2024-03-05`, `2024年3月5日`, `20240305`, `05.03.2024`.
fn numeric(tokens: &[Token<'_>], reader: Reader<'_>) -> Option<(Parts, usize)> {
    if let [Token::Number(number, 8), ..] = tokens {
        let parts = date(number / 10_000, number / 100 % 100, number % 100)?;
        return Some((parts, 1));
    }
    let [Token::Number(first, first_digits), rest @ ..] = tokens else { return None };
    let (separator, rest, skipped) = separator(rest)?;
    let [Token::Number(second, second_digits), rest @ ..] = rest else { return None };
    let (again, rest, skipped_again) = self::separator(rest)?;
    let [Token::Number(third, third_digits), ..] = rest else { return None };
    if *second_digits > 2 || separator.is_numeric_mark() != again.is_numeric_mark() {
        return None;
    }
    let used = 3 + skipped + skipped_again;
    if *first_digits == 4 && *third_digits <= 2 {
        return Some((date(*first, *second, *third)?, used));
    }
    // "2.11.22": the day comes first wherever points stand between.
    if *first_digits <= 2
        && *third_digits == 2
        && separator == Separator::Point
        && reader.order == Some(Order::DayFirst)
    {
        return Some((date(2000 + *third, *second, *first).filter(|_| *third < 70)?, used));
    }
    if *first_digits > 2 || *third_digits != 4 {
        return None;
    }
    let parts = match (separator, *first > 12, *second > 12) {
        // With points, and where the first number cannot be a month, the day comes first.
        (Separator::Point | Separator::Bar, _, false) | (_, true, false) => date(*third, *second, *first)?,
        (_, false, true) => date(*third, *first, *second)?,
        _ => match reader.order? {
            Order::DayFirst => date(*third, *second, *first)?,
            Order::MonthFirst => date(*third, *first, *second)?,
        },
    };
    Some((parts, used))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Separator {
    Point,
    Dash,
    Slash,
    /// 年, 月, 년, 월.
    Unit,
    /// "26 | 01 | 2022".
    Bar,
}

impl Separator {
    fn is_numeric_mark(self) -> Option<Self> {
        (self != Self::Unit).then_some(self)
    }
}

/// A separator within a numeric date, and the number of tokens it takes.
fn separator<'s, 't>(tokens: &'s [Token<'t>]) -> Option<(Separator, &'s [Token<'t>], usize)> {
    if let [Token::Space, Token::Mark('|'), Token::Space, rest @ ..] = tokens {
        return Some((Separator::Bar, rest, 3));
    }
    let (separator, rest) = match tokens {
        [Token::Mark('.'), rest @ ..] => (Separator::Point, rest),
        [Token::Mark('-'), rest @ ..] => (Separator::Dash, rest),
        [Token::Mark('/'), rest @ ..] => (Separator::Slash, rest),
        [Token::Word("年" | "月" | "년" | "월"), rest @ ..] => (Separator::Unit, rest),
        _ => return None,
    };
    match rest {
        [Token::Space, after @ ..] if matches!(separator, Separator::Unit | Separator::Point) => {
            Some((separator, after, 2))
        }
        _ => Some((separator, rest, 1)),
    }
}

/// `5 March 2024`, `March 5, 2024`, `5 de marzo de 2024`, `2024. május 5.`, `5 tháng 3 năm 2024`.
fn in_words(tokens: &[Token<'_>], reader: Reader<'_>) -> Option<(Parts, usize)> {
    match tokens {
        [
            Token::Number(day, 1..=2),
            Token::Space,
            Token::Word("tháng" | "Tháng"),
            Token::Space,
            Token::Number(month, 1..=2),
            ..,
        ] => {
            let (year_at, year) = next_number(tokens, 5, 4)?;
            Some((date(year, *month, *day)?, year_at + 1))
        }
        [Token::Number(day, 1..=2), ..] => {
            let (month_at, month) = next_word_month(tokens, 1, reader)?;
            let (year_at, year) = next_number(tokens, month_at + 1, 4)?;
            Some((date(year, month, *day)?, year_at + 1))
        }
        [Token::Number(year, 4), ..] => {
            let (month_at, month) = next_word_month(tokens, 1, reader)?;
            let (day_at, day) = next_number(tokens, month_at + 1, 2)?;
            Some((date(*year, month, day)?, day_at + 1))
        }
        [Token::Word(word), ..] => {
            let month = reader.month(word)?;
            let (day_at, day) = next_number(tokens, 1, 2)?;
            let (year_at, year) = next_number(tokens, day_at + 1, 4)?;
            Some((date(year, u32::try_from(month).ok()?, day)?, year_at + 1))
        }
        _ => None,
    }
}

/// Between the parts of a written date stand at most a few short words and marks.
const GAP: usize = 4;

fn next_word_month(tokens: &[Token<'_>], from: usize, reader: Reader<'_>) -> Option<(usize, u32)> {
    let mut end = from + GAP;
    for (at, token) in tokens.iter().enumerate().skip(from) {
        if at >= end {
            break;
        }
        match token {
            Token::Word(word) => {
                if let Some(month) = reader.month(word) {
                    return Some((at, u32::try_from(month).ok()?));
                }
                end = further(word, at, end)?;
            }
            Token::Number(..) => return None,
            Token::Mark(_) | Token::Space => {}
        }
    }
    None
}

fn next_number(tokens: &[Token<'_>], from: usize, digits: usize) -> Option<(usize, u32)> {
    let mut end = from + GAP;
    for (at, token) in tokens.iter().enumerate().skip(from) {
        if at >= end {
            break;
        }
        match token {
            Token::Number(number, length) => {
                let fits = if digits == 4 { *length == 4 } else { *length <= digits };
                return fits.then_some((at, *number));
            }
            Token::Word(word) => end = further(word, at, end)?,
            Token::Mark(_) | Token::Space => {}
        }
    }
    None
}

/// How far to look on behind a word within a date: a weekday is passed over, and what is no part of a date ends it.
fn further(word: &str, at: usize, end: usize) -> Option<usize> {
    match () {
        () if is_filler(word) => Some(end),
        () if months::is_weekday(word) => Some(at + 1 + GAP),
        () => None,
    }
}

fn is_filler(word: &str) -> bool {
    matches!(
        word.to_ascii_lowercase().as_str(),
        "de" | "of" | "st" | "nd" | "rd" | "th" | "er" | "del" | "d" | "the" | "º" | "ª" | "m" | "gada" | "năm"
    )
}

fn date(year: u32, month: u32, day: u32) -> Option<Parts> {
    let valid = (1900..=2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !valid {
        return None;
    }
    Some(Parts {
        year: i16::try_from(year).ok()?,
        month: i8::try_from(month).ok()?,
        day: i8::try_from(day).ok()?,
        time: None,
    })
}
