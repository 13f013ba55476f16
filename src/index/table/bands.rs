//! Which claims share a band: for each band an open table of eight bytes an entry, bounded a bucket.

use rayon::prelude::*;

use super::keys::Slot;
use super::mark::Mark;

/// Claims of one bucket: the newest so many.
pub(crate) const BUCKET: usize = 24;

/// Marks an empty place.
const EMPTY: Slot = Slot::MAX;
/// Places of a new table.
const FIRST_PLACES: usize = 64;
/// Share of places that may be taken, as a fraction: at four fifths a key that is not there costs thirteen looks, at three
/// fifths four.
const MOST_USED: (usize, usize) = (3, 5);

/// The band keys of all claims that have a sketch.
#[derive(Debug, Default)]
pub(super) struct BandTable {
    bands: Vec<Band>,
    /// Claims that a full bucket had no place for.
    overflowed: u64,
}

/// One band: (key, slot) in open addressing with linear probing, several entries a key.
#[derive(Debug)]
struct Band {
    places: Vec<(u32, Slot)>,
    used: usize,
}

impl BandTable {
    /// Adds a claim under its band keys. A bucket keeps the newest by [`Mark`]'s order, whatever the order they come in.
    pub(super) fn insert(&mut self, keys: impl Iterator<Item = u32>, slot: Slot, marks: &[Mark]) {
        for (at, key) in keys.enumerate() {
            if self.bands.len() <= at {
                self.bands.push(Band::new(at));
            }
            if let Some(band) = self.bands.get_mut(at) {
                self.overflowed += u64::from(band.insert(key, slot, marks));
            }
        }
    }

    /// The claims that share a band with these keys, with the number of the band.
    pub(super) fn find(&self, keys: impl Iterator<Item = u32>) -> impl Iterator<Item = (usize, Slot)> {
        // Most keys lead nowhere, and each band's first look waits for memory: all of them are sent for before any is followed.
        let first = keys.enumerate().filter_map(|(at, key)| {
            let band = self.bands.get(at)?;
            let home = band.home(key);
            band.places.get(home).filter(|(_, slot)| *slot != EMPTY).map(|_| (at, key, home, band))
        });
        let followed: Vec<(usize, u32, usize, &Band)> = first.collect();
        followed.into_iter().flat_map(|(at, key, home, band)| band.bucket(key, home).map(move |(_, slot)| (at, slot)))
    }

    /// Adds many claims, on all processors.
    pub(super) fn insert_all(&mut self, claims: &[(Slot, Vec<u32>)], marks: &[Mark]) {
        let most = claims.iter().map(|(_, keys)| keys.len()).max().unwrap_or(0);
        while self.bands.len() < most {
            self.bands.push(Band::new(self.bands.len()));
        }
        let overflowed = self.bands.par_iter_mut().enumerate().map(|(at, band)| {
            let keyed = claims.iter().filter_map(|(slot, keys)| Some((*slot, *keys.get(at)?)));
            keyed.map(|(slot, key)| u64::from(band.insert(key, slot, marks))).sum::<u64>()
        });
        self.overflowed += overflowed.sum::<u64>();
    }

    /// Forgets every claim that is not kept.
    pub(super) fn retain(&mut self, keep: impl Fn(Slot) -> bool) {
        self.bands.iter_mut().for_each(|band| band.retain(&keep));
    }

    /// How often a claim found a full bucket, or left one.
    pub(super) fn overflowed(&self) -> u64 {
        self.overflowed
    }
}

impl Band {
    /// A band's first size differs from the next one's, so that not all of them grow at once.
    fn new(number: usize) -> Self {
        Self { places: vec![(0, EMPTY); FIRST_PLACES + number % 32], used: 0 }
    }

    /// Says whether the bucket was full.
    fn insert(&mut self, key: u32, slot: Slot, marks: &[Mark]) -> bool {
        let mark = |slot: Slot| marks.get(slot as usize);
        let home = self.home(key);
        if self.bucket(key, home).count() < BUCKET {
            self.add(key, slot);
            return false;
        }
        let oldest = self.bucket(key, home).min_by(|(_, a), (_, b)| mark(*a).cmp(&mark(*b)));
        if let Some((place, oldest)) = oldest
            && mark(oldest) < mark(slot)
            && let Some(place) = self.places.get_mut(place)
        {
            place.1 = slot;
        }
        true
    }

    /// Where the claims of a key stand, from its home on.
    fn bucket(&self, key: u32, home: usize) -> impl Iterator<Item = (usize, Slot)> {
        let mut next = home;
        std::iter::from_fn(move || {
            // There is always an empty place.
            loop {
                let place = next;
                let (known, slot) = *self.places.get(place)?;
                if slot == EMPTY {
                    return None;
                }
                next = self.after(place);
                if known == key {
                    return Some((place, slot));
                }
            }
        })
    }

    fn after(&self, place: usize) -> usize {
        if place + 1 < self.places.len() { place + 1 } else { 0 }
    }

    fn add(&mut self, key: u32, slot: Slot) {
        if (self.used + 1) * MOST_USED.1 > self.places.len() * MOST_USED.0 {
            let larger = self.places.len() / 4 * 5 + 16;
            self.rebuild(larger, |_| true);
        }
        self.put(key, slot);
    }

    fn put(&mut self, key: u32, slot: Slot) {
        let mut at = self.home(key);
        while self.places.get(at).is_some_and(|(_, known)| *known != EMPTY) {
            at = self.after(at);
        }
        if let Some(place) = self.places.get_mut(at) {
            *place = (key, slot);
            self.used += 1;
        }
    }

    fn retain(&mut self, keep: impl Fn(Slot) -> bool) {
        let kept = self.places.iter().filter(|(_, slot)| *slot != EMPTY && keep(*slot)).count();
        if kept < self.used {
            // A window that shrank gives its memory back.
            let places = self.places.len();
            let places = if places > 4 * kept { (kept * 2).max(FIRST_PLACES) } else { places };
            self.rebuild(places, keep);
        }
    }

    fn rebuild(&mut self, places: usize, keep: impl Fn(Slot) -> bool) {
        let old = std::mem::replace(&mut self.places, vec![(0, EMPTY); places]);
        self.used = 0;
        for (key, slot) in old {
            if slot != EMPTY && keep(slot) {
                self.put(key, slot);
            }
        }
    }

    /// Some keys are the least of several hashes, and so small: multiplied they are spread over the whole range, and the
    /// upper part of the second product over any number of places.
    fn home(&self, key: u32) -> usize {
        let spread = u64::from(key.wrapping_mul(0x9E37_79B9));
        ((spread * self.places.len() as u64) >> 32) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::Day;

    fn mark(day: i64, time: i64, tie: u64) -> Mark {
        Mark { day: Day::of(day * 86_400_000), event_time_ms: time, tie, revision: 0 }
    }

    fn found(table: &BandTable, keys: &[u32]) -> Vec<(usize, Slot)> {
        let mut found: Vec<_> = table.find(keys.iter().copied()).collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn claims_are_found_by_each_band_that_they_share() {
        let mut table = BandTable::default();
        let marks = [mark(0, 0, 0), mark(0, 1, 1)];
        table.insert([5, 9].into_iter(), 0, &marks);
        table.insert([5, 8].into_iter(), 1, &marks);
        assert_eq!(found(&table, &[5, 9]), [(0, 0), (0, 1), (1, 0)]);
        assert_eq!(found(&table, &[9, 5]), [], "a key of one band is none of another");
        table.retain(|slot| slot == 1);
        assert_eq!(found(&table, &[5, 8]), [(0, 1), (1, 1)]);
    }

    #[test]
    fn a_bucket_keeps_the_newest_in_whatever_order_they_come() {
        let count = 200;
        let marks: Vec<Mark> = (0..count).map(|at| mark(at % 3, at * 37 % 101, at as u64)).collect();
        let mut newest: Vec<Slot> = (0..count as Slot).collect();
        newest.sort_by_key(|slot| std::cmp::Reverse(&marks[*slot as usize]));
        newest.truncate(BUCKET);
        newest.sort_unstable();
        for step in [1, 7, 199] {
            let mut table = BandTable::default();
            for at in 0..count {
                table.insert([5].into_iter(), (at * step % count) as Slot, &marks);
            }
            assert_eq!(found(&table, &[5]).into_iter().map(|(_, slot)| slot).collect::<Vec<_>>(), newest);
            assert_eq!(table.overflowed(), count as u64 - BUCKET as u64);
        }
    }

    #[test]
    fn small_keys_are_spread_too() {
        let count = 20_000_u32;
        let marks: Vec<Mark> = (0..count).map(|at| mark(0, i64::from(at), 0)).collect();
        let mut table = BandTable::default();
        // All within a fiftieth of the range.
        let key = |slot: u32| slot.wrapping_mul(2_654_435_761) / 50;
        for slot in 0..count {
            table.insert([key(slot)].into_iter(), slot, &marks);
        }
        let band = &table.bands[0];
        let places = band.places.len();
        let distances = band.places.iter().enumerate().filter(|(_, (_, slot))| *slot != EMPTY);
        let longest = distances.map(|(at, (key, _))| (at + places - band.home(*key)) % places).max().unwrap();
        assert!(longest < 200, "{longest} places from its home");
    }

    #[test]
    fn many_keys_grow_the_table_and_stay_apart() {
        let count = 5_000_u32;
        let marks: Vec<Mark> = (0..count).map(|at| mark(0, i64::from(at), 0)).collect();
        let mut table = BandTable::default();
        let key = |slot: u32| slot.wrapping_mul(2_654_435_761);
        for slot in 0..count {
            table.insert([key(slot), u32::MAX].into_iter(), slot, &marks);
        }
        for slot in (0..count).step_by(7) {
            assert_eq!(found(&table, &[key(slot)]), [(0, slot)]);
        }
        let used = table.bands[0].places.len() as f64 / f64::from(count);
        assert!((1.66..2.25).contains(&used), "{used} places a claim");
        table.retain(|slot| slot < 10);
        assert!(table.bands[0].places.len() < 100);
        assert_eq!(found(&table, &[key(3)]), [(0, 3)]);
    }
}
