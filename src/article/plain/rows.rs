//! The lines of a text as rows of features: their words, where they stand, their neighbours.

use std::collections::{HashMap, HashSet};

use super::edges;
use super::lines::{Line, Lines};
use crate::article::features::{self, Context, Cues, MOST_WORDS, PageWords, Rows, TextWords, distance, share};
use crate::article::prose;

/// Neighbours on each side that are described.
const NEIGHBOURS: isize = 3;

const NEIGHBOUR_NAMES: [[&str; 4]; 6] = [
    ["b3_weight", "b3_prose", "b3_kept", "b3_kind"],
    ["b2_weight", "b2_prose", "b2_kept", "b2_kind"],
    ["b1_weight", "b1_prose", "b1_kept", "b1_kind"],
    ["a1_weight", "a1_prose", "a1_kept", "a1_kind"],
    ["a2_weight", "a2_prose", "a2_kept", "a2_kind"],
    ["a3_weight", "a3_prose", "a3_kept", "a3_kind"],
];

/// Lines on each side over which running text is summed.
const WINDOWS: [(usize, [&str; 2]); 3] = [
    (4, ["prose_before_4", "prose_after_4"]),
    (10, ["prose_before_10", "prose_after_10"]),
    (25, ["prose_before_25", "prose_after_25"]),
];

/// Describes every line, once the rules have had their say.
pub(super) fn describe(lines: &Lines, title: Option<&str>, cues: &Cues) -> Rows {
    let all = &lines.0;
    let weights: Vec<usize> = all.iter().map(|line| prose::weight(&line.text)).collect();
    let running = |at: usize| all.get(at).is_some_and(|line| line.prose);
    let weight = sums(weights.iter().copied());
    let prose_sums = sums((0..all.len()).map(|at| if running(at) { weights.get(at).copied().unwrap_or(0) } else { 0 }));
    let kept = sums(all.iter().zip(&weights).map(|(line, weight)| if line.is_kept() { *weight } else { 0 }));
    let run = edges::best_run(lines);
    let mut left = MOST_WORDS;
    let words: Vec<TextWords> = all.iter().map(|line| TextWords::of(&line.text, &mut left)).collect();
    let mut body = PageWords::default();
    for (at, words) in words.iter().enumerate() {
        if run.contains(&at) && running(at) {
            body.add(words);
        }
    }
    let title = title.map(PageWords::of).unwrap_or_default();
    let mut repeated: HashMap<&str, usize> = HashMap::new();
    for line in all {
        *repeated.entry(line.key.as_str()).or_default() += 1;
    }
    let mut seen: HashSet<&str> = HashSet::new();
    let longest = weights.iter().copied().max().unwrap_or(0);
    let mut rows = Rows::default();
    for (at, line) in all.iter().enumerate() {
        rows.begin();
        features::of_text(&mut rows, &line.text, prose::weight(&line.text), prose::words(&line.text), line.verdict);
        cues.describe(&mut rows, &line.text);
        rows.flag("after_blank", line.after_blank);
        rows.flag("rule_kept", line.is_kept());
        rows.push("rule_kind", features::kind_code(line.removed.as_ref().map(|(kind, _)| *kind)));
        rows.count("index", at);
        rows.count("from_end", all.len() - at);
        rows.share("index_share", at, all.len());
        rows.count("page_weight", between(&weight, 0, all.len()));
        rows.share("page_prose", between(&prose_sums, 0, all.len()), between(&weight, 0, all.len()));
        rows.share("page_kept", between(&kept, 0, all.len()), between(&weight, 0, all.len()));
        rows.count("page_longest", longest);
        rows.share("prose_before", between(&prose_sums, 0, at), between(&prose_sums, 0, all.len()));
        rows.share("kept_before", between(&kept, 0, at), between(&kept, 0, all.len()));
        for (width, names) in WINDOWS {
            let (from, to) = (at.saturating_sub(width), (at + 1 + width).min(all.len()));
            rows.share(names[0], between(&prose_sums, from, at), between(&weight, from, at));
            rows.share(names[1], between(&prose_sums, at + 1, to), between(&weight, at + 1, to));
        }
        rows.push("run_distance", distance(&run, at));
        rows.count("run_lines", run.len());
        rows.share("run_of_prose", between(&prose_sums, run.start, run.end), between(&prose_sums, 0, all.len()));
        rows.count("repeated", repeated.get(line.key.as_str()).copied().unwrap_or(1));
        rows.flag("repeats", !seen.insert(line.key.as_str()));
        if let Some(words) = words.get(at) {
            let likeness = title.likeness(words, false);
            rows.push("title_words", likeness.words);
            rows.push("title_covered", likeness.covered);
            let own = run.contains(&at) && line.prose;
            rows.push("body_words", body.likeness(words, own).telling);
            rows.push("body_runs", body.shared_runs(words, own));
        }
        neighbours(&mut rows, all, &weights, at);
    }
    rows
}

fn neighbours(rows: &mut Rows, all: &[Line], weights: &[usize], at: usize) {
    let near = (-NEIGHBOURS..=NEIGHBOURS).filter(|offset| *offset != 0);
    for (offset, names) in near.zip(NEIGHBOUR_NAMES) {
        let place = at.checked_add_signed(offset);
        let line = place.and_then(|place| all.get(place));
        rows.count(names[0], place.and_then(|place| weights.get(place)).copied().unwrap_or(0));
        rows.flag(names[1], line.is_some_and(|line| line.prose));
        rows.flag(names[2], line.is_some_and(Line::is_kept));
        let verdict = line.and_then(|line| line.verdict);
        rows.push(names[3], features::kind_code(verdict.map(|verdict| verdict.kind)));
    }
}

/// The rows of the second stage.
pub(super) fn with_context(rows: &Rows, first: &[f32], lines: &Lines) -> Rows {
    let context = Context::new(first, lines.0.iter().map(|line| (prose::weight(&line.text), line.prose)));
    rows.extended(|row, at| {
        context.describe(row, at);
        let (near, _) = context.shares(at.saturating_sub(3), (at + 4).min(lines.0.len()));
        row.push("p_near", near);
        let (far, _) = context.shares(at.saturating_sub(25), (at + 26).min(lines.0.len()));
        row.push("p_far", far);
        let (before, _) = context.shares(at.saturating_sub(8), at);
        row.push("p_8_before", before);
        let (after, _) = context.shares(at + 1, (at + 9).min(lines.0.len()));
        row.push("p_8_after", after);
        row.push("p_lines", share(lines.0.len(), 1));
    })
}

fn sums(values: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut sum = 0;
    std::iter::once(0)
        .chain(values.map(|value| {
            sum += value;
            sum
        }))
        .collect()
}

fn between(sums: &[usize], from: usize, to: usize) -> usize {
    let at = |at: usize| sums.get(at).copied().unwrap_or(0);
    if from >= to { 0 } else { at(to) - at(from) }
}
