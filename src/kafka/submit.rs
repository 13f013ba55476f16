//! One payload onto an input topic, for commands that a person gives.

use std::time::Duration;

use rdkafka::config::FromClientConfigAndContext as _;
use rdkafka::producer::{FutureProducer, FutureRecord};

use super::KafkaError;
use super::client::{Logged, properties};
use crate::config::Config;
use crate::source::{Coordinate, Offset, Partition};

/// Longest wait for the brokers.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);

/// Sends a payload, and says where it stands once every replica in sync has it.
///
/// # Errors
/// Where the brokers do not take it within 30 s.
pub async fn submit(config: &Config, topic: &str, key: &str, payload: &[u8]) -> Result<Coordinate, KafkaError> {
    let failed = |error| KafkaError::Client { client: "submit", error };
    let mut properties = properties(config, "submit")?;
    properties.set("enable.idempotence", "true").set("message.timeout.ms", SEND_TIMEOUT.as_millis().to_string());
    let producer: FutureProducer<Logged> =
        FutureProducer::from_config_and_context(&properties, Logged::new("submit")).map_err(failed)?;
    let record = FutureRecord::to(topic).key(key).payload(payload);
    #[allow(clippy::disallowed_methods, reason = "one record, which is awaited")]
    let delivered = producer.send(record, SEND_TIMEOUT).await.map_err(|(error, _)| failed(error))?;
    Ok(Coordinate {
        partition: Partition { topic: topic.into(), number: delivered.partition },
        offset: Offset(u64::try_from(delivered.offset).unwrap_or_default()),
    })
}
