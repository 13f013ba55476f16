//! Near-duplicates: a sketch of each text, and how likely it is that one of two texts is a copy of the other.
//!
//! In the order in which a text goes through: [`fold`] gives its characters, [`words`] its words as salted hashes
//! ([`hash`]), [`frequency`] says how rare they are, [`sketcher`] chooses what is remembered, [`layout`] is that in bytes,
//! [`bands`] are the keys by which copies are looked for, [`sample`] refuses most of what
//! was found by chance, [`features`] what two sketches have in common, and [`judge`] says what
//! that means.

mod bands;
mod code;
mod features;
mod fold;
mod frequency;
mod hash;
mod judge;
mod layout;
mod pairs;
mod sample;
mod sketcher;
mod words;

pub use features::{FEATURES, NAMES, features};
pub use frequency::{Counter, Frequencies, FrequencyError, RAREST, SHARES};
pub use judge::{Comparison, compare, compare_all};
pub use layout::{Sketch, SketchError};
pub use sample::Sample;
pub use sketcher::Sketcher;

#[cfg(test)]
mod tests;
