//! What of a text counts when a page is read again: not its clocks and counters.

use super::TextKey;
use super::text::Folded;

/// Words up to which a line with a number in it is a clock, a counter or a label, not a sentence.
const LABEL_WORDS: usize = 8;
/// Most bytes of a character.
const CHARACTER: usize = 4;

/// The words of a body as [`super::text::normalise`] has them, and the key of the body without what changes by itself: times of
/// day everywhere ("10:42", "10.42.05 Uhr" keeps its "Uhr"), and whole lines of at most eight words that hold a digit and end as
/// no sentence does ("1,204 views", "Updated 3 minutes ago").
/// A number within a sentence counts: twelve dead are not fourteen; and so do several such lines on end: a table of results.
pub(super) fn words_and_substance(body: &str) -> (Folded, TextKey) {
    let mut words = Folded::with_capacity(body.len());
    // None while everything is kept.
    let mut kept: Option<Folded> = None;
    let lines: Vec<(&str, bool)> =
        body.lines().filter(|line| !line.trim().is_empty()).map(|line| (line, is_label(line))).collect();
    let is_label = |at: Option<usize>| at.and_then(|at| lines.get(at)).is_some_and(|(_, is_label)| *is_label);
    for (at, (line, _)) in lines.iter().enumerate() {
        let start = words.end_word();
        words.add(line);
        let is_left_out = is_label(Some(at)) && !is_label(at.checked_sub(1)) && !is_label(Some(at + 1));
        let has_clock = line.contains(':') && line.split_whitespace().any(is_clock);
        if is_left_out || has_clock {
            kept.get_or_insert_with(|| words.up_to(start));
        }
        let Some(kept) = kept.as_mut().filter(|_| !is_left_out) else { continue };
        if has_clock {
            for word in line.split_whitespace().filter(|word| !is_clock(word)) {
                kept.end_word();
                kept.add(word);
            }
        } else {
            kept.extend(words.words().get(start..).unwrap_or_default());
        }
    }
    let substance = kept.as_ref().unwrap_or(&words).words();
    let key = TextKey::of(&[b"substance", substance]);
    (words, key)
}

fn is_label(line: &str) -> bool {
    let line = line.trim();
    let is_sentence = line.ends_with(['.', '!', '?', '。', '！', '？', '।', '۔', '”', '"', '»', '…']);
    // Scripts without spaces write sentences as one word.
    let is_short = line.len() <= LABEL_WORDS * 8 * CHARACTER
        && line.chars().count() <= LABEL_WORDS * 8
        && line.split_whitespace().count() <= LABEL_WORDS;
    is_short && !is_sentence && line.chars().any(char::is_numeric)
}

/// "10:42", "10:42:05", in brackets or before a comma too.
fn is_clock(word: &str) -> bool {
    if !word.bytes().any(|byte| byte == b':') {
        return false;
    }
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

    fn substance(body: &str) -> TextKey {
        let (words, substance) = words_and_substance(body);
        assert_eq!(words.into_words(), normalise(body), "the words are the whole body's");
        substance
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
            assert_eq!(substance(body), TextKey::of(&[b"substance", normalise(left).as_bytes()]), "{body}");
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
