//! The two stages of a block model, fitted and measured so that no page is judged by a model that saw its host.

use std::error::Error;
use std::path::{Path, PathBuf};

use copydesk::article::model::Model;
use copydesk::article::{BlockModel, Cues, ExtractLimits, Extractor, Models, Study};
use rayon::prelude::*;

use crate::boost::{self, Examples, Growth};
use crate::corpus::{FOLDS, Input, Page};
use crate::cues::Counts;
use crate::labels;
use crate::tokens::Overlap;
use crate::variants;
use crate::views;

const FIRST: Growth =
    Growth { trees: 220, leaves: 24, rate: 0.06, ridge: 4.0, least: 1.0, rows: 0.6, features: 0.3, seed: 1 };
const SECOND: Growth = Growth { seed: 2, ..FIRST };

/// Log odds from which a block that is not in the known text is thought to have been left out of it by mistake.
const DOUBTED: f32 = 1.5;

/// Runs with other seeds whose mean is the model.
const RUNS: u64 = 1;

/// Precision below which, with all of the text found, the text that is known is only the lead of the article.
const LEAD_ONLY: f64 = 0.3;

/// The pages of a corpus, and how far each can be learned from.
pub struct Trainer<'c> {
    pages: &'c [Page],
    /// The pages of HTML under other names; those without names as a sanitiser leaves them.
    variants: Vec<Page>,
    input: Input,
    /// The models of titles, one for each group of hosts.
    titles: Vec<Model>,
    /// One for each group of hosts, with no other model than that of titles.
    extractors: Vec<Extractor>,
    /// For each page and then for each variant what its blocks are; nothing of a page whose known text cannot be trusted, and of a
    /// block where it is doubted.
    labels: Vec<Vec<Option<(bool, f32)>>>,
    /// Words that tell; none for pages of HTML, whose names of elements say more.
    cues: Option<Counts>,
}

/// One model for each group of hosts, fitted to the others.
pub struct Folds {
    pub models: Vec<BlockModel>,
    /// Of titles; none has trees where the form needs no such model.
    pub titles: Vec<Model>,
}

impl Folds {
    /// The models that were written to a folder; none where there are none.
    pub fn read(folder: &Path, input: Input) -> Result<Option<Self>, Box<dyn Error>> {
        if !part(folder, input, 0, "first").exists() {
            return Ok(None);
        }
        let model = |fold: usize| {
            let read = |name: &str| std::fs::read(part(folder, input, fold, name));
            Ok(BlockModel {
                cues: Cues::parse(&read("cues")?)?,
                first: Model::parse("first", &read("first")?)?,
                second: Model::parse("second", &read("second")?)?,
            })
        };
        let title = |fold: usize| match std::fs::read(part(folder, input, fold, "title")) {
            Ok(bytes) => Ok(Model::parse("title", &bytes)?),
            Err(_) if input != Input::Plain => Ok(Model::default()),
            Err(error) => Err(error.into()),
        };
        let models = (0..FOLDS).map(model).collect::<Result<_, Box<dyn Error>>>()?;
        let titles = (0..FOLDS).map(title).collect::<Result<_, Box<dyn Error>>>()?;
        Ok(Some(Self { models, titles }))
    }

    /// Writes the models to a folder.
    pub fn write(&self, folder: &Path, input: Input) -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        for (fold, (model, title)) in self.models.iter().zip(&self.titles).enumerate().rev() {
            if !title.is_empty() {
                std::fs::write(part(folder, input, fold, "title"), title.to_bytes())?;
            }
            std::fs::write(part(folder, input, fold, "cues"), model.cues.to_bytes())?;
            std::fs::write(part(folder, input, fold, "second"), model.second.to_bytes())?;
            std::fs::write(part(folder, input, fold, "first"), model.first.to_bytes())?;
        }
        Ok(())
    }
}

/// The file of a part of a model.
fn part(folder: &Path, input: Input, fold: usize, name: &str) -> PathBuf {
    folder.join(format!("{}-{fold}-{name}", input.label()))
}

/// The blocks of all pages as a stage sees them.
type Studies = Vec<Option<Study>>;

impl<'c> Trainer<'c> {
    /// Reads the blocks of all pages, whose titles are found by models of which each saw no page of one group of hosts.
    pub fn new(pages: &'c [Page], input: Input, titles: Option<Vec<Model>>) -> Result<Self, Box<dyn Error>> {
        let titles = titles.unwrap_or_else(|| vec![Model::default(); FOLDS]);
        let models = titles.iter().map(|title| Models { plain_title: title.clone(), ..Models::default() });
        let extractors = models.map(|models| Extractor::with_models(ExtractLimits::default(), models));
        let extractors = extractors.collect::<Result<_, _>>()?;
        let variants = match input {
            Input::Html => pages.par_iter().filter_map(variants::of).collect(),
            Input::Bare => {
                let sanitised = pages.par_iter().filter_map(views::sanitised);
                let small = pages.par_iter().filter_map(views::among_labels);
                sanitised.chain(small).chain(pages.par_iter().map(Page::article_alone)).collect()
            }
            Input::Plain => Vec::new(),
        };
        let mut trainer = Self { pages, variants, input, titles, extractors, labels: Vec::new(), cues: None };
        let studies = trainer.studies(None, None);
        let known = |(page, study): (&Page, &Option<Study>)| match study {
            Some(study) if is_sound(page, study) => labels::of(page, study),
            _ => Vec::new(),
        };
        trainer.labels = trainer.all().zip(&studies).map(known).collect();
        if input != Input::Html {
            let sound = pages.iter().zip(&studies).zip(&trainer.labels).filter(|(_, labels)| !labels.is_empty());
            let name = format!("{}-cues", input.label());
            trainer.cues = Some(Counts::of(name, sound.filter_map(|((page, study), _)| Some((page, study.as_ref()?)))));
        }
        trainer.forget_doubted();
        Ok(trainer)
    }

    /// All pages that are learned from.
    fn all(&self) -> impl Iterator<Item = &Page> {
        self.pages.iter().chain(&self.variants)
    }

    /// Forgets of blocks that they are not in the known text, where models that did not see their page are sure that they belong to
    /// it: a known text that ends early or leaves out what another has. Learning from them teaches to leave out articles' ends.
    /// After Northcutt, Jiang and Chuang, "Confident learning: estimating uncertainty in dataset labels" (2021).
    fn forget_doubted(&mut self) {
        let firsts = self.for_each_fold(None, |fold, studies| self.first(Some(fold), studies, ""));
        let studies = self.studies(None, None);
        let pages = self.pages.iter().chain(&self.variants);
        for ((page, study), labels) in pages.zip(&studies).zip(&mut self.labels) {
            for (row, label) in study.iter().flat_map(|study| &study.rows).zip(labels) {
                let is_surplus = label.is_some_and(|(belongs, _)| !belongs) && !row.is_empty();
                if is_surplus && firsts[page.fold].score(row) > DOUBTED {
                    *label = None;
                }
            }
        }
    }

    /// Fits a model for each group of hosts, and the first stages' models to go on with.
    pub fn folds(&self) -> Folds {
        let firsts = self.for_each_fold(None, |fold, studies| self.first(Some(fold), studies, ""));
        let seconds = self.for_each_fold(Some(&firsts), |fold, studies| self.second(Some(fold), studies, ""));
        let models = firsts.into_iter().zip(seconds).enumerate();
        let models = models.map(|(fold, (first, second))| BlockModel { cues: self.table(&[fold], ""), first, second });
        Folds { models: models.collect(), titles: self.titles.clone() }
    }

    /// Fits the model that ships: to all pages. Its second stage learns from first stages that had not seen the page.
    pub fn whole(&self, folds: &Folds, provenance: &str) -> BlockModel {
        let firsts: Vec<Model> = folds.models.iter().map(|model| model.first.clone()).collect();
        BlockModel {
            cues: self.table(&[], provenance),
            first: self.first(None, &self.studies(None, None), provenance),
            second: self.second(None, &self.studies(None, Some(&firsts)), provenance),
        }
    }

    /// Hands each group of hosts with the blocks of all pages to `fit`. Without words that tell, blocks are the same for all groups.
    fn for_each_fold(&self, firsts: Option<&[Model]>, fit: impl Fn(usize, &Studies) -> Model) -> Vec<Model> {
        if self.cues.is_none() {
            let studies = self.studies(None, firsts);
            return (0..FOLDS).map(|fold| fit(fold, &studies)).collect();
        }
        (0..FOLDS).map(|fold| fit(fold, &self.studies(Some(fold), firsts))).collect()
    }

    fn first(&self, without: Option<usize>, studies: &Studies, provenance: &str) -> Model {
        self.fit("1", provenance, studies, FIRST, |page| Some(page.fold) != without)
    }

    fn second(&self, without: Option<usize>, studies: &Studies, provenance: &str) -> Model {
        self.fit("2", provenance, studies, SECOND, |page| Some(page.fold) != without)
    }

    /// The words that tell, counted without some groups of hosts.
    fn table(&self, without: &[usize], provenance: &str) -> Cues {
        self.cues.as_ref().map(|counts| counts.without(without, provenance)).unwrap_or_default()
    }

    /// The blocks of all pages, each described by words that were counted without its own group of hosts and without another
    /// that is to be measured; in the second stage where first ones are given, one for each group, fitted without it.
    fn studies(&self, without: Option<usize>, firsts: Option<&[Model]>) -> Studies {
        let tables: Vec<Cues> =
            (0..FOLDS).map(|own| self.table(&std::iter::once(own).chain(without).collect::<Vec<_>>(), "")).collect();
        let study = |page: &Page| {
            let first = firsts.map(|firsts| &firsts[page.fold]);
            self.extractors[page.fold].study(page.document(self.input)?, &tables[page.fold], first).ok()
        };
        self.pages.par_iter().chain(&self.variants).map(study).collect()
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
        for ((page, study), labels) in self.all().zip(studies).zip(&self.labels) {
            let Some(study) =
                study.as_ref().filter(|study| !study.rows.is_empty() && !labels.is_empty() && select(page))
            else {
                continue;
            };
            features.clone_from(&study.features);
            for (row, label) in study.rows.iter().zip(labels) {
                if let Some((label, weight)) = label.filter(|_| !row.is_empty()) {
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

/// Whether the known text of a page can be trusted.
fn is_sound(page: &Page, study: &Study) -> bool {
    let Some(gold) = &page.gold else { return true };
    let kept: Vec<&str> =
        study.blocks.iter().filter(|block| block.reason.is_none()).map(|block| block.text.as_str()).collect();
    let overlap = Overlap::of(gold, &kept.join("\n"));
    overlap.precision() >= LEAD_ONLY || overlap.recall() < 0.9
}
