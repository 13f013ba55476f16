//! Exactly once: outputs, claims and offsets in one transaction, fenced by the group's generation (KIP-447).

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::bounded;
use rdkafka::TopicPartitionList;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::ConsumerGroupMetadata;
use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode};
use rdkafka::producer::Producer as _;
use rdkafka::topic_partition_list::Offset as KafkaOffset;

use super::held::{Acknowledged, held};
use super::publisher::{Interrupted, Publisher, Refusal};
use crate::config::Config;
use crate::kafka::KafkaError;
use crate::kafka::client::{Trouble, is_permanent, max_output_bytes, millis, properties, tell_statistics};
use crate::kafka::membership::Membership;
use crate::sink::{CommitBatch, Committed, Sink, SinkError};
use crate::source::Positions;
use crate::telemetry::metrics::Metrics;

/// One call to the coordinator; what is not answered within it is asked again.
const CALL: Duration = Duration::from_secs(5);

/// Time after which a consumer that has not heard that its member is out never will: librdkafka's waits end by the wall
/// clock, and where that was set back its heartbeats stand still.
const DISOWNED_FOR: Duration = Duration::from_secs(60);

/// Publishes in transactions.
pub struct TransactionalSink {
    publisher: Publisher,
    config: Config,
    properties: ClientConfig,
    membership: Membership,
    trouble: Trouble,
    metrics: Arc<Metrics>,
    /// Since when the group has refused every batch, because this is none of its members.
    disowned: Option<Instant>,
    acknowledged: Acknowledged,
}

/// Why a transaction did not commit.
pub(in crate::kafka) enum Failure {
    /// The batch was called off.
    CalledOff,
    /// A topic refused a record.
    Refused(Refusal),
    /// The offsets have no membership to be sent under, or were refused, or took too long.
    Offsets(String),
    /// librdkafka did not return from sending the offsets.
    Hangs,
    /// The coordinator refused a step before the commit.
    Step(ClientError),
    /// The coordinator refused the commit itself, for good.
    Commit(ClientError),
}

impl TransactionalSink {
    /// Takes over the transactional id: whoever had it is fenced, and what it left open is aborted.
    pub(crate) fn open(config: &Config, membership: Membership, metrics: &Arc<Metrics>) -> Result<Self, KafkaError> {
        let mut properties = properties(config, "sink")?;
        properties
            .set("transactional.id", format!("{}-{}", config.kafka.group_id, config.kafka.instance))
            .set("transaction.timeout.ms", millis(config.delivery.transaction_timeout))
            .set("enable.idempotence", "true")
            .set("acks", "all");
        tell_statistics(&mut properties, config);
        let mut trouble = Trouble::default();
        let publisher = open_publisher(config, &properties, metrics, &mut trouble)?;
        let metrics = Arc::clone(metrics);
        let (config, acknowledged) = (config.clone(), Acknowledged::default());
        Ok(Self { publisher, config, properties, membership, trouble, metrics, disowned: None, acknowledged })
    }

    /// Whether records without a value are sent, for a records topic that is compacted.
    #[must_use]
    pub(crate) fn with_tombstones(mut self, sends: bool) -> Self {
        self.publisher.sends_tombstones = sends;
        self
    }

    /// Begins a transaction and sends outputs and claims.
    pub(in crate::kafka) fn send(&mut self, batch: &CommitBatch) -> Result<(), Failure> {
        self.publisher.producer().begin_transaction().map_err(Failure::Step)?;
        self.publisher.publish(batch, true, || batch.called_off()).map_err(|interrupted| match interrupted {
            Interrupted::CalledOff => Failure::CalledOff,
            Interrupted::Refused(refusal) => Failure::Refused(refusal),
        })
    }

    /// Adds the offsets and commits, or aborts.
    pub(in crate::kafka) fn finish(&mut self, batch: CommitBatch, began: Instant) -> Result<Committed, SinkError> {
        let ended = self.complete(&batch, began);
        self.conclude(batch, began, ended)
    }

    /// As `finish`, for a batch whose offsets have been sent.
    #[cfg(test)]
    pub(in crate::kafka) fn finish_without_offsets(
        &mut self,
        batch: CommitBatch,
        began: Instant,
    ) -> Result<Committed, SinkError> {
        let ended = self.end_by_commit();
        self.conclude(batch, began, ended)
    }

    /// As `finish`, where the answer to the commit does not come and the coordinator knows nothing of the producer any more.
    #[cfg(test)]
    pub(in crate::kafka) fn finish_unheard(
        &mut self,
        batch: CommitBatch,
        began: Instant,
    ) -> Result<Committed, SinkError> {
        let fenced = |()| Failure::Commit(ClientError::Global(RDKafkaErrorCode::Fenced));
        let ended = self.complete(&batch, began).map(fenced);
        self.conclude(batch, began, Err(ended.unwrap_or_else(|failure| failure)))
    }

    fn conclude(
        &mut self,
        batch: CommitBatch,
        began: Instant,
        ended: Result<(), Failure>,
    ) -> Result<Committed, SinkError> {
        match ended {
            Ok(()) => Ok(self.acknowledge(batch)),
            // Without offsets nothing would tell what became of it.
            Err(Failure::Commit(error))
                if is_fenced(&error) && self.has_expired(began) && !batch.positions().is_empty() =>
            {
                self.find_out(batch, &error, began)
            }
            Err(Failure::Step(error)) if self.is_disowned(&error) => {
                let reason = format!("{error}, and the consumer has not heard of it for {DISOWNED_FOR:?}");
                Err(SinkError::Fatal { reason })
            }
            Err(failure) => Err(self.end_by_abort(failure, began)),
        }
    }

    fn acknowledge(&mut self, batch: CommitBatch) -> Committed {
        self.disowned = None;
        self.acknowledged.note(batch.positions());
        batch.settle(None)
    }

    /// The coordinator was asked for the commit, went away, and when it was back the transaction was too old: it has either
    /// committed it or aborted it. The group's offsets are part of the transaction, so they tell which.
    fn find_out(&mut self, batch: CommitBatch, error: &ClientError, began: Instant) -> Result<Committed, SinkError> {
        self.metrics.kafka_commit_failures.inc();
        self.replace_producer(error, began)?;
        let held = held(&self.config, batch.positions(), &mut self.trouble)?;
        if held == *batch.positions() {
            return Ok(self.acknowledge(batch));
        }
        self.acknowledged.confirm(&self.config, &mut self.trouble)?;
        Err(SinkError::Aborted { reason: error.to_string() })
    }

    /// Whether the coordinator has ended the transaction by itself, because it took too long.
    fn has_expired(&self, began: Instant) -> bool {
        began.elapsed() >= self.config.delivery.transaction_timeout
    }

    /// Whether the group has long given this member up while its consumer still delivers.
    fn is_disowned(&mut self, error: &ClientError) -> bool {
        if error.rdkafka_error_code() != Some(RDKafkaErrorCode::UnknownMemberId) {
            return false;
        }
        self.disowned.get_or_insert_with(Instant::now).elapsed() >= DISOWNED_FOR
    }

    fn complete(&mut self, batch: &CommitBatch, began: Instant) -> Result<(), Failure> {
        if batch.called_off() {
            return Err(Failure::CalledOff);
        }
        if !batch.positions().is_empty() {
            self.send_offsets(batch, began)?;
        }
        self.publisher.settle(CALL);
        if !batch.may_commit() {
            return Err(Failure::CalledOff);
        }
        self.end_by_commit()
    }

    pub(in crate::kafka) fn send_offsets(&mut self, batch: &CommitBatch, began: Instant) -> Result<(), Failure> {
        let offsets = offsets_of(batch.positions()).map_err(Failure::Step)?;
        let Some(membership) = self.membership.get() else {
            return Err(Failure::Offsets("this instance is not a member of the group any more".to_owned()));
        };
        loop {
            match self.send_offsets_once(&offsets, &membership, began)? {
                Ok(()) => {
                    self.trouble.over("sending offsets");
                    return Ok(());
                }
                Err(ClientError::Transaction(error)) if error.is_retriable() => {
                    self.trouble.report("sending offsets", &error);
                    if self.has_expired(began) {
                        return Err(Failure::Offsets(format!("offsets were not taken in time: {error}")));
                    }
                    if batch.called_off() {
                        return Err(Failure::CalledOff);
                    }
                }
                Err(error) => return Err(Failure::Step(error)),
            }
        }
    }

    /// One call, on a thread of its own: where the coordinator goes away during it, librdkafka waits for that very broker,
    /// whatever the timeout (confluentinc/librdkafka#5456). The thread that is left behind keeps the old producer until the
    /// call returns; what it may still send is fenced.
    fn send_offsets_once(
        &self,
        offsets: &TopicPartitionList,
        membership: &Arc<ConsumerGroupMetadata>,
        began: Instant,
    ) -> Result<Result<(), ClientError>, Failure> {
        let (producer, offsets) = (self.publisher.shared_producer(), offsets.clone());
        let (membership, (answer, answered)) = (Arc::clone(membership), bounded(1));
        std::thread::Builder::new()
            .name("offsets".to_owned())
            .spawn(move || {
                let result = producer.send_offsets_to_transaction(&offsets, &membership, CALL);
                // Let go of the producer first: its end may take a while, and is this thread's if it was left behind.
                drop(producer);
                if answer.send(result).is_err() {
                    tracing::debug!("sending offsets returned after it had been given up");
                }
            })
            .map_err(|error| Failure::Offsets(format!("cannot start thread offsets: {error}")))?;
        // After that time the transaction has been aborted by the coordinator anyway.
        let until = began + self.config.delivery.transaction_timeout.max(2 * CALL);
        answered.recv_deadline(until).map_err(|_| Failure::Hangs)
    }

    /// Commits. Its outcome must become known, so it is asked for until it is.
    fn end_by_commit(&mut self) -> Result<(), Failure> {
        loop {
            self.publisher.find_brokers();
            match self.publisher.producer().commit_transaction(CALL) {
                Ok(()) => {
                    self.trouble.over("committing");
                    return Ok(());
                }
                Err(ClientError::Transaction(error)) if error.txn_requires_abort() => {
                    return Err(Failure::Step(ClientError::Transaction(error)));
                }
                Err(ClientError::Transaction(error)) if error.is_retriable() => {
                    self.trouble.report("committing", &error)
                }
                Err(error @ ClientError::Flush(_)) => self.trouble.report("committing", &error),
                Err(error) => return Err(Failure::Commit(self.cause(error))),
            }
        }
    }

    /// What an error comes from: after the first time librdkafka says no more than "fatal".
    fn cause(&self, error: ClientError) -> ClientError {
        let fatal = self.publisher.producer().client().fatal_error();
        fatal.map_or(error, |(code, _)| ClientError::Global(code))
    }

    /// Ends what a transaction left, and says what the desk can do about it.
    fn end_by_abort(&mut self, failure: Failure, began: Instant) -> SinkError {
        if !matches!(failure, Failure::CalledOff) {
            self.metrics.kafka_commit_failures.inc();
        }
        if let Failure::Commit(error) = &failure {
            let reason = error.to_string();
            return if is_fenced(error) { SinkError::Fenced { reason } } else { SinkError::Fatal { reason } };
        }
        let mut is_replaced = false;
        // A producer that hangs takes no other call.
        let ended = if matches!(failure, Failure::Hangs) { Err(ClientError::Canceled) } else { self.abort() };
        if let Err(error) = ended {
            if let Err(error) = self.replace_producer(&error, began) {
                return error;
            }
            is_replaced = true;
        }
        if let Err(error) = self.acknowledged.confirm(&self.config, &mut self.trouble) {
            return error;
        }
        match failure {
            Failure::CalledOff => SinkError::CalledOff,
            Failure::Refused(refusal) if refusal.is_permanent() => SinkError::Fatal { reason: refusal.to_string() },
            Failure::Refused(refusal) => SinkError::Aborted { reason: refusal.to_string() },
            Failure::Offsets(reason) => SinkError::Aborted { reason },
            Failure::Hangs => SinkError::Aborted { reason: "sending offsets did not return in time".to_owned() },
            // What was the end of the old producer is none of the new one's.
            Failure::Step(error) | Failure::Commit(error) if !is_replaced && is_permanent(&error) => {
                SinkError::Fatal { reason: error.to_string() }
            }
            Failure::Step(error) | Failure::Commit(error) => SinkError::Aborted { reason: error.to_string() },
        }
    }

    /// Aborts; tried until the coordinator has answered.
    fn abort(&mut self) -> Result<(), ClientError> {
        loop {
            self.publisher.find_brokers();
            match self.publisher.producer().abort_transaction(CALL) {
                Ok(()) => {
                    self.trouble.over("aborting");
                    return Ok(());
                }
                Err(ClientError::Transaction(error)) if error.is_retriable() => self.trouble.report("aborting", &error),
                Err(error) => return Err(self.cause(error)),
            }
        }
    }

    /// Goes on with a new producer where the old one is dead: by taking its id over from itself the instance ends what is
    /// open.
    ///
    /// Only one thing forbids that: another instance that has taken over. A broker fences alike who was replaced and
    /// whose transaction outlived its timeout, as after an outage; so only a young transaction was surely replaced.
    fn replace_producer(&mut self, error: &ClientError, began: Instant) -> Result<(), SinkError> {
        let reason = error.to_string();
        if is_fenced(error) {
            if !self.has_expired(began) {
                return Err(SinkError::Fenced { reason });
            }
        } else if is_permanent(error) {
            return Err(SinkError::Fatal { reason });
        }
        tracing::warn!(%reason, "the transaction was ended by the broker, going on with a new producer");
        let sends_tombstones = self.publisher.sends_tombstones;
        self.publisher = open_publisher(&self.config, &self.properties, &self.metrics, &mut self.trouble)
            .map_err(|error| SinkError::Fatal { reason: error.to_string() })?;
        self.publisher.sends_tombstones = sends_tombstones;
        Ok(())
    }
}

impl Sink for TransactionalSink {
    fn commit(&mut self, batch: CommitBatch) -> Result<Committed, SinkError> {
        if batch.called_off() {
            return Err(SinkError::CalledOff);
        }
        let began = Instant::now();
        match self.send(&batch) {
            Ok(()) => self.finish(batch, began),
            Err(failure) => Err(self.end_by_abort(failure, began)),
        }
    }

    fn max_output_bytes(&self) -> usize {
        max_output_bytes(&self.config.limits)
    }
}

fn open_publisher(
    config: &Config,
    properties: &ClientConfig,
    metrics: &Arc<Metrics>,
    trouble: &mut Trouble,
) -> Result<Publisher, KafkaError> {
    let publisher = Publisher::new(config, properties, metrics)?;
    loop {
        publisher.find_brokers();
        match publisher.producer().init_transactions(CALL) {
            Ok(()) => {
                trouble.over("taking over the transactional id");
                return Ok(publisher);
            }
            Err(ClientError::Transaction(error)) if error.is_retriable() => {
                trouble.report("taking over the transactional id", &error);
            }
            Err(error) => return Err(KafkaError::Client { client: "sink", error }),
        }
    }
}

/// Whether another producer has the transactional id, or the coordinator has taken it away.
fn is_fenced(error: &ClientError) -> bool {
    error.rdkafka_error_code() == Some(RDKafkaErrorCode::Fenced)
}

fn offsets_of(positions: &Positions) -> Result<TopicPartitionList, ClientError> {
    let mut list = TopicPartitionList::with_capacity(positions.len());
    for (partition, next) in positions {
        let next = KafkaOffset::Offset(i64::try_from(next.0).unwrap_or(i64::MAX));
        list.add_partition_offset(&partition.topic, partition.number, next)?;
    }
    Ok(list)
}
