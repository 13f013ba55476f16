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
/// Leaves out nothing.
pub const NO_FOLD: usize = usize::MAX;

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

    /// The earlier article that one is taken for a copy of, given the clusters of those before it.
    fn original(&self, later: usize, model: &Model, clusters: &Clusters, threshold: f32) -> Option<usize> {
        let candidates = self.candidates[later].iter().filter(|earlier| clusters.represents(**earlier));
        let judged = candidates.map(|earlier| (*earlier, probability(model.score(&self.rows[&(*earlier, later)]))));
        most_probable(judged, threshold)
    }
}

/// A model, and the articles as its table of frequencies shows them.
pub struct Judge {
    pub model: Model,
    pub sight: Sight,
}

/// The cluster of each article, where the judge of the later article's fold judges a pair. `of` chooses the yardstick.
pub fn clusters(judges: &[Judge], of: impl Fn(&Sight) -> &Sketched, folds: &[usize], threshold: f32) -> Vec<usize> {
    let mut clusters = Clusters::default();
    for (later, fold) in folds.iter().enumerate() {
        let judge = &judges[*fold];
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

/// Everything that a model is fitted to: the same pairs as several seeds sample them.
pub struct Study<'d> {
    data: &'d Data,
    sights: Vec<Sight>,
}

impl<'d> Study<'d> {
    pub fn new(data: &'d Data, sketchers: &[Sketcher]) -> Self {
        Self { data, sights: sketchers.iter().map(|sketcher| Sight::new(data, sketcher)).collect() }
    }

    /// The model that ships: fitted to everything.
    pub fn whole(&self) -> Model {
        let (stream, natural) = undivided(self.data);
        self.fit(&stream, &natural, NO_FOLD)
    }

    /// The judge of a fold: fitted to the others. `stream` and `natural` are the folds of the articles.
    pub fn judge(mut self, stream: &[usize], natural: &[usize], without: usize) -> Judge {
        let model = self.fit(stream, natural, without);
        // What one seed has sampled is what figures are taken from.
        Judge { model, sight: self.sights.swap_remove(0) }
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

/// All articles in one fold, of the stream and of the real ones: to be used with [`NO_FOLD`].
pub fn undivided(data: &Data) -> (Vec<usize>, Vec<usize>) {
    (vec![0; data.stream.len()], vec![0; data.natural.len()])
}

/// The folds of the stream's articles: what was made from one article or template is in one, in each language by itself, as
/// two languages share neither words nor pairs. `deal` gives another division.
pub fn of_groups(data: &Data, deal: u64) -> Vec<usize> {
    let group = |(truth, article): (&Truth, &Article)| {
        fold(&format!("{} {}", truth.group, article.lang.as_deref().unwrap_or_default()), deal)
    };
    data.truth.iter().zip(&data.stream).map(group).collect()
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
