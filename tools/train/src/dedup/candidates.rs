//! Which earlier articles each article of a stream is compared with, as the engine looks for them.

use std::collections::{HashMap, HashSet};

use copydesk::fingerprint::near::Sketch;

/// Newest articles of a band that are looked at.
const PER_BAND: usize = 24;
/// Most comparisons for one article.
const MOST: usize = 48;

/// For each article the earlier ones that share a band with it, those with most bands first.
pub fn of(sketches: &[Sketch]) -> Vec<Vec<usize>> {
    let mut bands: HashMap<u32, Vec<usize>> = HashMap::new();
    let mut all = Vec::new();
    for (place, sketch) in sketches.iter().enumerate() {
        let mut hits: HashMap<usize, u32> = HashMap::new();
        let keys: HashSet<u32> = sketch.bands().collect();
        for key in keys {
            let bucket = bands.entry(key).or_default();
            bucket.iter().rev().take(PER_BAND).for_each(|other| *hits.entry(*other).or_default() += 1);
            bucket.push(place);
        }
        let mut found: Vec<(usize, u32)> = hits.into_iter().collect();
        found.sort_by_key(|(other, hits)| (std::cmp::Reverse(*hits), *other));
        all.push(found.into_iter().take(MOST).map(|(other, _)| other).collect());
    }
    all
}
