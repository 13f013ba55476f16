//! Where outcomes go: the [`Sink`] trait, and the tokens that tie claims to what has been committed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use thiserror::Error;

use crate::index::ChangelogPositions;
use crate::source::{Header, Positions};
use crate::verdict::Claim;

#[cfg(test)]
pub(crate) mod conformance;
pub mod file;
pub mod stdout;

/// Room that every sink has for an output's key and headers, beside [`Sink::max_output_bytes`] for its value.
pub(crate) const HEADERS_ROOM_BYTES: usize = 64 << 10;

/// One thing to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Which stream it belongs to.
    pub stream: Stream,
    /// The record's key.
    pub key: Option<Vec<u8>>,
    /// The record's value: one JSON object; for dead letters the original bytes. A record without one is a tombstone: it
    /// goes to topics that are compacted, and nowhere else.
    pub value: Option<Vec<u8>>,
    /// The record's headers.
    pub headers: Vec<Header>,
    /// Event time, milliseconds since the epoch.
    pub event_time_ms: i64,
}

impl Output {
    /// Whether it only ends its key, on a topic that is compacted.
    pub fn is_tombstone(&self) -> bool {
        self.stream == Stream::Records && self.value.is_none()
    }
}

/// The streams that a sink writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stream {
    /// Article records, keyed by article id.
    Records,
    /// One event per suppressed copy, keyed by the id of the original.
    Duplicates,
    /// Rejected payloads: original bytes and headers, the reason in headers.
    DeadLetters,
}

/// A closed batch on its way to a sink: outcomes, claims and positions that end together.
///
/// Only the desk makes one, and only consuming it gives a [`Committed`]: see [`CommitBatch::settle`].
#[derive(Debug)]
pub struct CommitBatch {
    outputs: Vec<Output>,
    claims: Vec<Arc<Claim>>,
    positions: Positions,
    gate: Gate,
}

impl CommitBatch {
    pub(crate) fn new(outputs: Vec<Output>, claims: Vec<Arc<Claim>>, positions: Positions, gate: Gate) -> Self {
        Self { outputs, claims, positions, gate }
    }

    /// What to publish, in delivery order.
    pub fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    /// What the changelog must hold once the batch is committed.
    pub fn claims(&self) -> &[Arc<Claim>] {
        &self.claims
    }

    /// Where the input resumes once the batch is committed.
    pub fn positions(&self) -> &Positions {
        &self.positions
    }

    /// To be asked right before the commit. `false`: the batch has been called off, abort it.
    pub fn may_commit(&self) -> bool {
        self.gate.enter()
    }

    /// Whether the batch has been called off already: what is done for it from now on is in vain.
    pub fn called_off(&self) -> bool {
        self.gate.is_called_off()
    }

    /// Vouches that everything in this batch is committed. For implementations of [`Sink`] only: this is the one way
    /// by which claims that were not read back from a changelog become durable.
    ///
    /// `changelog` says how far the changelog reaches now, where the sink knows.
    ///
    /// ```compile_fail
    /// // A batch that no sink has settled makes no claims durable.
    /// fn apply(index: &mut dyn copydesk::index::DedupIndex, batch: copydesk::sink::CommitBatch) {
    ///     index.apply(batch).unwrap();
    /// }
    /// ```
    #[must_use]
    pub fn settle(self, changelog: Option<ChangelogPositions>) -> Committed {
        Committed { claims: VouchedClaims { claims: self.claims, changelog }, positions: self.positions }
    }
}

/// Proof that a batch is committed.
#[derive(Debug)]
pub struct Committed {
    claims: VouchedClaims,
    positions: Positions,
}

impl Committed {
    /// The claims, now durable, and the positions that were committed with them.
    pub fn into_parts(self) -> (VouchedClaims, Positions) {
        (self.claims, self.positions)
    }
}

/// Claims that a changelog holds, and how far it reaches with them.
#[derive(Debug)]
pub struct VouchedClaims {
    claims: Vec<Arc<Claim>>,
    changelog: Option<ChangelogPositions>,
}

impl VouchedClaims {
    /// Claims as a changelog holds them (Kafka: read committed; files: the side file), up to `changelog`.
    pub fn read_back(claims: Vec<Arc<Claim>>, changelog: ChangelogPositions) -> Self {
        Self { claims, changelog: Some(changelog) }
    }

    /// The claims.
    pub fn claims(&self) -> &[Arc<Claim>] {
        &self.claims
    }

    /// How far the changelog is read with them, where that is known.
    pub fn changelog(&self) -> Option<&ChangelogPositions> {
        self.changelog.as_ref()
    }
}

const OPEN: u8 = 0;
const COMMITTING: u8 = 1;
const CALLED_OFF: u8 = 2;

/// Decides the race between "commit" and "call it off": whichever comes first wins, once.
#[derive(Debug, Clone, Default)]
pub struct Gate(Arc<AtomicU8>);

impl Gate {
    /// A sink is about to commit. `false` if the batch has been called off.
    pub(crate) fn enter(&self) -> bool {
        self.0.compare_exchange(OPEN, COMMITTING, Ordering::AcqRel, Ordering::Acquire).is_ok()
            || self.0.load(Ordering::Acquire) == COMMITTING
    }

    /// Whether it was called off.
    pub(crate) fn is_called_off(&self) -> bool {
        self.0.load(Ordering::Acquire) == CALLED_OFF
    }

    /// Calls the batch off. `false` if its commit is under way already.
    pub(crate) fn call_off(&self) -> bool {
        self.0.compare_exchange(OPEN, CALLED_OFF, Ordering::AcqRel, Ordering::Acquire).is_ok()
            || self.0.load(Ordering::Acquire) == CALLED_OFF
    }
}

/// Publishes batches. All calls come from one thread and may block.
///
/// Contract, checked by the suite in `sink/conformance.rs`:
/// - after `Ok`, outputs, claims and positions are durable together (where the sink keeps claims and positions);
/// - after an error nothing of the batch is visible, unless the error says that the outcome is unknown;
/// - a batch that was called off before [`CommitBatch::may_commit`] leaves no trace.
pub trait Sink: Send {
    /// Publishes a batch.
    ///
    /// # Errors
    /// [`SinkError`] says what the desk can do about it.
    fn commit(&mut self, batch: CommitBatch) -> Result<Committed, SinkError>;

    /// Largest value of one output in bytes, so that nothing is sent that would fail for ever.
    fn max_output_bytes(&self) -> usize {
        usize::MAX
    }
}

/// Why a batch was not committed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SinkError {
    /// The batch was called off before its commit; nothing of it is visible.
    #[error("batch was called off")]
    CalledOff,
    /// Nothing of the batch is visible; the same deliveries may be committed in a new batch.
    #[error("batch was aborted: {reason}")]
    Aborted {
        /// What the output said.
        reason: String,
    },
    /// Another instance took over; this one must end.
    #[error("another instance took over: {reason}")]
    Fenced {
        /// What the output said.
        reason: String,
    },
    /// The output has lost a batch that it had acknowledged: what was learnt from that batch is true no more.
    #[error("an acknowledged commit is gone: {reason}")]
    TakenBack {
        /// What the output says now.
        reason: String,
    },
    /// The output cannot be used any more. Whether the batch is visible is told by the output's own positions.
    #[error("output failed: {reason}")]
    Fatal {
        /// What the output said.
        reason: String,
    },
    /// The reader of the output has gone (`| head`): nobody is left to publish to, which is a way to end.
    #[error("nobody reads {output} any more")]
    Closed {
        /// The output.
        output: String,
    },
    /// A file could not be written.
    #[error("cannot write {path}: {error}")]
    Io {
        /// The file.
        path: std::path::PathBuf,
        /// The system's reason.
        error: std::io::Error,
    },
}

/// Adds a JSON value as one line. It has line breaks only between its tokens, where a space does as well. Files are not
/// compacted: a tombstone has no line.
fn push_line(lines: &mut Vec<u8>, value: Option<&[u8]>) {
    let Some(value) = value else { return };
    lines.extend(value.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }));
    lines.push(b'\n');
}
