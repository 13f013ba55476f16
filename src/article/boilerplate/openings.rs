//! Whether one of many phrases may begin at a place of a text: a look at its first bytes, before an automaton reads on.
//!
//! An automaton that is entered at every letter goes through megabytes of its states, most of them not at hand. Phrases begin where
//! words do, and nearly no word begins as one of them: two tables of eight kilobytes tell (a Bloom filter of one hash each).

/// Bits of a table, as a power of two.
const BITS: u32 = 16;

/// First bytes by which a phrase is known that has so many.
const LONG: usize = 6;

/// The same for shorter ones, at most.
const SHORT: usize = 3;

/// The first bytes of phrases.
#[derive(Debug)]
pub(super) struct Openings {
    long: Vec<u64>,
    short: Vec<u64>,
    /// First bytes by which the shorter ones are known.
    shortest: usize,
}

impl Openings {
    pub(super) fn of<'p>(phrases: impl Iterator<Item = &'p str> + Clone) -> Self {
        let shortest = phrases.clone().map(str::len).min().unwrap_or(SHORT).min(SHORT);
        let table = || vec![0; 1 << (BITS - u64::BITS.ilog2())];
        let mut openings = Self { long: table(), short: table(), shortest };
        for phrase in phrases {
            let (table, bytes) =
                if phrase.len() >= LONG { (&mut openings.long, LONG) } else { (&mut openings.short, shortest) };
            let Some((place, bit)) = place(phrase, 0, bytes) else { continue };
            if let Some(bits) = table.get_mut(place) {
                *bits |= bit;
            }
        }
        openings
    }

    /// Whether a phrase may begin at a place; where one does, it says so.
    pub(super) fn may_begin(&self, text: &str, at: usize) -> bool {
        let has = |table: &[u64], bytes: usize| {
            place(text, at, bytes).is_some_and(|(place, bit)| table.get(place).is_some_and(|bits| bits & bit != 0))
        };
        has(&self.long, LONG) || has(&self.short, self.shortest)
    }
}

/// The word and the bit of a table for the bytes from a place on; none where the text has fewer.
fn place(text: &str, at: usize, bytes: usize) -> Option<(usize, u64)> {
    let mut first = [0; 8];
    first.get_mut(..bytes)?.copy_from_slice(text.as_bytes().get(at..at + bytes)?);
    let hash = u64::from_le_bytes(first).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - BITS);
    Some((usize::try_from(hash / u64::from(u64::BITS)).ok()?, 1 << (hash % u64::from(u64::BITS))))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Openings;

    proptest! {
        #[test]
        fn no_phrase_is_missed(
            phrases in proptest::collection::vec("[a-zé読 ]{1,12}", 1..20),
            before in "[a-zé読 ]{0,9}",
            behind in "[a-zé読 ]{0,9}",
        ) {
            let openings = Openings::of(phrases.iter().map(String::as_str));
            for phrase in &phrases {
                prop_assert!(openings.may_begin(&format!("{before}{phrase}{behind}"), before.len()), "{phrase:?}");
            }
        }
    }

    #[test]
    fn a_phrase_is_seen_where_it_begins() {
        let openings = Openings::of(["partager sur", "ad", "más", "続きを読む"].into_iter());
        let may = |text: &str| openings.may_begin(text, 0);
        for phrase in ["partager sur", "partagez", "ad", "más", "続きを読む", "adieu"] {
            assert!(may(phrase), "{phrase}");
        }
        let others = ["the", "harbour", "of", "merrow", "opened", "again", "on", "monday", "partir", "a", "", "続"];
        assert!(others.iter().filter(|other| may(other)).count() <= 2, "nearly no word is taken for one");
        assert!(openings.may_begin("le mot partager", 7));
        assert!(!Openings::of(std::iter::empty()).may_begin("anything", 0));
    }
}
