//! The probability that a text is right, fitted to texts of models that had not seen their hosts.

use copydesk::article::Extraction;
use copydesk::article::model::{Model, probability};

use crate::boost::{self, Examples, Growth};
use crate::corpus::{FOLDS, Input, Page};
use crate::score::NEWS;
use crate::tokens::Overlap;

/// Few trees of one question each: there is one example a page, and larger ones learn the examples by heart.
const GROWTH: Growth =
    Growth { trees: 60, leaves: 2, rate: 0.06, ridge: 3.0, least: 1.0, rows: 0.7, features: 0.6, seed: 3 };

/// Runs with other seeds whose mean is the model: one is a matter of chance with so few examples.
const RUNS: u64 = 4;

/// Shingle F1 from which on a text is right.
const RIGHT: f64 = 0.9;

/// Bins of the reliability table, each with as many pages.
const BINS: usize = 10;

/// Greatest mean distance between confidence and the share that is right, over the bins.
const CALIBRATION: f64 = 0.05;

/// Least probability that a right text has more confidence than a wrong one.
const RANKING: f64 = 0.75;

/// Confidence that is called sure, and the least share of the news pages of HTML that has it; a page without an article has not.
const SURE: f64 = 0.9;
const LEAST_SURE: f64 = 0.6;

/// Pages with their texts, where the text is known.
struct Case<'c> {
    page: &'c Page,
    extraction: &'c Extraction,
    right: bool,
}

fn cases<'c>(pages: &'c [Page], extractions: &'c [Option<Extraction>]) -> Vec<Case<'c>> {
    pages
        .iter()
        .zip(extractions)
        .filter(|(page, _)| page.is_measure())
        .filter_map(|(page, extraction)| {
            let extraction = extraction.as_ref()?;
            let right = Overlap::of(page.gold.as_ref()?, &extraction.article.body).f1() >= RIGHT;
            Some(Case { page, extraction, right })
        })
        .collect()
}

/// The model that ships, fitted to all pages.
pub fn fit(pages: &[Page], extractions: &[Option<Extraction>], input: Input, provenance: &str) -> Model {
    fit_to(cases(pages, extractions).iter(), input, provenance)
}

fn fit_to<'c>(cases: impl Iterator<Item = &'c Case<'c>>, input: Input, provenance: &str) -> Model {
    let mut examples = Examples::default();
    let mut features: Vec<String> = Vec::new();
    for case in cases {
        let Some(assessment) = &case.extraction.assessment else { continue };
        features = assessment.features.iter().map(|name| (*name).to_owned()).collect();
        examples.push(assessment.row.clone(), case.right, 1.0);
    }
    let provenance = format!("{provenance}{} texts; {GROWTH:?}", examples.rows.len());
    let trees = boost::fit_several(&examples, GROWTH, RUNS);
    match Model::new(&format!("{}-confidence", input.label()), &provenance, &features, &trees) {
        Ok(model) => model,
        Err(error) => unreachable!("fitted trees are trees: {error}"),
    }
}

/// Prints how far confidence can be believed, each page judged by a model that had not seen its host; answers whether
/// the bars are met.
pub fn print(pages: &[Page], extractions: &[Option<Extraction>], input: Input) -> bool {
    let cases = cases(pages, extractions);
    let mut judged: Vec<(f64, bool)> = Vec::new();
    let mut sure = 0;
    for fold in 0..FOLDS {
        let model = fit_to(cases.iter().filter(|case| case.page.fold != fold), input, "");
        for case in cases.iter().filter(|case| case.page.fold == fold) {
            if let Some(assessment) = &case.extraction.assessment {
                let confidence = f64::from(probability(model.score(&assessment.row)));
                sure += usize::from(confidence >= SURE && NEWS.contains(&case.page.set));
                judged.push((confidence, case.right));
            }
        }
    }
    judged.sort_by(|left, right| left.0.total_cmp(&right.0));
    let mut error = 0.0;
    print!("confidence (share right):");
    for bin in 0..BINS {
        let pages = &judged[bin * judged.len() / BINS..(bin + 1) * judged.len() / BINS];
        let size = pages.len().max(1) as f64;
        let confidence = pages.iter().map(|(confidence, _)| confidence).sum::<f64>() / size;
        let right = pages.iter().filter(|(_, right)| *right).count() as f64 / size;
        error += (confidence - right).abs() * pages.len() as f64 / judged.len() as f64;
        print!(" {confidence:.2} ({right:.2})");
    }
    let ranking = ranking(&judged);
    let news = pages.iter().filter(|page| NEWS.contains(&page.set)).count();
    let sure = sure as f64 / news.max(1) as f64;
    let is_sure = sure >= LEAST_SURE || input != Input::Html;
    println!();
    println!(
        "calibration error {error:.3} (at most {CALIBRATION}), ranking (AUC) {ranking:.3} (at least {RANKING}), news pages at {SURE} or \
         more {sure:.3} (at least {LEAST_SURE} for html)"
    );
    error <= CALIBRATION && ranking >= RANKING && is_sure
}

/// Area under the ROC curve of pages in rising order of confidence.
fn ranking(judged: &[(f64, bool)]) -> f64 {
    let (mut wrong, mut pairs) = (0.0, 0.0);
    for (_, right) in judged {
        if *right {
            pairs += wrong;
        } else {
            wrong += 1.0;
        }
    }
    let right = judged.len() as f64 - wrong;
    if wrong == 0.0 || right == 0.0 { 1.0 } else { pairs / (wrong * right) }
}
