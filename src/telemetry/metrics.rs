//! Every metric of the service. The doc comment is the help text that Prometheus shows, and stands in `docs/metrics.md`
//! too; a second line of it says what to alert on.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};

use crate::article::{BlockKind, Flag};
use crate::desk::ledger::{Ledger, Outcome};
use crate::payload::{Envelope, PayloadKind};
use crate::rejection::Rejection;
use crate::verdict::Verdict;

mod catalogue;
mod clients;
mod conservation;
mod observe;
mod partitions;

#[cfg(test)]
mod tests;

pub use catalogue::reference;
pub use clients::{BrokerReading, ClientReading};
pub(crate) use observe::OutputCounts;
pub use observe::Step;
pub use partitions::PartitionReading;

use super::build::Build;
use catalogue::{Family, Kind};
use clients::Clients;
use conservation::Conservation;
use partitions::Partitions;

/// Publishers that are not configured by name.
const OTHER: &str = "_other";

/// Declares the metrics: doc comment, field, type, name, labels, buckets.
macro_rules! metrics {
    ($(#[doc = $help:literal] $(#[doc = $alert:literal])? $field:ident: $kind:ident($name:literal $(, $extra:expr)*);)*) => {
        /// The metrics of one process, in a registry of their own.
        #[derive(Debug)]
        pub struct Metrics {
            registry: Registry,
            /// One scrape at a time: some series are written as they are collected.
            scrape: Mutex<()>,
            publishers: BTreeSet<String>,
            partitions: Partitions,
            clients: Clients,
            $(#[doc = $help] pub $field: $kind,)*
        }

        const FAMILIES: &[Family] = &[$(Family {
            name: $name,
            kind: metrics!(@kind $kind),
            labels: metrics!(@labels $kind $(, $extra)*),
            help: $help,
            alert: concat!("" $(, $alert)?),
        },)*];

        impl Metrics {
            /// Registers every metric, and the ledger's conservation, with every label at 0.
            ///
            /// # Errors
            /// Where a name is used twice: a defect that any test of this function finds.
            pub fn new(ledger: Ledger) -> Result<Self, prometheus::Error> {
                let registry = Registry::new();
                $(let $field = metrics!(@make $kind, $name, $help.trim() $(, $extra)*)?;
                  registry.register(Box::new($field.clone()))?;)*
                let (partitions, clients) = (Partitions::new()?, Clients::new()?);
                registry.register(Box::new(Conservation::new(ledger)?))?;
                registry.register(Box::new(partitions.clone()))?;
                registry.register(Box::new(clients.clone()))?;
                // Of the process itself: CPU, memory, file descriptors.
                registry.register(Box::new(prometheus::process_collector::ProcessCollector::for_self()))?;
                let (scrape, publishers) = (Mutex::default(), BTreeSet::new());
                let metrics = Self { registry, scrape, publishers, partitions, clients, $($field,)* };
                metrics.start_at_zero();
                Ok(metrics)
            }
        }
    };
    (@make IntCounter, $name:literal, $help:expr) => { IntCounter::new($name, $help) };
    (@make IntGauge, $name:literal, $help:expr) => { IntGauge::new($name, $help) };
    (@make IntCounterVec, $name:literal, $help:expr, $labels:expr) => { IntCounterVec::new(Opts::new($name, $help), &$labels) };
    (@make IntGaugeVec, $name:literal, $help:expr, $labels:expr) => { IntGaugeVec::new(Opts::new($name, $help), &$labels) };
    (@make Histogram, $name:literal, $help:expr, $buckets:expr) => {
        Histogram::with_opts(HistogramOpts::new($name, $help).buckets($buckets.to_vec()))
    };
    (@make HistogramVec, $name:literal, $help:expr, $labels:expr, $buckets:expr) => {
        HistogramVec::new(HistogramOpts::new($name, $help).buckets($buckets.to_vec()), &$labels)
    };
    (@kind IntCounter) => { Kind::Counter };
    (@kind IntCounterVec) => { Kind::Counter };
    (@kind IntGauge) => { Kind::Gauge };
    (@kind IntGaugeVec) => { Kind::Gauge };
    (@kind Histogram) => { Kind::Histogram };
    (@kind HistogramVec) => { Kind::Histogram };
    (@labels IntCounter) => { &[] };
    (@labels IntGauge) => { &[] };
    (@labels Histogram, $buckets:expr) => { &[] };
    (@labels $kind:ident, $labels:expr $(, $buckets:expr)?) => { &$labels };
}

/// From a document's decoding to a commit that waits for a broker, in seconds.
const STEPS: [f64; 12] = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0];
/// From a moment to a day, in seconds.
const AGES: [f64; 14] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 1_800.0, 7_200.0, 28_800.0, 86_400.0];

metrics! {
    /// What this program is made of: version, source revision, librdkafka, hash of the extraction rules; the value is always 1.
    build_info: IntGaugeVec("copydesk_build_info", ["version", "revision", "librdkafka", "rules"]);
    /// Deliveries read, by input topic or name of the input file.
    /// None for a while, though lag is above 0: reading has stalled.
    input_messages: IntCounterVec("copydesk_input_messages_total", ["topic"]);
    /// Bytes of the payloads read, by input topic or name of the input file.
    input_bytes: IntCounterVec("copydesk_input_bytes_total", ["topic"]);
    /// Records, duplicate events and dead letters, once their batch is committed.
    /// Published records over deliveries: a drop.
    output_messages: IntCounterVec("copydesk_output_messages_total", ["stream", "event"]);
    /// Bytes of the values of outputs, once their batch is committed.
    output_bytes: IntCounterVec("copydesk_output_bytes_total", ["stream", "event"]);
    /// Payloads that became articles or retractions, by what they were and by what stood around them.
    payloads: IntCounterVec("copydesk_payloads_total", ["kind", "envelope"]);
    /// Verdicts on articles, once their batch is committed.
    /// A jump of the share that is not `unique`: a bad normaliser makes everything a copy.
    verdicts: IntCounterVec("copydesk_verdicts_total", ["verdict"]);
    /// Payloads that went to the dead letters, by reason and by the stage that rejected them.
    /// Their share of all deliveries.
    rejections: IntCounterVec("copydesk_rejections_total", ["reason", "stage"]);
    /// Articles by what may be wrong with them, as in `quality.flags` of records; those that are refused for it are rejections.
    /// A jump of `paywall` or `listing`: crawlers fetch other pages than before.
    flags: IntCounterVec("copydesk_article_flags_total", ["flag"]);
    /// Outcomes by publisher: those of `telemetry.publishers` by registrable domain, all others as `_other`.
    /// A publisher's share of `rejected`: its pages have changed.
    publisher_outcomes: IntCounterVec("copydesk_publisher_outcomes_total", ["publisher", "outcome"]);
    /// Blocks that were removed from pages, by kind.
    removed_blocks: IntCounterVec("copydesk_removed_blocks_total", ["kind"]);
    /// Characters in the blocks that were removed from pages, by kind.
    removed_chars: IntCounterVec("copydesk_removed_chars_total", ["kind"]);
    /// Retractions: `published` took an article back, `repeated` found it taken back, `unknown` named nothing that was published, `replayed` had its outcome before.
    retractions: IntCounterVec("copydesk_retractions_total", ["result"]);
    /// Extractions in a process of their own, after a crash, by how they ended.
    /// Any `crashed`: a payload kills the process.
    crash_probes: IntCounterVec("copydesk_crash_probes_total", ["result"]);
    /// Deliveries under a known coordinate with other bytes: the input was deleted and made anew.
    /// Any.
    recreated_deliveries: IntCounter("copydesk_recreated_deliveries_total");
    /// Time that each stage takes: the first five by delivery, `commit` by batch, from the closed batch to the sink's answer.
    /// The 99th percentile of `commit` near `delivery.transaction_timeout`.
    stage_duration: HistogramVec("copydesk_stage_duration_seconds", ["stage"], STEPS);
    /// From the timestamp of a delivery to the commit of its outcome.
    /// The share above what readers were promised.
    end_to_end_latency: Histogram("copydesk_end_to_end_latency_seconds", AGES);
    /// From the moment when the crawler fetched a page, where it says so, to the commit of its outcome.
    crawl_age: Histogram("copydesk_crawl_age_seconds", AGES);
    /// Deliveries of one batch.
    batch_records: Histogram("copydesk_batch_records", [1.0, 5.0, 10.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 5000.0]);
    /// Batches that were aborted and committed again.
    /// A steady rate.
    aborted_batches: IntCounter("copydesk_aborted_batches_total");
    /// Bytes of payloads and articles that are held, of `limits.in_flight_bytes`.
    in_flight_bytes: IntGauge("copydesk_in_flight_bytes");
    /// 1 while reading is paused because no permits are left.
    /// 1 for minutes: extraction or the output is too slow.
    paused: IntGauge("copydesk_paused");
    /// 1 once nearly everything of a long run was rejected (`dead_letters.storm_ratio`) and reading is paused until a restart.
    /// 1: mend the cause, restart, and send the letters back with `copydesk dlq replay`.
    dead_letter_storm: IntGauge("copydesk_dead_letter_storm");
    /// Claims in the deduplication index.
    /// Memory: ARCHITECTURE.md has a table.
    index_claims: IntGauge("copydesk_index_claims");
    /// Bytes of the deduplication index in files; 0 where it is in memory.
    index_disk_bytes: IntGauge("copydesk_index_disk_bytes");
    /// Claims that found a full bucket of candidates, or left one, since the index was opened.
    /// A steep rise: a template fills the topic, or somebody tries to fill the index.
    index_bucket_overflows: IntGauge("copydesk_index_bucket_overflows");
    /// Articles in the index that were looked at for one article, because their texts have something in common.
    dedup_candidates: Histogram("copydesk_dedup_candidates", [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 48.0]);
    /// Comparisons of two texts.
    dedup_comparisons: IntCounter("copydesk_dedup_comparisons_total");
    /// Deliveries older than `dedup.window`: looked up all the same, and claimed on its oldest day.
    /// Any, while the lag is small.
    dedup_late: IntCounter("copydesk_dedup_late_total");
    /// Deliveries ahead of all others by more than `dedup.max_step`, adjudicated as if they were no further.
    /// A steady rate: a crawler's or a broker's clock is wrong.
    dedup_future_dated: IntCounter("copydesk_dedup_future_dated_total");
    /// Partitions that are read.
    assigned_partitions: IntGauge("copydesk_assigned_partitions");
    /// Assigned partitions whose claims are still being restored; not ready while above 0.
    /// Above 0 for longer than a restoration takes (ARCHITECTURE.md has a table).
    restoring_partitions: IntGauge("copydesk_restoring_partitions");
    /// Changes of the assignment: `assigned`, `revoked`, or `lost` to another member without being asked.
    /// More than a few an hour, and any `lost`.
    kafka_rebalances: IntCounterVec("copydesk_kafka_rebalances_total", ["kind"]);
    /// Commits of offsets, or of the transactions that carry them, that failed: their deliveries are committed or read again.
    /// A steady rate.
    kafka_commit_failures: IntCounter("copydesk_kafka_commit_failures_total");
    /// Rejections and other news of single payloads that the log left out to stay readable; the other metrics count them all.
    log_suppressed: IntCounterVec("copydesk_log_suppressed_total", ["reason"]);
}

impl Metrics {
    fn start_at_zero(&self) {
        for kind in PayloadKind::ALL {
            for envelope in Envelope::ALL {
                self.payloads.with_label_values(&[kind.label(), envelope.label()]);
            }
        }
        for verdict in Verdict::ALL {
            self.verdicts.with_label_values(&[verdict.label()]);
        }
        for (reason, stage) in Rejection::REASONS {
            self.rejections.with_label_values(&[reason, stage.label()]);
            self.log_suppressed.with_label_values(&[reason]);
        }
        for flag in Flag::ALL {
            self.flags.with_label_values(&[flag.label()]);
        }
        for result in ["published", "repeated", "unknown", "replayed"] {
            self.retractions.with_label_values(&[result]);
        }
        for result in ["passed", "crashed"] {
            self.crash_probes.with_label_values(&[result]);
        }
        for kind in BlockKind::ALL {
            self.removed_blocks.with_label_values(&[kind.label()]);
            self.removed_chars.with_label_values(&[kind.label()]);
        }
        for step in Step::ALL {
            self.stage_duration.with_label_values(&[step.label()]);
        }
        for kind in ["assigned", "revoked", "lost"] {
            self.kafka_rebalances.with_label_values(&[kind]);
        }
        for labels in observe::OUTPUTS {
            self.output_messages.with_label_values(&labels);
            self.output_bytes.with_label_values(&labels);
        }
        self.log_suppressed.with_label_values(&[super::throttle::RECREATED]);
        self.start_publisher(OTHER);
    }

    fn start_publisher(&self, publisher: &str) {
        for outcome in Outcome::ALL.into_iter().filter(|outcome| *outcome != Outcome::Released) {
            self.publisher_outcomes.with_label_values(&[publisher, outcome.label()]);
        }
    }

    /// Names what is known before the first delivery: the build, the input topics, the publishers with series of their own.
    pub fn declare(&mut self, build: &Build, inputs: &[String], publishers: &[String]) {
        let labels = [build.version, build.revision, build.librdkafka.as_str(), build.rules.as_str()];
        self.build_info.with_label_values(&labels).set(1);
        for topic in inputs {
            self.input_messages.with_label_values(&[topic]);
            self.input_bytes.with_label_values(&[topic]);
        }
        for name in publishers {
            let domain = crate::fingerprint::publisher_of(&format!("https://{name}/")).unwrap_or_else(|| name.clone());
            self.start_publisher(&domain);
            self.publishers.insert(domain);
        }
    }

    /// All metrics in Prometheus' text format.
    ///
    /// # Errors
    /// Where a metric cannot be written as text.
    pub fn encode(&self) -> Result<String, prometheus::Error> {
        let _one = self.scrape.lock().unwrap_or_else(PoisonError::into_inner);
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}
