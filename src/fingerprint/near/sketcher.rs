//! From an article's words to its sketch.

use super::fold::Folder;
use super::hash::Salt;
use super::layout::{BINS, BITMAP, EMPTY, MOST, Parts, Sketch};
use super::words::{Word, words};

/// Words of a body that count as its lead.
const LEAD: usize = 60;

/// Makes sketches; those of one seed can be compared.
#[derive(Debug)]
pub struct Sketcher {
    folder: Folder,
    salt: Salt,
}

impl Sketcher {
    /// A sketcher whose hashes nobody can foresee who does not know the seed (`dedup.seed`).
    pub fn new(seed: &str) -> Self {
        Self { folder: Folder::new(), salt: Salt::of(seed) }
    }

    /// The sketch of an article.
    pub fn sketch(&self, title: Option<&str>, body: &str) -> Sketch {
        let title = words(&self.folder, self.salt, title.unwrap_or_default());
        let body = words(&self.folder, self.salt, body);
        let (bins, places) = self.min_hash(&body);
        Sketch::of(&Parts {
            tokens: u32::try_from(body.len()).unwrap_or(u32::MAX),
            bins,
            places,
            bitmap: bitmap(&body),
            lists: [
                list(body.iter().take(LEAD).filter(|word| tells(word)), MOST[0]),
                list(body.iter().filter(|word| word.number), MOST[1]),
                list(title.iter(), MOST[2]),
            ],
        })
    }

    /// One-permutation MinHash over pairs of words (after Li, Owen and Zhang, "One permutation hashing", 2012), with
    /// where in the text each stands, in 255ths.
    fn min_hash(&self, body: &[Word]) -> ([u16; BINS], [u8; BINS]) {
        let mut best = [(u64::MAX, 0_usize); BINS];
        for (at, pair) in body.windows(2).enumerate() {
            let [first, second] = pair else { continue };
            if !tells(first) && !tells(second) {
                continue;
            }
            let hash = self.salt.join(first.hash, second.hash);
            if let Some(bin) = best.get_mut((hash >> 58) as usize)
                && hash << 6 < bin.0
            {
                *bin = (hash << 6, at);
            }
        }
        let place = |at: usize| u8::try_from(at * 255 / body.len().max(1)).unwrap_or(u8::MAX);
        let value = |best: u64| if best == u64::MAX { EMPTY } else { ((best >> 48) as u16).min(EMPTY - 1) };
        (best.map(|(hash, _)| value(hash)), best.map(|(_, at)| place(at)))
    }
}

/// Whether a word says what a text is about.
fn tells(word: &Word) -> bool {
    word.length > 3 || word.number || word.length == 2
}

fn list<'w>(words: impl Iterator<Item = &'w Word>, most: usize) -> Vec<u16> {
    let mut hashes = Vec::new();
    for word in words {
        let hash = (word.hash >> 48) as u16;
        if !hashes.contains(&hash) && hashes.len() < most {
            hashes.push(hash);
        }
    }
    hashes
}

fn bitmap(body: &[Word]) -> [u8; BITMAP] {
    let mut bitmap = [0_u8; BITMAP];
    for word in body.iter().filter(|word| tells(word)) {
        let bit = bit(word.hash);
        if let Some(byte) = bitmap.get_mut(bit / 8) {
            *byte |= 1 << (bit % 8);
        }
    }
    bitmap
}

fn bit(hash: u64) -> usize {
    (hash >> 48) as usize % (BITMAP * 8)
}
