//! Articles taken back, on a real Apache Kafka.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod support {
    pub mod articles;
    pub mod desk;
    pub mod kafka;
    pub mod service;
}

use std::collections::BTreeMap;

use support::articles::{envelope, story};
use support::desk::{Desk, json};
use support::kafka::{Record, shared};

const FIRST: &str = "https://a.example.org/first";
const SECOND: &str = "https://b.example.org/second";

/// What each article's key saw: event and revision, or none for a tombstone.
fn by_article(records: &[Record]) -> BTreeMap<String, Vec<Option<(String, i64)>>> {
    let mut articles = BTreeMap::<String, Vec<_>>::new();
    for record in records {
        let seen = record.value.as_ref().map(|_| {
            let value = json(record);
            (value["event"].as_str().unwrap().to_owned(), value["revision"].as_i64().unwrap())
        });
        articles.entry(String::from_utf8(record.key.clone().unwrap()).unwrap()).or_default().push(seen);
    }
    articles
}

/// Two articles, taken back by the command and by a null value, one of them published again.
fn take_back(desk: &Desk<'_>) -> BTreeMap<String, Vec<Option<(String, i64)>>> {
    let raw = desk.topic("raw");
    let mut service = desk.start("one");
    desk.produce(&[(0, envelope(FIRST, &story(1))), (1, envelope(SECOND, &story(2)))]);
    desk.wait_for_commits(&mut [&mut service], 2);
    let asked = desk.command(&["retract", FIRST]);
    let said = String::from_utf8_lossy(&[asked.stdout, asked.stderr].concat()).into_owned();
    assert!(asked.status.success() && said.contains(&format!("retraction of {FIRST} stands at {raw}/")), "{said}");
    desk.broker.produce(&raw, 1, Some(SECOND.as_bytes()), None, &[]);
    desk.broker.produce(&raw, 2, Some(b"https://c.example.org/unknown"), None, &[]);
    desk.wait_for_commits(&mut [&mut service], 5);
    // Event times are the broker's: this page is newer than its retraction.
    desk.produce(&[(1, envelope(SECOND, &story(2)))]);
    desk.wait_for_commits(&mut [&mut service], 6);
    let metrics = service.metrics();
    let retractions = |result: &str| metrics[&format!("copydesk_retractions_total{{result=\"{result}\"}}")];
    assert_eq!((retractions("published"), retractions("unknown")), (2.0, 1.0));
    let (_, outcomes) = service.conserved();
    assert_eq!((outcomes["published"], outcomes["retracted"]), (3.0, 3.0));
    assert!(service.stop().success());
    assert_eq!(desk.read("dead-letters"), []);
    by_article(&desk.broker.read_committed(&desk.settings.iter().find(|(key, _)| key == "topics.records").unwrap().1))
}

fn events(articles: BTreeMap<String, Vec<Option<(String, i64)>>>) -> Vec<Vec<Option<(String, i64)>>> {
    let mut events: Vec<_> = articles.into_values().collect();
    events.sort_by_key(Vec::len);
    events
}

fn event(name: &str, revision: i64) -> Option<(String, i64)> {
    Some((name.to_owned(), revision))
}

#[test]
fn an_article_that_is_taken_back_is_said_so_and_its_key_ends_where_the_topic_is_compacted() {
    let Some(broker) = shared() else { return };
    let mut desk = Desk::new(broker, &[]);
    let compacted = desk.topic("compacted");
    broker.create_topic(&compacted, 1, &[("cleanup.policy", "compact"), ("max.message.bytes", "10000000")]);
    desk.settings.iter_mut().find(|(key, _)| key == "topics.records").unwrap().1 = compacted;
    assert_eq!(
        events(take_back(&desk)),
        [
            vec![event("published", 1), event("retracted", 2), None],
            vec![event("published", 1), event("retracted", 2), None, event("revised", 3)],
        ]
    );
}

#[test]
fn no_tombstone_goes_to_a_topic_that_keeps_every_record() {
    let Some(broker) = shared() else { return };
    let desk = Desk::new(broker, &[]);
    assert_eq!(
        events(take_back(&desk)),
        [
            vec![event("published", 1), event("retracted", 2)],
            vec![event("published", 1), event("retracted", 2), event("revised", 3)],
        ]
    );
}
