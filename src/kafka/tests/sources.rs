//! The source: assignment, order, pause, resumption, and brokers that go away.

use super::*;
use crate::source::Header;

fn fill(broker: &Broker, config: &Config, partition: i32, count: usize) {
    let values: Vec<String> = (0..count).map(|number| format!("{partition}:{number}")).collect();
    broker.produce_all(
        &config.topics.input[0],
        values.iter().map(|value| (partition, None, Some(value.as_bytes()), &[][..])),
    );
}

fn offsets_of(deliveries: &[Delivery], number: i32) -> Vec<u64> {
    deliveries.iter().filter(|d| d.coordinate.partition.number == number).map(|d| d.coordinate.offset.0).collect()
}

#[test]
fn deliveries_are_owned_whole_and_in_order() {
    let Some(broker) = broker::shared() else { return };
    let config = room(broker);
    let topic = &config.topics.input[0];
    broker.produce(
        topic,
        0,
        Some(b"https://example.org/a"),
        Some(b"<html>\xff"),
        &[("content-type", b"text/html"), ("x", b"")],
    );
    broker.produce(topic, 0, None, None, &[]);
    let mut instance = Instance::start(&config);
    let deliveries = instance.deliveries(2);

    let first = &deliveries[0];
    assert_eq!(first.coordinate.to_string(), format!("{topic}/0@0"));
    assert_eq!(first.key.as_deref(), Some(&b"https://example.org/a"[..]));
    assert_eq!(first.payload.as_deref(), Some(&b"<html>\xff"[..]));
    let header = |name: &str, value: &[u8]| Header { name: name.to_owned(), value: Some(value.to_vec()) };
    assert_eq!(first.headers, [header("content-type", b"text/html"), header("x", b"")]);
    assert!(first.event_time_ms > 1_600_000_000_000);
    assert_eq!((deliveries[1].payload.as_ref(), deliveries[1].key.as_ref()), (None, None));
}

#[test]
fn nothing_is_delivered_before_the_partitions_claims_are_restored() {
    let Some(broker) = broker::shared() else { return };
    let config = room(broker);
    fill(broker, &config, 0, 10);
    let mut instance = Instance::start(&config);
    // `listen` hears of the restored epoch without opening it.
    let until = Instant::now() + DEADLINE;
    while instance.restored.is_empty() {
        assert!(Instant::now() < until, "the epoch was not restored");
        instance.listen();
        assert!(matches!(instance.parts.source.poll(Duration::from_millis(20)).unwrap(), Polled::Idle));
    }
    for _ in 0..20 {
        assert!(matches!(instance.parts.source.poll(Duration::from_millis(20)).unwrap(), Polled::Idle));
    }
    instance.parts.source.restored(instance.restored[0]).unwrap();
    assert_eq!(offsets_of(&instance.deliveries(10), 0), (0..10).collect::<Vec<_>>());
}

#[test]
fn a_pause_neither_loses_nor_reorders_deliveries() {
    let Some(broker) = broker::shared() else { return };
    let config = room(broker);
    fill(broker, &config, 0, 300);
    fill(broker, &config, 1, 300);
    let mut instance = Instance::start(&config);
    let mut deliveries = Vec::new();
    while deliveries.len() < 600 {
        let more = instance.deliveries(50.min(600 - deliveries.len()));
        deliveries.extend(more);
        instance.parts.source.pause().unwrap();
        for _ in 0..3 {
            assert!(matches!(instance.parts.source.poll(Duration::from_millis(5)).unwrap(), Polled::Idle));
        }
        instance.parts.source.resume().unwrap();
    }
    for number in 0..2 {
        assert_eq!(offsets_of(&deliveries, number), (0..300).collect::<Vec<_>>());
    }
}

#[test]
fn a_pause_outlasts_the_restoration_of_an_epoch() {
    let Some(broker) = broker::shared() else { return };
    let config = room(broker);
    fill(broker, &config, 0, 3);
    let mut instance = Instance::start(&config);
    instance.parts.source.pause().unwrap();
    let until = Instant::now() + DEADLINE;
    while instance.restored.is_empty() {
        assert!(Instant::now() < until, "the epoch was not restored");
        assert!(instance.poll().is_none());
    }
    for _ in 0..10 {
        assert!(instance.poll().is_none(), "paused");
    }
    instance.parts.source.resume().unwrap();
    assert_eq!(offsets_of(&instance.deliveries(3), 0), [0, 1, 2]);
}

#[test]
fn reading_resumes_at_the_offsets_that_were_committed_with_the_outcomes() {
    let Some(broker) = broker::shared() else { return };
    let config = room(broker);
    fill(broker, &config, 0, 10);
    let mut instance = Instance::start(&config);
    instance.deliveries(10);
    instance.parts.sink.commit(batch(&config, 0, 0..4)).unwrap();
    let reached = instance.changelog.clone();
    drop(instance);

    let mut instance = Instance::resume(&config, &reached);
    assert_eq!(offsets_of(&instance.deliveries(6), 0), (4..10).collect::<Vec<_>>());
    // The claims behind the committed offset were there before the first delivery.
    assert_eq!(instance.claims.len(), 4);
}

#[test]
fn without_a_committed_offset_latest_skips_what_is_there() {
    let Some(broker) = broker::shared() else { return };
    let mut config = room(broker);
    config.kafka.auto_offset_reset = crate::config::OffsetReset::Latest;
    fill(broker, &config, 0, 5);
    let mut instance = Instance::start(&config);
    instance.hold(2);
    fill(broker, &config, 0, 2);
    assert_eq!(offsets_of(&instance.deliveries(2), 0), [5, 6]);
}

#[test]
fn a_second_member_takes_over_a_partition_from_its_committed_offset_and_gives_it_back() {
    let Some(broker) = broker::shared() else { return };
    let config = room(broker);
    fill(broker, &config, 0, 10);
    fill(broker, &config, 1, 10);
    let mut first = Instance::start(&config);
    first.deliveries(20);
    for number in 0..2 {
        first.parts.sink.commit(batch(&config, number, 0..6)).unwrap();
    }
    let second_config = {
        let mut config = config.clone();
        config.kafka.instance = "two".to_owned();
        config
    };
    let mut second = Instance::start(&second_config);
    let until = Instant::now() + DEADLINE;
    let mut taken = Vec::new();
    while taken.len() < 4 {
        assert!(Instant::now() < until, "the second member got {taken:?}");
        assert!(first.poll().is_none(), "the first member keeps its place in what it keeps");
        taken.extend(second.poll());
    }
    let number = taken[0].coordinate.partition.number;
    assert_eq!(offsets_of(&taken, number), [6, 7, 8, 9]);
    assert_eq!(second.claims.len(), 12, "the claims of the first member are restored first");
    assert_eq!(first.heard.0.lock().unwrap().revoked, [(partition(&config, number), false)]);

    // The new generation can commit, each member what it holds.
    second.parts.sink.commit(batch(&config, number, 6..8)).unwrap();
    first.parts.sink.commit(batch(&config, 1 - number, 6..10)).unwrap();
    drop(second);
    let returned = first.deliveries(2);
    assert_eq!(offsets_of(&returned, number), [8, 9]);
    let epochs = first.heard.0.lock().unwrap().epochs;
    assert!(returned.iter().all(|delivery| delivery.epoch.0 == epochs && epochs > 1), "{returned:?}");
}

#[test]
fn a_start_waits_for_offsets_that_a_transaction_holds_and_begins_behind_them() {
    let Some(broker) = broker::shared() else { return };
    let config = room(broker);
    fill(broker, &config, 0, 10);
    let mut first = Instance::start(&config);
    first.deliveries(10);
    let membership = first.parts.source.membership();
    let mut open = crate::kafka::sink::TransactionalSink::open(&config, membership, &metrics()).unwrap();
    let half_done = batch(&config, 0, 0..7);
    open.send(&half_done).unwrap_or_else(|_| panic!("sent"));
    open.send_offsets(&half_done, Instant::now()).unwrap_or_else(|_| panic!("offsets sent"));
    drop(first);

    let mut second_config = config.clone();
    second_config.kafka.instance = "two".to_owned();
    let mut second = Instance::start(&second_config);
    let until = Instant::now() + DEADLINE;
    while !second.parts.source.awaits_answer() {
        assert!(Instant::now() < until, "no assignment came");
        second.parts.source.poll_events();
    }
    for _ in 0..3 {
        assert!(second.poll().is_none());
    }
    assert!(second.parts.source.awaits_answer(), "the offset is not settled yet");
    open.finish_without_offsets(half_done, Instant::now()).unwrap();
    assert_eq!(offsets_of(&second.deliveries(3), 0), [7, 8, 9]);
    assert_eq!(second.claims.len(), 7);
}

#[test]
fn a_batch_that_is_called_off_while_the_broker_is_frozen_is_aborted_when_it_thaws() {
    if !broker::wanted() {
        return;
    }
    let broker = Broker::start();
    let config = room(&broker);
    let mut sink = crate::kafka::sink::TransactionalSink::open(
        &config,
        crate::kafka::membership::Membership::default(),
        &metrics(),
    )
    .unwrap();
    let gate = Gate::default();
    let outputs = vec![record("never")];
    let frozen = CommitBatch::new(outputs, vec![claim(&config, 0, 0)], Positions::new(), gate.clone());
    broker.control("pause");
    let committing = std::thread::spawn(move || {
        let result = crate::sink::Sink::commit(&mut sink, frozen);
        (sink, result)
    });
    assert!(gate.call_off());
    broker.control("resume");
    let (mut sink, result) = committing.join().unwrap();
    assert!(matches!(result, Err(crate::sink::SinkError::CalledOff)), "{result:?}");

    let next = CommitBatch::new(vec![record("next")], Vec::new(), Positions::new(), Gate::default());
    crate::sink::Sink::commit(&mut sink, next).unwrap();
    let records = broker.read_committed(&config.topics.records);
    assert_eq!(records.iter().map(broker::Record::text).collect::<Vec<_>>(), ["next"]);
}

#[test]
fn an_outage_stops_nothing_for_good() {
    if !broker::wanted() {
        return;
    }
    let broker = Broker::start();
    let config = room(&broker);
    fill(&broker, &config, 0, 5);
    let mut instance = Instance::start(&config);
    instance.deliveries(5);
    instance.parts.sink.commit(batch(&config, 0, 0..2)).unwrap();

    broker.control("kill9");
    // An instance that starts while the broker is away waits for it. It is of another group: in this one it would be given
    // a partition, and nobody polls it.
    let late_config = {
        let mut config = config.clone();
        config.kafka.group_id = unique("group");
        config.kafka.instance = "late".to_owned();
        config
    };
    let late = std::thread::spawn(move || Instance::start(&late_config));
    for _ in 0..50 {
        assert!(instance.poll().is_none());
    }
    broker.control("start");

    fill(&broker, &config, 0, 1);
    assert_eq!(offsets_of(&instance.deliveries(1), 0), [5]);
    let until = Instant::now() + DEADLINE;
    while let Err(error) = instance.parts.sink.commit(batch(&config, 0, 2..6)) {
        assert!(matches!(error, crate::sink::SinkError::Aborted { .. }), "{error}");
        assert!(Instant::now() < until, "{error}");
        instance.poll();
    }
    assert_eq!(broker.committed(&config.kafka.group_id, &config.topics.input[0], 2), [(0, 6)].into());
    drop(late.join().unwrap());

    // And leaving does not wait for a broker either.
    broker.control("kill9");
    let (done, wait) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        drop(instance);
        done.send(()).unwrap();
    });
    wait.recv_timeout(DEADLINE).expect("an instance ends while the broker is away");
}

#[test]
fn a_source_that_is_dropped_before_it_answers_an_assignment_leaves_the_group() {
    let Some(broker) = broker::shared() else { return };
    let config = room(broker);
    let (sender, _events) = tokio::sync::mpsc::unbounded_channel();
    let mut parts =
        connect(&config, DeskHandle::new(sender), &ChangelogPositions::default(), false, &metrics()).unwrap();
    parts.source.subscribe(Arc::new(Recorder::default()), &Positions::new()).unwrap();
    let until = Instant::now() + DEADLINE;
    while !parts.source.awaits_answer() {
        assert!(Instant::now() < until, "no assignment came");
        parts.source.poll_events();
    }
    let (done, wait) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        drop(parts);
        done.send(()).unwrap();
    });
    wait.recv_timeout(DEADLINE).expect("the source ends");

    // The group is free for the next member at once, not after a session timeout.
    let mut next = Instance::start(&config);
    next.hold(2);
}
