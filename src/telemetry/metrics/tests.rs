//! What a scrape shows.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::*;
use crate::article::{ExtractLimits, Extractor};
use crate::desk::adjudicator::{Adjudicator, BatchLimits};
use crate::desk::extract::ExtractStage;
use crate::index::memory::MemoryIndex;
use crate::payload::DecodeLimits;
use crate::source::{Coordinate, Delivery, Epoch, Header, Offset, Partition};
use crate::verdict::Policy;

fn series(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.rsplit_once(' ').unwrap().0.to_owned()).collect()
}

fn value(text: &str, series: &str) -> u64 {
    let line = text.lines().find(|line| line.starts_with(&format!("{series} "))).unwrap();
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[test]
fn every_series_is_there_from_the_start() {
    let text = Metrics::new(Ledger::default()).unwrap().encode().unwrap();
    for series in [
        "copydesk_deliveries_total 0",
        "copydesk_outcomes_total{outcome=\"published\"} 0",
        "copydesk_verdicts_total{verdict=\"replayed\"} 0",
        "copydesk_rejections_total{reason=\"consent_wall\",stage=\"extract\"} 0",
        "copydesk_removed_blocks_total{kind=\"consent\"} 0",
        "copydesk_removed_chars_total{kind=\"embed\"} 0",
        "copydesk_output_messages_total{event=\"revised\",stream=\"records\"} 0",
        "copydesk_publisher_outcomes_total{outcome=\"rejected\",publisher=\"_other\"} 0",
        "copydesk_stage_duration_seconds_count{stage=\"commit\"} 0",
        "copydesk_kafka_rebalances_total{kind=\"lost\"} 0",
        "copydesk_rdkafka_queue_messages{client=\"source\"} 0",
        "copydesk_oldest_uncommitted_seconds 0",
        "copydesk_in_flight_deliveries 0",
    ] {
        assert!(text.contains(series), "{series} is missing from\n{text}");
    }
}

#[test]
fn the_reference_names_every_metric_with_its_type_and_no_other() {
    let reference = reference();
    let mut metrics = Metrics::new(Ledger::default()).unwrap();
    metrics.declare(&Build::new("2.12.1".into()), &["raw".into()], &[]);
    metrics.partition_assigned(&Partition { topic: "raw".into(), number: 0 }, 0, Some(1));
    let broker = BrokerReading { is_up: true, rtt_seconds: Some((0.1, 0.2)), ..BrokerReading::default() };
    metrics.client_read("source", ClientReading { brokers: [(1, broker)].into(), ..ClientReading::default() });
    let text = metrics.encode().unwrap();
    let mut documented: BTreeSet<&str> =
        reference.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    for line in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let (name, kind) = line.split_once(' ').unwrap();
        assert!(reference.contains(&format!("| `{name}` | {kind} |")), "{name} {kind}");
        let help = text.lines().find(|line| line.starts_with(&format!("# HELP {name} "))).unwrap();
        assert!(help.len() > name.len() + 20, "{help}");
        documented.remove(name);
    }
    assert!(documented.is_empty(), "documented, but not there: {documented:?}");
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
    let outcomes: u64 = Outcome::ALL
        .iter()
        .map(|outcome| value(&text, &format!("copydesk_outcomes_total{{outcome=\"{}\"}}", outcome.label())))
        .sum();
    let in_flight = value(&text, "copydesk_in_flight_deliveries");
    assert_eq!((value(&text, "copydesk_deliveries_total"), outcomes, in_flight), (4, 3, 1));
}

#[test]
fn clients_that_lose_a_broker_lose_its_series() {
    let metrics = Metrics::new(Ledger::default()).unwrap();
    let broker = |tx_errors| BrokerReading { is_up: true, tx_errors, ..BrokerReading::default() };
    let reading = |brokers: &[i32]| ClientReading {
        queue_messages: 7,
        brokers: brokers.iter().map(|id| (*id, broker(2))).collect(),
        ..ClientReading::default()
    };
    metrics.client_read("sink", reading(&[1, 2]));
    metrics.client_read("sink", reading(&[2]));
    let text = metrics.encode().unwrap();
    assert_eq!(value(&text, "copydesk_rdkafka_queue_messages{client=\"sink\"}"), 7);
    let errors = |broker: i32| {
        format!("copydesk_rdkafka_broker_errors_total{{broker=\"{broker}\",client=\"sink\",direction=\"tx\"}}")
    };
    assert_eq!(value(&text, &errors(2)), 2, "a total is shown as it is told, not added up");
    assert_eq!(value(&metrics.encode().unwrap(), &errors(2)), 2, "in every scrape");
    assert!(!series(&text).contains(&errors(1)));
}

/// Extraction and adjudication of one delivery after another, as on the desk.
struct Line {
    stage: ExtractStage,
    adjudicator: Adjudicator,
    ledger: Ledger,
    metrics: Arc<Metrics>,
}

impl Line {
    fn new(publishers: &[String]) -> Self {
        let ledger = Ledger::default();
        let mut metrics = Metrics::new(ledger.clone()).unwrap();
        metrics.declare(&Build::new("2.12.1".into()), &["raw".into()], publishers);
        let metrics = Arc::new(metrics);
        let limits = BatchLimits {
            max_records: 100,
            max_bytes: usize::MAX,
            max_record_bytes: usize::MAX,
            max_letter_bytes: usize::MAX,
        };
        let index = Box::new(MemoryIndex::default());
        let mut adjudicator = Adjudicator::new(index, Policy::default(), limits, ledger.clone(), Arc::clone(&metrics));
        adjudicator.assign(&[partition()], Epoch(1));
        let decode = DecodeLimits { payload_bytes: 1 << 20, decoded_bytes: 1 << 20, ratio: 200, json_depth: 64 };
        let stage =
            ExtractStage::new(Extractor::new(ExtractLimits::default()).unwrap(), decode, None, Arc::clone(&metrics));
        Self { stage, adjudicator, ledger, metrics }
    }

    fn feed(&mut self, delivery: Delivery) {
        self.ledger.receive();
        self.metrics.received(&delivery);
        self.adjudicator.accept(self.stage.run(delivery, None)).unwrap();
        if self.adjudicator.is_full() {
            self.commit();
        }
    }

    fn commit(&mut self) {
        let Some(batch) = self.adjudicator.close().unwrap() else { return };
        let outputs = observe::OutputCounts::of(batch.outputs());
        self.metrics.published(&outputs);
        self.adjudicator.settle(Ok(batch.settle(None))).unwrap();
    }
}

fn partition() -> Partition {
    Partition { topic: "raw".into(), number: 0 }
}

fn delivery(offset: u64, url: &str, headers: &[(&str, String)], payload: &str) -> Delivery {
    let header = |name: &str, value: &str| Header { name: name.to_owned(), value: Some(value.as_bytes().to_vec()) };
    Delivery {
        coordinate: Coordinate { partition: partition(), offset: Offset(offset) },
        epoch: Epoch(1),
        event_time_ms: 1_780_000_000_000,
        key: Some(url.as_bytes().to_vec()),
        headers: headers.iter().map(|(name, value)| header(name, value)).collect(),
        payload: Some(payload.as_bytes().to_vec()),
    }
}

fn text(number: u64) -> String {
    format!(
        "The harbour of Merrow took in boat number {number} on Monday, two years after the storm had closed it.\n\n\
         Crews had cleared the entrance, said the harbour master, and bill {number} has been paid by the county."
    )
}

#[test]
fn no_number_of_hosts_and_headers_makes_more_series() {
    let mut line = Line::new(&[]);
    line.feed(delivery(0, "https://first.example.org/", &[], &text(0)));
    line.feed(delivery(1, "https://first.example.org/1", &[], ""));
    line.commit();
    let before = series(&line.metrics.encode().unwrap());
    for n in 2..10_002 {
        let url = format!("https://news.host-{n}.example/{n}");
        let headers = [
            ("content-type", format!("text/odd-{n}; charset=odd-{n}")),
            ("content-language", format!("x-{n}")),
            ("event", format!("odd-{n}")),
            ("fetched-at", format!("2026-01-01T00:00:00.{n:06}Z")),
            ("kind", format!("odd-{n}")),
        ];
        let payload = if n % 10 == 0 { String::new() } else { text(n) };
        line.feed(delivery(n, &url, &headers, &payload));
    }
    line.commit();
    let after = line.metrics.encode().unwrap();
    assert_eq!(value(&after, "copydesk_input_messages_total{topic=\"raw\"}"), 10_002);
    assert!(line.ledger.read().is_conserved() && line.ledger.read().in_flight == 0);
    assert_eq!(series(&after), before);
}

#[test]
fn publishers_that_are_configured_have_series_of_their_own() {
    let mut line = Line::new(&["www.Example.org".into()]);
    line.feed(delivery(0, "https://paper.example.org/a", &[], &text(0)));
    line.feed(delivery(1, "https://paper.example.org/b", &[], ""));
    line.feed(delivery(2, "https://elsewhere.example/c", &[], &text(2)));
    line.commit();
    let shown = line.metrics.encode().unwrap();
    let count = |publisher: &str, outcome: &str| {
        let labels = format!("{{outcome=\"{outcome}\",publisher=\"{publisher}\"}}");
        value(&shown, &format!("copydesk_publisher_outcomes_total{labels}"))
    };
    assert_eq!((count("example.org", "published"), count("example.org", "rejected")), (1, 1));
    assert_eq!((count("_other", "published"), count("_other", "rejected")), (1, 0));
}

#[test]
fn an_outcome_is_told_by_every_metric_that_it_concerns() {
    let mut line = Line::new(&[]);
    let fetched = [("fetched-at", "2026-05-01T00:00:00Z".to_owned())];
    line.feed(delivery(0, "https://paper.example.org/a", &fetched, &text(0)));
    line.commit();
    let shown = line.metrics.encode().unwrap();
    for (series, expected) in [
        ("copydesk_output_messages_total{event=\"published\",stream=\"records\"}", 1),
        ("copydesk_end_to_end_latency_seconds_count", 1),
        ("copydesk_crawl_age_seconds_count", 1),
        ("copydesk_stage_duration_seconds_count{stage=\"decode\"}", 1),
        ("copydesk_stage_duration_seconds_count{stage=\"extract\"}", 1),
        ("copydesk_stage_duration_seconds_count{stage=\"fingerprint\"}", 1),
        ("copydesk_stage_duration_seconds_count{stage=\"adjudicate\"}", 1),
        ("copydesk_stage_duration_seconds_count{stage=\"encode\"}", 1),
        ("copydesk_input_bytes_total{topic=\"raw\"}", text(0).len() as u64),
    ] {
        assert_eq!(value(&shown, series), expected, "{series}");
    }
}
