//! The service against a real Apache Kafka.
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

use std::collections::{BTreeMap, BTreeSet};

use support::articles::{corpus, envelope, pages, story};
use support::desk::{Desk, PARTITIONS, json, origin};
use support::kafka::{Record, eventually, shared};
use support::service::{PATIENCE, Service};

fn header<'r>(record: &'r Record, name: &str) -> &'r str {
    let (_, value) = record.headers.iter().find(|(key, _)| key == name).unwrap();
    std::str::from_utf8(value.as_deref().unwrap()).unwrap()
}

/// (partition, offset) of a delivery.
type At = (i64, i64);

/// The outcomes of all deliveries as a reader sees them, and the (id, revision) pairs; fails where one comes twice.
fn outcomes(desk: &Desk<'_>) -> (BTreeMap<At, &'static str>, BTreeSet<(String, i64)>) {
    let mut outcomes = BTreeMap::new();
    let mut revisions = BTreeSet::new();
    let mut add = |at, what| assert_eq!(outcomes.insert(at, what), None, "two outcomes of {at:?}");
    for record in desk.read("records") {
        let value = json(&record);
        add(origin(&value), "published");
        let revision = (value["id"].as_str().unwrap().to_owned(), value["revision"].as_i64().unwrap());
        assert_eq!(record.key.as_deref(), Some(revision.0.as_bytes()));
        assert!(revisions.insert(revision.clone()), "{revision:?} twice");
    }
    for letter in desk.read("dead-letters") {
        add(
            (
                header(&letter, "x-original-partition").parse().unwrap(),
                header(&letter, "x-original-offset").parse().unwrap(),
            ),
            "rejected",
        );
    }
    (outcomes, revisions)
}

#[test]
fn ten_thousand_pages_survive_a_kill_and_a_member_that_comes_and_goes() {
    const PAYLOADS: usize = 10_000;
    let Some(broker) = shared() else { return };
    let Some(corpus) = corpus() else { return };
    let mut base = Vec::new();
    for set in ["wcxb_art", "andy", "scrapinghub", "trafsnip"] {
        base.extend(pages(&corpus, set, 60_000));
    }
    assert!(base.len() >= 50, "{} small pages", base.len());
    let desk = Desk::new(broker, &[("dedup.mode", "annotate"), ("batch.max_records", "200")]);
    // Every repetition of a page is on one partition: what a key by article would do.
    let payloads: Vec<(i32, Vec<u8>)> = (0..PAYLOADS)
        .map(|n| {
            let page = &base[n % base.len()];
            let glue = if page.url.contains('?') { '&' } else { '?' };
            let url = format!("{}{glue}copy={}", page.url, n / base.len());
            let payload = serde_json::json!({"v": 1, "id": n.to_string(), "url": url, "html": page.html});
            (i32::try_from(n % base.len()).unwrap() % PARTITIONS, payload.to_string().into_bytes())
        })
        .collect();
    desk.produce(&payloads);

    let mut first = desk.start("one");
    desk.wait_for_commits(&mut [&mut first], PAYLOADS / 5);
    first.conserved();
    first.kill();

    let mut first = desk.start("one");
    let mut second = desk.start("two");
    eventually_conserved(&mut second, "the second member takes part", |received| received > 100.0);
    desk.wait_for_commits(&mut [&mut first, &mut second], PAYLOADS / 2);
    second.conserved();
    let status = second.stop();
    assert!(status.success(), "{status}");

    desk.wait_for_commits(&mut [&mut first], PAYLOADS);
    let (received, outcomes_of_first) = eventually_settled(&mut first);
    assert_eq!(received, outcomes_of_first.values().sum::<f64>());
    assert!(first.stop().success());

    let (outcomes, revisions) = outcomes(&desk);
    let mut expected = BTreeMap::<i64, i64>::new();
    payloads.iter().for_each(|(partition, _)| *expected.entry(i64::from(*partition)).or_default() += 1);
    let all: BTreeSet<(i64, i64)> = expected.iter().flat_map(|(p, n)| (0..*n).map(|offset| (*p, offset))).collect();
    assert_eq!(outcomes.keys().copied().collect::<BTreeSet<_>>(), all, "every payload has an outcome");
    assert!(revisions.len() > PAYLOADS / 2, "{} records", revisions.len());
    for (id, revision) in &revisions {
        assert!(
            *revision == 1 || revisions.contains(&(id.clone(), revision - 1)),
            "{id} has no revision {}",
            revision - 1
        );
    }
}

fn eventually_conserved(service: &mut Service, what: &str, mut is_there: impl FnMut(f64) -> bool) {
    let until = std::time::Instant::now() + PATIENCE;
    while !is_there(service.conserved().0) {
        assert!(std::time::Instant::now() < until, "{what}:\n{}", service.log());
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

/// The last answer of a commit may lag the offsets that others see.
fn eventually_settled(service: &mut Service) -> (f64, BTreeMap<String, f64>) {
    eventually("nothing is in flight", || {
        let (received, outcomes) = service.conserved();
        (received == outcomes.values().sum::<f64>()).then_some((received, outcomes))
    })
}

#[test]
fn an_enforced_run_suppresses_exactly_what_was_computed_beforehand() {
    let Some(broker) = shared() else { return };
    let desk = Desk::new(broker, &[("batch.max_records", "7")]);
    let mut payloads: Vec<(i32, Vec<u8>)> = Vec::new();
    let mut offsets = [0i64; 4];
    let mut expected: BTreeMap<(i64, i64), (&str, i64)> = BTreeMap::new();
    let mut add = |n: usize, url: String, text: String, outcome: &'static str, revision: i64| {
        let partition = i32::try_from(n).unwrap() % PARTITIONS;
        let offset = &mut offsets[usize::try_from(partition).unwrap()];
        expected.insert((i64::from(partition), *offset), (outcome, revision));
        *offset += 1;
        payloads.push((partition, envelope(&url, &text)));
    };
    for n in 0..120 {
        let url = format!("https://paper{}.example.org/story-{n}", n % 9);
        add(n, url.clone(), story(n), "unique", 1);
        if n % 3 == 0 {
            add(n, format!("https://wire.example.com/{n}"), story(n).to_uppercase(), "exact", 0);
        }
        if n % 4 == 0 {
            add(n, format!("{url}?utm_source=feed"), story(n), "unchanged", 1);
        }
        if n % 5 == 0 {
            add(
                n,
                url.clone(),
                format!("{}\n\nThe editors added one more paragraph to edition {n} in the evening.", story(n)),
                "revision",
                2,
            );
            add(
                n,
                format!("{url}#top"),
                format!("{}\n\nThe editors added one more paragraph to edition {n} in the evening.", story(n)),
                "unchanged",
                2,
            );
        }
    }
    desk.produce(&payloads);
    let mut service = desk.start("one");
    desk.wait_for_commits(&mut [&mut service], payloads.len());
    let (_, counts) = eventually_settled(&mut service);
    let metrics = service.metrics();
    assert_eq!(service.get("/livez").0, 200);
    assert_eq!(service.get("/readyz").0, 200);
    assert!(service.stop().success());

    let published: BTreeMap<(i64, i64), (String, i64)> = desk
        .read("records")
        .iter()
        .map(json)
        .map(|value| {
            (
                origin(&value),
                (value["dedup"]["verdict"].as_str().unwrap().to_owned(), value["revision"].as_i64().unwrap()),
            )
        })
        .collect();
    let to_publish: BTreeMap<(i64, i64), (String, i64)> = expected
        .iter()
        .filter(|(_, (verdict, _))| matches!(*verdict, "unique" | "revision"))
        .map(|(at, (verdict, revision))| (*at, ((*verdict).to_owned(), *revision)))
        .collect();
    assert_eq!(published, to_publish);
    let copies: BTreeSet<(i64, i64)> = desk.read("duplicates").iter().map(json).map(|value| origin(&value)).collect();
    let to_copy: BTreeSet<(i64, i64)> =
        expected.iter().filter(|(_, (verdict, _))| *verdict == "exact").map(|(at, _)| *at).collect();
    assert_eq!(copies, to_copy);
    for verdict in ["unique", "revision", "unchanged", "exact"] {
        let count = expected.values().filter(|(expected, _)| *expected == verdict).count();
        assert_eq!(metrics[&format!("copydesk_verdicts_total{{verdict=\"{verdict}\"}}")], count as f64, "{verdict}");
    }
    assert_eq!(counts["suppressed"], (payloads.len() - to_publish.len()) as f64);
}

#[test]
fn rejected_payloads_reach_the_dead_letters_with_their_bytes_key_and_headers() {
    let Some(broker) = shared() else { return };
    let desk = Desk::new(broker, &[]);
    let junk = b"%PDF-1.7 \x00\xFF not an article".as_slice();
    let headers: &[(&str, &[u8])] = &[("crawler", b"bot/7"), ("binary", &[0, 255])];
    broker.produce(&desk.topic("raw"), 2, Some(b"https://example.org/report.pdf"), Some(junk), headers);
    broker.produce(&desk.topic("raw"), 2, Some(b"k"), None, &[]);
    let mut service = desk.start("one");
    desk.wait_for_commits(&mut [&mut service], 2);
    assert!(service.stop().success());

    let letters = desk.read("dead-letters");
    let pdf = letters.iter().find(|letter| letter.key.as_deref() == Some(b"https://example.org/report.pdf")).unwrap();
    assert_eq!(pdf.value.as_deref(), Some(junk));
    assert_eq!(
        pdf.headers[..2],
        [("crawler".to_owned(), Some(b"bot/7".to_vec())), ("binary".to_owned(), Some(vec![0, 255]))]
    );
    assert_eq!(header(pdf, "x-copydesk-error-reason"), "pdf");
    assert_eq!(header(pdf, "x-copydesk-error-stage"), "decode");
    assert_eq!(
        (header(pdf, "x-original-topic"), header(pdf, "x-original-partition"), header(pdf, "x-original-offset")),
        (desk.topic("raw").as_str(), "2", "0")
    );
    let null = letters.iter().find(|letter| letter.key.as_deref() == Some(b"k")).unwrap();
    assert_eq!((null.value.as_deref(), header(null, "x-copydesk-error-reason")), (None, "empty"));
    assert!(desk.read("records").is_empty());
}

#[test]
fn at_least_once_loses_nothing_when_killed() {
    let Some(broker) = shared() else { return };
    let desk = Desk::new(broker, &[("delivery.guarantee", "at_least_once"), ("batch.max_records", "20")]);
    let payloads: Vec<(i32, Vec<u8>)> = (0..1_500)
        .map(|n| {
            (i32::try_from(n).unwrap() % PARTITIONS, envelope(&format!("https://paper.example.org/{n}"), &story(n)))
        })
        .collect();
    desk.produce(&payloads);
    let mut service = desk.start("one");
    desk.wait_for_commits(&mut [&mut service], 300);
    service.kill();
    let mut service = desk.start("one");
    desk.wait_for_commits(&mut [&mut service], payloads.len());
    assert!(service.stop().success());

    // The same delivery may come twice, but never under another id or revision.
    let mut revisions: BTreeMap<(i64, i64), BTreeSet<(String, i64)>> = BTreeMap::new();
    for record in desk.read("records") {
        let value = json(&record);
        revisions
            .entry(origin(&value))
            .or_default()
            .insert((value["id"].as_str().unwrap().into(), value["revision"].as_i64().unwrap()));
    }
    assert_eq!(revisions.len(), payloads.len(), "every payload was published");
    assert!(
        revisions.values().all(|seen| seen.len() == 1 && seen.iter().all(|(_, revision)| *revision == 1)),
        "{revisions:?}"
    );
}

#[test]
fn a_deliberate_rewind_is_replayed_not_published_again() {
    let Some(broker) = shared() else { return };
    let desk = Desk::new(broker, &[]);
    let payloads: Vec<(i32, Vec<u8>)> =
        (0..40).map(|n| (0, envelope(&format!("https://paper.example.org/{n}"), &story(n)))).collect();
    desk.produce(&payloads);
    let mut service = desk.start("one");
    desk.wait_for_commits(&mut [&mut service], payloads.len());
    assert!(service.stop().success());
    broker.commit(&desk.name, &desk.topic("raw"), &[(0, 0)]);
    assert_eq!(desk.committed(), 0);

    // Another folder: the claims come back from the changelog alone.
    let mut service = desk.start("two");
    desk.wait_for_commits(&mut [&mut service], payloads.len());
    eventually_settled(&mut service);
    assert_eq!(service.metrics()["copydesk_verdicts_total{verdict=\"replayed\"}"], 40.0);
    assert!(service.stop().success());
    assert_eq!(desk.read("records").len(), 40);
}

#[test]
fn topics_that_do_not_fit_are_named_and_the_service_does_not_start() {
    let Some(broker) = shared() else { return };
    let desk = Desk::new(broker, &[]);
    assert!(desk.command(&["topics", "check"]).status.success());
    let checked = desk.command(&["config", "check", "--broker"]);
    assert!(String::from_utf8_lossy(&checked.stdout).contains("topics are as copydesk needs them"), "{checked:?}");
    let missing = Desk {
        settings: [desk.settings.clone(), vec![("topics.records".into(), desk.topic("nowhere"))]].concat(),
        folder: tempfile::tempdir().unwrap(),
        name: desk.name.clone(),
        broker,
    };
    let checked = missing.command(&["topics", "check"]);
    assert_eq!(checked.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&checked.stdout).contains(&desk.topic("nowhere")));
    assert_eq!(missing.command(&["config", "check"]).status.code(), Some(0), "nobody was asked");
    assert_eq!(missing.command(&["config", "check", "--broker"]).status.code(), Some(3));
    let mut service = missing.start("one");
    eventually("the service refuses to start", || (!service.is_running()).then_some(()));
    assert!(service.log().contains(&desk.topic("nowhere")), "{}", service.log());
}

/// The first fenced block of README.md that begins with this.
fn readme_block(begins: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let (_, rest) = readme.split_once(&format!("\n```{begins}")).unwrap();
    let (block, _) = rest.split_once("\n```\n").unwrap();
    format!("{}{block}", begins.split_once('\n').unwrap().1)
}

/// Runs a command of README.md against these topics.
fn shell(desk: &Desk<'_>, command: &str) -> String {
    let command = command
        .replace("127.0.0.1:9092", &desk.broker.bootstrap())
        .replace("copydesk.raw", &desk.topic("raw"))
        .replace("copydesk.records", &desk.topic("records"))
        .replace("copydesk.dead-letters", &desk.topic("dead-letters"));
    let output = std::process::Command::new("bash").args(["-o", "pipefail", "-c", &command]).output().unwrap();
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn kcat_shows_a_record_and_a_dead_letter_as_the_readme_does() {
    let Some(broker) = shared() else { return };
    let desk = Desk::new(broker, &[]);
    shell(&desk, &readme_block("sh\necho '{"));
    let letters = readme_block("sh\nprintf");
    let (send, read) = letters.split_once("\nkcat -C").unwrap();
    shell(&desk, send);
    let mut service = desk.start("one");
    desk.wait_for_commits(&mut [&mut service], 2);
    assert!(service.stop().success());

    let shown = shell(&desk, &readme_block("sh\nkcat -C"));
    let (key, value) = shown.split_once('\n').unwrap();
    // What differs from run to run.
    let without_place = |text: &str| {
        let mut record: serde_json::Value = serde_json::from_str(text).unwrap();
        let fields = record.as_object_mut().unwrap();
        assert!(fields.remove("processed_at").is_some_and(|at| at.as_str().unwrap().ends_with('Z')));
        let source = fields["source"].as_object_mut().unwrap();
        assert!(["topic", "partition", "offset", "event_time"].iter().all(|place| source.remove(*place).is_some()));
        record
    };
    let (record, promised) = (without_place(value.trim()), without_place(&readme_block("json\n{")));
    assert_eq!(record, promised);
    assert_eq!(record["id"], key);

    let shown = shell(&desk, &format!("kcat -C{read}"));
    let promised = readme_block("\nhttps://news.example.org/report.pdf");
    let without_values = |text: &str| -> Vec<String> {
        let lines: Vec<&str> = text.trim().lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        let names = lines[1].split(',').map(|header| header.split('=').next().unwrap().to_owned());
        [lines[0].to_owned(), lines[2].to_owned()].into_iter().chain(names).collect()
    };
    assert_eq!(without_values(&shown), without_values(&promised));
}
