//! A stream of payloads whose outcomes are known beforehand, and the reader who checks what became of them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::support::articles::{envelope, story};
use crate::support::desk::{Desk, PARTITIONS, json, origin};
use crate::support::kafka::{Broker, Record, eventually};
use crate::support::service::Service;

/// Partition and offset of a delivery.
pub type At = (i64, i64);

/// What a delivery ends as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// A record of this revision.
    Published(i64),
    /// An event among the duplicates.
    Copy,
    /// A dead letter.
    Rejected,
}

/// What a check has counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Deliveries whose outcomes were read.
    pub checked: usize,
    /// Deliveries without an outcome.
    pub lost: usize,
    /// Outcomes of one delivery, and records of one (id, revision), beyond the first.
    pub twice: usize,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.checked += other.checked;
        self.lost += other.lost;
        self.twice += other.twice;
    }
}

/// Settings with which a group misses a dead member after seconds, and a topic of a few thousand payloads takes
/// hundreds of transactions.
const SETTINGS: &[(&str, &str)] = &[
    ("kafka.session_timeout", "3s"),
    ("kafka.properties.heartbeat.interval.ms", "500"),
    ("delivery.revoke_wait", "2s"),
    ("shutdown.grace", "2s"),
    ("delivery.transaction_timeout", "2s"),
    ("batch.max_records", "10"),
];

/// A desk, and everything that was fed to it.
pub struct Stream<'a> {
    pub desk: Desk<'a>,
    fed: usize,
    next: BTreeMap<i32, i64>,
    expected: BTreeMap<At, Vec<Outcome>>,
}

impl<'a> Stream<'a> {
    /// Topics and a group of its own. `settings` win over those that faults share.
    pub fn new(broker: &'a Broker, settings: &[(&str, &str)]) -> Self {
        let desk = Desk::new(broker, &[SETTINGS, settings].concat());
        Self { desk, fed: 0, next: BTreeMap::new(), expected: BTreeMap::new() }
    }

    /// Feeds the next payloads over all partitions. Of ten, seven are new articles, one is a copy of the fifth on
    /// another site, one a revision of the first, and one no article at all.
    pub fn feed(&mut self, payloads: usize) {
        self.feed_over(payloads, PARTITIONS);
    }

    /// As `feed`, over so many partitions.
    pub fn feed_over(&mut self, payloads: usize, partitions: i32) {
        let mut records = Vec::new();
        for n in self.fed..self.fed + payloads {
            let ten = n / 10 * 10;
            // Ten that know each other stay on one partition: what a key by article does.
            let partition = i32::try_from(n / 10).unwrap() % partitions;
            let url = |n: usize| format!("https://paper{}.example.org/story-{n}", n % 9);
            let (payload, outcome) = match n % 10 {
                7 => (envelope(&format!("https://wire.example.com/{n}"), &story(ten + 4)), Outcome::Copy),
                8 => {
                    let added = "The editors added a paragraph on what the residents said in the evening of edition";
                    let text = format!("{}\n\n{added} {ten}.", story(ten));
                    (envelope(&url(ten), &text), Outcome::Published(2))
                }
                9 => (format!("%PDF-1.7 \u{0} report {n}").into_bytes(), Outcome::Rejected),
                _ => (envelope(&url(n), &story(n)), Outcome::Published(1)),
            };
            self.expect(partition, outcome);
            records.push((partition, payload));
        }
        self.fed += payloads;
        self.desk.produce(&records);
    }

    /// Feeds so many payloads that are no articles, over all partitions.
    pub fn feed_junk(&mut self, payloads: usize) {
        let junk: Vec<(i32, Vec<u8>)> = (0..payloads)
            .map(|n| {
                let partition = i32::try_from(n).unwrap() % PARTITIONS;
                self.expect(partition, Outcome::Rejected);
                (partition, format!("%PDF-1.7 \u{0} junk {n}").into_bytes())
            })
            .collect();
        self.desk.produce(&junk);
    }

    /// Says what the next record of a partition, which the caller writes, ends as.
    pub fn expect(&mut self, partition: i32, outcome: Outcome) -> At {
        let next = self.next.entry(partition).or_default();
        let at = (i64::from(partition), *next);
        *next += 1;
        self.expected.entry(at).or_default().push(outcome);
        at
    }

    /// Forgets what is expected of a delivery, as of one that retention has taken.
    pub fn expect_nothing(&mut self, at: At) {
        self.expected.remove(&at);
    }

    /// Everything that ended as this comes again.
    pub fn expect_again(&mut self, again: Outcome) {
        self.expected
            .values_mut()
            .filter(|outcomes| outcomes.contains(&again))
            .for_each(|outcomes| outcomes.push(again));
    }

    /// The input was made again: its offsets begin at 0.
    pub fn start_over(&mut self) {
        self.next.clear();
    }

    /// Where the input ends, summed over its partitions: what is committed when all is done.
    pub fn end(&self) -> usize {
        usize::try_from(self.next.values().sum::<i64>()).unwrap()
    }

    /// Feeds more, and waits until these services have committed some of it: they are at work.
    pub fn put_under_load(&mut self, services: &mut [&mut Service], payloads: usize) {
        let before = usize::try_from(self.desk.committed()).unwrap();
        self.feed(payloads);
        self.desk.wait_for_commits(services, before + payloads / 10);
    }

    /// Waits until everything is committed, stops the service, and checks.
    pub fn finish(self, mut service: Service) -> Tally {
        self.desk.wait_for_commits(&mut [&mut service], self.end());
        end_settled(service);
        self.check()
    }

    /// Reads all outcomes as any reader does and compares each with what was expected of its delivery.
    pub fn check(&self) -> Tally {
        self.tally(false)
    }

    /// As `check`, where an outcome may come again, but always as the same.
    pub fn check_at_least_once(&self) -> Tally {
        self.tally(true)
    }

    fn tally(&self, repeats: bool) -> Tally {
        // The offsets of a transaction may be seen a moment before its records.
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            let tally = self.compare(&self.outcomes(repeats), repeats);
            if tally.lost == 0 || Instant::now() > until {
                return tally;
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn compare(&self, Outcomes { seen, twice }: &Outcomes, repeats: bool) -> Tally {
        let strangers: Vec<_> = seen.iter().filter(|(at, _)| !self.expected.contains_key(at)).collect();
        assert!(strangers.is_empty(), "outcomes of what was not fed: {strangers:?}");
        let mut tally = Tally { twice: *twice, ..Tally::default() };
        for (at, expected) in &self.expected {
            let found = seen.get(at).map(Vec::as_slice).unwrap_or_default();
            let is_wrong = found.iter().any(|outcome| !expected.contains(outcome));
            assert!(!is_wrong, "{at:?} ended as {found:?} instead of {expected:?}");
            let missing = expected.iter().filter(|outcome| !found.contains(outcome)).count();
            tally.checked += expected.len();
            tally.lost += missing.max(expected.len().saturating_sub(found.len()));
            if !repeats {
                tally.twice += found.len().saturating_sub(expected.len());
            }
        }
        tally
    }

    fn outcomes(&self, repeats: bool) -> Outcomes {
        let mut seen: BTreeMap<At, Vec<Outcome>> = BTreeMap::new();
        let mut last: BTreeMap<String, i64> = BTreeMap::new();
        let mut revisions = BTreeSet::new();
        let mut twice = 0;
        for record in self.desk.read("records") {
            let value = json(&record);
            let (id, revision) = (value["id"].as_str().unwrap().to_owned(), value["revision"].as_i64().unwrap());
            assert_eq!(record.key.as_deref(), Some(id.as_bytes()));
            seen.entry(origin(&value)).or_default().push(Outcome::Published(revision));
            if !revisions.insert((id.clone(), revision)) && !repeats {
                eprintln!("{id} has revision {revision} twice");
                twice += 1;
            }
            // All records of a key are on one partition, and are read in its order.
            let before = last.insert(id.clone(), revision).unwrap_or_default();
            assert!(repeats || before <= revision, "{id}: revision {revision} after {before}");
        }
        for copy in self.desk.read("duplicates") {
            seen.entry(origin(&json(&copy))).or_default().push(Outcome::Copy);
        }
        for letter in self.desk.read("dead-letters") {
            seen.entry(origin_of_letter(&letter)).or_default().push(Outcome::Rejected);
        }
        Outcomes { seen, twice }
    }
}

struct Outcomes {
    seen: BTreeMap<At, Vec<Outcome>>,
    twice: usize,
}

/// A header of a record, as text.
pub fn header<'r>(record: &'r Record, name: &str) -> Option<&'r str> {
    let (_, value) = record.headers.iter().find(|(key, _)| key == name)?;
    std::str::from_utf8(value.as_deref()?).ok()
}

/// The delivery that a dead letter holds.
pub fn origin_of_letter(letter: &Record) -> At {
    let number = |name| header(letter, name).unwrap().parse().unwrap();
    (number("x-original-partition"), number("x-original-offset"))
}

/// Waits until nothing is in flight; the ledger adds up all the while. Gives the outcomes by name.
pub fn settle(service: &mut Service) -> BTreeMap<String, f64> {
    eventually("nothing is in flight", || {
        let (received, outcomes) = service.conserved();
        (received == outcomes.values().sum::<f64>()).then_some(outcomes)
    })
}

/// Stops a service in good order once nothing is in flight.
pub fn end_settled(mut service: Service) {
    settle(&mut service);
    assert!(service.stop().success());
}

/// Numbers that a seed decides (SplitMix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below the limit.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }
}
