//! Which blocks of a page belong to its article.

use std::collections::{HashMap, HashSet};

use copydesk::article::Study;

use crate::corpus::Page;
use crate::tokens::{runs, words};

/// A block with fewer words is judged by equality with a line.
const SHORT: usize = 4;

/// Most that the blocks of one page count together.
const PAGE: f32 = 400.0;

/// For each block whether it belongs to the article, and how much it counts; none where nothing is known.
pub fn of(page: &Page, study: &Study) -> Vec<Option<(bool, f32)>> {
    match &page.gold {
        Some(gold) => by_text(gold, study),
        None => by_snippets(page, study),
    }
}

/// The text's runs are given out once, first to the blocks that the rules would keep: of a paragraph and its copy
/// elsewhere on the page one belongs to the article.
fn by_text(gold: &str, study: &Study) -> Vec<Option<(bool, f32)>> {
    let gold_words = words(gold);
    let mut left = runs(&gold_words);
    let lines: HashSet<Vec<&str>> = gold.lines().map(words).collect();
    let mut labels = vec![None; study.blocks.len()];
    for kept in [true, false] {
        for (block, label) in study.blocks.iter().zip(&mut labels) {
            let own = words(&block.text);
            if own.is_empty() || block.reason.is_none() != kept {
                continue;
            }
            let belongs = if own.len() < SHORT { lines.contains(&own) } else { take(&own, &mut left) >= 0.5 };
            let size = own.len().min(300) as f32;
            *label = Some((belongs, 40.0 * size / (gold_words.len() as f32 + 60.0) + 0.04));
        }
    }
    // A page of which the text is a small part must not count for many.
    let total: f32 = labels.iter().flatten().map(|(_, weight): &(bool, f32)| weight).sum();
    let scale = (PAGE / total).min(1.0);
    labels.iter_mut().flatten().for_each(|(_, weight)| *weight *= scale);
    labels
}

/// The share of the block's runs that the text still has; they are used up.
fn take<'t>(own: &[&'t str], left: &mut HashMap<&'t [&'t str], usize>) -> f32 {
    let mut shared = 0;
    for run in own.windows(SHORT) {
        if let Some(count) = left.get_mut(run).filter(|count| **count > 0) {
            *count -= 1;
            shared += 1;
        }
    }
    shared as f32 / (own.len() + 1 - SHORT) as f32
}

fn by_snippets(page: &Page, study: &Study) -> Vec<Option<(bool, f32)>> {
    let fold = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let with: Vec<String> = page.with.iter().map(|snippet| fold(snippet)).collect();
    let without: Vec<String> = page.without.iter().map(|snippet| fold(snippet)).collect();
    study
        .blocks
        .iter()
        .map(|block| {
            let text = fold(&block.text);
            let holds = |snippets: &[String]| snippets.iter().any(|snippet| text.contains(snippet.as_str()));
            match (holds(&with), holds(&without)) {
                (true, false) => Some((true, 2.0)),
                (false, true) => Some((false, 2.0)),
                _ => None,
            }
        })
        .collect()
}
