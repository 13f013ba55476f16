//! A service with topics, a group and a folder of its own, on a real broker.

#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)] // Tests fail by panicking.

use std::path::PathBuf;
use std::process::Command;

use super::kafka::{Broker, Record, unique};
use super::service::{PATIENCE, Service, copydesk};

pub const PARTITIONS: i32 = 4;

/// Topics, group and settings of one test.
pub struct Desk<'a> {
    pub broker: &'a Broker,
    pub name: String,
    pub folder: tempfile::TempDir,
    pub settings: Vec<(String, String)>,
}

impl<'a> Desk<'a> {
    /// Makes the input, and the rest through `copydesk topics create`.
    pub fn new(broker: &'a Broker, settings: &[(&str, &str)]) -> Self {
        let name = unique("desk");
        let mut desk = Self { broker, folder: tempfile::tempdir().unwrap(), settings: Vec::new(), name };
        let topic = |stream: &str| desk.topic(stream);
        let mut all = vec![
            ("kafka.bootstrap_servers".to_owned(), broker.bootstrap()),
            ("kafka.group_id".into(), desk.name.clone()),
            ("topics.input".into(), topic("raw")),
            ("topics.records".into(), topic("records")),
            ("topics.duplicates".into(), topic("duplicates")),
            ("topics.dead_letters".into(), topic("dead-letters")),
            ("topics.changelog".into(), topic("changelog")),
            ("topics.partitions".into(), PARTITIONS.to_string()),
            ("kafka.session_timeout".into(), "8s".into()),
            ("delivery.revoke_wait".into(), "4s".into()),
            ("shutdown.grace".into(), "7s".into()),
        ];
        all.extend(settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        desk.settings = all;
        desk.make_input();
        let made = desk.command(&["topics", "create"]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&[made.stdout, made.stderr].concat()));
        desk
    }

    /// Makes the input, as crawlers' people would.
    pub fn make_input(&self) {
        let settings = [
            ("max.message.bytes", "10000000"),
            ("retention.ms", "86400000"),
            // Crawlers have clocks that are wrong.
            ("message.timestamp.after.max.ms", "9223372036854775807"),
        ];
        self.broker.create_topic(&self.topic("raw"), PARTITIONS, &settings);
    }

    pub fn topic(&self, stream: &str) -> String {
        format!("{}.{stream}", self.name)
    }

    pub fn command(&self, arguments: &[&str]) -> std::process::Output {
        let mut command = copydesk();
        command.args(arguments);
        for (key, value) in &self.settings {
            command.arg("--set").arg(format!("{key}={value}"));
        }
        command.output().unwrap()
    }

    pub fn start(&self, instance: &str) -> Service {
        self.start_by(copydesk(), instance, &[])
    }

    /// As `start`, over files of configuration; the settings of this desk win over them.
    pub fn start_over(&self, configs: &[PathBuf], instance: &str) -> Service {
        Service::start_over(configs, copydesk(), self.folder.path(), instance, &self.settings_of(instance))
    }

    /// As `start`, by a command that ends with the program, and with settings of this instance's own.
    pub fn start_by(&self, command: Command, instance: &str, own: &[(&str, &str)]) -> Service {
        let mut settings = self.settings_of(instance);
        settings.extend(own.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        Service::start_by(command, self.folder.path(), instance, &settings)
    }

    /// The settings of this desk, with what is an instance's own.
    fn settings_of(&self, instance: &str) -> Vec<(String, String)> {
        let index = self.folder.path().join(format!("{instance}.index")).display().to_string();
        let own = [("kafka.instance".to_owned(), instance.to_owned()), ("dedup.index_dir".to_owned(), index)];
        self.settings.iter().cloned().chain(own).collect()
    }

    pub fn produce(&self, payloads: &[(i32, Vec<u8>)]) {
        let records = payloads.iter().map(|(partition, payload)| (*partition, None, Some(payload.as_slice()), &[][..]));
        self.broker.produce_all(&self.topic("raw"), records);
    }

    /// Sum of the committed offsets over the partitions of the input.
    pub fn committed(&self) -> i64 {
        let partitions = self.broker.partitions(&self.topic("raw"));
        self.broker.committed(&self.name, &self.topic("raw"), partitions).values().sum()
    }

    /// Waits until the group has committed at least this many offsets.
    pub fn wait_for_commits(&self, services: &mut [&mut Service], target: usize) {
        let until = std::time::Instant::now() + PATIENCE;
        while self.committed() < i64::try_from(target).unwrap() {
            for service in services.iter_mut() {
                assert!(service.is_running(), "the service ended:\n{}", service.log());
            }
            assert!(std::time::Instant::now() < until, "{} of {target} offsets committed", self.committed());
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    }

    pub fn read(&self, stream: &str) -> Vec<Record> {
        self.broker.read_committed(&self.topic(stream))
    }
}

/// The value of a record.
pub fn json(record: &Record) -> serde_json::Value {
    serde_json::from_str(record.text()).unwrap()
}

/// (partition, offset) of the delivery that a record was made from.
pub fn origin(value: &serde_json::Value) -> (i64, i64) {
    (value["source"]["partition"].as_i64().unwrap(), value["source"]["offset"].as_i64().unwrap())
}
