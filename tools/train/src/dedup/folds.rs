//! Models fitted to what is known of copies, and what each says of pairs that it was not fitted to.

use std::collections::HashMap;
use std::hash::Hasher;

use copydesk::article::model::{Model, probability};
use copydesk::fingerprint::near::{FEATURES, NAMES, Sketch, Sketcher, features};
use rayon::prelude::*;

use super::data::{Article, Data, Pair};
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
        let sketches: Vec<Sketch> =
            articles.par_iter().map(|article| sketcher.sketch(article.title.as_deref(), &article.text)).collect();
        let mut candidates = Candidates::default();
        let met: Vec<Met> = sketches.iter().map(|sketch| candidates.meet(sketch)).collect();
        let found =
            met.iter().enumerate().flat_map(|(later, met)| met.all.iter().map(move |earlier| (*earlier, later)));
        let rows = found
            .chain(also.iter().map(Pair::in_order))
            .map(|(earlier, later)| ((earlier, later), features(&sketches[earlier], &sketches[later])))
            .collect();
        Self { candidates: met.into_iter().map(|met| met.alike).collect(), rows }
    }

    /// The cluster of each article, where the model of the later article's fold judges a pair.
    pub fn clusters(&self, models: &[Model], folds: &[usize], threshold: f32) -> Vec<usize> {
        let mut clusters = Clusters::default();
        for (later, candidates) in self.candidates.iter().enumerate() {
            let judged = candidates
                .iter()
                .filter(|earlier| clusters.represents(**earlier))
                .map(|earlier| (*earlier, probability(models[folds[later]].score(&self.rows[&(*earlier, later)]))));
            let original = most_probable(judged, threshold);
            clusters.join(original);
        }
        clusters.of
    }
}

/// Both yardsticks as one sketcher has them.
pub struct Sight {
    pub stream: Sketched,
    pub natural: Sketched,
}

/// Everything that a model is fitted to: the same pairs as several seeds sample them.
pub struct Study<'d> {
    data: &'d Data,
    sights: Vec<Sight>,
}

impl<'d> Study<'d> {
    pub fn new(data: &'d Data, sketchers: &[Sketcher]) -> Self {
        let sight = |sketcher| Sight {
            stream: Sketched::new(sketcher, &data.stream, &[]),
            natural: Sketched::new(sketcher, &data.natural, &data.pairs),
        };
        Self { data, sights: sketchers.iter().map(sight).collect() }
    }

    /// As the first sketcher has it: what figures are taken from.
    pub fn first(&self) -> Option<&Sight> {
        self.sights.first()
    }

    /// The model that ships: fitted to everything.
    pub fn whole(&self) -> Model {
        let everything = vec![0; self.data.stream.len().max(self.data.natural.len())];
        self.fit(&everything, &everything, usize::MAX)
    }

    /// One model for each fold, fitted to the others. `stream` and `natural` are the folds of the articles.
    pub fn models(&self, stream: &[usize], natural: &[usize]) -> Vec<Model> {
        (0..FOLDS).into_par_iter().map(|fold| self.fit(stream, natural, fold)).collect()
    }

    fn fit(&self, stream: &[usize], natural: &[usize], without: usize) -> Model {
        let mut examples = Examples::default();
        let left_in =
            |folds: &[usize], (earlier, later): (usize, usize)| folds[earlier] != without && folds[later] != without;
        let weight = 1.0 / self.sights.len() as f32;
        let read: Vec<&Pair> = self.data.pairs.iter().filter(|pair| left_in(natural, pair.in_order())).collect();
        for sight in &self.sights {
            for pair in &read {
                examples.push(sight.natural.rows[&pair.in_order()].to_vec(), pair.copy, READ * weight);
            }
            let mut made: Vec<_> = sight.stream.rows.iter().filter(|(pair, _)| left_in(stream, **pair)).collect();
            made.sort_by_key(|(pair, _)| **pair);
            for ((earlier, later), row) in made {
                let copy = self.data.truth[*earlier].cluster == self.data.truth[*later].cluster;
                examples.push(row.to_vec(), copy, weight);
            }
        }
        let seeds = self.sights.len();
        let provenance = format!(
            "tools/train dedup fit: {} pairs of real articles that were read, each counted {READ} times, and {} of a made \
             stream, as {seeds} seeds sample them; {RUNS} runs of {GROWTH:?}",
            read.len(),
            examples.rows.len() / seeds - read.len()
        );
        match Model::new("dedup-pairs", &provenance, &NAMES.map(str::to_owned), &fit_several(&examples, GROWTH, RUNS)) {
            Ok(model) => model,
            Err(error) => unreachable!("fitted trees are trees: {error}"),
        }
    }
}

/// The folds of the stream's articles: what was made from one article or template is in one. `deal` gives another division.
pub fn of_groups(data: &Data, deal: u64) -> Vec<usize> {
    data.truth.iter().map(|truth| fold(&truth.group, deal)).collect()
}

/// The folds of the real articles: those that pairs connect are in one.
pub fn of_connected(data: &Data, deal: u64) -> Vec<usize> {
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
