//! Fits the model that tells copies of a text from other texts, and measures it on articles that it was not fitted to.

mod count;
mod data;
mod engine;
mod folds;
mod score;

use std::error::Error;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use copydesk::fingerprint::near::{Frequencies, Sketcher};
use data::Data;
use folds::Study;
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
}

pub fn run(corpus: &Path, command: &Command) -> Result<(), Box<dyn Error>> {
    let data = Data::load(corpus)?;
    match command {
        Command::Fit { to } => fit(corpus, &data, to),
        Command::Accuracy { json, threshold } => accuracy(&data, *json, *threshold),
    }
}

fn fit(corpus: &Path, data: &Data, to: &Path) -> Result<(), Box<dyn Error>> {
    let frequencies = frequencies(corpus, data)?;
    write(&to.join("dedup-frequencies.table"), &frequencies.to_bytes())?;
    let sketchers = SEEDS.map(|seed| Sketcher::with_frequencies(seed, frequencies.clone()));
    let model = Study::new(data, &sketchers).whole();
    write(&to.join("dedup-pairs.model"), &model.to_bytes())
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    std::fs::write(file, bytes).map_err(|error| format!("{}: {error}", file.display()))?;
    println!("{}: {} bytes", file.display(), bytes.len());
    Ok(())
}

#[derive(Deserialize)]
struct Page {
    lang: Option<String>,
    text: Option<String>,
}

fn frequencies(corpus: &Path, data: &Data) -> Result<Frequencies, Box<dyn Error>> {
    let mut texts: Vec<(String, String)> =
        data.originals().map(|article| (article.lang.clone().unwrap_or_default(), article.text.clone())).collect();
    for set in PAGES {
        let pages: Vec<Page> = data::lines(&corpus.join(format!("pages/{set}.jsonl.zst")))?;
        texts.extend(pages.into_iter().filter_map(|page| Some((page.lang.unwrap_or_default(), page.text?))));
    }
    let provenance = format!("tools/train dedup fit: {} articles", texts.len());
    Ok(count::frequencies(texts.iter().map(|(language, text)| (language.as_str(), text.as_str())), &provenance))
}

fn accuracy(data: &Data, json: bool, threshold: f32) -> Result<(), Box<dyn Error>> {
    let study = Study::new(data, &SEEDS.map(Sketcher::new));
    let Some(sight) = study.first() else { return Ok(()) };
    let mut figures = Figures { threshold, natural: Vec::new(), stream: Vec::new() };
    for deal in 0..DEALS {
        let (stream, natural) = (folds::of_groups(data, deal), folds::of_connected(data, deal));
        let models = study.models(&stream, &natural);
        figures.natural.push(PairScore::of(&sight.natural.clusters(&models, &natural, threshold), &data.pairs));
        figures.stream.push(StreamScore::of(&sight.stream.clusters(&models, &stream, threshold), &data.truth));
    }
    if json {
        println!("{}", serde_json::to_string(&figures)?);
    } else {
        figures.print();
    }
    Ok(())
}

impl Figures {
    fn print(&self) {
        for (deal, (natural, stream)) in self.natural.iter().zip(&self.stream).enumerate() {
            println!(
                "division {deal}: natural pairs {:.3} / {:.3} / {:.3}; stream F1 {:.4}, ARI {:.4}, hard negatives merged {:.4}, \
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
    }
}
