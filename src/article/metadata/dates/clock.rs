//! The time of day that stands behind a date: hours and minutes, the half of the day, the offset.

use std::collections::HashMap;
use std::sync::LazyLock;

use pure_rust_locales::locale_match;
use unicode_normalization::char::is_combining_mark;

use super::Time;
use super::months::LOCALES;
use super::scan::Token;
use crate::article::characters::is_east_asian;

/// A time further away belongs to something else, in tokens.
const REACH: usize = 8;

/// Which half of the day a time on a clock of twelve hours is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    Morning,
    Afternoon,
    /// A part of the day that lies in both ("night"), or one that is not known.
    Unsettled,
}

/// Words for the halves of the day, before or behind the time, in lower case and without combining marks.
const HALVES: [(Half, &[&str]); 3] = [
    (
        Half::Morning,
        &[
            "am",
            "午前",
            "上午",
            "早上",
            "清晨",
            "凌晨",
            "오전",
            "새벽",
            "πμ",
            "ص",
            "صباحا",
            "صباح",
            "पूर्वाह्न",
            "утра",
            "ранку",
            "mañana",
            "manhã",
            "sáng",
            "pagi",
            "öö",
        ],
    ),
    (
        Half::Afternoon,
        &[
            "pm",
            "午後",
            "午后",
            "下午",
            "傍晚",
            "오후",
            "저녁",
            "μμ",
            "م",
            "مساء",
            "अपराह्न",
            "вечера",
            "вечора",
            "дня",
            "tarde",
            "chiều",
            "petang",
            "ös",
        ],
    ),
    (
        Half::Unsettled,
        &[
            "noon", "midnight", "night", "noche", "noite", "ночи", "ночі", "晚上", "晚间", "晚間", "深夜", "中午",
            "正午", "밤", "ليلا", "ظهرا", "tối", "đêm", "trưa", "malam", "siang",
        ],
    ),
];

/// Pairs of initials for the halves: "p.m.", "p. m.", "μ.μ.", "ب.ظ".
const INITIALS: [(&str, &str, Half); 10] = [
    ("a", "m", Half::Morning),
    ("p", "m", Half::Afternoon),
    ("π", "μ", Half::Morning),
    ("μ", "μ", Half::Afternoon),
    ("ق", "ظ", Half::Morning),
    ("ب", "ظ", Half::Afternoon),
    ("පෙ", "ව", Half::Morning),
    ("ප", "ව", Half::Afternoon),
    ("v", "m", Half::Morning),
    ("n", "m", Half::Afternoon),
];

/// Words that may stand between a time and its half: "8:30 de la tarde", "8:30 in the morning".
const BETWEEN: [&str; 6] = ["de", "la", "da", "of", "the", "at"];

static WORDS: LazyLock<HashMap<String, Half>> = LazyLock::new(|| {
    let mut known: HashMap<String, Half> = HashMap::new();
    for (half, words) in HALVES {
        known.extend(words.iter().map(|word| (bare(word), half)));
    }
    for locale in LOCALES {
        let words: &[&str] = locale_match!(locale => LC_TIME::AM_PM);
        for (word, half) in words.iter().zip([Half::Morning, Half::Afternoon]) {
            let is_word = word.chars().all(|letter| letter.is_alphabetic() || is_combining_mark(letter));
            // One letter is a sign of something else in most texts.
            if is_word && word.chars().count() >= 2 {
                known.entry(bare(word)).or_insert(half);
            }
        }
    }
    known
});

/// The time of `20240305T083000Z`.
pub(super) fn compact_time(tokens: &[Token<'_>]) -> Option<Time> {
    let [Token::Number(_, 8), Token::Word("T"), Token::Number(clock, digits @ (4 | 6)), rest @ ..] = tokens else {
        return None;
    };
    let (clock, second) = if *digits == 6 { (clock / 100, Some(clock % 100)) } else { (*clock, None) };
    finish(clock / 100, clock % 100, second, None, rest)
}

/// The first clock time after the date: `T08:30:00`, `at 8:30 pm`, `10h05`, `午後8時30分`.
pub(super) fn time(tokens: &[Token<'_>]) -> Option<Time> {
    (0..tokens.len().min(REACH)).find_map(|at| {
        let [Token::Number(hour, 1..=2), mark, rest @ ..] = tokens.get(at..)? else { return None };
        let rest = match (mark, rest) {
            (Token::Word("時" | "点" | "點" | "시"), [Token::Space, rest @ ..]) => rest,
            (Token::Mark(':') | Token::Word("h" | "H" | "時" | "点" | "點" | "시"), rest) => rest,
            _ => return None,
        };
        let [Token::Number(minute, 2), rest @ ..] = rest else { return None };
        let before = half_before(tokens.get(..at).unwrap_or_default());
        match rest {
            [Token::Mark(':'), Token::Number(second, 2), rest @ ..] => {
                finish(*hour, *minute, Some(*second), before, rest)
            }
            _ => finish(*hour, *minute, None, before, rest),
        }
    })
}

fn finish(hour: u32, minute: u32, second: Option<u32>, before: Option<Half>, rest: &[Token<'_>]) -> Option<Time> {
    let rest = match rest {
        [Token::Mark('.' | ','), Token::Number(..), rest @ ..] => rest,
        _ => rest,
    };
    let (behind, rest) = half_behind(rest);
    let hour = match behind.or(before) {
        None => hour,
        // "20:48 pm" says the same twice.
        Some(Half::Afternoon) if hour > 12 => hour,
        Some(Half::Afternoon) => hour % 12 + 12,
        Some(Half::Morning) if hour <= 12 => hour % 12,
        // Of contradictions and of what is not known no time is made.
        Some(Half::Unsettled) if hour > 12 => hour,
        Some(Half::Morning | Half::Unsettled) => return None,
    };
    if hour > 23 || minute > 59 || second.is_some_and(|second| second > 59) {
        return None;
    }
    Some(Time {
        hour: i8::try_from(hour).ok()?,
        minute: i8::try_from(minute).ok()?,
        second: second.and_then(|second| i8::try_from(second).ok()),
        offset: offset(rest),
    })
}

/// The half of the day that stands before a time: `午後8:30`, `오후 8:30`.
fn half_before(tokens: &[Token<'_>]) -> Option<Half> {
    let word = match tokens {
        [.., Token::Word(word), Token::Space] | [.., Token::Word(word)] => *word,
        _ => return None,
    };
    // In other scripts what stands before a time is of something else: "am 8:30", and "م" behind a year is its era.
    if !word.ends_with(is_east_asian) {
        return None;
    }
    // Without spaces between words it ends what stands there: "5日午後".
    half(word).or_else(|| {
        let ends = HALVES.iter().flat_map(|(half, words)| words.iter().map(move |known| (*known, *half)));
        ends.filter(|(known, _)| known.ends_with(is_east_asian))
            .find(|(known, _)| word.ends_with(known))
            .map(|(_, half)| half)
    })
}

/// The half of the day that stands behind a time, and what follows it.
fn half_behind<'s, 't>(tokens: &'s [Token<'t>]) -> (Option<Half>, &'s [Token<'t>]) {
    let spaced = match tokens {
        [Token::Space, rest @ ..] => rest,
        _ => tokens,
    };
    if let [Token::Word(first), Token::Mark('.'), rest @ ..] = spaced {
        let rest = match rest {
            [Token::Space, rest @ ..] => rest,
            _ => rest,
        };
        if let [Token::Word(second), rest @ ..] = rest
            && let Some(half) = initials(first, second)
        {
            let rest = match rest {
                [Token::Mark('.'), rest @ ..] => rest,
                _ => rest,
            };
            return (Some(half), rest);
        }
    }
    let mut rest = spaced;
    while let [Token::Word(word), after @ ..] = rest {
        if let Some(half) = half(word) {
            return (Some(half), after);
        }
        let [Token::Space, after @ ..] = after else { break };
        if !BETWEEN.contains(&word.to_lowercase().as_str()) {
            break;
        }
        rest = after;
    }
    (None, tokens)
}

fn half(word: &str) -> Option<Half> {
    WORDS.get(&bare(word)).copied()
}

/// A half of the day by its initials; those of a language that is not known are unsettled, as far as they are initials of
/// half-days at all: "8:30 E.T." names a zone.
fn initials(first: &str, second: &str) -> Option<Half> {
    let (first, second) = (bare(first), bare(second));
    let known = INITIALS.iter().find(|(one, other, _)| *one == first && *other == second).map(|(.., half)| *half);
    let single = first.chars().count() == 1 && second.chars().count() == 1;
    known.or_else(|| (single && second == "m").then_some(Half::Unsettled))
}

/// A word in lower case and without combining marks; the sign for millionths is the letter.
fn bare(word: &str) -> String {
    let letters = word.chars().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase);
    letters.map(|letter| if letter == '\u{b5}' { 'μ' } else { letter }).collect()
}

/// `Z`, `GMT`, `+01:00`, ` -0500`. Named zones other than Greenwich are ambiguous, so they give none.
fn offset(tokens: &[Token<'_>]) -> Option<i16> {
    let tokens = match tokens {
        [Token::Space, rest @ ..] => rest,
        _ => tokens,
    };
    match tokens {
        [Token::Word("Z" | "z" | "UTC" | "GMT"), rest @ ..] => match rest {
            [Token::Mark('+' | '-'), Token::Number(..), ..] => offset(rest),
            _ => Some(0),
        },
        [Token::Mark(sign @ ('+' | '-')), Token::Number(number, digits), rest @ ..] => {
            let (hours, minutes) = match (digits, rest) {
                (4, _) => (number / 100, number % 100),
                (1..=2, [Token::Mark(':'), Token::Number(minutes, 2), ..]) => (*number, *minutes),
                (1..=2, _) => (*number, 0),
                _ => return None,
            };
            if hours > 14 || minutes > 59 {
                return None;
            }
            let total = i16::try_from(hours * 60 + minutes).ok()?;
            Some(if *sign == '-' { -total } else { total })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use crate::article::DateSource;
    use crate::article::boilerplate::Rules;
    use crate::article::metadata::dates::parse;

    fn value(raw: &str) -> Option<String> {
        parse(raw, DateSource::Text, &Rules::compiled_in().unwrap().vocabulary).map(|date| date.value)
    }

    #[test]
    fn halves_of_the_day_are_read_in_many_languages() {
        for (raw, expected) in [
            ("March 5, 2024 8:48 p.m.", "2024-03-05T20:48:00"),
            ("March 5, 2024 8:48 P.M. ET", "2024-03-05T20:48:00"),
            ("March 5, 2024 12:30 a.m.", "2024-03-05T00:30:00"),
            ("March 5, 2024 at 12:30pm", "2024-03-05T12:30:00"),
            ("5 de marzo de 2024 8:48 p. m.", "2024-03-05T20:48:00"),
            ("5 de marzo de 2024, 8:48 de la tarde", "2024-03-05T20:48:00"),
            ("5 Μαρτίου 2024, 8:48 μ.μ.", "2024-03-05T20:48:00"),
            ("5 Μαρτίου 2024, 8:48 πμ", "2024-03-05T08:48:00"),
            ("5 مارس 2024 8:48 م", "2024-03-05T20:48:00"),
            ("5 مارس 2024 12:30 ص", "2024-03-05T00:30:00"),
            ("5 مارس 2024 8:48 مساءً", "2024-03-05T20:48:00"),
            ("2024年3月5日 午後8:48", "2024-03-05T20:48:00"),
            ("2024年3月5日午後8時48分", "2024-03-05T20:48:00"),
            ("2024年3月5日午前0時30分", "2024-03-05T00:30:00"),
            ("2024年3月5日下午8:48", "2024-03-05T20:48:00"),
            ("2024년 3월 5일 오후 8:48", "2024-03-05T20:48:00"),
            ("2024년 3월 5일 오전 8시 48분", "2024-03-05T08:48:00"),
            ("5 марта 2024, 8:48 вечера", "2024-03-05T20:48:00"),
            ("March 5, 2024 20:48 pm", "2024-03-05T20:48:00"),
            ("2024-03-05T08:48:00Z", "2024-03-05T08:48:00Z"),
        ] {
            assert_eq!(value(raw).as_deref(), Some(expected), "{raw}");
        }
    }

    #[test]
    fn a_half_that_is_not_known_gives_no_time() {
        for raw in [
            "March 5, 2024 8:48 e.m.",
            "March 5, 2024 8:48 of the night",
            "2024年3月5日晚上8:48",
            "March 5, 2024 15:30 a.m.",
        ] {
            assert_eq!(value(raw).as_deref(), Some("2024-03-05"), "{raw}");
        }
        assert_eq!(value("March 5, 2024 8:48 E.T.").as_deref(), Some("2024-03-05T08:48:00"));
    }
}
