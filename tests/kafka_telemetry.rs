//! Lag and the clients' statistics, on a real broker.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod support {
    pub mod articles;
    pub mod desk;
    pub mod kafka;
    pub mod service;
}

use std::collections::BTreeMap;
use std::ops::Range;

use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer as _, ThreadedProducer};
use support::articles::{envelope, story};
use support::desk::Desk;
use support::kafka::{Broker, DEADLINE, eventually, wanted};
use support::service::Service;

/// Stands for what must not be logged.
const MARKER: &str = "zq7-hidden-zq7";

fn payloads(range: Range<usize>) -> Vec<Vec<u8>> {
    range.map(|n| envelope(&format!("https://paper.example.org/{n}"), &story(n))).collect()
}

/// Writes in one transaction, which leaves a marker behind the last record.
fn produce_in_transaction(broker: &Broker, topic: &str, partition: i32, payloads: &[Vec<u8>]) {
    let producer: ThreadedProducer<DefaultProducerContext> =
        broker.client().set("transactional.id", "crawler").create().unwrap();
    producer.init_transactions(DEADLINE).unwrap();
    producer.begin_transaction().unwrap();
    for payload in payloads {
        let record: BaseRecord<'_, [u8], [u8]> = BaseRecord::to(topic).partition(partition).payload(payload);
        producer.send(record).map_err(|(error, _)| error).unwrap();
    }
    producer.commit_transaction(DEADLINE).unwrap();
}

/// A metric by partition.
fn by_partition(metrics: &BTreeMap<String, f64>, name: &str) -> BTreeMap<i32, f64> {
    let number = |series: &str| {
        let labels = series.strip_prefix(name)?.strip_prefix('{')?;
        labels.split("partition=\"").nth(1)?.split('"').next()?.parse().ok()
    };
    metrics.iter().filter_map(|(series, value)| Some((number(series)?, *value))).collect()
}

fn lag(service: &mut Service) -> BTreeMap<i32, f64> {
    by_partition(&service.metrics(), "copydesk_kafka_consumer_lag")
}

fn age(service: &mut Service) -> f64 {
    by_partition(&service.metrics(), "copydesk_kafka_lag_seconds").values().copied().fold(0.0, f64::max)
}

fn caught_up(service: &mut Service) {
    let none = BTreeMap::from([(0, 0.0), (1, 0.0), (2, 0.0), (3, 0.0)]);
    eventually("the lag is 0", || (lag(service) == none).then_some(()));
    assert_eq!(age(service), 0.0);
}

#[test]
fn lag_is_told_through_markers_outages_and_rebalances() {
    if !wanted() {
        return;
    }
    let broker = Broker::start();
    let settings = [
        ("telemetry.statistics_interval", "200ms"),
        ("telemetry.log_filter", "copydesk=debug"),
        ("batch.max_records", "10"),
        ("shutdown.grace", "60s"),
        ("kafka.session_timeout", "61s"),
    ];
    let desk = Desk::new(&broker, &settings);
    let topic = desk.topic("raw");
    let url = format!("https://{MARKER}:{MARKER}@paper.example.org/{MARKER}");
    broker.produce(&topic, 0, Some(url.as_bytes()), Some(b""), &[("x-note", MARKER.as_bytes())]);
    desk.produce(&payloads(0..39).into_iter().map(|payload| (0, payload)).collect::<Vec<_>>());
    produce_in_transaction(&broker, &topic, 1, &payloads(40..45));

    let mut service = desk.start("one");
    desk.wait_for_commits(&mut [&mut service], 45);
    // Partition 1 ends in a marker, which nobody will ever deliver.
    caught_up(&mut service);
    let metrics = service.metrics();
    assert_eq!(metrics["copydesk_kafka_rebalances_total{kind=\"assigned\"}"], 1.0);
    assert_eq!(metrics["copydesk_rejections_total{reason=\"empty\",stage=\"decode\"}"], 1.0);
    for client in ["source", "sink", "changelog"] {
        let up = format!("copydesk_rdkafka_broker_up{{broker=\"1\",client=\"{client}\"}}");
        eventually(&up, || (service.metrics().get(&up) == Some(&1.0)).then_some(()));
    }

    // The broker freezes with much still to read: lag stays, its age grows, and the process is as alive as before.
    let backlog: Vec<_> = (0..).zip(payloads(100..4_100)).map(|(n, payload)| (n % 4, payload)).collect();
    desk.produce(&backlog);
    desk.wait_for_commits(&mut [&mut service], 145);
    broker.control("pause");
    let (behind, old) = (lag(&mut service), age(&mut service));
    assert!(behind.values().sum::<f64>() > 100.0 && old > 0.0, "{behind:?}, {old} s");
    let older = eventually("the age grows", || Some(age(&mut service)).filter(|older| *older > old + 2.0));
    assert!(lag(&mut service).values().sum::<f64>() > 100.0, "still told after {older} s");
    assert_eq!(service.get("/livez").0, 200);

    // Asked to stop meanwhile, it says that it is draining; the batch under way is committed once the broker is back.
    service.terminate();
    eventually("it drains", || (service.get("/readyz") == (503, "not ready: draining\n".into())).then_some(()));
    broker.control("resume");
    assert_eq!(service.exit().code(), Some(0), "{}", service.log());
    let log = service.log();
    assert!(log.contains("payload rejected") && !log.contains(MARKER), "{log}");

    // Two members show two partitions each, and between them every one.
    let (mut one, mut two) = (desk.start("one"), desk.start("two"));
    desk.wait_for_commits(&mut [&mut one, &mut two], 45 + backlog.len());
    let shown = eventually("each shows its own partitions", || {
        let shown = (lag(&mut one), lag(&mut two));
        (shown.0.len() == 2 && shown.1.len() == 2).then_some(shown)
    });
    assert_eq!(shown.0.keys().chain(shown.1.keys()).map(|number| 1 << number).sum::<i32>(), 0b1111, "{shown:?}");
    assert!(two.stop().success());
    eventually("the first has them all", || (lag(&mut one).len() == 4).then_some(()));
    caught_up(&mut one);
    assert!(one.stop().success());
}
