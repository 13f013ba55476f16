//! Every metric of the service. The doc comment is the help text that Prometheus shows.

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{
    Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};

use crate::desk::ledger::{Ledger, Outcome};
use crate::payload::{Envelope, PayloadKind};
use crate::rejection::Rejection;
use crate::verdict::Verdict;

/// Declares the metrics: doc comment, field, type, name, labels or buckets.
macro_rules! metrics {
    ($(#[doc = $help:literal] $field:ident: $kind:ident($name:literal $(, $extra:expr)?);)*) => {
        /// The metrics of one process, in a registry of their own.
        #[derive(Debug)]
        pub struct Metrics {
            registry: Registry,
            $(#[doc = $help] pub $field: $kind,)*
        }

        impl Metrics {
            /// Registers every metric, and the ledger's conservation, with every label at 0.
            ///
            /// # Errors
            /// Where a name is used twice: a defect that any test of this function finds.
            pub fn new(ledger: Ledger) -> Result<Self, prometheus::Error> {
                let registry = Registry::new();
                $(let $field = metrics!(@make $kind, $name, $help.trim() $(, $extra)?)?;
                  registry.register(Box::new($field.clone()))?;)*
                registry.register(Box::new(Conservation::new(ledger)?))?;
                // Of the process itself: CPU, memory, file descriptors.
                registry.register(Box::new(prometheus::process_collector::ProcessCollector::for_self()))?;
                let metrics = Self { registry, $($field,)* };
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
}

metrics! {
    /// Version of copydesk; the value is always 1.
    build_info: IntGaugeVec("copydesk_build_info", ["version"]);
    /// Payloads that became articles or retractions, by what they were and by what stood around them.
    payloads: IntCounterVec("copydesk_payloads_total", ["kind", "envelope"]);
    /// Verdicts on articles, once their batch is committed. Alert on a jump of the share that is not unique: a bad normaliser makes everything a copy.
    verdicts: IntCounterVec("copydesk_verdicts_total", ["verdict"]);
    /// Payloads that went to the dead letters. Alert on their share of all deliveries.
    rejections: IntCounterVec("copydesk_rejections_total", ["reason", "stage"]);
    /// Blocks that were removed from pages, by kind.
    removed_blocks: IntCounterVec("copydesk_removed_blocks_total", ["kind"]);
    /// Retractions, by what became of them: `published` took an article back, `repeated` found it taken back already, `unknown` named nothing that was published, `replayed` had its outcome before.
    retractions: IntCounterVec("copydesk_retractions_total", ["result"]);
    /// Extractions in a process of their own, after a crash, by how they ended. Alert on any `crashed`: a payload kills the process.
    crash_probes: IntCounterVec("copydesk_crash_probes_total", ["result"]);
    /// Deliveries under a known coordinate with other bytes: the input was deleted and made anew.
    recreated_deliveries: IntCounter("copydesk_recreated_deliveries_total");
    /// Batches that were aborted and committed again. Alert on a steady rate.
    aborted_batches: IntCounter("copydesk_aborted_batches_total");
    /// Deliveries of one batch.
    batch_records: Histogram("copydesk_batch_records", [1.0, 5.0, 10.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 5000.0]);
    /// Duration of one commit, from the closed batch to the sink's answer, in seconds.
    commit_seconds: Histogram("copydesk_commit_duration_seconds", [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0]);
    /// Duration of decoding and extracting one payload, in seconds.
    extract_seconds: Histogram("copydesk_extract_duration_seconds", [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 10.0]);
    /// Bytes of payloads and articles that are held.
    in_flight_bytes: IntGauge("copydesk_in_flight_bytes");
    /// Claims in the deduplication index.
    index_claims: IntGauge("copydesk_index_claims");
    /// Partitions that are read.
    assigned_partitions: IntGauge("copydesk_assigned_partitions");
    /// Assigned partitions whose claims are still being restored; not ready while above 0.
    restoring_partitions: IntGauge("copydesk_restoring_partitions");
    /// 1 while reading is paused because no permits are left.
    paused: IntGauge("copydesk_paused");
}

impl Metrics {
    fn start_at_zero(&self) {
        self.build_info.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
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
        }
        for result in ["published", "repeated", "unknown", "replayed"] {
            self.retractions.with_label_values(&[result]);
        }
        for result in ["passed", "crashed"] {
            self.crash_probes.with_label_values(&[result]);
        }
        for kind in crate::article::BlockKind::ALL {
            self.removed_blocks.with_label_values(&[kind.label()]);
        }
    }

    /// All metrics in Prometheus' text format.
    ///
    /// # Errors
    /// Where a metric cannot be written as text.
    pub fn encode(&self) -> Result<String, prometheus::Error> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

/// Shows the ledger as one consistent reading: at every scrape
/// `received = published + suppressed + rejected + released + in flight`.
#[derive(Debug)]
struct Conservation {
    ledger: Ledger,
    received: IntCounter,
    outcomes: IntCounterVec,
    in_flight: IntGauge,
}

impl Conservation {
    fn new(ledger: Ledger) -> Result<Self, prometheus::Error> {
        Ok(Self {
            ledger,
            received: IntCounter::new("copydesk_deliveries_total", "Deliveries read from the input.")?,
            outcomes: IntCounterVec::new(
                Opts::new(
                    "copydesk_outcomes_total",
                    "Deliveries by how they ended; with those in flight they sum to copydesk_deliveries_total.",
                ),
                &["outcome"],
            )?,
            in_flight: IntGauge::new("copydesk_in_flight_deliveries", "Deliveries without an outcome yet.")?,
        })
    }
}

impl Collector for Conservation {
    fn desc(&self) -> Vec<&Desc> {
        [self.received.desc(), self.outcomes.desc(), self.in_flight.desc()].concat()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let counts = self.ledger.read();
        self.received.reset();
        self.received.inc_by(counts.received);
        for outcome in Outcome::ALL {
            let counter = self.outcomes.with_label_values(&[outcome.label()]);
            counter.reset();
            counter.inc_by(counts.of(outcome));
        }
        self.in_flight.set(i64::try_from(counts.in_flight).unwrap_or(i64::MAX));
        [self.received.collect(), self.outcomes.collect(), self.in_flight.collect()].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_series_is_there_from_the_start_and_documented() {
        let text = Metrics::new(Ledger::default()).unwrap().encode().unwrap();
        for series in [
            "copydesk_deliveries_total 0",
            "copydesk_outcomes_total{outcome=\"published\"} 0",
            "copydesk_verdicts_total{verdict=\"replayed\"} 0",
            "copydesk_rejections_total{reason=\"consent_wall\",stage=\"extract\"} 0",
            "copydesk_removed_blocks_total{kind=\"consent\"} 0",
            "copydesk_in_flight_deliveries 0",
        ] {
            assert!(text.contains(series), "{series} is missing from\n{text}");
        }
        for line in text.lines().filter(|line| line.starts_with("# TYPE copydesk_")) {
            let name = line.split(' ').nth(2).unwrap();
            let help = text.lines().find(|line| line.starts_with(&format!("# HELP {name} "))).unwrap();
            assert!(help.len() > name.len() + 20, "{help}");
        }
    }

    #[test]
    fn a_scrape_shows_a_conserved_ledger() {
        let ledger = Ledger::default();
        let metrics = Metrics::new(ledger.clone()).unwrap();
        for outcome in [Outcome::Published, Outcome::Rejected, Outcome::Released] {
            ledger.receive();
            ledger.settle(outcome);
        }
        ledger.receive();
        let text = metrics.encode().unwrap();
        let value = |series: &str| -> u64 {
            let line = text.lines().find(|line| line.starts_with(&format!("{series} "))).unwrap();
            line.rsplit(' ').next().unwrap().parse().unwrap()
        };
        let outcomes: u64 = Outcome::ALL
            .iter()
            .map(|outcome| value(&format!("copydesk_outcomes_total{{outcome=\"{}\"}}", outcome.label())))
            .sum();
        assert_eq!((value("copydesk_deliveries_total"), outcomes, value("copydesk_in_flight_deliveries")), (4, 3, 1));
    }
}
