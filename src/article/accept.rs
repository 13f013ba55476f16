//! The last check: whether what is left is an article.

use super::plain::Draft;
use super::{BlockKind, Extraction, RemovedBlock, RemovedSummary, prose};
use crate::rejection::Rejection;

/// A body below this, in characters of weight, beside a longer consent notice is what the notice left over.
const WALL_REST: usize = 140;

/// A line with fewer words is a label: a menu beside the notice is no article, however long.
const LABEL_WORDS: usize = 8;

/// The extraction, if it holds an article within the limit.
pub(super) fn check(mut draft: Draft, max_body_bytes: usize) -> Result<Extraction, Rejection> {
    let body = &draft.article.body;
    if is_consent_wall(body, &draft.removed) {
        return Err(Rejection::ConsentWall);
    }
    if !body.chars().any(char::is_alphanumeric) {
        return Err(Rejection::NoText);
    }
    if body.len() > max_body_bytes {
        return Err(Rejection::ArticleTooLarge { bytes: body.len(), limit: max_body_bytes });
    }
    draft.article.removed = summary(&draft.removed);
    Ok(Extraction { article: draft.article, removed: draft.removed, assessment: draft.assessment })
}

fn is_consent_wall(body: &str, removed: &[RemovedBlock]) -> bool {
    let notice: usize =
        removed.iter().filter(|block| block.kind == BlockKind::Consent).map(|block| prose::weight(&block.text)).sum();
    if notice == 0 {
        return false;
    }
    let rest = prose::weight(body);
    let labels_only = body.lines().all(|line| prose::words(line) < LABEL_WORDS);
    rest == 0 || (notice > rest && (rest < WALL_REST || labels_only))
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
