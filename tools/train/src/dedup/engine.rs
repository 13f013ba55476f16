//! Candidates and clusters of a stream, as the service makes them: each article is compared with those that share a band with
//! it and represent a cluster, and joins the cluster of the most probable original, if that is probable enough.

use std::collections::HashMap;

use copydesk::fingerprint::near::{Sample, Sketch};

/// Newest articles of a band that are looked at.
const PER_BAND: usize = 24;
/// Most comparisons for one article.
const MOST: usize = 48;
/// Members of a cluster that later articles are compared with.
const REPRESENTATIVES: usize = 4;

/// Which articles share a band; articles are numbered as they come.
#[derive(Default)]
pub struct Candidates {
    bands: HashMap<u32, Vec<u32>>,
    samples: Vec<Sample>,
}

impl Candidates {
    /// The earlier articles that are worth comparing with the next one, those that share most bands first.
    pub fn meet(&mut self, next: &Sketch) -> Met {
        let number = self.samples.len() as u32;
        let sample = next.sample();
        let mut hits: Vec<u32> = Vec::new();
        for key in next.bands() {
            let bucket = self.bands.entry(key).or_default();
            hits.extend(bucket.iter().rev().filter(|other| **other != number).take(PER_BAND));
            bucket.push(number);
        }
        hits.sort_unstable();
        let mut found: Vec<(usize, u32)> = Vec::new();
        for other in hits {
            match found.last_mut() {
                Some((count, known)) if *known == other => *count += 1,
                _ => found.push((1, other)),
            }
        }
        found.sort_by_key(|(count, other)| (std::cmp::Reverse(*count), *other));
        let all: Vec<usize> = found.into_iter().take(MOST).map(|(_, other)| other as usize).collect();
        let alike = all.iter().copied().filter(|other| !self.samples[*other].is_unlike(&sample)).collect();
        self.samples.push(sample);
        Met { all, alike }
    }
}

/// Earlier articles that share a band with one.
pub struct Met {
    /// All of them: what a model is fitted to.
    #[allow(dead_code, reason = "the bench asks for no more than the service does")]
    pub all: Vec<usize>,
    /// Those whose sample is not unlike its own: what the service compares.
    pub alike: Vec<usize>,
}

/// The clusters of the articles so far.
#[derive(Default)]
pub struct Clusters {
    /// The cluster of each article, named by its first.
    pub of: Vec<usize>,
    members: Vec<usize>,
    represents: Vec<bool>,
}

impl Clusters {
    /// Whether later articles are compared with this one.
    pub fn represents(&self, article: usize) -> bool {
        self.represents[article]
    }

    /// Takes the next article, a copy of `original` or of nothing.
    pub fn join(&mut self, original: Option<usize>) {
        let next = self.of.len();
        let cluster = original.map_or(next, |original| self.of[original]);
        self.of.push(cluster);
        self.members.push(0);
        self.represents.push(self.members[cluster] < REPRESENTATIVES);
        self.members[cluster] += 1;
    }
}

/// The most probable of these, if it is probable enough; of equals the first.
pub fn most_probable(found: impl Iterator<Item = (usize, f32)>, threshold: f32) -> Option<usize> {
    let probable = found.filter(|(_, probability)| *probability >= threshold);
    let best = probable.max_by(|left, right| left.1.total_cmp(&right.1).then(right.0.cmp(&left.0)));
    best.map(|(article, _)| article)
}
