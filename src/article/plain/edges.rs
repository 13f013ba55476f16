//! Where the body begins and ends.

use std::ops::Range;

use super::extent::{Extent, PAGE_LINES, is_furniture};
use super::lines::{Line, Lines};
use crate::article::{BlockKind, prose};

/// A line above the body this long is a standfirst, not furniture; in characters of weight.
const STANDFIRST: usize = 60;

/// A line below the body this long is part of it.
const CLOSING: usize = 100;

/// Removes what is left above the first and below the last line of running text.
pub(super) fn mark(lines: &mut Lines, extent: Extent) {
    if extent == Extent::Page {
        keep_best_run(lines);
    }
    let (Some(first), Some(last)) = (lines.first_prose(), lines.last_prose()) else { return };
    // Furniture above or below says that the text was cut from a page; without any, short lines are the author's.
    let above = lines.0.iter().take(first).any(is_furniture);
    let below = lines.0.iter().skip(last + 1).any(is_furniture);
    let short = lines.0.len() < PAGE_LINES;
    // Whether every line so far below the last running text was the article's: an interview ends in short answers.
    let mut goes_on = true;
    for (at, line) in lines.0.iter_mut().enumerate() {
        if !line.is_kept() {
            goes_on &= at <= last;
            continue;
        }
        let weight = prose::weight(&line.text);
        if above && at < first && weight < STANDFIRST && !prose::ends_sentence(&line.text) {
            line.remove(BlockKind::Navigation, "edge:above");
        } else if below && at > last && weight < CLOSING && !is_closing_sentence(line, short && goes_on) {
            line.remove(BlockKind::Navigation, "edge:below");
            goes_on = false;
        }
    }
}

fn is_closing_sentence(line: &Line, goes_on: bool) -> bool {
    prose::ends_sentence(&line.text) && prose::words(&line.text) >= if goes_on { 1 } else { 4 }
}

/// The run of lines with the most running text, where each label costs.
pub(super) fn best_run(lines: &Lines) -> Range<usize> {
    let mut best = (0, 0..0);
    let (mut sum, mut start) = (0_i64, 0);
    for (at, line) in lines.0.iter().enumerate() {
        if sum <= 0 {
            (sum, start) = (0, at);
        }
        sum += gain(line);
        if sum > best.0 {
            best = (sum, start..at + 1);
        }
    }
    best.1
}

/// Removes everything outside that run.
fn keep_best_run(lines: &mut Lines) {
    let run = best_run(lines);
    if run.is_empty() {
        return;
    }
    // The title's line, a standfirst: kept if it touches the run.
    let standfirst = run
        .start
        .checked_sub(1)
        .filter(|at| lines.0.get(*at).is_some_and(|line| line.is_kept() && prose::weight(&line.text) >= STANDFIRST));
    for (at, line) in lines.0.iter_mut().enumerate() {
        if !run.contains(&at) && Some(at) != standfirst {
            line.remove(BlockKind::OutsideArticle, "run:outside");
        }
    }
}

fn gain(line: &Line) -> i64 {
    let weight = i64::try_from(prose::weight(&line.text)).unwrap_or(i64::MAX).min(400);
    match (line.is_kept(), line.prose) {
        (true, true) => weight,
        (true, false) => -40,
        (false, _) => -15,
    }
}
