//! Lines that stand in the text already: doubled bodies, titles repeated over an image. Refrains and quoted lines stay.

use std::collections::{HashMap, HashSet};

use super::extent::{Extent, PAGE_LINES};
use super::lines::{Line, Lines};
use crate::article::{BlockKind, prose};

/// Shorter lines may repeat on purpose: refrains, "Yes.", subheads of a list.
const SHORTEST: usize = 40;

/// A quoted line or one of a refrain is shorter, in characters of weight.
const REFRAIN: usize = 100;

/// A poem was doubled as a whole where of this many lines all but one stand twice.
const DOUBLED: usize = 5;

/// Copies from which on a longer line is part of a form: a question put to each of many, a dish of many days.
const OFTEN: usize = 3;

/// The rule of copies that stand each between other lines, as headings below their table of contents do.
pub(super) const APART: &str = "repeat:apart";

/// Removes every later copy of a line, but for those that an author repeats. In a long text these are the ones that stand between
/// other lines than the first; on a page the classifier may give them back.
pub(super) fn mark(lines: &mut Lines, extent: Extent) {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    // For each copy the place of the first.
    let mut copies: Vec<(usize, usize)> = Vec::new();
    for (at, line) in lines.0.iter().enumerate().filter(|(_, line)| line.is_kept()) {
        if prose::weight(&line.key) < SHORTEST {
            continue;
        }
        match seen.get(line.key.as_str()) {
            Some(first) => copies.push((at, *first)),
            None => {
                seen.insert(&line.key, at);
            }
        }
    }
    let author = by_author(lines, &copies);
    let apart = apart(lines, &copies);
    for copy in copies.into_iter().filter(|copy| !author.contains(copy)) {
        let is_apart = apart.contains(&copy);
        if let Some(line) = lines.0.get_mut(copy.0).filter(|_| !is_apart || extent != Extent::Article) {
            line.remove(BlockKind::Repeated, if is_apart { APART } else { "repeat:line" });
        }
    }
}

/// Of a long text the copies between other lines than the first stands between, where they are short or many.
fn apart(lines: &Lines, copies: &[(usize, usize)]) -> HashSet<(usize, usize)> {
    if lines.0.len() < PAGE_LINES {
        return HashSet::new();
    }
    let mut often: HashMap<usize, usize> = HashMap::new();
    for (_, first) in copies {
        *often.entry(*first).or_insert(1) += 1;
    }
    let is_apart = |(at, first): &&(usize, usize)| {
        let is_short = lines.0.get(*at).is_some_and(|line| prose::weight(&line.key) < REFRAIN);
        let is_often = often.get(first).is_some_and(|count| *count >= OFTEN);
        at - first > 1 && (is_short || is_often) && !goes_on(lines, *at, *first)
    };
    copies.iter().filter(is_apart).copied().collect()
}

/// Whether a copy that does not stand directly below the first has a neighbour of it.
fn goes_on(lines: &Lines, at: usize, first: usize) -> bool {
    let key = |at: usize| lines.0.get(at).map(|line| &line.key);
    key(at + 1).is_some() && key(at + 1) == key(first + 1) || key(at - 1) == first.checked_sub(1).and_then(key)
}

/// The copies that are the author's: short lines that are quoted, or that stand among verses, away from the first.
fn by_author(lines: &Lines, copies: &[(usize, usize)]) -> Vec<(usize, usize)> {
    if copies.is_empty() || lines.0.len() >= PAGE_LINES {
        return Vec::new();
    }
    let is_poem = !lines.kept().any(|line| line.prose && prose::weight(&line.key) >= REFRAIN);
    let repeated =
        lines.kept().filter(|line| lines.kept().any(|other| !std::ptr::eq(*line, other) && line.key == other.key));
    if is_poem && repeated.count() * DOUBLED >= lines.kept().count() * (DOUBLED - 1) {
        return Vec::new();
    }
    let is_author = |(at, first): &&(usize, usize)| {
        let Some(line) = lines.0.get(*at).filter(|line| prose::weight(&line.key) < REFRAIN) else { return false };
        at - first > 1 && (is_poem || (is_quoted(line) && !goes_on(lines, *at, *first)))
    };
    copies.iter().filter(is_author).copied().collect()
}

fn is_quoted(line: &Line) -> bool {
    line.text.starts_with(['"', '“', '„', '«', '»', '‹', '\'', '‘', '「', '『', '–', '—'])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;

    const WARM_UP: &str = "Warm up: ten minutes of easy running along the canal.";
    const QUESTION: &str = "What made you take up running in the first place, and what would you say today to somebody who is about to start?";
    const PULLED: &str = "The first marathon that I ever ran was also the worst, since nobody had told me that one has to drink on the way there.";

    /// The lines that go and by which rule, of a text of these lines and as many others as make it long.
    fn removed(lines: &[&str], extent: Extent) -> Vec<(String, String)> {
        let own =
            (0..PAGE_LINES).map(|n| format!("Day {n} is a day of rest, with a walk of {n} kilometres at the most."));
        let text: Vec<String> = lines.iter().map(|line| (*line).to_owned()).chain(own).collect();
        let mut lines = Lines::split(&text.join("\n\n"), 10_000).unwrap();
        mark(&mut lines, extent);
        let removed = lines.0.into_iter().filter_map(|line| Some((line.text, line.removed?.1)));
        removed.collect()
    }

    #[test]
    fn what_stands_between_other_lines_than_the_first_is_the_authors() {
        let plan = [WARM_UP, "Run five.", WARM_UP, "Run six.", QUESTION, "I ran.", QUESTION, "I did.", QUESTION, "No."];
        assert_eq!(removed(&plan, Extent::Article), []);
        let apart = |line: &str| (line.to_owned(), APART.to_owned());
        assert_eq!(removed(&plan, Extent::Page), [apart(WARM_UP), apart(QUESTION), apart(QUESTION)]);
    }

    #[test]
    fn a_quotation_that_is_pulled_out_and_a_doubled_body_go() {
        let repeated = |line: &str| (line.to_owned(), "repeat:line".to_owned());
        assert_eq!(removed(&[PULLED, "One.", "Two.", PULLED], Extent::Article), [repeated(PULLED)]);
        let doubled = [WARM_UP, PULLED, QUESTION, WARM_UP, PULLED, QUESTION];
        assert_eq!(removed(&doubled, Extent::Article), [repeated(WARM_UP), repeated(PULLED), repeated(QUESTION)]);
        assert_eq!(removed(&[WARM_UP, WARM_UP], Extent::Article), [repeated(WARM_UP)]);
    }
}
