//! What this member holds, and librdkafka's calls when that changes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rdkafka::ClientContext;
use rdkafka::TopicPartitionList;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::error::{KafkaError as ClientError, KafkaResult};
use rdkafka::statistics::Statistics;
use rdkafka::types::RDKafkaRespErr;

use crate::kafka::client::{Logged, Trouble};
use crate::kafka::membership::Membership;
use crate::kafka::statistics;
use crate::source::{Assignments, Epoch, Partition};
use crate::telemetry::metrics::Metrics;

/// A partition that is assigned to this member.
#[derive(Debug)]
struct Held {
    epoch: Epoch,
    /// Its claims are restored.
    restored: bool,
}

#[derive(Debug, Default)]
struct Group {
    /// By topic and number.
    held: BTreeMap<Arc<str>, BTreeMap<i32, Held>>,
    /// An assignment that awaits its answer, which may be an empty one.
    pending: Option<Vec<Partition>>,
    /// The intake has no permits.
    paused: bool,
    closing: bool,
}

impl Group {
    fn restored(&self) -> TopicPartitionList {
        self.list(|held| held.restored)
    }

    fn list(&self, wanted: impl Fn(&Held) -> bool) -> TopicPartitionList {
        let mut list = TopicPartitionList::new();
        for (topic, partitions) in &self.held {
            for (number, held) in partitions {
                if wanted(held) {
                    list.add_partition(topic, *number);
                }
            }
        }
        list
    }
}

/// Context of the group's consumer.
pub(super) struct GroupContext {
    log: Logged,
    membership: Membership,
    assignments: OnceLock<Arc<dyn Assignments>>,
    group: Mutex<Group>,
    commits: Mutex<Trouble>,
    metrics: Arc<Metrics>,
}

impl GroupContext {
    pub(super) fn new(membership: Membership, metrics: Arc<Metrics>, servers: &str) -> Self {
        Self {
            log: Logged::observed("source", &metrics, servers),
            membership,
            assignments: OnceLock::new(),
            group: Mutex::default(),
            commits: Mutex::default(),
            metrics,
        }
    }

    /// A broker has answered.
    pub(super) fn reached(&self) {
        self.log.reached();
    }

    /// As [`Logged::find_brokers`].
    pub(super) fn find_brokers(&self, consumer: &BaseConsumer<Self>) {
        self.log.find_brokers(consumer.client());
    }

    /// Whom to tell of assignments, for good.
    pub(super) fn listen(&self, assignments: Arc<dyn Assignments>) {
        if self.assignments.set(assignments).is_err() {
            tracing::debug!("subscribed twice");
        }
    }

    /// The assignment that awaits its answer.
    pub(super) fn pending(&self) -> Option<Vec<Partition>> {
        self.group().pending.clone()
    }

    /// The assignment has its answer.
    pub(super) fn answered(&self) {
        self.group().pending = None;
    }

    /// Announces partitions, which stay closed until [`Self::restored`].
    pub(super) fn assigned(&self, partitions: &[Partition]) -> Epoch {
        let epoch = self.assignments.get().map_or_else(Epoch::default, |assignments| assignments.assigned(partitions));
        let mut group = self.group();
        for partition in partitions {
            let held = Held { epoch, restored: false };
            group.held.entry(Arc::clone(&partition.topic)).or_default().insert(partition.number, held);
        }
        epoch
    }

    /// Opens the partitions of an epoch that are still held; gives those to resume now.
    pub(super) fn restored(&self, epoch: Epoch) -> TopicPartitionList {
        let mut group = self.group();
        for held in group.held.values_mut().flat_map(BTreeMap::values_mut) {
            held.restored |= held.epoch == epoch;
        }
        if group.paused { TopicPartitionList::new() } else { group.list(|held| held.epoch == epoch) }
    }

    /// Pauses everything; gives what is open.
    pub(super) fn pause(&self) -> TopicPartitionList {
        let mut group = self.group();
        group.paused = true;
        group.restored()
    }

    /// Ends the pause; gives what is open.
    pub(super) fn resume(&self) -> TopicPartitionList {
        let mut group = self.group();
        group.paused = false;
        group.restored()
    }

    /// The shared name and the epoch of a partition whose records are wanted now.
    pub(super) fn open_partition(&self, topic: &str, number: i32) -> Option<(Arc<str>, Epoch)> {
        let group = self.group();
        let (topic, partitions) = group.held.get_key_value(topic)?;
        let held = partitions.get(&number)?;
        (held.restored && !group.paused).then(|| (Arc::clone(topic), held.epoch))
    }

    /// Whether the partition is assigned to this member.
    pub(super) fn holds(&self, partition: &Partition) -> bool {
        self.group().held.get(&partition.topic).is_some_and(|partitions| partitions.contains_key(&partition.number))
    }

    /// From now on assignments are answered at once; gives one that has no answer yet.
    pub(super) fn close(&self) -> Option<Vec<Partition>> {
        let mut group = self.group();
        group.closing = true;
        group.pending.take()
    }

    fn group(&self) -> MutexGuard<'_, Group> {
        self.group.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn revoke(&self, consumer: &BaseConsumer<Self>, list: &TopicPartitionList) {
        let lost = consumer.assignment_lost();
        // A commit under way is of this generation, which still owns what it hands back; after a loss it is not.
        self.membership.set(if lost { None } else { consumer.group_metadata() });
        let partitions: Vec<Partition> = {
            let mut group = self.group();
            group.pending = None;
            let partitions: Vec<Partition> = partitions_of(list)
                .into_iter()
                .filter(|partition| {
                    group.held.get_mut(&partition.topic).and_then(|held| held.remove(&partition.number)).is_some()
                })
                .collect();
            group.held.retain(|_, held| !held.is_empty());
            partitions
        };
        if let Some(assignments) = self.assignments.get()
            && !partitions.is_empty()
        {
            tracing::info!(partitions = partitions.len(), lost, "partitions revoked");
            assignments.revoked(&partitions, lost);
            self.metrics.partitions_revoked(&partitions, lost);
        }
    }
}

fn partitions_of(list: &TopicPartitionList) -> Vec<Partition> {
    list.elements()
        .iter()
        .map(|element| Partition { topic: element.topic().into(), number: element.partition() })
        .collect()
}

impl ClientContext for GroupContext {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        self.log.log(level, facility, line);
    }

    fn stats(&self, told: Statistics) {
        self.metrics.partitions_read(&statistics::partitions(&told));
        self.log.stats(told);
    }

    fn error(&self, error: ClientError, reason: &str) {
        self.log.error(error, reason);
    }
}

impl ConsumerContext for GroupContext {
    fn rebalance(&self, consumer: &BaseConsumer<Self>, event: RDKafkaRespErr, list: &mut TopicPartitionList) {
        let answer = match event {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS => {
                let mut group = self.group();
                if !group.closing {
                    group.pending = Some(partitions_of(list));
                    return;
                }
                drop(group);
                consumer.incremental_assign(list)
            }
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS => {
                self.revoke(consumer, list);
                consumer.incremental_unassign(list)
            }
            _ => consumer.unassign(),
        };
        if let Err(error) = answer {
            tracing::warn!(%error, "a rebalance could not be answered");
        }
    }

    fn commit_callback(&self, result: KafkaResult<()>, _offsets: &TopicPartitionList) {
        let mut commits = self.commits.lock().unwrap_or_else(PoisonError::into_inner);
        match result {
            Ok(()) => commits.over("committing offsets"),
            Err(error) => {
                self.metrics.kafka_commit_failures.inc();
                commits.report("committing offsets", &error);
            }
        }
    }
}
