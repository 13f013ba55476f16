//! Outputs that do not fit or have no topic, and input that is gone.

use super::Extent;
use super::harness::{At, Outcome, Stream, Tally, end_settled, header, origin_of_letter, settle};
use crate::support::articles::{envelope, story};
use crate::support::desk::PARTITIONS;
use crate::support::kafka::{Broker, Record, eventually};

/// Limits that a payload passes by a little.
const LIMITS: &[(&str, &str)] =
    &[("limits.record_bytes", "600KiB"), ("limits.payload_bytes", "600KiB"), ("limits.article_bytes", "600KiB")];

/// A payload just within the limits makes a record beyond them: it becomes a dead letter, and nothing else is held up.
pub fn record_too_large(broker: &Broker, _: Extent) -> Tally {
    let mut stream = Stream::new(broker, LIMITS);
    stream.feed(50);
    let text: String = (0..1_000).map(|n| story(n + 700_000)).collect::<Vec<_>>().join("\n\n");
    let payload = envelope("https://paper.example.org/long", text.split_at(611_300).0);
    assert!(payload.len() < 600 * 1024, "{} bytes", payload.len());
    let (stream, letter, tally) = among_others(stream, payload.clone());
    drop(stream);
    assert_eq!(header(&letter, "x-copydesk-error-reason"), Some("record_too_large"));
    assert_eq!(letter.value, Some(payload));
    tally
}

/// A payload is larger than a dead letter may be: its letter names it by digest and coordinate.
pub fn dead_letter_too_large(broker: &Broker, _: Extent) -> Tally {
    let stream = Stream::new(broker, LIMITS);
    let payload = vec![b'x'; 900_000];
    let (_, letter, tally) = among_others(stream, payload);
    assert_eq!(letter.value, None);
    assert_eq!(header(&letter, "x-copydesk-payload-bytes"), Some("900000"));
    assert!(header(&letter, "x-copydesk-payload-sha256").is_some_and(|digest| digest.len() == 64));
    tally
}

/// Runs a stream with one payload that is rejected among others; gives that payload's dead letter.
fn among_others(mut stream: Stream<'_>, payload: Vec<u8>) -> (Stream<'_>, Record, Tally) {
    stream.feed(50);
    let at = stream.expect(0, Outcome::Rejected);
    stream.desk.produce(&[(0, payload)]);
    stream.feed(50);
    let mut service = stream.desk.start("one");
    stream.desk.wait_for_commits(&mut [&mut service], stream.end());
    end_settled(service);
    let tally = stream.check();
    let letter = letter_of(&stream, at);
    (stream, letter, tally)
}

fn letter_of(stream: &Stream<'_>, at: At) -> Record {
    stream.desk.read("dead-letters").into_iter().find(|letter| origin_of_letter(letter) == at).unwrap()
}

/// Retention has passed the committed offsets: what is left is read from its start, and nothing of it is skipped.
pub fn offset_out_of_range(broker: &Broker, _: Extent) -> Tally {
    let mut stream = Stream::new(broker, &[]);
    stream.feed(200);
    let mut service = stream.desk.start("one");
    stream.desk.wait_for_commits(&mut [&mut service], stream.end());
    end_settled(service);
    stream.feed(400);
    broker.delete_records(&stream.desk.topic("raw"), 0, 70);
    (50..70).for_each(|offset| stream.expect_nothing((0, offset)));
    let service = stream.desk.start("one");
    stream.finish(service)
}

/// The input is deleted and made again under its name: its coordinates come again with other payloads, which are new
/// deliveries, counted as such.
pub fn input_made_again(broker: &Broker, _: Extent) -> Tally {
    let mut stream = Stream::new(broker, &[]);
    stream.feed(200);
    let mut service = stream.desk.start("one");
    stream.desk.wait_for_commits(&mut [&mut service], stream.end());
    end_settled(service);
    broker.delete_topic(&stream.desk.topic("raw"));
    stream.desk.make_input();
    eventually("the broker has forgotten the offsets", || (stream.desk.committed() == 0).then_some(()));
    stream.start_over();
    stream.feed(200);
    let mut service = stream.desk.start("one");
    stream.desk.wait_for_commits(&mut [&mut service], stream.end());
    let recreated = eventually("recreated deliveries are counted", || {
        let recreated = service.metrics()["copydesk_recreated_deliveries_total"];
        (recreated >= 180.0).then_some(recreated)
    });
    assert_eq!(recreated, 180.0, "the dead letters have no claims");
    assert_eq!(stream.end(), 50 * usize::try_from(PARTITIONS).unwrap());
    stream.finish(service)
}

/// The same under the service, which reads on: nothing that was written to the new input before it was noticed is left out.
pub fn input_made_again_under_load(broker: &Broker, _: Extent) -> Tally {
    let settings = [("kafka.properties.topic.metadata.refresh.interval.ms", "1000")];
    let mut stream = Stream::new(broker, &settings);
    let mut service = stream.desk.start("one");
    stream.feed(400);
    stream.desk.wait_for_commits(&mut [&mut service], stream.end());
    settle(&mut service);
    broker.delete_topic(&stream.desk.topic("raw"));
    stream.desk.make_input();
    stream.start_over();
    // Fewer than it had read of the old input: where it wants to read on there is nothing.
    stream.feed(200);
    eventually("the new input is read", || {
        assert!(service.is_running(), "{}", service.log());
        (service.metrics()["copydesk_recreated_deliveries_total"] > 0.0).then_some(())
    });
    stream.feed(100);
    stream.finish(service)
}

/// The topic of the dead letters does not take one any more: the service ends with its name, is refused until that is mended,
/// and loses no payload.
pub fn dead_letters_refused(broker: &Broker, _: Extent) -> Tally {
    let mut stream = Stream::new(broker, &[]);
    let topic = stream.desk.topic("dead-letters");
    let mut service = stream.desk.start("one");
    stream.put_under_load(&mut [&mut service], 200);
    broker.configure_topic(&topic, "max.message.bytes", Some("100"));
    stream.feed(200);
    assert_eq!(service.exit().code(), Some(1));
    assert!(service.log().lines().last().unwrap().contains(&format!("topic {topic}: ")), "{}", service.log());
    let mut refused = stream.desk.start("one");
    assert_eq!(refused.exit().code(), Some(3));
    assert!(refused.log().contains(&format!("{topic}: max.message.bytes")), "{}", refused.log());
    broker.configure_topic(&topic, "max.message.bytes", Some("16777216"));
    let service = stream.desk.start("one");
    stream.finish(service)
}

/// The topic of the dead letters is deleted under the service: that is not ready and says why, and goes on once there is one again.
pub fn dead_letters_deleted(broker: &Broker, _: Extent) -> Tally {
    let mut stream = Stream::new(broker, &[]);
    let topic = stream.desk.topic("dead-letters");
    let mut service = stream.desk.start("one");
    stream.feed(200);
    stream.desk.wait_for_commits(&mut [&mut service], stream.end());
    settle(&mut service);
    // These letters are deleted with their topic.
    for letter in stream.desk.read("dead-letters") {
        stream.expect_nothing(origin_of_letter(&letter));
    }
    broker.delete_topic(&topic);
    stream.feed(200);
    eventually("it is not ready, and says why", || {
        let (status, text) = service.get("/readyz");
        (status == 503 && text.contains(&topic)).then_some(())
    });
    assert!(stream.desk.command(&["topics", "create"]).status.success());
    stream.finish(service)
}
