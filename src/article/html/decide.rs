//! What the classifier's scores decide: which blocks stay, and which that a rule removed come back.

use std::collections::HashSet;

use super::blocks::{Block, Shape};
use super::body::{Reason, remove_bare_headings};
use super::makers;
use super::repeats::{is_part_of_form, remove_repeated};
use crate::article::BlockKind;
use crate::article::features::share;
use crate::article::model::probability;

/// Log odds more than others need by which the classifier brings back what a rule removed: some two to one. Nearer to the threshold
/// the rule knows better, above all on small pages, which are few among those that the classifier was fitted to.
const OVERRULES: f32 = 0.6;

/// Log odds from which the classifier brings back an item that is a link, or a teaser. On a page of nothing but headlines it doubts all
/// of them, and half of them would be no better than none.
const LEADS_ON: f32 = 1.5;

/// The same of an item that leads to other sites: to shops and sources that the article lists far more often than to what is no part of
/// it. What the classifier learned of lists of links it learned mostly from those that lead on.
const LEADS_AWAY: f32 = -2.0;

/// Log odds less than others need by which a heading or a list item stays between sentences of the article. Many known texts have
/// left them out, so that the classifier doubts them; readers miss them.
const BETWEEN: f32 = 1.0;

/// Log odds from which a sentence is surely the article's.
const SURE: f32 = 2.0;

/// Share of links, in percent, from which a heading with nothing below leads to another article.
const LINKED: usize = 50;

/// Lets the classifier have the last word where a rule is not certain. `leads_away` tells of a block whether all its links lead to
/// other sites.
pub(super) fn by_model(
    blocks: &[Block],
    reasons: &mut [Option<Reason>],
    scores: &[f32],
    leads_away: impl Fn(&Block) -> bool,
) {
    let least = least_score(blocks, reasons, scores);
    let between = between_sentences(blocks, reasons, scores);
    let mut on_purpose = HashSet::new();
    let judged = reasons.iter_mut().zip(scores).zip(between).zip(blocks);
    for (at, (((reason, score), between), block)) in judged.enumerate() {
        let needed = match reason {
            Some(reason) if is_certain(reason) => continue,
            Some((BlockKind::OutsideArticle, _)) => least + OVERRULES,
            Some((_, rule)) if rule == "links:item" && leads_away(block) => LEADS_AWAY,
            Some((_, rule)) if matches!(rule.as_str(), "links:item" | "card:linked_heading") => LEADS_ON,
            Some(_) => OVERRULES,
            None if between => least - BETWEEN,
            None => least,
        };
        if *score < needed {
            reason.get_or_insert_with(|| (BlockKind::OutsideArticle, "model:block".to_owned()));
            continue;
        }
        if reason.as_ref().is_some_and(is_part_of_form) {
            on_purpose.insert(at);
        }
        *reason = None;
    }
    remove_repeated(blocks, reasons, |at| on_purpose.contains(&at));
    remove_bare_headings(blocks, reasons, |at| {
        let sure = scores.get(at).is_some_and(|score| *score >= least + OVERRULES);
        sure && blocks.get(at).is_some_and(|heading| heading.links < LINKED)
    });
}

/// For each block whether it is a heading or a list item between two sentences that are surely the article's, with nothing but its like
/// between them.
fn between_sentences(blocks: &[Block], reasons: &[Option<Reason>], scores: &[f32]) -> Vec<bool> {
    let mut between = vec![false; blocks.len()];
    let mut waiting = Vec::new();
    let mut after_sentence = false;
    let open = blocks.iter().zip(scores).zip(reasons).enumerate().filter(|(_, (_, reason))| reason.is_none());
    for (at, ((block, score), _)) in open {
        if block.shape.is_heading() || block.shape == Shape::Item {
            waiting.push(at);
            continue;
        }
        let is_sentence = block.prose && *score >= SURE;
        for at in waiting.drain(..) {
            if let Some(between) = between.get_mut(at) {
                *between = after_sentence && is_sentence;
            }
        }
        after_sentence = is_sentence;
    }
    between
}

/// Log odds of a block below which it is no article's, however little else there is.
const DOUBTFUL: f32 = -2.2;

/// Log odds from which a block stays. F1 of the text is likeliest to be high where everything stays that is likelier than half of
/// the best F1 that can be expected: even odds on a page that is clear, less where every block is doubtful, since an article that
/// is unlike all others is more than none. After Ye, Chai, Lee and Chieu, "Optimizing F-measures: a tale of two approaches" (2012).
fn least_score(blocks: &[Block], reasons: &[Option<Reason>], scores: &[f32]) -> f32 {
    let open = blocks.iter().zip(scores).zip(reasons).filter(|(_, reason)| !reason.as_ref().is_some_and(is_certain));
    let mut open: Vec<(f32, f32)> =
        open.map(|((block, score), _)| (probability(*score), share(block.weight, 1))).collect();
    open.sort_by(|one, other| other.0.total_cmp(&one.0));
    let all: f32 = open.iter().map(|(probability, weight)| probability * weight).sum();
    let (mut found, mut taken, mut best) = (0.0_f32, 0.0_f32, 0.0_f32);
    for (probability, weight) in &open {
        found += probability * weight;
        taken += weight;
        best = best.max(2.0 * found / (taken + all));
    }
    let half = best / 2.0;
    (half / (1.0 - half)).ln().clamp(DOUBTFUL, 0.0)
}

/// Words that only furniture has, what is never shown, and what the article has already.
fn is_certain(reason: &Reason) -> bool {
    let (kind, rule) = reason;
    matches!(kind, BlockKind::Consent | BlockKind::Hidden | BlockKind::Title)
        || (*kind == BlockKind::Repeated && !is_part_of_form(reason))
        || rule.starts_with("publisher:")
        || rule == makers::PUBLISHER
        || rule.starts_with("selector:list:")
        || (rule.starts_with("phrase:") && !matches!(kind, BlockKind::ImageCredit | BlockKind::Metadata))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::html::blocks::Look;

    fn block(shape: Shape, text: &str) -> Block {
        Block {
            node: 0,
            owner: 0,
            shape,
            text: text.to_owned(),
            weight: text.len(),
            words: 2,
            links: 0,
            strong: 0,
            look: Look::default(),
            prose: shape == Shape::Paragraph,
            mark: 0,
        }
    }

    /// Which of three paragraphs with these scores stay.
    fn kept(scores: [f32; 3], reason: Option<Reason>) -> [bool; 3] {
        let blocks = ["The first.", "The second.", "The third."].map(|text| block(Shape::Paragraph, text));
        let mut reasons = [reason.clone(), reason.clone(), reason];
        by_model(&blocks, &mut reasons, &scores, |_| false);
        reasons.map(|reason| reason.is_none())
    }

    #[test]
    fn a_page_of_which_nothing_would_be_left_keeps_its_likeliest_sentences() {
        assert_eq!(kept([3.0, 0.3, -0.5], None), [true, true, false], "on a clear page even odds decide");
        assert_eq!(
            kept([-1.0, -1.1, -2.1], None),
            [true, true, false],
            "where all is doubtful, what is about as likely"
        );
        assert_eq!(kept([-2.5, -2.6, -2.7], None), [false; 3], "there is no article");
    }

    #[test]
    fn what_a_rule_removed_comes_back_where_the_classifier_is_surer() {
        let outside = Some((BlockKind::OutsideArticle, "container:outside".to_owned()));
        assert_eq!(kept([3.0, 1.0, 0.0], outside), [true, true, false]);
        for rule in ["links:item", "card:linked_heading"] {
            let linked = Some((BlockKind::Related, rule.to_owned()));
            assert_eq!(kept([3.0, 1.0, 0.0], linked), [true, false, false], "{rule}");
        }
        let hidden = Some((BlockKind::Hidden, "hidden".to_owned()));
        assert_eq!(kept([3.0, 3.0, 3.0], hidden), [false; 3], "but never what is certain");
    }

    #[test]
    fn a_list_of_links_to_other_sites_stays_sooner_than_one_of_further_articles() {
        let stays = |score: f32, leads_away: bool| {
            let blocks = [block(Shape::Paragraph, "The first."), block(Shape::Item, "Half off all lamps")];
            let mut reasons = [None, Some((BlockKind::Related, "links:item".to_owned()))];
            by_model(&blocks, &mut reasons, &[3.0, score], |_| leads_away);
            reasons[1].is_none()
        };
        assert_eq!([-1.9, -2.1].map(|score| stays(score, true)), [true, false]);
        assert_eq!([1.6, 1.4].map(|score| stays(score, false)), [true, false]);
    }

    /// Which of these blocks stay, each with its score; paragraphs are long.
    fn stay<const BLOCKS: usize>(blocks: [(Shape, f32); BLOCKS]) -> [bool; BLOCKS] {
        let text = |(at, (shape, _)): (usize, &(Shape, f32))| match shape {
            Shape::Paragraph => block(*shape, &format!("The paragraph of number {at} says much. ").repeat(9)),
            _ => block(*shape, &format!("Number {at}")),
        };
        let scores = blocks.map(|(_, score)| score);
        let blocks: Vec<Block> = blocks.iter().enumerate().map(text).collect();
        let mut reasons = std::array::from_fn(|_| None);
        by_model(&blocks, &mut reasons, &scores, |_| false);
        reasons.map(|reason| reason.is_none())
    }

    #[test]
    fn a_heading_and_a_list_stay_between_sentences_of_the_article() {
        let list = |[first, last]: [f32; 2]| {
            stay([
                (Shape::Paragraph, first),
                (Shape::Heading(2), -0.5),
                (Shape::Item, -0.5),
                (Shape::Item, -1.5),
                (Shape::Paragraph, last),
            ])
        };
        assert_eq!(list([3.0, 3.0]), [true, true, true, false, true]);
        assert_eq!(list([3.0, 0.5]), [true, false, false, false, true], "the last sentence is doubtful");
        assert_eq!(list([0.5, 3.0]), [true, false, false, false, true], "the first sentence is doubtful");
    }

    #[test]
    fn a_heading_with_nothing_below_stays_where_the_classifier_is_surer() {
        let heading = |score: f32| stay([(Shape::Paragraph, 3.0), (Shape::Heading(2), score)]);
        assert_eq!(heading(1.5), [true, true]);
        assert_eq!(heading(0.3), [true, false]);
    }
}
