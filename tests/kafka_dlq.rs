//! Dead letters looked at and sent back, on a real Apache Kafka.
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
use std::process::Command;

use serde_json::Value;
use support::articles::{envelope, story};
use support::desk::{Desk, json};
use support::kafka::{Record, eventually, shared};
use support::service::{PROGRAM, Service};

const LONG: [&str; 2] = ["https://www.example.org/first", "https://example.com/second"];
const PDF: &str = "https://example.net/report.pdf";

/// What a command printed, which must have succeeded.
fn said(desk: &Desk<'_>, arguments: &[&str]) -> String {
    let output = desk.command(arguments);
    let text = String::from_utf8([output.stdout.clone(), output.stderr].concat()).unwrap();
    assert!(output.status.success(), "{arguments:?}: {text}");
    String::from_utf8(output.stdout).unwrap()
}

/// What `copydesk dlq` with these arguments shows on a terminal.
fn on_a_terminal(desk: &Desk<'_>, arguments: &str) -> String {
    let settings: Vec<String> = desk.settings.iter().map(|(key, value)| format!("--set {key}={value}")).collect();
    let line = format!("{PROGRAM} dlq {arguments} {}", settings.join(" "));
    let shown = Command::new("script").args(["--quiet", "--return", "--command", &line, "/dev/null"]).output().unwrap();
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.status.success(), "{text}");
    text
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Letters by reason, as `ls` counts them.
fn counts(desk: &Desk<'_>) -> BTreeMap<String, u64> {
    let rows = lines(&said(desk, &["dlq", "ls", "--json"]));
    rows.iter().map(|row| (row["reason"].as_str().unwrap().to_owned(), row["count"].as_u64().unwrap())).collect()
}

fn values<'a>(record: &'a Record, name: &str) -> Vec<&'a str> {
    let headers = record.headers.iter().filter(|(found, _)| found == name);
    headers.map(|(_, value)| std::str::from_utf8(value.as_deref().unwrap()).unwrap()).collect()
}

fn set(desk: &mut Desk<'_>, key: &str, value: &str) {
    desk.settings.retain(|(set, _)| set != key);
    desk.settings.push((key.to_owned(), value.to_owned()));
}

/// Two pages that are too long for the service, a PDF, nothing at all, and an article.
fn rejected(desk: &Desk<'_>) -> Vec<Vec<u8>> {
    let raw = desk.topic("raw");
    let long: Vec<Vec<u8>> = (0..2)
        .map(|n| envelope(LONG[n], &[story(3 * n + 1), story(3 * n + 2), story(3 * n + 3)].join("\n\n")))
        .collect();
    for (n, payload) in long.iter().enumerate() {
        assert!(payload.len() > 2048);
        desk.broker.produce(&raw, 1, Some(LONG[n].as_bytes()), Some(payload), &[("crawler", b"a"), ("crawler", b"b")]);
    }
    desk.broker.produce(&raw, 2, Some(PDF.as_bytes()), Some(b"%PDF-1.7 \xff\x00"), &[]);
    desk.broker.produce(&raw, 2, None, Some(b""), &[]);
    desk.broker.produce(&raw, 0, None, Some(&envelope("https://example.org/short", &story(50))), &[]);
    let mut service = desk.start("one");
    desk.wait_for_commits(&mut [&mut service], 5);
    let (_, outcomes) = service.conserved();
    assert_eq!((outcomes["rejected"], outcomes["published"]), (4.0, 1.0));
    assert!(service.stop().success());
    long
}

#[test]
fn letters_are_counted_and_shown_and_once_the_cause_is_mended_they_are_published_once() {
    let Some(broker) = shared() else { return };
    let mut desk = Desk::new(broker, &[("limits.payload_bytes", "2KiB")]);
    let long = rejected(&desk);
    let of = |counts: [(&str, u64); 3]| counts.map(|(reason, count)| (reason.to_owned(), count)).into();
    assert_eq!(counts(&desk), of([("too_large", 2), ("pdf", 1), ("empty", 1)]));
    let table = said(&desk, &["dlq", "ls"]);
    let silent = desk.command(&["dlq", "ls"]).stderr;
    assert!(!String::from_utf8_lossy(&silent).contains("letters read"), "progress is for terminals");
    // Offsets are counted, and some of them hold markers of transactions.
    let counted = on_a_terminal(&desk, "ls");
    assert!(counted.contains("of at most ") && counted.contains(" letters read"), "{counted}");
    assert!(table.contains("too_large            decode           2 ") && table.ends_with("4 letters\n"), "{table}");
    assert_eq!(lines(&said(&desk, &["dlq", "ls", "--each", "--json", "--stage", "extract"])), [] as [Value; 0]);

    let each = lines(&said(&desk, &["dlq", "ls", "--each", "--json", "--host", "example.org"]));
    assert_eq!(each.len(), 1, "{each:?}");
    assert_eq!((each[0]["key"].as_str(), each[0]["bytes"].as_u64()), (Some(LONG[0]), Some(long[0].len() as u64)));
    assert_eq!(each[0]["original"], format!("{}/1@0", desk.topic("raw")));
    let place = each[0]["letter"].as_str().unwrap();
    let shown = said(&desk, &["dlq", "show", place]);
    for part in
        ["x-copydesk-error-reason: too_large\n", "crawler: a\ncrawler: b\n", std::str::from_utf8(&long[0]).unwrap()]
    {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    assert_eq!(desk.command(&["dlq", "show", place, "--raw"]).stdout, long[0]);
    let none = desk.command(&["dlq", "show", "0@9999"]);
    assert_eq!(none.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&none.stderr).contains("no dead letter at 0@9999"));

    let raw = desk.read("raw");
    let dry = said(&desk, &["dlq", "replay", "--reason", "too_large", "--dry-run"]);
    assert!(dry.contains(&format!("would send {place} (too_large) to {}, retry 1", desk.topic("raw"))), "{dry}");
    assert!(dry.ends_with(&format!("2 letters would be sent back to {}\n", desk.topic("raw"))), "{dry}");
    assert_eq!(desk.read("raw"), raw, "a dry run sends nothing");

    let replayed = said(&desk, &["dlq", "replay", "--reason", "too_large", "--since", "1d"]);
    assert_eq!(replayed, format!("2 letters sent back to {}\n", desk.topic("raw")));
    let back: Vec<Record> = desk.read("raw").into_iter().filter(|record| !raw.contains(record)).collect();
    assert_eq!(back.len(), 2);
    for back in &back {
        let original = raw.iter().find(|record| record.key == back.key).unwrap();
        assert!(back.partition == 1 && back.value == original.value);
        assert_eq!(back.timestamp_ms, original.timestamp_ms, "the page is as old as it was");
        let own: Vec<_> = back.headers.iter().filter(|(name, _)| name == "crawler").cloned().collect();
        assert_eq!(own, original.headers);
        assert_eq!(values(back, "x-copydesk-retries"), ["1"]);
        assert_eq!(values(back, "x-copydesk-first-offset"), [original.offset.to_string()]);
        assert!(back.headers.iter().all(|(name, _)| !name.contains("error") && !name.contains("x-original")));
    }

    set(&mut desk, "limits.payload_bytes", "1MiB");
    let mut service = desk.start("one");
    desk.wait_for_commits(&mut [&mut service], 7);
    // Sent back once more by mistake: what is an article by now is no second one.
    let counted = on_a_terminal(&desk, "replay --reason too_large");
    assert!(counted.contains(" letters read"), "{counted}");
    assert!(counted.contains("of at most 2 letters sent back"), "{counted}");
    desk.wait_for_commits(&mut [&mut service], 9);
    assert!(service.stop().success());
    let mut urls: Vec<String> =
        desk.read("records").iter().map(|record| json(record)["url"].as_str().unwrap().to_owned()).collect();
    urls.sort_unstable();
    assert_eq!(urls, [LONG[1], "https://example.org/short", LONG[0]], "each once");
    assert_eq!(desk.read("dead-letters").len(), 4);
}

#[test]
fn a_letter_comes_back_as_often_as_is_allowed_and_never_into_our_own_topics() {
    let Some(broker) = shared() else { return };
    let desk = Desk::new(broker, &[("limits.payload_bytes", "2KiB")]);
    rejected(&desk);
    let mut service = desk.start("one");
    let replay = |most: &str| said(&desk, &["dlq", "replay", "--reason", "pdf", "--max-retries", most]);
    for (round, total) in [("1", 6), ("2", 7)] {
        let report = replay(round);
        assert!(report.starts_with("1 letters sent back to "), "one of each payload, not one of each letter: {report}");
        desk.wait_for_commits(&mut [&mut service], total);
    }
    let report = replay("2");
    assert!(report.starts_with("0 letters sent back\n"), "{report}");
    assert!(report.contains("2 letters left out: they were sent back before and rejected again"), "{report}");
    assert!(report.contains("1 letters left out: they were sent back --max-retries times"), "{report}");
    assert!(service.stop().success());

    let letters = desk.read("dead-letters");
    let last = letters.iter().find(|letter| values(letter, "x-copydesk-retries") == ["2"]).unwrap();
    assert_eq!(values(last, "x-copydesk-error-reason"), ["pdf"]);
    assert_eq!((values(last, "x-original-offset"), values(last, "x-copydesk-first-offset")), (vec!["3"], vec!["0"]));
    assert_eq!(last.value.as_deref(), Some(b"%PDF-1.7 \xff\x00".as_slice()));

    let raw = desk.read("raw").len();
    for (stream, code) in [("records", 2), ("dead-letters", 2), ("nowhere", 1)] {
        let refused = desk.command(&["dlq", "replay", "--to", &desk.topic(stream)]);
        assert_eq!(refused.status.code(), Some(code), "{refused:?}");
        assert!(String::from_utf8_lossy(&refused.stderr).contains(&desk.topic(stream)), "{refused:?}");
    }
    assert_eq!(desk.read("raw").len(), raw);
    let limited = said(&desk, &["dlq", "replay", "--limit", "1", "--to", &desk.topic("raw")]);
    assert!(limited.starts_with("1 letters sent back to "), "{limited}");
    assert_eq!(desk.read("raw").len(), raw + 1);
}

/// A deploy with a limit that is too low, over a topic of good pages.
#[test]
fn a_storm_pauses_the_service_and_once_the_cause_is_mended_every_page_is_published_once() {
    const PAGES: usize = 80;
    const RUN: usize = 20;
    const BATCH: usize = 5;
    let Some(broker) = shared() else { return };
    let run = RUN.to_string();
    let mut desk = Desk::new(
        broker,
        &[
            ("limits.payload_bytes", "500B"),
            ("dead_letters.storm_run", &run),
            ("batch.max_records", &BATCH.to_string()),
        ],
    );
    let page = |n: usize| (i32::try_from(n % 4).unwrap(), envelope(&format!("https://example.org/{n}"), &story(n)));
    desk.produce(&(0..PAGES).map(page).collect::<Vec<_>>());

    let mut service = desk.start("one");
    let asked = |service: &mut Service| Some(service.get("/readyz")).filter(|(_, text)| text.contains("storm"));
    let (status, text) = eventually("the storm", || asked(&mut service));
    assert_eq!(status, 503);
    assert!(
        text.contains("dead-letter storm: 20 of the last 20 payloads were rejected, most of them as too_large"),
        "{text}"
    );
    // It stays so: a member that is alive, with its partitions, and reads nothing more.
    eventually("nothing is in flight", || (service.metrics()["copydesk_in_flight_deliveries"] == 0.0).then_some(()));
    let (_, outcomes) = service.conserved();
    let letters = outcomes["rejected"] as usize;
    assert!((RUN..RUN + 2 * BATCH).contains(&letters), "the batch that brought it, and the open one: {outcomes:?}");
    desk.produce(&[page(PAGES)]);
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert_eq!(asked(&mut service).map(|(status, _)| status), Some(503));
    assert_eq!(service.get("/livez").0, 200);
    let metrics = service.metrics();
    assert_eq!((metrics["copydesk_dead_letter_storm"], metrics["copydesk_assigned_partitions"]), (1.0, 4.0));
    assert_eq!(service.conserved().1["rejected"], letters as f64);
    assert_eq!(service.log().matches("dead_letters.storm_ratio=0").count(), 1, "said once:\n{}", service.log());
    assert_eq!(desk.read("dead-letters").len(), letters);
    assert_eq!(desk.committed(), i64::try_from(letters).unwrap(), "what is not committed is read again");
    assert!(service.stop().success());

    set(&mut desk, "limits.payload_bytes", "1MiB");
    let mut service = desk.start("one");
    desk.wait_for_commits(&mut [&mut service], PAGES + 1);
    said(&desk, &["dlq", "replay", "--reason", "too_large"]);
    desk.wait_for_commits(&mut [&mut service], PAGES + 1 + letters);
    assert_eq!(service.metrics()["copydesk_dead_letter_storm"], 0.0);
    assert!(service.stop().success());
    let mut urls: Vec<String> =
        desk.read("records").iter().map(|record| json(record)["url"].as_str().unwrap().to_owned()).collect();
    assert_eq!(urls.len(), PAGES + 1);
    urls.sort_unstable();
    urls.dedup();
    assert_eq!(urls.len(), PAGES + 1, "each once");
}
