//! A word in sixteen bits: thirteen of its hash and three of how rare it is.

use super::layout::BITMAP;

/// Classes from here on are in the bitmap of rare words.
const RARE: u8 = 6;

pub(super) fn of(hash: u64, class: u8) -> u16 {
    (hash >> 51) as u16 & 0x1fff | u16::from(class & 7) << 13
}

/// How rare the word is.
pub(super) fn class(code: u16) -> u8 {
    (code >> 13) as u8
}

/// What the word says of a text: more the rarer it is.
pub(super) fn weight(code: u16) -> f32 {
    f32::from(class(code)) + 1.0
}

/// Its bit in the bitmaps.
pub(super) fn bit(code: u16) -> usize {
    let half = BITMAP * 4;
    usize::from(code & 0x1fff) % half + if class(code) >= RARE { 0 } else { half }
}
