//! Barriers: records that mark how far the changelog must have been read.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::executor::block_on;
use futures::future::try_join_all;
use rdkafka::config::{ClientConfig, FromClientConfigAndContext as _};
use rdkafka::error::KafkaError as ClientError;
use rdkafka::producer::{FutureProducer, FutureRecord, Producer as _};
use thiserror::Error;

use crate::config::Config;
use crate::index::ChangelogPositions;
use crate::kafka::KafkaError;
use crate::kafka::client::{Logged, is_permanent, millis, properties};
use crate::source::Epoch;

/// Key of a barrier, which has no value. A claim's key is a coordinate and holds a slash.
pub(crate) const BARRIER_KEY: &[u8] = b"barrier";

/// Longest attempt to write a barrier.
const ATTEMPT: Duration = Duration::from_secs(5);

/// Why a barrier was not written.
#[derive(Debug, Error)]
pub(super) enum BarrierError {
    #[error("changelog {topic} has {found} partitions now, and had {known}: their number must not change")]
    Repartitioned { topic: String, known: usize, found: usize },
    #[error(transparent)]
    Client(#[from] ClientError),
}

impl BarrierError {
    pub(super) fn is_permanent(&self) -> bool {
        match self {
            Self::Repartitioned { .. } => true,
            Self::Client(error) => is_permanent(error),
        }
    }
}

/// Writes barriers. They are rare, so the producer lives only as long as one is written.
pub(super) struct BarrierWriter {
    properties: ClientConfig,
    topic: String,
    partitions: Vec<i32>,
}

/// A barrier that is written: the offset of its record in each partition.
#[derive(Debug)]
pub(super) struct Barrier {
    pub(super) epoch: Epoch,
    records: BTreeMap<i32, u64>,
}

impl Barrier {
    /// Whether its records have all been read.
    pub(super) fn has_passed(&self, next: &ChangelogPositions) -> bool {
        self.records.iter().all(|(number, record)| next.0.get(number).is_some_and(|next| next > record))
    }
}

impl BarrierWriter {
    pub(super) fn new(config: &Config, partitions: Vec<i32>) -> Result<Self, KafkaError> {
        let mut properties = properties(config, "barrier")?;
        properties.set("acks", "all").set("message.timeout.ms", millis(ATTEMPT)).set("linger.ms", "0");
        Ok(Self { properties, topic: config.topics.changelog.clone(), partitions })
    }

    /// Writes a record to every partition.
    ///
    /// # Errors
    /// Where that failed; a second attempt may leave further records, which do no harm.
    pub(super) fn write(&self, epoch: Epoch) -> Result<Barrier, BarrierError> {
        let producer: FutureProducer<Logged> =
            FutureProducer::from_config_and_context(&self.properties, Logged::new("barrier"))?;
        // Claims go to a partition by their key: one more partition, and claims would go where nobody reads.
        let metadata = producer.client().fetch_metadata(Some(&self.topic), ATTEMPT)?;
        let found = metadata.topics().iter().map(|topic| topic.partitions().len()).sum();
        if found > self.partitions.len() {
            let (topic, known) = (self.topic.clone(), self.partitions.len());
            return Err(BarrierError::Repartitioned { topic, known, found });
        }
        let mut sent = Vec::with_capacity(self.partitions.len());
        for number in &self.partitions {
            let record: FutureRecord<'_, [u8], [u8]> =
                FutureRecord::to(&self.topic).partition(*number).key(BARRIER_KEY);
            sent.push(producer.send_result(record).map_err(|(error, _)| error)?);
        }
        let written = block_on(try_join_all(sent)).map_err(|_| ClientError::Canceled)?;
        let mut records = BTreeMap::new();
        for result in written {
            let delivery = result.map_err(|(error, _)| error)?;
            records.insert(delivery.partition, u64::try_from(delivery.offset).unwrap_or_default());
        }
        Ok(Barrier { epoch, records })
    }
}
