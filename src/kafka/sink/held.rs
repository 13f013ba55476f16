//! What the group holds as committed: the last word on what became of a transaction.

use std::time::{Duration, Instant};

use rdkafka::TopicPartitionList;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::topic_partition_list::Offset;

use crate::config::Config;
use crate::kafka::KafkaError;
use crate::kafka::client::{Logged, Trouble, properties};
use crate::source::{NextOffset, Partition, Positions};

/// Name of the client in logs.
const CLIENT: &str = "offsets";

/// One call to the coordinator.
const CALL: Duration = Duration::from_secs(5);

/// Time for the coordinator to answer. It gives none while a transaction that holds offsets is open, and one that it does not
/// end itself stays so.
const PATIENCE: Duration = Duration::from_secs(60);

/// The committed offsets of these partitions; those that have none are left out.
///
/// Asked of a consumer of its own, which joins nothing: those at work may be waiting for a broker that has gone.
///
/// # Errors
/// Where there is no answer in [`PATIENCE`].
pub(super) fn held(config: &Config, of: &Positions, trouble: &mut Trouble) -> Result<Positions, KafkaError> {
    let failed = |error| KafkaError::Client { client: CLIENT, error };
    let mut properties: ClientConfig = properties(config, CLIENT)?;
    properties
        .set("group.id", &config.kafka.group_id)
        .set("enable.auto.commit", "false")
        // Offsets of an open transaction are none yet.
        .set("isolation.level", "read_committed");
    let consumer: BaseConsumer<Logged> = properties.create_with_context(Logged::new(CLIENT)).map_err(failed)?;
    let mut list = TopicPartitionList::with_capacity(of.len());
    for partition in of.keys() {
        list.add_partition(&partition.topic, partition.number);
    }
    let until = Instant::now() + PATIENCE;
    let committed = loop {
        match consumer.committed_offsets(list.clone(), CALL) {
            Ok(committed) => break committed,
            Err(error) if Instant::now() < until => trouble.report("reading the group's offsets", &error),
            Err(error) => return Err(failed(error)),
        }
    };
    trouble.over("reading the group's offsets");
    let held = committed.elements().into_iter().filter_map(|element| match element.offset() {
        Offset::Offset(next) => {
            let partition = Partition { topic: element.topic().into(), number: element.partition() };
            Some((partition, NextOffset(u64::try_from(next).ok()?)))
        }
        _ => None,
    });
    Ok(held.collect())
}
