//! The pipeline: a source's deliveries become outcomes, which a sink commits together with their claims and positions.
//!
//! ```text
//! intake thread ──permits──► extract pool ──in order──► adjudicator ──batches──► committer thread
//!      ▲                                                    │ ▲                        │
//!      └────────── pause, restored, acknowledge ────────────┘ └──────── settled ───────┘
//! ```
//!
//! The loop in the middle never blocks; whatever does (polling, the sink, extraction) has threads of its own.

use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::sync::mpsc::unbounded_channel;

use crate::fingerprint::Sketching;
use crate::index::DedupIndex;
use crate::payload::DecodeLimits;
use crate::quarantine::Quarantine;
use crate::sink::{Sink, SinkError};
use crate::source::{Positions, Source};
use crate::telemetry::health::Health;
use crate::telemetry::metrics::Metrics;
use crate::verdict::Policy;

pub(crate) mod adjudicator;
mod batch;
mod committer;
pub(crate) mod extract;
mod handle;
mod holding;
mod intake;
mod judge;
pub mod ledger;
mod outputs;
mod permits;
mod pool;
mod positions;
mod run;
mod storm;

#[cfg(test)]
mod crash;
#[cfg(test)]
mod tests;

pub use extract::Extract;
#[cfg(test)]
pub(crate) use handle::Event;
pub use handle::{DeskHandle, Receipt};
pub use ledger::Counts;
pub use run::Desk;
pub(crate) use run::stopped;
pub use storm::{Storm, StormLimits};

use adjudicator::{Adjudicator, BatchLimits, Observer, SettleError};
use extract::ExtractStage;
use ledger::Ledger;
use storm::StormWatch;

/// What the desk works with, apart from its source and sink.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How verdicts are made and used.
    pub policy: Policy,
    /// How texts are sketched; nothing where copies are not looked for.
    pub sketching: Option<Arc<Sketching>>,
    /// Most deliveries of one batch.
    pub max_records: usize,
    /// Most output bytes of one batch.
    pub max_bytes: usize,
    /// Longest wait for a batch to fill.
    pub linger: Duration,
    /// What decoding may cost.
    pub decode: DecodeLimits,
    /// Largest article body.
    pub article_bytes: usize,
    /// Largest encoded record.
    pub record_bytes: usize,
    /// Payloads and articles held at once.
    pub in_flight_bytes: usize,
    /// Extract threads; 0 takes one a core.
    pub extract_threads: usize,
    /// Longest wait for a commit under way when partitions are handed back.
    pub revoke_wait: Duration,
    /// Longest drain.
    pub shutdown_grace: Duration,
    /// Whether partitions wait for [`DeskHandle::restored`] before they count as ready.
    pub restores_claims: bool,
    /// How many rejections stop the reading.
    pub storm: StormLimits,
}

/// The ends of the pipeline.
pub struct Parts {
    /// Where deliveries come from.
    pub source: Box<dyn Source>,
    /// Where outcomes go.
    pub sink: Box<dyn Sink>,
    /// Positions that the sink has committed before.
    pub resume_at: Positions,
}

/// Puts a desk together. The handle is for those who feed it claims while it runs.
pub struct Builder {
    settings: Settings,
    handle: DeskHandle,
    events: tokio::sync::mpsc::UnboundedReceiver<handle::Event>,
    observer: Option<Observer>,
    quarantine: Option<Arc<Quarantine>>,
    /// Counts every delivery.
    pub ledger: Ledger,
    /// Alive and ready.
    pub health: Health,
}

impl Builder {
    /// A desk with these settings.
    pub fn new(settings: Settings) -> Self {
        let (sender, events) = unbounded_channel();
        Self {
            settings,
            handle: DeskHandle::new(sender),
            events,
            observer: None,
            quarantine: None,
            ledger: Ledger::default(),
            health: Health::default(),
        }
    }

    /// Speaks to the desk.
    pub fn handle(&self) -> DeskHandle {
        self.handle.clone()
    }

    /// Has payloads found that kill the process.
    pub fn watch(&mut self, quarantine: Quarantine) {
        self.quarantine = Some(Arc::new(quarantine));
    }

    /// Shows every outcome once it is certain.
    pub(crate) fn observe(&mut self, observer: Observer) {
        self.observer = Some(observer);
    }

    /// The desk over an index. `metrics` counts the ledger of this builder.
    ///
    /// # Errors
    /// Where the system gives no threads.
    pub fn build(
        self,
        extractor: impl Extract + 'static,
        index: Box<dyn DedupIndex>,
        metrics: Arc<Metrics>,
    ) -> Result<Desk, DeskError> {
        let settings = self.settings;
        let limits = BatchLimits {
            max_records: settings.max_records,
            max_bytes: settings.max_bytes,
            max_record_bytes: settings.record_bytes,
            max_letter_bytes: settings.record_bytes,
        };
        let mut adjudicator =
            Adjudicator::new(index, settings.policy, limits, self.ledger.clone(), Arc::clone(&metrics));
        adjudicator.watch_storms(StormWatch::new(settings.storm));
        if let Some(observer) = self.observer {
            adjudicator.observe(observer);
        }
        let mut stage = ExtractStage::new(extractor, settings.decode, settings.sketching.clone(), Arc::clone(&metrics));
        if let Some(quarantine) = self.quarantine {
            stage = stage.watched(quarantine);
        }
        Desk::assemble(settings, adjudicator, stage, (self.ledger, metrics, self.health), (self.handle, self.events))
    }
}

/// Why the desk stopped before its work was done.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DeskError {
    /// The system gave no thread, or one ended.
    #[error("desk: {0}")]
    Thread(String),
    /// Source or changelog cannot go on.
    #[error("{0}")]
    Failed(String),
    /// Nearly everything was rejected, and the source would have ended with that.
    #[error("{0}; mend the cause and run again, or let it through with --set dead_letters.storm_ratio=0")]
    Storm(Storm),
    /// Sink or index cannot go on.
    #[error(transparent)]
    Settle(#[from] SettleFailure),
    /// The drain took longer than `shutdown.grace`.
    #[error("drain did not end within {grace:?}; what was not committed will be delivered again")]
    DrainTimeout {
        /// The configured grace period.
        grace: Duration,
    },
}

/// A commit that ended the desk.
#[derive(Debug, Error)]
#[error(transparent)]
pub struct SettleFailure(#[from] SettleError);

impl DeskError {
    /// Whether nobody reads the output any more (`| head`), which is a way to end.
    pub fn is_end_of_readers(&self) -> bool {
        matches!(self, Self::Settle(SettleFailure(SettleError::Sink(SinkError::Closed { .. }))))
    }
}

impl From<SettleError> for DeskError {
    fn from(error: SettleError) -> Self {
        Self::Settle(SettleFailure(error))
    }
}
