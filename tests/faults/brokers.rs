//! The broker dies, or is away.

use super::Extent;
use super::harness::{Stream, Tally};
use crate::support::kafka::Broker;

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
