//! A real broker for tests, started by `deploy/kafka-local.sh` on a free port of the loopback interface.
//!
//! `COPYDESK_KAFKA=1` asks for it. [`shared`] gives one broker to all tests of a binary, [`Broker::start`] one that a test
//! may stop, freeze or kill. A broker never outlives the process of its tests, however that ends.

#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests fail by panicking; what another process does is asked for until it is done"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions, NewPartitions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::message::{Header, Headers as _, Message as _, OwnedHeaders};
use rdkafka::producer::{BaseProducer, FutureProducer, FutureRecord, Producer as _};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

/// Longest wait for anything that a healthy broker does in a moment.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Settings that make a broker quick to notice what a test waits for.
const SETTINGS: &str = "transaction.abort.timed.out.transaction.cleanup.interval.ms=200";

/// A record as a reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub partition: i32,
    pub offset: i64,
    pub timestamp_ms: Option<i64>,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: Vec<(String, Option<Vec<u8>>)>,
}

impl Record {
    /// The value as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(self.value.as_deref().unwrap_or_default()).unwrap()
    }
}

/// A running broker.
#[derive(Debug)]
pub struct Broker {
    port: u16,
    data: PathBuf,
    nodes: u16,
    /// Where clients of the further listener are led, if there is one.
    proxy_port: Option<u16>,
}

/// Whether broker tests run. Where they do not, and may not be left out, this fails.
pub fn wanted() -> bool {
    if std::env::var("COPYDESK_KAFKA").is_ok_and(|value| value == "1") {
        return true;
    }
    let required = std::env::var("COPYDESK_REQUIRE_CORPUS").is_ok_and(|value| value == "1");
    assert!(!required, "broker tests are required: set COPYDESK_KAFKA=1");
    eprintln!("broker tests not run: set COPYDESK_KAFKA=1");
    false
}

/// The broker that all tests of this binary share, if broker tests run. Nobody may stop it.
pub fn shared() -> Option<&'static Broker> {
    static SHARED: OnceLock<Broker> = OnceLock::new();
    wanted().then(|| SHARED.get_or_init(Broker::start))
}

/// A name that no other test uses.
pub fn unique(prefix: &str) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    format!("{prefix}-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// Asks until the answer is there.
pub fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + DEADLINE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < until, "{what} has not happened within {DEADLINE:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Committed offsets of a consumer's group; partitions without one are left out.
pub fn committed(consumer: &BaseConsumer, topic: &str, partitions: i32) -> BTreeMap<i32, i64> {
    let mut list = TopicPartitionList::new();
    list.add_partition_range(topic, 0, partitions - 1);
    // A broker that has just made its offsets topic is not at once ready to coordinate.
    let committed = eventually("the committed offsets", || consumer.committed_offsets(list.clone(), DEADLINE).ok());
    let offset = |offset| if let Offset::Offset(offset) = offset { Some(offset) } else { None };
    committed.elements().iter().filter_map(|element| Some((element.partition(), offset(element.offset())?))).collect()
}

impl Broker {
    /// Starts a broker over an empty folder; it is gone when this is dropped or the process ends.
    pub fn start() -> Self {
        Self::start_nodes(1, None)
    }

    /// As `start`, but three brokers, with every topic on each of them.
    pub fn start_three() -> Self {
        Self::start_nodes(3, None)
    }

    /// As `start`, with a further listener that leads its clients to a port where a proxy stands; see
    /// [`Self::behind_proxy`].
    pub fn start_proxied() -> Self {
        Self::start_nodes(1, Some(free_port()))
    }

    fn start_nodes(nodes: u16, proxy_port: Option<u16>) -> Self {
        let data = std::env::temp_dir().join(unique("copydesk-kafka"));
        let broker = Self { port: free_port(), data, nodes, proxy_port };
        broker.control("start");
        broker
    }

    /// As `start_proxied`, but three brokers.
    pub fn start_three_proxied() -> Self {
        Self::start_nodes(3, Some(free_port()))
    }

    /// For each node: address that a proxy must listen on, and address of the listener that it must lead to.
    pub fn behind_proxy(&self) -> Vec<(String, String)> {
        let proxy_port = self.proxy_port.expect("started with a listener for a proxy");
        let addresses =
            |node| (format!("127.0.0.1:{}", proxy_port + node), format!("127.0.0.1:{}", self.port + 500 + node));
        (0..self.nodes).map(addresses).collect()
    }

    /// The node that coordinates a group (by `__consumer_offsets`) or a transactional id (by `__transaction_state`): the
    /// leader of the partition that its name belongs to. None while there is no leader.
    pub fn coordinator(&self, topic: &str, name: &str) -> Option<i32> {
        // Java's hash of a string.
        let hash = name.chars().fold(0_i32, |hash, c| hash.wrapping_mul(31).wrapping_add(c as i32)).unsigned_abs();
        let consumer: BaseConsumer = self.client().create().unwrap();
        let metadata = consumer.fetch_metadata(Some(topic), DEADLINE).ok()?;
        let partitions = metadata.topics().first()?.partitions();
        let number = i32::try_from(hash as usize % partitions.len()).unwrap();
        partitions.iter().find(|partition| partition.id() == number && partition.leader() > 0).map(|p| p.leader())
    }

    /// Sets one setting of a topic, or takes it back to what the broker has by default.
    pub fn configure_topic(&self, topic: &str, key: &str, value: Option<&str>) {
        let change = value.map_or(format!("--delete-config {key}"), |value| format!("--add-config {key}={value}"));
        let servers = self.bootstrap();
        self.control(&format!(
            "tool kafka.admin.ConfigCommand --bootstrap-server {servers} --entity-type topics --entity-name {topic} --alter {change}"
        ));
    }

    /// Process of its first node.
    pub fn id(&self) -> u32 {
        let id = std::fs::read_to_string(self.data.join("node1.pid")).unwrap();
        id.trim().parse().unwrap()
    }

    /// Runs a command of the script: `start`, `stop`, `kill9`, `pause`, `resume`, `wipe`; of three nodes, with the number
    /// of one of them behind it, or for all.
    pub fn control(&self, command: &str) {
        let output = self.tried(command);
        assert!(output.status.success(), "kafka-local.sh {command}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// As `control`, where the command may fail.
    pub fn tried(&self, command: &str) -> Output {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/kafka-local.sh");
        Command::new("bash")
            .arg(script)
            .args(command.split(' '))
            .env("PORT", self.port.to_string())
            .env("NODES", self.nodes.to_string())
            .env("PROXY_PORT", self.proxy_port.map_or_else(String::new, |port| port.to_string()))
            .env("DATA", &self.data)
            .env("HEAP", "384m")
            .env("OWNER_PID", std::process::id().to_string())
            .env("EXTRA_CONFIG", SETTINGS)
            .stdin(Stdio::null())
            .output()
            .expect("bash runs")
    }

    /// What clients bootstrap from.
    pub fn bootstrap(&self) -> String {
        let servers = (0..self.nodes).map(|node| format!("127.0.0.1:{}", self.port + node));
        servers.collect::<Vec<_>>().join(",")
    }

    /// Properties of a client.
    pub fn client(&self) -> ClientConfig {
        let mut client = ClientConfig::new();
        client.set("bootstrap.servers", self.bootstrap());
        client
    }

    /// Makes a topic with further settings.
    pub fn create_topic(&self, topic: &str, partitions: i32, settings: &[(&str, &str)]) {
        let admin: AdminClient<DefaultClientContext> = self.client().create().unwrap();
        let mut new = NewTopic::new(topic, partitions, TopicReplication::Fixed(i32::from(self.nodes)));
        for (key, value) in settings {
            new = new.set(key, value);
        }
        // Tests write records of any time, and a broker deletes what is older than it keeps.
        if settings.iter().all(|(key, _)| *key != "retention.ms") {
            new = new.set("retention.ms", "-1");
        }
        let options = AdminOptions::new().operation_timeout(Some(DEADLINE));
        let results = futures::executor::block_on(admin.create_topics([&new], &options)).unwrap();
        results.into_iter().next().unwrap().unwrap();
        self.await_partitions(topic, partitions);
    }

    /// Adds partitions to a topic.
    pub fn grow_topic(&self, topic: &str, partitions: i32) {
        let admin: AdminClient<DefaultClientContext> = self.client().create().unwrap();
        let new = NewPartitions::new(topic, usize::try_from(partitions).unwrap());
        let results = futures::executor::block_on(admin.create_partitions([&new], &AdminOptions::new())).unwrap();
        results.into_iter().next().unwrap().unwrap();
        self.await_partitions(topic, partitions);
    }

    /// Deletes a topic, and waits until nobody knows it any more.
    pub fn delete_topic(&self, topic: &str) {
        let admin: AdminClient<DefaultClientContext> = self.client().create().unwrap();
        let results = futures::executor::block_on(admin.delete_topics(&[topic], &AdminOptions::new())).unwrap();
        results.into_iter().next().unwrap().unwrap();
        let consumer: BaseConsumer = self.client().create().unwrap();
        eventually("the topic is gone", || {
            let metadata = consumer.fetch_metadata(None, DEADLINE).ok()?;
            metadata.topics().iter().all(|known| known.name() != topic).then_some(())
        });
    }

    /// Deletes the records of a partition before an offset, as retention does.
    pub fn delete_records(&self, topic: &str, partition: i32, before: i64) {
        let admin: AdminClient<DefaultClientContext> = self.client().create().unwrap();
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(topic, partition, Offset::Offset(before)).unwrap();
        let deleted = futures::executor::block_on(admin.delete_records(&list, &AdminOptions::new())).unwrap();
        assert!(deleted.elements().iter().all(|element| element.error().is_ok()), "{deleted:?}");
    }

    /// A broker answers before each of its threads knows the topic.
    fn await_partitions(&self, topic: &str, partitions: i32) {
        let consumer: BaseConsumer = self.client().create().unwrap();
        eventually("the topic's metadata", || {
            let metadata = consumer.fetch_metadata(Some(topic), DEADLINE).ok()?;
            let known = metadata.topics().first()?.partitions();
            (known.len() == usize::try_from(partitions).unwrap() && known.iter().all(|p| p.leader() >= 0)).then_some(())
        });
    }

    /// Writes one record and waits until the broker has it; gives its offset.
    pub fn produce(
        &self,
        topic: &str,
        partition: i32,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[(&str, &[u8])],
    ) -> i64 {
        self.produce_all(topic, [(partition, key, value, headers)])[0]
    }

    /// Writes one record with a timestamp of its own; gives its offset.
    pub fn produce_at(&self, topic: &str, partition: i32, value: &[u8], timestamp_ms: i64) -> i64 {
        let producer: FutureProducer = self.client().create().unwrap();
        let record: FutureRecord<'_, [u8], [u8]> =
            FutureRecord::to(topic).partition(partition).payload(value).timestamp(timestamp_ms);
        let report = producer.send_result(record).map_err(|(error, _)| error).unwrap();
        futures::executor::block_on(report).unwrap().map_err(|(error, _)| error).unwrap().offset
    }

    /// Writes records in order and waits until the broker has them; gives their offsets.
    #[allow(clippy::type_complexity, reason = "a record as its parts; a name for the tuple would hide them")]
    pub fn produce_all<'a>(
        &self,
        topic: &str,
        records: impl IntoIterator<Item = (i32, Option<&'a [u8]>, Option<&'a [u8]>, &'a [(&'a str, &'a [u8])])>,
    ) -> Vec<i64> {
        let producer: FutureProducer =
            self.client().set("enable.idempotence", "true").set("message.max.bytes", "20000000").create().unwrap();
        let mut sent = Vec::new();
        for (partition, key, value, headers) in records {
            let mut record: FutureRecord<'_, [u8], [u8]> = FutureRecord::to(topic).partition(partition);
            record.key = key;
            record.payload = value;
            let mut owned = OwnedHeaders::new();
            for (name, value) in headers {
                owned = owned.insert(Header { key: name, value: Some(*value) });
            }
            let mut next = Some(record.headers(owned));
            while let Some(record) = next.take() {
                match producer.send_result(record) {
                    Ok(report) => sent.push(report),
                    Err((KafkaError::MessageProduction(rdkafka::error::RDKafkaErrorCode::QueueFull), record)) => {
                        std::thread::sleep(Duration::from_millis(1));
                        next = Some(record);
                    }
                    Err((error, _)) => panic!("cannot produce to {topic}: {error}"),
                }
            }
        }
        let reports = futures::executor::block_on(futures::future::join_all(sent));
        reports.into_iter().map(|report| report.unwrap().map_err(|(error, _)| error).unwrap().offset).collect()
    }

    /// Everything that a `read_committed` reader sees, by partition and offset, once every transaction that has written to the
    /// topic has ended: a broker answers a commit before its markers are in the partitions.
    pub fn read_committed(&self, topic: &str) -> Vec<Record> {
        let (all, committed) = (self.reader("read_uncommitted"), self.reader("read_committed"));
        let end = |reader: &BaseConsumer, partition| reader.fetch_watermarks(topic, partition, DEADLINE).unwrap().1;
        for partition in partitions(&all, topic) {
            let written = end(&all, partition);
            eventually("the end of the topic's transactions", || (end(&committed, partition) >= written).then_some(()));
        }
        read(&committed, topic)
    }

    /// Everything in a topic, with what is not committed.
    pub fn read_uncommitted(&self, topic: &str) -> Vec<Record> {
        read(&self.reader("read_uncommitted"), topic)
    }

    fn reader(&self, isolation: &str) -> BaseConsumer {
        self.client()
            .set("group.id", "tests")
            .set("isolation.level", isolation)
            .set("enable.auto.commit", "false")
            .set("enable.partition.eof", "true")
            .set("auto.offset.reset", "earliest")
            .create()
            .unwrap()
    }

    /// Sets the committed offsets (partition, next offset) of a group that has no members.
    pub fn commit(&self, group: &str, topic: &str, offsets: &[(i32, i64)]) {
        let consumer: BaseConsumer = self.client().set("group.id", group).create().unwrap();
        let list = offsets_of(topic, offsets);
        eventually("the commit", || consumer.commit(&list, rdkafka::consumer::CommitMode::Sync).ok());
    }

    /// As `commit`, of a group that has members: in a transaction, whose offsets the broker takes from those who name no member.
    pub fn commit_as_stranger(&self, group: &str, topic: &str, offsets: &[(i32, i64)]) {
        let consumer: BaseConsumer = self.client().set("group.id", group).create().unwrap();
        let producer: BaseProducer = self.client().set("transactional.id", unique("stranger")).create().unwrap();
        let list = offsets_of(topic, offsets);
        producer.init_transactions(DEADLINE).unwrap();
        producer.begin_transaction().unwrap();
        producer.send_offsets_to_transaction(&list, &consumer.group_metadata().unwrap(), DEADLINE).unwrap();
        producer.commit_transaction(DEADLINE).unwrap();
    }

    /// How many partitions a topic has.
    pub fn partitions(&self, topic: &str) -> i32 {
        let consumer: BaseConsumer = self.client().create().unwrap();
        eventually("the topic's partitions", || {
            let metadata = consumer.fetch_metadata(Some(topic), DEADLINE).ok()?;
            let partitions = i32::try_from(metadata.topics().first()?.partitions().len()).unwrap();
            (partitions > 0).then_some(partitions)
        })
    }

    /// Committed offsets of a group; partitions without one are left out.
    pub fn committed(&self, group: &str, topic: &str, partitions: i32) -> BTreeMap<i32, i64> {
        let consumer: BaseConsumer =
            self.client().set("group.id", group).set("isolation.level", "read_committed").create().unwrap();
        committed(&consumer, topic, partitions)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.control("wipe");
    }
}

/// The partitions that a topic has now.
fn partitions(reader: &BaseConsumer, topic: &str) -> BTreeSet<i32> {
    let metadata = reader.fetch_metadata(Some(topic), DEADLINE).unwrap();
    metadata.topics()[0].partitions().iter().map(|partition| partition.id()).collect()
}

/// Everything that the reader sees of a topic, by partition and offset.
fn read(reader: &BaseConsumer, topic: &str) -> Vec<Record> {
    let mut open = partitions(reader, topic);
    let mut list = TopicPartitionList::new();
    for partition in &open {
        list.add_partition_offset(topic, *partition, Offset::Beginning).unwrap();
    }
    reader.assign(&list).unwrap();
    let until = Instant::now() + DEADLINE;
    let mut records = Vec::new();
    while !open.is_empty() {
        assert!(Instant::now() < until, "the end of {topic} was not reached");
        match reader.poll(Duration::from_millis(100)) {
            Some(Ok(message)) => records.push(Record {
                partition: message.partition(),
                offset: message.offset(),
                timestamp_ms: message.timestamp().to_millis(),
                key: message.key().map(<[u8]>::to_vec),
                value: message.payload().map(<[u8]>::to_vec),
                headers: message.headers().map_or_else(Vec::new, |headers| {
                    headers.iter().map(|h| (h.key.to_owned(), h.value.map(<[u8]>::to_vec))).collect()
                }),
            }),
            Some(Err(KafkaError::PartitionEOF(partition))) => {
                open.remove(&partition);
            }
            Some(Err(_)) | None => {}
        }
    }
    records.sort_by_key(|record| (record.partition, record.offset));
    records
}

fn offsets_of(topic: &str, offsets: &[(i32, i64)]) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    for (partition, offset) in offsets {
        list.add_partition_offset(topic, *partition, Offset::Offset(*offset)).unwrap();
    }
    list
}

/// A port that is free, with all that a cluster of three takes above it: for its nodes, for the listeners that are led
/// through a proxy 500 above, and for the controllers 1000 above. All are below those that systems give to connections that
/// go out: one of these could take the port of a broker that is away, and keep it from coming back.
fn free_port() -> u16 {
    /// From here on, and so many.
    const PORTS: (u32, u32) = (10_000, 21_000);
    static CALLS: AtomicU32 = AtomicU32::new(0);
    let is_free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    loop {
        // Other numbers in each process, and in each call of one.
        let number = std::process::id().wrapping_mul(7_919).wrapping_add(CALLS.fetch_add(1, Ordering::Relaxed) * 11);
        let port = u16::try_from(PORTS.0 + number % PORTS.1).unwrap();
        if [0, 500, 1_000].iter().all(|above| (0..3).all(|node| is_free(port + above + node))) {
            return port;
        }
    }
}
