//! A real Prometheus scrapes a running copydesk.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod support {
    pub mod service;
}

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use support::service::copydesk;

const PATIENCE: Duration = Duration::from_secs(60);

/// A process that does not outlive its test.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        self.0.kill().unwrap_or_default();
        self.0.wait().unwrap();
    }
}

fn program(name: &str) -> Command {
    let found = Command::new(name).arg("--version").output();
    assert!(found.is_ok(), "{name} is not here: `deploy/setup.sh test` installs it");
    Command::new(name)
}

/// The demo, over the embedded broker, once all its payloads have their outcome; and the address of its metrics.
fn demo() -> (Started, String) {
    let mut command = copydesk();
    command.args(["demo", "--keep-running"]).env("COPYDESK__TELEMETRY__STATISTICS_INTERVAL", "100ms");
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let demo = Started(child);
    let line = output.lines().map(Result::unwrap).find(|line| line.starts_with("metrics ")).unwrap();
    let address = line.split("http://").nth(1).unwrap().strip_suffix("/metrics").unwrap().to_owned();
    (demo, address)
}

fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < until, "{what} has not come");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// `promtool check …`, which must have no remarks.
fn check(what: &[&str], input: &[u8]) {
    let mut command = program("promtool");
    command.arg("check").args(what).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap_or_default();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success(), "promtool check {what:?}:\n{said}");
}

/// The value of a query that has one.
fn query(prometheus: &str, query: &str) -> Option<f64> {
    let url = url::Url::parse_with_params(&format!("http://{prometheus}/api/v1/query"), [("query", query)]).unwrap();
    let answer: Value = serde_json::from_str(&reqwest::blocking::get(url).ok()?.text().ok()?).ok()?;
    answer["data"]["result"].as_array()?.first()?["value"][1].as_str()?.parse().ok()
}

#[test]
fn a_real_prometheus_scrapes_a_conserved_ledger() {
    let (_demo, copydesk) = demo();
    let metrics = || reqwest::blocking::get(format!("http://{copydesk}/metrics")).unwrap().text().unwrap();
    // With every kind of series there is, those of brokers and partitions too.
    let text = eventually("the clients' statistics", || {
        let text = metrics();
        let series = ["copydesk_rdkafka_broker_rtt_seconds{", "copydesk_kafka_lag_seconds{"];
        series.iter().all(|series| text.contains(series)).then_some(text)
    });
    check(&["metrics"], text.as_bytes());

    let folder = tempfile::tempdir().unwrap();
    let deployed = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/prometheus/prometheus.yml");
    check(&["config", deployed.to_str().unwrap()], b"");
    let config = std::fs::read_to_string(deployed).unwrap();
    assert!(config.contains("\"copydesk:9600\""), "{config}");
    let config = config.replace("copydesk:9600", &copydesk).replace(": 5s", ": 1s").replace(": 4s", ": 1s");
    let file = folder.path().join("prometheus.yml");
    std::fs::write(&file, config).unwrap();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let log = folder.path().join("log");
    let prometheus = program("prometheus")
        .arg(format!("--config.file={}", file.display()))
        .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
        .arg(format!("--web.listen-address={address}"))
        .stdout(Stdio::null())
        .stderr(File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let _prometheus = Started(prometheus);

    let up = eventually("the first scrape", || query(&address, "up{job=\"copydesk\"}"));
    assert_eq!(up, 1.0, "{}", std::fs::read_to_string(&log).unwrap());
    assert_eq!(query(&address, "copydesk_deliveries_total"), Some(18.0));
    let conserved = "copydesk_deliveries_total == on(instance, job) \
                     sum by (instance, job) (copydesk_outcomes_total) + on(instance, job) copydesk_in_flight_deliveries";
    assert_eq!(query(&address, conserved), Some(18.0), "a comparison that does not hold has no value");
    assert_eq!(query(&address, "sum(copydesk_kafka_consumer_lag)"), Some(0.0));
}
