//! Models fitted to what is known of copies, and what each says of pairs that it was not fitted to.

use std::collections::HashMap;
use std::hash::Hasher;

use copydesk::article::model::{Model, probability};
use copydesk::fingerprint::near::{FEATURES, NAMES, Sketch, Sketcher, features};
use rayon::prelude::*;

use super::data::{Article, Data, Pair, Truth};
use super::engine::{Candidates, Clusters, Met, most_probable};
use crate::boost::{Examples, Growth, fit_several};

/// Groups of articles: a pair is judged by a model that saw neither of them, nor what they were made from.
pub const FOLDS: usize = 5;

const GROWTH: Growth =
    Growth { trees: 200, leaves: 6, rate: 0.06, ridge: 3.0, least: 2.0, rows: 0.6, features: 0.35, seed: 7 };
/// Runs with other seeds whose mean is the model.
const RUNS: u64 = 2;
/// What a pair that was read counts, against a pair of the made stream: there are a tenth as many, and they are the truth.
const READ: f32 = 6.0;

type Rows = HashMap<(usize, usize), [f32; FEATURES]>;

/// A set of articles with their sketches, and the features of every pair that shares a band.
pub struct Sketched {
    /// What each article is compared with.
    candidates: Vec<Vec<usize>>,
    rows: Rows,
}

impl Sketched {
    /// Sketches articles in order. `also` are pairs that are wanted whether or not they are candidates.
    pub fn new(sketcher: &Sketcher, articles: &[Article], also: &[Pair]) -> Self {
        let all: Vec<usize> = (0..articles.len()).collect();
        let (met, rows) = sketch(sketcher, articles, &all, also.iter().map(Pair::in_order));
        Self { candidates: met.into_iter().map(|met| met.alike).collect(), rows }
    }

    /// The earlier article that one is taken for a copy of, given the clusters of those before it.
    fn original(&self, later: usize, model: &Model, clusters: &Clusters, threshold: f32) -> Option<usize> {
        let candidates = self.candidates[later].iter().filter(|earlier| clusters.represents(**earlier));
        let judged = candidates.map(|earlier| (*earlier, probability(model.score(&self.rows[&(*earlier, later)]))));
        most_probable(judged, threshold)
    }
}

/// Sketches some of the articles, in order: what each meets among them, by its place among them, and the features of every
/// pair that shares a band, and of the pairs that are wanted beside those.
fn sketch(
    sketcher: &Sketcher,
    articles: &[Article],
    own: &[usize],
    also: impl Iterator<Item = (usize, usize)>,
) -> (Vec<Met>, Rows) {
    let sketches: Vec<Sketch> =
        own.par_iter().map(|at| sketcher.sketch(articles[*at].title.as_deref(), &articles[*at].text)).collect();
    let mut candidates = Candidates::default();
    let met: Vec<Met> = sketches.iter().map(|sketch| candidates.meet(sketch)).collect();
    let found = met.iter().enumerate().flat_map(|(later, met)| met.all.iter().map(move |earlier| (*earlier, later)));
    let place = |at: usize| own.binary_search(&at).ok();
    let also = also.filter_map(|(earlier, later)| Some((place(earlier)?, place(later)?)));
    let rows = found
        .chain(also)
        .map(|(earlier, later)| ((own[earlier], own[later]), features(&sketches[earlier], &sketches[later])))
        .collect();
    (met, rows)
}

/// A model, and the articles as its table of frequencies shows them.
pub struct Judge {
    pub model: Model,
    pub sight: Sight,
}

/// The cluster of each article, where the judge of the later article's fold judges a pair; a single judge judges all. `of`
/// chooses the yardstick.
pub fn clusters(judges: &[Judge], of: impl Fn(&Sight) -> &Sketched, folds: &[usize], threshold: f32) -> Vec<usize> {
    let mut clusters = Clusters::default();
    for (later, fold) in folds.iter().enumerate() {
        let judge = &judges[(*fold).min(judges.len() - 1)];
        let original = of(&judge.sight).original(later, &judge.model, &clusters, threshold);
        clusters.join(original);
    }
    clusters.of
}

/// Both yardsticks as one sketcher has them.
pub struct Sight {
    pub stream: Sketched,
    pub natural: Sketched,
}

impl Sight {
    pub fn new(data: &Data, sketcher: &Sketcher) -> Self {
        Self {
            stream: Sketched::new(sketcher, &data.stream, &[]),
            natural: Sketched::new(sketcher, &data.natural, &data.pairs),
        }
    }
}

/// The folds of the articles of both yardsticks.
pub struct Folds {
    pub stream: Vec<usize>,
    pub natural: Vec<usize>,
}

impl Folds {
    /// A division into folds; `deal` gives another one.
    pub fn new(data: &Data, deal: u64) -> Self {
        Self { stream: of_groups(data, deal), natural: of_connected(data, deal) }
    }
}

/// Everything that a model is fitted to: the same pairs as several seeds sample them. Pairs of one fold are as a table shows them
/// that was counted without that fold: to the service an article's words are new, too, and what only two articles share
/// looks rare.
pub struct Study<'d> {
    data: &'d Data,
    folds: &'d Folds,
    without: Option<usize>,
    /// All pairs, by each seed.
    sights: Vec<Sight>,
    /// The pairs within each fold, by each seed.
    apart: Vec<Vec<(Rows, Rows)>>,
}

impl<'d> Study<'d> {
    /// `sketchers` gives those with a table that was counted without some folds. A fold that is to be judged is left out.
    pub fn new(
        data: &'d Data,
        folds: &'d Folds,
        without: Option<usize>,
        sketchers: impl Fn(&[usize]) -> Vec<Sketcher>,
    ) -> Self {
        let left_out: Vec<usize> = without.into_iter().collect();
        let sights = sketchers(&left_out).iter().map(|sketcher| Sight::new(data, sketcher)).collect();
        let within =
            |folds: &[usize], fold| -> Vec<usize> { (0..folds.len()).filter(|at| folds[*at] == fold).collect() };
        let apart = |fold: usize| {
            if Some(fold) == without {
                return Vec::new();
            }
            let left_out: Vec<usize> = without.into_iter().chain([fold]).collect();
            let (stream, natural) = (within(&folds.stream, fold), within(&folds.natural, fold));
            let rows = |sketcher: &Sketcher| {
                let pairs = data.pairs.iter().map(Pair::in_order);
                let (_, made) = sketch(sketcher, &data.stream, &stream, std::iter::empty());
                let (_, read) = sketch(sketcher, &data.natural, &natural, pairs);
                (made, read)
            };
            sketchers(&left_out).iter().map(rows).collect()
        };
        Self { data, folds, without, sights, apart: (0..FOLDS).map(apart).collect() }
    }

    /// The judge of the fold that was left out.
    pub fn judge(mut self) -> Judge {
        let model = self.fit();
        // What one seed has sampled is what figures are taken from.
        Judge { model, sight: self.sights.swap_remove(0) }
    }

    /// Fits a model to all folds but the one that was left out.
    pub fn fit(&self) -> Model {
        let mut examples = Examples::default();
        let weight = 1.0 / self.sights.len() as f32;
        let mut read = 0;
        for (seed, sight) in self.sights.iter().enumerate() {
            for pair in &self.data.pairs {
                let fold = self.folds.natural[pair.articles[0]];
                if let Some((_, rows)) = self.apart[fold].get(seed) {
                    examples.push(rows[&pair.in_order()].to_vec(), pair.copy, READ * weight);
                    read += 1;
                }
            }
            let fold = |at: usize| Some(self.folds.stream[at]);
            let across = sight.stream.rows.iter().filter(|((earlier, later), _)| {
                fold(*earlier) != fold(*later) && fold(*earlier) != self.without && fold(*later) != self.without
            });
            let within = self.apart.iter().filter_map(|seeds| seeds.get(seed)).flat_map(|(rows, _)| rows);
            let mut made: Vec<_> = across.chain(within).collect();
            made.sort_by_key(|(pair, _)| **pair);
            for ((earlier, later), row) in made {
                let copy = self.data.truth[*earlier].cluster == self.data.truth[*later].cluster;
                examples.push(row.to_vec(), copy, weight);
            }
        }
        let seeds = self.sights.len();
        let read = read / seeds;
        let provenance = format!(
            "tools/train dedup fit: {read} pairs of real articles that were read, each counted {READ} times, and {} of a made \
             stream, as {seeds} seeds sample them; pairs of a fold by words counted without it; {RUNS} runs of {GROWTH:?}",
            examples.rows.len() / seeds - read
        );
        match Model::new("dedup-pairs", &provenance, &NAMES.map(str::to_owned), &fit_several(&examples, GROWTH, RUNS)) {
            Ok(model) => model,
            Err(error) => unreachable!("fitted trees are trees: {error}"),
        }
    }
}

/// The folds of the stream's articles: what was made from one article or template is in one, in each language by itself, as
/// two languages share neither words nor pairs. `deal` gives another division.
fn of_groups(data: &Data, deal: u64) -> Vec<usize> {
    let group = |(truth, article): (&Truth, &Article)| {
        fold(&format!("{} {}", truth.group, article.lang.as_deref().unwrap_or_default()), deal)
    };
    data.truth.iter().zip(&data.stream).map(group).collect()
}

/// The folds of the real articles: those that pairs connect are in one.
fn of_connected(data: &Data, deal: u64) -> Vec<usize> {
    let mut first: Vec<usize> = (0..data.natural.len()).collect();
    let head = |first: &[usize], mut article: usize| {
        while first[article] != article {
            article = first[article];
        }
        article
    };
    for pair in &data.pairs {
        let [left, right] = pair.articles.map(|article| head(&first, article));
        first[left.max(right)] = left.min(right);
    }
    (0..data.natural.len()).map(|article| fold(&data.natural[head(&first, article)].id, deal)).collect()
}

fn fold(name: &str, deal: u64) -> usize {
    // Its keys are fixed, so that a run can be repeated.
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write_u64(deal);
    hasher.write(name.as_bytes());
    hasher.finish() as usize % FOLDS
}
