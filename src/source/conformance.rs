//! What every source must do. Run by the tests of each implementation.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Assignments, Delivery, Epoch, NextOffset, Partition, Polled, Positions, Source};

/// Polls without an answer after which a source counts as stuck.
const PATIENCE: u32 = 2_000;
const POLL: Duration = Duration::from_millis(10);

/// Hears assignments and says which partitions are open under which epoch.
#[derive(Debug, Default)]
pub(crate) struct Heard(Mutex<(u64, BTreeMap<Partition, Epoch>)>);

impl Heard {
    pub(crate) fn epoch_of(&self, partition: &Partition) -> Option<Epoch> {
        self.0.lock().unwrap().1.get(partition).copied()
    }
}

impl Assignments for Heard {
    fn assigned(&self, partitions: &[Partition]) -> Epoch {
        let mut heard = self.0.lock().unwrap();
        heard.0 += 1;
        let epoch = Epoch(heard.0);
        heard.1.extend(partitions.iter().map(|partition| (partition.clone(), epoch)));
        epoch
    }

    fn revoked(&self, partitions: &[Partition], _lost: bool) {
        self.0.lock().unwrap().1.retain(|partition, _| !partitions.contains(partition));
    }
}

/// The whole suite, over a source that ends and has at least two deliveries. Each call opens the same input anew.
pub(crate) fn check(open: &mut dyn FnMut() -> Box<dyn Source>) {
    let all = read_all(&mut *open(), &Positions::new());
    assert!(all.len() >= 2, "the input must hold at least two deliveries");
    assert_eq!(read_all(&mut *open(), &Positions::new()), all, "reading again gives the same deliveries");
    resumes_at_every_position(open, &all);
    delivers_nothing_while_paused(open, &all);
}

/// Everything that a source gives, checked for order and announcement.
pub(crate) fn read_all(source: &mut dyn Source, resume_at: &Positions) -> Vec<Delivery> {
    let heard = Arc::new(Heard::default());
    source.subscribe(heard.clone(), resume_at).unwrap();
    let mut all = Vec::new();
    while let Some(delivery) = next(source, &heard) {
        all.push(delivery);
    }
    for _ in 0..3 {
        assert!(matches!(source.poll(POLL).unwrap(), Polled::Ended), "an ended source goes on");
    }
    let mut reached = resume_at.clone();
    for delivery in &all {
        let coordinate = &delivery.coordinate;
        let next = reached.insert(coordinate.partition.clone(), coordinate.offset.next()).unwrap_or(NextOffset(0));
        assert!(coordinate.offset.0 >= next.0, "{coordinate} comes after position {}", next.0);
    }
    all
}

fn next(source: &mut dyn Source, heard: &Heard) -> Option<Delivery> {
    for _ in 0..PATIENCE {
        match source.poll(POLL).unwrap() {
            Polled::Delivery(delivery) => {
                let epoch = heard.epoch_of(&delivery.coordinate.partition);
                assert_eq!(epoch, Some(delivery.epoch), "{} was not announced", delivery.coordinate);
                return Some(delivery);
            }
            Polled::Idle => {}
            Polled::Ended => return None,
        }
    }
    panic!("the source neither delivers nor ends")
}

fn resumes_at_every_position(open: &mut dyn FnMut() -> Box<dyn Source>, all: &[Delivery]) {
    for settled in 1..=all.len() {
        let (before, after) = all.split_at(settled);
        let positions: Positions = before
            .iter()
            .map(|delivery| (delivery.coordinate.partition.clone(), delivery.coordinate.offset.next()))
            .collect();
        let rest = read_all(&mut *open(), &positions);
        let rest: Vec<_> = rest.iter().map(|delivery| (&delivery.coordinate, &delivery.payload)).collect();
        let after: Vec<_> = after.iter().map(|delivery| (&delivery.coordinate, &delivery.payload)).collect();
        assert_eq!(rest, after, "resumed after {settled} deliveries");
    }
}

fn delivers_nothing_while_paused(open: &mut dyn FnMut() -> Box<dyn Source>, all: &[Delivery]) {
    let mut source = open();
    let heard = Arc::new(Heard::default());
    source.subscribe(heard.clone(), &Positions::new()).unwrap();
    let mut found = Vec::new();
    loop {
        source.pause().unwrap();
        for _ in 0..3 {
            let polled = source.poll(Duration::from_millis(1)).unwrap();
            assert!(!matches!(polled, Polled::Delivery(_)), "delivered while paused");
        }
        source.resume().unwrap();
        match next(&mut *source, &heard) {
            Some(delivery) => found.push(delivery),
            None => break,
        }
    }
    let places = |deliveries: &[Delivery]| deliveries.iter().map(|one| one.coordinate.clone()).collect::<Vec<_>>();
    assert_eq!(places(&found), places(all), "pauses lose or repeat deliveries");
}
