#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::*;
use crate::desk::ledger::Ledger;
use crate::fingerprint::PayloadHash;
use crate::source::{Coordinate, Epoch, Offset, Partition};

/// Ends as it is told; counts how often it was asked.
struct Scripted {
    end: fn() -> std::io::Result<End>,
    asked: Arc<AtomicU32>,
}

impl Probe for Scripted {
    fn try_once(&self, _: &Delivery) -> std::io::Result<End> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        (self.end)()
    }
}

fn delivery(offset: u64) -> Delivery {
    Delivery {
        coordinate: Coordinate { partition: Partition { topic: "raw".into(), number: 0 }, offset: Offset(offset) },
        epoch: Epoch(1),
        event_time_ms: 0,
        key: None,
        headers: Vec::new(),
        payload: Some(offset.to_le_bytes().to_vec()),
    }
}

fn key(delivery: &Delivery) -> JournalKey {
    JournalKey::of_delivery(delivery, PayloadHash::of_payload(delivery.payload.as_deref()))
}

fn metrics() -> Metrics {
    Metrics::new(Ledger::default()).unwrap()
}

fn watching(path: &Path, end: fn() -> std::io::Result<End>) -> (Arc<Quarantine>, Arc<AtomicU32>) {
    let asked = Arc::new(AtomicU32::new(0));
    let probe = Scripted { end, asked: Arc::clone(&asked) };
    (Arc::new(Quarantine::new(Journal::open(path).unwrap(), Box::new(probe))), asked)
}

/// A life that ends in the middle of extracting these, one a thread.
fn die_extracting(path: &Path, deliveries: &[Delivery]) {
    let journal = Journal::open(path).unwrap();
    deliveries.iter().enumerate().for_each(|(thread, delivery)| journal.enter(thread, key(delivery)));
}

fn crashed() -> std::io::Result<End> {
    Ok(End::Crashed { how: "signal 6".to_owned() })
}

#[test]
fn what_was_in_extraction_is_suspect_in_the_next_life_and_what_was_done_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let (quarantine, _) = watching(&path, crashed);
    let [done, first, second] = [delivery(0), delivery(1), delivery(2)];
    drop(quarantine.admit(&done, key(&done), 0, &metrics()).unwrap());
    let held =
        [(&first, 0), (&second, 1)].map(|(it, thread)| quarantine.admit(it, key(it), thread, &metrics()).unwrap());
    assert!(matches!(Journal::open(&path), Err(JournalError::InUse { .. })));
    // What a crash at this moment leaves behind.
    let left = folder.path().join("left");
    std::fs::copy(&path, &left).unwrap();
    assert_eq!(Journal::open(&left).unwrap().suspects(), [key(&first), key(&second)]);
    drop(held);
    drop(quarantine);
    assert_eq!(Journal::open(&path).unwrap().suspects(), []);
}

#[test]
fn a_suspect_is_rejected_after_its_third_crash_and_the_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let [poison, healthy] = [delivery(1), delivery(2)];
    die_extracting(&path, std::slice::from_ref(&poison));
    let (quarantine, asked) = watching(&path, crashed);
    let metrics = metrics();
    drop(quarantine.admit(&healthy, key(&healthy), 0, &metrics).unwrap());
    assert_eq!(asked.load(Ordering::Relaxed), 0, "nothing is known against it");
    let Err(rejection) = quarantine.admit(&poison, key(&poison), 0, &metrics) else { panic!("it was let in") };
    assert_eq!((rejection.reason(), asked.load(Ordering::Relaxed)), ("crashed_process", 3));
    assert_eq!(metrics.crash_probes.with_label_values(&["crashed"]).get(), 3);
    drop(quarantine);
    assert_eq!(Journal::open(&path).unwrap().suspects(), [], "the answer is known");
}

#[test]
fn a_suspect_that_does_not_crash_is_let_in() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    for (end, times) in [
        ((|| Ok(End::Passed)) as fn() -> std::io::Result<End>, 1),
        (|| Ok(End::Interrupted), 1),
        (|| Err(std::io::Error::other("no processes left")), 1),
    ] {
        die_extracting(&path, &[delivery(1)]);
        let (quarantine, asked) = watching(&path, end);
        drop(quarantine.admit(&delivery(1), key(&delivery(1)), 0, &metrics()).unwrap());
        drop(quarantine.admit(&delivery(1), key(&delivery(1)), 0, &metrics()).unwrap());
        assert_eq!(asked.load(Ordering::Relaxed), times, "it is tried once a life");
    }
}

#[test]
fn suspects_outlive_a_life_that_does_not_meet_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    die_extracting(&path, &[delivery(1), delivery(2)]);
    die_extracting(&path, &[delivery(3)]);
    let suspects = [1, 2, 3].map(|offset| key(&delivery(offset)));
    assert_eq!(Journal::open(&path).unwrap().suspects(), suspects);
    let (quarantine, _) = watching(&path, crashed);
    quarantine.close();
    drop(quarantine);
    assert_eq!(Journal::open(&path).unwrap().suspects(), [], "an end in order suspects nobody");
}

#[test]
fn a_journal_that_holds_something_else_names_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    std::fs::write(&path, b"\xff\x00 not a journal, and longer than one of its lines would be").unwrap();
    assert_eq!(Journal::open(&path).unwrap().suspects(), []);
    let nowhere = Journal::open(&folder.path().join("missing").join("journal"));
    assert!(matches!(nowhere, Err(JournalError::Io { .. })));
}

#[test]
fn a_trial_arrives_as_it_was_sent() {
    let sent = Delivery {
        key: Some(vec![0, 255]),
        headers: vec![crate::source::Header { name: "content-type".into(), value: Some(b"text/html".to_vec()) }],
        payload: Some(b"<p>\n\xff".to_vec()),
        ..delivery(0)
    };
    // `tee` ends in order and keeps what it was given; the argument is the file.
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("trial");
    let probe = ProcessProbe::of("tee".into(), vec![kept.clone().into_os_string()], Duration::from_secs(10));
    assert_eq!(probe.try_once(&sent).unwrap(), End::Passed);
    let got = read_trial(std::fs::read(&kept).unwrap().as_slice()).unwrap();
    assert_eq!((got.key, got.headers, got.payload), (sent.key, sent.headers, sent.payload));
}
