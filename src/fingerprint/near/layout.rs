//! What a sketch holds, byte for byte.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

/// Of this layout, and of the hashes in it: sketches of two versions cannot be compared.
pub(super) const VERSION: u8 = 2;

/// Bins of the MinHash over pairs of words.
pub(super) const BINS: usize = 64;
/// Bytes of the bitmaps of words: first the rare ones, then the others.
pub(super) const BITMAP: usize = 128;
/// Most codes in each list.
pub(super) const MOST: [usize; LISTS] = [24, 16, 12];
/// Lists of codes: words of the lead, numbers, words of the title.
pub(super) const LISTS: usize = 3;
pub(super) const LEAD: usize = 0;
pub(super) const NUMBERS: usize = 1;
pub(super) const TITLE: usize = 2;

const TOKENS_AT: usize = 1;
const FIRST_AT: usize = TOKENS_AT + 4;
const BINS_AT: usize = FIRST_AT + 2;
const PLACES_AT: usize = BINS_AT + 2 * BINS;
const BITMAP_AT: usize = PLACES_AT + BINS;
const COUNTS_AT: usize = BITMAP_AT + BITMAP;
const LISTS_AT: usize = COUNTS_AT + LISTS;

/// Stands in an empty bin.
pub(super) const EMPTY: u16 = u16::MAX;

/// What is remembered of a text to tell its copies by: some 400 bytes, however long the text is. In JSON a string in
/// base64.
#[derive(Clone, PartialEq, Eq)]
pub struct Sketch(Arc<[u8]>);

/// Bytes that are no sketch.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SketchError {
    /// Made by another version of copydesk.
    #[error("sketch of version {found}, this program compares version {VERSION}")]
    Version {
        /// Its version.
        found: u8,
    },
    /// Not a sketch, or cut off.
    #[error("a sketch of {bytes} bytes is cut off or too long")]
    Length {
        /// Its length.
        bytes: usize,
    },
}

/// The parts of a sketch, before they are bytes.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) tokens: u32,
    /// How many words of the lead's list are in the first sentence, and how many numbers are in the lead.
    pub(super) first: [u8; 2],
    pub(super) bins: [u16; BINS],
    pub(super) places: [u8; BINS],
    pub(super) bitmap: [u8; BITMAP],
    pub(super) lists: [Vec<u16>; LISTS],
}

impl Sketch {
    pub(super) fn of(parts: &Parts) -> Self {
        let mut bytes = Vec::with_capacity(LISTS_AT + 2 * MOST.iter().sum::<usize>());
        bytes.push(VERSION);
        bytes.extend(parts.tokens.to_le_bytes());
        bytes.extend(parts.first);
        bytes.extend(parts.bins.iter().flat_map(|value| value.to_le_bytes()));
        bytes.extend(parts.places);
        bytes.extend(parts.bitmap);
        let lists = || parts.lists.iter().zip(MOST).map(|(list, most)| list.iter().take(most));
        bytes.extend(lists().map(|list| u8::try_from(list.len()).unwrap_or(u8::MAX)));
        lists().for_each(|list| bytes.extend(list.flat_map(|hash| hash.to_le_bytes())));
        Self(bytes.into())
    }

    /// The sketch as bytes, to be stored.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The sketch that [`Sketch::as_bytes`] gave.
    ///
    /// # Errors
    /// [`SketchError`] where the bytes are no sketch of this version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SketchError> {
        match bytes.first() {
            Some(&VERSION) => {}
            Some(&found) => return Err(SketchError::Version { found }),
            None => return Err(SketchError::Length { bytes: 0 }),
        }
        let wrong = SketchError::Length { bytes: bytes.len() };
        let Some(counts) = bytes.get(COUNTS_AT..LISTS_AT) else { return Err(wrong) };
        let sound = counts.iter().zip(MOST).all(|(count, most)| usize::from(*count) <= most);
        let length = LISTS_AT + 2 * counts.iter().copied().map(usize::from).sum::<usize>();
        if sound && bytes.len() == length { Ok(Self(bytes.into())) } else { Err(wrong) }
    }

    /// Words of the body, or characters in scripts without spaces.
    pub fn tokens(&self) -> u32 {
        let bytes = self.0.get(TOKENS_AT..FIRST_AT).and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(0, u32::from_le_bytes)
    }

    /// Keys by which copies of this text are looked for: two texts that share one are worth comparing. None for a text
    /// without words.
    pub fn bands(&self) -> impl Iterator<Item = u32> + use<> {
        super::bands::keys(self).into_iter()
    }

    /// See [`Parts::first`].
    pub(super) fn first(&self) -> [usize; 2] {
        let bytes = self.0.get(FIRST_AT..BINS_AT).and_then(|bytes| <[u8; 2]>::try_from(bytes).ok());
        bytes.unwrap_or_default().map(usize::from)
    }

    pub(super) fn bins(&self) -> [u16; BINS] {
        let mut bins = [EMPTY; BINS];
        for (bin, bytes) in bins.iter_mut().zip(self.0.get(BINS_AT..PLACES_AT).unwrap_or_default().chunks_exact(2)) {
            *bin = bytes.try_into().map_or(EMPTY, u16::from_le_bytes);
        }
        bins
    }

    pub(super) fn places(&self) -> &[u8] {
        self.0.get(PLACES_AT..BITMAP_AT).unwrap_or_default()
    }

    pub(super) fn bitmap(&self) -> &[u8] {
        self.0.get(BITMAP_AT..COUNTS_AT).unwrap_or_default()
    }

    /// The hashes of a list, in the order of the text.
    pub(super) fn list(&self, which: usize) -> Vec<u16> {
        let counts = self.0.get(COUNTS_AT..LISTS_AT).unwrap_or_default();
        let before: usize = counts.iter().take(which).copied().map(usize::from).sum();
        let own = counts.get(which).copied().map_or(0, usize::from);
        let from = LISTS_AT + 2 * before;
        let bytes = self.0.get(from..from + 2 * own).unwrap_or_default();
        bytes.chunks_exact(2).map(|pair| pair.try_into().map_or(0, u16::from_le_bytes)).collect()
    }
}

impl fmt::Debug for Sketch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sketch({} words, {} bytes)", self.tokens(), self.0.len())
    }
}

impl Serialize for Sketch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD_NO_PAD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Sketch {
    fn deserialize<De: Deserializer<'de>>(deserializer: De) -> Result<Self, De::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        let bytes = STANDARD_NO_PAD.decode(text.as_bytes()).map_err(|_| de::Error::custom("a sketch is base64"))?;
        Self::from_bytes(&bytes).map_err(de::Error::custom)
    }
}
