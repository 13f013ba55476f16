//! Copies that are not equal: candidates by the bands of their sketches, then a comparison with each.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::adjudicate::{Evidence, View};
use super::{ArticleId, Bands, Claim, Verdict};
use crate::fingerprint::near::{Comparison, Sketch, compare, compare_all};
use crate::index::{IndexError, Query};
use crate::source::Coordinate;

/// Copies of one article that represent it, beside its own texts.
const MOST_MEMBERS: usize = 3;
/// Related articles that are named.
const MOST_RELATED: usize = 5;

/// How near a copy is to what it copies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Likeness {
    /// The delivery that carried the published text which it copies.
    pub to: Coordinate,
    /// The probability that it is a copy, in thousandths.
    pub similarity_permille: u16,
    /// How much of the shorter text is not in the longer, in thousandths.
    pub change_permille: u16,
}

impl Likeness {
    fn of(to: &Coordinate, comparison: Comparison) -> Self {
        let permille = |share: f32| (share.clamp(0.0, 1.0) * 1000.0).round() as u16;
        Self {
            to: to.clone(),
            similarity_permille: permille(comparison.probability),
            change_permille: permille(1.0 - comparison.overlap),
        }
    }

    /// The probability that it is a copy, 0 to 1.
    pub fn similarity(&self) -> f64 {
        f64::from(self.similarity_permille) / 1000.0
    }

    /// How much of the shorter text is not in the longer, 0 to 1.
    pub fn change(&self) -> f64 {
        f64::from(self.change_permille) / 1000.0
    }
}

/// The claim that a text was found to be most like.
#[derive(Debug, Clone, PartialEq)]
pub struct Nearest {
    /// The claim; it has a sketch.
    pub claim: Arc<Claim>,
    /// How like.
    pub comparison: Comparison,
}

/// What a decision has cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Search {
    /// Claims that share a band.
    pub candidates: usize,
    /// Comparisons of sketches.
    pub comparisons: usize,
}

/// What is known of the texts like one.
#[derive(Default)]
pub(super) struct Neighbours {
    /// The text that it is a copy of.
    pub(super) copied: Option<NearCopy>,
    /// Articles in the band below, most alike first.
    pub(super) related: Vec<ArticleId>,
    /// The most alike of all, whatever came of it.
    pub(super) nearest: Option<Nearest>,
    pub(super) search: Search,
}

/// A text that another is a copy of.
pub(super) struct NearCopy {
    /// The claim that told: of the original's own text, or of a copy that represents it.
    pub(super) by: Arc<Claim>,
    /// The newest claim of the original.
    pub(super) original: Arc<Claim>,
    pub(super) likeness: Likeness,
    /// Whether the copy represents the original too: few do.
    pub(super) is_member: bool,
}

/// Looks for what a text is near to.
pub(super) fn search(sketch: &Sketch, bands: Bands, view: &View<'_, impl Evidence>) -> Result<Neighbours, IndexError> {
    let candidates = view.candidates(sketch)?;
    let sketches: Vec<&Sketch> = candidates.iter().filter_map(|claim| claim.sketch.as_ref()).collect();
    let comparisons = compare_all(&sketches, sketch);
    let claims = candidates.iter().filter(|claim| claim.sketch.is_some());
    let compared = claims.zip(comparisons);
    let mut compared: Vec<Nearest> =
        compared.map(|(claim, comparison)| Nearest { claim: Arc::clone(claim), comparison }).collect();
    // The most alike first, and of equals the one that was first.
    compared.sort_by(|a, b| {
        let alike = b.comparison.probability.total_cmp(&a.comparison.probability);
        alike.then_with(|| a.claim.precedence().cmp(&b.claim.precedence()))
    });
    let count = compared.len();
    let mut found = Neighbours {
        nearest: compared.first().cloned(),
        search: Search { candidates: count, comparisons: count },
        ..Neighbours::default()
    };
    for near in compared.iter().filter(|near| near.comparison.probability >= bands.copy) {
        found.copied = copied(near, &compared, sketch, bands, view, &mut found.search)?;
        if found.copied.is_some() {
            break;
        }
    }
    for near in compared.iter().filter(|near| near.comparison.probability >= bands.related) {
        let article = near.claim.original();
        if found.related.len() < MOST_RELATED && !found.related.contains(article) {
            found.related.push(article.clone());
        }
    }
    Ok(found)
}

/// What a text is a copy of, that a claim is near to. A copy of a copy must be like the published text too: many small
/// edits, one upon another, make another article.
fn copied(
    near: &Nearest,
    compared: &[Nearest],
    sketch: &Sketch,
    bands: Bands,
    view: &View<'_, impl Evidence>,
    search: &mut Search,
) -> Result<Option<NearCopy>, IndexError> {
    let Some(original) = view.find(Query::Article(near.claim.original()))? else { return Ok(None) };
    if original.is_retracted() {
        return Ok(None);
    }
    let to = near.claim.likeness.as_ref().filter(|_| near.claim.verdict == Verdict::Near).map(|likeness| &likeness.to);
    if let Some(to) = to
        && let Some(published) = view.find(Query::Coordinate(to))?
        && let Some(its) = &published.sketch
    {
        search.comparisons += 1;
        if compare(its, sketch).probability < bands.related {
            return Ok(None);
        }
    }
    let members = compared
        .iter()
        .filter(|other| other.claim.verdict == Verdict::Near && other.claim.original() == near.claim.original());
    Ok(Some(NearCopy {
        likeness: Likeness::of(to.unwrap_or(&near.claim.delivery), near.comparison),
        by: Arc::clone(&near.claim),
        original,
        is_member: members.count() < MOST_MEMBERS,
    }))
}
