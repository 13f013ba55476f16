//! The index is gone, another's, or without room; offsets are set back, clocks are wrong.

use std::collections::BTreeSet;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::Extent;
use super::harness::{Outcome, Stream, Tally, end_settled, header, settle};
use crate::support::articles::{envelope, story};
use crate::support::desk::PARTITIONS;
use crate::support::kafka::Broker;
use crate::support::service::{PATIENCE, copydesk, copydesk_on_a_full_disk};

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

/// The folder of the index has no room: the service ends with its name, also when it is started again, and goes on once
/// there is room. What was published meanwhile and is not in the index comes back from the changelog.
///
/// Where the test may mount one, the folder is a file system of its own, which is full. Elsewhere files may not grow.
pub fn index_without_room(broker: &Broker, extent: Extent) -> Tally {
    let Some(disk) = SmallDisk::mount() else {
        eprintln!(
            "index_without_room: no right to mount a file system, so a limit on the size of files stands for a full one"
        );
        return index_of_limited_files(broker, extent);
    };
    eprintln!("index_without_room: on a file system of its own, which is full");
    let folder = disk.folder().join("index");
    let mut stream = Stream::new(broker, &[]);
    let own = [("dedup.index_dir", folder.to_str().unwrap())];
    let start = |stream: &Stream<'_>| stream.desk.start_by(copydesk(), "one", &own);
    let mut service = start(&stream);
    stream.put_under_load(&mut [&mut service], 400);
    stream.desk.wait_for_commits(&mut [&mut service], stream.end());
    settle(&mut service);
    // A frame or two more, the last of them torn.
    disk.leave(8 << 10);
    stream.feed(405);
    for _ in 0..2 {
        assert_eq!(service.exit().code(), Some(1));
        let log = service.log();
        let last = log.lines().last().unwrap();
        assert!(last.contains(&format!("cannot use index file {}", folder.display())), "{log}");
        assert!(last.contains("No space left on device"), "{log}");
        service = start(&stream);
    }
    disk.leave(64 << 20);
    // The one that was started last may have found the disk full already.
    if !service.is_running() || service.log().contains("No space left on device") {
        service.exit();
        service = start(&stream);
    }
    stream.feed(205);
    let tally = stream.finish(service);
    drop(disk);
    tally
}

/// A file system in memory, as large as the test says. Unmounted when dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// None where this process may not mount.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=64m", "tmpfs"]).arg(folder.path()).output();
        mounted.is_ok_and(|mounted| mounted.status.success()).then(|| Self(folder))
    }

    fn folder(&self) -> &Path {
        self.0.path()
    }

    /// From now on there is room for so many bytes more, and no others.
    fn leave(&self, bytes: u64) {
        let used = Command::new("df").args(["--output=used", "-B1"]).arg(self.folder()).output().unwrap();
        let used = String::from_utf8(used.stdout).unwrap();
        let used: u64 = used.lines().last().unwrap().trim().parse().unwrap();
        let size = format!("remount,size={}", used + bytes);
        assert!(Command::new("mount").args(["-o", &size]).arg(self.folder()).status().unwrap().success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a service that a failed test leaves may still use it for a moment.
        Command::new("umount").arg("--lazy").arg(self.folder()).status().unwrap();
    }
}

/// As `index_without_room`, by the largest size that a file may have.
fn index_of_limited_files(broker: &Broker, _: Extent) -> Tally {
    let mut stream = Stream::new(broker, &[]);
    let mut service = stream.desk.start_by(copydesk_on_a_full_disk(), "one", &[]);
    stream.put_under_load(&mut [&mut service], 400);
    stream.desk.wait_for_commits(&mut [&mut service], stream.end());
    let folder = stream.desk.folder.path().join("one.index");
    let largest =
        std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).max().unwrap();
    // Its log is a file too, and much shorter.
    assert!(largest > 100_000, "{largest} bytes");
    // A frame or two more, the last of them torn.
    let limit = (largest + 5_000).to_string();
    service.limit_files(&limit);
    stream.feed(405);
    for _ in 0..2 {
        assert_eq!(service.exit().code(), Some(1));
        let said = format!("cannot use index file {}", folder.display());
        assert!(service.log().lines().last().unwrap().contains(&said), "{}", service.log());
        service = stream.desk.start_by(copydesk_on_a_full_disk(), "one", &[]);
        service.limit_files(&limit);
    }
    service.limit_files("unlimited");
    stream.feed(205);
    stream.finish(service)
}

/// The changelog was deleted and made again, and is shorter than what the index has of it: the service says so and ends.
/// Without the index, it works.
pub fn changelog_made_again(broker: &Broker, _: Extent) -> Tally {
    let mut stream = Stream::new(broker, &[]);
    stream.feed(200);
    let mut service = stream.desk.start("one");
    stream.desk.wait_for_commits(&mut [&mut service], stream.end());
    end_settled(service);

    broker.delete_topic(&stream.desk.topic("changelog"));
    assert!(stream.desk.command(&["topics", "create"]).status.success());
    refuses_its_index(&stream);
    stream.feed(100);
    let service = stream.desk.start("one");
    stream.finish(service)
}

/// The index was built on another cluster, whose changelog has the same name and is shorter than the one here: the service
/// says so and ends. Without the index, it works, and so it does with an index of before clusters were noted.
pub fn index_of_another_cluster(broker: &Broker, _: Extent) -> Tally {
    let elsewhere = Broker::start();
    let mut stream = Stream::new(broker, &[]);
    let index = stream.desk.folder.path().join("one.index");
    let mut service = stream.desk.start("one");
    stream.feed(205);
    stream.desk.wait_for_commits(&mut [&mut service], stream.end());
    end_settled(service);
    assert!(std::fs::read_to_string(index.join("cluster")).unwrap().len() > 10);
    std::fs::rename(&index, stream.desk.folder.path().join("kept")).unwrap();

    let mut other = Stream::new(&elsewhere, &[]);
    other.desk.settings.push(("topics.changelog".into(), stream.desk.topic("changelog")));
    assert!(other.desk.command(&["topics", "create"]).status.success());
    other.feed(20);
    let mut service = other.desk.start("one");
    other.desk.wait_for_commits(&mut [&mut service], other.end());
    end_settled(service);
    let mut tally = other.check();
    std::fs::rename(other.desk.folder.path().join("one.index"), &index).unwrap();
    refuses_its_index(&stream);

    std::fs::rename(stream.desk.folder.path().join("kept"), &index).unwrap();
    std::fs::remove_file(index.join("cluster")).unwrap();
    stream.feed(100);
    let service = stream.desk.start("one");
    tally += stream.finish(service);
    tally
}

/// The service ends and says what to delete; it is deleted.
fn refuses_its_index(stream: &Stream<'_>) {
    let mut refused = stream.desk.start("one");
    assert_eq!(refused.exit().code(), Some(1));
    assert!(refused.log().contains("delete the index folder"), "{}", refused.log());
    std::fs::remove_dir_all(stream.desk.folder.path().join("one.index")).unwrap();
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
    end_settled(service);
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
    end_settled(service);
    assert_eq!(stream.desk.read("records").len(), published * 2);
    stream.check_at_least_once()
}

/// Works through a stream and sets the group back to its start; gives how many payloads were rejected.
fn rewind(stream: &mut Stream<'_>) -> usize {
    stream.feed(400);
    let mut service = stream.desk.start("one");
    stream.desk.wait_for_commits(&mut [&mut service], stream.end());
    end_settled(service);
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

/// The wall clock of the service jumps under load: by an hour and by more than a year ahead, which changes nothing, then to
/// more than a year back and once more by an hour, where librdkafka may stand still: then the service ends, or is not alive,
/// within minutes, and goes on after a restart.
pub fn clock_jumps(broker: &Broker, _: Extent) -> Tally {
    const YEAR: i64 = 400 * 86_400;
    let mut stream = Stream::new(broker, &[]);
    let folder = stream.desk.folder.path();
    let (library, offset) = (folder.join("clock.so"), folder.join("clock.offset"));
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/faults/clock.c");
    let compiled = Command::new("cc").args(["-shared", "-fPIC", "-O2", source, "-o"]).arg(&library).output().unwrap();
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    std::fs::write(&offset, 0_i64.to_ne_bytes()).unwrap();
    let clock = std::fs::OpenOptions::new().write(true).open(&offset).unwrap();
    let start = |stream: &Stream<'_>| {
        let mut command = copydesk();
        command.env("LD_PRELOAD", &library).env("CLOCK_OFFSET", &offset);
        stream.desk.start_by(command, "one", &[])
    };
    let mut service = start(&stream);
    stream.put_under_load(&mut [&mut service], 205);
    for jump_to in [3_600, YEAR] {
        clock.write_all_at(&i64::to_ne_bytes(jump_to), 0).unwrap();
        stream.put_under_load(&mut [&mut service], 200);
        stream.desk.wait_for_commits(&mut [&mut service], stream.end());
        stream.feed(105);
    }
    for jump_to in [-YEAR, -YEAR - 3_600] {
        stream.put_under_load(&mut [&mut service], 100);
        clock.write_all_at(&i64::to_ne_bytes(jump_to), 0).unwrap();
        stream.feed(205);
        let until = Instant::now() + PATIENCE;
        while stream.desk.committed() < i64::try_from(stream.end()).unwrap() {
            if !service.is_running() || service.get("/livez").0 != 200 {
                let has_ended = !service.is_running();
                assert!(!has_ended || service.log().contains("the consumer has not heard of it"), "{}", service.log());
                eprintln!("it has stood still, and is started again: {}", service.log().lines().last().unwrap());
                service.kill();
                service = start(&stream);
            }
            assert!(Instant::now() < until, "{} of {}: {}", stream.desk.committed(), stream.end(), service.log());
            std::thread::sleep(Duration::from_millis(200));
        }
    }
    let letters = stream.desk.read("dead-letters");
    let years: BTreeSet<&str> =
        letters.iter().map(|letter| header(letter, "x-copydesk-error-at").unwrap().split_at(4).0).collect();
    assert_eq!(years.len(), 3, "the service has seen the jumps: {years:?}");
    stream.finish(service)
}
