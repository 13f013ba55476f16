//! The blocks of the container that are the article, and why the others are not.

use super::blocks::{Block, Shape};
use super::classify::Asked;
use super::furniture::Marks;
use super::makers;
use super::mounted::Mounted;
use super::repeats::remove_repeated;
use super::tree::Tree;
use crate::article::about::ContentBlock;
use crate::article::boilerplate::{Rules, Verdict, letters};
use crate::article::metadata::PageFields;
use crate::article::{BlockKind, RemovedBlock, normalise, prose};

/// The text that was chosen, and everything else.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) body: String,
    pub(super) blocks: Vec<ContentBlock>,
    pub(super) removed: Vec<RemovedBlock>,
}

/// Share of the running text, in percent, above which what follows a label of comments is not the article's.
const TAIL_PERCENT: usize = 70;

/// A heading above another that is longer than this says something itself.
const BARE_HEADING: usize = 40;

/// A block without a sentence below this, directly in a container, is a label; in characters of weight.
const LABEL: usize = 40;

/// Share of links, in percent, from which the first of a block's lines is the label of a list.
const LIST_OF_LINKS: usize = 70;

/// Why a block is left out: what it is, and the rule that says so.
pub(super) type Reason = (BlockKind, String);

/// What the words of each block say that is asked about; nothing of the others.
pub(super) fn verdicts(blocks: &[Block], asked: &Asked, rules: &Rules) -> Vec<Option<Verdict>> {
    let verdict =
        |(at, block): (usize, &Block)| asked.is_near(at).then(|| rules.phrases.verdict(telling(block))).flatten();
    blocks.iter().enumerate().map(verdict).collect()
}

/// The part of a block that tells what it is: of a list of links its label.
fn telling(block: &Block) -> &str {
    let label = (block.links >= LIST_OF_LINKS).then(|| block.text.split_once('\n')).flatten();
    label.map_or(&block.text, |(label, _)| label)
}

/// Where the article is.
#[derive(Clone, Copy)]
pub(super) struct Place<'p> {
    /// The element that was chosen.
    pub(super) container: usize,
    /// What the user's own rules say; they come first.
    pub(super) mounted: &'p Mounted,
}

/// Why the elements around a block say that it is not of the article; none for those of which they do not.
pub(super) fn by_place(tree: &Tree<'_>, blocks: &[Block], marks: &Marks, place: Place<'_>) -> Vec<Option<Reason>> {
    let end = tree.get(place.container).map_or(0, |node| node.end);
    let reason = |block: &Block| {
        if let Some(reason) = marks.reason(block.mark) {
            return Some(reason.clone());
        }
        if place.mounted.has_body() {
            let outside = !place.mounted.holds(block.node);
            outside.then(|| (BlockKind::OutsideArticle, "publisher:outside".to_owned()))
        } else {
            let outside = !(place.container..end).contains(&block.node);
            outside.then(|| (BlockKind::OutsideArticle, "container:outside".to_owned()))
        }
    };
    blocks.iter().map(reason).collect()
}

/// Why the rules would leave out each block; none for those that they would keep. `reasons` are those [`by_place`].
pub(super) fn by_rules(
    mut reasons: Vec<Option<Reason>>,
    blocks: &[Block],
    verdicts: &[Option<Verdict>],
    cards: &[bool],
    page: &PageFields,
) -> Vec<Option<Reason>> {
    for (((block, card), verdict), reason) in blocks.iter().zip(cards).zip(verdicts).zip(&mut reasons) {
        if reason.is_some() {
            continue;
        }
        *reason = if *card {
            Some((BlockKind::Related, "card:linked_heading".to_owned()))
        } else {
            by_words(*verdict).or_else(|| by_form(block))
        };
    }
    remove_title(blocks, &mut reasons, page.title.as_deref());
    makers::remove_authors(blocks, &mut reasons, page);
    makers::remove_publisher(blocks, verdicts, &mut reasons, page);
    remove_tail(blocks, &mut reasons);
    remove_remnants(blocks, verdicts, &mut reasons);
    remove_repeated(blocks, &mut reasons, |_| false);
    remove_bare_headings(blocks, &mut reasons, |_| false);
    reasons
}

/// Running text below which an `<article>` is no article, in characters of weight.
const ARTICLE: usize = 300;

/// Further articles below the page's own, each in its own `<article>` with its own main heading: what endless
/// scrolling adds.
pub(super) fn remove_appended(tree: &Tree<'_>, blocks: &[Block], reasons: &mut [Option<Reason>]) {
    let mut own_seen = false;
    let mut outer_end = 0;
    for (start, node) in tree.tagged("article") {
        if start < outer_end {
            continue;
        }
        outer_end = node.end;
        let from = blocks.partition_point(|block| block.node < start);
        let to = blocks.partition_point(|block| block.node < node.end);
        let within = blocks.get(from..to).unwrap_or_default();
        let Some(reasons) = reasons.get_mut(from..to) else { break };
        let is_title = |reason: &Option<Reason>| matches!(reason, Some((BlockKind::Title, _)));
        let has_heading = within.iter().any(|block| block.shape == Shape::Heading(1));
        match own_seen {
            false if has_heading && reasons.iter().any(is_title) => {
                let kept = within.iter().zip(reasons.iter()).filter(|(block, reason)| reason.is_none() && block.prose);
                if kept.map(|(block, _)| block.weight).sum::<usize>() >= ARTICLE {
                    own_seen = true;
                }
            }
            true if has_heading && !reasons.iter().any(is_title) => {
                for reason in reasons.iter_mut().filter(|reason| reason.is_none()) {
                    *reason = Some((BlockKind::Related, "article:appended".to_owned()));
                }
            }
            _ => {}
        }
    }
}

/// Paragraphs that speak of consent, from which on it is what the article is about.
const SUBJECT: usize = 2;

/// Most paragraphs in a row that are given back.
const IN_A_ROW: usize = 3;

/// Gives back the sentences of an article about consent that read like a banner's: amid its running text, most of which is about
/// that too. A banner stands at an edge of the text, or in an element of its own.
pub(super) fn restore_subject(blocks: &[Block], reasons: &mut [Option<Reason>], rules: &Rules) {
    let is_notice = |at: usize| {
        let by_words = |(kind, rule): &Reason| *kind == BlockKind::Consent && rule.starts_with("phrase:");
        blocks.get(at).is_some_and(|block| block.prose)
            && reasons.get(at).and_then(Option::as_ref).is_some_and(by_words)
    };
    let notices: Vec<usize> = (0..blocks.len()).filter(|at| is_notice(*at)).collect();
    if notices.is_empty() {
        return;
    }
    let kept = |at: usize| blocks.get(at).filter(|_| reasons.get(at).is_some_and(Option::is_none));
    let speaks = |at: &usize| {
        let is_about = |block: &Block| block.prose && rules.phrases.read(&block.text).mentions(BlockKind::Consent);
        kept(*at).is_some_and(is_about)
    };
    if (0..blocks.len()).filter(speaks).take(SUBJECT).count() < SUBJECT {
        return;
    }
    let is_running = |at: usize| kept(at).is_some_and(|block| block.prose || block.shape.is_heading());
    let mut restored = Vec::new();
    for row in notices.chunk_by(|one, next| one + 1 == *next).filter(|row| row.len() <= IN_A_ROW) {
        let (Some(first), Some(last)) = (row.first(), row.last()) else { continue };
        if first.checked_sub(1).is_some_and(is_running) && is_running(last + 1) {
            restored.extend_from_slice(row);
        }
    }
    for at in restored {
        if let Some(reason) = reasons.get_mut(at) {
            *reason = None;
        }
    }
}

/// Whether a text is JSON that a page shows by mistake, or the middle of some.
fn is_data(text: &str) -> bool {
    const NAMES: usize = 5;
    text.matches("\":").take(NAMES).count() == NAMES && text.matches("\",\"").take(NAMES).count() == NAMES
}

/// Share of the text that stays that is links, in percent.
pub(super) fn linked(blocks: &[Block], reasons: &[Option<Reason>]) -> usize {
    let kept = || blocks.iter().zip(reasons).filter(|(_, reason)| reason.is_none()).map(|(block, _)| block);
    let all: usize = kept().map(|block| block.weight).sum();
    kept().map(|block| block.weight * block.links).sum::<usize>() / all.max(1)
}

/// Joins the blocks that stay.
pub(super) fn join(blocks: Vec<Block>, reasons: Vec<Option<Reason>>) -> Chosen {
    let mut removed = Vec::new();
    let mut kept: Vec<ContentBlock> = Vec::new();
    for (block, reason) in blocks.into_iter().zip(reasons) {
        match reason {
            Some((kind, rule)) => removed.push(RemovedBlock { kind, rule, text: normalise::fold_space(block.text) }),
            None => {
                let (kind, level) = block.shape.content();
                kept.push(ContentBlock { kind, level, text: block.text });
            }
        }
    }
    Chosen { body: normalise::body(kept.iter().map(|block| block.text.as_str())), blocks: kept, removed }
}

/// Why a block goes whose words say that it is furniture.
pub(super) fn by_words(verdict: Option<Verdict>) -> Option<Reason> {
    let verdict = verdict.filter(|verdict| !verdict.beside_only)?;
    Some((verdict.kind, verdict.rule_name()))
}

fn by_form(block: &Block) -> Option<Reason> {
    let reason = |kind, rule: &str| Some((kind, rule.to_owned()));
    if is_data(&block.text) {
        return reason(BlockKind::Hidden, "form:data");
    }
    match block.shape {
        Shape::Heading(_) => None,
        Shape::Item if block.links >= 50 => reason(BlockKind::Related, "links:item"),
        Shape::Cell | Shape::Row if block.links >= 70 => reason(BlockKind::Related, "links:cell"),
        Shape::Paragraph | Shape::Quote | Shape::Preformatted if block.links >= 80 && !block.prose => {
            reason(BlockKind::Related, "links:paragraph")
        }
        Shape::Loose | Shape::Caption if block.links >= 50 => reason(BlockKind::Navigation, "links:loose"),
        Shape::Loose | Shape::Caption if block.weight < LABEL && !prose::ends_sentence(&block.text) => {
            reason(BlockKind::Navigation, "form:label")
        }
        _ => None,
    }
}

/// The title within the container, and everything above it that is no running text.
fn remove_title(blocks: &[Block], reasons: &mut [Option<Reason>], title: Option<&str>) {
    let Some(title) = title.map(key).filter(|title| !title.is_empty()) else { return };
    let mut heading = None;
    for (at, (block, reason)) in blocks.iter().zip(reasons.iter_mut()).enumerate() {
        if reason.is_none() && (key(&block.text) == title || (block.shape == Shape::Heading(1) && heading.is_none())) {
            heading = heading.or(Some(at));
            *reason = Some((BlockKind::Title, "title:heading".to_owned()));
        }
    }
    let Some(heading) = heading else { return };
    let above: usize = blocks
        .iter()
        .zip(reasons.iter())
        .take(heading)
        .filter(|(block, reason)| reason.is_none() && block.prose)
        .map(|(block, _)| block.weight)
        .sum();
    let below: usize = blocks
        .iter()
        .zip(reasons.iter())
        .skip(heading)
        .filter(|(block, reason)| reason.is_none() && block.prose)
        .map(|(block, _)| block.weight)
        .sum();
    // A title repeated below the text must not take the text.
    if above * 4 > below {
        return;
    }
    for reason in reasons.iter_mut().take(heading).filter(|reason| reason.is_none()) {
        *reason = Some((BlockKind::OutsideArticle, "title:above".to_owned()));
    }
}

/// What follows a label of comments near the end: other people's texts.
fn remove_tail(blocks: &[Block], reasons: &mut [Option<Reason>]) {
    let prose = |range: &[(&Block, &Option<Reason>)]| -> usize {
        range.iter().filter(|(block, reason)| reason.is_none() && block.prose).map(|(block, _)| block.weight).sum()
    };
    let pairs: Vec<(&Block, &Option<Reason>)> = blocks.iter().zip(reasons.iter()).collect();
    let all = prose(&pairs);
    let mut before = 0;
    let mut tail = None;
    for (at, (block, reason)) in pairs.iter().enumerate() {
        let opens = matches!(reason, Some((BlockKind::Comments, rule)) if rule.ends_with(":label"));
        if opens && before * 100 >= all * TAIL_PERCENT {
            tail = Some(at);
            break;
        }
        before += if reason.is_none() && block.prose { block.weight } else { 0 };
    }
    let Some(tail) = tail else { return };
    for reason in reasons.iter_mut().skip(tail).filter(|reason| reason.is_none()) {
        *reason = Some((BlockKind::OutsideArticle, "tail:after_label".to_owned()));
    }
}

/// Buttons that count beside a block of their kind.
fn remove_remnants(blocks: &[Block], verdicts: &[Option<Verdict>], reasons: &mut [Option<Reason>]) {
    for at in 0..blocks.len() {
        let kind = |at: Option<usize>| {
            at.and_then(|at| reasons.get(at)).and_then(|reason| reason.as_ref()).map(|(kind, _)| *kind)
        };
        let (before, after) = (kind(at.checked_sub(1)), kind(Some(at + 1)));
        let Some(block) = blocks.get(at) else { break };
        if reasons.get(at).is_none_or(Option::is_some) || block.weight > 60 || (before.is_none() && after.is_none()) {
            continue;
        }
        if let Some(verdict) = verdicts.get(at).copied().flatten()
            && (before == Some(verdict.kind) || after == Some(verdict.kind))
            && let Some(reason) = reasons.get_mut(at)
        {
            *reason = Some((verdict.kind, format!("beside:{}", verdict.kind.label())));
        }
    }
}

/// Takes the headings below which nothing is left, but for those that are known to stand for themselves.
pub(super) fn remove_bare_headings(
    blocks: &[Block],
    reasons: &mut [Option<Reason>],
    on_purpose: impl Fn(usize) -> bool,
) {
    // Going up: the level of the last heading kept, or none if text stands below.
    let mut below: Option<u8> = Some(0);
    for (at, (block, reason)) in blocks.iter().zip(reasons.iter_mut()).enumerate().rev() {
        if reason.is_some() {
            continue;
        }
        match block.shape {
            Shape::Heading(level) => {
                let bare = below.is_some_and(|next| next == 0 || (next <= level && block.weight < BARE_HEADING));
                if bare && !on_purpose(at) {
                    *reason = Some((BlockKind::Related, "heading:bare".to_owned()));
                } else {
                    below = Some(level);
                }
            }
            _ => below = None,
        }
    }
}

fn key(text: &str) -> String {
    letters(text)
}
