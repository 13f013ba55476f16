//! What deduplication found, as records and duplicate events say it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::verdict::{ArticleId, Decision, Likeness, Verdict};

/// What deduplication found about a delivery.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Dedup {
    /// The verdict.
    pub verdict: Verdict,
    /// Names the article and all its copies: the id of the first of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<ArticleId>,
    /// For a copy, the id of the article whose text it is: the first of its cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<ArticleId>,
    /// For a copy, or a revision that was found by its text: how sure that is, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub similarity: Option<f64>,
    /// How that was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// Articles that it has something in common with, but not enough for a copy; the most alike first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<ArticleId>,
}

/// How two texts were found to be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// They are equal but for punctuation, case and white space.
    EqualText,
    /// They are near: one is cut, edited, or stands under another headline.
    NearText,
}

impl Dedup {
    pub(super) fn of(decision: &Decision) -> Self {
        let claim = &decision.claim;
        let (similarity, method) = how(decision);
        Self {
            verdict: decision.verdict,
            cluster_id: Some(claim.original().clone()),
            of: claim.of.clone(),
            similarity,
            method,
            related: claim.related.clone(),
        }
    }
}

/// How sure a decision is that its text is another's, and how that was found.
pub(super) fn how(decision: &Decision) -> (Option<f64>, Option<Method>) {
    match (&decision.claim.likeness, decision.claim.verdict) {
        (Some(likeness), _) => (Some(likeness.similarity()), Some(Method::NearText)),
        (None, Verdict::Exact) => (Some(1.0), Some(Method::EqualText)),
        (None, _) => (None, None),
    }
}

/// How much a copy differs from what it copies, 0 to 1.
pub(super) fn change(decision: &Decision) -> f64 {
    decision.claim.likeness.as_ref().map_or(0.0, Likeness::change)
}
