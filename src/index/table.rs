//! A set of claims with its answers: the committed claims of an index, or those of a batch still open.
//!
//! In memory are hashes, marks and band keys; where the claims themselves are, the shelf knows. For each key and day one
//! claim is remembered, the one that answers among that day's: dropping days leaves the answers that the rest would
//! have given had there been nothing else.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::Arc;

use rayon::prelude::*;

use super::{Answers, IndexError, IndexSize, Query};
use crate::fingerprint::near::{Sample, Sketch};
use crate::fingerprint::{IdentityKey, PublisherKey, TextKey, TitleKey};
use crate::verdict::{Claim, Day};

mod bands;
mod keys;
mod mark;

pub(crate) use bands::BUCKET;
pub use keys::Slot;
use keys::{KeyTable, MOST_SLOTS};
pub(crate) use mark::Choice;
pub use mark::Mark;

/// Where claims are kept.
pub(crate) trait Shelf {
    /// Keeps a claim under a number that is free.
    fn put(&mut self, slot: Slot, claim: &Arc<Claim>);

    /// The claim under a number.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn read(&self, slot: Slot) -> Result<Arc<Claim>, IndexError>;

    /// What tells that the claim's text is nothing like another; none where it has no sketch.
    fn sample(&self, slot: Slot) -> Option<Sample>;

    /// A number becomes free.
    fn release(&mut self, slot: Slot);
}

/// Claims in memory, whole.
#[derive(Debug, Default)]
pub(crate) struct InMemory(Vec<Option<Arc<Claim>>>);

impl Shelf for InMemory {
    fn put(&mut self, slot: Slot, claim: &Arc<Claim>) {
        let at = slot as usize;
        if self.0.len() <= at {
            self.0.resize(at + 1, None);
        }
        if let Some(place) = self.0.get_mut(at) {
            *place = Some(Arc::clone(claim));
        }
    }

    fn read(&self, slot: Slot) -> Result<Arc<Claim>, IndexError> {
        self.0.get(slot as usize).cloned().flatten().ok_or(IndexError::Lost { slot })
    }

    fn sample(&self, slot: Slot) -> Option<Sample> {
        self.0.get(slot as usize)?.as_ref()?.sketch.as_ref().map(Sketch::sample)
    }

    fn release(&mut self, slot: Slot) {
        if let Some(place) = self.0.get_mut(slot as usize) {
            *place = None;
        }
    }
}

/// What a claim is found by. Hashed with a key of the process, so that nobody can make two of them meet.
#[derive(Hash)]
enum Name<'a> {
    Coordinate(&'a crate::source::Coordinate),
    Identity(IdentityKey),
    Article(&'a crate::verdict::ArticleId),
    Text(TextKey),
    TextBy(TextKey, PublisherKey),
    TextUnder(TextKey, TitleKey),
    Successor(&'a crate::verdict::ArticleId),
}

/// A claim that shares a band.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posting {
    /// Which band.
    pub band: usize,
    /// What orders it.
    pub mark: Mark,
    /// Its number.
    pub slot: Slot,
}

/// A set of claims with its answers.
#[derive(Debug, Default)]
pub(crate) struct ClaimTable<S = InMemory> {
    shelf: S,
    hash: RandomState,
    keys: KeyTable,
    bands: bands::BandTable,
    marks: Vec<Mark>,
    free: Vec<Slot>,
    /// No claim is held on an earlier day.
    oldest: Option<Day>,
    watermark_ms: Option<i64>,
}

impl<S: Shelf> ClaimTable<S> {
    pub(crate) fn new(shelf: S) -> Self {
        Self {
            shelf,
            hash: RandomState::new(),
            keys: KeyTable::default(),
            bands: bands::BandTable::default(),
            marks: Vec::new(),
            free: Vec::new(),
            oldest: None,
            watermark_ms: None,
        }
    }

    /// Adds a claim; says under which number, and nothing where it was known.
    ///
    /// # Errors
    /// Where a claim could not be read that had to be compared, or the table is full.
    pub(crate) fn insert(&mut self, claim: &Arc<Claim>) -> Result<Option<Slot>, IndexError> {
        let slot = self.insert_keys(claim)?;
        if let (Some(slot), Some(sketch)) = (slot, &claim.sketch) {
            self.bands.insert(sketch.bands(), slot, &self.marks);
        }
        Ok(slot)
    }

    /// Adds many claims at once, which is faster; tells `placed` under which number each is that was not known.
    ///
    /// # Errors
    /// As [`Self::insert`].
    pub(crate) fn insert_all<'c>(
        &mut self,
        claims: impl Iterator<Item = &'c Arc<Claim>>,
        mut placed: impl FnMut(&mut S, usize, Slot),
    ) -> Result<(), IndexError> {
        let mut sketched: Vec<(Slot, &Sketch)> = Vec::new();
        for (at, claim) in claims.enumerate() {
            if let Some(slot) = self.insert_keys(claim)? {
                placed(&mut self.shelf, at, slot);
                sketched.extend(claim.sketch.as_ref().map(|sketch| (slot, sketch)));
            }
        }
        let keyed: Vec<(Slot, Vec<u32>)> =
            sketched.par_iter().map(|(slot, sketch)| (*slot, sketch.bands().collect())).collect();
        self.bands.insert_all(&keyed, &self.marks);
        Ok(())
    }

    /// Adds a claim under all but its band keys.
    fn insert_keys(&mut self, claim: &Arc<Claim>) -> Result<Option<Slot>, IndexError> {
        let mark = Mark::of(claim);
        let coordinate = self.hash.hash_one(Name::Coordinate(&claim.delivery));
        if self.keys.get(coordinate).iter().any(|slot| self.mark(*slot).is_some_and(|known| known.tie == mark.tie)) {
            return Ok(None);
        }
        let slot = self.take(mark)?;
        self.shelf.put(slot, claim);
        self.keys.add(coordinate, slot);
        for alias in &claim.aliases {
            self.keep(Name::Identity(*alias), slot, claim, Choice::First)?;
        }
        if let Some(text) = claim.text {
            self.keep(Name::Text(text), slot, claim, Choice::First)?;
            if let Some(publisher) = claim.publisher.filter(|_| claim.sketch.is_none()) {
                self.keep(Name::TextBy(text, publisher), slot, claim, Choice::First)?;
            }
            if let Some(title) = claim.title.filter(|_| claim.sketch.is_none()) {
                self.keep(Name::TextUnder(text, title), slot, claim, Choice::First)?;
            }
        }
        if let Some(retracted) = &claim.succeeds {
            self.keep(Name::Successor(retracted), slot, claim, Choice::First)?;
        }
        self.keep(Name::Article(&claim.article), slot, claim, Choice::Newest)?;
        self.oldest = Some(self.oldest.map_or(mark.day, |oldest| oldest.min(mark.day)));
        self.watermark_ms = self.watermark_ms.max(Some(claim.event_time_ms));
        Ok(Some(slot))
    }

    /// Drops the days before this one. Says whether there was anything to drop.
    pub(crate) fn expire(&mut self, oldest: Day) -> bool {
        if self.oldest.is_none_or(|held| held >= oldest) {
            return false;
        }
        let marks = std::mem::take(&mut self.marks);
        let is_kept = |slot: Slot| marks.get(slot as usize).is_some_and(|mark| mark.day >= oldest);
        self.keys.retain(is_kept);
        self.bands.retain(is_kept);
        self.marks = marks;
        for (slot, mark) in (0..).zip(&mut self.marks) {
            if mark.day < oldest && mark.day > Day::FIRST {
                // No claim's day is the first: the mark of a number that is free.
                mark.day = Day::FIRST;
                self.shelf.release(slot);
                self.free.push(slot);
            }
        }
        self.oldest = self.marks.iter().map(|mark| mark.day).filter(|day| *day > Day::FIRST).min();
        true
    }

    /// How large it is; of files it knows nothing.
    pub(crate) fn size(&self) -> IndexSize {
        IndexSize {
            claims: self.marks.len() - self.free.len(),
            disk_bytes: 0,
            oldest: self.oldest,
            overflowed: self.bands.overflowed(),
        }
    }

    /// Where the claims are kept.
    pub(crate) fn shelf(&self) -> &S {
        &self.shelf
    }

    /// Where the claims are kept.
    pub(crate) fn shelf_mut(&mut self) -> &mut S {
        &mut self.shelf
    }

    fn mark(&self, slot: Slot) -> Option<&Mark> {
        self.marks.get(slot as usize)
    }

    fn take(&mut self, mark: Mark) -> Result<Slot, IndexError> {
        if let Some(slot) = self.free.pop()
            && let Some(place) = self.marks.get_mut(slot as usize)
        {
            *place = mark;
            return Ok(slot);
        }
        if self.marks.len() >= MOST_SLOTS {
            return Err(IndexError::Full { claims: self.marks.len() });
        }
        self.marks.push(mark);
        Ok((self.marks.len() - 1) as Slot)
    }

    /// Leads a name to a claim, where it answers among those of its day.
    fn keep(&mut self, name: Name<'_>, slot: Slot, claim: &Claim, choice: Choice) -> Result<(), IndexError> {
        let key = self.hash.hash_one(name);
        let Some(mark) = self.mark(slot).copied() else { return Ok(()) };
        let same_day = |slot: &&Slot| self.mark(**slot).is_some_and(|known| known.day == mark.day);
        let Some((known, other)) =
            self.keys.get(key).iter().find(same_day).and_then(|slot| Some((*slot, self.mark(*slot)?)))
        else {
            self.keys.add(key, slot);
            return Ok(());
        };
        let is_better = match choice.rank(&mark).cmp(&choice.rank(other)) {
            std::cmp::Ordering::Less => true,
            std::cmp::Ordering::Greater => false,
            std::cmp::Ordering::Equal => known != slot && choice.prefers(claim, self.shelf.read(known)?.as_ref()),
        };
        if is_better {
            self.keys.replace(key, known, slot);
        }
        Ok(())
    }

    /// The claim that answers under a name. A hash may lead to claims of another name: `is_it` tells.
    fn best(
        &self,
        name: Name<'_>,
        since: Day,
        choice: Choice,
        is_it: impl Fn(&Claim) -> bool,
    ) -> Result<Option<Arc<Claim>>, IndexError> {
        let slots = self.keys.get(self.hash.hash_one(name));
        let ranked =
            |slot: &Slot| self.mark(*slot).filter(|mark| mark.day >= since).map(|mark| (choice.rank(mark), *slot));
        let mut ranked: Vec<((i64, i64), Slot)> = slots.iter().filter_map(ranked).collect();
        ranked.sort_unstable();
        let mut best: Option<((i64, i64), Arc<Claim>)> = None;
        for (rank, slot) in ranked {
            if best.as_ref().is_some_and(|(known, _)| *known < rank) {
                break;
            }
            let claim = self.shelf.read(slot)?;
            if is_it(&claim) && best.as_ref().is_none_or(|(_, known)| choice.prefers(&claim, known)) {
                best = Some((rank, claim));
            }
        }
        Ok(best.map(|(_, claim)| claim))
    }
}

impl<S: Shelf> Answers for ClaimTable<S> {
    fn find(&self, query: Query<'_>, since: Day) -> Result<Option<Arc<Claim>>, IndexError> {
        match query {
            Query::Delivery(coordinate, payload) => {
                let is_it = |claim: &Claim| claim.delivery == *coordinate && claim.payload == payload;
                self.best(Name::Coordinate(coordinate), since, Choice::Rewritten, is_it)
            }
            Query::Coordinate(coordinate) => {
                self.best(Name::Coordinate(coordinate), since, Choice::Rewritten, |claim| claim.delivery == *coordinate)
            }
            Query::Identity(key) => match self.first_named(key, since)? {
                Some(named) => self.find(Query::Article(&named.article), since),
                None => Ok(None),
            },
            Query::Article(id) => self.best(Name::Article(id), since, Choice::Newest, |claim| claim.article == *id),
            Query::Text(key) => self.best(Name::Text(key), since, Choice::First, |claim| claim.text == Some(key)),
            Query::TextBy(text, publisher) => {
                let is_it = |claim: &Claim| {
                    claim.text == Some(text) && claim.publisher == Some(publisher) && claim.sketch.is_none()
                };
                self.best(Name::TextBy(text, publisher), since, Choice::First, is_it)
            }
            Query::TextUnder(text, title) => {
                let is_it =
                    |claim: &Claim| claim.text == Some(text) && claim.title == Some(title) && claim.sketch.is_none();
                self.best(Name::TextUnder(text, title), since, Choice::First, is_it)
            }
            Query::Successor(retracted) => {
                let is_it = |claim: &Claim| claim.succeeds.as_ref() == Some(retracted);
                self.best(Name::Successor(retracted), since, Choice::First, is_it)
            }
        }
    }

    fn first_named(&self, key: IdentityKey, since: Day) -> Result<Option<Arc<Claim>>, IndexError> {
        self.best(Name::Identity(key), since, Choice::First, |claim| claim.aliases.contains(&key))
    }

    fn postings(&self, sketch: &Sketch, since: Day) -> Vec<Posting> {
        let posting = |(band, slot)| Some(Posting { band, mark: *self.mark(slot)?, slot });
        self.bands.find(sketch.bands()).filter_map(posting).filter(|posting| posting.mark.day >= since).collect()
    }

    fn is_unlike(&self, slot: Slot, sample: &Sample) -> bool {
        self.shelf.sample(slot).is_none_or(|known| known.is_unlike(sample))
    }

    fn claim(&self, slot: Slot) -> Result<Arc<Claim>, IndexError> {
        self.shelf.read(slot)
    }

    fn watermark_ms(&self) -> Option<i64> {
        self.watermark_ms
    }
}
