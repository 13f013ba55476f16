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
    pub mod desk;
    pub mod kafka;
    pub mod service;
}

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use support::articles::{envelope, story};
use support::desk::{Desk, json, origin};
use support::kafka::{Broker, eventually, wanted};

/// Far longer than the grace period, far shorter than the outage would last.
const STOP: Duration = Duration::from_secs(60);

#[test]
fn an_outage_loses_nothing_and_neither_ends_nor_traps_the_service() {
    if !wanted() {
        return;
    }
    let broker = Broker::start();
    let desk = Desk::new(
        &broker,
        &[
            ("delivery.revoke_wait", "2s"),
            // Shorter than a broker takes to come back, so that open transactions expire.
            ("delivery.transaction_timeout", "2s"),
            ("shutdown.grace", "2s"),
            ("batch.max_records", "10"),
        ],
    );
    let payloads: Vec<(i32, Vec<u8>)> = (0..3_000)
        .map(|n| (i32::try_from(n % 2).unwrap(), envelope(&format!("https://paper.example.org/{n}"), &story(n))))
        .collect();
    desk.produce(&payloads);

    // The broker goes away under load and comes back: the same process goes on.
    let mut service = desk.start("one");
    desk.wait_for_commits(&mut [&mut service], 300);
    broker.control("stop");
    broker.control("start");
    let before = usize::try_from(desk.committed()).unwrap();
    desk.wait_for_commits(&mut [&mut service], before + 300);

    // It goes again, and now the service is asked to stop: it does not wait for the broker.
    broker.control("stop");
    let asked = Instant::now();
    service.stop();
    assert!(asked.elapsed() < STOP, "stopping took {:?}", asked.elapsed());
    broker.control("start");

    let mut service = desk.start("one");
    desk.wait_for_commits(&mut [&mut service], payloads.len());
    assert!(service.stop().success());
    let mut times: BTreeMap<(i64, i64), usize> = BTreeMap::new();
    let records = eventually("the last transaction is visible", || {
        let records = desk.read("records");
        (records.len() >= payloads.len()).then_some(records)
    });
    for record in records {
        *times.entry(origin(&json(&record))).or_default() += 1;
    }
    assert_eq!(times.len(), payloads.len());
    assert!(times.values().all(|times| *times == 1), "{times:?}");
}
