//! HTML: byte pre-pass, bounded parse, flat tree, furniture marks, the container of the article, its blocks.
//!
//! The tree is flattened into document order, where a subtree is a range: no walk recurses, and sums over a
//! subtree are differences of prefix sums.

mod blocks;
mod body;
mod cards;
mod classify;
mod decide;
mod embedded;
mod furniture;
mod links;
mod makers;
mod mounted;
mod parse;
mod prepass;
mod references;
mod repeats;
mod rows;
mod score;
mod sizes;
mod spans;
mod split;
mod state;
mod tree;

use std::time::{Duration, Instant};

pub(crate) use tree::{Node, Tree, What};

use super::boilerplate::{Rules, Verdict};
use super::classifier;
use super::confidence::{self, Weighed};
use super::features::{Cues, Rows};
use super::metadata::PageFields;
use super::model::{Model, probability};
use super::plain::Draft;
use super::{
    Article, Assessment, ExplainedBlock, Explanation, ExtractLimits, FieldSource, Models, StudiedBlock, Study, metadata,
};
use crate::document::Document;
use crate::rejection::Rejection;
use blocks::Block;
use body::Reason;
use classify::Asked;
use mounted::Mounted;
use spans::Spans;

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

/// A page in its parts, before anything is decided.
struct Parts<'d> {
    tree: Tree<'d>,
    page: PageFields,
    blocks: Vec<Block>,
    spans: Spans,
    /// What each block looks like.
    looks: Vec<u64>,
    /// What the words of each say.
    verdicts: Vec<Option<Verdict>>,
    reasons: Vec<Option<Reason>>,
    /// The blocks that the classifier is asked about.
    asked: Asked,
    /// A row for each of those; none where it is not asked at all.
    rows: Option<Rows>,
    /// What the user's own rules say.
    mounted: Mounted,
    /// Scripts, among which may be the state of the page's application.
    scripts: Vec<prepass::Script<'d>>,
}

/// Parses a page and hands its parts on: the tree borrows from what is parsed here. `cues` gives the words by which blocks are
/// described, of a page whose elements have no names and of another.
fn take_apart<'c, T>(
    html: &str,
    document: &Document,
    rules: &Rules,
    cues: impl FnOnce(bool) -> &'c Cues,
    limits: &ExtractLimits,
    then: impl FnOnce(Parts<'_>, Deadline) -> Result<T, Rejection>,
) -> Result<T, Rejection> {
    let deadline = Deadline::starting_now(limits.deadline);
    let (dom, scripts) = parse::parse(html, rules.mounted.attributes(), limits, deadline)?;
    let tree = Tree::flatten(&dom);
    deadline.check()?;
    let mut names = rules.selectors.names();
    let mut page = metadata::of_page(&tree, &scripts.json_ld, document, rules, &mut names);
    let mounted = Mounted::find(&rules.mounted, &dom, &tree, page.host(), deadline)?;
    page.title = mounted.title.clone().or(page.title);
    let marks = furniture::mark(&tree, &mut names, &mounted);
    deadline.check()?;
    let blocks = split::split(&tree, &marks);
    let cards = cards::find(&tree, &blocks);
    let spans = Spans::of_page(&tree, &blocks);
    let content = score::content(&tree, &marks, &mut names);
    let words = rows::Words::of(&blocks, &page);
    let container = score::choose(&score::Page {
        tree: &tree,
        blocks: &blocks,
        words: &words,
        spans: &spans,
        cards: &cards,
        marks: &marks,
        content: &content,
    });
    deadline.check()?;
    let reasons = body::by_place(&tree, &blocks, &marks, body::Place { container, mounted: &mounted });
    let asked = Asked::of(&blocks, &reasons);
    let verdicts = body::verdicts(&blocks, &asked, rules);
    let reasons = body::by_rules(reasons, &blocks, &verdicts, &cards, &page);
    let looks = rows::looks(&tree, &blocks);
    let kept = blocks.iter().zip(&reasons).filter(|(_, reason)| reason.is_none());
    let is_scored = classifier::takes(kept.map(|(block, _)| block.words).sum(), asked.places().len());
    let rows = is_scored.then(|| {
        let page = rows::Page {
            tree: &tree,
            blocks: &blocks,
            cards: &cards,
            marks: &marks,
            container,
            verdicts: &verdicts,
            reasons: &reasons,
            spans: &spans,
            content: &content,
            looks: &looks,
        };
        page.rows(&asked, words, cues(tree.is_bare))
    });
    deadline.check()?;
    let scripts = scripts.others;
    let parts = Parts { tree, page, blocks, spans, looks, verdicts, reasons, asked, rows, mounted, scripts };
    then(parts, deadline)
}

/// What became of each block of a page.
struct Judged {
    page: PageFields,
    blocks: Vec<Block>,
    reasons: Vec<Option<Reason>>,
    /// Log odds that the classifier gives; none without one.
    scores: Option<Vec<f32>>,
    /// From this block on they come from the page's data; they were not scored.
    shown: usize,
    /// The rule that took those.
    rule: &'static str,
    /// Whether the page's elements have no names.
    is_bare: bool,
    /// What confidence is judged by; none without a classifier, and none where the text is not what it judged.
    assessment: Option<Assessment>,
    /// The title, where the user's own rules say where it stands.
    mounted_title: Option<String>,
}

fn judge(
    html: &str,
    document: &Document,
    rules: &Rules,
    models: &Models,
    limits: &ExtractLimits,
) -> Result<Judged, Rejection> {
    let cues = |is_bare| &models.of_page(is_bare).0.cues;
    let (mut judged, data, deadline) = take_apart(html, document, rules, cues, limits, |parts, deadline| {
        let Parts { tree, page, blocks, spans, looks, verdicts, mut reasons, asked, rows, mounted, scripts } = parts;
        let is_bare = tree.is_bare;
        let scores = rows.and_then(|rows| {
            let context = |rows: &Rows, first: &[f32]| asked.with_context(rows, first, &tree, &spans, &blocks, &looks);
            Some(asked.scores(&models.of_page(is_bare).0.scores(&rows, context)?))
        });
        let by_rules: Vec<bool> = reasons.iter().map(Option::is_none).collect();
        // Who says where the article is knows better.
        if !mounted.has_body() {
            if let Some(scores) = &scores {
                let leads_away = |block: &Block| links::lead_away(&tree, block, page.address.as_ref());
                decide::by_model(&blocks, &mut reasons, scores, leads_away);
            }
            cards::remove_leading_on(&spans, &blocks, &verdicts, &mut reasons);
            body::remove_appended(&tree, &blocks, &mut reasons);
        }
        body::restore_subject(&blocks, &mut reasons, rules);
        let assessment = scores.as_ref().map(|scores| {
            let weighed = blocks.iter().zip(&reasons).zip(scores).zip(by_rules);
            let weighed = weighed.map(|(((block, reason), score), by_rules)| Weighed {
                weight: block.weight,
                score: *score,
                kept: reason.is_none(),
                by_rules,
            });
            confidence::assess(&weighed.collect::<Vec<_>>())
        });
        deadline.check()?;
        let is_shell = !mounted.has_body() && embedded::is_shell(&blocks, &reasons);
        let data = is_shell.then(|| embedded::text(page.article_body.as_deref(), &scripts)).flatten();
        let (shown, rule, mounted_title) = (blocks.len(), "", mounted.title);
        let judged = Judged { page, blocks, reasons, scores, shown, rule, is_bare, assessment, mounted_title };
        Ok((judged, data, deadline))
    })?;
    // The tree of the page is gone: that of the data may be as large.
    if let Some((text, rule)) = data {
        let found = embedded::blocks(&text, rules, limits, deadline)?;
        embedded::replace(&mut judged.blocks, &mut judged.reasons, found);
        judged.rule = rule;
        // What was judged is not what is handed on.
        judged.assessment = None;
    }
    Ok(judged)
}

/// The article of a page.
pub(super) fn extract(
    html: &str,
    document: &Document,
    rules: &Rules,
    models: &Models,
    limits: &ExtractLimits,
) -> Result<Draft, Rejection> {
    let Judged { page, blocks, reasons, is_bare, assessment, mounted_title, .. } =
        judge(html, document, rules, models, limits)?;
    let linked = body::linked(&blocks, &reasons);
    let chosen = body::join(blocks, reasons);
    let stated = page.into_article(chosen.body, document.hints.language.as_deref(), rules);
    let (title, title_source) = match mounted_title {
        Some(title) => (Some(title), Some(FieldSource::Heading)),
        None => (stated.title, stated.title_source),
    };
    let confidence = assessment.as_ref().and_then(|assessment| confidence::of(assessment, models.of_page(is_bare).1));
    let article = Article { title, title_source, blocks: chosen.blocks, confidence, ..stated };
    Ok(Draft { article, removed: chosen.removed, assessment, linked })
}

/// What became of each block of a page, and why.
pub(super) fn explain(
    html: &str,
    document: &Document,
    rules: &Rules,
    models: &Models,
    limits: &ExtractLimits,
) -> Result<Explanation, Rejection> {
    let Judged { page, blocks, reasons, scores, shown, rule: data_rule, mounted_title, .. } =
        judge(html, document, rules, models, limits)?;
    let blocks = blocks.into_iter().zip(reasons).enumerate().map(|(at, (block, reason))| {
        let score = scores.as_ref().and_then(|scores| scores.get(at)).copied().map(probability);
        let from_data = (at >= shown).then(|| data_rule.to_owned());
        let (kind, rule) = reason.unzip();
        ExplainedBlock {
            text: block.text,
            kept: kind.is_none(),
            kind,
            rule: rule.or(from_data),
            score,
            shape: block.shape.label(),
        }
    });
    let title = mounted_title.or_else(|| page.article_title().map(str::to_owned));
    Ok(Explanation { title, rejected: None, blocks: blocks.collect() })
}

/// The blocks of a page as the classifier sees them: in its second stage where a first is given.
pub(super) fn study(
    html: &str,
    document: &Document,
    rules: &Rules,
    cues: &Cues,
    first: Option<&Model>,
    limits: &ExtractLimits,
) -> Result<Study, Rejection> {
    let cues = |_| cues;
    take_apart(html, document, rules, cues, limits, |parts, _| {
        let rows = parts.rows.unwrap_or_default();
        let rows = match first {
            Some(first) => {
                let first = classifier::stage(first, &rows);
                parts.asked.with_context(&rows, &first, &parts.tree, &parts.spans, &parts.blocks, &parts.looks)
            }
            None => rows,
        };
        let blocks = parts
            .blocks
            .iter()
            .zip(&parts.reasons)
            .map(|(block, reason)| StudiedBlock {
                text: block.text.clone(),
                weight: block.weight,
                reason: reason.as_ref().map(|(kind, rule)| (*kind, rule.clone())),
            })
            .collect();
        Ok(Study::new(blocks, &rows, parts.asked.places().iter().copied()))
    })
}
