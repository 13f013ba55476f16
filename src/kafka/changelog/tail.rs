//! The thread that reads the changelog.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_channel::Receiver;
use rdkafka::Message as _;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::BorrowedMessage;
use thiserror::Error;

use super::barrier::{BARRIER_KEY, Barrier, BarrierError, BarrierWriter};
use crate::desk::{DeskHandle, Receipt};
use crate::index::ChangelogPositions;
use crate::kafka::client::{Logged, Trouble, is_outage, is_permanent};
use crate::sink::VouchedClaims;
use crate::source::Epoch;
use crate::verdict::Claim;

/// Most claims sent at once, and most such chunks that may wait for the desk.
const CHUNK: usize = 1000;
const AHEAD: usize = 4;

/// How long the thread waits before it looks for requests and for its end.
const LOOK_UP: Duration = Duration::from_millis(50);

/// Why the tail cannot go on.
#[derive(Debug, Error)]
enum TailError {
    #[error("changelog {topic}/{partition}@{offset} is not a claim: {reason}")]
    NotAClaim { topic: String, partition: i32, offset: i64, reason: String },
    #[error(transparent)]
    Barrier(#[from] BarrierError),
    #[error("changelog: {0}")]
    Client(#[from] rdkafka::error::KafkaError),
}

pub(super) struct Tail {
    consumer: BaseConsumer<Logged>,
    topic: String,
    /// First position of each partition that has not been read.
    next: ChangelogPositions,
    desk: DeskHandle,
    requests: Receiver<Epoch>,
    writer: BarrierWriter,
    stop: Arc<AtomicBool>,
    /// Epochs whose barrier is not written yet, and barriers that are not read yet; oldest first.
    wanted: VecDeque<Epoch>,
    barriers: VecDeque<Barrier>,
    /// Claims read but not sent, and what was sent but not applied.
    claims: Vec<Arc<Claim>>,
    unsent_positions: bool,
    receipts: VecDeque<Receipt>,
    reading: Trouble,
    writing: Trouble,
}

impl Tail {
    pub(super) fn new(
        consumer: BaseConsumer<Logged>,
        topic: String,
        next: ChangelogPositions,
        desk: DeskHandle,
        requests: Receiver<Epoch>,
        writer: BarrierWriter,
        stop: Arc<AtomicBool>,
    ) -> Self {
        Self {
            consumer,
            topic,
            next,
            desk,
            requests,
            writer,
            stop,
            wanted: VecDeque::new(),
            barriers: VecDeque::new(),
            claims: Vec::new(),
            unsent_positions: false,
            receipts: VecDeque::new(),
            reading: Trouble::default(),
            writing: Trouble::default(),
        }
    }

    pub(super) fn run(mut self) {
        while !self.stopped() {
            if let Err(error) = self.step() {
                self.desk.failed(error.to_string());
                return;
            }
        }
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    fn step(&mut self) -> Result<(), TailError> {
        self.wanted.extend(self.requests.try_iter());
        if let Some(epoch) = self.wanted.front() {
            match self.writer.write(*epoch) {
                Ok(barrier) => {
                    self.writing.over("writing a barrier");
                    self.wanted.pop_front();
                    self.barriers.push_back(barrier);
                }
                Err(error) if error.is_permanent() => return Err(error.into()),
                Err(error) => self.writing.report("writing a barrier", &error),
            }
        }
        let wait = if self.unsent_positions { Duration::ZERO } else { LOOK_UP };
        let idle = self.read(wait)?;
        if self.claims.len() >= CHUNK
            || idle
            || self.barriers.front().is_some_and(|barrier| barrier.has_passed(&self.next))
        {
            self.send();
        }
        Ok(())
    }

    /// Reads one record; `true` where there is none.
    fn read(&mut self, wait: Duration) -> Result<bool, TailError> {
        self.consumer.context().find_brokers(self.consumer.client());
        match self.consumer.poll(wait) {
            None => Ok(true),
            Some(Ok(message)) => {
                self.reading.over("reading the changelog");
                self.consumer.context().reached();
                let claim = claim(&self.topic, &message)?;
                let next = u64::try_from(message.offset()).unwrap_or_default().saturating_add(1);
                self.next.0.insert(message.partition(), next);
                self.claims.extend(claim);
                self.unsent_positions = true;
                Ok(false)
            }
            Some(Err(error)) if is_permanent(&error) => Err(error.into()),
            Some(Err(error)) => {
                if !is_outage(&error) {
                    self.reading.report("reading the changelog", &error);
                }
                Ok(true)
            }
        }
    }

    /// Sends what has been read, and then the barriers that it has passed.
    fn send(&mut self) {
        if self.unsent_positions {
            let claims = std::mem::take(&mut self.claims);
            self.receipts.push_back(self.desk.claims(VouchedClaims::read_back(claims, self.next.clone())));
            self.unsent_positions = false;
        }
        while self.barriers.front().is_some_and(|barrier| barrier.has_passed(&self.next)) {
            if let Some(barrier) = self.barriers.pop_front() {
                self.desk.restored(barrier.epoch);
            }
        }
        while self.receipts.len() > AHEAD
            && let Some(oldest) = self.receipts.front()
            && !self.stopped()
        {
            if oldest.wait(LOOK_UP) {
                self.receipts.pop_front();
            }
        }
    }
}

/// The claim that a record holds, if it is not a barrier.
fn claim(topic: &str, message: &BorrowedMessage<'_>) -> Result<Option<Arc<Claim>>, TailError> {
    let not_a_claim = |reason: String| TailError::NotAClaim {
        topic: topic.to_owned(),
        partition: message.partition(),
        offset: message.offset(),
        reason,
    };
    match (message.key(), message.payload()) {
        (Some(BARRIER_KEY), None) => Ok(None),
        (_, None) => Err(not_a_claim("it has no value".to_owned())),
        (_, Some(value)) => serde_json::from_slice(value)
            .map(|claim| Some(Arc::new(claim)))
            .map_err(|error| not_a_claim(error.to_string())),
    }
}
