//! Which claims a key leads to: a hash table of 64-bit hashes, twelve bytes an entry.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A claim's number within its table.
pub type Slot = u32;

/// Set where the value is no slot, but the number of a list of slots.
const LIST: u32 = 1 << 31;
/// Most claims of one table.
pub(super) const MOST_SLOTS: usize = LIST as usize - 1;

/// Leaves as it is what is a hash already.
#[derive(Debug, Default)]
pub(super) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// Slots by hashed key. Nearly every key leads to one.
#[derive(Debug, Default)]
pub(super) struct KeyTable {
    entries: HashMap<u64, u32, BuildHasherDefault<AsItIs>>,
    lists: Vec<Vec<Slot>>,
    free: Vec<u32>,
}

impl KeyTable {
    /// The slots of a key.
    pub(super) fn get(&self, key: u64) -> &[Slot] {
        match self.entries.get(&key) {
            None => &[],
            Some(value) if value & LIST != 0 => self.lists.get((value & !LIST) as usize).map_or(&[], Vec::as_slice),
            Some(slot) => std::slice::from_ref(slot),
        }
    }

    /// Leads a key to one slot more.
    pub(super) fn add(&mut self, key: u64, slot: Slot) {
        match self.entries.get_mut(&key) {
            None => {
                self.entries.insert(key, slot);
            }
            Some(value) if *value & LIST != 0 => {
                if let Some(list) = self.lists.get_mut((*value & !LIST) as usize) {
                    list.push(slot);
                }
            }
            Some(value) => {
                let list = vec![*value, slot];
                let number = match self.free.pop() {
                    Some(number) => number,
                    None => {
                        self.lists.push(Vec::new());
                        // Every list holds two slots at least: there are fewer lists than slots.
                        (self.lists.len() - 1) as u32
                    }
                };
                if let Some(place) = self.lists.get_mut(number as usize) {
                    *place = list;
                }
                *value = number | LIST;
            }
        }
    }

    /// Leads a key to one slot instead of another.
    pub(super) fn replace(&mut self, key: u64, old: Slot, new: Slot) {
        match self.entries.get_mut(&key) {
            Some(value) if *value & LIST != 0 => {
                let list = self.lists.get_mut((*value & !LIST) as usize);
                if let Some(slot) = list.and_then(|list| list.iter_mut().find(|slot| **slot == old)) {
                    *slot = new;
                }
            }
            Some(value) if *value == old => *value = new,
            _ => {}
        }
    }

    /// Forgets every slot that is not kept.
    pub(super) fn retain(&mut self, keep: impl Fn(Slot) -> bool) {
        let Self { entries, lists, free } = self;
        entries.retain(|_, value| {
            if *value & LIST == 0 {
                return keep(*value);
            }
            let number = *value & !LIST;
            let Some(list) = lists.get_mut(number as usize) else { return false };
            list.retain(|slot| keep(*slot));
            match *list.as_slice() {
                [] | [_] => {
                    free.push(number);
                    if let Some(last) = std::mem::take(list).pop() {
                        *value = last;
                        return true;
                    }
                    false
                }
                _ => true,
            }
        });
        // A window that shrank gives its memory back.
        if entries.capacity() > 4 * entries.len().max(16) {
            entries.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_lead_to_one_slot_or_several_and_forget() {
        let mut keys = KeyTable::default();
        assert!(keys.get(7).is_empty());
        for slot in 0..4 {
            keys.add(7, slot);
        }
        keys.add(8, 9);
        keys.replace(7, 2, 20);
        keys.replace(8, 9, 90);
        assert_eq!((keys.get(7), keys.get(8)), (&[0, 1, 20, 3][..], &[90][..]));
        keys.retain(|slot| slot >= 20);
        assert_eq!((keys.get(7), keys.get(8)), (&[20][..], &[90][..]));
        keys.add(8, 91);
        assert_eq!(keys.get(8), &[90, 91], "in the list that became free");
        assert_eq!(keys.lists.len(), 1);
        keys.retain(|_| false);
        assert!(keys.get(7).is_empty() && keys.get(8).is_empty());
    }
}
