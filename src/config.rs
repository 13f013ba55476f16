//! Configuration: compiled-in defaults, then files, then `COPYDESK__SECTION__KEY`, then the command line.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytesize::ByteSize;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::verdict::Mode;

/// Every key with its default and its documentation.
pub const DEFAULTS: &str = include_str!("../config/default.toml");

/// The whole configuration. What each key means stands in `config/default.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Brokers, group and instance.
    pub kafka: Kafka,
    /// Names of the topics.
    pub topics: Topics,
    /// Guarantee and commit behaviour.
    pub delivery: DeliveryConfig,
    /// When a batch closes.
    pub batch: BatchConfig,
    /// Bounds on memory and work.
    pub limits: Limits,
    /// Verdicts and index.
    pub dedup: Dedup,
    /// Extraction.
    pub extract: Extract,
    /// Metrics, health and logs.
    pub telemetry: Telemetry,
    /// Stopping.
    pub shutdown: Shutdown,
}

/// Section `kafka`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kafka {
    /// `host:port`, separated by commas.
    pub bootstrap_servers: String,
    /// Consumer group; also the first part of the transactional id.
    pub group_id: String,
    /// Unique name of this instance within its group; empty is refused where a broker is used.
    pub instance: String,
    /// Where a partition without a committed offset starts.
    pub auto_offset_reset: OffsetReset,
    /// Time after which a silent member is out.
    #[serde(with = "humantime_serde")]
    pub session_timeout: Duration,
    /// Further librdkafka properties for every client.
    #[serde(deserialize_with = "flat_properties")]
    pub properties: BTreeMap<String, String>,
}

/// Where a partition without a committed offset starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OffsetReset {
    /// At its oldest record: nothing is lost.
    Earliest,
    /// At its end.
    Latest,
}

/// Section `topics`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topics {
    /// Payloads.
    pub input: Vec<String>,
    /// Article records.
    pub records: String,
    /// Events of suppressed copies.
    pub duplicates: String,
    /// Rejected payloads.
    pub dead_letters: String,
    /// Claims.
    pub changelog: String,
    /// Partitions of topics that `topics create` makes.
    pub partitions: i32,
    /// Replicas of topics that `topics create` makes; -1 takes the broker's default.
    pub replication: i32,
}

/// Section `delivery`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliveryConfig {
    /// What a crash may do to the output.
    pub guarantee: Guarantee,
    /// Longest wait for a batch to fill.
    #[serde(with = "humantime_serde")]
    pub linger: Duration,
    /// Time after which the broker ends a dead instance's transaction.
    #[serde(with = "humantime_serde")]
    pub transaction_timeout: Duration,
    /// Longest wait for a commit under way when partitions are handed back.
    #[serde(with = "humantime_serde")]
    pub revoke_wait: Duration,
}

/// What a crash may do to the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guarantee {
    /// Every outcome once, in one transaction with its offsets.
    ExactlyOnce,
    /// Every outcome at least once; after a crash the same (id, revision) may come again.
    AtLeastOnce,
}

/// Section `batch`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchConfig {
    /// Most deliveries of one batch.
    pub max_records: usize,
    /// Most output bytes of one batch.
    pub max_bytes: ByteSize,
}

/// Section `limits`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Largest payload.
    pub payload_bytes: ByteSize,
    /// Largest payload once decompressed and taken out of base64.
    pub decoded_bytes: ByteSize,
    /// Decompressed bytes for each compressed one, at most.
    pub decompression_ratio: u32,
    /// Arrays and objects open at once in JSON.
    pub json_depth: usize,
    /// Largest article body.
    pub article_bytes: ByteSize,
    /// Largest encoded record.
    pub record_bytes: ByteSize,
    /// Payloads and articles held at once.
    pub in_flight_bytes: ByteSize,
    /// Most elements open at once in HTML.
    pub html_depth: usize,
    /// Most nodes of one HTML tree.
    pub html_nodes: usize,
    /// Most attributes of one HTML tag; further ones are ignored.
    pub html_attributes: usize,
    /// Longest extraction of one payload.
    #[serde(with = "humantime_serde")]
    pub extract_time: Duration,
}

/// Section `dedup`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dedup {
    /// What is done with verdicts.
    pub mode: Mode,
    /// What a delivery gets whose outcome is committed already.
    pub on_replay: OnReplay,
    /// Folder of the index on Kafka; empty keeps it in memory.
    pub index_dir: PathBuf,
    /// How long a claim is kept; must cover the input's retention.
    #[serde(with = "humantime_serde")]
    pub window: Duration,
    /// What the window must exceed the input's retention by.
    #[serde(with = "humantime_serde")]
    pub slack: Duration,
    /// What a window that is too short does.
    pub window_check: WindowCheck,
}

/// What a delivery gets whose outcome is committed already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnReplay {
    /// Nothing is published.
    Suppress,
    /// What was published is published again, under the same revision.
    Reemit,
}

/// What a retention that does not fit the window does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowCheck {
    /// The service does not start.
    Refuse,
    /// It says so and starts.
    Warn,
}

/// Section `extract`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extract {
    /// Extract threads; 0 takes one a core.
    pub threads: usize,
    /// Folder of the journal that names payloads which ended the process; empty: beside the index, or in the
    /// system's temporary folder.
    pub journal_dir: PathBuf,
}

/// Section `telemetry`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telemetry {
    /// Where `/metrics` and the pages on health are served; absent: no port is opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
    /// Form of the logs on standard error.
    pub log_format: LogFormat,
    /// Filter of the logs (`info`, `copydesk=debug`).
    pub log_filter: String,
    /// Registrable domains with series of their own; all others are counted together.
    pub publishers: Vec<String>,
    /// How often lag and librdkafka's own statistics are read.
    #[serde(with = "humantime_serde")]
    pub statistics_interval: Duration,
}

/// Form of the logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For reading.
    Human,
}

/// Section `shutdown`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shutdown {
    /// Longest drain after a first signal.
    #[serde(with = "humantime_serde")]
    pub grace: Duration,
}

/// Why a configuration cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A file or variable does not parse, or holds an unknown key.
    #[error("configuration: {0}")]
    Invalid(#[from] config::ConfigError),
    /// A value that parses makes no sense.
    #[error("configuration: {key}: {problem}")]
    Refused {
        /// The key.
        key: &'static str,
        /// What is wrong, and the mend.
        problem: String,
    },
}

/// What variables of ours begin with.
const PREFIX: &str = "COPYDESK";

/// The variable that sets a key: `batch.max_records` by `COPYDESK__BATCH__MAX_RECORDS`.
fn variable(key: &str) -> String {
    format!("{PREFIX}__{}", key.replace('.', "__"))
}

fn as_keys(environment: config::Environment) -> config::Environment {
    environment
        .prefix_separator("__")
        .separator("__")
        .list_separator(",")
        .with_list_parse_key("topics.input")
        .with_list_parse_key("telemetry.publishers")
        .try_parsing(true)
}

/// librdkafka's names have dots, which variables and `--set` read as levels: `security.protocol` comes back together.
fn flat_properties<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Level {
        Inner(BTreeMap<String, Level>),
        Flag(bool),
        Number(i64),
        Fraction(f64),
        Text(String),
    }
    let mut flat = BTreeMap::new();
    let mut open: Vec<(String, Level)> = BTreeMap::<String, Level>::deserialize(deserializer)?.into_iter().collect();
    while let Some((name, level)) = open.pop() {
        let value = match level {
            Level::Inner(inner) => {
                open.extend(inner.into_iter().map(|(below, level)| (format!("{name}.{below}"), level)));
                continue;
            }
            Level::Flag(flag) => flag.to_string(),
            Level::Number(number) => number.to_string(),
            Level::Fraction(fraction) => fraction.to_string(),
            Level::Text(text) => text,
        };
        flat.insert(name, value);
    }
    Ok(flat)
}

impl Config {
    /// Reads defaults, then each file, then the environment, then `overrides` (`section.key`, value).
    ///
    /// # Errors
    /// Where a source cannot be read or the result makes no sense.
    pub fn load(files: &[PathBuf], overrides: &[(String, String)]) -> Result<Self, ConfigError> {
        Self::layered(files, config::Environment::with_prefix(PREFIX), overrides)
    }

    fn layered(
        files: &[PathBuf],
        environment: config::Environment,
        overrides: &[(String, String)],
    ) -> Result<Self, ConfigError> {
        let mut builder =
            config::Config::builder().add_source(config::File::from_str(DEFAULTS, config::FileFormat::Toml));
        for file in files {
            builder = builder.add_source(config::File::from(Path::new(file)).required(true));
        }
        let chosen = overrides.iter().map(|(key, value)| (variable(key), value.clone())).collect();
        let overrides = config::Environment::with_prefix(PREFIX).source(Some(chosen));
        builder = builder.add_source(as_keys(environment)).add_source(as_keys(overrides));
        let config: Self = builder.build()?.try_deserialize()?;
        config.validate()?;
        Ok(config)
    }

    fn validate(&self) -> Result<(), ConfigError> {
        let refused = |key, problem: &str| Err(ConfigError::Refused { key, problem: problem.to_owned() });
        if self.batch.max_records == 0 {
            return refused("batch.max_records", "must be at least 1");
        }
        if self.limits.payload_bytes > self.limits.in_flight_bytes {
            return refused("limits.in_flight_bytes", "must be at least limits.payload_bytes");
        }
        if self.delivery.revoke_wait >= self.kafka.session_timeout {
            return refused(
                "delivery.revoke_wait",
                "must be below kafka.session_timeout, or the member is thrown out while it waits",
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
