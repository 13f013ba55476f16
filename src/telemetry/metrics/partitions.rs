//! How far behind the input is, by partition.
//!
//! librdkafka's own lag is of no use here: offsets go to the broker inside a transaction, which its consumer does not see.
//! So the desk says what is settled, and the consumer's statistics where a partition ends, without a further call to a
//! broker. Both stay as they were through an outage, and the age grows on.
//!
//! A partition ends at its last stable offset, which counts the markers of transactions. They are never delivered, so an
//! input that is itself written in transactions would look behind by one for ever: where everything that came is settled,
//! what the consumer has read past counts as settled too.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{Gauge, GaugeVec};

use super::catalogue::{Family, Kind};
use super::observe::age_seconds;
use crate::source::{Delivery, NextOffset, Partition, Positions};

const LAG: Family = Family {
    name: "copydesk_kafka_consumer_lag",
    kind: Kind::Gauge,
    labels: &["topic", "partition"],
    help: "Records without a committed outcome, up to the last stable offset; as of the last fetch, so that a paused \
           partition shows the end that was seen last.",
    alert: "Growth over half an hour.",
};
const LAG_SECONDS: Family = Family {
    name: "copydesk_kafka_lag_seconds",
    kind: Kind::Gauge,
    labels: &["topic", "partition"],
    help: "Age of the oldest record without a committed outcome, by its timestamp; while none of them has been read yet, \
           the time since they were seen; 0 when caught up.",
    alert: "Above what readers were promised.",
};
const OLDEST: Family = Family {
    name: "copydesk_oldest_uncommitted_seconds",
    kind: Kind::Gauge,
    labels: &[],
    help: "Time since the oldest delivery in flight was read, over all partitions; 0 without one.",
    alert: "Minutes: nothing is committed any more.",
};

pub(super) const FAMILIES: &[Family] = &[LAG, LAG_SECONDS, OLDEST];

/// What a consumer knows of one partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionReading {
    /// Which one.
    pub partition: Partition,
    /// The last stable offset.
    pub end: u64,
    /// Everything below has been handed on or is no delivery, where that is known.
    pub read_to: Option<u64>,
}

/// A delivery in flight.
#[derive(Debug)]
struct Held {
    offset: u64,
    event_time_ms: i64,
    read: Instant,
}

#[derive(Debug, Default)]
struct State {
    /// First offset without a committed outcome.
    settled: u64,
    /// One past the last delivery.
    received: u64,
    end: Option<u64>,
    /// Where it ended when it was assigned, at least.
    end_at_least: Option<u64>,
    read_to: Option<u64>,
    held: VecDeque<Held>,
    /// Since when there has been something to read.
    behind_since: Option<Instant>,
}

impl State {
    fn lag(&self) -> Option<u64> {
        let read_to = self.read_to.filter(|_| self.settled >= self.received);
        Some(self.end?.saturating_sub(self.settled.max(read_to.unwrap_or_default())))
    }

    fn lag_seconds(&self, now: Instant) -> Option<f64> {
        let lag = self.lag()?;
        Some(match (self.held.front(), self.behind_since) {
            (Some(oldest), _) => age_seconds(oldest.event_time_ms)
                .unwrap_or_else(|| now.saturating_duration_since(oldest.read).as_secs_f64()),
            (None, Some(since)) if lag > 0 => now.saturating_duration_since(since).as_secs_f64(),
            _ => 0.0,
        })
    }

    /// To be called after each change.
    fn note(&mut self) {
        let is_behind = self.lag().is_some_and(|lag| lag > 0);
        self.behind_since = is_behind.then(|| self.behind_since.unwrap_or_else(Instant::now));
    }
}

type Board = BTreeMap<Partition, State>;

/// The partitions that are read now.
#[derive(Debug, Clone)]
pub(super) struct Partitions {
    board: Arc<Mutex<Board>>,
    lag: GaugeVec,
    lag_seconds: GaugeVec,
    oldest: Gauge,
}

impl Partitions {
    pub(super) fn new() -> Result<Self, prometheus::Error> {
        Ok(Self {
            board: Arc::default(),
            lag: LAG.gauges()?,
            lag_seconds: LAG_SECONDS.gauges()?,
            oldest: Gauge::new(OLDEST.name, OLDEST.help)?,
        })
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A partition is read from `start` on, and ended at `end` when it was assigned.
    pub(super) fn assigned(&self, partition: &Partition, start: u64, end: Option<u64>) {
        let mut state = State { settled: start, end, end_at_least: end, ..State::default() };
        state.note();
        self.board().insert(partition.clone(), state);
    }

    pub(super) fn revoked(&self, partitions: &[Partition]) {
        let mut board = self.board();
        for partition in partitions {
            board.remove(partition);
        }
    }

    pub(super) fn received(&self, delivery: &Delivery) {
        let (coordinate, event_time_ms) = (&delivery.coordinate, delivery.event_time_ms);
        let NextOffset(next) = coordinate.offset.next();
        let mut board = self.board();
        let state = board.entry(coordinate.partition.clone()).or_default();
        if coordinate.offset.0 < state.settled {
            // The topic was made again under its name: nothing that was known of it holds.
            *state = State { settled: coordinate.offset.0, ..State::default() };
        }
        state.received = state.received.max(next);
        state.held.push_back(Held { offset: coordinate.offset.0, event_time_ms, read: Instant::now() });
    }

    pub(super) fn settled(&self, positions: &Positions) {
        let mut board = self.board();
        for (partition, NextOffset(next)) in positions {
            // A partition that was handed back meanwhile is somebody else's to show.
            let Some(state) = board.get_mut(partition) else { continue };
            state.settled = state.settled.max(*next);
            while state.held.front().is_some_and(|held| held.offset < state.settled) {
                state.held.pop_front();
            }
            state.note();
        }
    }

    pub(super) fn read(&self, readings: &[PartitionReading]) {
        let mut board = self.board();
        for reading in readings {
            let Some(state) = board.get_mut(&reading.partition) else { continue };
            // A reading made before the assignment's own may come after it.
            state.end = state.end_at_least.max(Some(reading.end));
            state.read_to = reading.read_to;
            state.note();
        }
    }
}

impl Collector for Partitions {
    fn desc(&self) -> Vec<&Desc> {
        [self.lag.desc(), self.lag_seconds.desc(), self.oldest.desc()].concat()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let now = Instant::now();
        self.lag.reset();
        self.lag_seconds.reset();
        let board = self.board();
        for (partition, state) in board.iter() {
            let number = partition.number.to_string();
            let labels = [&*partition.topic, number.as_str()];
            if let (Some(lag), Some(seconds)) = (state.lag(), state.lag_seconds(now)) {
                self.lag.with_label_values(&labels).set(lag as f64);
                self.lag_seconds.with_label_values(&labels).set(seconds);
            }
        }
        let oldest = board.values().filter_map(|state| state.held.front()).map(|held| held.read).min();
        drop(board);
        self.oldest.set(oldest.map_or(0.0, |read| now.saturating_duration_since(read).as_secs_f64()));
        [self.lag.collect(), self.lag_seconds.collect(), self.oldest.collect()].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Coordinate, Epoch, Offset};

    fn partition() -> Partition {
        Partition { topic: "raw".into(), number: 3 }
    }

    fn delivery(offset: u64, event_time_ms: i64) -> Delivery {
        Delivery {
            coordinate: Coordinate { partition: partition(), offset: Offset(offset) },
            epoch: Epoch(1),
            event_time_ms,
            key: None,
            headers: Vec::new(),
            payload: None,
        }
    }

    fn settle(partitions: &Partitions, next: u64) {
        partitions.settled(&Positions::from([(partition(), NextOffset(next))]));
    }

    fn read(partitions: &Partitions, end: u64, read_to: Option<u64>) {
        partitions.read(&[PartitionReading { partition: partition(), end, read_to }]);
    }

    fn lag(partitions: &Partitions) -> Option<u64> {
        partitions.board().get(&partition()).and_then(State::lag)
    }

    fn seconds(partitions: &Partitions) -> f64 {
        partitions.board()[&partition()].lag_seconds(Instant::now()).unwrap()
    }

    #[test]
    fn lag_counts_from_what_is_committed_to_the_end_that_was_seen() {
        let partitions = Partitions::new().unwrap();
        partitions.assigned(&partition(), 10, Some(15));
        assert_eq!(lag(&partitions), Some(5), "known before the first delivery");
        (10..13).for_each(|offset| partitions.received(&delivery(offset, 0)));
        assert_eq!(lag(&partitions), Some(5), "what is only read is not settled");
        settle(&partitions, 12);
        assert_eq!(lag(&partitions), Some(3));
        read(&partitions, 20, None);
        assert_eq!(lag(&partitions), Some(8));
        settle(&partitions, 20);
        assert_eq!((lag(&partitions), seconds(&partitions)), (Some(0), 0.0));
    }

    #[test]
    fn a_topic_that_is_made_again_has_an_end_of_its_own() {
        let partitions = Partitions::new().unwrap();
        partitions.assigned(&partition(), 0, Some(400));
        (0..400).for_each(|offset| partitions.received(&delivery(offset, 0)));
        settle(&partitions, 400);
        // Made before the assignment's own.
        read(&partitions, 390, None);
        assert_eq!(lag(&partitions), Some(0));
        partitions.received(&delivery(0, 0));
        read(&partitions, 400, None);
        read(&partitions, 150, None);
        assert_eq!(lag(&partitions), Some(150));
        settle(&partitions, 1);
        assert_eq!(lag(&partitions), Some(149));
    }

    #[test]
    fn a_marker_at_the_end_does_not_look_like_a_record() {
        let partitions = Partitions::new().unwrap();
        partitions.assigned(&partition(), 0, Some(0));
        (0..5).for_each(|offset| partitions.received(&delivery(offset, 0)));
        read(&partitions, 6, Some(6));
        assert_eq!(lag(&partitions), Some(6), "what was handed on is not settled");
        settle(&partitions, 5);
        assert_eq!(lag(&partitions), Some(0));
        // More comes, but it is still in the consumer's queue.
        read(&partitions, 9, None);
        assert_eq!(lag(&partitions), Some(4));
    }

    #[test]
    fn age_is_that_of_the_oldest_record_without_an_outcome() {
        let partitions = Partitions::new().unwrap();
        partitions.assigned(&partition(), 0, Some(2));
        assert!(seconds(&partitions) < 60.0, "nothing is known of records that were not read, but when they were seen");
        #[allow(clippy::disallowed_methods, reason = "ages are of the wall clock")]
        let now = jiff::Timestamp::now().as_millisecond();
        partitions.received(&delivery(0, now - 3_600_000));
        partitions.received(&delivery(1, now - 60_000));
        assert!((3_600.0..3_660.0).contains(&seconds(&partitions)));
        settle(&partitions, 1);
        assert!((60.0..120.0).contains(&seconds(&partitions)));
        partitions.received(&delivery(2, now + 3_600_000));
        settle(&partitions, 2);
        assert_eq!(seconds(&partitions), 0.0, "a clock that is ahead makes no negative age");
    }

    #[test]
    fn series_come_with_an_assignment_and_go_with_it() {
        let partitions = Partitions::new().unwrap();
        let series = || partitions.collect().iter().map(|family| family.get_metric().len()).collect::<Vec<_>>();
        assert_eq!(series(), [0, 0, 1]);
        partitions.assigned(&partition(), 0, Some(0));
        assert_eq!(series(), [1, 1, 1]);
        partitions.revoked(&[partition()]);
        settle(&partitions, 4);
        read(&partitions, 9, None);
        assert_eq!(series(), [0, 0, 1]);
        // Files have no end that is known beforehand.
        partitions.received(&delivery(0, 0));
        assert_eq!(series(), [0, 0, 1]);
    }
}
