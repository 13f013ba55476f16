//! The service while its broker is away.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod support {
    pub mod articles;
    pub mod kafka;
    pub mod service;
}

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use support::articles::{envelope, story};
use support::kafka::{Broker, eventually, wanted};
use support::service::{PATIENCE, Service, copydesk};

const PARTITIONS: i32 = 2;
const GROUP: &str = "outage";
const INPUT: &str = "outage.raw";
const RECORDS: &str = "outage.records";
/// Far longer than the grace period, far shorter than the outage would last.
const STOP: Duration = Duration::from_secs(60);

fn settings(broker: &Broker, folder: &Path) -> Vec<(String, String)> {
    let index = folder.join("index").display().to_string();
    let bootstrap = broker.bootstrap();
    [
        ("kafka.bootstrap_servers", bootstrap.as_str()),
        ("kafka.group_id", GROUP),
        ("kafka.instance", "one"),
        ("topics.input", INPUT),
        ("topics.records", RECORDS),
        ("topics.duplicates", "outage.duplicates"),
        ("topics.dead_letters", "outage.dead-letters"),
        ("topics.changelog", "outage.changelog"),
        ("topics.partitions", "2"),
        ("kafka.session_timeout", "6s"),
        ("delivery.revoke_wait", "2s"),
        // Shorter than a broker takes to come back, so that open transactions expire.
        ("delivery.transaction_timeout", "2s"),
        ("shutdown.grace", "2s"),
        ("batch.max_records", "10"),
        ("dedup.index_dir", index.as_str()),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into()
}

fn committed(broker: &Broker) -> usize {
    broker.committed(GROUP, INPUT, PARTITIONS).values().map(|offset| usize::try_from(*offset).unwrap()).sum()
}

fn wait_for_commits(broker: &Broker, service: &mut Service, target: usize) {
    let until = Instant::now() + PATIENCE;
    while committed(broker) < target {
        assert!(service.is_running(), "the service ended:\n{}", service.log());
        assert!(Instant::now() < until, "{} of {target} committed:\n{}", committed(broker), service.log());
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn an_outage_loses_nothing_and_neither_ends_nor_traps_the_service() {
    if !wanted() {
        return;
    }
    let broker = Broker::start();
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(&broker, folder.path());
    let mut create = copydesk();
    create.args(["topics", "create"]);
    for (key, value) in &settings {
        create.arg("--set").arg(format!("{key}={value}"));
    }
    assert!(create.status().unwrap().success());
    let payloads: Vec<Vec<u8>> =
        (0..3_000).map(|n| envelope(&format!("https://paper.example.org/{n}"), &story(n))).collect();
    broker.produce_all(
        INPUT,
        payloads
            .iter()
            .enumerate()
            .map(|(n, payload)| (i32::try_from(n).unwrap() % PARTITIONS, None, Some(payload.as_slice()), &[][..])),
    );

    // The broker goes away under load and comes back: the same process goes on.
    let mut service = Service::start(folder.path(), "one", &settings);
    wait_for_commits(&broker, &mut service, 300);
    broker.control("stop");
    broker.control("start");
    let before = committed(&broker);
    wait_for_commits(&broker, &mut service, before + 300);

    // It goes again, and now the service is asked to stop: it does not wait for the broker.
    broker.control("stop");
    let asked = Instant::now();
    service.stop();
    assert!(asked.elapsed() < STOP, "stopping took {:?}", asked.elapsed());
    broker.control("start");

    let mut service = Service::start(folder.path(), "one", &settings);
    wait_for_commits(&broker, &mut service, payloads.len());
    assert!(service.stop().success());
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    let records = eventually("the last transaction is visible", || {
        let records = broker.read_committed(RECORDS);
        (records.len() >= payloads.len()).then_some(records)
    });
    for record in records {
        let value: serde_json::Value = serde_json::from_str(record.text()).unwrap();
        *times.entry(format!("{} {}", value["source"]["partition"], value["source"]["offset"])).or_default() += 1;
    }
    assert_eq!(times.len(), payloads.len());
    assert!(times.values().all(|times| *times == 1), "{times:?}");
}
