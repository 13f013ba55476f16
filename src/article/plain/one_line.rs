//! A page that was scraped into one line: menus, article and footer without a break between them.
//!
//! Sentences end where marks say so. Before a sentence may stand anything that ends without a mark: labels, names, headlines.
//! Where the sentence begins is told by its words: those of running text are written small, those of labels are not.
//! Scripts without capitals give nothing to go by, and their texts stay as they are.

use super::lines::{Line, Lines};
use super::sentences;
use crate::article::{BlockKind, prose};

/// Shortest line that may be a page, in characters of weight.
const PAGE: usize = 1_000;

/// Words of the shortest run of labels that is surely none of the article, and how many more of them are written large than small.
const LABELS: usize = 10;
const LARGE: i32 = 5;

/// Words of the shortest labels before a sentence, of which one in so many may be small.
const LEAST: usize = 3;
const SMALL: usize = 3;

/// Parts among which the menu of a page is.
const HEAD: usize = 2;

/// Share of the words that are such labels from which on a line is a page.
const SHARE: usize = 25;

/// A part of a line, and whether it is labels beyond doubt.
struct Part<'t> {
    text: &'t str,
    words: usize,
    are_labels: bool,
}

/// Cuts lines that are pages into sentences and what stands between them, unless these may be more than so many.
pub(super) fn cut(lines: &mut Lines, limit: usize) {
    if !lines.are_few() {
        return;
    }
    for line in std::mem::take(&mut lines.0) {
        let marks = || line.text.chars().filter(|mark| sentences::ends(*mark)).count();
        let may_be_page = prose::weight(&line.text) >= PAGE && marks() * 2 < limit;
        let parts = if may_be_page { parts(&line.text) } else { Vec::new() };
        // An article may list names; a page begins with a menu.
        let begins = parts.iter().take(HEAD).any(|part| part.are_labels);
        let words: usize = parts.iter().map(|part| part.words).sum();
        let labels: usize = parts.iter().filter(|part| part.are_labels).map(|part| part.words).sum();
        if !begins || labels * SHARE < words {
            lines.0.push(line);
            continue;
        }
        let cut = parts.into_iter().enumerate().map(|(at, part)| {
            let after_blank = line.after_blank && at == 0;
            let mut cut = Line { goes_on: at > 0, ..Line::new(part.text.to_owned(), after_blank) };
            if part.are_labels {
                cut.remove(BlockKind::Navigation, "one_line:labels");
            }
            cut
        });
        lines.0.extend(cut);
    }
}

/// The sentences of a line and what stands before and behind them.
fn parts(text: &str) -> Vec<Part<'_>> {
    let starts = sentences::starts(text);
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let sentences = starts.iter().zip(ends).filter_map(|(start, end)| text.get(*start..end));
    let halves = sentences.flat_map(|sentence| {
        let (labels, running) = sentence.split_at_checked(running_from(sentence)).unwrap_or((sentence, ""));
        // A name within a sentence is no label.
        let are_apart = running.is_empty() || may_be_labels(labels.trim());
        if are_apart { [labels.trim(), running.trim()] } else { [sentence.trim(), ""] }
    });
    halves.filter(|half| !half.is_empty()).map(Part::of).collect()
}

impl<'t> Part<'t> {
    fn of(text: &'t str) -> Self {
        let words = text.split(' ').count();
        let are_labels = words >= LABELS && text.split(' ').map(size).sum::<i32>() <= -LARGE * 2;
        Self { text, words, are_labels }
    }
}

/// Where the running words that end a sentence begin; at its end where it does not end as one.
fn running_from(sentence: &str) -> usize {
    if !prose::ends_sentence(sentence.trim_end()) {
        return sentence.len();
    }
    let words = sentence.trim_end().rmatch_indices(' ').map(|(at, _)| at + 1).chain([0]);
    let (mut best, mut sum, mut end) = ((i32::MIN, 0), 0, sentence.len());
    for start in words {
        let word = sentence.get(start..end).unwrap_or_default().trim_end();
        sum += size(word);
        if !first_letter(word).is_some_and(char::is_lowercase) && sum >= best.0 {
            best = (sum, start);
        }
        end = start;
    }
    best.1
}

/// Whether words before a sentence may be labels: some, and few of them small.
fn may_be_labels(text: &str) -> bool {
    let small = text.split(' ').filter(|word| first_letter(word).is_some_and(char::is_lowercase)).count();
    let words = text.split(' ').count();
    words >= LEAST && small * SMALL <= words
}

/// Twice what a word says for running text: small letters for it, capitals against it, digits a little.
fn size(word: &str) -> i32 {
    match first_letter(word) {
        Some(first) if first.is_lowercase() => 2,
        Some(first) if first.is_uppercase() => -2,
        Some(first) if first.is_numeric() => -1,
        _ => 0,
    }
}

fn first_letter(word: &str) -> Option<char> {
    word.chars().find(|next| !matches!(next, '"' | '“' | '„' | '«' | '\'' | '‘' | '(' | '[' | '¿' | '¡'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::{cut, parts};
    use crate::article::plain::lines::{FEW, Lines};

    const MENU: &str = "Home News Sport Weather Business Travel Culture Opinion Sign In My Account Search";
    const CREDITS: &str = "By Jane Doe 5 March 2024 Photo Valley Post";
    const FOOTER: &str = "Share Facebook Twitter Email Related Storm Closes Harbour Mayor Resigns About Us Contact Terms Privacy Policy Cookies";

    fn sentences(count: usize) -> String {
        let sentence = |number| {
            format!("The council met again on day {number}, and it was agreed that the old bridge cannot stay.")
        };
        (0..count).map(sentence).collect::<Vec<_>>().join(" ")
    }

    fn lines(text: &str) -> Vec<(String, bool)> {
        let mut lines = Lines::split(text, 10_000).unwrap();
        cut(&mut lines, 10_000);
        lines.0.into_iter().map(|line| (line.text, line.goes_on)).collect()
    }

    #[test]
    fn labels_before_and_behind_sentences_stand_for_themselves() {
        let page = format!("{MENU} {CREDITS} {} {FOOTER}", sentences(20));
        let lines = lines(&page);
        assert_eq!(lines.len(), 22);
        assert_eq!(lines.first().unwrap(), &(format!("{MENU} {CREDITS}"), false));
        assert_eq!(
            lines.get(1).unwrap(),
            &("The council met again on day 0, and it was agreed that the old bridge cannot stay.".to_owned(), true)
        );
        assert_eq!(lines.last().unwrap(), &(FOOTER.to_owned(), true));
        assert_eq!(lines.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join(" "), page, "nothing is lost");
    }

    #[test]
    fn articles_and_short_or_broken_texts_stay_as_they_are() {
        let article = format!("{} Jane Doe and John Roe of Valley Post were there.", sentences(20));
        let listed = format!("{} {MENU} {CREDITS} {}", sentences(10), sentences(10));
        let short = format!("{MENU} {} {FOOTER}", sentences(2));
        let broken = format!("{MENU}\n").repeat(FEW + 1) + &sentences(20);
        let caseless = "首页 新闻 体育 ".repeat(60) + &"市议会星期一决定修建新桥。".repeat(60);
        for text in [article, listed, short, broken, caseless] {
            assert!(lines(&text).iter().all(|(_, goes_on)| !goes_on), "{text}");
        }
    }

    #[test]
    fn names_within_a_sentence_do_not_end_its_beginning_for_long() {
        let found = parts("Yesterday the mayor of Saint Merrow Bay, Jane Doe, said that it was time.");
        assert_eq!(
            found.iter().map(|part| part.text).collect::<Vec<_>>(),
            ["Yesterday the mayor of Saint Merrow Bay, Jane Doe, said that it was time."]
        );
        let found = parts("Merkel und der Präsident der Kommission trafen sich am Montag in Brüssel.");
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn so_many_parts_as_there_may_be_lines() {
        let mut lines = Lines::split(&format!("{MENU} {} {FOOTER}", "No. ".repeat(2_000)), 1_000).unwrap();
        cut(&mut lines, 1_000);
        assert_eq!(lines.0.len(), 1);
    }
}
