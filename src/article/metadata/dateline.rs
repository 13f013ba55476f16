//! Place and agency at the head of a text: "Paris (AFP) –".

use crate::article::boilerplate::Rules;
use crate::article::prose;

/// Longest dateline, in characters of weight.
const SHORT: usize = 70;

/// What ends a dateline within a paragraph.
const ENDS: [&str; 5] = [" – ", " — ", " - ", " -- ", ": "];

/// The dateline that opens a body, which stays as it is. Names before a dash may be anyone's: only a dateline that names an
/// agency or a day is surely one.
pub(super) fn of_body(body: &str, rules: &Rules) -> Option<String> {
    let paragraph = body.split("\n\n").next()?;
    let end = ENDS.iter().filter_map(|end| paragraph.find(end)).min()?;
    let place = paragraph.get(..end)?.trim();
    let begins = place.starts_with(|first: char| first.is_uppercase() || !first.is_ascii());
    let is_sure = words(place).any(|word| rules.vocabulary.is_agency(word) || rules.vocabulary.month(word).is_some());
    let fits = begins && is_sure && prose::weight(place) <= SHORT && prose::words(place) >= 2;
    // An agency that a sentence names is none that sent it.
    let named = words(place).all(|word| is_joined(word, rules) || !word.is_ascii() || rules.vocabulary.is_agency(word));
    (fits && named && is_dateline(place, rules)).then(|| place.to_owned())
}

fn words(place: &str) -> impl Iterator<Item = &str> {
    place.split([' ', '-', '/', ',', '(', ')', '–', '—', '|', '،', '、']).filter(|word| !word.is_empty())
}

/// Names only: each word has a capital, a digit, or joins two names. Scripts without capitals must name an agency.
pub(crate) fn is_dateline(place: &str, rules: &Rules) -> bool {
    let words: Vec<&str> = words(place).collect();
    if words.is_empty() || words.len() > 7 {
        return false;
    }
    let agency = words.iter().any(|word| rules.vocabulary.is_agency(word));
    let names = words.iter().filter(|word| word.chars().next().is_some_and(|first| first.is_uppercase())).count();
    let joined = words.iter().all(|word| is_joined(word, rules));
    (names > 0 && joined) || agency
}

/// Whether a word is part of a name, or of a day, or joins two.
fn is_joined(word: &str, rules: &Rules) -> bool {
    word.chars().next().is_some_and(|first| first.is_uppercase() || first.is_ascii_digit())
        || rules.vocabulary.month(word).is_some()
        || matches!(
            word,
            "de" | "du"
                | "la"
                | "le"
                | "les"
                | "el"
                | "del"
                | "of"
                | "the"
                | "al"
                | "am"
                | "an"
                | "der"
                | "den"
                | "und"
                | "et"
                | "y"
                | "e"
                | "and"
        )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::of_body;
    use crate::article::boilerplate::Rules;

    #[test]
    fn only_what_names_an_agency_or_a_day_is_surely_a_dateline() {
        let rules = Rules::compiled_in().unwrap();
        for (body, dateline) in [
            ("PARIS (AFP) – The council met.\n\nMore.", Some("PARIS (AFP)")),
            ("WASHINGTON (Reuters) - The council met.", Some("WASHINGTON (Reuters)")),
            ("Berlin (dpa) - Der Rat tagte.", Some("Berlin (dpa)")),
            ("BERLIN, March 5 — The council met.", Some("BERLIN, March 5")),
            ("Jane Doe – mayor since 2020 – met the council.", None),
            ("NATO - the alliance - met.", None),
            ("The council met and said that AFP - an agency - was wrong.", None),
            ("The council met.", None),
        ] {
            assert_eq!(of_body(body, &rules).as_deref(), dateline, "{body}");
        }
    }
}
