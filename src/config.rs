//! Configuration: compiled-in defaults, then files, then `COPYDESK__SECTION__KEY`, then the command line.
//!
//! This file holds the keys, `config/default.toml` their defaults and what they mean. Each source is read into entries,
//! one a key (`layers`); each entry is checked alone, so that a mistake has one key and one source (`load`, `typed`); what
//! is left is laid over the defaults, and the keys are checked against each other (`check`).

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use bytesize::ByteSize;
use serde::{Deserialize, Serialize};

use crate::article::Flag;
use crate::verdict::{Mode, Updates};

mod check;
mod examine;
mod layers;
mod load;
mod mistake;
mod properties;
pub mod reference;
mod rules;
mod secret;
mod show;
mod typed;

pub use load::Loaded;
pub use mistake::{ConfigError, Mistake, Setting};
pub use properties::{Properties, PropertyRefusal, PropertyValue, own_property};
pub use reference::DEFAULTS;
pub use rules::Rules;

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
    /// When rejections stop the reading.
    pub dead_letters: DeadLetters,
    /// When a batch closes.
    pub batch: BatchConfig,
    /// Bounds on memory and work.
    pub limits: Limits,
    /// Verdicts and index.
    pub dedup: Dedup,
    /// Extraction.
    pub extract: Extract,
    /// What the user knows besides.
    pub rules: Rules,
    /// Which pages are articles.
    pub quality: Quality,
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
    /// Whether the instance keeps its partitions over a restart, as a static member of the group (KIP-345).
    pub static_membership: bool,
    /// Further librdkafka properties for every client.
    pub properties: Properties,
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

impl Topics {
    /// Those that copydesk writes.
    pub fn outputs(&self) -> [&String; 4] {
        [&self.records, &self.duplicates, &self.dead_letters, &self.changelog]
    }
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

/// Section `dead_letters`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeadLetters {
    /// Share of rejections that is a storm; 0 turns the watch off.
    pub storm_ratio: f64,
    /// Outcomes that the share is taken of; 0 turns the watch off.
    pub storm_run: usize,
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
    /// Most nodes of one HTML tree, and lines of one text.
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
    /// Probability from which an article is a copy.
    pub threshold: f32,
    /// Probability from which articles are related.
    pub related: f32,
    /// Texts with fewer tokens are copies only where they are equal.
    pub min_words: u32,
    /// What becomes of an article that changes.
    pub updates: Updates,
    /// What nobody must know who could forge copies.
    pub seed: String,
    /// Folder of the index on Kafka; empty keeps it in memory.
    pub index_dir: PathBuf,
    /// How long a claim is kept; must cover the input's retention.
    #[serde(with = "humantime_serde")]
    pub window: Duration,
    /// What one delivery may move event time by, on Kafka and in a corpus.
    #[serde(with = "humantime_serde")]
    pub max_step: Duration,
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
    /// Whether records have their bodies in parts as well.
    pub blocks: bool,
    /// Folder of the journal that names payloads which ended the process; empty: beside the index, or in the
    /// system's temporary folder.
    pub journal_dir: PathBuf,
}

/// Section `quality`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quality {
    /// Articles with one of these flags are rejected.
    pub reject: Vec<Flag>,
    /// Bodies with fewer words are short.
    pub short_words: usize,
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

impl Config {
    /// Reads defaults, then each file, then the environment, then `overrides` (`section.key`, value), and checks the result.
    ///
    /// # Errors
    /// Names every mistake of every source. What librdkafka says about its properties is not asked: see [`Loaded::read`].
    pub fn load(files: &[PathBuf], overrides: &[(String, String)]) -> Result<Self, ConfigError> {
        Loaded::read(files, overrides, |_, _| Ok(())).map(|loaded| loaded.config)
    }
}

#[cfg(test)]
mod tests;
