//! HTML: byte pre-pass, bounded parse, flat tree, furniture marks, the container of the article, its blocks.
//!
//! The tree is flattened into document order, where a subtree is a range: no walk recurses, and sums over a
//! subtree are differences of prefix sums.

mod blocks;
mod body;
mod cards;
mod furniture;
mod parse;
mod prepass;
mod score;
mod sizes;
mod tree;

use std::time::{Duration, Instant};

pub(crate) use tree::{Node, Tree};

use super::boilerplate::Rules;
use super::plain::Draft;
use super::{Article, ExtractLimits, metadata, normalise};
use crate::document::Document;
use crate::rejection::Rejection;

/// The time that is left for one document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    end: Instant,
    limit: Duration,
}

impl Deadline {
    fn starting_now(limit: Duration) -> Self {
        let now = Instant::now();
        Self { end: now.checked_add(limit).unwrap_or(now), limit }
    }

    fn check(self) -> Result<(), Rejection> {
        if Instant::now() > self.end {
            let limit_ms = u64::try_from(self.limit.as_millis()).unwrap_or(u64::MAX);
            return Err(Rejection::DeadlineExceeded { limit_ms });
        }
        Ok(())
    }
}

/// The article of a page.
pub(super) fn extract(
    html: &str,
    document: &Document,
    rules: &Rules,
    limits: &ExtractLimits,
) -> Result<Draft, Rejection> {
    let deadline = Deadline::starting_now(limits.deadline);
    let prepared = prepass::run(html, limits.max_attributes);
    deadline.check()?;
    let dom = parse::parse(&prepared.html, limits, deadline)?;
    let tree = Tree::flatten(&dom);
    deadline.check()?;
    let page = metadata::of_page(&tree, &prepared.json_ld, document, rules);
    let marks = furniture::mark(&tree, rules);
    deadline.check()?;
    let blocks = blocks::split(&tree, &marks);
    let cards = cards::find(&tree, &blocks);
    let container = score::choose(&tree, &blocks, &cards, &marks, rules);
    deadline.check()?;
    let chosen = body::assemble(&tree, blocks, &cards, &marks, container, page.title.as_deref(), rules);
    deadline.check()?;
    let claimed = document.hints.language.as_deref().or(page.language.as_deref());
    let article = Article {
        language: normalise::detect(&chosen.body, claimed),
        body: chosen.body,
        title: page.title,
        authors: page.authors,
        published: page.published,
        modified: page.modified,
        description: page.description,
        section: page.section,
        tags: page.tags,
        dateline: None,
        source_url: None,
        canonical_url: page.canonical_url,
        site_name: page.site_name,
        removed: Vec::new(),
    };
    Ok(Draft { article, removed: chosen.removed })
}
