//! Deduplication from files to files: what never enters the index, and what records and duplicate events say of copies.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "the tests of the service use the rest")]
mod support {
    pub mod articles;
    pub mod service;
}

use serde_json::{Value, json};
use support::articles::story;
use support::service::copydesk;

fn read(file: &std::path::Path) -> Vec<Value> {
    std::fs::read_to_string(file).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The service over these pages, from file to file: the folder with `out.jsonl` and what stands beside it.
fn run(pages: &[Value]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let lines: String = pages.iter().map(|page| format!("{page}\n")).collect();
    std::fs::write(folder.path().join("in.jsonl"), lines).unwrap();
    let output = copydesk()
        .args(["run", "--source", "file:in.jsonl", "--sink", "file:out.jsonl"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    folder
}

/// The same wall stands in front of every page of a site: were it claimed, the articles behind it would be its copies.
#[test]
fn consent_walls_error_pages_and_empty_bodies_establish_nothing() {
    let wall = include_str!("fixtures/article/wall.html");
    let plain_wall = include_str!("fixtures/article/wall_plain.txt");
    let empty = include_str!("fixtures/pages/menus-and-nothing-else/input.html");
    let error = format!("<html><body><h1>Not found</h1><p>{}</p></body></html>", story(50));
    let article = |number: usize| {
        format!("<html><body><article><h1>Edition {number}</h1><p>{}</p></article></body></html>", story(number))
    };
    let mut pages = Vec::new();
    for site in 0..3 {
        let url = |page: &str| format!("https://paper-{site}.example/{page}");
        pages.push(json!({"url": url("walled"), "html": wall}));
        pages.push(json!({"url": url("walled-text"), "text": plain_wall}));
        pages.push(json!({"url": url("empty"), "html": empty}));
        pages.push(json!({"url": url("blank"), "html": "<html><body> </body></html>"}));
        pages.push(json!({"url": url("gone"), "status": 404, "html": error}));
        pages.push(json!({"url": url("story"), "html": article(site)}));
        // The page behind the wall, once somebody has agreed.
        pages.push(json!({"url": url("walled"), "html": article(10 + site)}));
    }
    let folder = run(&pages);
    let path = |name: &str| folder.path().join(name);

    let records = read(&path("out.jsonl"));
    assert_eq!(records.len(), 6);
    assert!(records.iter().all(|record| record["event"] == "published" && record["revision"] == 1));
    let rejected = read(&path("out.rejected.jsonl"));
    assert_eq!(rejected.len(), 15);
    assert_eq!(read(&path("out.duplicates.jsonl")), Vec::<Value>::new());

    let export = copydesk().args(["index", "export"]).arg(path("out.index")).output().unwrap();
    let claims: Vec<Value> =
        String::from_utf8(export.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(claims.len(), 6, "one claim an article");
    assert!(claims.iter().all(|claim| claim["verdict"] == "unique" && claim["sketch"].is_string()), "{claims:?}");
}

/// "Also published by" is built from these fields, and from nothing else.
#[test]
fn records_and_duplicate_events_say_what_is_a_copy_of_what_and_how_it_was_found() {
    let page = |url: &str, title: &str, published: &str, paragraphs: &[String]| {
        let body: String = paragraphs.iter().map(|text| format!("<p>{text}</p>")).collect();
        json!({"url": url, "html": format!(
            "<html><head><title>{title}</title><meta property=\"article:published_time\" content=\"{published}\"></head>\
             <body><article><h1>{title}</h1>{body}</article></body></html>"
        )})
    };
    let paragraphs = |number: usize| -> Vec<String> { story(number).split("\n\n").map(str::to_owned).collect() };
    let (first, other) = (long(1), long(2));
    let cut = first.get(..first.len() * 8 / 10).unwrap();
    // Another article with some paragraphs of the first behind its own: more than chance, and no copy.
    let mixed: Vec<String> = other.iter().take(15).chain(first.iter().skip(3).take(6)).cloned().collect();
    let pages = [
        page("https://first.example.org/story", "The council votes on the bridge", "2026-03-01T08:00:00Z", &first),
        page("https://second.example.net/other", "Bridge vote in the council", "2026-03-01T09:30:00Z", cut),
        page("https://third.example.com/again", "Another headline for the same", "2026-03-01T10:00:00Z", &first),
        page("https://fourth.example.info/mixed", "A walk along the river", "2026-03-02T10:00:00Z", &mixed),
        page("https://fifth.example.org/unlike", "Nothing to do with it", "2026-03-02T11:00:00Z", &paragraphs(50)),
    ];
    let folder = run(&pages);
    let path = |name: &str| folder.path().join(name);

    let records = read(&path("out.jsonl"));
    assert_eq!(records.len(), 3, "{records:#?}");
    let id = &records[0]["id"];
    for record in &records {
        let dedup = &record["dedup"];
        assert_eq!(
            (&dedup["verdict"], &dedup["cluster_id"]),
            (&json!("unique"), &record["id"]),
            "the first of its own"
        );
        assert_eq!((&dedup["of"], &dedup["similarity"], &dedup["method"]), (&Value::Null, &Value::Null, &Value::Null));
    }
    assert_eq!(records[0]["dedup"].get("related"), None);
    assert_eq!(records[1]["dedup"]["related"], json!([id]), "{:#}", records[1]["dedup"]);
    assert_eq!(records[2]["dedup"].get("related"), None);

    let events = read(&path("out.duplicates.jsonl"));
    assert_eq!(events.len(), 2, "{events:#?}");
    let [near, exact] = &events[..] else { panic!("{events:?}") };
    for (event, url, domain, published, verdict, method) in [
        (near, "https://second.example.net/other", "example.net", "2026-03-01T09:30:00Z", "near", "near_text"),
        (exact, "https://third.example.com/again", "example.com", "2026-03-01T10:00:00Z", "exact", "equal_text"),
    ] {
        assert_eq!((&event["of"], &event["cluster_id"]), (id, id));
        assert_ne!(&event["id"], id);
        assert_eq!((&event["url"], &event["publisher"]["domain"]), (&json!(url), &json!(domain)), "{event:#}");
        assert_eq!(event["published_at"], published);
        assert_eq!((&event["verdict"], &event["method"]), (&json!(verdict), &json!(method)));
    }
    let number = |event: &Value, field: &str| event[field].as_f64().unwrap();
    assert!((0.65..=1.0).contains(&number(near, "similarity")), "{near:#}");
    assert!((0.0..0.3).contains(&number(near, "change")), "{near:#}");
    assert_eq!((number(exact, "similarity"), number(exact, "change")), (1.0, 0.0));
    let schema = jsonschema::validator_for(&copydesk::record::duplicate_schema()).unwrap();
    for event in &events {
        let errors: Vec<String> = schema.iter_errors(event).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?} in {event:#}");
    }

    // The same in a record, where copies are published with their verdict.
    let output = copydesk()
        .args(["run", "--source", "file:in.jsonl", "--sink", "file:all.jsonl", "--set", "dedup.mode=annotate"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let records = read(&path("all.jsonl"));
    assert_eq!(records.len(), 5);
    for (record, event) in records[1..3].iter().zip(&events) {
        for field in ["of", "cluster_id", "similarity", "method", "verdict"] {
            assert_eq!(record["dedup"][field], event[field], "{field}");
        }
        assert_eq!(record["id"], event["id"]);
    }
}

/// Ten paragraphs that no other number has.
fn long(number: usize) -> Vec<String> {
    (0..5).flat_map(|part| story(number * 1_000 + part).split("\n\n").map(str::to_owned).collect::<Vec<_>>()).collect()
}
