//! How sure it is that a text is the article: the whole of it, and nothing else.

use super::Assessment;
use super::features::{Rows, share};
use super::model::{Model, probability};

/// One block as it was judged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weighed {
    pub(crate) weight: usize,
    /// What the classifier says, as log odds.
    pub(crate) score: f32,
    pub(crate) kept: bool,
    /// Whether the rules alone would have kept it.
    pub(crate) by_rules: bool,
}

/// The features of a document, in one row: how much text is doubtful, and how far rules and classifier agree.
fn describe(blocks: &[Weighed]) -> Rows {
    let mut row = Rows::default();
    row.begin();
    let (mut kept, mut kept_mass, mut mass, mut rules, mut both) = (0.0, 0.0, 0.0, 0.0, 0.0);
    let (mut doubtful_kept, mut doubtful_left, mut runs) = (0.0, 0.0, 0_usize);
    let mut before = false;
    for block in blocks {
        let weight = share(block.weight, 1);
        let likely = probability(block.score);
        mass += weight * likely;
        rules += if block.by_rules { weight } else { 0.0 };
        both += if block.by_rules && block.kept { weight } else { 0.0 };
        if block.kept {
            kept += weight;
            kept_mass += weight * likely;
            doubtful_kept += if likely < 0.8 { weight } else { 0.0 };
        } else {
            doubtful_left += if likely > 0.2 { weight } else { 0.0 };
        }
        runs += usize::from(block.kept && !before);
        before = block.kept;
    }
    row.push("expected_precision", ratio(kept_mass, kept));
    row.push("expected_recall", ratio(kept_mass, mass));
    row.push("expected_f1", ratio(2.0 * kept_mass, kept + mass));
    row.push("agreement", ratio(2.0 * both, kept + rules));
    row.push("doubtful_kept", ratio(doubtful_kept, kept));
    row.push("doubtful_left", ratio(doubtful_left, kept));
    row.count("kept_runs", runs);
    of_edges(&mut row, blocks, kept);
    row
}

/// The part that one number is of another; 0 of nothing.
fn ratio(part: f32, whole: f32) -> f32 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// The same of where the text begins and ends, and of what is left out within it. `kept` is its weight.
fn of_edges(row: &mut Rows, blocks: &[Weighed], kept: f32) {
    let first = blocks.iter().position(|block| block.kept).unwrap_or(0);
    let end = blocks.iter().rposition(|block| block.kept).map_or(0, |last| last + 1);
    let within = first..end;
    let (mut doubt, mut left_within, mut most_left) = (0.0, 0.0, 0.0);
    let mut unsure = 0;
    for (at, block) in blocks.iter().enumerate() {
        let (weight, likely) = (share(block.weight, 1), probability(block.score));
        doubt += weight * likely * (1.0 - likely);
        unsure += usize::from((0.15..0.85).contains(&likely));
        if !block.kept {
            left_within += if within.contains(&at) { weight } else { 0.0 };
            most_left = f32::max(most_left, weight * likely);
        }
    }
    let likely = |at: Option<usize>| at.and_then(|at| blocks.get(at)).map_or(0.0, |block| probability(block.score));
    row.push("doubt", ratio(doubt, kept));
    row.count("unsure_blocks", unsure);
    row.push("left_within", ratio(left_within, kept));
    row.push("most_left", ratio(most_left, kept));
    row.push("p_first", likely(Some(first)));
    row.push("p_last", likely(end.checked_sub(1)));
}

/// What a document's confidence is judged by.
pub(crate) fn assess(blocks: &[Weighed]) -> Assessment {
    let rows = describe(blocks);
    Assessment { features: rows.names().to_vec(), row: rows.iter().flatten().copied().collect() }
}

/// The probability that the text is the article, 0 to 1 in thousandths, so that it is the same on every platform; none
/// without a model.
pub(crate) fn of(assessment: &Assessment, model: &Model) -> Option<f64> {
    if model.is_empty() {
        return None;
    }
    Some((f64::from(probability(model.score(&assessment.row))) * 1000.0).round() / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feature(row: &Rows, name: &str) -> Option<f32> {
        let at = row.names().iter().position(|known| *known == name)?;
        row.iter().next()?.get(at).copied()
    }

    #[test]
    fn doubt_and_disagreement_are_seen() {
        let block = |weight, score, kept, by_rules| Weighed { weight, score, kept, by_rules };
        let row = describe(&[block(100, 4.0, true, true), block(100, 0.1, true, false), block(50, -0.1, false, true)]);
        let value = |name: &str| feature(&row, name);
        assert_eq!(value("doubtful_kept"), Some(0.5));
        assert_eq!(value("doubtful_left"), Some(0.25));
        assert_eq!(value("kept_runs"), Some(1.0));
        assert_eq!(value("agreement"), Some(200.0 / 350.0));
        let row = describe(&[
            block(50, -2.0, false, false),
            block(100, 4.0, true, true),
            block(20, -4.0, false, true),
            block(100, 1.0, true, true),
        ]);
        let value = |name: &str| feature(&row, name);
        assert_eq!(value("left_within"), Some(0.1));
        assert_eq!((value("p_first"), value("p_last")), (Some(probability(4.0)), Some(probability(1.0))));
        assert_eq!(value("unsure_blocks"), Some(1.0));
    }
}
