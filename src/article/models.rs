//! The models that ship, and what they are fitted to.

use super::classifier::BlockModel;
use super::features::Cues;
use super::model::{Model, ModelError};
use super::{BlockKind, features};

/// What was fitted to pages: which of their blocks are the article.
#[derive(Debug, Clone, Default)]
pub struct Models {
    /// For pages in HTML.
    pub html: BlockModel,
    /// For those whose elements have no names: Markdown, and what a sanitiser left of a page.
    pub bare: BlockModel,
    /// For plain text.
    pub plain: BlockModel,
    /// Which line of a page's plain text is the title of its article.
    pub plain_title: Model,
    /// How sure an article of a page is.
    pub html_confidence: Model,
    /// The same for a page without names.
    pub bare_confidence: Model,
    /// The same for plain text.
    pub plain_confidence: Model,
}

impl Models {
    /// The models that ship with the program.
    ///
    /// # Errors
    /// A [`ModelError`] that names the model that cannot be used.
    pub fn compiled_in() -> Result<Self, ModelError> {
        Ok(Self {
            html_confidence: Model::parse(
                "html-confidence",
                include_bytes!("../../config/models/html-confidence.model"),
            )?,
            bare_confidence: Model::parse(
                "bare-confidence",
                include_bytes!("../../config/models/bare-confidence.model"),
            )?,
            plain_confidence: Model::parse(
                "plain-confidence",
                include_bytes!("../../config/models/plain-confidence.model"),
            )?,
            plain_title: Model::parse("plain-title", include_bytes!("../../config/models/plain-title.model"))?,
            plain: BlockModel {
                cues: Cues::parse(include_bytes!("../../config/models/plain-cues.table"))?,
                first: Model::parse("plain-blocks-1", include_bytes!("../../config/models/plain-blocks-1.model"))?,
                second: Model::parse("plain-blocks-2", include_bytes!("../../config/models/plain-blocks-2.model"))?,
            },
            html: BlockModel {
                cues: Cues::default(),
                first: Model::parse("html-blocks-1", include_bytes!("../../config/models/html-blocks-1.model"))?,
                second: Model::parse("html-blocks-2", include_bytes!("../../config/models/html-blocks-2.model"))?,
            },
            bare: BlockModel {
                cues: Cues::parse(include_bytes!("../../config/models/bare-cues.table"))?,
                first: Model::parse("bare-blocks-1", include_bytes!("../../config/models/bare-blocks-1.model"))?,
                second: Model::parse("bare-blocks-2", include_bytes!("../../config/models/bare-blocks-2.model"))?,
            },
        })
    }

    /// The models of a page's blocks and of the confidence in its article. Without those for bare pages the others serve.
    pub(crate) fn of_page(&self, is_bare: bool) -> (&BlockModel, &Model) {
        if is_bare && !self.bare.second.is_empty() {
            (&self.bare, &self.bare_confidence)
        } else {
            (&self.html, &self.html_confidence)
        }
    }
}

/// The blocks of a document as a classifier sees them: what models are fitted to.
#[derive(Debug, Clone, Default)]
pub struct Study {
    /// The blocks, in document order.
    pub blocks: Vec<StudiedBlock>,
    /// Names of the features, in order.
    pub features: Vec<String>,
    /// The features of each block; none of one that is furniture without asking a classifier.
    pub rows: Vec<Vec<f32>>,
}

/// What the confidence in an article is judged by.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// Names of the features, in order.
    pub features: Vec<&'static str>,
    /// The features.
    pub row: Vec<f32>,
}

impl Study {
    /// `places` are those of the blocks of which there is a row.
    pub(super) fn new(blocks: Vec<StudiedBlock>, asked: &features::Rows, places: impl Iterator<Item = usize>) -> Self {
        let mut rows = vec![Vec::new(); blocks.len()];
        for (row, at) in asked.iter().zip(places) {
            if let Some(place) = rows.get_mut(at) {
                *place = row.to_vec();
            }
        }
        Self { blocks, features: asked.names().iter().map(|name| (*name).to_owned()).collect(), rows }
    }
}

/// One block of a [`Study`].
#[derive(Debug, Clone)]
pub struct StudiedBlock {
    /// Its text.
    pub text: String,
    /// Its length, as [`Study`] features count it.
    pub weight: usize,
    /// Why the rules alone would leave it out; none if they would keep it.
    pub reason: Option<(BlockKind, String)>,
}
