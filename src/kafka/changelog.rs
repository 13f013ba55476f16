//! The changelog's tail: brings the claims of every instance to the desk, and says when a partition's are complete.
//!
//! # Barriers
//! A partition may be read once every claim that its committed offset covers has been applied. To know when, the tail
//! *writes* a record of its own, a barrier, to each changelog partition after the committed offset was read, and waits
//! until it has read that record back under `read_committed`:
//! - the claims that the offset covers were acknowledged before their transaction could commit, so they lie before the
//!   barrier, even where their commit marker is still on its way and comes after it;
//! - records below the last stable offset come in order, so the barrier is not delivered before they are.
//!
//! Watching the end of the partition instead would need the end to be compared with a high watermark: markers are not
//! delivered, so positions do not tell; rdkafka's end-of-partition event carries no offset; and a new leader's or a
//! follower's watermark may lie behind the one that was asked for. The barrier needs none of these. It is written
//! outside transactions: it claims nothing, and every reader skips it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use crossbeam_channel::{Sender, bounded};
use rdkafka::config::FromClientConfigAndContext as _;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError as ClientError;
use rdkafka::topic_partition_list::{Offset as KafkaOffset, TopicPartitionList};

use super::KafkaError;
use super::client::{Logged, Trouble, is_permanent, properties, tell_statistics};
use crate::config::Config;
use crate::desk::DeskHandle;
use crate::index::ChangelogPositions;
use crate::source::Epoch;
use crate::telemetry::metrics::Metrics;

mod barrier;
mod tail;

use barrier::BarrierWriter;
use tail::Tail;

impl rdkafka::consumer::ConsumerContext for Logged {}

/// One call to a broker at start; what is not answered within it is asked again.
const CALL: std::time::Duration = std::time::Duration::from_secs(5);

/// Most requests for barriers that wait for the tail; there is one an assignment.
const PENDING: usize = 64;

/// The thread that reads the changelog. Dropping it ends the thread.
pub struct ChangelogTail {
    barriers: Barriers,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// Asks the tail for barriers.
#[derive(Debug, Clone)]
pub(crate) struct Barriers(Sender<Epoch>);

impl Barriers {
    /// Once all claims written until now have been sent to the desk, it hears that the epoch is restored.
    pub(crate) fn request(&self, epoch: Epoch) {
        if self.0.send(epoch).is_err() {
            tracing::debug!("the changelog's tail has ended");
        }
    }
}

impl ChangelogTail {
    /// Starts reading every partition of the changelog from `restored_to`, or from its start where retention has passed
    /// that. Blocks until the brokers have said where the changelog begins and ends.
    pub(crate) fn start(
        config: &Config,
        desk: DeskHandle,
        restored_to: &ChangelogPositions,
        metrics: &Arc<Metrics>,
    ) -> Result<Self, KafkaError> {
        let mut properties = properties(config, "changelog")?;
        properties
            // librdkafka wants a group for any consumer; nothing is ever committed under it.
            .set("group.id", format!("{}-changelog", config.kafka.group_id))
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("isolation.level", "read_committed")
            .set("auto.offset.reset", "earliest");
        tell_statistics(&mut properties, config);
        let context = Logged::observed("changelog", metrics, &config.kafka.bootstrap_servers);
        let consumer = BaseConsumer::from_config_and_context(&properties, context)
            .map_err(|error| KafkaError::Client { client: "changelog", error })?;
        let topic = config.topics.changelog.as_str();
        let mut trouble = Trouble::default();
        let positions = loop {
            match starts(&consumer, topic, restored_to) {
                Ok(positions) => break positions?,
                Err(error) if is_permanent(&error) => return Err(KafkaError::Client { client: "changelog", error }),
                Err(error) => {
                    trouble.report("looking up the changelog", &error);
                    consumer.context().find_brokers(consumer.client());
                    // Lets librdkafka's logs through, and does not ask again at once.
                    drop(consumer.poll(std::time::Duration::from_millis(200)));
                }
            }
        };
        trouble.over("looking up the changelog");
        assign(&consumer, topic, &positions).map_err(|error| KafkaError::Client { client: "changelog", error })?;

        let (requests, epochs) = bounded(PENDING);
        let stop = Arc::new(AtomicBool::new(false));
        let writer = BarrierWriter::new(config, positions.0.keys().copied().collect())?;
        let tail = Tail::new(consumer, topic.to_owned(), positions, desk, epochs, writer, Arc::clone(&stop));
        let thread = std::thread::Builder::new()
            .name("changelog".to_owned())
            .spawn(move || tail.run())
            .map_err(|error| KafkaError::Thread { name: "changelog", error })?;
        Ok(Self { barriers: Barriers(requests), stop, thread: Some(thread) })
    }

    pub(crate) fn barriers(&self) -> Barriers {
        self.barriers.clone()
    }
}

impl Drop for ChangelogTail {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the changelog's thread has panicked");
        }
    }
}

/// Where each partition is read from. The outer error may pass, the inner one is for good.
fn starts(
    consumer: &BaseConsumer<Logged>,
    topic: &str,
    restored_to: &ChangelogPositions,
) -> Result<Result<ChangelogPositions, KafkaError>, ClientError> {
    let metadata = consumer.fetch_metadata(Some(topic), CALL)?;
    let numbers: Vec<i32> = metadata
        .topics()
        .iter()
        .filter(|described| described.name() == topic)
        .flat_map(|described| described.partitions().iter().map(|partition| partition.id()))
        .collect();
    if numbers.is_empty() {
        return Ok(Err(KafkaError::MissingTopic { topic: topic.to_owned() }));
    }
    let mut positions = ChangelogPositions::default();
    for number in numbers {
        let (low, high) = consumer.fetch_watermarks(topic, number, CALL)?;
        let (low, high) = (u64::try_from(low).unwrap_or_default(), u64::try_from(high).unwrap_or_default());
        let restored_to = restored_to.0.get(&number).copied().unwrap_or_default();
        if restored_to > high {
            let topic = topic.to_owned();
            return Ok(Err(KafkaError::ChangelogShrunk { topic, partition: number, end: high, restored_to }));
        }
        positions.0.insert(number, restored_to.max(low));
    }
    Ok(Ok(positions))
}

fn assign(consumer: &BaseConsumer<Logged>, topic: &str, positions: &ChangelogPositions) -> Result<(), ClientError> {
    let mut list = TopicPartitionList::with_capacity(positions.0.len());
    for (number, next) in &positions.0 {
        list.add_partition_offset(topic, *number, KafkaOffset::Offset(i64::try_from(*next).unwrap_or(i64::MAX)))?;
    }
    consumer.assign(&list)
}
