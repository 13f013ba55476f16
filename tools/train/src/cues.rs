//! Words that tell lines of an article from furniture, counted by owners of hosts, so that one large site says no more than a small
//! one, and by groups of hosts, so that a line is described by words that were counted without its own group.

use std::collections::HashMap;

use copydesk::article::{Cues, Study, cues_of};

use crate::corpus::{FOLDS, Page};
use crate::labels;

/// Owners of whom a word must be known.
const OWNERS: f64 = 3.0;

/// Owners of whom nothing is known, who would use a word in lines of articles as often as in any line.
const UNKNOWN: f64 = 2.0;

/// Share of all lines that are the article's, where each word counts as often.
const USUAL: f64 = 0.35;

/// For each cue, and for each group of hosts: the sum over owners of the share of their lines with it that is the article's, and
/// the number of owners.
pub struct Counts {
    name: String,
    of: HashMap<u32, [(f64, f64); FOLDS]>,
}

impl Counts {
    /// Counts the lines of pages whose known text can be trusted; `name` is the tables'.
    pub fn of<'p>(name: String, pages: impl Iterator<Item = (&'p Page, &'p Study)>) -> Self {
        let mut owners: HashMap<(u32, &str), (usize, f64, f64)> = HashMap::new();
        for (page, study) in pages {
            for (block, label) in study.blocks.iter().zip(labels::of(page, study)) {
                let Some((belongs, weight)) = label else { continue };
                for cue in cues_of(&block.text) {
                    let (_, own, all) = owners.entry((cue, &page.owner)).or_insert((page.fold, 0.0, 0.0));
                    *own += if belongs { f64::from(weight) } else { 0.0 };
                    *all += f64::from(weight);
                }
            }
        }
        let mut counts: HashMap<u32, [(f64, f64); FOLDS]> = HashMap::new();
        // In one order, so that sums are the same in each run.
        let mut owners: Vec<_> = owners.into_iter().collect();
        owners.sort_unstable_by_key(|(key, _)| *key);
        for ((cue, _), (fold, own, all)) in owners {
            let (sum, count) = &mut counts.entry(cue).or_default()[fold];
            *sum += own / all;
            *count += 1.0;
        }
        Self { name, of: counts }
    }

    /// The table without what some groups of hosts say.
    pub fn without(&self, groups: &[usize], provenance: &str) -> Cues {
        let odds = |share: f64| (share / (1.0 - share)).ln();
        let entries = self.of.iter().filter_map(|(cue, folds)| {
            let others = folds.iter().enumerate().filter(|(fold, _)| !groups.contains(fold)).map(|(_, count)| count);
            let (sum, owners) = others.fold((0.0, 0.0), |(sum, owners), (own, count)| (sum + own, owners + count));
            let share = (sum + UNKNOWN * USUAL) / (owners + UNKNOWN);
            (owners >= OWNERS).then(|| (*cue, odds(share) - odds(USUAL)))
        });
        Cues::new(&self.name, provenance, entries)
    }
}
