//! The table of frequencies: in what share of a language's articles each word is.

use std::collections::{HashMap, HashSet};

use copydesk::fingerprint::near::{Counter, Frequencies, RAREST, SHARES};

/// Fewer articles of a language than this prove little: a share is counted as if so many more had not had the word.
const DOUBT: f64 = 20.0;
/// A pair of words in a greater share of a language's articles tells no text from another.
const FREQUENT_PAIR: f64 = 0.012;
/// Fewer articles say nothing of a pair.
const LEAST_PAIR: u32 = 4;

/// Counts texts, each with its language.
pub fn frequencies<'t>(texts: impl Iterator<Item = (&'t str, &'t str)>, provenance: &str) -> Frequencies {
    let counter = Counter::default();
    let mut words: HashMap<&str, HashMap<u64, u32>> = HashMap::new();
    let mut pairs: HashMap<&str, HashMap<u64, u32>> = HashMap::new();
    let mut articles: HashMap<&str, u32> = HashMap::new();
    for (language, text) in texts {
        let (own_words, own_pairs) = counter.read(text);
        *articles.entry(language).or_default() += 1;
        count(words.entry(language).or_default(), own_words);
        count(pairs.entry(language).or_default(), own_pairs);
    }
    let mut table = Frequencies::empty(provenance);
    for (language, counts) in &words {
        let all = f64::from(articles[language]) + DOUBT;
        for (word, count) in counts {
            // Once or twice proves nothing, and would tell counted texts from others.
            if *count > 2 {
                let share = f64::from(*count) / all;
                let class = SHARES.iter().position(|bound| share > *bound).map_or(RAREST, |class| class as u8);
                table.add_word(*word, class);
            }
        }
    }
    for (language, counts) in &pairs {
        let all = f64::from(articles[language]) + 5.0 * DOUBT;
        for (pair, count) in counts {
            if *count >= LEAST_PAIR && f64::from(*count) / all > FREQUENT_PAIR {
                table.add_pair(*pair);
            }
        }
    }
    table
}

fn count(counts: &mut HashMap<u64, u32>, found: Vec<u64>) {
    for own in found.into_iter().collect::<HashSet<_>>() {
        *counts.entry(own).or_default() += 1;
    }
}
