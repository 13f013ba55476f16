//! Claims that were read or written last, as they were: most candidates are among them.

use std::cell::RefCell;
use std::sync::Arc;

use crate::index::table::Slot;
use crate::verdict::Claim;

/// Claims that are held, about a kilobyte each. Numbers ascend, so that the newest do not displace one another.
const PLACES: usize = 4096;

/// A claim by its number, where it was seen lately.
#[derive(Debug)]
pub(super) struct Recent(RefCell<Vec<Place>>);

type Place = Option<(Slot, Arc<Claim>)>;

impl Default for Recent {
    fn default() -> Self {
        Self(RefCell::new(vec![None; PLACES]))
    }
}

impl Recent {
    pub(super) fn get(&self, slot: Slot) -> Option<Arc<Claim>> {
        let places = self.0.borrow();
        let (known, claim) = places.get(slot as usize % PLACES)?.as_ref()?;
        (*known == slot).then(|| Arc::clone(claim))
    }

    pub(super) fn put(&self, slot: Slot, claim: &Arc<Claim>) {
        if let Some(place) = self.0.borrow_mut().get_mut(slot as usize % PLACES) {
            *place = Some((slot, Arc::clone(claim)));
        }
    }

    /// The number stands for another claim from now on, or for none.
    pub(super) fn forget(&mut self, slot: Slot) {
        if let Some(place) = self.0.get_mut().get_mut(slot as usize % PLACES)
            && place.as_ref().is_some_and(|(known, _)| *known == slot)
        {
            *place = None;
        }
    }
}
