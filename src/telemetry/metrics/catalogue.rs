//! What `docs/metrics.md` says, made from the declarations.

use std::fmt::Write as _;

use prometheus::core::Collector as _;
use prometheus::{GaugeVec, IntCounterVec, Opts};

use super::{FAMILIES, clients, conservation, partitions};

/// Type of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

impl Kind {
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// One metric with all its series.
#[derive(Debug)]
pub(super) struct Family {
    pub name: &'static str,
    pub kind: Kind,
    pub labels: &'static [&'static str],
    pub help: &'static str,
    /// What to alert on; empty where there is nothing to do at night.
    pub alert: &'static str,
}

impl Family {
    pub(super) fn gauges(&self) -> Result<GaugeVec, prometheus::Error> {
        GaugeVec::new(Opts::new(self.name, self.help), self.labels)
    }

    pub(super) fn counters(&self) -> Result<IntCounterVec, prometheus::Error> {
        IntCounterVec::new(Opts::new(self.name, self.help), self.labels)
    }
}

/// Every metric that is ours.
pub(super) fn families() -> impl Iterator<Item = &'static Family> {
    conservation::FAMILIES.iter().chain(FAMILIES).chain(partitions::FAMILIES).chain(clients::FAMILIES)
}

/// `docs/metrics.md`.
pub fn reference() -> String {
    let mut text = String::from(
        "# Metrics\n\n\
         What `/metrics` shows, in Prometheus' text format. This page is made from the code by\n\
         `copydesk metrics-reference > docs/metrics.md`; a test holds it to that.\n\n\
         Units are base units. Labels are bounded: reasons, kinds, verdicts and stages are fixed sets, topics, partitions and\n\
         brokers are the cluster's, publishers are those of `telemetry.publishers`. Series whose labels are known are there\n\
         from the start, at 0; a partition's series come with its assignment and go with it.\n\n\
         `copydesk_deliveries_total == sum(copydesk_outcomes_total) + copydesk_in_flight_deliveries` holds in every scrape.\n\n\
         | metric | type | labels | meaning | alert on |\n|---|---|---|---|---|\n",
    );
    let mut row = |name: &str, kind: &str, labels: &[&str], help: &str, alert: &str| {
        let labels = labels.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ");
        writeln!(text, "| `{name}` | {kind} | {labels} | {} | {} |", help.trim(), alert.trim()).unwrap_or_default();
    };
    for family in families() {
        row(family.name, family.kind.label(), family.labels, family.help, family.alert);
    }
    for desc in prometheus::process_collector::ProcessCollector::for_self().desc() {
        let kind = if desc.fq_name.ends_with("_total") { Kind::Counter } else { Kind::Gauge };
        row(&desc.fq_name, kind.label(), &[], &desc.help, "");
    }
    text
}
