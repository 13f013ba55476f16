//! The topic of dead letters, read by a person's command: from its beginning to its end as it is at the start.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::Message as _;
use rdkafka::TopicPartitionList;
use rdkafka::config::FromClientConfigAndContext as _;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode};
use rdkafka::topic_partition_list::Offset as KafkaOffset;

use super::KafkaError;
use super::client::{Logged, is_permanent, properties};
use super::source::delivery;
use crate::config::Config;
use crate::dead_letter::Letter;
use crate::source::Epoch;

mod resend;

pub use resend::{ResendError, Resender};

/// Longest wait for a broker's answer, and for the next letter.
const CALL: Duration = Duration::from_secs(30);
/// One poll.
const POLL: Duration = Duration::from_millis(100);

/// The letters that were there when this was made. Nothing is committed and nothing removed.
pub struct DeadLetters {
    consumer: BaseConsumer<Logged>,
    topic: Arc<str>,
    /// By partition: the first offset, and the one after the last.
    bounds: BTreeMap<i32, (i64, i64)>,
    /// Every topic of the cluster, with its number of partitions.
    topics: BTreeMap<String, i32>,
}

impl DeadLetters {
    /// Asks the brokers where the topic begins and ends. Blocks.
    ///
    /// # Errors
    /// Where the brokers do not answer within 30 s, or there is no such topic.
    pub fn open(config: &Config) -> Result<Self, KafkaError> {
        let mut properties = properties(config, "dead-letters")?;
        properties
            // librdkafka wants a group for any consumer; nothing is ever committed under it.
            .set("group.id", format!("{}-dead-letters", config.kafka.group_id))
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("isolation.level", "read_committed")
            .set("auto.offset.reset", "earliest")
            .set("enable.partition.eof", "true")
            // The end is noticed after one wait for more.
            .set("fetch.wait.max.ms", "50");
        let consumer =
            BaseConsumer::from_config_and_context(&properties, Logged::new("dead-letters")).map_err(failed)?;
        let topic = config.topics.dead_letters.as_str();
        // Asking for one topic by name can make it.
        let metadata = consumer.fetch_metadata(None, CALL).map_err(failed)?;
        let found = metadata.topics().iter().find(|found| found.name() == topic);
        let found = found.ok_or_else(|| KafkaError::MissingTopic { topic: topic.to_owned() })?;
        let mut bounds = BTreeMap::new();
        for partition in found.partitions() {
            let of_partition = consumer.fetch_watermarks(topic, partition.id(), CALL).map_err(failed)?;
            bounds.insert(partition.id(), of_partition);
        }
        let partitions = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        let topics = metadata.topics().iter();
        let topics = topics.map(|topic| (topic.name().to_owned(), partitions(topic.partitions().len()))).collect();
        Ok(Self { consumer, topic: topic.into(), bounds, topics })
    }

    /// So many letters there are at most: some offsets hold none.
    pub fn most(&self) -> u64 {
        self.bounds.values().map(|(first, end)| u64::try_from(end - first).unwrap_or_default()).sum()
    }

    /// Shows every letter, partition after partition in the order of offsets, until `see` breaks.
    ///
    /// # Errors
    /// Those of `see`, and where the brokers refuse or fall silent.
    pub fn each<E: From<KafkaError>>(
        &self,
        mut see: impl FnMut(Letter) -> Result<ControlFlow<()>, E>,
    ) -> Result<(), E> {
        for (partition, (first, end)) in &self.bounds {
            if self.read(*partition, *first, *end, &mut see)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// The letter at a place; `None` where there is none, or none any more.
    ///
    /// # Errors
    /// Where the brokers refuse or fall silent.
    pub fn at(&self, partition: i32, offset: i64) -> Result<Option<Letter>, KafkaError> {
        let Some((first, end)) = self.bounds.get(&partition) else { return Ok(None) };
        let mut found = None;
        if (*first..*end).contains(&offset) {
            let mut see = |letter| {
                found = Some(letter);
                Ok::<_, KafkaError>(ControlFlow::Continue(()))
            };
            let (ControlFlow::Continue(()) | ControlFlow::Break(())) =
                self.read(partition, offset, offset + 1, &mut see)?;
        }
        Ok(found)
    }

    /// The number of partitions of the topic that a letter is to go to.
    ///
    /// # Errors
    /// Where there is no such topic.
    pub fn destination(&self, letter: &Letter, topic: &str) -> Result<i32, ResendError> {
        let partitions = self.topics.get(topic).copied();
        partitions.ok_or_else(|| ResendError::NoTopic { letter: letter.place(), topic: topic.to_owned() })
    }

    /// Reads one partition from `first` up to, not including, `end`.
    fn read<E: From<KafkaError>>(
        &self,
        partition: i32,
        first: i64,
        end: i64,
        see: &mut impl FnMut(Letter) -> Result<ControlFlow<()>, E>,
    ) -> Result<ControlFlow<()>, E> {
        if first >= end {
            return Ok(ControlFlow::Continue(()));
        }
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(&self.topic, partition, KafkaOffset::Offset(first)).map_err(failed)?;
        self.consumer.assign(&list).map_err(failed)?;
        let mut heard = Instant::now();
        loop {
            match self.consumer.poll(POLL) {
                // Left over from the partition before.
                Some(Ok(message)) if message.partition() != partition => {}
                Some(Ok(message)) if message.offset() >= end => break,
                Some(Ok(message)) => {
                    let letter = delivery(&message, Arc::clone(&self.topic), Epoch(0));
                    let letter = letter.map_err(|error| KafkaError::Read(error.to_string()))?;
                    if see(Letter::new(letter))?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                    if message.offset() + 1 >= end {
                        break;
                    }
                    heard = Instant::now();
                }
                // Behind it there are only markers of transactions, and transactions that are still open.
                Some(Err(ClientError::PartitionEOF(ended))) if ended == partition => break,
                Some(Err(error)) if is_permanent(&error) => return Err(failed(error).into()),
                Some(Err(error)) => tracing::debug!(%error, "reading the dead letters: trying again"),
                None => {}
            }
            if heard.elapsed() > CALL {
                return Err(failed(ClientError::MessageConsumption(RDKafkaErrorCode::OperationTimedOut)).into());
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

fn failed(error: ClientError) -> KafkaError {
    KafkaError::Client { client: "dead-letters", error }
}
