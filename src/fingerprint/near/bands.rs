//! Candidate keys of a sketch: two texts that share one are worth comparing.
//!
//! Most come from the MinHash over the whole text, in bands of two; they find texts that are alike as a whole. Some come
//! from the words of the lead, so that a short cut of a long text is found, and one from the title.

use super::hash::mix;
use super::layout::{BINS, EMPTY, LEAD, Sketch, TITLE};

/// Bins whose values make one key together.
const ROWS: usize = 2;
/// Keys from the whole text.
const TEXTS: usize = 20;
/// Keys from the lead.
const LEADS: u64 = 5;
/// Fewer words make no key: many titles are one word.
const LEAST_TITLE: usize = 4;

/// The keys, each kind at its own places; none for a text without words.
pub(super) fn keys(sketch: &Sketch) -> Vec<u32> {
    let Some(bins) = dense(sketch.bins()) else { return Vec::new() };
    let mut keys = Vec::with_capacity(TEXTS + LEADS as usize + 1);
    keys.extend(bins.chunks_exact(ROWS).take(TEXTS).zip(0_u64..).map(|(rows, band)| key(band, rows)));
    let lead = sketch.list(LEAD);
    for band in 100..100 + LEADS {
        // MinHash over neighbours in the lead, another order of hashes for each key.
        let least = lead.windows(2).map(|pair| key(band, pair)).min();
        keys.push(least.unwrap_or_else(|| key(band, &bins)));
    }
    let title = sketch.list(TITLE);
    if title.len() >= LEAST_TITLE {
        keys.push(key(200, &title));
    }
    keys
}

/// Fills empty bins from others, so that short texts have keys too (after Shrivastava, "Optimal densification for fast
/// and accurate minwise hashing", 2017). None where all are empty.
fn dense(bins: [u16; BINS]) -> Option<[u16; BINS]> {
    if bins.iter().all(|bin| *bin == EMPTY) {
        return None;
    }
    let mut full = bins;
    for (at, bin) in full.iter_mut().enumerate() {
        let mut attempt = 0;
        while *bin == EMPTY {
            attempt += 1;
            let other = mix((at * 1_000_003 + attempt) as u64) % BINS as u64;
            *bin = bins.get(other as usize).copied().unwrap_or(EMPTY);
        }
    }
    Some(full)
}

fn key(band: u64, codes: &[u16]) -> u32 {
    (codes.iter().fold(mix(band), |key, code| mix(key ^ u64::from(*code))) >> 32) as u32
}
