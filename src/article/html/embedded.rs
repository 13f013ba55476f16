//! The text in a page's data, for pages that are an empty shell until their scripts have run.

use super::blocks::{self, Block};
use super::body::{self, Reason};
use super::tree::Tree;
use super::{Deadline, furniture, parse, prepass};
use crate::article::boilerplate::Rules;
use crate::article::{BlockKind, ExtractLimits, prose};
use crate::rejection::Rejection;

/// Why a block from the data is there.
pub(super) const RULE: &str = "data:article_body";

/// A page that shows this many words shows an article, if a short one: data may be another's.
const SHOWN_WORDS: usize = 50;

/// Data with fewer words is a summary.
const DATA_WORDS: usize = 100;

/// Whether the text in the data stands for what the page shows, which is next to nothing.
pub(super) fn replaces(data: &str, blocks: &[Block], reasons: &[Option<Reason>]) -> bool {
    let kept = blocks.iter().zip(reasons).filter(|(_, reason)| reason.is_none());
    let shown: usize = kept.map(|(block, _)| prose::words(&block.text)).sum();
    shown < SHOWN_WORDS && prose::words(data) >= DATA_WORDS
}

/// The paragraphs of the data, with why some of them are no part of the article. Lines are paragraphs; where it is
/// markup, the elements are.
pub(super) fn blocks(
    data: &str,
    rules: &Rules,
    limits: &ExtractLimits,
    deadline: Deadline,
) -> Result<Vec<(Block, Option<Reason>)>, Rejection> {
    let html: String = data.lines().map(|line| format!("<p>{line}")).collect();
    let prepared = prepass::run(&html, limits.max_attributes);
    let dom = parse::parse(&prepared.html, limits, deadline)?;
    let tree = Tree::flatten(&dom);
    let marks = furniture::mark(&tree, rules);
    let blocks = blocks::split(&tree, &marks);
    let reasons: Vec<Option<Reason>> = body::verdicts(&blocks, rules)
        .into_iter()
        .zip(&blocks)
        .map(|(verdict, block)| marks.reason(block.mark).cloned().or_else(|| body::by_words(verdict)))
        .collect();
    Ok(blocks.into_iter().zip(reasons).collect())
}

/// Puts the text of the data in the place of what the page shows.
pub(super) fn replace(blocks: &mut Vec<Block>, reasons: &mut Vec<Option<Reason>>, found: Vec<(Block, Option<Reason>)>) {
    for reason in reasons.iter_mut().filter(|reason| reason.is_none()) {
        *reason = Some((BlockKind::OutsideArticle, "data:instead".to_owned()));
    }
    for (block, reason) in found {
        blocks.push(block);
        reasons.push(reason);
    }
}
