//! Letters counted by what is wrong with them.

use std::collections::BTreeMap;

use super::Letter;

/// What letters are counted by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TallyKey {
    /// Why they were rejected.
    pub reason: String,
    /// The stage that rejected them.
    pub stage: String,
}

/// What is known of the letters of one reason and stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TallyRow {
    /// How many.
    pub count: u64,
    /// When the first was rejected, in milliseconds since the epoch.
    pub oldest_ms: i64,
    /// When the last was rejected, in milliseconds since the epoch.
    pub newest_ms: i64,
    /// The place of the last.
    pub example: String,
}

/// Counts letters.
#[derive(Debug, Default)]
pub struct Tally(BTreeMap<TallyKey, TallyRow>);

impl Tally {
    /// One more.
    pub fn add(&mut self, letter: &Letter) {
        let at = letter.rejected_at_ms();
        let key = TallyKey { reason: letter.reason().to_owned(), stage: letter.stage().to_owned() };
        let row = self.0.entry(key).or_insert_with(|| TallyRow {
            count: 0,
            oldest_ms: at,
            newest_ms: at,
            example: letter.place(),
        });
        row.count += 1;
        row.oldest_ms = row.oldest_ms.min(at);
        if at >= row.newest_ms {
            (row.newest_ms, row.example) = (at, letter.place());
        }
    }

    /// All of them, the most frequent first.
    pub fn rows(self) -> Vec<(TallyKey, TallyRow)> {
        let mut rows: Vec<_> = self.0.into_iter().collect();
        rows.sort_by_key(|(_, row)| std::cmp::Reverse(row.count));
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{delivery, rejected};
    use super::*;
    use crate::rejection::Rejection;

    #[test]
    fn the_most_frequent_comes_first_with_its_last_letter() {
        let crawled = delivery(("raw", 0, 0), None, &[]);
        let mut tally = Tally::default();
        for (offset, rejection) in [Rejection::Empty, Rejection::NoText, Rejection::NoText].iter().enumerate() {
            tally.add(&rejected(&crawled, rejection, offset as u64));
        }
        let rows = tally.rows();
        let seen: Vec<_> =
            rows.iter().map(|(key, row)| (&*key.reason, &*key.stage, row.count, &*row.example)).collect();
        assert_eq!(seen, [("no_text", "extract", 2, "1@2"), ("empty", "decode", 1, "1@0")]);
    }
}
