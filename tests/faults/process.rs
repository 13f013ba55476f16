//! The service dies.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Extent;
use super::harness::{Dice, Stream, Tally, end_settled};
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

/// Killed while it restores its claims, with and without the index on disk: at once when its partitions are being restored,
/// a while after that, and at any moment of its start.
pub fn killed_while_restoring(broker: &Broker, _: Extent) -> Tally {
    /// From the start of the process until its claims are restored, at most: joining waits for the member that was killed.
    const START_MS: u64 = 6_000;
    /// From the assignment until then.
    const RESTORE_MS: u64 = 400;
    let mut dice = Dice::new(21);
    let mut stream = Stream::new(broker, &[("batch.max_records", "500")]);
    stream.feed(8_000);
    let mut service = stream.desk.start("one");
    stream.desk.wait_for_commits(&mut [&mut service], stream.end());
    end_settled(service);
    let mut hit = BTreeMap::new();
    for round in 0..18 {
        let index = stream.desk.folder.path().join("one.index");
        // What a kill in the midst of the one before has left is opened again, and now and then lost.
        if round % 3 == 1 && index.exists() {
            std::fs::remove_dir_all(index).unwrap();
        }
        stream.feed(50);
        let mut service = stream.desk.start("one");
        if round < 6 {
            service
                .wait_for("partitions are being restored", |log| log.contains("restoring their claims").then_some(()));
            std::thread::sleep(Duration::from_millis(if round < 3 { 0 } else { dice.below(RESTORE_MS) }));
        } else {
            std::thread::sleep(Duration::from_millis(dice.below(START_MS)));
        }
        let log = service.log();
        let stage =
            ["claims are restored", "restoring their claims", "metrics at"].into_iter().find(|part| log.contains(part));
        *hit.entry(stage.unwrap_or("nothing")).or_insert(0) += 1;
        service.kill();
    }
    eprintln!("killed when the last it had said was: {hit:?}");
    assert!(hit.contains_key("restoring their claims"), "{hit:?}");
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
    end_settled(service);
    stream.check_at_least_once()
}
