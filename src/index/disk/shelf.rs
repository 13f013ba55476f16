//! Where the claims of an index on disk are: in a file, or on the way there.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::recent::Recent;
use super::samples::Samples;
use super::segments::Segments;
use crate::fingerprint::near::{Sample, Sketch};
use crate::index::table::{Shelf, Slot};
use crate::index::{ChangelogPositions, IndexError};
use crate::verdict::Claim;

/// Where a claim stands, in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Location {
    /// Number of the file, from the first one when the index was opened.
    pub(super) segment: u32,
    pub(super) offset: u32,
    /// Its bytes; 0 for one that is not in a file.
    pub(super) length: u32,
}

/// Claims in files; in memory only where writing them has failed, or is to come.
#[derive(Debug)]
pub(super) struct OnDisk {
    pub(super) segments: Segments,
    places: Vec<Location>,
    samples: Samples,
    recent: Recent,
    unwritten: BTreeMap<Slot, Arc<Claim>>,
}

impl OnDisk {
    pub(super) fn new(segments: Segments) -> Self {
        Self {
            segments,
            places: Vec::new(),
            samples: Samples::default(),
            recent: Recent::default(),
            unwritten: BTreeMap::new(),
        }
    }

    /// Says where a claim stands.
    pub(super) fn settle(&mut self, slot: Slot, location: Location) {
        let at = slot as usize;
        if self.places.len() <= at {
            self.places.resize(at + 1, Location::default());
        }
        if let Some(place) = self.places.get_mut(at) {
            *place = location;
        }
        self.unwritten.remove(&slot);
    }

    /// Whether every claim is in a file.
    pub(super) fn is_written(&self) -> bool {
        self.unwritten.is_empty()
    }

    /// Writes the claims that are in no file yet, and positions, as one frame: positions never reach a file without the
    /// claims before them.
    pub(super) fn write(
        &mut self,
        positions: &ChangelogPositions,
        written: &ChangelogPositions,
    ) -> Result<(), IndexError> {
        let (slots, claims): (Vec<Slot>, Vec<Arc<Claim>>) =
            self.unwritten.iter().map(|(slot, claim)| (*slot, Arc::clone(claim))).unzip();
        let places = self.segments.append(&claims, positions, written)?;
        for ((slot, claim), place) in slots.into_iter().zip(&claims).zip(places) {
            self.settle(slot, place);
            self.recent.put(slot, claim);
        }
        Ok(())
    }
}

impl Shelf for OnDisk {
    fn put(&mut self, slot: Slot, claim: &Arc<Claim>) {
        self.samples.set(slot, claim.sketch.as_ref().map(Sketch::sample));
        self.recent.forget(slot);
        self.unwritten.insert(slot, Arc::clone(claim));
    }

    fn read(&self, slot: Slot) -> Result<Arc<Claim>, IndexError> {
        if let Some(claim) = self.unwritten.get(&slot) {
            return Ok(Arc::clone(claim));
        }
        if let Some(claim) = self.recent.get(slot) {
            return Ok(claim);
        }
        match self.places.get(slot as usize) {
            Some(place) if place.length > 0 => {
                let claim = self.segments.read(*place)?;
                self.recent.put(slot, &claim);
                Ok(claim)
            }
            _ => Err(IndexError::Lost { slot }),
        }
    }

    fn sample(&self, slot: Slot) -> Option<Sample> {
        self.samples.get(slot)
    }

    fn release(&mut self, slot: Slot) {
        self.samples.set(slot, None);
        self.recent.forget(slot);
        self.settle(slot, Location::default());
    }
}
