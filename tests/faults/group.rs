//! Members of the group come, go and hang; the input grows.

use super::Extent;
use super::harness::{Stream, Tally, settle};
use crate::support::desk::PARTITIONS;
use crate::support::kafka::{Broker, eventually};
use crate::support::service::{Service, copydesk};

/// A second member joins under load, leaves in good order, joins again and is killed.
pub fn members_come_and_go(broker: &Broker, _: Extent) -> Tally {
    let mut stream = Stream::new(broker, &[]);
    let mut first = stream.desk.start("one");
    stream.put_under_load(&mut [&mut first], 400);
    for is_killed in [false, true] {
        let mut second = stream.desk.start("two");
        takes_part(&mut stream, &mut first, &mut second);
        if is_killed {
            second.kill();
        } else {
            assert!(second.stop().success());
        }
        stream.put_under_load(&mut [&mut first], 400);
    }
    stream.finish(first)
}

fn takes_part(stream: &mut Stream<'_>, first: &mut Service, second: &mut Service) {
    eventually("the second member has partitions", || {
        assert!(first.is_running() && second.is_running(), "{}{}", first.log(), second.log());
        (second.metrics()["copydesk_assigned_partitions"] > 0.0).then_some(())
    });
    stream.feed(400);
    eventually("the second member has deliveries", || (second.conserved().0 > 10.0).then_some(()));
}

/// A member is frozen in the midst of its work until others have its partitions, then thawed: what it still held is
/// not committed.
pub fn zombie(broker: &Broker, _: Extent) -> Tally {
    let mut stream = Stream::new(broker, &[]);
    let mut first = stream.desk.start("one");
    stream.put_under_load(&mut [&mut first], 1_500);
    eventually("something is in flight", || (first.metrics()["copydesk_in_flight_deliveries"] > 0.0).then_some(()));
    first.freeze();
    let committed = usize::try_from(stream.desk.committed()).unwrap();
    assert!(committed < stream.end(), "it was frozen when all was done");
    let mut second = stream.desk.start("two");
    eventually("the second member has all partitions", || {
        (second.metrics()["copydesk_assigned_partitions"] >= f64::from(PARTITIONS)).then_some(())
    });
    stream.put_under_load(&mut [&mut second], 500);
    first.thaw();
    let fenced = eventually("the thawed member is told that its partitions are another's", || {
        if !first.is_running() {
            assert_eq!(first.exit().code(), Some(1));
            assert!(first.log().contains("another instance"), "{}", first.log());
            return Some("it has ended");
        }
        let log = first.log();
        let is_lost = log.lines().any(|line| line.contains("partitions revoked") && line.contains("\"lost\":true"));
        is_lost.then_some("its partitions were lost")
    });
    eprintln!("thawed, {fenced}");
    // It takes part again, or has ended because it was replaced; either way it loses nothing.
    stream.feed(500);
    stream.desk.wait_for_commits(&mut [&mut second], stream.end());
    if first.is_running() {
        settle(&mut first);
        assert!(first.stop().success());
    }
    stream.finish(second)
}

/// Two instances with one name: the later takes over, the earlier ends with a reason.
pub fn instance_started_twice(broker: &Broker, _: Extent) -> Tally {
    let mut stream = Stream::new(broker, &[]);
    let mut first = stream.desk.start("one");
    stream.put_under_load(&mut [&mut first], 800);
    let elsewhere = tempfile::tempdir().unwrap();
    let mut settings = stream.desk.settings.clone();
    settings.push(("kafka.instance".into(), "one".into()));
    let mut second = Service::start(elsewhere.path(), "one", &settings);
    eventually("the earlier has ended", || {
        assert!(second.is_running(), "{}", second.log());
        stream.feed(10);
        (!first.is_running()).then_some(())
    });
    assert_eq!(first.exit().code(), Some(1));
    assert!(first.log().contains("another instance"), "{}", first.log());
    stream.feed(200);
    stream.finish(second)
}

/// Partitions are added to the input under load.
pub fn partitions_added(broker: &Broker, _: Extent) -> Tally {
    let settings = [("kafka.properties.topic.metadata.refresh.interval.ms", "1000")];
    let mut stream = Stream::new(broker, &settings);
    let mut service = stream.desk.start("one");
    stream.put_under_load(&mut [&mut service], 400);
    broker.grow_topic(&stream.desk.topic("raw"), PARTITIONS + 2);
    stream.feed_over(600, PARTITIONS + 2);
    stream.finish(service)
}

/// A static member is away for less than the session timeout, in good order and killed: the other member keeps its
/// partitions, and hears of no rebalance.
pub fn static_member_restarted(broker: &Broker, _: Extent) -> Tally {
    let mut stream = Stream::new(broker, &[("kafka.session_timeout", "30s"), ("kafka.static_membership", "true")]);
    let mut first = stream.desk.start("one");
    let mut second = stream.desk.start("two");
    takes_part(&mut stream, &mut first, &mut second);
    let half = f64::from(PARTITIONS) / 2.0;
    eventually("both have half of the partitions", || {
        let holds = |service: &mut Service| service.metrics()["copydesk_assigned_partitions"];
        (holds(&mut first) == half && holds(&mut second) == half).then_some(())
    });
    let before = rebalances(&mut first);
    for is_killed in [false, true] {
        stream.put_under_load(&mut [&mut first, &mut second], 400);
        if is_killed {
            second.kill();
        } else {
            assert!(second.stop().success());
        }
        stream.put_under_load(&mut [&mut first], 200);
        second = stream.desk.start("two");
        eventually("the same partitions are its own again", || {
            assert!(second.is_running(), "{}", second.log());
            (second.metrics()["copydesk_assigned_partitions"] == half).then_some(())
        });
    }
    stream.feed(200);
    stream.desk.wait_for_commits(&mut [&mut first, &mut second], stream.end());
    assert_eq!(rebalances(&mut first), before);
    settle(&mut second);
    assert!(second.stop().success());
    stream.finish(first)
}

/// How often this member was given partitions or lost some.
fn rebalances(service: &mut Service) -> f64 {
    let metrics = service.metrics();
    metrics.iter().filter(|(series, _)| series.starts_with("copydesk_kafka_rebalances_total")).map(|(_, n)| n).sum()
}

/// A topic is missing at the start: the service says which and ends with exit code 3. Once it is there, it works.
pub fn topic_missing(broker: &Broker, _: Extent) -> Tally {
    let mut stream = Stream::new(broker, &[]);
    let right = stream.desk.settings.clone();
    for key in ["topics.input", "topics.records", "topics.changelog"] {
        let missing = stream.desk.topic("nowhere");
        let mut refused = copydesk();
        refused.args(["run", "--set", "kafka.instance=one"]);
        for (key, value) in right.iter().cloned().chain([(key.to_owned(), missing.clone())]) {
            refused.arg("--set").arg(format!("{key}={value}"));
        }
        let output = refused.output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(&missing), "{output:?}");
    }
    stream.feed(50);
    let service = stream.desk.start("one");
    stream.finish(service)
}
