//! The index is gone or another's, offsets are set back, clocks are wrong.

use super::Extent;
use super::harness::{Outcome, Stream, Tally, settle};
use crate::support::articles::{envelope, story};
use crate::support::desk::PARTITIONS;
use crate::support::kafka::Broker;

/// The folder of the index is deleted after an unclean end: copies and revisions of what came before are still found.
pub fn index_deleted(broker: &Broker, _: Extent) -> Tally {
    let mut stream = Stream::new(broker, &[]);
    // The fifth article of a ten comes before the loss, its copy and the revision after it.
    stream.feed(305);
    let mut service = stream.desk.start("one");
    stream.desk.wait_for_commits(&mut [&mut service], stream.end());
    service.kill();
    std::fs::remove_dir_all(stream.desk.folder.path().join("one.index")).unwrap();
    stream.feed(305);
    let service = stream.desk.start("one");
    stream.finish(service)
}

/// The index was built from another cluster's changelog: the service says so and ends. Without it, it works.
pub fn index_of_another_cluster(broker: &Broker, _: Extent) -> Tally {
    let mut elsewhere = Stream::new(broker, &[]);
    elsewhere.feed(200);
    let mut service = elsewhere.desk.start("one");
    elsewhere.desk.wait_for_commits(&mut [&mut service], elsewhere.end());
    assert!(service.stop().success());

    // Deleted and made again, the changelog is what another cluster has under its name.
    broker.delete_topic(&elsewhere.desk.topic("changelog"));
    assert!(elsewhere.desk.command(&["topics", "create"]).status.success());
    let mut refused = elsewhere.desk.start("one");
    assert_eq!(refused.exit().code(), Some(1));
    assert!(refused.log().contains("delete the index folder"), "{}", refused.log());

    std::fs::remove_dir_all(elsewhere.desk.folder.path().join("one.index")).unwrap();
    elsewhere.feed(100);
    let service = elsewhere.desk.start("one");
    elsewhere.finish(service)
}

/// The group's offsets are set back: everything is counted as replayed, and nothing is published again.
pub fn rewound_and_suppressed(broker: &Broker, _: Extent) -> Tally {
    let mut stream = Stream::new(broker, &[]);
    let rejected = rewind(&mut stream);
    let mut service = stream.desk.start("one");
    stream.desk.wait_for_commits(&mut [&mut service], stream.end());
    settle(&mut service);
    let replayed = service.metrics()["copydesk_verdicts_total{verdict=\"replayed\"}"];
    assert_eq!(replayed, (stream.end() - rejected) as f64);
    assert!(service.stop().success());
    // What was rejected has no claim, so its letter comes again.
    stream.expect_again(Outcome::Rejected);
    stream.check()
}

/// The same with `dedup.on_replay = reemit`: what was published comes again as it was, what was not does not.
pub fn rewound_and_reemitted(broker: &Broker, _: Extent) -> Tally {
    let mut stream = Stream::new(broker, &[("dedup.on_replay", "reemit")]);
    let rejected = rewind(&mut stream);
    let published = stream.desk.read("records").len();
    let mut service = stream.desk.start("one");
    stream.desk.wait_for_commits(&mut [&mut service], stream.end());
    settle(&mut service);
    let replayed = service.metrics()["copydesk_verdicts_total{verdict=\"replayed\"}"];
    assert_eq!(replayed, (stream.end() - rejected) as f64);
    assert!(service.stop().success());
    assert_eq!(stream.desk.read("records").len(), published * 2);
    stream.check_at_least_once()
}

/// Works through a stream and sets the group back to its start; gives how many payloads were rejected.
fn rewind(stream: &mut Stream<'_>) -> usize {
    stream.feed(400);
    let mut service = stream.desk.start("one");
    stream.desk.wait_for_commits(&mut [&mut service], stream.end());
    assert!(service.stop().success());
    let rejected = stream.desk.read("dead-letters").len();
    assert_eq!(rejected, 40);
    let start: Vec<(i32, i64)> = (0..PARTITIONS).map(|partition| (partition, 0)).collect();
    stream.desk.broker.commit(&stream.desk.name, &stream.desk.topic("raw"), &start);
    rejected
}

/// One record is dated 2099: it is published, and what comes after it is neither late nor forgotten.
pub fn record_of_2099(broker: &Broker, _: Extent) -> Tally {
    const YEAR_2099_MS: i64 = 4_070_908_800_000;
    let mut stream = Stream::new(broker, &[]);
    stream.feed(105);
    let mut service = stream.desk.start("one");
    stream.desk.wait_for_commits(&mut [&mut service], stream.end());
    let at = stream.expect(0, Outcome::Published(1));
    let payload = envelope("https://paper.example.org/from-the-future", &story(900_000));
    let offset = broker.produce_at(&stream.desk.topic("raw"), 0, &payload, YEAR_2099_MS);
    assert_eq!(offset, at.1);
    stream.desk.wait_for_commits(&mut [&mut service], stream.end());
    // Copies and revisions of what came before the record come after it.
    stream.feed(205);
    stream.finish(service)
}
