//! A broker inside the process, for demonstrations: librdkafka's mock cluster.
//!
//! It speaks the protocol over TCP on loopback, but it ignores commit and abort of transactions: at least once only.

use std::time::Duration;

use rdkafka::config::ClientConfig;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{DefaultProducerContext, FutureProducer, FutureRecord};

use super::KafkaError;
use crate::config::Config;

const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// A broker that ends with this value.
pub struct EmbeddedBroker {
    cluster: MockCluster<'static, DefaultProducerContext>,
}

impl EmbeddedBroker {
    /// Starts the broker, with every topic of the configuration on one partition.
    ///
    /// # Errors
    /// Where it cannot be started.
    pub fn start(config: &Config) -> Result<Self, KafkaError> {
        let cluster = MockCluster::new(1).map_err(failed)?;
        let topics = &config.topics;
        for topic in topics.input.iter().chain(topics.outputs()) {
            cluster.create_topic(topic, 1, 1).map_err(failed)?;
        }
        Ok(Self { cluster })
    }

    /// Its `host:port`.
    pub fn bootstrap_servers(&self) -> String {
        self.cluster.bootstrap_servers()
    }

    /// Produces payloads in order, each with a `file-name` header.
    ///
    /// # Errors
    /// Where one is not acknowledged.
    pub async fn feed(&self, topic: &str, payloads: &[(String, Vec<u8>)]) -> Result<(), KafkaError> {
        let producer: FutureProducer =
            ClientConfig::new().set("bootstrap.servers", self.bootstrap_servers()).create().map_err(failed)?;
        for (name, payload) in payloads {
            let headers = OwnedHeaders::new().insert(Header { key: "file-name", value: Some(name) });
            let record = FutureRecord::<(), _>::to(topic).payload(payload).headers(headers);
            #[allow(clippy::disallowed_methods, reason = "each is awaited before the next is sent")]
            producer.send(record, SEND_TIMEOUT).await.map_err(|(error, _)| failed(error))?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for EmbeddedBroker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("EmbeddedBroker").field(&self.bootstrap_servers()).finish()
    }
}

fn failed(error: rdkafka::error::KafkaError) -> KafkaError {
    KafkaError::Client { client: "embedded broker", error }
}
