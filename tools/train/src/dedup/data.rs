//! Articles whose copies are known: a made stream with its truth, and pairs of real articles that were read.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

#[derive(Debug, Deserialize)]
pub struct Article {
    pub id: String,
    pub lang: Option<String>,
    pub title: Option<String>,
    pub text: String,
}

/// What is known of an article of the stream.
#[derive(Debug, Deserialize)]
pub struct Truth {
    pub id: String,
    pub cluster: String,
    pub duplicate_of: Option<String>,
    /// The kind of copy, or why it is a hard negative (`hn_…`).
    pub variant: String,
    /// Articles that were made from one another, or by one template.
    pub group: String,
}

#[derive(Debug, Deserialize)]
struct PairLine {
    a: String,
    b: String,
    label: String,
    kind: String,
}

/// Two articles of a set, by place, and whether people call them copies.
#[derive(Debug, Clone)]
pub struct Pair {
    pub articles: [usize; 2],
    pub copy: bool,
    pub kind: String,
}

impl Pair {
    /// The articles as a stream has them.
    pub fn in_order(&self) -> (usize, usize) {
        let [left, right] = self.articles;
        (left.min(right), left.max(right))
    }
}

/// Both yardsticks.
pub struct Data {
    pub stream: Vec<Article>,
    pub truth: Vec<Truth>,
    pub natural: Vec<Article>,
    pub pairs: Vec<Pair>,
}

impl Data {
    pub fn load(corpus: &Path) -> Result<Self, Box<dyn Error>> {
        let folder = corpus.join("dedup");
        let stream: Vec<Article> = lines(&folder.join("stream.jsonl.zst"))?;
        let mut truth: HashMap<String, Truth> =
            lines(&folder.join("truth.jsonl.zst"))?.into_iter().map(|truth: Truth| (truth.id.clone(), truth)).collect();
        let truth = stream
            .iter()
            .map(|article| truth.remove(&article.id).ok_or_else(|| format!("no truth for {}", article.id)))
            .collect::<Result<_, _>>()?;
        let natural: Vec<Article> = lines(&folder.join("natural.jsonl.zst"))?;
        let places: HashMap<&str, usize> =
            natural.iter().enumerate().map(|(place, article)| (article.id.as_str(), place)).collect();
        let place = |id: &str| places.get(id).copied().ok_or_else(|| format!("no article {id}"));
        let pairs = lines::<PairLine>(&folder.join("natural_pairs.jsonl.zst"))?
            .into_iter()
            .map(|line| {
                Ok(Pair { articles: [place(&line.a)?, place(&line.b)?], copy: line.label == "copy", kind: line.kind })
            })
            .collect::<Result<_, String>>()?;
        Ok(Self { stream, truth, natural, pairs })
    }

    /// Articles without those that are known to be copies, which would make their words look frequent, and without some folds.
    /// `stream` and `natural` are the folds of the articles.
    pub fn originals<'d>(
        &'d self,
        stream: &'d [usize],
        natural: &'d [usize],
        without: &'d [usize],
    ) -> impl Iterator<Item = &'d Article> {
        let copies: HashSet<usize> = self.pairs.iter().filter(|pair| pair.copy).map(|pair| pair.in_order().1).collect();
        let real = self.natural.iter().zip(natural).enumerate();
        let real = real.filter(move |(at, (_, fold))| !copies.contains(at) && !without.contains(fold));
        let made = self.stream.iter().zip(&self.truth).zip(stream);
        let made = made.filter(move |((_, truth), fold)| truth.duplicate_of.is_none() && !without.contains(fold));
        made.map(|((own, _), _)| own).chain(real.map(|(_, (own, _))| own))
    }
}

/// Reads a compressed file of JSON lines.
pub fn lines<T: DeserializeOwned>(file: &Path) -> Result<Vec<T>, Box<dyn Error>> {
    let open = std::fs::File::open(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut found = Vec::new();
    for line in BufReader::new(zstd::Decoder::new(open)?).lines() {
        found.push(serde_json::from_str(&line?)?);
    }
    Ok(found)
}
