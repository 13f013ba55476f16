//! The service dies.

use std::time::Duration;

use super::Extent;
use super::harness::{Dice, Stream, Tally};
use crate::support::kafka::Broker;

/// Killed at random moments, one life after another over the same topics. A third of the lives end at a moment of
/// their start, so that joining the group and restoring claims are hit too, the others in the midst of their work.
pub fn killed_at_random_moments(broker: &Broker, extent: Extent) -> Tally {
    let rounds = match extent {
        Extent::Whole => 30,
        Extent::Short => 5,
    };
    let mut dice = Dice::new(20);
    let mut stream = Stream::new(broker, &[]);
    for round in 0..rounds {
        stream.feed(80);
        let mut service = stream.desk.start("one");
        if dice.below(3) == 0 {
            std::thread::sleep(Duration::from_millis(dice.below(5_000)));
        } else {
            let deliveries = 1 + dice.below(60);
            service.address();
            while service.conserved().0 < deliveries as f64 {
                assert!(service.is_running(), "round {round}: the service ended:\n{}", service.log());
            }
        }
        service.kill();
    }
    let service = stream.desk.start("one");
    stream.finish(service)
}

/// Killed while it restores its claims, with and without the index on disk.
pub fn killed_while_restoring(broker: &Broker, _: Extent) -> Tally {
    let mut stream = Stream::new(broker, &[("batch.max_records", "500")]);
    stream.feed(1_500);
    let mut service = stream.desk.start("one");
    stream.desk.wait_for_commits(&mut [&mut service], stream.end());
    assert!(service.stop().success());
    for keeps_index in [true, false, true] {
        if !keeps_index {
            std::fs::remove_dir_all(stream.desk.folder.path().join("one.index")).unwrap();
        }
        stream.feed(100);
        let mut service = stream.desk.start("one");
        service.wait_for("partitions are being restored", |log| log.contains("restoring their claims").then_some(()));
        service.kill();
    }
    let service = stream.desk.start("one");
    stream.finish(service)
}

/// Killed without transactions: outcomes may come again, none is lost, and none comes as another.
pub fn killed_at_least_once(broker: &Broker, _: Extent) -> Tally {
    let mut stream = Stream::new(broker, &[("delivery.guarantee", "at_least_once")]);
    for _ in 0..3 {
        let mut service = stream.desk.start("one");
        stream.put_under_load(&mut [&mut service], 400);
        service.kill();
    }
    let mut service = stream.desk.start("one");
    stream.desk.wait_for_commits(&mut [&mut service], stream.end());
    assert!(service.stop().success());
    stream.check_at_least_once()
}
