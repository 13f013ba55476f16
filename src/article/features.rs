//! What the block classifiers look at: numbers about a block, its place, and its neighbours.
//!
//! Each feature is written with its name, so that a model that was fitted to other features is refused.
//! Nothing here depends on a platform: counts, shares of counts, and comparisons.

mod context;
mod cues;
mod text;
mod vocabulary;

pub(crate) use context::{Context, distance};
pub use cues::{Cues, CuesError, of as cues_of};
pub(crate) use text::{kind_code, of_text};
pub(crate) use vocabulary::{MOST_WORDS, PageWords, TextWords, hash_on};

/// Feature rows of one page, one a block, in document order.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Rows {
    names: Vec<&'static str>,
    values: Vec<f32>,
    rows: usize,
}

impl Rows {
    /// Begins the next row.
    pub(crate) fn begin(&mut self) {
        self.rows += 1;
    }

    /// Adds a feature to the row. Every row has the same features in the same order.
    pub(crate) fn push(&mut self, name: &'static str, value: f32) {
        if self.rows == 1 {
            self.names.push(name);
        }
        self.values.push(value);
    }

    /// Adds a feature that is a yes or no.
    pub(crate) fn flag(&mut self, name: &'static str, value: bool) {
        self.push(name, if value { 1.0 } else { 0.0 });
    }

    /// Adds a count.
    #[allow(clippy::cast_precision_loss, reason = "counts of a page are far below 2^24, or it does not matter")]
    pub(crate) fn count(&mut self, name: &'static str, value: usize) {
        self.push(name, value as f32);
    }

    /// Adds the share that `part` is of `whole`; 0 of nothing.
    pub(crate) fn share(&mut self, name: &'static str, part: usize, whole: usize) {
        self.push(name, share(part, whole));
    }

    /// The names of the features, in order; none without a row.
    pub(crate) fn names(&self) -> &[&'static str] {
        &self.names
    }

    /// The rows with more features each, which `add` gives by the place of the row.
    pub(crate) fn extended(&self, mut add: impl FnMut(&mut Self, usize)) -> Self {
        let mut extended = Self::default();
        for (at, row) in self.iter().enumerate() {
            extended.begin();
            if at == 0 {
                extended.names.clone_from(&self.names);
            }
            extended.values.extend_from_slice(row);
            add(&mut extended, at);
        }
        extended
    }

    /// The rows, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[f32]> {
        self.values.chunks_exact(self.names.len().max(1))
    }
}

/// The share that `part` is of `whole`; 0 of nothing.
#[allow(clippy::cast_precision_loss, reason = "see Rows::count")]
pub(crate) fn share(part: usize, whole: usize) -> f32 {
    if whole == 0 { 0.0 } else { part as f32 / whole as f32 }
}
