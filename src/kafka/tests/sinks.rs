//! What commits leave behind, and what failures do not.

use super::*;
use crate::kafka::membership::Membership;
use crate::kafka::sink::{AcknowledgedSink, TransactionalSink};
use crate::sink::SinkError;
use crate::source::Header;

#[test]
fn a_commit_makes_outputs_claims_and_offsets_visible_together() {
    let Some(broker) = broker::shared() else { return };
    let config = room(broker);
    let mut instance = Instance::start(&config);
    instance.hold(2);

    let dead_letter = Output {
        stream: Stream::DeadLetters,
        key: None,
        value: Some(vec![0xff, 0x00]),
        headers: vec![
            Header { name: "why".to_owned(), value: Some(b"because".to_vec()) },
            Header { name: "why".to_owned(), value: None },
        ],
        event_time_ms: i64::MAX,
    };
    let outputs = vec![record("first"), dead_letter, record("second")];
    let claims = vec![claim(&config, 0, 5), claim(&config, 0, 6)];
    let positions = Positions::from([(partition(&config, 0), NextOffset(7))]);
    let committed = instance
        .parts
        .sink
        .commit(CommitBatch::new(outputs, claims.clone(), positions.clone(), Gate::default()))
        .unwrap();

    assert_eq!(committed.into_parts().1, positions);
    let records = broker.read_committed(&config.topics.records);
    assert_eq!(records.iter().map(broker::Record::text).collect::<Vec<_>>(), ["first", "second"]);
    assert_eq!(records[0].timestamp_ms, Some(1_700_000_000_000));
    assert_eq!(records[0].key.as_deref(), Some(&b"id"[..]));
    let letters = broker.read_committed(&config.topics.dead_letters);
    assert_eq!(letters[0].value.as_deref(), Some(&[0xff, 0x00][..]));
    assert_eq!(letters[0].headers, [("why".to_owned(), Some(b"because".to_vec())), ("why".to_owned(), None)]);
    assert_eq!(broker.committed(&config.kafka.group_id, &config.topics.input[0], 2), [(0, 7)].into());
    let until = Instant::now() + DEADLINE;
    while instance.claims.len() < 2 && Instant::now() < until {
        instance.poll();
    }
    let mut seen = instance.claims.clone();
    seen.sort_by_key(|claim| claim.delivery.offset);
    assert_eq!(seen, claims);
}

#[test]
fn a_batch_that_was_called_off_leaves_no_trace_and_the_next_one_commits() {
    let Some(broker) = broker::shared() else { return };
    let config = room(broker);
    let mut instance = Instance::start(&config);
    instance.hold(2);

    let gate = Gate::default();
    assert!(gate.call_off());
    let error = instance.parts.sink.commit(gated(&config, 0, 0..3, gate)).unwrap_err();
    assert!(matches!(error, SinkError::CalledOff), "{error}");

    instance.parts.sink.commit(batch(&config, 1, 0..1)).unwrap();
    let records = broker.read_committed(&config.topics.records);
    assert_eq!(records.iter().map(broker::Record::text).collect::<Vec<_>>(), ["1@0"]);
    assert_eq!(broker.committed(&config.kafka.group_id, &config.topics.input[0], 2), [(1, 1)].into());
}

#[test]
fn a_batch_that_is_called_off_after_it_was_sent_is_aborted() {
    let Some(broker) = broker::shared() else { return };
    let config = room(broker);
    let mut sink = TransactionalSink::open(&config, Membership::default(), &metrics()).unwrap();
    let gate = Gate::default();
    let called_off = gated(&config, 0, 0..3, gate.clone());
    sink.send(&called_off).unwrap_or_else(|_| panic!("sent"));
    assert_eq!(broker.read_uncommitted(&config.topics.records).len(), 3);
    assert!(gate.call_off());
    let error = sink.finish(called_off, Instant::now()).unwrap_err();
    assert!(matches!(error, SinkError::CalledOff), "{error}");

    // Something committed behind it: a reader that sees it has passed the aborted records.
    sink.commit(CommitBatch::new(vec![record("after")], Vec::new(), Positions::new(), Gate::default())).unwrap();
    let records = broker.read_committed(&config.topics.records);
    assert_eq!(records.iter().map(broker::Record::text).collect::<Vec<_>>(), ["after"]);
}

#[test]
fn offsets_without_a_membership_are_never_sent() {
    let Some(broker) = broker::shared() else { return };
    let config = room(broker);
    let mut sink = TransactionalSink::open(&config, Membership::default(), &metrics()).unwrap();
    let error = sink.commit(batch(&config, 0, 0..3)).unwrap_err();
    assert!(matches!(error, SinkError::Aborted { .. }), "{error}");
    assert_eq!(broker.read_committed(&config.topics.records), []);
    assert_eq!(broker.committed(&config.kafka.group_id, &config.topics.input[0], 2), [].into());
}

#[test]
fn a_second_sink_of_the_same_instance_fences_the_first() {
    let Some(broker) = broker::shared() else { return };
    let config = room(broker);
    let alone = |text| CommitBatch::new(vec![record(text)], Vec::new(), Positions::new(), Gate::default());
    let mut first = TransactionalSink::open(&config, Membership::default(), &metrics()).unwrap();
    first.commit(alone("by the first")).unwrap();
    first.send(&alone("left open")).unwrap_or_else(|_| panic!("sent"));

    let mut second = TransactionalSink::open(&config, Membership::default(), &metrics()).unwrap();
    let error = first.finish(alone("left open"), Instant::now()).unwrap_err();
    assert!(matches!(error, SinkError::Fenced { .. }), "{error}");
    second.commit(alone("by the second")).unwrap();

    let records = broker.read_committed(&config.topics.records);
    assert_eq!(records.iter().map(broker::Record::text).collect::<Vec<_>>(), ["by the first", "by the second"]);
}

/// A sink whose transactions the broker ends after a second, and the instance whose membership it has.
fn impatient(broker: &Broker) -> (Config, Instance, TransactionalSink) {
    let mut config = room(broker);
    config.delivery.transaction_timeout = Duration::from_secs(1);
    let mut instance = Instance::start(&config);
    instance.hold(2);
    let sink = TransactionalSink::open(&config, instance.parts.source.membership(), &metrics()).unwrap();
    (config, instance, sink)
}

/// Sends a batch, and waits until the broker has ended its transaction: the record behind it is seen, the batch's are not.
fn outlive(broker: &Broker, config: &Config, sink: &mut TransactionalSink, batch: &CommitBatch, with_offsets: bool) {
    let visible = broker.read_committed(&config.topics.records).len();
    sink.send(batch).unwrap_or_else(|_| panic!("sent"));
    if with_offsets {
        sink.send_offsets(batch, Instant::now()).unwrap_or_else(|_| panic!("offsets sent"));
    }
    broker.produce(&config.topics.records, 0, None, Some(b"behind"), &[]);
    assert_eq!(broker.read_committed(&config.topics.records).len(), visible + 1);
}

fn texts_of_records(broker: &Broker, config: &Config) -> Vec<String> {
    broker.read_committed(&config.topics.records).iter().map(|record| record.text().to_owned()).collect()
}

#[test]
fn a_transaction_that_outlived_its_timeout_is_aborted_and_the_sink_goes_on() {
    let Some(broker) = broker::shared() else { return };
    let (config, _instance, mut sink) = impatient(broker);
    let (late, began) = (batch(&config, 0, 0..2), Instant::now());
    outlive(broker, &config, &mut sink, &late, false);
    let error = sink.finish(late, began).unwrap_err();
    assert!(matches!(error, SinkError::Aborted { .. }), "{error}");

    sink.commit(batch(&config, 0, 0..2)).unwrap();
    assert_eq!(texts_of_records(broker, &config), ["behind", "0@0", "0@1"]);
}

#[test]
fn a_commit_that_came_too_late_is_found_out_to_be_aborted_and_the_sink_goes_on() {
    let Some(broker) = broker::shared() else { return };
    let (config, _instance, mut sink) = impatient(broker);
    sink.commit(batch(&config, 0, 0..1)).unwrap();
    let (late, began) = (batch(&config, 0, 1..3), Instant::now());
    outlive(broker, &config, &mut sink, &late, true);
    let error = sink.finish_without_offsets(late, began).unwrap_err();
    assert!(matches!(error, SinkError::Aborted { .. }), "{error}");

    sink.commit(batch(&config, 0, 1..3)).unwrap();
    assert_eq!(texts_of_records(broker, &config), ["0@0", "behind", "0@1", "0@2"]);
    assert_eq!(broker.committed(&config.kafka.group_id, &config.topics.input[0], 2), [(0, 3)].into());
}

#[test]
fn a_commit_whose_answer_was_lost_is_found_out_to_be_done() {
    let Some(broker) = broker::shared() else { return };
    let (config, _instance, mut sink) = impatient(broker);
    let unheard = batch(&config, 0, 0..2);
    let positions = unheard.positions().clone();
    sink.send(&unheard).unwrap_or_else(|_| panic!("sent"));
    let began = Instant::now().checked_sub(config.delivery.transaction_timeout).unwrap();
    assert_eq!(sink.finish_unheard(unheard, began).unwrap().into_parts().1, positions);

    sink.commit(batch(&config, 0, 2..3)).unwrap();
    assert_eq!(texts_of_records(broker, &config), ["0@0", "0@1", "0@2"]);
}

#[test]
fn a_broker_that_takes_an_acknowledged_commit_back_is_told_apart_from_one_that_aborts() {
    let Some(broker) = broker::shared() else { return };
    let (config, _instance, mut sink) = impatient(broker);
    sink.commit(batch(&config, 0, 0..5)).unwrap();
    broker.commit_as_stranger(&config.kafka.group_id, &config.topics.input[0], &[(0, 3)]);

    let (late, began) = (batch(&config, 0, 5..6), Instant::now());
    outlive(broker, &config, &mut sink, &late, false);
    let error = sink.finish(late, began).unwrap_err();
    assert!(matches!(error, SinkError::TakenBack { .. }), "{error}");
    let at = format!("the group holds 3 of {}/0, 5 was acknowledged", config.topics.input[0]);
    assert!(error.to_string().contains(&at), "{error}");
}

#[test]
fn a_record_that_no_topic_takes_is_fatal_not_tried_for_ever() {
    let Some(broker) = broker::shared() else { return };
    let config = room(broker);
    let mut sink = TransactionalSink::open(&config, Membership::default(), &metrics()).unwrap();
    let huge = Output { value: Some(vec![b'x'; 2 * 1024 * 1024]), ..record("") };
    let error = sink.commit(CommitBatch::new(vec![huge], Vec::new(), Positions::new(), Gate::default())).unwrap_err();
    assert!(matches!(error, SinkError::Fatal { .. }), "{error}");
    assert!(error.to_string().contains(&config.topics.records), "{error}");
}

#[test]
fn at_least_once_publishes_outputs_and_claims_and_leaves_offsets_to_the_source() {
    let Some(broker) = broker::shared() else { return };
    let mut config = room(broker);
    config.delivery.guarantee = Guarantee::AtLeastOnce;
    let mut instance = Instance::start(&config);
    instance.hold(2);
    let mut sink = AcknowledgedSink::open(&config, &metrics()).unwrap();
    let (claims, positions) = sink.commit(batch(&config, 1, 0..2)).unwrap().into_parts();

    assert_eq!(claims.claims().len(), 2);
    assert_eq!(broker.read_committed(&config.topics.records).len(), 2);
    assert_eq!(broker.committed(&config.kafka.group_id, &config.topics.input[0], 2), [].into());
    instance.parts.source.acknowledge(&positions).unwrap();
    eventually("the offset is committed", || {
        instance.poll();
        (broker.committed(&config.kafka.group_id, &config.topics.input[0], 2) == [(1, 2)].into()).then_some(())
    });
}
