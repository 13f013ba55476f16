//! Brokers die, are away, or change parts.

use std::time::Duration;

use super::Extent;
use super::harness::{Stream, Tally};
use crate::support::kafka::{Broker, eventually};

/// The broker stops in good order under load and starts again; the service goes on.
pub fn restarted(broker: &Broker, _: Extent) -> Tally {
    let mut stream = Stream::new(broker, &[]);
    let mut service = stream.desk.start("one");
    stream.put_under_load(&mut [&mut service], 1_000);
    broker.control("stop");
    broker.control("start");
    stream.put_under_load(&mut [&mut service], 300);
    stream.finish(service)
}

/// The broker is away for a minute, which is twenty times the session timeout of these streams; the service goes on.
pub fn away_for_a_minute(broker: &Broker, _: Extent) -> Tally {
    let mut stream = Stream::new(broker, &[]);
    let mut service = stream.desk.start("one");
    stream.put_under_load(&mut [&mut service], 800);
    broker.control("stop");
    std::thread::sleep(Duration::from_secs(60));
    assert!(service.is_running(), "{}", service.log());
    assert_eq!(service.get("/livez").0, 200);
    broker.control("start");
    stream.put_under_load(&mut [&mut service], 300);
    stream.finish(service)
}

/// The broker hangs, with every connection open, until the group has given the member up; then it goes on.
pub fn frozen(broker: &Broker, _: Extent) -> Tally {
    let mut stream = Stream::new(broker, &[]);
    let mut service = stream.desk.start("one");
    stream.put_under_load(&mut [&mut service], 600);
    broker.control("pause");
    service.wait_for("the member notices", |log| log.contains("partitions revoked").then_some(()));
    broker.control("resume");
    stream.put_under_load(&mut [&mut service], 200);
    stream.finish(service)
}

/// One broker of three is killed under load, with records on two of them acknowledged, and comes back; then another.
pub fn one_of_three_killed(_: &Broker, _: Extent) -> Tally {
    let cluster = Broker::start_three();
    let mut stream = Stream::new(&cluster, &[]);
    let mut service = stream.desk.start("one");
    for node in 1..=3 {
        stream.put_under_load(&mut [&mut service], 300);
        cluster.control(&format!("kill9 {node}"));
        // Two are enough to go on.
        stream.put_under_load(&mut [&mut service], 100);
        cluster.control(&format!("start {node}"));
    }
    stream.finish(service)
}

/// The coordinator of the group, then that of the transactions, moves to another broker because its own stops in good order,
/// and back again while all brokers are there.
pub fn coordinators_move(_: &Broker, _: Extent) -> Tally {
    let cluster = Broker::start_three();
    let mut stream = Stream::new(&cluster, &[]);
    let mut service = stream.desk.start("one");
    stream.put_under_load(&mut [&mut service], 300);
    let group = stream.desk.name.clone();
    let elect = format!(
        "tool org.apache.kafka.tools.LeaderElectionCommand --bootstrap-server {} --election-type PREFERRED \
         --all-topic-partitions",
        cluster.bootstrap()
    );
    for (topic, name) in [("__consumer_offsets", group.clone()), ("__transaction_state", format!("{group}-one"))] {
        let first = eventually("there is a coordinator", || cluster.coordinator(topic, &name));
        stream.feed(300);
        cluster.control(&format!("stop {first}"));
        eventually("another coordinates", || cluster.coordinator(topic, &name).filter(|node| *node != first));
        stream.put_under_load(&mut [&mut service], 200);
        cluster.control(&format!("start {first}"));
        stream.feed(300);
        // A node that is not in sync yet is not elected.
        eventually("the first coordinates again", || {
            cluster.tried(&elect);
            cluster.coordinator(topic, &name).filter(|node| *node == first)
        });
        stream.put_under_load(&mut [&mut service], 200);
    }
    stream.finish(service)
}
