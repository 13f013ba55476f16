//! What of a text counts when a page is read again: not its clocks and counters.

use std::ops::Range;

use super::text::Folded;

/// Words up to which a line with a number in it is a clock, a counter or a label, not a sentence.
const LABEL_WORDS: usize = 8;
/// Most bytes of a character.
const CHARACTER: usize = 4;

/// The words of a body as [`super::text::normalise`] has them, and, if there is anything that changes by itself, those without
/// it: times of day everywhere ("10:42", "10.42.05 Uhr" keeps its "Uhr"), and whole lines of at most eight words that hold a
/// digit and end as no sentence does ("1,204 views", "Updated 3 minutes ago").
/// A number within a sentence counts: twelve dead are not fourteen; and so do several such lines on end: a table of results.
pub(super) fn words_and_substance(body: &str) -> (Folded, Option<Folded>) {
    let mut words = Folded::with_capacity(body.len());
    let mut changing: Vec<Range<usize>> = Vec::new();
    let lines: Vec<(&str, bool)> =
        body.lines().filter(|line| !line.trim().is_empty()).map(|line| (line, is_label(line))).collect();
    let is_label = |at: Option<usize>| at.and_then(|at| lines.get(at)).is_some_and(|(_, is_label)| *is_label);
    for (at, (line, _)) in lines.iter().enumerate() {
        let start = words.end_word();
        if is_label(Some(at)) && !is_label(at.checked_sub(1)) && !is_label(Some(at + 1)) {
            words.add(line);
            changing.push(start..words.end_word());
        } else if may_hold_clock(line) {
            for word in line.split_whitespace() {
                let start = words.end_word();
                words.add(word);
                if is_clock(word) {
                    changing.push(start..words.end_word());
                }
            }
        } else {
            words.add(line);
        }
    }
    let substance = (!changing.is_empty()).then(|| words.without(&changing));
    (words, substance)
}

fn is_label(line: &str) -> bool {
    // Scripts without spaces write sentences as one word.
    const CHARACTERS: usize = LABEL_WORDS * 8;
    if line.len() > CHARACTERS * CHARACTER {
        return false;
    }
    let line = line.trim();
    let is_sentence = line.ends_with(['.', '!', '?', '。', '！', '？', '।', '۔', '”', '"', '»', '…']);
    !is_sentence
        && line.chars().any(char::is_numeric)
        && line.chars().count() <= CHARACTERS
        && line.split_whitespace().count() <= LABEL_WORDS
}

/// Whether a colon stands between digits.
fn may_hold_clock(line: &str) -> bool {
    let is_digit = |at: Option<usize>| at.and_then(|at| line.as_bytes().get(at)).is_some_and(u8::is_ascii_digit);
    line.match_indices(':').any(|(at, _)| is_digit(at.checked_sub(1)) && is_digit(Some(at + 1)))
}

/// "10:42", "10:42:05", in brackets or before a comma too.
fn is_clock(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_ascii_digit());
    let mut parts = word.split(':');
    let is_two_digits = |part: &str| matches!(part.len(), 1 | 2) && part.bytes().all(|byte| byte.is_ascii_digit());
    let count = parts.clone().count();
    (2..=3).contains(&count) && parts.all(is_two_digits)
}

#[cfg(test)]
mod tests {
    use super::super::text::normalise;
    use super::*;

    fn substance(body: &str) -> String {
        let (words, substance) = words_and_substance(body);
        let words = words.into_words();
        assert_eq!(words, normalise(body), "the words are the whole body's");
        substance.map_or(words, Folded::into_words)
    }

    const STORY: &str = "The bridge is closed.\n\nTwelve people were hurt on Monday, the police said.";

    #[test]
    fn clocks_and_counters_do_not_count() {
        let read = |views: &str, clock: &str| {
            substance(&format!("{views} views\n\n{STORY}\n\nUpdated {clock} CET\n\nAt {clock}, the mayor came."))
        };
        assert_eq!(read("1,204", "10:42"), read("17,003", "11:05"));
        assert_eq!(read("1,204", "(9:42)"), read("1,204", "21:42:10,"));
    }

    #[test]
    fn what_is_left_is_folded_as_if_the_rest_had_not_been_there() {
        for (body, left) in [
            ("—\n1,204 views\nA word.", "—\nA word."),
            ("A word.\n…\n1,204 views", "A word."),
            ("The 10:42, it’s off.\nNo\u{301}n! At 10:43.", "The it’s off.\nNo\u{301}n! At"),
            ("10:42", ""),
        ] {
            assert_eq!(substance(body), normalise(left), "{body}");
        }
    }

    #[test]
    fn numbers_within_sentences_count() {
        let dead = |count: u32| substance(&format!("{STORY}\n\nThe flood killed {count} people."));
        assert_ne!(dead(12), dead(14));
        let score = |goals: &str| {
            substance(&format!("{STORY}\n\nThe home side won {goals} in front of a full house and a cold wind"))
        };
        assert_ne!(score("3-1"), score("3-2"));
        let results = |goals: u32| substance(&format!("{STORY}\n\nReds {goals} Blues 1\n\nGreens 2 Whites 0"));
        assert_ne!(results(1), results(2));
    }

    #[test]
    fn words_count_everywhere() {
        assert_ne!(substance(STORY), substance(&STORY.replace("Monday", "Tuesday")));
        assert_eq!(substance(STORY), substance(&STORY.replace('.', " ! ")), "punctuation does not");
    }
}
