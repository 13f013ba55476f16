//! The last check: whether what is left is an article.

use super::plain::Draft;
use super::{Extraction, Flag, QualityPolicy, RemovedBlock, RemovedSummary, flags, prose};
use crate::rejection::Rejection;

/// The extraction, if it holds an article within the limit that the policy accepts.
pub(super) fn check(
    mut draft: Draft,
    max_body_bytes: usize,
    errors: &flags::ErrorPages,
    policy: &QualityPolicy,
) -> Result<Extraction, Rejection> {
    let words = prose::words(&draft.article.body);
    draft.article.flags = flags::of(&draft.article, words, &draft.removed, draft.linked, errors, policy);
    if let Some(flag) = policy.reject.iter().find(|flag| draft.article.flags.contains(flag)) {
        return Err(Rejection::Flagged { flag: *flag });
    }
    let body = &draft.article.body;
    // One word is no running text, however long.
    if words < 2 {
        let is_listing = draft.article.flags.contains(&Flag::Listing);
        return Err(if is_listing { Rejection::Flagged { flag: Flag::Listing } } else { Rejection::NoText });
    }
    if body.len() > max_body_bytes {
        return Err(Rejection::ArticleTooLarge { bytes: body.len(), limit: max_body_bytes });
    }
    draft.article.removed = summary(&draft.removed);
    Ok(Extraction { article: draft.article.within_bounds(), removed: draft.removed, assessment: draft.assessment })
}

/// What was removed, summed by kind and rule, in the order of first removal.
fn summary(removed: &[RemovedBlock]) -> Vec<RemovedSummary> {
    let mut sums: Vec<RemovedSummary> = Vec::new();
    for block in removed {
        let chars = u32::try_from(block.text.chars().count()).unwrap_or(u32::MAX);
        match sums.iter_mut().find(|sum| sum.kind == block.kind && sum.rule == block.rule) {
            Some(sum) => {
                sum.blocks = sum.blocks.saturating_add(1);
                sum.chars = sum.chars.saturating_add(chars);
            }
            None => sums.push(RemovedSummary { kind: block.kind, rule: block.rule.clone(), blocks: 1, chars }),
        }
    }
    sums
}
