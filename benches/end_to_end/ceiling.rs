//! The bench's own jobs, each in a process of its own: bytes through the same client, and the desk without extraction.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use copydesk::article::{Article, Extraction};
use copydesk::config::Config;
use copydesk::desk::{Builder, Extract, Parts};
use copydesk::document::{Content, Document};
use copydesk::index::DedupIndex as _;
use copydesk::index::disk::DiskIndex;
use copydesk::quarantine::{End, Journal, Probe, Quarantine};
use copydesk::rejection::Rejection;
use copydesk::source::{Delivery, Positions};
use copydesk::telemetry::metrics::Metrics;
use rdkafka::ClientContext;
use rdkafka::Message as _;
use rdkafka::TopicPartitionList;
use rdkafka::config::FromClientConfigAndContext as _;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer as _, ProducerContext, ThreadedProducer};
use rdkafka::topic_partition_list::Offset;

use super::support::desk::PARTITIONS;

const CALL: Duration = Duration::from_secs(30);

/// Counts what the brokers have.
#[derive(Default)]
struct Counting(AtomicUsize);

impl ClientContext for Counting {}

impl ProducerContext for Counting {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        assert!(result.is_ok(), "a record was not taken");
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Says that it is ready on standard error, then waits until standard input ends.
fn await_start() {
    eprintln!("ready");
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

/// Bytes from the input to the records topic in transactions, with the service's own client properties and batches, until
/// it is killed.
pub fn pass_through(config: &Config) {
    let mut properties = copydesk::kafka::properties(config, "ceiling").unwrap();
    let consumer: BaseConsumer = properties
        .clone()
        .set("group.id", &config.kafka.group_id)
        .set("isolation.level", "read_committed")
        .set("enable.auto.commit", "false")
        .create()
        .unwrap();
    let mut list = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        list.add_partition_offset(&config.topics.input[0], partition, Offset::Beginning).unwrap();
    }
    properties.set("transactional.id", &config.kafka.group_id).set("enable.idempotence", "true").set("acks", "all");
    let producer = ThreadedProducer::from_config_and_context(&properties, Counting::default()).unwrap();
    producer.init_transactions(CALL).unwrap();
    await_start();
    consumer.assign(&list).unwrap();
    let mut earliest = loop {
        if let Some(first) = consumer.poll(Duration::from_millis(5)) {
            break Some(first);
        }
        copydesk::kafka::source::wake_fetchers(&consumer, list.clone());
    };
    let mut sent = 0;
    loop {
        let Some(first) = earliest.take().or_else(|| consumer.poll(Duration::from_millis(50))) else { continue };
        producer.begin_transaction().unwrap();
        let (mut offsets, began) = (TopicPartitionList::new(), Instant::now());
        let (mut next, mut records, mut bytes) = (Some(first), 0, 0);
        loop {
            if let Some(message) = next.take() {
                let message = message.unwrap();
                let payload = message.payload().unwrap();
                send(&producer, &config.topics.records, payload);
                let (topic, partition) = (message.topic(), message.partition());
                match offsets.find_partition(topic, partition) {
                    Some(mut known) => known.set_offset(Offset::Offset(message.offset() + 1)).unwrap(),
                    None => {
                        offsets.add_partition_offset(topic, partition, Offset::Offset(message.offset() + 1)).unwrap()
                    }
                }
                records += 1;
                bytes += payload.len();
            }
            if records >= config.batch.max_records
                || bytes as u64 >= config.batch.max_bytes.as_u64()
                || began.elapsed() >= config.delivery.linger
            {
                break;
            }
            next = consumer.poll(Duration::from_millis(10));
        }
        sent += records;
        // A commit that finds something on its way waits for it in slices of 100 ms.
        while producer.context().0.load(Ordering::Relaxed) < sent || producer.in_flight_count() > 0 {
            producer.poll(Duration::from_millis(1));
        }
        producer.send_offsets_to_transaction(&offsets, &consumer.group_metadata().unwrap(), CALL).unwrap();
        producer.commit_transaction(CALL).unwrap();
    }
}

fn send(producer: &ThreadedProducer<Counting>, topic: &str, payload: &[u8]) {
    let mut record: BaseRecord<'_, [u8], [u8]> = BaseRecord::to(topic).payload(payload);
    while let Err((error, unsent)) = producer.send(record) {
        assert!(matches!(error, KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull)), "{error}");
        producer.poll(Duration::from_millis(1));
        record = unsent;
    }
}

/// An article that costs nothing: a text as it is, or something from the middle of a page.
#[derive(Debug)]
struct Slice;

/// About as much as an article has.
const BODY_BYTES: usize = 4_000;

impl Extract for Slice {
    fn extract(&self, document: &Document) -> Result<Extraction, Rejection> {
        let body = match &document.content {
            Content::Plain(text) => text.trim().to_owned(),
            Content::Html(text) => {
                let boundary = |at| (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
                let start = boundary(text.len().saturating_sub(BODY_BYTES) / 2);
                text[start..boundary(start + BODY_BYTES)].trim().to_owned()
            }
        };
        Ok(Extraction { article: Article { body, ..Article::default() }, removed: Vec::new(), assessment: None })
    }
}

/// Nothing crashed here before.
struct NoSuspects;

impl Probe for NoSuspects {
    fn try_once(&self, _: &Delivery) -> std::io::Result<End> {
        Ok(End::Passed)
    }
}

/// `copydesk run` with [`Slice`] in place of the extractor, and everything else as it is, until it is killed.
pub fn desk_without_extraction(config: &Config) {
    copydesk::telemetry::log::start(config.telemetry.log_format, &config.telemetry.log_filter);
    let folder: &Path = &config.dedup.index_dir;
    let origin = copydesk::cli::origin(config, format!("kafka:{}", config.topics.changelog));
    let index = DiskIndex::open(folder, origin).unwrap();
    let restored_to = index.restored_to().clone();
    let mut builder = Builder::new(copydesk::cli::settings(config, true));
    let journal = Journal::open(&folder.join("extraction.journal")).unwrap();
    builder.watch(Quarantine::new(journal, Box::new(NoSuspects)));
    let metrics = Arc::new(Metrics::new(builder.ledger.clone()).unwrap());
    let connected = copydesk::kafka::connect(config, builder.handle(), &restored_to, false, &metrics).unwrap();
    let desk = builder.build(Slice, Box::new(index), metrics).unwrap();
    let parts = Parts { source: Box::new(connected.source), sink: connected.sink, resume_at: Positions::new() };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (_stop, stopped) = tokio::sync::watch::channel(false);
    runtime.block_on(desk.run(parts, stopped)).unwrap();
}
