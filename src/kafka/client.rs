//! What all clients share: properties, which of them are ours, and how their troubles are logged.

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rdkafka::client::{Client, ClientContext};
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode};
use rdkafka::statistics::Statistics;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList, TopicPartitionListElem};
use rdkafka::types::RDKafkaConfRes;

use super::{KafkaError, statistics};
use crate::config::{Config, Limits, PropertyRefusal, own_property};
use crate::source::{NextOffset, Partition, Positions};
use crate::telemetry::metrics::Metrics;

mod bootstrap;

/// What a record may hold besides its value: headers and key.
pub(crate) const HEADERS_ALLOWANCE: u64 = crate::sink::HEADERS_ROOM_BYTES as u64;

/// Size of the sets that the producer sends: a topic counts a set's bytes, not a record's.
pub(crate) const BATCH_BYTES: u64 = 512 * 1024;

/// The properties of every client, in the order: ours by default, the user's, ours for good.
///
/// # Errors
/// Where the user sets a property that a correct result depends on.
pub fn properties(config: &Config, client: &str) -> Result<ClientConfig, KafkaError> {
    let mut properties = ClientConfig::new();
    properties
        .set("client.id", format!("copydesk-{}-{client}", config.kafka.instance))
        .set("reconnect.backoff.max.ms", "2000")
        // A broker that closes idle connections is no news.
        .set("log.connection.close", "false")
        .set("compression.type", "lz4")
        // Where Java clients put a key, so that joins by partition work.
        .set("partitioner", "murmur2_random")
        .set("linger.ms", "2")
        // Our own permits bound memory; librdkafka's queue only has to cover the way to the broker.
        .set("queued.max.messages.kbytes", "16384")
        // A full queue is looked at again soon, not after a second.
        .set("fetch.queue.backoff.ms", "10");
    for (key, value) in config.kafka.properties.iter() {
        if let Some(instead) = own_property(key) {
            return Err(KafkaError::OwnProperty { key: key.to_owned(), instead });
        }
        properties.set(key, value.expose());
    }
    if properties.get("debug").is_some() {
        // What `debug` asks librdkafka for reaches us at this level alone.
        properties.set_log_level(RDKafkaLogLevel::Debug);
    }
    let fetch = largest_record(&config.limits).max(16 * 1024 * 1024);
    properties
        .set("bootstrap.servers", &config.kafka.bootstrap_servers)
        .set("batch.size", BATCH_BYTES.to_string())
        .set("message.max.bytes", largest_record(&config.limits).to_string())
        .set("fetch.max.bytes", fetch.to_string())
        // A response holds one fetch and what is said about it.
        .set("receive.message.max.bytes", (fetch + 1024 * 1024).max(100_000_000).to_string());
    Ok(properties)
}

/// Whether librdkafka takes a property.
///
/// # Errors
/// Says why it does not.
pub fn accepts_property(key: &str, value: &str) -> Result<(), PropertyRefusal> {
    let mut alone = ClientConfig::new();
    alone.set(key, value);
    match alone.create_native_config() {
        Ok(_) => Ok(()),
        Err(ClientError::ClientConfig(RDKafkaConfRes::RD_KAFKA_CONF_UNKNOWN, ..)) => Err(PropertyRefusal::Unknown),
        Err(_) => Err(PropertyRefusal::Value),
    }
}

/// An error of librdkafka in words. What it says about a property repeats the value, which may be a secret.
pub(crate) fn told(error: &ClientError) -> String {
    match error {
        ClientError::ClientConfig(_, _, key, _) => format!("librdkafka does not take kafka.properties.{key}"),
        other => other.to_string(),
    }
}

/// Largest record that is ever sent: a record, or a dead letter with its payload, and the headers.
pub(crate) fn largest_record(limits: &Limits) -> u64 {
    limits.payload_bytes.as_u64().max(limits.record_bytes.as_u64()) + HEADERS_ALLOWANCE
}

/// Largest record that the desk may send, without its headers.
pub(crate) fn max_output_bytes(limits: &Limits) -> usize {
    usize::try_from(largest_record(limits) - HEADERS_ALLOWANCE).unwrap_or(usize::MAX)
}

/// A duration as librdkafka takes it.
pub(crate) fn millis(duration: Duration) -> String {
    duration.as_millis().to_string()
}

/// Partitions without offsets, as librdkafka is asked about them.
pub(crate) fn list_of<'p>(partitions: impl IntoIterator<Item = &'p Partition>) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    for partition in partitions {
        list.add_partition(&partition.topic, partition.number);
    }
    list
}

/// The offsets of a list; partitions without one are left out.
pub(crate) fn positions_of(list: &TopicPartitionList) -> Positions {
    let position = |element: TopicPartitionListElem<'_>| {
        let Offset::Offset(next) = element.offset() else { return None };
        let partition = Partition { topic: element.topic().into(), number: element.partition() };
        Some((partition, NextOffset(u64::try_from(next).ok()?)))
    };
    list.elements().into_iter().filter_map(position).collect()
}

/// Whether no retry can mend this error.
pub(crate) fn is_permanent(error: &ClientError) -> bool {
    use RDKafkaErrorCode as Code;
    matches!(error, ClientError::MessageConsumptionFatal(_))
        || matches!(
            error.rdkafka_error_code(),
            Some(
                Code::TopicAuthorizationFailed
                    | Code::GroupAuthorizationFailed
                    | Code::ClusterAuthorizationFailed
                    | Code::TransactionalIdAuthorizationFailed
                    | Code::UnsupportedVersion
                    | Code::UnsupportedFeature
                    | Code::InvalidConfig
                    | Code::Fatal
                    | Code::Fenced
                    | Code::InvalidGroupId
                    | Code::InconsistentGroupProtocol
            )
        )
}

/// Logs a trouble when it comes and when it is over, not at every attempt in between.
#[derive(Debug, Default)]
pub(crate) struct Trouble(bool);

impl Trouble {
    /// The work failed, and will be tried again.
    pub(crate) fn report(&mut self, work: &str, error: &dyn Display) {
        if self.0 {
            tracing::debug!(%error, "{work}: trying again");
        } else {
            tracing::warn!(%error, "{work}: trying again");
        }
        self.0 = true;
    }

    /// The work succeeded.
    pub(crate) fn over(&mut self, work: &str) {
        if std::mem::take(&mut self.0) {
            tracing::info!("{work}: succeeded again");
        }
    }
}

/// Whether the brokers could not be reached. [`Logged`] says so, once.
pub(crate) fn is_outage(error: &ClientError) -> bool {
    use RDKafkaErrorCode as Code;
    let code = error.rdkafka_error_code();
    matches!(code, Some(Code::BrokerTransportFailure | Code::AllBrokersDown | Code::Resolve | Code::OperationTimedOut))
}

/// Lets a client tell its statistics. Only for clients that are polled all the time: those of others would pile up.
pub(crate) fn tell_statistics(properties: &mut ClientConfig, config: &Config) {
    properties.set("statistics.interval.ms", millis(config.telemetry.statistics_interval));
}

/// Context of a client: its logs go to `tracing`, its statistics to the metrics.
#[derive(Debug)]
pub(crate) struct Logged {
    client: &'static str,
    is_away: AtomicBool,
    observed: Option<Observed>,
}

/// What a client that tells its statistics is watched with.
#[derive(Debug)]
struct Observed {
    metrics: Arc<Metrics>,
    /// Addresses to bootstrap from.
    servers: String,
    knows_nobody: AtomicBool,
}

impl Logged {
    pub(crate) fn new(client: &'static str) -> Self {
        Self { client, is_away: AtomicBool::new(false), observed: None }
    }

    /// A client that tells its statistics and bootstraps from these addresses. Whoever owns it calls [`Self::find_brokers`] as
    /// long as it waits for it.
    pub(crate) fn observed(client: &'static str, metrics: &Arc<Metrics>, servers: &str) -> Self {
        let observed = Observed {
            metrics: Arc::clone(metrics),
            servers: servers.to_owned(),
            knows_nobody: AtomicBool::new(false),
        };
        Self { observed: Some(observed), ..Self::new(client) }
    }

    /// Lets a client begin again from its first addresses once it knows no broker any more.
    pub(crate) fn find_brokers<C: ClientContext>(&self, client: &Client<C>) {
        if let Some(observed) = &self.observed
            // Asked for each record: a look costs less than a swap.
            && observed.knows_nobody.load(Ordering::Relaxed)
            && observed.knows_nobody.swap(false, Ordering::Relaxed)
        {
            tracing::warn!(client = self.client, "no broker is known any more, asking kafka.bootstrap_servers again");
            bootstrap::give_addresses(client, &observed.servers);
        }
    }

    /// A broker has answered.
    pub(crate) fn reached(&self) {
        if self.is_away.load(Ordering::Relaxed) && self.is_away.swap(false, Ordering::Relaxed) {
            tracing::info!(client = self.client, "brokers answer again");
        }
    }
}

impl ClientContext for Logged {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        let client = self.client;
        match level {
            // Each failed attempt to connect has its line; `error` below says the news once.
            _ if matches!(facility, "FAIL" | "ERROR" | "CONFWARN") => tracing::debug!(client, facility, "{line}"),
            RDKafkaLogLevel::Emerg | RDKafkaLogLevel::Alert | RDKafkaLogLevel::Critical | RDKafkaLogLevel::Error => {
                tracing::error!(client, facility, "{line}");
            }
            RDKafkaLogLevel::Warning => tracing::warn!(client, facility, "{line}"),
            RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info => tracing::info!(client, facility, "{line}"),
            RDKafkaLogLevel::Debug => tracing::debug!(client, facility, "{line}"),
        }
    }

    fn stats(&self, told: Statistics) {
        if let Some(observed) = &self.observed {
            observed.knows_nobody.store(!statistics::knows_brokers(&told), Ordering::Relaxed);
            observed.metrics.client_read(self.client, statistics::client(&told));
        }
    }

    fn error(&self, error: ClientError, reason: &str) {
        // librdkafka reports every attempt to connect, and each broker by itself.
        if is_outage(&error) && self.is_away.swap(true, Ordering::Relaxed) {
            tracing::debug!(client = self.client, %error, "{reason}");
        } else {
            tracing::warn!(client = self.client, %error, "{reason}");
        }
    }
}

#[cfg(test)]
mod tests {
    use rdkafka::consumer::BaseConsumer;

    use super::*;

    #[test]
    fn a_property_that_the_guarantee_depends_on_is_refused_by_name() {
        let mut config = Config::load(&[], &[]).unwrap();
        config.kafka.properties = [("transactional.id", "x")].into_iter().collect();
        let error = properties(&config, "test").unwrap_err().to_string();
        assert!(error.contains("transactional.id"), "{error}");
    }

    #[test]
    fn other_properties_pass_through_and_win_over_the_defaults() {
        let mut config = Config::load(&[], &[]).unwrap();
        config.kafka.properties =
            [("compression.type", "zstd"), ("security.protocol", "SASL_SSL")].into_iter().collect();
        let properties = properties(&config, "test").unwrap();
        assert_eq!(properties.get("compression.type"), Some("zstd"));
        assert_eq!(properties.get("security.protocol"), Some("SASL_SSL"));
    }

    #[test]
    fn a_property_is_either_refused_or_the_users() {
        let mut config = Config::load(&[], &[]).unwrap();
        for name in properties(&config, "test").unwrap().config_map().keys() {
            config.kafka.properties = [(*name, "7")].into_iter().collect();
            match properties(&config, "test") {
                Ok(properties) => assert_eq!(properties.get(name), Some("7"), "{name} is set again"),
                Err(error) => assert!(error.to_string().contains(name), "{error}"),
            }
        }
    }

    /// What `config` says about builds without TLS is what librdkafka does.
    #[test]
    fn only_a_build_with_tls_speaks_tls_and_scram() {
        let client = |settings: &[(&str, &str)]| {
            let settings = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
            let properties: ClientConfig = settings.collect();
            properties.create::<BaseConsumer>().is_ok()
        };
        let user = [("bootstrap.servers", "127.0.0.1:1"), ("sasl.username", "a"), ("sasl.password", "b")];
        let with = |protocol, mechanism| {
            client(&[&user[..], &[("security.protocol", protocol), ("sasl.mechanisms", mechanism)]].concat())
        };
        assert!(with("SASL_PLAINTEXT", "PLAIN"));
        assert_eq!(with("SASL_PLAINTEXT", "SCRAM-SHA-512"), cfg!(feature = "tls"));
        assert_eq!(with("SASL_SSL", "PLAIN"), cfg!(feature = "tls"));
    }

    #[test]
    fn librdkafka_is_asked_for_names_and_values_and_no_secret_comes_back() {
        assert_eq!(accepts_property("client.rack", "a"), Ok(()));
        assert_eq!(accepts_property("sasl.password", "hunter2"), Ok(()));
        assert_eq!(accepts_property("sasl.pasword", "hunter2"), Err(PropertyRefusal::Unknown));
        assert_eq!(accepts_property("queue.buffering.max.ms", "hunter2"), Err(PropertyRefusal::Value));
        let error = ClientConfig::new().set("sasl.pasword", "hunter2").create_native_config().err().unwrap();
        let error = KafkaError::Client { client: "test", error };
        assert!(error.to_string().contains("sasl.pasword"), "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn the_largest_payload_fits_with_its_headers() {
        let config = Config::load(&[], &[]).unwrap();
        let limit: u64 = properties(&config, "test").unwrap().get("message.max.bytes").unwrap().parse().unwrap();
        assert_eq!(limit, config.limits.payload_bytes.as_u64() + HEADERS_ALLOWANCE);
    }
}
