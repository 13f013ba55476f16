//! The desk as a whole, between a source and a sink of the test's own.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use tokio::sync::watch;

use super::intake::{Command, Intake};
use super::permits::Permits;
use super::*;
use crate::article::{ExtractLimits, Extractor};
use crate::index::memory::MemoryIndex;
use crate::sink::{CommitBatch, Committed};
use crate::source::{Assignments, Coordinate, Delivery, Epoch, Offset, Partition, Polled, SourceError};

/// Longest wait for what a thread does at once.
const PATIENCE: Duration = Duration::from_secs(60);

/// Records without a value and without end, which tell how many were read.
struct Empties {
    read: Arc<AtomicUsize>,
    epoch: Epoch,
    is_paused: bool,
}

fn partition() -> Partition {
    Partition { topic: "raw".into(), number: 0 }
}

impl Source for Empties {
    fn subscribe(&mut self, assignments: Arc<dyn Assignments>, _: &Positions) -> Result<(), SourceError> {
        self.epoch = assignments.assigned(&[partition()]);
        Ok(())
    }

    fn poll(&mut self, timeout: Duration) -> Result<Polled, SourceError> {
        if self.is_paused {
            std::thread::sleep(timeout);
            return Ok(Polled::Idle);
        }
        let offset = self.read.fetch_add(1, Ordering::Relaxed) as u64;
        Ok(Polled::Delivery(Delivery {
            coordinate: Coordinate { partition: partition(), offset: Offset(offset) },
            epoch: self.epoch,
            event_time_ms: 0,
            key: None,
            headers: Vec::new(),
            payload: None,
        }))
    }

    fn pause(&mut self) -> Result<(), SourceError> {
        self.is_paused = true;
        Ok(())
    }

    fn resume(&mut self) -> Result<(), SourceError> {
        self.is_paused = false;
        Ok(())
    }
}

/// Commits nothing until the test lets go of the other end.
struct Hanging(Receiver<()>);

impl Sink for Hanging {
    fn commit(&mut self, batch: CommitBatch) -> Result<Committed, SinkError> {
        self.0.recv().unwrap_or_default();
        Ok(batch.settle(None))
    }
}

pub(super) fn settings(in_flight_bytes: usize) -> Settings {
    Settings {
        policy: Policy::default(),
        sketching: None,
        max_records: 50,
        max_bytes: 1 << 20,
        linger: Duration::from_millis(1),
        decode: DecodeLimits { payload_bytes: 1 << 16, decoded_bytes: 1 << 18, ratio: 200, json_depth: 64 },
        article_bytes: 16 << 10,
        record_bytes: 1 << 20,
        in_flight_bytes,
        extract_threads: 1,
        revoke_wait: Duration::from_secs(1),
        shutdown_grace: Duration::from_secs(10),
        restores_claims: false,
        storm: StormLimits { ratio: 0.0, run: 1 },
    }
}

#[tokio::test]
async fn a_flood_of_empty_records_behind_a_sink_that_hangs_stops_at_the_bound() {
    const BOUND: usize = 1 << 20;
    let builder = Builder::new(settings(BOUND));
    let (ledger, health) = (builder.ledger.clone(), builder.health.clone());
    let metrics = Arc::new(Metrics::new(ledger.clone()).unwrap());
    let extractor = Extractor::new(ExtractLimits::default()).unwrap();
    let desk = builder.build(extractor, Box::new(MemoryIndex::default()), Arc::clone(&metrics)).unwrap();
    let (letting_go, hangs) = channel();
    let read = Arc::new(AtomicUsize::new(0));
    let source = Empties { read: Arc::clone(&read), epoch: Epoch::default(), is_paused: false };
    let parts = Parts { source: Box::new(source), sink: Box::new(Hanging(hangs)), resume_at: Positions::new() };
    let (stop, stopping) = watch::channel(false);
    let run = tokio::spawn(desk.run(parts, stopping));

    let until = Instant::now() + PATIENCE;
    while metrics.paused.get() == 0 {
        assert!(
            Instant::now() < until,
            "{} records were read, and reading has not paused",
            read.load(Ordering::Relaxed)
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let held = read.load(Ordering::Relaxed);
    assert!((500..=1 + BOUND / 1024).contains(&held), "{held} empty records in {BOUND} bytes");
    assert!(health.alive().is_ok());

    drop(letting_go);
    while read.load(Ordering::Relaxed) < 3 * held {
        assert!(Instant::now() < until, "reading has not gone on");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stop.send(true).unwrap();
    let counts = run.await.unwrap().unwrap();
    assert!(counts.is_conserved(), "{counts:?}");
    // What was being extracted when the desk stopped is let go by the threads that have it.
    while ledger.read().in_flight > 0 {
        assert!(Instant::now() < until, "{:?}", ledger.read());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(counts.rejected as usize >= held, "{counts:?}");
}

/// One delivery; then whoever reads it is told to stop.
struct One {
    delivery: Option<Delivery>,
    commands: std::sync::mpsc::Sender<Command>,
}

impl Source for One {
    fn subscribe(&mut self, _: Arc<dyn Assignments>, _: &Positions) -> Result<(), SourceError> {
        Ok(())
    }

    fn poll(&mut self, _: Duration) -> Result<Polled, SourceError> {
        Ok(self.delivery.take().map_or_else(
            || {
                self.commands.send(Command::Close).unwrap();
                Polled::Idle
            },
            Polled::Delivery,
        ))
    }

    fn pause(&mut self) -> Result<(), SourceError> {
        Ok(())
    }

    fn resume(&mut self) -> Result<(), SourceError> {
        Ok(())
    }
}

#[test]
fn a_delivery_that_the_desk_does_not_hear_any_more_is_released() {
    let (events, desk) = tokio::sync::mpsc::unbounded_channel();
    let (commands, heard) = channel();
    let delivery = Delivery {
        coordinate: Coordinate { partition: partition(), offset: Offset(0) },
        epoch: Epoch::default(),
        event_time_ms: 0,
        key: None,
        headers: Vec::new(),
        payload: None,
    };
    let ledger = Ledger::default();
    let intake = Intake {
        source: Box::new(One { delivery: Some(delivery), commands }),
        desk: DeskHandle::new(events),
        commands: heard,
        permits: Permits::new(1 << 20),
        room: 0,
        ledger: ledger.clone(),
        metrics: Arc::new(Metrics::new(ledger.clone()).unwrap()),
        health: Health::default(),
    };
    drop(desk);
    intake.run(&Positions::new());
    assert_eq!(ledger.read(), Counts { received: 1, released: 1, ..Counts::default() });
}
