//! `make bench-latency`: end-to-end latency against throughput on a real Kafka, for the examples in `config/examples` that are
//! made for the one and for the other, and for the defaults between them. The service reads the files themselves.
//!
//! Throughput: pages settled a second, over a backlog. Latency: from a payload's timestamp to the moment when a
//! `read_committed` reader has its record, while pages come at half that rate. On a machine that is busy with other
//! things the figures say little; compare the rows of one run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a bench fails by panicking, and asks the wall clock"
)]

#[path = "../tests/support"]
mod support {
    pub mod articles;
    pub mod desk;
    pub mod kafka;
    pub mod service;
}

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use copydesk::config::Config;
use rdkafka::Message as _;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer as _, ThreadedProducer};
use support::articles::generated_page;
use support::desk::{Desk, PARTITIONS};
use support::kafka::Broker;
use support::service::Service;

/// Pages of the backlog.
const BACKLOG: usize = 6_000;
/// Time in which pages come one by one.
const PACED: Duration = Duration::from_secs(20);

/// The examples that are run, and the name of their rows; none are the defaults.
const ROWS: [(&str, Option<&str>); 3] = [
    ("`low-latency.toml`", Some("config/examples/low-latency.toml")),
    ("defaults", None),
    ("`high-throughput.toml`", Some("config/examples/high-throughput.toml")),
];

fn settled(service: &mut Service) -> usize {
    let (_, outcomes) = service.conserved();
    outcomes.values().sum::<f64>() as usize
}

/// Pages a second over a backlog, once the first are settled.
fn throughput(service: &mut Service) -> f64 {
    let mut start = None;
    loop {
        let done = settled(service);
        if done > 0 {
            let (first, began) = *start.get_or_insert((done, Instant::now()));
            if done >= BACKLOG {
                return (done - first) as f64 / began.elapsed().as_secs_f64();
            }
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Reads records as they are committed, until `done`; gives the age of each in milliseconds.
fn read_ages(broker: &Broker, topic: &str, done: &Arc<AtomicBool>) -> std::thread::JoinHandle<Vec<i64>> {
    let consumer: BaseConsumer = broker
        .client()
        .set("group.id", "latency")
        .set("isolation.level", "read_committed")
        .set("fetch.wait.max.ms", "10")
        .create()
        .unwrap();
    let mut list = rdkafka::TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        let (_, end) = consumer.fetch_watermarks(topic, partition, Duration::from_secs(10)).unwrap();
        list.add_partition_offset(topic, partition, rdkafka::Offset::Offset(end)).unwrap();
    }
    consumer.assign(&list).unwrap();
    let done = Arc::clone(done);
    std::thread::spawn(move || {
        let mut ages = Vec::new();
        loop {
            match consumer.poll(Duration::from_millis(20)) {
                Some(Ok(message)) => {
                    let now = jiff::Timestamp::now().as_millisecond();
                    ages.push(now - message.timestamp().to_millis().unwrap());
                }
                Some(Err(_)) => {}
                None if done.load(Ordering::Relaxed) => return ages,
                None => {}
            }
        }
    })
}

fn main() {
    // `cargo test --benches` asks for a list; there is nothing to list.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    let broker = Broker::start();
    println!(
        "\n| settings | linger | batch | pages/s | at pages/s | p50 ms | p99 ms | records |\n|---|---|---|---|---|---|---|---|"
    );
    for (name, example) in ROWS {
        let example: Vec<PathBuf> =
            example.iter().map(|example| Path::new(env!("CARGO_MANIFEST_DIR")).join(example)).collect();
        let config = Config::load(&example, &[]).unwrap();
        let desk = Desk::new(&broker, &[]);
        let payload = |number: usize| (number as i32 % PARTITIONS, generated_page(number));
        for chunk in (0..BACKLOG).collect::<Vec<_>>().chunks(1_000) {
            desk.produce(&chunk.iter().map(|number| payload(*number)).collect::<Vec<_>>());
        }
        let mut service = desk.start_over(&example, "one");
        let rate = throughput(&mut service);

        let done = Arc::new(AtomicBool::new(false));
        let reader = read_ages(&broker, &desk.topic("records"), &done);
        let raw = desk.topic("raw");
        let producer: ThreadedProducer<_> =
            broker.client().set("linger.ms", "0").create_with_context(DefaultProducerContext).unwrap();
        // Its connection is made before the first payload has a timestamp.
        producer.client().fetch_metadata(Some(&raw), Duration::from_secs(10)).unwrap();
        let (began, mut sent) = (Instant::now(), 0);
        while began.elapsed() < PACED {
            let due = (began.elapsed().as_secs_f64() * rate / 2.0) as usize;
            while sent < due {
                let (partition, payload) = payload(BACKLOG + sent);
                let record = BaseRecord::<(), _>::to(&raw).partition(partition).payload(&payload);
                producer.send(record).map_err(|(error, _)| error).unwrap();
                sent += 1;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        while settled(&mut service) < BACKLOG + sent {
            std::thread::sleep(Duration::from_millis(20));
        }
        std::thread::sleep(Duration::from_millis(500));
        done.store(true, Ordering::Relaxed);
        let mut ages = reader.join().unwrap();
        assert_eq!(ages.len(), sent, "every page is a record, once");
        ages.sort_unstable();
        let quantile = |share: f64| ages[((ages.len() - 1) as f64 * share) as usize];
        println!(
            "| {name} | {:?} | {} | {rate:.0} | {:.0} | {} | {} | {sent} |",
            config.delivery.linger,
            config.batch.max_records,
            rate / 2.0,
            quantile(0.5),
            quantile(0.99)
        );
        drop(service);
    }
}
