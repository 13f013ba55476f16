//! The changelog's tail and its barriers.

use rdkafka::producer::{BaseRecord, Producer as _, ThreadedProducer};

use super::*;
use crate::kafka::membership::Membership;
use crate::kafka::sink::TransactionalSink;

struct Tailed {
    tail: ChangelogTail,
    events: UnboundedReceiver<Event>,
}

impl Tailed {
    fn start(config: &Config, restored_to: &ChangelogPositions) -> Self {
        let (sender, events) = tokio::sync::mpsc::unbounded_channel();
        Self { tail: ChangelogTail::start(config, DeskHandle::new(sender), restored_to, &metrics()).unwrap(), events }
    }

    /// What comes up to the next `Restored`, or to a failure.
    fn until_restored(&mut self) -> (Vec<Arc<Claim>>, ChangelogPositions, Event) {
        let (mut claims, mut reached) = (Vec::new(), ChangelogPositions::default());
        let last = eventually("the tail has restored", || {
            while let Ok(event) = self.events.try_recv() {
                match event {
                    Event::Claims { claims: sent, .. } => {
                        claims.extend_from_slice(sent.claims());
                        reached.advance(sent.changelog().unwrap());
                    }
                    other => return Some(other),
                }
            }
            None
        });
        (claims, reached, last)
    }
}

fn offsets(claims: &[Arc<Claim>]) -> Vec<u64> {
    let mut offsets: Vec<u64> = claims.iter().map(|claim| claim.delivery.offset.0).collect();
    offsets.sort_unstable();
    offsets
}

/// A batch of claims alone.
fn claims_only(config: &Config, offsets: std::ops::Range<u64>) -> CommitBatch {
    CommitBatch::new(
        Vec::new(),
        offsets.map(|offset| claim(config, 0, offset)).collect(),
        Positions::new(),
        Gate::default(),
    )
}

#[test]
fn a_barrier_passes_an_empty_changelog_and_one_that_ends_with_a_commit_marker() {
    let Some(broker) = broker::shared() else { return };
    let config = room(broker);
    let mut tailed = Tailed::start(&config, &ChangelogPositions::default());
    tailed.tail.barriers().request(Epoch(1));
    let (claims, _, last) = tailed.until_restored();
    assert!(claims.is_empty() && matches!(last, Event::Restored(Epoch(1))), "{last:?}");

    TransactionalSink::open(&config, Membership::default(), &metrics())
        .unwrap()
        .commit(claims_only(&config, 0..20))
        .unwrap();
    tailed.tail.barriers().request(Epoch(2));
    let (claims, _, last) = tailed.until_restored();
    assert!(matches!(last, Event::Restored(Epoch(2))), "{last:?}");
    assert_eq!(offsets(&claims), (0..20).collect::<Vec<_>>());
}

#[test]
fn a_barrier_waits_for_a_transaction_that_was_open_before_it_and_brings_its_claims() {
    let Some(broker) = broker::shared() else { return };
    let config = room(broker);
    let other: ThreadedProducer<rdkafka::producer::DefaultProducerContext> =
        broker.client().set("transactional.id", unique("other")).create().unwrap();
    other.init_transactions(DEADLINE).unwrap();
    other.begin_transaction().unwrap();
    for number in 0..2 {
        let claim = claim(&config, number, 7);
        let (key, value) = (claim.delivery.to_string(), serde_json::to_vec(&*claim).unwrap());
        let record = BaseRecord::to(&config.topics.changelog).partition(number).key(&key).payload(&value);
        other.send(record).map_err(|(error, _)| error).unwrap();
    }
    eventually("both claims are written", || {
        (broker.read_uncommitted(&config.topics.changelog).len() == 2).then_some(())
    });

    let mut tailed = Tailed::start(&config, &ChangelogPositions::default());
    tailed.tail.barriers().request(Epoch(1));
    // The barrier is written behind the open transaction, and only then the transaction ends.
    eventually("the barrier is written", || {
        (broker.read_uncommitted(&config.topics.changelog).len() == 4).then_some(())
    });
    assert!(tailed.events.try_recv().is_err(), "nothing below the open transaction's end is known yet");
    other.commit_transaction(DEADLINE).unwrap();

    let (claims, _, last) = tailed.until_restored();
    assert!(matches!(last, Event::Restored(Epoch(1))), "{last:?}");
    assert_eq!(offsets(&claims), [7, 7]);
}

#[test]
fn claims_of_an_aborted_transaction_are_never_brought() {
    let Some(broker) = broker::shared() else { return };
    let config = room(broker);
    let mut sink = TransactionalSink::open(&config, Membership::default(), &metrics()).unwrap();
    let gate = Gate::default();
    let called_off = CommitBatch::new(Vec::new(), vec![claim(&config, 0, 1)], Positions::new(), gate.clone());
    sink.send(&called_off).unwrap_or_else(|_| panic!("sent"));
    gate.call_off();
    sink.finish(called_off, Instant::now()).unwrap_err();
    sink.commit(claims_only(&config, 2..3)).unwrap();

    let mut tailed = Tailed::start(&config, &ChangelogPositions::default());
    tailed.tail.barriers().request(Epoch(1));
    let (claims, _, _) = tailed.until_restored();
    assert_eq!(offsets(&claims), [2]);
}

#[test]
fn a_tail_resumes_where_the_index_was_restored_to() {
    let Some(broker) = broker::shared() else { return };
    let config = room(broker);
    let mut sink = TransactionalSink::open(&config, Membership::default(), &metrics()).unwrap();
    sink.commit(claims_only(&config, 0..10)).unwrap();
    let mut first = Tailed::start(&config, &ChangelogPositions::default());
    first.tail.barriers().request(Epoch(1));
    let (_, reached, _) = first.until_restored();
    drop(first);
    sink.commit(claims_only(&config, 10..15)).unwrap();

    let mut second = Tailed::start(&config, &reached);
    second.tail.barriers().request(Epoch(1));
    let (claims, _, _) = second.until_restored();
    assert_eq!(offsets(&claims), (10..15).collect::<Vec<_>>());
}

#[test]
fn barriers_that_overlap_are_answered_in_order() {
    let Some(broker) = broker::shared() else { return };
    let config = room(broker);
    let mut tailed = Tailed::start(&config, &ChangelogPositions::default());
    for epoch in 1..=3 {
        tailed.tail.barriers().request(Epoch(epoch));
    }
    for epoch in 1..=3 {
        let (_, _, last) = tailed.until_restored();
        assert!(matches!(last, Event::Restored(Epoch(restored)) if restored == epoch), "{last:?}");
    }
}

#[test]
fn a_tail_does_not_run_ahead_of_a_desk_that_applies_nothing() {
    let Some(broker) = broker::shared() else { return };
    let config = room(broker);
    let mut sink = TransactionalSink::open(&config, Membership::default(), &metrics()).unwrap();
    sink.commit(claims_only(&config, 0..20_000)).unwrap();
    let mut tailed = Tailed::start(&config, &ChangelogPositions::default());
    tailed.tail.barriers().request(Epoch(1));

    // Receipts are kept, as by a desk that is busy: what is outstanding stays bounded.
    let (mut kept, mut brought, mut most) = (std::collections::VecDeque::new(), 0, 0);
    eventually("the tail has restored", || {
        std::thread::sleep(Duration::from_millis(30));
        while let Ok(event) = tailed.events.try_recv() {
            match event {
                Event::Claims { claims, applied } => {
                    brought += claims.claims().len();
                    kept.push_back((claims.claims().len(), applied));
                }
                Event::Restored(_) => return Some(()),
                other => panic!("{other:?}"),
            }
        }
        most = most.max(kept.iter().map(|(count, _)| *count).sum::<usize>());
        kept.pop_front();
        None
    });
    assert_eq!(brought, 20_000);
    assert!(most <= 6_000, "{most} claims waited for the desk");
}

#[test]
fn a_record_that_is_no_claim_fails_the_desk_and_is_named() {
    let Some(broker) = broker::shared() else { return };
    let config = room(broker);
    broker.produce(&config.topics.changelog, 1, Some(b"t/0@0"), Some(b"{}"), &[]);
    let mut tailed = Tailed::start(&config, &ChangelogPositions::default());
    let (_, _, last) = tailed.until_restored();
    let Event::Failed(reason) = last else { panic!("{last:?}") };
    assert!(reason.contains(&format!("{}/1@0", config.topics.changelog)), "{reason}");
}

#[test]
fn a_changelog_that_is_shorter_than_the_index_or_missing_is_refused() {
    let Some(broker) = broker::shared() else { return };
    let mut config = room(broker);
    let start = |config: &Config, positions| {
        let (sender, _events) = tokio::sync::mpsc::unbounded_channel();
        ChangelogTail::start(config, DeskHandle::new(sender), &ChangelogPositions(positions), &metrics())
            .map(drop)
            .unwrap_err()
    };
    assert!(matches!(
        start(&config, [(1, 3)].into()),
        KafkaError::ChangelogShrunk { partition: 1, restored_to: 3, end: 0, .. }
    ));
    config.topics.changelog = unique("nowhere");
    assert!(matches!(start(&config, [].into()), KafkaError::MissingTopic { .. }));
}

#[test]
fn a_changelog_that_grows_partitions_fails_the_desk() {
    let Some(broker) = broker::shared() else { return };
    let config = room(broker);
    let mut tailed = Tailed::start(&config, &ChangelogPositions::default());
    broker.grow_topic(&config.topics.changelog, 3);
    tailed.tail.barriers().request(Epoch(1));
    let (_, _, last) = tailed.until_restored();
    let Event::Failed(reason) = last else { panic!("{last:?}") };
    assert!(reason.contains(&config.topics.changelog), "{reason}");
}
