//! Payloads from the input topics, read as a member of the consumer group.
//!
//! # Order of an assignment
//! The partition's committed offset is read first, stable (pending transactions settled, which librdkafka asks for under
//! `read_committed`). Only then a barrier is asked of the [`changelog`](super::changelog): every claim whose offset is
//! covered by the committed one lies before it. The partition stays paused until the barrier has passed.
//!
//! librdkafka's event is not answered from within its callback but by the next polls, so that a broker that is away, or
//! an unstable offset, never keeps [`Source::poll`] from returning. Until the answer librdkafka starts no other rebalance.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::Message as _;
use rdkafka::TopicPartitionList;
use rdkafka::config::FromClientConfigAndContext as _;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _, ConsumerContext};
use rdkafka::error::KafkaError as ClientError;
use rdkafka::message::{BorrowedMessage, Headers as _};
use rdkafka::topic_partition_list::Offset as KafkaOffset;

use super::KafkaError;
use super::changelog::Barriers;
use super::client::{Trouble, is_outage, is_permanent, list_of, millis, positions_of, properties, tell_statistics};
use super::membership::Membership;
use crate::config::{Config, Guarantee, OffsetReset};
use crate::source::{
    Assignments, Coordinate, Delivery, Epoch, Header, NextOffset, Offset, Partition, Polled, Positions, Source,
    SourceError,
};
use crate::telemetry::metrics::Metrics;

mod group;

use group::GroupContext;

/// Waits for one answer of a broker: the first, and the longest after attempts that failed.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(4);
/// Longest wait for what is asked for the question's sake.
const WAKE_WAIT: Duration = Duration::from_millis(100);

/// The input topics.
pub struct KafkaSource {
    consumer: BaseConsumer<GroupContext>,
    topics: Vec<String>,
    barriers: Barriers,
    membership: Membership,
    reset: OffsetReset,
    guarantee: Guarantee,
    resume_at: Positions,
    wait: Duration,
    trouble: Trouble,
    metrics: Arc<Metrics>,
}

impl KafkaSource {
    /// A member of the group, not yet subscribed.
    pub(crate) fn new(
        config: &Config,
        membership: Membership,
        barriers: Barriers,
        metrics: &Arc<Metrics>,
    ) -> Result<Self, KafkaError> {
        let mut properties = properties(config, "source")?;
        properties
            .set("group.id", &config.kafka.group_id)
            .set("session.timeout.ms", millis(config.kafka.session_timeout))
            .set("partition.assignment.strategy", "cooperative-sticky")
            .set("isolation.level", "read_committed")
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            // Used only for a committed offset that retention has passed: what is left must not be skipped.
            .set("auto.offset.reset", "earliest");
        if config.kafka.static_membership {
            properties.set("group.instance.id", &config.kafka.instance);
        }
        tell_statistics(&mut properties, config);
        let context = GroupContext::new(membership.clone(), Arc::clone(metrics), &config.kafka.bootstrap_servers);
        let consumer = BaseConsumer::from_config_and_context(&properties, context)
            .map_err(|error| KafkaError::Client { client: "source", error })?;
        Ok(Self {
            consumer,
            topics: config.topics.input.clone(),
            barriers,
            membership,
            reset: config.kafka.auto_offset_reset,
            guarantee: config.delivery.guarantee,
            resume_at: Positions::new(),
            wait: FIRST_WAIT,
            trouble: Trouble::default(),
            metrics: Arc::clone(metrics),
        })
    }

    #[cfg(test)]
    pub(super) fn membership(&self) -> Membership {
        self.membership.clone()
    }

    /// Whether an assignment has come that has no answer yet.
    #[cfg(test)]
    pub(super) fn awaits_answer(&self) -> bool {
        self.consumer.context().pending().is_some()
    }

    /// Hears librdkafka's events without answering them.
    #[cfg(test)]
    pub(super) fn poll_events(&self) {
        assert!(self.consumer.poll(Duration::from_millis(20)).is_none());
    }

    /// Has partitions fetched from now on. librdkafka's thread of a broker looks once a second for partitions that have been
    /// resumed, or when it has something else to do: it is asked for the ends of these.
    fn open(&self, partitions: TopicPartitionList) -> Result<(), SourceError> {
        self.consumer.resume(&partitions).map_err(|error| refused(&error))?;
        wake_fetchers(&self.consumer, partitions);
        Ok(())
    }

    /// Answers a pending assignment, if its offsets can be read now.
    fn take_partitions(&mut self) -> Result<(), SourceError> {
        let context = Arc::clone(self.consumer.context());
        let Some(partitions) = context.pending() else { return Ok(()) };
        let starts = match self.starts(&partitions) {
            Ok(starts) => starts,
            Err(error) if is_permanent(&error) => return Err(refused(&error)),
            Err(error) => {
                self.trouble.report("reading committed offsets", &error);
                self.wait = (self.wait * 2).min(LONGEST_WAIT);
                return Ok(());
            }
        };
        self.wait = FIRST_WAIT;
        self.trouble.over("reading committed offsets");
        context.reached();
        self.consumer.incremental_assign(&starts).map_err(|error| refused(&error))?;
        if !partitions.is_empty() {
            self.consumer.pause(&starts).map_err(|error| refused(&error))?;
            self.metrics.kafka_rebalances.with_label_values(&["assigned"]).inc();
        }
        self.membership.set(self.consumer.group_metadata());
        context.answered();
        // A member without partitions is told so too: it stands by, ready.
        let epoch = context.assigned(&partitions);
        if !partitions.is_empty() {
            tracing::info!(
                partitions = partitions.len(),
                epoch = epoch.0,
                "partitions assigned, restoring their claims"
            );
            self.barriers.request(epoch);
            self.show_partitions(&starts);
        }
        Ok(())
    }

    /// Lag is known from the start, also of partitions that stay paused: later ends come with what is fetched.
    fn show_partitions(&self, starts: &TopicPartitionList) {
        let mut ends = TopicPartitionList::with_capacity(starts.count());
        for start in starts.elements() {
            if let Err(error) = ends.add_partition_offset(start.topic(), start.partition(), KafkaOffset::End) {
                tracing::debug!(%error, "a partition whose end cannot be asked for");
            }
        }
        // The latest "time" is the end. Without an answer, lag is unknown until something is fetched.
        let ends =
            self.consumer.offsets_for_times(ends, FIRST_WAIT).map(|ends| positions_of(&ends)).unwrap_or_default();
        for (partition, NextOffset(start)) in positions_of(starts) {
            self.metrics.partition_assigned(&partition, start, ends.get(&partition).map(|NextOffset(end)| *end));
        }
    }

    /// Where each partition starts, as absolute offsets.
    fn starts(&self, partitions: &[Partition]) -> Result<TopicPartitionList, ClientError> {
        let list = list_of(partitions);
        if partitions.is_empty() {
            return Ok(list);
        }
        let committed = self.consumer.committed_offsets(list, self.wait)?;
        let mut starts = TopicPartitionList::with_capacity(partitions.len());
        for element in committed.elements() {
            element.error()?;
            let partition = Partition { topic: element.topic().into(), number: element.partition() };
            let settled =
                self.resume_at.get(&partition).map(|NextOffset(next)| i64::try_from(*next).unwrap_or(i64::MAX));
            let start = match (element.offset(), settled) {
                // The partition may have been read and committed since this source was told where to resume.
                (KafkaOffset::Offset(offset), settled) => offset.max(settled.unwrap_or_default()),
                (_, Some(settled)) => settled,
                (_, None) => {
                    let (low, high) =
                        self.consumer.fetch_watermarks(element.topic(), element.partition(), self.wait)?;
                    match self.reset {
                        OffsetReset::Earliest => low,
                        OffsetReset::Latest => high,
                    }
                }
            };
            starts.add_partition_offset(element.topic(), element.partition(), KafkaOffset::Offset(start))?;
        }
        Ok(starts)
    }
}

impl Source for KafkaSource {
    fn subscribe(&mut self, assignments: Arc<dyn Assignments>, resume_at: &Positions) -> Result<(), SourceError> {
        self.consumer.context().listen(assignments);
        self.resume_at.clone_from(resume_at);
        let topics: Vec<&str> = self.topics.iter().map(String::as_str).collect();
        self.consumer.subscribe(&topics).map_err(|error| refused(&error))
    }

    fn poll(&mut self, timeout: Duration) -> Result<Polled, SourceError> {
        self.consumer.context().find_brokers(&self.consumer);
        self.take_partitions()?;
        match self.consumer.poll(timeout) {
            None => Ok(Polled::Idle),
            Some(Ok(message)) => {
                self.trouble.over("reading");
                self.consumer.context().reached();
                let Some((topic, epoch)) = self.consumer.context().open_partition(message.topic(), message.partition())
                else {
                    // Paused or handed back between librdkafka's queue and here. Reading resumes at this very record.
                    let offset = KafkaOffset::Offset(message.offset());
                    if let Err(error) = self.consumer.seek(message.topic(), message.partition(), offset, Duration::ZERO)
                    {
                        tracing::debug!(%error, "a record of a partition that is not read any more");
                    }
                    return Ok(Polled::Idle);
                };
                delivery(&message, topic, epoch).map(Polled::Delivery)
            }
            Some(Err(error)) if is_permanent(&error) => Err(refused(&error)),
            Some(Err(error)) => {
                if !is_outage(&error) {
                    self.trouble.report("reading", &error);
                }
                Ok(Polled::Idle)
            }
        }
    }

    fn pause(&mut self) -> Result<(), SourceError> {
        // librdkafka drops what it has queued and fetches it again, from the first record that was not polled.
        let open = self.consumer.context().pause();
        self.consumer.pause(&open).map_err(|error| refused(&error))
    }

    fn resume(&mut self) -> Result<(), SourceError> {
        let open = self.consumer.context().resume();
        self.open(open)
    }

    fn restored(&mut self, epoch: Epoch) -> Result<(), SourceError> {
        let open = self.consumer.context().restored(epoch);
        self.open(open)
    }

    /// Starts the commit and returns: waiting would stop `poll` while the coordinator is away. A commit that fails is
    /// logged, and covered by the next one or by a redelivery.
    fn acknowledge(&mut self, positions: &Positions) -> Result<(), SourceError> {
        if self.guarantee == Guarantee::ExactlyOnce {
            return Ok(());
        }
        let mut list = TopicPartitionList::new();
        for (partition, next) in positions {
            if self.consumer.context().holds(partition) {
                let next = KafkaOffset::Offset(i64::try_from(next.0).unwrap_or(i64::MAX));
                list.add_partition_offset(&partition.topic, partition.number, next).map_err(|error| refused(&error))?;
            }
        }
        if list.count() > 0
            && let Err(error) = self.consumer.commit(&list, CommitMode::Async)
        {
            self.trouble.report("committing offsets", &error);
        }
        Ok(())
    }
}

/// Gives the threads of the partitions' leaders something to do.
pub fn wake_fetchers<C: ConsumerContext>(consumer: &BaseConsumer<C>, mut partitions: TopicPartitionList) {
    if partitions.count() == 0 {
        return;
    }
    let asked =
        partitions.set_all_offsets(KafkaOffset::End).and_then(|()| consumer.offsets_for_times(partitions, WAKE_WAIT));
    if let Err(error) = asked {
        // They look by themselves within a second.
        tracing::debug!(%error, "the leaders of resumed partitions did not answer");
    }
}

impl Drop for KafkaSource {
    fn drop(&mut self) {
        // The consumer's own drop leaves the group and serves the last revoke, but would wait for ever for an answer to
        // an assignment.
        if let Some(partitions) = self.consumer.context().close() {
            let mut list = TopicPartitionList::with_capacity(partitions.len());
            for partition in &partitions {
                list.add_partition(&partition.topic, partition.number);
            }
            if let Err(error) = self.consumer.incremental_assign(&list) {
                tracing::debug!(%error, "an assignment could not be answered while closing");
            }
        }
    }
}

fn refused(error: &ClientError) -> SourceError {
    SourceError::Kafka(error.to_string())
}

/// Owned at once: a borrowed record must not outlive its consumer.
pub(super) fn delivery(message: &BorrowedMessage<'_>, topic: Arc<str>, epoch: Epoch) -> Result<Delivery, SourceError> {
    let offset = u64::try_from(message.offset())
        .map_err(|_| SourceError::Kafka(format!("a record of {topic}/{} has no offset", message.partition())))?;
    let headers = message.headers().map_or_else(Vec::new, |headers| {
        headers
            .iter()
            .map(|header| Header { name: header.key.to_owned(), value: header.value.map(<[u8]>::to_vec) })
            .collect()
    });
    Ok(Delivery {
        coordinate: Coordinate { partition: Partition { topic, number: message.partition() }, offset: Offset(offset) },
        epoch,
        event_time_ms: message.timestamp().to_millis().unwrap_or_default(),
        key: message.key().map(<[u8]>::to_vec),
        headers,
        payload: message.payload().map(<[u8]>::to_vec),
    })
}
