//! Why each block of a document is, or is not, part of its article.

use serde::Serialize;

use super::{BlockKind, Extractor, html, plain};
use crate::document::{Content, Document};
use crate::rejection::Rejection;

/// What became of a document's blocks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// The article's title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The reason for which what is kept would be rejected all the same (`consent_wall`, `no_text`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected: Option<&'static str>,
    /// Every block, in document order; what was taken from the page's data comes last.
    pub blocks: Vec<ExplainedBlock>,
}

/// One block of a page, or one line of a plain text.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExplainedBlock {
    /// Its text, normalised.
    pub text: String,
    /// Whether it is part of the body.
    pub kept: bool,
    /// What it is, where it is not.
    pub kind: Option<BlockKind>,
    /// The rule that decided, a stable name as in [`RemovedBlock`](super::RemovedBlock); none where no rule did.
    pub rule: Option<String>,
    /// How likely the block is the article's, 0 to 1, as the model sees it; none where it was not asked.
    pub score: Option<f32>,
    /// What it is written in: `paragraph`, `heading1` to `heading6`, `item`, `row` or `cell` of a table, `quote`, `caption`,
    /// `preformatted`, `text` for what stands directly in a container; `line` for all of a plain text.
    pub shape: &'static str,
}

impl Extractor {
    /// What becomes of each block of a document, and why. It gives the same as [`Extractor::extract`]: the blocks that
    /// are kept are the body.
    ///
    /// # Errors
    /// A [`Rejection`] where a limit was hit. A document that is rejected for what it says is explained.
    pub fn explain(&self, document: &Document) -> Result<Explanation, Rejection> {
        let mut explanation = match &document.content {
            Content::Plain(text) => plain::explain(text, document, &self.rules, &self.models, &self.limits)?,
            Content::Html(text) => html::explain(text, document, &self.rules, &self.models, &self.limits)?,
        };
        explanation.rejected = self.extract(document).err().map(|rejection| rejection.reason());
        Ok(explanation)
    }
}
