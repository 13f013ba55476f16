//! Texts as the scores count them: words as `\w+` finds them, runs of four words.

use std::collections::HashMap;
use std::hash::Hash;

/// Words of letters, digits and underscores, case kept.
pub fn words(text: &str) -> Vec<&str> {
    text.split(|character: char| !(character.is_alphanumeric() || character == '_'))
        .filter(|word| !word.is_empty())
        .collect()
}

/// Words in lower case, where scripts without spaces have a word a character, and how often each stands in a text.
fn bag(text: &str) -> HashMap<String, usize> {
    let mut bag = HashMap::new();
    for word in words(&text.to_lowercase()) {
        for part in word.split_inclusive(is_unspaced) {
            let letter = part.char_indices().last().filter(|(_, character)| is_unspaced(*character));
            let (before, letter) = part.split_at(letter.map_or(part.len(), |(at, _)| at));
            for part in [before, letter].into_iter().filter(|part| !part.is_empty()) {
                *bag.entry(part.to_owned()).or_default() += 1;
            }
        }
    }
    bag
}

/// Thai, Lao, Burmese, Khmer, Japanese and Chinese.
fn is_unspaced(character: char) -> bool {
    matches!(
        character,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
            | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
    )
}

/// How often each run of four words stands in a text; a shorter text is one run.
pub fn runs<'t>(words: &'t [&'t str]) -> HashMap<&'t [&'t str], usize> {
    let mut runs = HashMap::new();
    if words.is_empty() {
        return runs;
    }
    for start in 0..words.len().saturating_sub(3).max(1) {
        *runs.entry(&words[start..words.len().min(start + 4)]).or_default() += 1;
    }
    runs
}

/// What two texts share and do not, each normalised by the sum: precision and recall of one page come from it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Overlap {
    pub shared: f64,
    pub surplus: f64,
    pub missed: f64,
}

impl Overlap {
    /// Of runs of four words.
    pub fn of(gold: &str, text: &str) -> Self {
        let (gold, text) = (words(gold), words(text));
        Self::between(&runs(&gold), &runs(&text))
    }

    /// Of bags of words.
    pub fn of_words(gold: &str, text: &str) -> Self {
        Self::between(&bag(gold), &bag(text))
    }

    fn between<K: Eq + Hash>(gold: &HashMap<K, usize>, text: &HashMap<K, usize>) -> Self {
        let shared: usize = gold.iter().map(|(part, count)| (*count).min(text.get(part).copied().unwrap_or(0))).sum();
        let surplus = text.values().sum::<usize>() - shared;
        let missed = gold.values().sum::<usize>() - shared;
        let all = (shared + surplus + missed) as f64;
        if all == 0.0 {
            return Self::default();
        }
        Self { shared: shared as f64 / all, surplus: surplus as f64 / all, missed: missed as f64 / all }
    }

    pub fn precision(self) -> f64 {
        ratio(self.shared, self.surplus)
    }

    pub fn recall(self) -> f64 {
        ratio(self.shared, self.missed)
    }

    /// 1 where both texts are empty.
    pub fn f1(self) -> f64 {
        let all = 2.0 * self.shared + self.surplus + self.missed;
        if all == 0.0 { 1.0 } else { 2.0 * self.shared / all }
    }
}

fn ratio(part: f64, other: f64) -> f64 {
    if part + other > 0.0 { part / (part + other) } else { 0.0 }
}

/// Shingle precision, recall and F1 over pages, as the best-known benchmark of the field counts them.
pub fn macro_f1(pages: &[Overlap]) -> (f64, f64, f64) {
    let mean =
        |values: Vec<f64>| if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 };
    let precision =
        mean(pages.iter().filter(|page| page.shared + page.surplus > 0.0).map(|page| page.precision()).collect());
    let recall = mean(pages.iter().filter(|page| page.shared + page.missed > 0.0).map(|page| page.recall()).collect());
    let f1 = if precision + recall > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 };
    (precision, recall, f1)
}
