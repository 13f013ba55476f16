//! Which letter of a payload is its last.
//!
//! A payload that was sent back and rejected again has a second letter, and the first is still there. To send both back
//! would double the payload each time, and the first, never counted up, would pass any ceiling.

use std::collections::HashMap;

use super::Letter;
use crate::source::Coordinate;

/// The last letter of every payload that was sent back before. Payloads that never were are not held: they have one letter.
#[derive(Debug, Default)]
pub struct Lineage(HashMap<Coordinate, Last>);

/// Retries, then the place in the topic: of two with the same count the later one.
type Last = (u32, Coordinate);

impl Lineage {
    /// Takes note of a letter. To be called for all of the topic, selected or not.
    pub fn note(&mut self, letter: &Letter) {
        if letter.retries() == 0 {
            return;
        }
        let Some(first) = letter.first() else { return };
        let this = (letter.retries(), letter.read().coordinate.clone());
        let last = self.0.entry(first).or_insert_with(|| this.clone());
        if *last < this {
            *last = this;
        }
    }

    /// Whether the payload has a later letter than this.
    pub fn is_superseded(&self, letter: &Letter) -> bool {
        let last = letter.first().and_then(|first| self.0.get(&first));
        last.is_some_and(|(_, place)| *place != letter.read().coordinate)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{delivery, rejected};
    use super::*;
    use crate::rejection::Rejection;

    #[test]
    fn only_the_last_letter_of_a_payload_counts() {
        let first = |at| rejected(&delivery(("raw", 0, at), None, &[]), &Rejection::NoText, at);
        let again = |first_at: &str, retries: &str, offset| {
            let history = [
                ("x-copydesk-retries", retries),
                ("x-copydesk-first-topic", "raw"),
                ("x-copydesk-first-partition", "0"),
                ("x-copydesk-first-offset", first_at),
            ];
            rejected(&delivery(("raw", 0, 90), None, &history), &Rejection::NoText, offset)
        };
        // Letter 0 was sent back twice at once, and one of those a second time; letter 1 never.
        let letters = [first(0), first(1), again("0", "1", 10), again("0", "1", 11), again("0", "2", 12)];
        let mut lineage = Lineage::default();
        letters.iter().for_each(|letter| lineage.note(letter));
        let superseded: Vec<bool> = letters.iter().map(|letter| lineage.is_superseded(letter)).collect();
        assert_eq!(superseded, [true, false, true, true, false]);

        let mut equal = Lineage::default();
        letters[..4].iter().for_each(|letter| equal.note(letter));
        let superseded: Vec<bool> = letters[..4].iter().map(|letter| equal.is_superseded(letter)).collect();
        assert_eq!(superseded, [true, false, true, false], "of equal counts the later one");
    }
}
