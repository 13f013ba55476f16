//! Kafka: the only code that names rdkafka.
//!
//! [`connect`] wires three parts to the desk: a [`source`](self::source) that reads the input as a member of the group, a
//! [`sink`](self::sink) that publishes, and the [`changelog`](self::changelog)'s tail, which brings the claims of every
//! instance back. [`topics`] makes and checks the topics.

use std::sync::Arc;

use thiserror::Error;

use crate::config::{Config, Guarantee};
use crate::desk::DeskHandle;
use crate::index::ChangelogPositions;
use crate::sink::Sink;
use crate::telemetry::metrics::Metrics;

pub mod changelog;
mod client;
pub mod dead_letters;
pub mod embedded;
mod membership;
pub mod sink;
pub mod source;
mod statistics;
mod submit;
pub mod topics;

#[cfg(test)]
mod tests;

pub use changelog::ChangelogTail;
pub use client::{accepts_property, properties};
pub use source::KafkaSource;
pub use submit::submit;

/// What a desk on Kafka is made of. Drop the source first, then the sink, then the tail.
pub struct Connected {
    /// Payloads. Not subscribed yet.
    pub source: KafkaSource,
    /// Outcomes, by the guarantee that is configured.
    pub sink: Box<dyn Sink>,
    /// The changelog's tail; it ends when this is dropped.
    pub tail: ChangelogTail,
}

/// Opens the sink (which ends what a predecessor of this instance left open), starts the changelog's tail at
/// `restored_to` and makes the source. `compacts_records`: the records topic wants tombstones.
///
/// `metrics` shows what the clients say of themselves, and how far behind the input is.
///
/// Blocks, and goes on trying while the brokers cannot be reached; nothing is held then that an exit could lose.
///
/// # Errors
/// Where the configuration or the cluster refuses for good.
pub fn connect(
    config: &Config,
    desk: DeskHandle,
    restored_to: &ChangelogPositions,
    compacts_records: bool,
    metrics: &Arc<Metrics>,
) -> Result<Connected, KafkaError> {
    if config.kafka.instance.is_empty() {
        return Err(KafkaError::NoInstance);
    }
    let membership = membership::Membership::default();
    let sink: Box<dyn Sink> = match config.delivery.guarantee {
        Guarantee::ExactlyOnce => {
            let sink = sink::TransactionalSink::open(config, membership.clone(), metrics)?;
            Box::new(sink.with_tombstones(compacts_records))
        }
        Guarantee::AtLeastOnce => {
            Box::new(sink::AcknowledgedSink::open(config, metrics)?.with_tombstones(compacts_records))
        }
    };
    let tail = ChangelogTail::start(config, desk, restored_to, metrics)?;
    let source = KafkaSource::new(config, membership, tail.barriers(), metrics)?;
    Ok(Connected { source, sink, tail })
}

/// Version of librdkafka.
pub fn client_version() -> String {
    rdkafka::util::get_rdkafka_version().1
}

/// Why Kafka cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KafkaError {
    /// A property is copydesk's own.
    #[error("kafka.properties: {key} is set by copydesk: {instead}")]
    OwnProperty {
        /// The property.
        key: String,
        /// What to do.
        instead: &'static str,
    },
    /// The instance has no name.
    #[error("kafka.instance: name this instance, uniquely within its group and the same after a restart")]
    NoInstance,
    /// A client could not be made or used.
    #[error("kafka {client}: {}", client::told(.error))]
    Client {
        /// Which client.
        client: &'static str,
        /// What librdkafka said.
        error: rdkafka::error::KafkaError,
    },
    /// A topic is missing.
    #[error("topic {topic} does not exist: copydesk topics create makes it")]
    MissingTopic {
        /// The topic.
        topic: String,
    },
    /// The changelog is shorter than what was read of it: it was deleted and made again.
    #[error(
        "changelog {topic}/{partition} ends at {end}, but the index was restored to {restored_to}: the topic was made \
         again; delete the index folder, it is rebuilt from the changelog"
    )]
    ChangelogShrunk {
        /// The changelog.
        topic: String,
        /// Its partition.
        partition: i32,
        /// Where it ends.
        end: u64,
        /// How far the index says it was read.
        restored_to: u64,
    },
    /// A record could not be read.
    #[error("kafka: {0}")]
    Read(String),
    /// A thread could not be started.
    #[error("cannot start thread {name}: {error}")]
    Thread {
        /// Its name.
        name: &'static str,
        /// The system's reason.
        error: std::io::Error,
    },
}
