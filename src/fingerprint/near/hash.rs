//! Hashes of words: salted, so that nobody outside can craft two words that look equal here.

/// A secret start and factor of hashes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Salt {
    start: u64,
    factor: u64,
}

impl Salt {
    /// For what must be the same everywhere: the frequency table.
    pub(super) const NONE: Self = Self { start: 0x9e37_79b9_7f4a_7c15, factor: 0xd6e8_feb8_6659_fd93 };

    /// The salt of a deployment's seed.
    pub(super) fn of(seed: &str) -> Self {
        let digest = blake3::derive_key("copydesk near-duplicate sketches", seed.as_bytes());
        let word = |at: usize| digest.iter().skip(at).take(8).fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
        Self { start: word(0), factor: word(8) | 1 }
    }

    pub(super) fn start(self) -> u64 {
        self.start
    }

    /// Takes eight more bytes into a hash: a multiplication whose both halves count.
    pub(super) fn step(self, hash: u64, bytes: u64) -> u64 {
        let product = u128::from(hash ^ bytes) * u128::from(self.factor);
        (product as u64) ^ (product >> 64) as u64 ^ self.start
    }

    /// One hash of several in order.
    pub(super) fn join(self, first: u64, second: u64) -> u64 {
        let product = u128::from(first ^ self.start) * u128::from(second ^ self.factor);
        mix((product as u64) ^ (product >> 64) as u64 ^ first.rotate_left(23))
    }
}

/// Spreads what a hash knows over all of its bits (the finaliser of Stafford's "Better bit mixing", variant 13).
pub(super) fn mix(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}
