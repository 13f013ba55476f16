//! Lines that stand in the text already: doubled bodies, titles repeated over an image. Refrains and quoted lines stay.

use std::collections::HashMap;

use super::extent::PAGE_LINES;
use super::lines::{Line, Lines};
use crate::article::{BlockKind, prose};

/// Shorter lines may repeat on purpose: refrains, "Yes.", subheads of a list.
const SHORTEST: usize = 40;

/// A quoted line or one of a refrain is shorter, in characters of weight.
const REFRAIN: usize = 100;

/// A poem was doubled as a whole where of this many lines all but one stand twice.
const DOUBLED: usize = 5;

/// Removes every later copy of a line, but for those that an author repeats.
pub(super) fn mark(lines: &mut Lines) {
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
    for (at, _) in copies.into_iter().filter(|copy| !author.contains(copy)) {
        if let Some(line) = lines.0.get_mut(at) {
            line.remove(BlockKind::Repeated, "repeat:line");
        }
    }
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
    let goes_on = |at: usize, first: usize| {
        let key = |at: usize| lines.0.get(at).map(|line| &line.key);
        at > first + 1
            && (key(at + 1).is_some() && key(at + 1) == key(first + 1)
                || key(at - 1) == first.checked_sub(1).and_then(key))
    };
    let is_author = |(at, first): &&(usize, usize)| {
        let Some(line) = lines.0.get(*at).filter(|line| prose::weight(&line.key) < REFRAIN) else { return false };
        at - first > 1 && (is_poem || (is_quoted(line) && !goes_on(*at, *first)))
    };
    copies.iter().filter(is_author).copied().collect()
}

fn is_quoted(line: &Line) -> bool {
    line.text.starts_with(['"', '“', '„', '«', '»', '‹', '\'', '‘', '「', '『', '–', '—'])
}
