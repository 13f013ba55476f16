//! Fits copydesk's models to a corpus of real pages, and measures how near its articles come to what is known of them.
//!
//! The corpus is a folder (`COPYDESK_CORPUS`) with `pages/<set>.jsonl.zst`, one page a line: `id`, `url`, `host`, `lang`,
//! `html`, `visible_text`, and `text`, or `with` and `without`.

mod boost;
mod confidence;
mod corpus;
mod cues;
mod dedup;
mod furniture;
mod labels;
mod metadata;
mod peers;
mod score;
mod stack;
mod titles;
mod tokens;
mod variants;
mod views;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use copydesk::article::model::Model;
use copydesk::article::{Article, BlockModel, ExtractLimits, Extraction, Extractor, Models};
use corpus::{Input, Page, SETS};
use furniture::Furniture;
use rayon::prelude::*;
use stack::{Folds, Trainer};
use titles::Titles;

#[derive(Debug, Parser)]
#[command(about, version)]
struct Cli {
    /// The folder of the corpus.
    #[arg(long, env = "COPYDESK_CORPUS")]
    corpus: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Fits the models to all pages and writes them.
    Fit {
        /// Only the models for this form.
        #[arg(long)]
        only: Option<Input>,
        /// Where to.
        #[arg(long, default_value = "config/models")]
        to: PathBuf,
    },
    /// Measures pages by models that saw no page of their host; fails where a figure is below its bar.
    Accuracy {
        /// Only this form.
        #[arg(long)]
        only: Option<Input>,
        /// Writes what came out, one file a set and form, lines of `{"id", "text"}`.
        #[arg(long)]
        texts: Option<PathBuf>,
        /// What the models that measure a page have not seen: pages of its host, or of its whole set. Sets differ in what they count
        /// as an article's, so figures by set are lower; no bar is held against them.
        #[arg(long, default_value = "host")]
        by: Group,
        /// Keeps the models that measure the pages in this folder, and takes those that are there already instead of fitting: so that two
        /// states of the rules are compared by the same models. Fits differ from each other by more than most rules do.
        #[arg(long)]
        kept: Option<PathBuf>,
        /// The program of tools/bench, which runs other extractors where a text is far from the known one: a known text that is cut short for
        /// all of them counts for no bar.
        #[arg(long)]
        peers: Option<PathBuf>,
    },
    /// The same for the model that tells copies from other texts.
    Dedup {
        #[command(subcommand)]
        command: dedup::Command,
    },
}

/// What pages are kept together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Group {
    Host,
    Set,
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("below the bar where a figure is marked with <");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn run(cli: &Cli) -> Result<bool, Box<dyn Error>> {
    match &cli.command {
        Command::Fit { only, to } => fit(&pages(&cli.corpus)?, *only, to).map(|()| true),
        Command::Accuracy { only, texts, by, kept, peers } => {
            let mut pages = pages(&cli.corpus)?;
            if *by == Group::Set {
                for page in &mut pages {
                    page.fold = SETS.iter().position(|set| *set == page.set).unwrap_or(page.fold);
                }
            }
            let kept = kept.as_ref().map(|folder| folder.join(format!("{by:?}").to_lowercase()));
            let met = accuracy(&pages, &cli.corpus, *only, texts.as_deref(), kept.as_deref(), peers.as_deref())?;
            Ok(met || *by == Group::Set)
        }
        Command::Dedup { command } => dedup::run(&cli.corpus, command).map(|()| true),
    }
}

fn pages(corpus: &Path) -> Result<Vec<Page>, Box<dyn Error>> {
    let mut pages = Vec::new();
    for set in SETS.into_iter().chain([corpus::CASES]) {
        pages.extend(corpus::load(corpus, set)?);
    }
    Ok(pages)
}

fn extractor(models: Models) -> Result<Extractor, Box<dyn Error>> {
    Ok(Extractor::with_models(ExtractLimits::default(), models)?)
}

fn inputs(only: Option<Input>) -> impl Iterator<Item = Input> {
    [Input::Html, Input::Bare, Input::Plain].into_iter().filter(move |input| only.is_none_or(|only| only == *input))
}

fn fit(pages: &[Page], only: Option<Input>, to: &Path) -> Result<(), Box<dyn Error>> {
    let provenance = format!("tools/train fit: {} pages; ", pages.len());
    for input in inputs(only) {
        let titles = titles(pages, input)?;
        let trainer = Trainer::new(pages, input, titles.as_ref().map(Titles::folds))?;
        let folds = trainer.folds();
        let extractions = extract_all(pages, input, &folds)?;
        let confidence = confidence::fit(pages, &extractions, input, &provenance);
        let blocks = trainer.whole(&folds, &provenance);
        if !blocks.cues.is_empty() {
            let path = to.join(format!("{}.table", blocks.cues.name()));
            std::fs::write(&path, blocks.cues.to_bytes())?;
            println!("{}: {} words", path.display(), blocks.cues.len());
        }
        let title = titles.map(|titles| titles.whole(&provenance));
        for model in [&blocks.first, &blocks.second, &confidence].into_iter().chain(&title) {
            let path = to.join(format!("{}.model", model.head().name));
            std::fs::write(&path, model.to_bytes())?;
            println!("{}: {} trees", path.display(), model.head().trees.len());
        }
    }
    Ok(())
}

fn accuracy(
    pages: &[Page],
    corpus: &Path,
    only: Option<Input>,
    out: Option<&Path>,
    kept: Option<&Path>,
    peers: Option<&Path>,
) -> Result<bool, Box<dyn Error>> {
    let furniture = Furniture::new()?;
    let mut met = true;
    for input in inputs(only) {
        let folds = folds(pages, input, kept)?;
        let extractions = extract_all(pages, input, &folds)?;
        let texts = bodies(&extractions);
        met &= score::print(pages, &texts, input, &furniture, peers)?;
        met &= confidence::print(pages, &extractions, input);
        met &= metadata(pages, &extractions, input, corpus)?;
        let alone: Vec<Page> = pages.iter().map(Page::article_alone).collect();
        met &= score::print_shape(&score::ALONE, pages, &bodies(&extract_all(&alone, input, &folds)?));
        if input == Input::Bare {
            let sanitised: Vec<Page> =
                pages.par_iter().map(|page| views::sanitised(page).unwrap_or_else(|| page.clone())).collect();
            met &= score::print_shape(&score::SANITISED, pages, &bodies(&extract_all(&sanitised, input, &folds)?));
        }
        if input == Input::Plain {
            let one_line: Vec<Page> = pages.iter().map(Page::in_one_line).collect();
            met &= score::print_shape(&score::ONE_LINE, pages, &bodies(&extract_all(&one_line, input, &folds)?));
            let bare: Vec<Page> = pages.iter().map(Page::without_address).collect();
            metadata::print_titles("without the page's address", &articles(pages, &extract_all(&bare, input, &folds)?));
        }
        println!();
        if let Some(out) = out {
            write(pages, &texts, input, out)?;
        }
    }
    Ok(met)
}

/// The lines that may be titles, where the form does not say which is.
fn titles(pages: &[Page], input: Input) -> Result<Option<Titles<'_>>, Box<dyn Error>> {
    Ok(if input == Input::Plain { Some(Titles::new(pages, &extractor(Models::default())?)) } else { None })
}

/// The models of each group of pages: those that were kept, or new ones.
fn folds(pages: &[Page], input: Input, kept: Option<&Path>) -> Result<Folds, Box<dyn Error>> {
    if let Some(folds) = kept.map(|folder| Folds::read(folder, input)).transpose()?.flatten() {
        let (known, without_models) = (&folds.models[0], extractor(Models::default())?);
        let features = |first: Option<&Model>| -> Vec<String> {
            let studies =
                pages.iter().filter_map(|page| without_models.study(page.document(input)?, &known.cues, first).ok());
            studies.map(|study| study.features).find(|features| !features.is_empty()).unwrap_or_default()
        };
        let fit = |stage: fn(&BlockModel) -> &Model, features: &[String]| {
            let features: Vec<&str> = features.iter().map(String::as_str).collect();
            folds.models.iter().all(|model| stage(model).fits(&features))
        };
        if !fit(|model| &model.first, &features(None)) || !fit(|model| &model.second, &features(Some(&known.first))) {
            return Err("the kept models were fitted to other features".into());
        }
        return Ok(folds);
    }
    let titles = titles(pages, input)?;
    let folds = Trainer::new(pages, input, titles.as_ref().map(Titles::folds))?.folds();
    if let Some(folder) = kept {
        folds.write(folder, input)?;
    }
    Ok(folds)
}

/// Titles, authors and dates: of these pages, and of those of which only the date is known, which no model was fitted to.
fn metadata(
    pages: &[Page],
    extractions: &[Option<Extraction>],
    input: Input,
    corpus: &Path,
) -> Result<bool, Box<dyn Error>> {
    let dated = if input == Input::Html { corpus::load(corpus, corpus::DATES)? } else { Vec::new() };
    let extractor = extractor(Models::compiled_in()?)?;
    let of_dated: Vec<Option<Extraction>> =
        dated.par_iter().map(|page| extractor.extract(page.html.as_ref()?).ok()).collect();
    let known = [articles(pages, extractions), articles(&dated, &of_dated)].concat();
    Ok(metadata::print(&known, input))
}

fn bodies(extractions: &[Option<Extraction>]) -> Vec<String> {
    let bodies = extractions.iter().map(|extraction| extraction.as_ref().map(|own| own.article.body.clone()));
    bodies.map(Option::unwrap_or_default).collect()
}

/// Each page with its article.
fn articles<'p>(pages: &'p [Page], extractions: &'p [Option<Extraction>]) -> Vec<(&'p Page, Option<&'p Article>)> {
    let articles = extractions.iter().map(|extraction| extraction.as_ref().map(|extraction| &extraction.article));
    pages.iter().zip(articles).collect()
}

/// The articles of all pages, each by the models that saw no page of its host.
fn extract_all(pages: &[Page], input: Input, folds: &Folds) -> Result<Vec<Option<Extraction>>, Box<dyn Error>> {
    let models = folds.models.iter().zip(&folds.titles).map(|(blocks, title)| match input {
        Input::Html => Models { html: blocks.clone(), ..Models::default() },
        Input::Bare => Models { bare: blocks.clone(), ..Models::default() },
        Input::Plain => Models { plain: blocks.clone(), plain_title: title.clone(), ..Models::default() },
    });
    let extractors = models.map(extractor).collect::<Result<Vec<_>, _>>()?;
    Ok(pages.par_iter().map(|page| extractors.get(page.fold)?.extract(page.document(input)?).ok()).collect())
}

fn write(pages: &[Page], texts: &[String], input: Input, out: &Path) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(out)?;
    for set in SETS {
        let lines: Vec<String> = pages
            .iter()
            .zip(texts)
            .filter(|(page, _)| page.set == set)
            .map(|(page, text)| serde_json::json!({"id": page.id, "text": text}).to_string())
            .collect();
        std::fs::write(out.join(format!("{set}.{}.jsonl", input.label())), lines.join("\n"))?;
    }
    Ok(())
}
