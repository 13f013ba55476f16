//! The two stages of a block model, fitted and measured so that no page is judged by a model that saw its host.

use copydesk::article::model::Model;
use copydesk::article::{BlockModel, Extractor, Study};
use rayon::prelude::*;

use crate::boost::{self, Examples, Growth};
use crate::corpus::{FOLDS, Input, Page};
use crate::labels;
use crate::tokens::Overlap;

const FIRST: Growth =
    Growth { trees: 220, leaves: 24, rate: 0.06, ridge: 4.0, least: 1.0, rows: 0.6, features: 0.3, seed: 1 };
const SECOND: Growth = Growth { seed: 2, ..FIRST };

/// Runs with other seeds whose mean is the model.
const RUNS: u64 = 1;

/// Precision below which, with all of the text found, the text that is known is only the lead of the article.
const LEAD_ONLY: f64 = 0.3;

/// The pages of a corpus, and their blocks as the first stage sees them.
pub struct Trainer<'c> {
    pages: &'c [Page],
    input: Input,
    extractor: Extractor,
    studies: Vec<Option<Study>>,
    /// Pages whose known text can be trusted.
    sound: Vec<bool>,
}

/// One model for each group of hosts, fitted to the others.
pub struct Folds {
    pub models: Vec<BlockModel>,
}

impl<'c> Trainer<'c> {
    /// Reads the blocks of all pages. `extractor` must have no models.
    pub fn new(pages: &'c [Page], input: Input, extractor: Extractor) -> Self {
        let studies: Vec<Option<Study>> =
            pages.par_iter().map(|page| extractor.study(page.document(input)?, None).ok()).collect();
        let sound = pages
            .iter()
            .zip(&studies)
            .map(|(page, study)| match (&page.gold, study) {
                (Some(gold), Some(study)) => is_sound(gold, study),
                _ => true,
            })
            .collect();
        Self { pages, input, extractor, studies, sound }
    }

    /// Fits a model for each group of hosts, and the first stages' models to go on with.
    pub fn folds(&self) -> Folds {
        let firsts = self.firsts();
        let second = self.second_studies(&firsts);
        let models = (0..FOLDS)
            .map(|fold| BlockModel {
                first: firsts[fold].clone(),
                second: self.fit("2", "", &second, SECOND, |page| page.fold != fold),
            })
            .collect();
        Folds { models }
    }

    /// Fits the model that ships: to all pages. Its second stage learns from first stages that had not seen the page.
    pub fn whole(&self, folds: &Folds, provenance: &str) -> BlockModel {
        let firsts: Vec<Model> = folds.models.iter().map(|model| model.first.clone()).collect();
        let second = self.second_studies(&firsts);
        BlockModel {
            first: self.fit("1", provenance, &self.studies, FIRST, |_| true),
            second: self.fit("2", provenance, &second, SECOND, |_| true),
        }
    }

    fn firsts(&self) -> Vec<Model> {
        (0..FOLDS).map(|fold| self.fit("1", "", &self.studies, FIRST, |page| page.fold != fold)).collect()
    }

    fn second_studies(&self, firsts: &[Model]) -> Vec<Option<Study>> {
        self.pages
            .par_iter()
            .map(|page| self.extractor.study(page.document(self.input)?, Some(&firsts[page.fold])).ok())
            .collect()
    }

    fn fit(
        &self,
        stage: &str,
        provenance: &str,
        studies: &[Option<Study>],
        growth: Growth,
        select: impl Fn(&Page) -> bool,
    ) -> Model {
        let mut examples = Examples::default();
        let mut features: Vec<String> = Vec::new();
        for ((page, study), sound) in self.pages.iter().zip(studies).zip(&self.sound) {
            let Some(study) = study.as_ref().filter(|study| *sound && !study.rows.is_empty() && select(page)) else {
                continue;
            };
            features.clone_from(&study.features);
            for (row, label) in study.rows.iter().zip(labels::of(page, study)) {
                if let Some((label, weight)) = label {
                    examples.push(row.clone(), label, weight);
                }
            }
        }
        let name = format!("{}-blocks-{stage}", self.input.label());
        let provenance = format!("{provenance}{} blocks; {growth:?}", examples.rows.len());
        match Model::new(&name, &provenance, &features, &boost::fit_several(&examples, growth, RUNS)) {
            Ok(model) => model,
            Err(error) => unreachable!("fitted trees are trees: {error}"),
        }
    }
}

fn is_sound(gold: &str, study: &Study) -> bool {
    let kept: Vec<&str> =
        study.blocks.iter().filter(|block| block.reason.is_none()).map(|block| block.text.as_str()).collect();
    let overlap = Overlap::of(gold, &kept.join("\n"));
    overlap.precision() >= LEAD_ONLY || overlap.recall() < 0.9
}
