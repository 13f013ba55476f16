//! Conservation: every delivery that was received has one outcome, was released, or is in flight.

use std::sync::{Arc, Mutex, PoisonError};

/// How a delivery ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// A record.
    Published,
    /// No record: a repetition or a copy.
    Suppressed,
    /// A dead letter.
    Rejected,
    /// An article taken back, or a retraction that named nothing published.
    Retracted,
    /// Handed back, to be delivered again.
    Released,
}

impl Outcome {
    /// All of them, for metrics that start at 0.
    pub const ALL: [Self; 5] = [Self::Published, Self::Suppressed, Self::Rejected, Self::Retracted, Self::Released];

    /// The name used in metrics.
    pub fn label(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Suppressed => "suppressed",
            Self::Rejected => "rejected",
            Self::Retracted => "retracted",
            Self::Released => "released",
        }
    }
}

/// A consistent reading of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Deliveries read from the source.
    pub received: u64,
    /// Ended as a record.
    pub published: u64,
    /// Ended without a record.
    pub suppressed: u64,
    /// Ended as a dead letter.
    pub rejected: u64,
    /// Ended as a retraction.
    pub retracted: u64,
    /// Handed back.
    pub released: u64,
    /// Held by the desk.
    pub in_flight: u64,
}

impl Counts {
    /// The number with one outcome.
    pub fn of(&self, outcome: Outcome) -> u64 {
        match outcome {
            Outcome::Published => self.published,
            Outcome::Suppressed => self.suppressed,
            Outcome::Rejected => self.rejected,
            Outcome::Retracted => self.retracted,
            Outcome::Released => self.released,
        }
    }

    /// Invariant I1.
    pub fn is_conserved(&self) -> bool {
        let settled = Outcome::ALL.iter().map(|outcome| self.of(*outcome)).sum::<u64>();
        self.received == settled + self.in_flight
    }
}

/// Counts deliveries. Each change is one step under a lock, so that a reading never shows a delivery twice or not at all.
#[derive(Debug, Clone, Default)]
pub struct Ledger(Arc<Mutex<Counts>>);

impl Ledger {
    /// A delivery was read.
    pub(crate) fn receive(&self) {
        self.change(|counts| {
            counts.received += 1;
            counts.in_flight += 1;
        });
    }

    /// A delivery ended.
    pub(crate) fn settle(&self, outcome: Outcome) {
        self.settle_all(1, outcome);
    }

    /// So many deliveries ended alike.
    pub(crate) fn settle_all(&self, count: usize, outcome: Outcome) {
        self.change(|counts| {
            let count = count as u64;
            let ended = match outcome {
                Outcome::Published => &mut counts.published,
                Outcome::Suppressed => &mut counts.suppressed,
                Outcome::Rejected => &mut counts.rejected,
                Outcome::Retracted => &mut counts.retracted,
                Outcome::Released => &mut counts.released,
            };
            *ended += count;
            // A delivery that ends without having been received would wrap; saturating makes the sum disagree instead.
            counts.in_flight = counts.in_flight.saturating_sub(count);
        });
    }

    /// All numbers at one moment.
    pub fn read(&self) -> Counts {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, step: impl FnOnce(&mut Counts)) {
        step(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
