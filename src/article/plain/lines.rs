//! The lines of a text, and what became of each.

use super::{headings, repeat, runs, wrap};
use crate::article::about::{ContentBlock, ContentKind};
use crate::article::boilerplate::{Verdict, fold};
use crate::article::{BlockKind, ExplainedBlock, RemovedBlock, features, normalise, prose};
use crate::rejection::Rejection;

/// Texts of more lines have their furniture on lines of its own.
pub(super) const FEW: usize = 4;

/// One line that is not blank.
#[derive(Debug)]
pub(super) struct Line {
    /// Normalised, on one line.
    pub(super) text: String,
    /// Folded for comparison, without marks at its ends.
    pub(super) key: String,
    /// Whether a blank line stands before it.
    pub(super) after_blank: bool,
    /// Whether it stood in one line with the one before it.
    pub(super) goes_on: bool,
    /// Its level, where it is a heading that says so.
    pub(super) level: Option<u8>,
    /// Whether it reads as running text.
    pub(super) prose: bool,
    /// What its words say, once they were looked up.
    pub(super) verdict: Option<Verdict>,
    /// Why it is not part of the body.
    pub(super) removed: Option<(BlockKind, String)>,
}

impl Line {
    pub(super) fn new(text: String, after_blank: bool) -> Self {
        let (key, prose) = (key(&text), prose::is_prose(&text));
        Self { key, prose, text, after_blank, goes_on: false, level: None, verdict: None, removed: None }
    }

    /// What it is in a record. A dash before a line may be speech as well as a list, and is neither.
    pub(super) fn content(&self) -> ContentBlock {
        let starts = |signs: &[&str]| signs.iter().any(|sign| self.text.starts_with(sign));
        let kind = match self.level {
            Some(_) => ContentKind::Heading,
            None if starts(&["• ", "‣ ", "▪ ", "* "]) => ContentKind::ListItem,
            None if starts(&["> "]) => ContentKind::Quote,
            None => ContentKind::Paragraph,
        };
        ContentBlock { kind, level: self.level, text: self.text.clone() }
    }

    pub(super) fn is_kept(&self) -> bool {
        self.removed.is_none()
    }

    pub(super) fn remove(&mut self, kind: BlockKind, rule: &str) {
        if self.removed.is_none() {
            self.removed = Some((kind, rule.to_owned()));
        }
    }

    pub(super) fn is_removed_as(&self, kind: BlockKind) -> bool {
        self.removed.as_ref().is_some_and(|(why, _)| *why == kind)
    }
}

/// All lines of a text.
#[derive(Debug)]
pub(super) struct Lines(pub(super) Vec<Line>);

impl Lines {
    /// The lines of a text, of which there may be so many, blank ones too.
    pub(super) fn split(text: &str, limit: usize) -> Result<Self, Rejection> {
        let text = normalise::text(text);
        if memchr::memchr_iter(b'\n', text.as_bytes()).count() >= limit {
            return Err(Rejection::TooManyNodes { limit });
        }
        let mut lines = Vec::new();
        let mut after_blank = false;
        for (raw, level) in headings::without_signs(wrap::unwrapped(&text)) {
            let line = normalise::fold_space(&raw);
            if line.is_empty() {
                after_blank = true;
                continue;
            }
            lines.push(Line { level, ..Line::new(line, after_blank) });
            after_blank = false;
        }
        Ok(Self(lines))
    }

    pub(super) fn are_few(&self) -> bool {
        self.0.len() <= FEW
    }

    pub(super) fn kept(&self) -> impl Iterator<Item = &Line> {
        self.0.iter().filter(|line| line.is_kept())
    }

    /// The first line of running text that was kept.
    pub(super) fn first_prose(&self) -> Option<usize> {
        self.0.iter().position(|line| line.is_kept() && line.prose)
    }

    /// The last line of running text that was kept.
    pub(super) fn last_prose(&self) -> Option<usize> {
        self.0.iter().rposition(|line| line.is_kept() && line.prose)
    }

    /// Lets the classifier have the last word where a rule is not certain.
    pub(super) fn judge(&mut self, scores: &[f32]) {
        let is_open = |line: &Line| !line.removed.as_ref().is_some_and(is_certain);
        let weight = |line: &Line| features::share(prose::weight(&line.text), 1);
        let open = self.0.iter().zip(scores).filter(|(line, _)| is_open(line));
        let kept = runs::likeliest(open.map(|(line, score)| (weight(line), *score)));
        for (line, kept) in self.0.iter_mut().filter(|line| is_open(line)).zip(kept) {
            if kept {
                line.removed = None;
            } else {
                line.remove(BlockKind::OutsideArticle, "model:line");
            }
        }
    }

    /// Joins what stood in one line and was kept.
    pub(super) fn rejoin(&mut self) {
        let mut joined: Vec<Line> = Vec::new();
        for line in std::mem::take(&mut self.0) {
            match joined.last_mut().filter(|last| line.goes_on && line.is_kept() && last.is_kept()) {
                Some(last) => {
                    last.text.push(' ');
                    last.text.push_str(&line.text);
                }
                None => joined.push(line),
            }
        }
        self.0 = joined;
    }

    /// Every line with what became of it.
    pub(super) fn into_explained(self) -> Vec<ExplainedBlock> {
        let explained = self.0.into_iter().map(|line| {
            let (kind, rule) = line.removed.unzip();
            ExplainedBlock { text: line.text, kept: kind.is_none(), kind, rule, score: None, shape: "line" }
        });
        explained.collect()
    }

    pub(super) fn into_removed(self) -> Vec<RemovedBlock> {
        self.0
            .into_iter()
            .filter_map(|line| {
                let (kind, rule) = line.removed?;
                Some(RemovedBlock { kind, rule, text: line.text })
            })
            .collect()
    }
}

/// Rules that go by more than a line's place.
fn is_certain((_, rule): &(BlockKind, String)) -> bool {
    !rule.starts_with("edge:") && !rule.starts_with("run:") && rule != repeat::APART
}

/// A line as it is compared: folded, without marks at its ends.
pub(super) fn key(line: &str) -> String {
    fold(line).as_str().trim_matches(|character: char| !character.is_alphanumeric()).to_owned()
}
