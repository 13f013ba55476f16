//! Which line of a plain text is the title: a model of the lines of each page, fitted so that no page is judged by one that saw its
//! host.

use copydesk::article::model::Model;
use copydesk::article::{Extractor, Study};
use rayon::prelude::*;

use crate::boost::{self, Examples, Growth};
use crate::corpus::{FOLDS, Page};
use crate::metadata::folded;

const GROWTH: Growth =
    Growth { trees: 160, leaves: 12, rate: 0.06, ridge: 4.0, least: 1.0, rows: 0.7, features: 0.3, seed: 3 };

/// The lines of all pages that may be titles; each page with its address and without.
pub struct Titles<'c> {
    studies: Vec<(&'c Page, Study)>,
}

impl<'c> Titles<'c> {
    /// Reads the lines of pages whose title is known and stands among them.
    pub fn new(pages: &'c [Page], extractor: &Extractor) -> Self {
        let study = |page: &'c Page| {
            let title = folded(page.title.as_deref()?);
            let without_address = page.without_address();
            let documents = [&page.plain, &without_address.plain].into_iter().flatten();
            let studies = documents.filter_map(|document| {
                let study = extractor.study_titles(document).ok()?;
                study.blocks.iter().any(|block| folded(&block.text) == title).then_some((page, study))
            });
            Some(studies.collect::<Vec<_>>())
        };
        let studies: Vec<Vec<(&Page, Study)>> = pages.par_iter().filter_map(study).collect();
        Self { studies: studies.into_iter().flatten().collect() }
    }

    /// A model for each group of hosts, fitted to the others.
    pub fn folds(&self) -> Vec<Model> {
        (0..FOLDS).map(|fold| self.fit(Some(fold), "")).collect()
    }

    /// The model that ships: fitted to all pages.
    pub fn whole(&self, provenance: &str) -> Model {
        self.fit(None, provenance)
    }

    fn fit(&self, without: Option<usize>, provenance: &str) -> Model {
        let mut examples = Examples::default();
        let mut features: &[String] = &[];
        for (page, study) in self.studies.iter().filter(|(page, _)| Some(page.fold) != without) {
            features = &study.features;
            let title = folded(page.title.as_deref().unwrap_or_default());
            for (block, row) in study.blocks.iter().zip(&study.rows) {
                examples.push(row.clone(), folded(&block.text) == title, 1.0);
            }
        }
        let provenance = format!("{provenance}{} lines; {GROWTH:?}", examples.rows.len());
        match Model::new("plain-title", &provenance, features, &boost::fit_several(&examples, GROWTH, 1)) {
            Ok(model) => model,
            Err(error) => unreachable!("fitted trees are trees: {error}"),
        }
    }
}
