//! The block classifier: two sums of trees, the second of which also sees what the first thinks of the blocks around.

use super::features::{Cues, Rows};
use super::model::{Model, probability};

/// Words of an article that the models have seen the like of. In a longer one (a book, the minutes of a
/// parliament, a live blog of a week) each block is so small a part that they take it for a comment: the rules alone decide.
const LONGEST: usize = 10_000;

/// Blocks or lines of a page that are scored, twelve times those of the largest page that the models were fitted to: each is a row
/// of numbers, which take a hundred times as much memory as a short line does in the page.
const MOST_ROWS: usize = 10_000;

/// A block that the first stage gives no more than this is furniture, whatever stands around it: the second stage, which costs
/// as much again, is asked about the others (a cascade, after Viola and Jones, CVPR 2001).
const SURELY_FURNITURE: f32 = 0.02;

/// Whether the classifier is asked about a page: by the words that the rules would keep, and the rows that it would be asked for.
pub(crate) fn takes(kept_words: usize, rows: usize) -> bool {
    kept_words <= LONGEST && rows <= MOST_ROWS
}

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
        let mut scores = self.first.scores(rows.iter());
        let first: Vec<f32> = scores.iter().copied().map(probability).collect();
        let rows = context(rows, &first);
        let open = scores.iter_mut().zip(rows.iter()).filter(|(score, _)| probability(**score) > SURELY_FURNITURE);
        let (open, rows): (Vec<&mut f32>, Vec<&[f32]>) = open.unzip();
        for (score, second) in open.into_iter().zip(self.second.scores(rows)) {
            *score = second;
        }
        Some(scores)
    }
}

/// What a first stage thinks of each block, as probabilities.
pub(crate) fn stage(first: &Model, rows: &Rows) -> Vec<f32> {
    first.scores(rows.iter()).into_iter().map(probability).collect()
}
