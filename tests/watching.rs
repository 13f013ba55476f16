//! The service as it is watched, and as it is asked to stop.
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

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Output};
use std::time::{Duration, Instant};

use serde_json::Value;
use support::articles::{envelope, story};
use support::service::{PATIENCE, Service, copydesk};

/// Their records are far more than a pipe holds.
const PAYLOADS: usize = 400;

/// A service whose sink is stuck, because nobody reads its output, with everything read and much of it in flight.
fn stuck(folder: &Path, settings: &[&str]) -> (Service, ChildStdin, ChildStdout) {
    // A drain may take as long as the session, which is nothing to a run without a group.
    let base = ["batch.max_records=10", "telemetry.log_format=json", "kafka.session_timeout=10m"];
    let settings = [&base[..], settings].concat();
    let (mut service, mut input, output) = Service::start_on_pipes(folder, "stuck", &settings);
    for n in 0..PAYLOADS {
        input.write_all(&envelope(&format!("https://news.example.org/{n}"), &story(n))).unwrap();
        input.write_all(b"\n").unwrap();
    }
    eventually("everything is read", || service.conserved().0 == PAYLOADS as f64);
    assert!(service.metrics()["copydesk_in_flight_deliveries"] > 100.0);
    (service, input, output)
}

fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < until, "not so: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn healthcheck(arguments: &[&str]) -> Output {
    copydesk().arg("healthcheck").args(arguments).output().unwrap()
}

/// The number in the last line of a JSON log that has this field.
fn logged(log: &str, field: &str) -> usize {
    let mut values = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).unwrap()[field].as_u64());
    usize::try_from(values.next_back().unwrap()).unwrap()
}

#[test]
fn metrics_and_health_are_served_and_listed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut service, input, output) = Service::start_on_pipes(folder.path(), "pages", &[]);
    eventually("it is ready", || service.get("/readyz") == (200, "ready\n".to_owned()));
    assert_eq!(service.get("/livez"), (200, "alive\n".to_owned()));
    assert_eq!(service.get("/startupz"), (200, "started\n".to_owned()));
    assert_eq!(service.get("/elsewhere").0, 404);
    let (status, list) = service.get("/");
    assert_eq!(status, 200);
    for page in ["/metrics", "/livez", "/readyz", "/startupz", "/version"] {
        assert!(list.contains(page), "{list}");
        assert_eq!(service.get(page).0, 200);
    }
    let version: Value = serde_json::from_str(&service.get("/version").1).unwrap();
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
    assert!(version["librdkafka"].as_str().unwrap().starts_with("2."), "{version}");
    let labels = |name: &str| format!("{name}=\"{}\"", version[name].as_str().unwrap());
    let metrics = service.metrics();
    let build = metrics.keys().find(|series| series.starts_with("copydesk_build_info")).unwrap();
    for name in ["version", "revision", "librdkafka", "rules"] {
        assert!(build.contains(&labels(name)), "{build}");
    }
    drop((input, output));
    assert!(service.exit().success(), "{}", service.log());
}

#[test]
fn a_healthcheck_asks_the_service_and_tells_by_its_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let (mut service, input, output) = Service::start_on_pipes(folder.path(), "asked", &[]);
    let address = service.address();
    eventually("it is ready", || service.get("/readyz").0 == 200);
    let ready = healthcheck(&["--set", &format!("telemetry.listen={address}")]);
    assert_eq!((ready.status.code(), ready.stdout.as_slice()), (Some(0), &b"ready\n"[..]), "{ready:?}");
    assert_eq!(healthcheck(&["--url", &format!("http://{address}/livez")]).status.code(), Some(0));
    drop((input, output));
    service.exit();
    for (arguments, word) in [
        (vec!["--url".to_owned(), format!("http://{address}/elsewhere")], "refused"),
        (vec!["--url".into(), "https://127.0.0.1:1/readyz".into()], "http://127.0.0.1:9600/readyz"),
        (vec![], "telemetry.listen"),
    ] {
        let refused = healthcheck(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let said = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains(word), "{arguments:?}: {said}");
    }
}

#[test]
fn a_signal_makes_it_unready_and_what_has_a_verdict_is_still_committed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut service, input, output) = stuck(folder.path(), &["shutdown.grace=120s"]);
    let address = service.address();
    service.terminate();
    eventually("it is draining", || service.get("/readyz") == (503, "not ready: draining\n".to_owned()));
    assert_eq!(service.get("/livez").0, 200, "a sink that waits is no stuck thread");
    let unready = healthcheck(&["--url", &format!("http://{address}/readyz")]);
    assert_eq!(unready.status.code(), Some(1));
    assert!(String::from_utf8(unready.stderr).unwrap().contains("503 not ready: draining"));

    // The reader comes back: the drain ends, and every record is whole and was counted.
    let records: Vec<Value> =
        BufReader::new(output).lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
    assert_eq!(service.exit().code(), Some(0), "{}", service.log());
    let log = service.log();
    assert_eq!(records.len(), logged(&log, "published"), "{log}");
    assert_eq!(records.len() + logged(&log, "released"), PAYLOADS, "the rest is read again next time");
    drop(input);
}

#[test]
fn a_drain_ends_with_its_grace_period() {
    let folder = tempfile::tempdir().unwrap();
    let (mut service, _input, _output) = stuck(folder.path(), &["shutdown.grace=200ms"]);
    service.terminate();
    assert_eq!(service.exit().code(), Some(1));
    let log = service.log();
    let last: Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    assert!(last["error"].as_str().unwrap().contains("drain did not end within 200ms"), "{log}");
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (mut service, _input, _output) = stuck(folder.path(), &["shutdown.grace=300s"]);
    service.terminate();
    eventually("it is draining", || service.get("/readyz").0 == 503);
    service.terminate();
    let asked = Instant::now();
    assert_eq!(service.exit().code(), Some(130), "{}", service.log());
    assert!(asked.elapsed() < Duration::from_secs(30));
}

#[test]
fn the_committed_reference_of_metrics_is_the_one_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/metrics.md");
    let committed = std::fs::read_to_string(path).unwrap();
    let made = copydesk::telemetry::metrics::reference();
    assert_eq!(committed, made, "run `copydesk metrics-reference > docs/metrics.md`");
}
