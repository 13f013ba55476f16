//! Crash-point enumeration: the real adjudicator, batches, positions and index contract over a simulated input, output
//! and changelog that can crash or fail before and after every call.
//!
//! Each run ends with everything settled, however often it crashed on the way. The orders of writes that are compared
//! are those of `docs/decisions/001-order-of-writes.md`; the harness must find the losses of the wrong one.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::adjudicator::{Adjudicator, BatchLimits, SettleError, Settled};
use super::extract::Extracted;
use super::ledger::Ledger;
use super::storm::{Storm, StormLimits, StormWatch};
use crate::article::Article;
use crate::fingerprint::{Fingerprint, PayloadHash, Sketching};
use crate::payload::{Detection, Envelope, PayloadKind, Retraction, Target};
use crate::record::{Candidate, Request, Withdrawal};
use crate::rejection::Rejection;
use crate::sink::{SinkError, Stream};
use crate::source::{Coordinate, Delivery, Epoch, NextOffset, Offset, Partition};
use crate::telemetry::metrics::Metrics;
use crate::verdict::{Policy, Redelivery, Window};

mod taken_back;
mod world;

use world::{Crash, Order, Shared, SimulatedIndex, World, call, commit};

/// An adjudicator whose batches close at so many deliveries, and what it counts in.
fn adjudicator(index: SimulatedIndex, policy: Policy, max_records: usize) -> (Adjudicator, Ledger) {
    let limits =
        BatchLimits { max_records, max_bytes: usize::MAX, max_record_bytes: usize::MAX, max_letter_bytes: usize::MAX };
    let ledger = Ledger::default();
    let metrics = Arc::new(Metrics::new(ledger.clone()).unwrap());
    (Adjudicator::new(Box::new(index), policy, limits, ledger.clone(), metrics), ledger)
}

/// One life of the process.
fn live(world: &Shared, inputs: &[Extracted], order: Order, max_records: usize) -> Result<(), Crash> {
    let index = SimulatedIndex::open(world)?;
    let redelivery = if order == Order::PublishThenState { Redelivery::NoEvidence } else { Redelivery::Suppress };
    let window = Window::new(Duration::from_secs(2 * 86_400), Some(Duration::from_secs(86_400)));
    let policy = Policy { redelivery, window, ..Policy::default() };
    let (mut desk, ledger) = adjudicator(index, policy, max_records);
    desk.assign(&[partition()], Epoch(1));
    let mut inputs = inputs.iter().skip(usize::try_from(world.lock().unwrap().position).unwrap());
    loop {
        let mut more = true;
        while more && desk.has_room() {
            call(world)?;
            match inputs.next() {
                Some(next) => {
                    ledger.receive();
                    desk.accept(copy_of(next)).map_err(|_| Crash)?;
                }
                None => more = false,
            }
        }
        let Some(batch) = desk.close().map_err(|_| Crash)? else { break };
        // The next batch is adjudicated while this one is under way, on top of its claims.
        for next in inputs.by_ref().take(max_records / 2) {
            ledger.receive();
            desk.accept(copy_of(next)).map_err(|_| Crash)?;
        }
        let result = commit(world, order, batch)?;
        if let Settled::Committed { positions } = desk.settle(result).map_err(|_| Crash)?
            && order != Order::Transaction
        {
            call(world)?;
            world.lock().unwrap().position = positions[&partition()].0;
        }
    }
    let counts = ledger.read();
    assert!(counts.is_conserved() && counts.in_flight == 0, "{counts:?}");
    Ok(())
}

/// Lives until everything is settled; says what a reader saw, in order.
fn lives(inputs: &[Extracted], order: Order, crash_at: Vec<usize>, fail_at: Vec<usize>) -> (Vec<String>, usize) {
    let world: Shared = Arc::new(Mutex::new(World { crash_at, fail_at, ..World::default() }));
    let mut crashes = 0;
    while live(&world, inputs, order, 4).is_err() {
        crashes += 1;
        assert!(crashes <= 2, "more crashes than were asked for");
    }
    let world = world.lock().unwrap();
    assert_eq!(world.position, inputs.len() as u64, "everything is settled");
    (world.visible.clone(), world.calls)
}

fn partition() -> Partition {
    Partition { topic: "raw".into(), number: 0 }
}

fn input(offset: u64, url: &str, text: &str) -> Extracted {
    let payload = format!("{url} {text}").into_bytes();
    let article = Article { title: Some("a headline".into()), body: text.to_owned(), ..Article::default() };
    static SKETCHING: std::sync::LazyLock<Sketching> = std::sync::LazyLock::new(|| Sketching::new("", 20));
    let fingerprint = Fingerprint::of(&article, Some(url), None, PayloadHash::of_payload(Some(&payload)));
    let candidate = Candidate {
        fingerprint: fingerprint.sketched(&article, &SKETCHING),
        article,
        found: Detection { kind: PayloadKind::Text, envelope: Envelope::Raw, charset: "UTF-8", why: String::new() },
        fetched_at_ms: None,
    };
    Extracted { delivery: delivery(offset, payload), request: Ok(Request::Publish(Box::new(candidate))), permit: None }
}

fn delivery(offset: u64, payload: Vec<u8>) -> Delivery {
    Delivery {
        coordinate: Coordinate { partition: partition(), offset: Offset(offset) },
        epoch: Epoch(1),
        event_time_ms: i64::try_from(offset).unwrap() * 1000,
        key: None,
        headers: Vec::new(),
        payload: Some(payload),
    }
}

fn retraction(offset: u64, url: &str) -> Extracted {
    let delivery = delivery(offset, format!("retract {url}").into_bytes());
    let found =
        Detection { kind: PayloadKind::Retraction, envelope: Envelope::Json, charset: "UTF-8", why: String::new() };
    let withdrawal = Withdrawal::new(
        Retraction { target: Target::Url(url.into()), found },
        PayloadHash::of_payload(delivery.payload.as_deref()),
    )
    .unwrap();
    Extracted { delivery, request: Ok(Request::Retract(Box::new(withdrawal))), permit: None }
}

/// Copies that are not equal, and copies of copies; a time from the future and one from long ago; days that go.
fn near_inputs() -> Vec<Extracted> {
    let story = |words: std::ops::Range<u32>| words.map(|at| format!("harbour{at} rose")).collect::<Vec<_>>().join(" ");
    let at = |offset: u64, hours: i64, url: &str, text: &str| {
        let mut extracted = input(offset, url, text);
        extracted.delivery.event_time_ms = hours * 3_600_000;
        extracted
    };
    vec![
        at(0, 5, "https://a.example/1", &story(0..60)),
        at(1, 900_000, "https://b.example/1", &story(0..50)),
        at(2, 6, "https://c.example/1", &story(5..60)),
        at(3, 7, "https://a.example/1", &story(0..64)),
        at(4, 30, "https://d.example/1", &story(100..160)),
        at(5, 53, "https://e.example/1", &story(102..160)),
        at(6, 76, "https://f.example/1", &story(0..57)),
        at(7, 99, "https://g.example/1", &story(1..58)),
        at(8, 8, "https://h.example/1", &story(103..160)),
        at(9, 120, "https://a.example/1", &story(0..64)),
    ]
}

fn copy_of(extracted: &Extracted) -> Extracted {
    Extracted { delivery: extracted.delivery.clone(), request: extracted.request.clone(), permit: None }
}

/// Two articles, a copy, a repetition, revisions, rejections, retractions, and neighbours that only meet across batches.
fn inputs() -> Vec<Extracted> {
    let rejected = |offset| Extracted {
        delivery: delivery(offset, format!("junk {offset}").into_bytes()),
        request: Err(Rejection::NoText),
        permit: None,
    };
    vec![
        input(0, "https://a.example.org/1", "the council met on monday"),
        input(1, "https://b.example.org/1", "the river rose on tuesday"),
        input(2, "https://c.example.org/9", "the council met on monday"),
        rejected(3),
        input(4, "https://a.example.org/1", "the council met on monday"),
        input(5, "https://a.example.org/1", "the council met on monday and voted"),
        input(6, "https://d.example.org/2", "the council met on monday and voted"),
        input(7, "https://a.example.org/1", "the council met on monday and voted twice"),
        rejected(8),
        input(9, "https://c.example.org/9", "a new text at the address of a copy"),
        input(10, "https://b.example.org/1", "the river rose on tuesday"),
        retraction(11, "https://a.example.org/1"),
        retraction(12, "https://a.example.org/1"),
        input(13, "https://e.example.org/2", "the council met on monday and voted"),
        retraction(14, "https://unknown.example.org/"),
        input(15, "https://a.example.org/1", "the council met on monday and voted twice"),
    ]
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

#[test]
fn one_transaction_shows_every_outcome_once_at_every_crash_point() {
    let inputs = inputs();
    let (calm, calls) = lives(&inputs, Order::Transaction, vec![], vec![]);
    // Articles and revisions; copies; rejections; a retraction with its tombstone.
    assert_eq!(calm.len(), 7 + 2 + 2 + 2, "{calm:#?}");
    for first in 0..calls {
        let (seen, _) = lives(&inputs, Order::Transaction, vec![first], vec![]);
        assert_eq!(seen, calm, "crash at call {first}");
        for second in first + 1..calls {
            let (seen, _) = lives(&inputs, Order::Transaction, vec![first, second], vec![]);
            assert_eq!(seen, calm, "crashes at calls {first} and {second}");
        }
    }
}

#[test]
fn near_copies_and_days_that_go_are_the_same_at_every_crash_point() {
    let inputs = near_inputs();
    let (calm, calls) = lives(&inputs, Order::Transaction, vec![], vec![]);
    let copies = calm.iter().filter(|line| line.starts_with("copy of")).count();
    assert!(copies >= 3 && calm.len() == inputs.len(), "{calm:#?}");
    for at in 0..calls {
        let (seen, _) = lives(&inputs, Order::Transaction, vec![at], vec![]);
        assert_eq!(seen, calm, "crash at call {at}");
        let (seen, _) = lives(&inputs, Order::Transaction, vec![], vec![at]);
        assert_eq!(seen, calm, "failure of call {at}");
        for second in (at + 1..calls).step_by(5) {
            let (seen, _) = lives(&inputs, Order::Transaction, vec![at, second], vec![]);
            assert_eq!(seen, calm, "crashes at calls {at} and {second}");
        }
    }
}

#[test]
fn verdicts_do_not_depend_on_where_batches_end() {
    for inputs in [inputs(), near_inputs()] {
        let seen = |max_records| {
            let world: Shared = Arc::default();
            live(&world, &inputs, Order::Transaction, max_records).unwrap();
            world.lock().unwrap().visible.clone()
        };
        let whole = seen(100);
        // Two, because the harness has half a batch adjudicated while one is under way; the first batch says where event
        // time begins, and holds the earliest delivery whatever its size.
        for max_records in [2, 3, 5, 8] {
            assert_eq!(seen(max_records), whole, "batches of {max_records}");
        }
    }
}

#[test]
fn an_aborted_batch_is_adjudicated_again_to_the_same_outcomes() {
    let inputs = inputs();
    let (calm, calls) = lives(&inputs, Order::Transaction, vec![], vec![]);
    for failure in 0..calls {
        let (seen, _) = lives(&inputs, Order::Transaction, vec![], vec![failure]);
        assert_eq!(seen, calm, "failure of call {failure}");
        for crash in (failure + 1..calls).step_by(3) {
            let (seen, _) = lives(&inputs, Order::Transaction, vec![crash], vec![failure]);
            assert_eq!(seen, calm, "failure of call {failure}, crash at call {crash}");
        }
    }
}

#[test]
fn publish_then_state_loses_nothing_and_repeats_under_the_same_revision() {
    let inputs = inputs();
    let (calm, calls) = lives(&inputs, Order::PublishThenState, vec![], vec![]);
    let mut repeated = 0;
    for first in 0..calls {
        for second in first + 1..=calls {
            let (seen, _) = lives(&inputs, Order::PublishThenState, vec![first, second], vec![]);
            let mut distinct = sorted(seen.clone());
            distinct.dedup();
            assert_eq!(distinct, sorted(calm.clone()), "crashes at calls {first} and {second}");
            repeated += usize::from(seen.len() > calm.len());
        }
    }
    assert!(repeated > 0, "at least once means that some crash repeats an outcome");
}

#[test]
fn state_before_publish_is_caught_losing_articles() {
    let inputs = inputs();
    let (calm, calls) = lives(&inputs, Order::StateBeforePublish, vec![], vec![]);
    let losing = (0..calls).filter(|crash| {
        let (seen, _) = lives(&inputs, Order::StateBeforePublish, vec![*crash], vec![]);
        calm.iter().any(|line| !seen.contains(line))
    });
    assert!(losing.count() > 0, "the harness must see what this order loses");
}

#[test]
fn revoked_partitions_are_released_and_the_rest_is_adjudicated_without_them() {
    let world: Shared = Arc::default();
    let other = Partition { topic: "raw".into(), number: 1 };
    let index = SimulatedIndex::open(&world).unwrap();
    let (mut desk, ledger) = adjudicator(index, Policy::default(), 10);
    desk.assign(&[partition(), other.clone()], Epoch(1));
    let first = input(
        0,
        "https://a.example.org/1",
        "the council met on monday with all members present and voted on the budget of the year after long talks",
    );
    let mut copy = input(
        0,
        "https://b.example.org/1",
        "the council met on monday with all members present and voted on the budget of the year after long talks",
    );
    copy.delivery.coordinate.partition = other.clone();
    for extracted in [first, copy] {
        ledger.receive();
        desk.accept(extracted).unwrap();
    }
    let called_off = desk.close().unwrap().unwrap();
    assert_eq!(called_off.outputs().iter().filter(|output| output.stream == Stream::Records).count(), 1);

    // The commit has not begun: it is called off, and nobody waits for it.
    assert!(!desk.revoke(&[partition()]).unwrap());
    assert!(!called_off.may_commit());
    assert!(matches!(desk.settle(Err(SinkError::CalledOff)).unwrap(), Settled::Again { retry_later: false }));
    assert_eq!((ledger.read().released, ledger.read().in_flight), (1, 1));

    // What was a copy of a delivery that is gone is an article now.
    let again = desk.close().unwrap().unwrap();
    assert_eq!(again.outputs().iter().map(|output| output.stream).collect::<Vec<_>>(), [Stream::Records]);
    assert_eq!(again.positions().iter().collect::<Vec<_>>(), [(&other, &NextOffset(1))]);

    // A commit under way is waited for, and counts as what it was.
    assert!(again.may_commit());
    assert!(desk.revoke(std::slice::from_ref(&other)).unwrap());
    desk.settle(Ok(again.settle(None))).unwrap();
    let counts = ledger.read();
    assert_eq!((counts.published, counts.released, counts.in_flight), (1, 1, 0));
}

#[test]
fn a_storm_is_told_by_committed_outcomes_and_an_aborted_batch_counts_once() {
    let world: Shared = Arc::default();
    let index = SimulatedIndex::open(&world).unwrap();
    let (mut desk, ledger) = adjudicator(index, Policy::default(), 4);
    desk.watch_storms(StormWatch::new(StormLimits { ratio: 1.0, run: 8 }));
    desk.assign(&[partition()], Epoch(1));
    let mut offsets = 0..;
    let mut four = |desk: &mut Adjudicator| {
        for offset in offsets.by_ref().take(4) {
            ledger.receive();
            let payload = format!("junk {offset}").into_bytes();
            let rejected =
                Extracted { delivery: delivery(offset, payload), request: Err(Rejection::NoText), permit: None };
            desk.accept(rejected).unwrap();
        }
    };
    four(&mut desk);
    for _ in 0..3 {
        drop(desk.close().unwrap().unwrap());
        let aborted = SinkError::Aborted { reason: "simulated".into() };
        assert!(matches!(desk.settle(Err(aborted)).unwrap(), Settled::Again { retry_later: true }));
    }
    let batch = desk.close().unwrap().unwrap();
    four(&mut desk);
    desk.settle(Ok(batch.settle(None))).unwrap();
    assert_eq!(desk.storm(), None, "four rejections are committed, and four may yet be aborted");
    let batch = desk.close().unwrap().unwrap();
    desk.settle(Ok(batch.settle(None))).unwrap();
    assert_eq!(desk.storm(), Some(Storm { rejected: 8, of: 8, reason: "no_text" }));
    assert!(desk.index().is_empty(), "what is rejected never enters the index");
}

#[test]
fn a_partition_that_was_made_again_closes_the_batch_and_its_new_positions_are_committed() {
    let world: Shared = Arc::default();
    let (mut desk, ledger) = adjudicator(SimulatedIndex::open(&world).unwrap(), Policy::default(), 10);
    desk.assign(&[partition()], Epoch(1));
    for (offset, edition) in [(5, "old"), (6, "old"), (0, "new"), (1, "new"), (6, "new")] {
        ledger.receive();
        let text = format!("the council met on day {offset} of the {edition} edition");
        desk.accept(input(offset, &format!("https://a.example.org/{edition}/{offset}"), &text)).unwrap();
    }
    assert!(!desk.has_room(), "what waits is a reason to commit at once");
    let before = desk.close().unwrap().unwrap();
    assert_eq!((before.claims().len(), before.positions()[&partition()]), (2, NextOffset(7)));
    // An abort changes nothing about where the batch ends.
    drop(before);
    desk.settle(Err(SinkError::Aborted { reason: "simulated".into() })).unwrap();
    let before = desk.close().unwrap().unwrap();
    assert_eq!((before.claims().len(), before.positions()[&partition()]), (2, NextOffset(7)));
    desk.settle(Ok(before.settle(None))).unwrap();
    assert!(desk.has_room());
    let after = desk.close().unwrap().unwrap();
    assert_eq!((after.claims().len(), after.positions()[&partition()]), (3, NextOffset(7)));
    desk.settle(Ok(after.settle(None))).unwrap();
    let counts = ledger.read();
    assert_eq!((counts.published, counts.in_flight), (5, 0));
}
