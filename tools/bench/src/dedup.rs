//! Another index of near-duplicates over a stream of texts.

use gaoya::minhash::{MinHashIndex, MinHasher, MinHasher32};

/// 25 bands of 5: nearly every pair above a similarity of .7 becomes a candidate.
const BANDS: (usize, usize) = (25, 5);
const SIMILARITY: f64 = 0.7;
/// Words of a shingle.
const SHINGLE: usize = 5;

/// For each text the earlier one that it is taken for a copy of: the most similar.
pub fn gaoya(texts: &[String]) -> (Vec<Option<usize>>, impl Sized) {
    let hasher = MinHasher32::new(BANDS.0 * BANDS.1);
    let mut index: MinHashIndex<u32, usize> = MinHashIndex::new(BANDS.0, BANDS.1, SIMILARITY);
    let mut originals = Vec::with_capacity(texts.len());
    for (number, text) in texts.iter().enumerate() {
        let signature = hasher.create_signature(shingles(text).into_iter());
        let alike = index.query_owned_return_similarity(&signature);
        let best = alike.into_iter().max_by(|left, right| left.1.total_cmp(&right.1).then(right.0.cmp(&left.0)));
        originals.push(best.map(|(original, _)| original));
        index.insert(number, signature);
    }
    (originals, index)
}

fn shingles(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if words.len() < SHINGLE {
        return vec![words.join(" ")];
    }
    words.windows(SHINGLE).map(|window| window.join(" ")).collect()
}
