//! What the samples of pairs of words say: how much two texts share, and where in each of them.

use super::layout::{EMPTY, Sketch};

/// Counts over first quarter, middle and last quarter of a text.
type Regions = [f32; 3];

/// Samples of the union of two texts: each is in both, or in one alone.
///
/// The least value of a bin over both texts is a fair sample of their union, so it is known to be lacking in the other.
pub(super) struct Pairs {
    both: [Regions; 2],
    alone: [Regions; 2],
    /// Sum of the distances of shared pairs from their place in the other text.
    moved: f32,
}

impl Pairs {
    pub(super) fn of(left: &Sketch, right: &Sketch) -> Self {
        let mut pairs = Self { both: Default::default(), alone: Default::default(), moved: 0.0 };
        let bins = left.bins().into_iter().zip(right.bins());
        for ((first, second), (at, there)) in bins.zip(left.places().iter().zip(right.places())) {
            let [both_left, both_right] = &mut pairs.both;
            let [alone_left, alone_right] = &mut pairs.alone;
            if first == second && first != EMPTY {
                add(both_left, *at);
                add(both_right, *there);
                pairs.moved += f32::from(at.abs_diff(*there)) / 255.0;
            } else if first < second {
                add(alone_left, *at);
            } else if second < first {
                add(alone_right, *there);
            }
        }
        pairs
    }

    /// Share of all pairs that is in both texts.
    pub(super) fn jaccard(&self) -> f32 {
        let [left, right] = self.only();
        self.shared() / (self.shared() + left + right).max(1.0)
    }

    /// Shares of each text's pairs that the other has too; half where nothing is known.
    pub(super) fn covered(&self) -> [f32; 2] {
        self.only().map(|only| (self.shared() + 0.25) / (self.shared() + only + 0.5))
    }

    /// The same for the regions of each text, drawn to the whole text's where samples are few.
    pub(super) fn regions(&self) -> [Regions; 2] {
        let [left, right] = self.covered();
        let [both_left, both_right] = self.both;
        let [alone_left, alone_right] = self.alone;
        [drawn(both_left, alone_left, left), drawn(both_right, alone_right, right)]
    }

    /// How far shared pairs stand from their place in the other text on average, 0 to 1.
    pub(super) fn moved(&self) -> f32 {
        self.moved / self.shared().max(1.0)
    }

    /// The greater of both shares, as sampled.
    pub(super) fn overlap(&self) -> f32 {
        let [left, right] = self.only();
        let shared = self.shared();
        if shared > 0.0 { shared / (shared + left.min(right)) } else { 0.0 }
    }

    fn shared(&self) -> f32 {
        self.both[0].iter().sum()
    }

    fn only(&self) -> [f32; 2] {
        self.alone.map(|regions| regions.iter().sum())
    }
}

fn add(regions: &mut Regions, place: u8) {
    let [lead, middle, tail] = regions;
    *(match place {
        0..64 => lead,
        64..192 => middle,
        _ => tail,
    }) += 1.0;
}

fn drawn(both: Regions, alone: Regions, whole: f32) -> Regions {
    let mut shares = both;
    for (share, alone) in shares.iter_mut().zip(alone) {
        *share = (*share + 2.0 * whole) / (*share + alone + 2.0);
    }
    shares
}
