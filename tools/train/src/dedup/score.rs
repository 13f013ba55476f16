//! How near clusters come to what is known of copies.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::data::{Pair, Truth};

/// Of a kind: how many in all, and how many of them were found or were wrong.
pub type ByKind = BTreeMap<String, (usize, usize)>;

/// Clusters of the stream against its truth.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StreamScore {
    /// Of the pairs in one cluster, the share that belongs there.
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
    /// Adjusted Rand index.
    pub ari: f64,
    /// Share of hard negatives that are in a cluster with an article of another truth.
    pub hard_negatives_merged: f64,
    /// By kind of copy: found with its original, of all.
    pub found: ByKind,
    /// By kind of hard negative: merged, of all.
    pub merged: ByKind,
}

impl StreamScore {
    /// `clusters` has the cluster of each article of the truth, in order.
    pub fn of(clusters: &[usize], truth: &[Truth]) -> Self {
        let mut both: HashMap<(usize, &str), usize> = HashMap::new();
        let mut ours: HashMap<usize, usize> = HashMap::new();
        let mut known: HashMap<&str, usize> = HashMap::new();
        let mut mixed: HashMap<usize, HashSet<&str>> = HashMap::new();
        for (cluster, truth) in clusters.iter().zip(truth) {
            *both.entry((*cluster, &truth.cluster)).or_default() += 1;
            *ours.entry(*cluster).or_default() += 1;
            *known.entry(&truth.cluster).or_default() += 1;
            mixed.entry(*cluster).or_default().insert(&truth.cluster);
        }
        let (right, ours, known) = (pairs(both.values()), pairs(ours.values()), pairs(known.values()));
        let (precision, recall) = (right / ours.max(1.0), right / known.max(1.0));
        let chance = ours * known / pairs([truth.len()].iter());
        let places: HashMap<&str, usize> =
            truth.iter().enumerate().map(|(at, truth)| (truth.id.as_str(), at)).collect();
        let (mut found, mut merged) = (ByKind::new(), ByKind::new());
        for (cluster, truth) in clusters.iter().zip(truth) {
            if let Some(original) = &truth.duplicate_of {
                let original = places.get(original.as_str()).and_then(|at| clusters.get(*at));
                count(&mut found, &truth.variant, original == Some(cluster));
            } else if truth.variant.starts_with("hn_") {
                count(&mut merged, &truth.variant, mixed[cluster].len() > 1);
            }
        }
        let (bad, all) = merged.values().fold((0, 0), |sum, own| (sum.0 + own.0, sum.1 + own.1));
        Self {
            precision,
            recall,
            f1: mean(precision, recall),
            ari: (right - chance) / ((ours + known) / 2.0 - chance),
            hard_negatives_merged: bad as f64 / all.max(1) as f64,
            found,
            merged,
        }
    }

    /// The kind of copy that is found least, and the share that is.
    pub fn least_found(&self) -> (&str, f64) {
        let shares = self.found.iter().map(|(kind, (found, all))| (kind.as_str(), *found as f64 / *all as f64));
        shares.min_by(|left, right| left.1.total_cmp(&right.1)).unwrap_or(("", 0.0))
    }
}

/// Clusters of real articles against pairs that were read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PairScore {
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
    /// By kind of pair: wrong, of all.
    pub wrong: ByKind,
}

impl PairScore {
    /// `clusters` has the cluster of each article.
    pub fn of(clusters: &[usize], read: &[Pair]) -> Self {
        let (mut right, mut ours, mut known) = (0.0, 0.0, 0.0);
        let mut wrong = ByKind::new();
        for pair in read {
            let [left, other] = pair.articles;
            let joined = clusters[left] == clusters[other];
            right += f64::from(u8::from(joined && pair.copy));
            ours += f64::from(u8::from(joined));
            known += f64::from(u8::from(pair.copy));
            count(
                &mut wrong,
                &format!("{} {}", if pair.copy { "copy" } else { "distinct" }, pair.kind),
                joined != pair.copy,
            );
        }
        let (precision, recall) = (right / f64::max(ours, 1.0), right / f64::max(known, 1.0));
        Self { precision, recall, f1: mean(precision, recall), wrong }
    }
}

fn count(kinds: &mut ByKind, kind: &str, counts: bool) {
    let entry = kinds.entry(kind.to_owned()).or_default();
    entry.0 += usize::from(counts);
    entry.1 += 1;
}

fn pairs<'s>(sizes: impl Iterator<Item = &'s usize>) -> f64 {
    sizes.map(|size| *size as f64 * (*size as f64 - 1.0) / 2.0).sum()
}

/// The harmonic mean.
fn mean(precision: f64, recall: f64) -> f64 {
    if precision + recall > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 }
}
