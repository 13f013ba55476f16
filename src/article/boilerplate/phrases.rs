//! Finds all phrases in a text at once, at the places where one may begin.

use std::collections::HashMap;

use super::folded::Folded;

/// Bytes by which a phrase is looked up; shorter phrases are looked up whole.
const HEAD: usize = 4;

/// Phrases in folded form, by their first bytes.
///
/// A phrase stands between boundaries, and most texts have one boundary for every six or seven bytes: to ask there alone is a
/// third of what an automaton costs that reads each byte, and the first question, a bit in four kilobytes, nearly always says no.
#[derive(Debug)]
pub(super) struct Phrases {
    phrases: Vec<String>,
    by_head: HashMap<u32, Vec<usize>>,
    /// A bit for each hash of a head.
    filter: Vec<u64>,
    /// Lengths of heads, the shortest first.
    lengths: Vec<usize>,
}

/// Where a phrase stands in a text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Its place in the list of phrases.
    pub(super) phrase: usize,
}

impl Phrases {
    /// `phrases` are folded, none is empty, and none stands there twice.
    pub(super) fn new(phrases: Vec<String>) -> Self {
        let mut by_head: HashMap<u32, Vec<usize>> = HashMap::new();
        let mut filter = vec![0; 1 << (FILTER_BITS - 6)];
        let mut lengths = Vec::new();
        for (at, phrase) in phrases.iter().enumerate() {
            let length = phrase.len().min(HEAD);
            let Some(head) = head(phrase.as_bytes(), length) else { continue };
            by_head.entry(head).or_default().push(at);
            let (word, bit) = place(head);
            if let Some(bits) = filter.get_mut(word) {
                *bits |= bit;
            }
            if !lengths.contains(&length) {
                lengths.push(length);
            }
        }
        lengths.sort_unstable();
        Self { phrases, by_head, filter, lengths }
    }

    /// All phrases that stand between boundaries, in the order of their ends; of those that end together the longest first.
    pub(super) fn find(&self, text: &Folded) -> Vec<Found> {
        let bytes = text.as_str().as_bytes();
        let mut found = Vec::new();
        for start in text.boundaries().iter().copied() {
            let Some(rest) = bytes.get(start..) else { break };
            for length in &self.lengths {
                let Some(head) = head(rest, *length) else { break };
                let (word, bit) = place(head);
                if self.filter.get(word).is_none_or(|bits| bits & bit == 0) {
                    continue;
                }
                for phrase in self.by_head.get(&head).into_iter().flatten().copied() {
                    let end = start + self.phrases.get(phrase).map_or(0, String::len);
                    let stands = self.phrases.get(phrase).is_some_and(|phrase| rest.starts_with(phrase.as_bytes()));
                    if stands && text.is_boundary(end) {
                        found.push(Found { start, end, phrase });
                    }
                }
            }
        }
        found.sort_by_key(|found| (found.end, found.start));
        found
    }
}

/// Bits of the filter, as a power of two.
const FILTER_BITS: u32 = 15;

/// The first bytes as a number, with their count: none where there are fewer.
fn head(bytes: &[u8], length: usize) -> Option<u32> {
    let mut head = [0; HEAD];
    head.get_mut(..length)?.copy_from_slice(bytes.get(..length)?);
    Some(u32::from_le_bytes(head))
}

/// Where a head stands in the filter: the word, and the bit in it.
fn place(head: u32) -> (usize, u64) {
    let hash = head.wrapping_mul(0x9e37_79b1) >> (32 - FILTER_BITS);
    ((hash >> 6) as usize, 1 << (hash & 63))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::article::boilerplate::fold;

    proptest! {
        #[test]
        fn every_phrase_between_boundaries_is_found(
            phrases in proptest::collection::btree_set("[ab ]{0,5}[ab]|[大é]{1,2}", 1..8),
            text in "[abA .大é]{0,30}",
        ) {
            let phrases: Vec<String> = phrases.iter().map(|phrase| fold(phrase).as_str().to_owned()).collect();
            let mut distinct = phrases;
            distinct.sort();
            distinct.dedup();
            let folded = fold(&text);
            let mut expected = Vec::new();
            for end in 0..=folded.as_str().len() {
                for start in 0..end {
                    let Some(part) = folded.as_str().get(start..end) else { continue };
                    if let Some(phrase) = distinct.iter().position(|known| known == part)
                        && folded.is_boundary(start)
                        && folded.is_boundary(end)
                    {
                        expected.push(Found { start, end, phrase });
                    }
                }
            }
            prop_assert_eq!(Phrases::new(distinct).find(&folded), expected);
        }
    }
}
