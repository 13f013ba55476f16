//! What every sink must do. Run by the tests of each implementation.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use std::sync::Arc;

use super::{CommitBatch, Gate, Output, Sink, SinkError, Stream};
use crate::index::conformance::sample_claims;
use crate::source::{Header, NextOffset, Partition, Positions};
use crate::verdict::Claim;

/// A sink under test with its readers.
pub(crate) trait Subject {
    /// Opens the sink; again, after the one before is dropped.
    fn open(&mut self) -> Box<dyn Sink>;

    /// What a reader of committed output sees.
    fn seen(&self) -> Seen;

    /// Positions and claims that the sink keeps, read with the sink closed; `None` where it keeps none.
    fn kept(&mut self) -> Option<(Positions, Vec<Arc<Claim>>)> {
        None
    }
}

/// What a reader of committed output sees.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Values of the records, in order.
    pub(crate) records: Vec<String>,
    /// Keys of duplicates and dead letters, where the sink keeps them.
    pub(crate) others: Option<(Vec<String>, Vec<String>)>,
}

/// The whole suite. Each call of `fresh` gives a subject with nothing in it.
pub(crate) fn check(fresh: &mut dyn FnMut() -> Box<dyn Subject>) {
    committed_batches_are_seen_in_order_and_kept(&mut *fresh());
    a_batch_called_off_leaves_no_trace(&mut *fresh());
    an_empty_batch_moves_positions_only(&mut *fresh());
}

/// Number of sample batches.
pub(crate) const BATCHES: u64 = 4;

/// The `at`-th sample batch: one output for each stream and more, claims, and a position for one of two partitions.
pub(crate) fn batch(at: u64) -> CommitBatch {
    gated(at, Gate::default())
}

fn gated(at: u64, gate: Gate) -> CommitBatch {
    let (outputs, claims, positions) = parts(at);
    CommitBatch::new(outputs, claims, positions, gate)
}

fn parts(at: u64) -> (Vec<Output>, Vec<Arc<Claim>>, Positions) {
    let tombstone = Output {
        stream: Stream::Records,
        key: Some(b"taken back".to_vec()),
        value: None,
        headers: Vec::new(),
        event_time_ms: 0,
    };
    let outputs = [
        (Stream::Records, "first"),
        (Stream::DeadLetters, "dead"),
        (Stream::Records, "second"),
        (Stream::Duplicates, "copy"),
        (Stream::DeadLetters, "dead too"),
    ]
    .map(|(stream, name)| Output {
        stream,
        key: Some(format!("{name} {at}").into_bytes()),
        value: Some(value(stream, name, at).into_bytes()),
        headers: vec![Header { name: "x-copydesk-error-reason".into(), value: Some(b"no_text".to_vec()) }],
        event_time_ms: 0,
    });
    let claims = sample_claims().into_iter().skip(usize::try_from(at).unwrap() * 3).take(3).collect();
    let partition = Partition { topic: format!("pages-{}", at % 2).into(), number: 0 };
    ([&outputs[..], &[tombstone]].concat(), claims, [(partition, NextOffset(10 * at + 1))].into())
}

fn value(stream: Stream, name: &str, at: u64) -> String {
    match stream {
        Stream::DeadLetters => format!("\u{0}{name}\n{at}"),
        Stream::Records | Stream::Duplicates => format!("{{\"title\":\"é {name} {at}\",\"key\":\"{name} {at}\"}}"),
    }
}

/// What the first `count` sample batches leave behind.
pub(crate) fn expected(count: u64) -> (Seen, Positions, Vec<Arc<Claim>>) {
    let (mut duplicates, mut rejected, mut records) = (Vec::new(), Vec::new(), Vec::new());
    let (mut positions, mut all_claims) = (Positions::new(), Vec::new());
    for at in 0..count {
        let (outputs, claims, moved) = parts(at);
        for output in outputs {
            let key = String::from_utf8(output.key.unwrap()).unwrap();
            match output.stream {
                // Tombstones are for topics that are compacted, which the subjects' are not.
                Stream::Records => records.extend(output.value.map(|value| String::from_utf8(value).unwrap())),
                Stream::Duplicates => duplicates.push(key),
                Stream::DeadLetters => rejected.push(key),
            }
        }
        positions.extend(moved);
        all_claims.extend(claims);
    }
    (Seen { records, others: Some((duplicates, rejected)) }, positions, all_claims)
}

/// That the subject, its sink closed, holds the first `count` sample batches and nothing else.
pub(crate) fn holds(subject: &mut dyn Subject, count: u64) {
    let (seen, positions, claims) = expected(count);
    // Opening the sink, which this does, takes back what was not committed.
    if let Some(kept) = subject.kept() {
        assert_eq!(kept, (positions, claims), "positions and claims of {count} batches");
    }
    let found = subject.seen();
    assert_eq!(found.records, seen.records, "records of {count} batches");
    if found.others.is_some() {
        assert_eq!(found.others, seen.others, "duplicates and dead letters of {count} batches");
    }
}

fn committed_batches_are_seen_in_order_and_kept(subject: &mut dyn Subject) {
    let mut sink = subject.open();
    assert!(sink.max_output_bytes() > 0);
    for at in 0..BATCHES {
        let (claims, positions) = sink.commit(batch(at)).unwrap().into_parts();
        let (_, expected_claims, expected_positions) = parts(at);
        assert_eq!((claims.claims(), positions), (&*expected_claims, expected_positions));
        assert_eq!(subject.seen().records, expected(at + 1).0.records);
        if at % 2 == 0 {
            drop(sink);
            holds(subject, at + 1);
            sink = subject.open();
        }
    }
    drop(sink);
    holds(subject, BATCHES);
}

fn a_batch_called_off_leaves_no_trace(subject: &mut dyn Subject) {
    let mut sink = subject.open();
    sink.commit(batch(0)).unwrap();
    let before = subject.seen();
    let gate = Gate::default();
    assert!(gate.call_off());
    let error = sink.commit(gated(1, gate)).unwrap_err();
    assert!(matches!(error, SinkError::CalledOff), "{error}");
    assert_eq!(subject.seen(), before);
    drop(sink);
    holds(subject, 1);
    subject.open().commit(batch(1)).unwrap();
    holds(subject, 2);
}

fn an_empty_batch_moves_positions_only(subject: &mut dyn Subject) {
    let mut sink = subject.open();
    let (_, _, positions) = parts(0);
    let batch = CommitBatch::new(Vec::new(), Vec::new(), positions.clone(), Gate::default());
    let (claims, found) = sink.commit(batch).unwrap().into_parts();
    assert!(claims.claims().is_empty());
    assert_eq!(found, positions);
    drop(sink);
    assert!(subject.seen().records.is_empty());
    if let Some(kept) = subject.kept() {
        assert_eq!(kept, (positions, Vec::new()));
    }
}
