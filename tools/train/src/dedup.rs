//! Fits the model that tells copies of a text from other texts, and measures it on articles that it was not fitted to.

mod count;
mod data;
mod engine;
mod folds;
mod score;

use std::error::Error;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use copydesk::article::model::Model;
use copydesk::fingerprint::near::{Frequencies, Sketcher};
use data::Data;
use folds::{Folds, Judge, Sight, Study};
use rayon::prelude::*;
use score::{PairScore, StreamScore};
use serde::{Deserialize, Serialize};

/// The probability from which a text is called a copy: the default of `dedup.threshold`.
const THRESHOLD: f32 = 0.65;
/// Divisions into folds whose figures are averaged: one alone owes a point to chance.
const DEALS: u64 = 4;
/// Of salts: what one sample of a text owes to chance is not in the model.
const SEEDS: [&str; 4] = ["accuracy", "second", "third", "fourth"];
/// Sets of pages whose texts are counted too.
const PAGES: [&str; 4] = ["scrapinghub", "andy", "fundus", "wcxb_art"];

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Counts the frequencies of words, fits the model to all pairs, and writes both.
    Fit {
        /// Where to.
        #[arg(long, default_value = "config/models")]
        to: PathBuf,
    },
    /// Measures pairs by models that saw neither article, nor anything that they are connected with.
    Accuracy {
        /// Prints the figures for programs.
        #[arg(long)]
        json: bool,
        /// The least probability of a copy.
        #[arg(long, default_value_t = THRESHOLD)]
        threshold: f32,
    },
}

/// What both yardsticks say, each division of the articles by itself.
#[derive(Debug, Serialize)]
struct Figures {
    threshold: f32,
    natural: Vec<PairScore>,
    stream: Vec<StreamScore>,
    /// Of the model and the table that ship, which have seen all articles: what ties these figures to those of the program.
    shipped: (PairScore, StreamScore),
}

pub fn run(corpus: &Path, command: &Command) -> Result<(), Box<dyn Error>> {
    let data = Data::load(corpus)?;
    let pages = pages(corpus)?;
    match command {
        Command::Fit { to } => fit(&pages, &data, to),
        Command::Accuracy { json, threshold } => accuracy(&pages, &data, *json, *threshold),
    }
}

fn fit(pages: &[Page], data: &Data, to: &Path) -> Result<(), Box<dyn Error>> {
    let folds = Folds::new(data, 0);
    write(&to.join("dedup-frequencies.table"), &frequencies(pages, data, &folds, &[]).to_bytes())?;
    let study = Study::new(data, &folds, None, |without| sketchers(pages, data, &folds, without));
    write(&to.join("dedup-pairs.model"), &study.fit().to_bytes())
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    std::fs::write(file, bytes).map_err(|error| format!("{}: {error}", file.display()))?;
    println!("{}: {} bytes", file.display(), bytes.len());
    Ok(())
}

/// A sketcher for each seed, with the frequencies of words in all articles but those of some folds.
fn sketchers(pages: &[Page], data: &Data, folds: &Folds, without: &[usize]) -> Vec<Sketcher> {
    let frequencies = frequencies(pages, data, folds, without);
    SEEDS.map(|seed| Sketcher::with_frequencies(seed, frequencies.clone())).into()
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    lang: Option<String>,
    text: Option<String>,
}

fn pages(corpus: &Path) -> Result<Vec<Page>, Box<dyn Error>> {
    let mut found = Vec::new();
    for set in PAGES {
        found.extend(data::lines::<Page>(&corpus.join(format!("pages/{set}.jsonl.zst")))?);
    }
    Ok(found)
}

/// Frequencies in all articles but those of some folds: words that only their articles have in common are rare to their judge.
fn frequencies(pages: &[Page], data: &Data, folds: &Folds, without: &[usize]) -> Frequencies {
    let articles = data
        .originals(&folds.stream, &folds.natural, without)
        .map(|article| (article.lang.as_deref().unwrap_or_default(), article.text.as_str()));
    let pages = pages.iter().filter_map(|page| Some((page.lang.as_deref().unwrap_or_default(), page.text.as_deref()?)));
    let texts: Vec<(&str, &str)> = articles.chain(pages).collect();
    count::frequencies(texts.iter().copied(), &format!("tools/train dedup fit: {} articles", texts.len()))
}

fn accuracy(pages: &[Page], data: &Data, json: bool, threshold: f32) -> Result<(), Box<dyn Error>> {
    let mut figures =
        Figures { threshold, natural: Vec::new(), stream: Vec::new(), shipped: shipped(data, threshold)? };
    for deal in 0..DEALS {
        let folds = Folds::new(data, deal);
        let judge =
            |fold| Study::new(data, &folds, Some(fold), |without| sketchers(pages, data, &folds, without)).judge();
        let judges: Vec<Judge> = (0..folds::FOLDS).into_par_iter().map(judge).collect();
        let (of_natural, of_stream) = scores(&judges, data, &folds, threshold);
        figures.natural.push(of_natural);
        figures.stream.push(of_stream);
    }
    if json {
        println!("{}", serde_json::to_string(&figures)?);
    } else {
        figures.print();
    }
    Ok(())
}

/// What this engine makes of everything with the model and the table that ship.
fn shipped(data: &Data, threshold: f32) -> Result<(PairScore, StreamScore), Box<dyn Error>> {
    let model = Model::parse("dedup-pairs", include_bytes!("../../../config/models/dedup-pairs.model"))?;
    let judge = Judge { model, sight: Sight::new(data, &Sketcher::new(SEEDS[0])) };
    Ok(scores(&[judge], data, &Folds::new(data, 0), threshold))
}

fn scores(judges: &[Judge], data: &Data, folds: &Folds, threshold: f32) -> (PairScore, StreamScore) {
    let of_natural = folds::clusters(judges, |sight| &sight.natural, &folds.natural, threshold);
    let of_stream = folds::clusters(judges, |sight| &sight.stream, &folds.stream, threshold);
    (PairScore::of(&of_natural, &data.pairs), StreamScore::of(&of_stream, &data.truth))
}

impl Figures {
    fn print(&self) {
        for (deal, (natural, stream)) in self.natural.iter().zip(&self.stream).enumerate() {
            print(&format!("division {deal}"), natural, stream);
        }
        print("as shipped, which has seen these articles", &self.shipped.0, &self.shipped.1);
    }
}

fn print(name: &str, natural: &PairScore, stream: &StreamScore) {
    println!(
        "{name}: natural pairs {:.3} / {:.3} / {:.3}; stream F1 {:.4}, ARI {:.4}, hard negatives merged {:.4}, \
         least found {:?}",
        natural.precision,
        natural.recall,
        natural.f1,
        stream.f1,
        stream.ari,
        stream.hard_negatives_merged,
        stream.least_found()
    );
}
