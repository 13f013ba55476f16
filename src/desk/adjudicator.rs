//! The sequential heart of the desk: verdicts, batches, and what happens to them when a commit ends or partitions go.
//!
//! It does no I/O but the index's own, waits for nothing and knows no clock, so that every order of events can be
//! tried in a test. Deliveries move through `waiting` → `open` → `committing`, always in order.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::batch::{Batch, Entry};
use super::extract::Extracted;
use super::judge::judge;
use super::ledger::{Ledger, Outcome};
use super::storm::{Storm, StormWatch};
use crate::index::{DedupIndex, IndexError, Layers};
use crate::record::Request;
use crate::rejection::Rejection;
use crate::sink::{CommitBatch, Committed, Gate, SinkError, VouchedClaims};
use crate::source::{Delivery, Epoch, Partition, Positions};
use crate::telemetry::metrics::Metrics;
use crate::telemetry::throttle::PayloadLog;
use crate::verdict::{Decision, Policy};

/// When a batch is full, and how large one output may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BatchLimits {
    pub max_records: usize,
    pub max_bytes: usize,
    /// Largest value of a record.
    pub max_record_bytes: usize,
    /// Largest value of a dead letter.
    pub max_letter_bytes: usize,
}

/// Batches aborted in a row after which something other than a moment's trouble is the matter.
const HINDERED_AFTER: u32 = 3;

/// How a commit ended.
#[derive(Debug)]
pub(crate) enum Settled {
    /// The batch is committed and its claims are in the index.
    Committed { positions: Positions },
    /// Nothing of it is visible; its deliveries wait to be adjudicated again. `retry_later`: the output needs time.
    Again { retry_later: bool },
}

/// A delivery whose outcome is certain.
#[derive(Debug)]
pub(crate) struct Ended<'a> {
    pub delivery: &'a Delivery,
    pub request: Result<&'a Request, &'a Rejection>,
    pub decision: Option<&'a Decision>,
    pub outcome: Outcome,
}

/// Sees every outcome, in order, once it is certain.
pub(crate) type Observer = Box<dyn Fn(&Ended<'_>) + Send>;

/// A batch on its way through the sink.
#[derive(Debug)]
struct Committing {
    batch: Batch,
    gate: Gate,
}

/// Gives verdicts in order, and keeps every delivery until its outcome is certain.
pub(crate) struct Adjudicator {
    index: Box<dyn DedupIndex>,
    policy: Policy,
    limits: BatchLimits,
    ledger: Ledger,
    metrics: Arc<Metrics>,
    log: PayloadLog,
    observer: Option<Observer>,
    storms: StormWatch,
    epochs: HashMap<Partition, Epoch>,
    waiting: VecDeque<Extracted>,
    /// Where event time begins, while no claim says how far it has come.
    start_ms: Option<i64>,
    open: Batch,
    committing: Option<Committing>,
    /// How many batches were aborted since the last one that was committed, and the last one's reason.
    aborted: (u32, String),
}

impl Adjudicator {
    pub(crate) fn new(
        index: Box<dyn DedupIndex>,
        policy: Policy,
        limits: BatchLimits,
        ledger: Ledger,
        metrics: Arc<Metrics>,
    ) -> Self {
        metrics.index_size(index.size());
        Self {
            index,
            policy,
            limits,
            ledger,
            log: PayloadLog::new(Arc::clone(&metrics)),
            metrics,
            observer: None,
            storms: StormWatch::default(),
            epochs: HashMap::new(),
            waiting: VecDeque::new(),
            start_ms: None,
            open: Batch::default(),
            committing: None,
            aborted: Default::default(),
        }
    }

    /// Shows every outcome once it is certain.
    pub(crate) fn observe(&mut self, observer: Observer) {
        self.observer = Some(observer);
    }

    /// Watches for storms of rejections.
    pub(super) fn watch_storms(&mut self, watch: StormWatch) {
        self.storms = watch;
    }

    /// The storm of rejections, once there is one.
    pub(super) fn storm(&self) -> Option<Storm> {
        self.storms.storm()
    }

    /// Says what the log left out; to be called now and then.
    pub(crate) fn summarise_log(&mut self) {
        self.log.summarise();
    }

    /// Takes note of what the sink can take.
    pub(crate) fn fit_outputs(&mut self, max_output_bytes: usize) {
        self.limits.max_record_bytes = self.limits.max_record_bytes.min(max_output_bytes);
        self.limits.max_letter_bytes = max_output_bytes;
    }

    /// Whether another delivery may come.
    pub(crate) fn has_room(&self) -> bool {
        if self.is_beginning() {
            self.waiting.len() < self.limits.max_records
        } else {
            self.waiting.is_empty() && !self.is_full()
        }
    }

    /// Whether the open batch holds as much as it may.
    pub(crate) fn is_full(&self) -> bool {
        self.open.len() >= self.limits.max_records || self.open.bytes() >= self.limits.max_bytes
    }

    pub(crate) fn has_open_batch(&self) -> bool {
        !self.open.is_empty() || self.is_beginning() && !self.waiting.is_empty()
    }

    pub(crate) fn is_committing(&self) -> bool {
        self.committing.is_some()
    }

    pub(crate) fn index(&self) -> &dyn DedupIndex {
        self.index.as_ref()
    }

    /// Partitions are read from now on.
    pub(crate) fn assign(&mut self, partitions: &[Partition], epoch: Epoch) {
        self.epochs.extend(partitions.iter().map(|partition| (partition.clone(), epoch)));
    }

    /// Number of partitions that are read.
    pub(crate) fn assigned(&self) -> usize {
        self.epochs.len()
    }

    /// Takes the next delivery of its partition.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub(crate) fn accept(&mut self, extracted: Extracted) -> Result<(), IndexError> {
        self.waiting.push_back(extracted);
        self.refill()
    }

    /// Claims of other instances, or our own once more.
    ///
    /// # Errors
    /// Where the index cannot be written.
    pub(crate) fn learn(&mut self, claims: VouchedClaims) -> Result<(), IndexError> {
        self.index.apply(claims)?;
        if let Some(watermark) = self.index.answers().watermark_ms() {
            self.index.expire(self.policy.window.oldest(watermark))?;
        }
        self.metrics.index_size(self.index.size());
        Ok(())
    }

    /// Closes the open batch for the sink; `None` while one is under way or there is nothing to commit.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub(crate) fn close(&mut self) -> Result<Option<CommitBatch>, IndexError> {
        self.begin()?;
        if self.committing.is_some() || self.open.is_empty() {
            return Ok(None);
        }
        let mut batch = std::mem::take(&mut self.open);
        self.metrics.batch_records.observe(batch.len() as f64);
        let gate = Gate::default();
        let handed = batch.hand_over(gate.clone());
        self.committing = Some(Committing { batch, gate });
        Ok(Some(handed))
    }

    /// Whether nothing says how far event time has come. The first batch is then gathered before any of it is
    /// adjudicated: were its first delivery dated a century ahead, all that follows would be late.
    fn is_beginning(&self) -> bool {
        let is_clear = self.open.is_empty() && self.committing.is_none();
        is_clear && self.policy.window.is_stepwise() && self.index.answers().watermark_ms().is_none()
    }

    /// Event time begins with the earliest delivery of the first batch.
    fn begin(&mut self) -> Result<(), IndexError> {
        if !self.is_beginning() {
            return Ok(());
        }
        let asking = self.waiting.iter().filter(|extracted| extracted.request.is_ok());
        self.start_ms = asking.map(|extracted| extracted.delivery.event_time_ms).min();
        self.start_ms = self.start_ms.or_else(|| Some(self.waiting.front()?.delivery.event_time_ms));
        self.fill()
    }

    /// What the sink said about the batch under way.
    ///
    /// # Errors
    /// Where the desk cannot go on: the sink failed for good, or the index did.
    pub(crate) fn settle(&mut self, result: Result<Committed, SinkError>) -> Result<Settled, SettleError> {
        let Some(Committing { batch, .. }) = self.committing.take() else { return Err(SettleError::NothingUnderWay) };
        match result {
            Ok(committed) => {
                let (claims, positions) = committed.into_parts();
                // The claims are durable in the changelog: if the index fails now, it lags and is rolled forward.
                self.learn(claims)?;
                self.metrics.settled(&positions);
                self.aborted = Default::default();
                for entry in batch.into_entries() {
                    self.count(&entry);
                }
                self.refill()?;
                Ok(Settled::Committed { positions })
            }
            Err(error @ (SinkError::CalledOff | SinkError::Aborted { .. })) => {
                let retry_later = matches!(error, SinkError::Aborted { .. });
                if retry_later {
                    tracing::warn!(%error, "batch will be adjudicated and committed again");
                    self.metrics.aborted_batches.inc();
                    self.aborted = (self.aborted.0.saturating_add(1), error.to_string());
                }
                self.take_back(batch)?;
                Ok(Settled::Again { retry_later })
            }
            Err(error @ SinkError::TakenBack { .. }) => {
                self.index.distrust()?;
                Err(SettleError::Sink(error))
            }
            Err(error) => Err(SettleError::Sink(error)),
        }
    }

    /// Why nothing is committed, once that is no passing matter.
    pub(crate) fn hindrance(&self) -> Option<&str> {
        (self.aborted.0 >= HINDERED_AFTER).then_some(self.aborted.1.as_str())
    }

    /// Hands partitions back: what they have waiting is released, and a commit that touches them is called off if it
    /// has not begun. Says whether one has, and must be waited for.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub(crate) fn revoke(&mut self, partitions: &[Partition]) -> Result<bool, IndexError> {
        for partition in partitions {
            self.epochs.remove(partition);
        }
        if self.open.touches(partitions) {
            let open = std::mem::take(&mut self.open);
            self.requeue(open);
        }
        self.refill()?;
        let touched = self.committing.as_ref().filter(|committing| committing.batch.touches(partitions));
        Ok(touched.is_some_and(|committing| !committing.gate.call_off()))
    }

    /// Lets go of everything that is not under way, for a stop: it will be delivered again.
    pub(crate) fn release_waiting(&mut self) {
        for _ in self.waiting.drain(..) {
            self.ledger.settle(Outcome::Released);
        }
    }

    /// The batch comes back: its deliveries and those behind them are adjudicated again, in order, because verdicts
    /// behind it may rest on its claims.
    fn take_back(&mut self, batch: Batch) -> Result<(), IndexError> {
        let open = std::mem::take(&mut self.open);
        self.requeue(open);
        self.requeue(batch);
        self.refill()
    }

    fn requeue(&mut self, batch: Batch) {
        for entry in batch.into_entries().into_iter().rev() {
            self.waiting.push_front(entry.extracted);
        }
    }

    /// Moves what waits into the open batch, as far as there is room.
    fn refill(&mut self) -> Result<(), IndexError> {
        if self.is_beginning() { Ok(()) } else { self.fill() }
    }

    fn fill(&mut self) -> Result<(), IndexError> {
        while !self.is_full() {
            // A partition whose offsets go back was made again. One batch cannot commit both of its ends: what waits here
            // closes it, and goes into the next.
            if self.waiting.front().is_some_and(|next| !self.open.takes(&next.delivery)) {
                break;
            }
            let Some(extracted) = self.waiting.pop_front() else { break };
            if self.epochs.get(&extracted.delivery.coordinate.partition) == Some(&extracted.delivery.epoch) {
                self.adjudicate(extracted)?;
            } else {
                self.ledger.settle(Outcome::Released);
            }
        }
        Ok(())
    }

    fn adjudicate(&mut self, extracted: Extracted) -> Result<(), IndexError> {
        let evidence = Layers::new([
            Some(self.index.answers()),
            self.committing.as_ref().map(|committing| committing.batch.overlay()),
            Some(self.open.overlay()),
        ]);
        let policy = self.policy;
        let (entry, outputs) = judge(extracted, evidence.starting(self.start_ms), policy, self.limits, &self.metrics)?;
        self.open.push(entry, outputs)
    }

    /// Counts an outcome, now that it is certain.
    fn count(&mut self, entry: &Entry) {
        self.ledger.settle(entry.outcome);
        let ended = Ended {
            delivery: &entry.extracted.delivery,
            request: entry.extracted.request.as_ref(),
            decision: entry.decision.as_ref(),
            outcome: entry.outcome,
        };
        if let Some(observer) = &self.observer {
            observer(&ended);
        }
        self.metrics.ended(&ended);
        self.storms.note(ended.request.err().map(Rejection::reason));
        self.log.ended(&ended);
    }
}

/// Why the desk cannot go on after a commit.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum SettleError {
    /// A defect of the desk.
    #[error("a commit ended that was not under way")]
    NothingUnderWay,
    /// The sink failed for good.
    #[error(transparent)]
    Sink(SinkError),
    /// The index failed.
    #[error(transparent)]
    Index(#[from] IndexError),
}

impl std::fmt::Debug for Adjudicator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Adjudicator")
            .field("waiting", &self.waiting.len())
            .field("open", &self.open.len())
            .finish_non_exhaustive()
    }
}
