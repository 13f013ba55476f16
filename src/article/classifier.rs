//! The block classifier: two sums of trees, the second of which also sees what the first thinks of the blocks around.

use super::features::{Cues, Rows};
use super::model::{Model, probability};

/// Words of an article that the models have seen the like of. In a longer one (a book, the minutes of a
/// parliament, a live blog of a week) each block is so small a part that they take it for a comment: the rules alone decide.
pub(crate) const LONGEST: usize = 10_000;

/// The two stages. Without trees it has no opinion, and the rules alone decide.
#[derive(Debug, Clone, Default)]
pub struct BlockModel {
    /// Words that tell, which rows of plain text are described with.
    pub cues: Cues,
    /// Sees each block with the numbers about it.
    pub first: Model,
    /// Sees what the first thinks of the blocks around as well.
    pub second: Model,
}

impl BlockModel {
    /// What both stages together think of each block, as log odds; none without trees. `context` makes the rows of the
    /// second stage from those of the first and what that thinks of them.
    pub(crate) fn scores(&self, rows: &Rows, context: impl FnOnce(&Rows, &[f32]) -> Rows) -> Option<Vec<f32>> {
        if self.second.is_empty() {
            return None;
        }
        let rows = context(rows, &stage(&self.first, rows));
        Some(self.second.scores(rows.iter()))
    }
}

/// What a first stage thinks of each block, as probabilities.
pub(crate) fn stage(first: &Model, rows: &Rows) -> Vec<f32> {
    first.scores(rows.iter()).into_iter().map(probability).collect()
}
