//! Paragraphs that a page shows twice.

use std::collections::hash_map::Entry;

use foldhash::{HashMap, HashMapExt as _};

use super::blocks::Block;
use super::body::Reason;
use crate::article::BlockKind;
use crate::article::boilerplate::letters;

/// Shorter blocks may repeat on purpose.
const REPEATED: usize = 80;

/// Copies from which on a text that stands between others is part of a form: a question put to each of many, a dish of many days.
const OFTEN: usize = 3;

/// The rule of copies that a classifier may bring back.
const PART_OF_FORM: &str = "repeat:often";

/// Whether a block was taken as one of many copies between other texts, which may be on purpose.
pub(super) fn is_part_of_form((kind, rule): &Reason) -> bool {
    *kind == BlockKind::Repeated && rule == PART_OF_FORM
}

/// Takes the blocks that say what one before them said, but for those that are known to do so on purpose.
pub(super) fn remove_repeated(blocks: &[Block], reasons: &mut [Option<Reason>], on_purpose: impl Fn(usize) -> bool) {
    // Few texts begin alike; only those are read to their ends.
    let mut openings: HashMap<String, Option<usize>> = HashMap::new();
    let mut copies: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, (block, reason)) in blocks.iter().zip(reasons.iter()).enumerate() {
        if reason.is_some() || block.weight < REPEATED {
            continue;
        }
        match openings.entry(opening(&block.text)) {
            Entry::Vacant(new) => {
                new.insert(Some(at));
            }
            Entry::Occupied(mut known) => {
                let first = known.get_mut().take();
                for at in first.into_iter().chain([at]) {
                    let text = blocks.get(at).map(|block| letters(&block.text));
                    copies.entry(text.unwrap_or_default()).or_default().push(at);
                }
            }
        }
    }
    for places in copies.into_values() {
        let apart = places.windows(2).all(|pair| pair.first().map(|at| at + 1) != pair.last().copied());
        let rule = if places.len() >= OFTEN && apart { PART_OF_FORM } else { "repeat:block" };
        for at in places.into_iter().skip(1).filter(|at| !on_purpose(*at)) {
            if let Some(reason) = reasons.get_mut(at) {
                *reason = Some((BlockKind::Repeated, rule.to_owned()));
            }
        }
    }
}

/// The first letters of a text that count.
fn opening(text: &str) -> String {
    const LETTERS: usize = 24;
    let head = text.char_indices().nth(LETTERS * 2).map_or(text, |(end, _)| text.get(..end).unwrap_or(text));
    let of_head = letters(head);
    let all = if of_head.chars().count() < LETTERS { letters(text) } else { of_head };
    all.chars().take(LETTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::html::blocks::{Look, Shape};

    /// For each text whether it goes, and then whether as part of a form.
    fn repeated(texts: &[&str]) -> Vec<Option<bool>> {
        let block = |text: &&str| Block {
            node: 0,
            owner: 0,
            shape: Shape::Paragraph,
            text: (*text).to_owned(),
            weight: text.chars().count(),
            words: 2,
            links: 0,
            strong: 0,
            look: Look::default(),
            prose: true,
            mark: 0,
        };
        let blocks: Vec<Block> = texts.iter().map(block).collect();
        let mut reasons = vec![None; blocks.len()];
        remove_repeated(&blocks, &mut reasons, |_| false);
        reasons.iter().map(|reason| reason.as_ref().map(is_part_of_form)).collect()
    }

    #[test]
    fn a_paragraph_goes_where_its_letters_stood_before_however_others_begin() {
        let first = "The harbour of Merrow opened again on Monday, two years after the storm that broke its wall.";
        let again = "THE HARBOUR OF MERROW opened again on Monday – two years after the storm that broke its wall!";
        let other =
            "The harbour of Merrow opened again on Monday, and nobody had told the ferries that they could come.";
        assert_eq!(repeated(&[first, other, again, other]), [None, None, Some(false), Some(false)]);
        let dotted = format!("{}{first}", ". ".repeat(40));
        assert_eq!(repeated(&[first, &dotted]), [None, Some(false)], "what does not count may be long");
        assert_eq!(repeated(&["Read more.", "Read more."]), [None, None], "short ones may repeat on purpose");
    }

    #[test]
    fn a_text_that_stands_often_between_others_may_be_part_of_a_form() {
        let question = "What do you take with you when you leave the harbour of Merrow before the first light of day?";
        assert_eq!(
            repeated(&[question, "Bread.", question, "A coat.", question, "Nothing."]),
            [None, None, Some(true), None, Some(true), None]
        );
        assert_eq!(repeated(&[question, question, "Bread.", question]), [None, Some(false), None, Some(false)]);
    }
}
