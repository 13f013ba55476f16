//! What is kept in memory of each claim.

use crate::verdict::{Claim, Day};

/// What orders claims, without reading them. Its own order is that of buckets: by day first, because claims go by the
/// day, and then what a full bucket had no place for goes no later than what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// The day on which the claim is held.
    pub day: Day,
    /// Its event time, milliseconds since the epoch.
    pub event_time_ms: i64,
    /// Names delivery and bytes.
    pub tie: u64,
    /// The article's revision after it.
    pub revision: u32,
}

impl Mark {
    pub(super) fn of(claim: &Claim) -> Self {
        Self { day: claim.held_on(), event_time_ms: claim.event_time_ms, tie: claim.tie(), revision: claim.revision }
    }
}

/// Which of several claims under one key answers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Choice {
    /// The first by event time.
    First,
    /// The newest state of an article.
    Newest,
    /// The newest bytes of a coordinate.
    Rewritten,
}

impl Choice {
    /// Lower is better; equal marks need the claims themselves.
    pub(super) fn rank(self, mark: &Mark) -> (i64, i64) {
        match self {
            Self::First => (mark.event_time_ms, 0),
            Self::Newest => (-i64::from(mark.revision), mark.event_time_ms.saturating_neg()),
            Self::Rewritten => (mark.event_time_ms.saturating_neg(), 0),
        }
    }

    /// Whether `claim` answers rather than `known`: a total order over claims.
    pub(crate) fn prefers(self, claim: &Claim, known: &Claim) -> bool {
        match self {
            Self::First => claim.precedence() < known.precedence(),
            Self::Newest => claim.recency() > known.recency(),
            Self::Rewritten => (claim.event_time_ms, claim.payload) > (known.event_time_ms, known.payload),
        }
    }
}
