//! How other threads speak to the desk: the source's thread of assignments, the changelog's tail of claims.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;

use super::intake::Admitted;
use crate::sink::VouchedClaims;
use crate::source::{Assignments, Epoch, Partition};

/// What the desk hears.
#[derive(Debug)]
pub(crate) enum Event {
    /// Deliveries for one thread to extract, with the permits for their bytes.
    Deliveries(Vec<Admitted>),
    /// Partitions are read from now on.
    Assigned { partitions: Vec<Partition>, epoch: Epoch },
    /// Partitions are handed back; to be answered when nothing of ours can touch them any more.
    Revoked { partitions: Vec<Partition>, lost: bool, done: SyncSender<()> },
    /// Claims that the changelog holds; `applied` is dropped once they are applied.
    Claims { claims: VouchedClaims, applied: SyncSender<()> },
    /// The claims that the partitions of this epoch need are applied.
    Restored(Epoch),
    /// The source has nothing more.
    Ended,
    /// A part that the desk depends on cannot go on.
    Failed(String),
}

/// Speaks to the desk from any thread.
#[derive(Debug, Clone)]
pub struct DeskHandle {
    events: UnboundedSender<Event>,
    epochs: Arc<AtomicU64>,
}

impl DeskHandle {
    pub(crate) fn new(events: UnboundedSender<Event>) -> Self {
        Self { events, epochs: Arc::default() }
    }

    /// Claims as the changelog holds them, in its order. The receipt lets the caller bound what waits for the desk.
    pub fn claims(&self, claims: VouchedClaims) -> Receipt {
        let (applied, wait) = std::sync::mpsc::sync_channel(1);
        self.send(Event::Claims { claims, applied });
        Receipt(wait)
    }

    /// All claims that the partitions of this epoch need have been sent.
    pub fn restored(&self, epoch: Epoch) {
        self.send(Event::Restored(epoch));
    }

    /// The caller cannot go on, and neither can the desk.
    pub fn failed(&self, reason: String) {
        self.send(Event::Failed(reason));
    }

    /// Says whether the desk will hear it. It is gone only when the process is ending.
    pub(crate) fn send(&self, event: Event) -> bool {
        let is_heard = self.events.send(event).is_ok();
        if !is_heard {
            tracing::debug!("the desk has ended");
        }
        is_heard
    }
}

/// Tells when claims have been applied.
#[derive(Debug)]
pub struct Receipt(Receiver<()>);

impl Receipt {
    /// Waits at most that long. `true`: applied, or the desk has ended.
    pub fn wait(&self, timeout: Duration) -> bool {
        !matches!(self.0.recv_timeout(timeout), Err(RecvTimeoutError::Timeout))
    }
}

impl Assignments for DeskHandle {
    fn assigned(&self, partitions: &[Partition]) -> Epoch {
        let epoch = Epoch(self.epochs.fetch_add(1, Ordering::Relaxed) + 1);
        self.send(Event::Assigned { partitions: partitions.to_vec(), epoch });
        epoch
    }

    fn revoked(&self, partitions: &[Partition], lost: bool) {
        let (done, wait) = std::sync::mpsc::sync_channel(1);
        self.send(Event::Revoked { partitions: partitions.to_vec(), lost, done });
        // An error means that the desk has ended: nothing of it can touch the partitions.
        if wait.recv().is_err() {
            tracing::debug!("the desk has ended");
        }
    }
}
