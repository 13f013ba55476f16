//! Paragraphs that a page shows twice.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use super::blocks::Block;
use super::body::Reason;
use crate::article::BlockKind;
use crate::article::boilerplate::letters;

/// Shorter blocks may repeat on purpose.
const REPEATED: usize = 80;

/// Takes the blocks that say what one before them said.
pub(super) fn remove_repeated(blocks: &[Block], reasons: &mut [Option<Reason>]) {
    // Few texts begin alike; only those are read to their ends.
    let mut openings: HashMap<String, Option<&str>> = HashMap::new();
    let mut whole: HashSet<String> = HashSet::new();
    for (block, reason) in blocks.iter().zip(reasons.iter_mut()) {
        if reason.is_some() || block.weight < REPEATED {
            continue;
        }
        match openings.entry(opening(&block.text)) {
            Entry::Vacant(new) => {
                new.insert(Some(&block.text));
            }
            Entry::Occupied(mut known) => {
                whole.extend(known.get_mut().take().map(letters));
                if !whole.insert(letters(&block.text)) {
                    *reason = Some((BlockKind::Repeated, "repeat:block".to_owned()));
                }
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
    use crate::article::html::blocks::Shape;

    fn repeated(texts: &[&str]) -> Vec<bool> {
        let block = |text: &&str| Block {
            node: 0,
            owner: 0,
            shape: Shape::Paragraph,
            text: (*text).to_owned(),
            weight: text.chars().count(),
            words: 2,
            links: 0,
            strong: 0,
            prose: true,
            mark: 0,
        };
        let blocks: Vec<Block> = texts.iter().map(block).collect();
        let mut reasons = vec![None; blocks.len()];
        remove_repeated(&blocks, &mut reasons);
        reasons.iter().map(Option::is_some).collect()
    }

    #[test]
    fn a_paragraph_goes_where_its_letters_stood_before_however_others_begin() {
        let first = "The harbour of Merrow opened again on Monday, two years after the storm that broke its wall.";
        let again = "THE HARBOUR OF MERROW opened again on Monday – two years after the storm that broke its wall!";
        let other =
            "The harbour of Merrow opened again on Monday, and nobody had told the ferries that they could come.";
        assert_eq!(repeated(&[first, other, again, other]), [false, false, true, true]);
        let dotted = format!("{}{first}", ". ".repeat(40));
        assert_eq!(repeated(&[first, &dotted]), [false, true], "what does not count may be long");
        assert_eq!(repeated(&["Read more.", "Read more."]), [false, false], "short ones may repeat on purpose");
    }
}
