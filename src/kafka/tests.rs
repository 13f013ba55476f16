//! The room against a real broker. `COPYDESK_KAFKA=1` runs them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests fail by panicking, and nothing of theirs grows"
)]

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedReceiver;

use super::*;
use crate::desk::Event;
use crate::desk::ledger::Ledger;
use crate::fingerprint::{IdentityKey, PayloadHash, TextKey};
use crate::sink::{CommitBatch, Gate, Output, Stream};
use crate::source::{
    Assignments, Coordinate, Delivery, Epoch, NextOffset, Offset, Partition, Polled, Positions, Source as _,
};
use crate::verdict::{ArticleId, Claim, Verdict};

#[path = "../../tests/support/kafka.rs"]
mod broker;
mod conformance;
mod sinks;
mod sources;
mod tails;
mod topics;

use broker::{Broker, DEADLINE, eventually, unique};

/// Metrics that a test does not look at.
fn metrics() -> Arc<Metrics> {
    Arc::new(Metrics::new(Ledger::default()).unwrap())
}

/// A configuration with topics of its own, which exist: the input with two partitions, the changelog with two.
fn room(broker: &Broker) -> Config {
    let config = unmade_room(broker);
    for topic in [&config.topics.input[0], &config.topics.changelog] {
        broker.create_topic(topic, 2, &[]);
    }
    for topic in [&config.topics.records, &config.topics.duplicates, &config.topics.dead_letters] {
        broker.create_topic(topic, 1, &[]);
    }
    config
}

fn unmade_room(broker: &Broker) -> Config {
    let mut config = Config::load(&[], &[]).unwrap();
    config.kafka.bootstrap_servers = broker.bootstrap();
    config.kafka.group_id = unique("group");
    config.kafka.instance = "one".to_owned();
    config.topics.input = vec![unique("raw")];
    config.topics.records = unique("records");
    config.topics.duplicates = unique("duplicates");
    config.topics.dead_letters = unique("dead-letters");
    config.topics.changelog = unique("changelog");
    config.topics.partitions = 2;
    config.topics.replication = 1;
    // Small enough for the broker's defaults.
    config.limits.record_bytes = bytesize::ByteSize::kib(256);
    config.limits.payload_bytes = bytesize::ByteSize::kib(512);
    config
}

fn partition(config: &Config, number: i32) -> Partition {
    Partition { topic: config.topics.input[0].as_str().into(), number }
}

/// A claim that differs by its offset.
fn claim(config: &Config, number: i32, offset: u64) -> Arc<Claim> {
    let text = format!("{number}@{offset}");
    Arc::new(Claim {
        delivery: Coordinate { partition: partition(config, number), offset: Offset(offset) },
        payload: PayloadHash::of_payload(Some(text.as_bytes())),
        event_time_ms: 1_700_000_000_000,
        article: ArticleId::of(IdentityKey::of(&[text.as_bytes()])),
        revision: 1,
        verdict: Verdict::Unique,
        published: true,
        aliases: vec![IdentityKey::of(&[text.as_bytes()])],
        text: Some(TextKey::of(&[text.as_bytes()])),
        day: None,
        substance: None,
        sketch: None,
        likeness: None,
        related: Vec::new(),
        succeeds: None,
        title: None,
        publisher: None,
        of: None,
        first: None,
    })
}

fn record(text: &str) -> Output {
    Output {
        stream: Stream::Records,
        key: Some(b"id".to_vec()),
        value: Some(text.as_bytes().to_vec()),
        headers: Vec::new(),
        event_time_ms: 1_700_000_000_000,
    }
}

/// A batch with one record and one claim a delivery.
fn batch(config: &Config, number: i32, offsets: std::ops::Range<u64>) -> CommitBatch {
    gated(config, number, offsets, Gate::default())
}

fn gated(config: &Config, number: i32, offsets: std::ops::Range<u64>, gate: Gate) -> CommitBatch {
    let outputs = offsets.clone().map(|offset| record(&format!("{number}@{offset}"))).collect();
    let claims = offsets.clone().map(|offset| claim(config, number, offset)).collect();
    let positions = Positions::from([(partition(config, number), NextOffset(offsets.end))]);
    CommitBatch::new(outputs, claims, positions, gate)
}

/// What a source said of its assignments.
#[derive(Default)]
struct Heard {
    epochs: u64,
    held: Vec<Partition>,
    revoked: Vec<(Partition, bool)>,
}

#[derive(Default)]
struct Recorder(Mutex<Heard>);

impl Assignments for Recorder {
    fn assigned(&self, partitions: &[Partition]) -> Epoch {
        let mut heard = self.0.lock().unwrap();
        heard.held.extend_from_slice(partitions);
        // A member that gets nothing is told so, and waits for no claims.
        heard.epochs += u64::from(!partitions.is_empty());
        Epoch(heard.epochs)
    }

    fn revoked(&self, partitions: &[Partition], lost: bool) {
        let mut heard = self.0.lock().unwrap();
        heard.held.retain(|held| !partitions.contains(held));
        heard.revoked.extend(partitions.iter().map(|partition| (partition.clone(), lost)));
    }
}

/// An instance without a desk: claims are taken note of, restored epochs opened.
struct Instance {
    parts: Connected,
    events: UnboundedReceiver<Event>,
    heard: Arc<Recorder>,
    claims: Vec<Arc<Claim>>,
    changelog: ChangelogPositions,
    restored: Vec<Epoch>,
}

impl Instance {
    fn start(config: &Config) -> Self {
        Self::resume(config, &ChangelogPositions::default())
    }

    fn resume(config: &Config, restored_to: &ChangelogPositions) -> Self {
        let (sender, events) = tokio::sync::mpsc::unbounded_channel();
        let mut parts = connect(config, DeskHandle::new(sender), restored_to, false, &metrics()).unwrap();
        let heard = Arc::new(Recorder::default());
        parts.source.subscribe(Arc::clone(&heard) as Arc<dyn Assignments>, &Positions::new()).unwrap();
        Self { parts, events, heard, claims: Vec::new(), changelog: restored_to.clone(), restored: Vec::new() }
    }

    /// Takes what the tail has sent, without opening anything.
    fn listen(&mut self) -> Vec<Epoch> {
        let mut restored = Vec::new();
        while let Ok(event) = self.events.try_recv() {
            match event {
                Event::Claims { claims, .. } => {
                    self.claims.extend_from_slice(claims.claims());
                    self.changelog.advance(claims.changelog().unwrap());
                }
                Event::Restored(epoch) => restored.push(epoch),
                other => panic!("{other:?}"),
            }
        }
        self.restored.extend(&restored);
        restored
    }

    fn poll(&mut self) -> Option<Delivery> {
        for epoch in self.listen() {
            self.parts.source.restored(epoch).unwrap();
        }
        match self.parts.source.poll(Duration::from_millis(20)).unwrap() {
            Polled::Delivery(delivery) => Some(delivery),
            Polled::Idle => None,
            Polled::Ended => panic!("kafka has no end"),
        }
    }

    /// Polls until it holds that many partitions, all restored.
    fn hold(&mut self, partitions: usize) {
        let until = Instant::now() + DEADLINE;
        loop {
            assert!(self.poll().is_none(), "a delivery came before it was asked for");
            let heard = self.heard.0.lock().unwrap();
            if heard.held.len() == partitions && self.restored.len() as u64 == heard.epochs {
                return;
            }
            assert!(Instant::now() < until, "{partitions} partitions were not assigned and restored");
        }
    }

    fn deliveries(&mut self, count: usize) -> Vec<Delivery> {
        let until = Instant::now() + DEADLINE;
        let mut deliveries = Vec::new();
        while deliveries.len() < count {
            assert!(Instant::now() < until, "{count} deliveries did not come, only {deliveries:?}");
            deliveries.extend(self.poll());
        }
        deliveries
    }
}
