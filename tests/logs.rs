//! What the service logs: no payload, no secret, no flood.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod support {
    pub mod articles;
    pub mod service;
}

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};
use support::articles::story;
use support::service::{Service, copydesk};

/// Stands for everything that must not be seen.
const MARKER: &str = "zq7-hidden-zq7";

/// Payloads that are published, suppressed and rejected in every way, each with the marker in all its parts.
fn payloads() -> Vec<String> {
    let url = |n: usize| format!("https://{MARKER}:{MARKER}@news.example.org/{MARKER}/{n}?token={MARKER}");
    let text = format!("{}\n\n{MARKER} {}", story(1), story(2));
    let page = format!(
        "<html><head><title>{MARKER}</title><meta name=author content={MARKER}></head><body><nav>{MARKER}</nav>\
         <article><h1>{MARKER}</h1><p>{text}</p><b><p></b><table><p>{MARKER}</article></body></html>"
    );
    let deep = format!("<p>{MARKER}{}", "<div>".repeat(2_000));
    let mut payloads = vec![
        json!({"url": url(1), "html": page, "id": MARKER}).to_string(),
        json!({"url": url(1), "html": page}).to_string(),
        json!({"url": url(2), "title": MARKER, "text": text, "published": MARKER, "language": MARKER}).to_string(),
        json!({"url": url(3), "html": deep}).to_string(),
        json!({"url": url(4), "html_base64": format!("%%{MARKER}")}).to_string(),
        json!({"url": url(5), "html": "<p>", "encoding": MARKER}).to_string(),
        json!({"url": url(6), "nothing": MARKER}).to_string(),
        format!("{{\"url\": \"{}\", \"{MARKER}", url(7)),
        format!("{{\"url\": {MARKER}}}"),
        format!("%PDF-1.7 {MARKER}"),
        json!({"op": "retract", "url": url(1)}).to_string(),
        json!({"op": "retract", "id": MARKER}).to_string(),
        json!({"op": MARKER, "url": url(8)}).to_string(),
        json!({"specversion": "1.0", "id": MARKER, "source": MARKER, "type": MARKER, "data": {"x": MARKER}})
            .to_string(),
        format!("{{\"html\": {}\"{MARKER}\"{}}}", "[".repeat(500), "]".repeat(500)),
    ];
    // A flood of one reason.
    payloads.extend((0..500).map(|n| json!({"url": url(n), "nothing": MARKER}).to_string()));
    payloads
}

/// The log of a run over the payloads, by its format and filter.
fn log_of(format: &str, filter: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("pages.jsonl");
    std::fs::write(&input, payloads().join("\n")).unwrap();
    let mut command = copydesk();
    command.args(["run", "--source", &format!("file:{}", input.display())]);
    command.args(["--sink", &format!("file:{}", folder.path().join("articles.jsonl").display())]);
    for (key, value) in [
        ("telemetry.log_format", format),
        ("telemetry.log_filter", filter),
        ("telemetry.listen", "127.0.0.1:0"),
        ("kafka.properties.sasl.password", MARKER),
    ] {
        command.args(["--set", &format!("{key}={value}")]);
    }
    let output = command.output().unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{log}");
    let records = std::fs::read_to_string(folder.path().join("articles.jsonl")).unwrap();
    assert!(records.contains(MARKER), "the marker was there to be seen:\n{records}");
    log
}

#[test]
fn no_log_holds_a_payload_a_url_or_a_secret() {
    for format in ["json", "human"] {
        for filter in ["copydesk=debug", "trace"] {
            let log = log_of(format, filter);
            assert!(log.contains("payload rejected"), "{log}");
            let leak = log.lines().find(|line| line.to_lowercase().contains(MARKER));
            assert_eq!(leak, None, "{format} {filter}");
        }
    }
}

#[test]
fn a_flood_of_rejections_is_ten_lines_and_a_count() {
    let log = log_of("json", "info");
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let about = |message: &str| -> Vec<&Value> {
        lines.iter().filter(|line| line["message"] == message && line["reason"] == "no_content_field").collect()
    };
    let rejected = about("payload rejected");
    assert_eq!(rejected.len(), 10, "{log}");
    for line in &rejected {
        assert!(line["delivery"].as_str().unwrap().contains("pages.jsonl/0@"), "{line}");
        for field in ["timestamp", "level", "target", "error"] {
            assert!(!line[field].as_str().unwrap().is_empty(), "{line}");
        }
    }
    let summary = about("further payloads of the last minute, not logged one by one");
    assert_eq!(summary.len(), 1, "{log}");
    assert_eq!(summary[0]["left_out"], 493, "503 in all");
}

#[test]
fn a_client_of_brokers_that_are_away_tells_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let services = ["json", "human"].map(|format| {
        let settings = [
            ("kafka.bootstrap_servers", "127.0.0.1:1"),
            ("kafka.instance", "one"),
            ("kafka.properties.security.protocol", "SASL_PLAINTEXT"),
            ("kafka.properties.sasl.mechanism", "PLAIN"),
            ("kafka.properties.sasl.username", "reader"),
            ("kafka.properties.sasl.password", MARKER),
            ("telemetry.log_filter", "trace"),
            ("telemetry.log_format", format),
        ];
        let settings = settings.map(|(key, value)| (key.to_owned(), value.to_owned()));
        Service::start(folder.path(), format, &settings)
    });
    for mut service in services {
        service.wait_for("a failed attempt", |log| log.contains("BrokerTransportFailure").then_some(()));
        assert_eq!(service.get("/readyz"), (503, "not ready: no partitions are assigned yet\n".to_owned()));
        assert_eq!(service.get("/startupz").0, 503);
        assert_eq!(service.get("/livez").0, 200, "brokers that are away are no reason to start again");
        let log = service.log();
        assert!(service.stop().success());
        assert!(!log.contains(MARKER), "{log}");
    }
}

#[test]
fn a_program_reads_why_a_run_failed_from_the_last_line() {
    let mut command = copydesk();
    command.args(["run", "--source", "stdin", "--sink", "file:/nowhere/articles.jsonl"]);
    command.args(["--set", "telemetry.log_format=json"]).stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().flush().unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let log = String::from_utf8(output.stderr).unwrap();
    let last: Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    assert_eq!(last["level"], "ERROR");
    assert!(last["error"].as_str().unwrap().contains("/nowhere/articles"), "{log}");
}
