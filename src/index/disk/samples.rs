//! The samples of the claims on disk that have a sketch.

use crate::fingerprint::near::Sample;
use crate::index::table::Slot;

/// Stands where a claim has no sample.
const NONE: u32 = u32::MAX;

/// Samples by number of claim: four bytes a claim, and a sample for each that has one.
#[derive(Debug, Default)]
pub(super) struct Samples {
    places: Vec<u32>,
    samples: Vec<Sample>,
    free: Vec<u32>,
}

impl Samples {
    pub(super) fn get(&self, slot: Slot) -> Option<Sample> {
        self.samples.get(*self.places.get(slot as usize)? as usize).copied()
    }

    /// A claim comes, or goes with its number.
    pub(super) fn set(&mut self, slot: Slot, sample: Option<Sample>) {
        let at = slot as usize;
        if self.places.len() <= at {
            self.places.resize(at + 1, NONE);
        }
        let Some(place) = self.places.get_mut(at) else { return };
        let old = std::mem::replace(place, NONE);
        self.free.extend(Some(old).filter(|old| *old != NONE));
        let Some(sample) = sample else { return };
        *place = self.free.pop().unwrap_or_else(|| {
            self.samples.push(sample);
            // Never more than there are claims.
            (self.samples.len() - 1) as u32
        });
        if let Some(known) = self.samples.get_mut(*place as usize) {
            *known = sample;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::near::Sketcher;

    #[test]
    fn a_number_that_is_given_anew_has_the_sample_of_its_new_claim() {
        let sketcher = Sketcher::new("");
        let sample = |text: &str| sketcher.sketch(None, text).sample();
        let (first, second) = (sample("harbour authority closes basin"), sample("court orders railway figures"));
        let mut samples = Samples::default();
        samples.set(3, Some(first));
        assert_eq!((samples.get(3), samples.get(2), samples.get(9)), (Some(first), None, None));
        samples.set(3, None);
        assert_eq!(samples.get(3), None);
        samples.set(1, Some(second));
        assert_eq!((samples.get(1), samples.get(3)), (Some(second), None));
        assert_eq!(samples.samples.len(), 1, "in the place that became free");
    }
}
