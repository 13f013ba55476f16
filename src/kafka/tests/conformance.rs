//! The suites that every source and sink passes, on Kafka.

use rdkafka::consumer::{BaseConsumer, Consumer as _};

use super::*;
use crate::kafka::membership::Membership;
use crate::kafka::sink::{AcknowledgedSink, TransactionalSink};
use crate::sink::conformance::{Seen, Subject};
use crate::source::{Source, SourceError};

/// Topics that the sink suite's positions name.
const PAGES: [&str; 2] = ["pages-0", "pages-1"];

/// A sink with topics and a group of its own.
struct KafkaSubject {
    broker: &'static Broker,
    config: Config,
    guarantee: Guarantee,
}

impl KafkaSubject {
    fn fresh(broker: &'static Broker, guarantee: Guarantee) -> Self {
        let config = unmade_room(broker);
        let topics = &config.topics;
        // One partition each: a reader then sees the order of commits.
        for topic in [&topics.changelog, &topics.records, &topics.duplicates, &topics.dead_letters] {
            broker.create_topic(topic, 1, &[]);
        }
        Self { broker, config, guarantee }
    }

    fn keys(&self, topic: &str) -> Vec<String> {
        let records = self.broker.read_committed(topic);
        records.into_iter().map(|record| String::from_utf8(record.key.unwrap()).unwrap()).collect()
    }
}

impl Subject for KafkaSubject {
    fn open(&mut self) -> Box<dyn Sink> {
        if self.guarantee == Guarantee::AtLeastOnce {
            return Box::new(AcknowledgedSink::open(&self.config, &metrics()).unwrap());
        }
        // The group has no members: its offsets are anybody's who names it.
        let consumer: BaseConsumer =
            self.broker.client().set("group.id", &self.config.kafka.group_id).create().unwrap();
        let membership = Membership::default();
        membership.set(consumer.group_metadata());
        Box::new(TransactionalSink::open(&self.config, membership, &metrics()).unwrap())
    }

    fn seen(&self) -> Seen {
        let topics = &self.config.topics;
        let records =
            self.broker.read_committed(&topics.records).iter().map(|record| record.text().to_owned()).collect();
        Seen { records, others: Some((self.keys(&topics.duplicates), self.keys(&topics.dead_letters))) }
    }

    fn kept(&mut self) -> Option<(Positions, Vec<Arc<Claim>>)> {
        let changelog = self.broker.read_committed(&self.config.topics.changelog);
        let claims = changelog.iter().map(|record| Arc::new(serde_json::from_str(record.text()).unwrap())).collect();
        // At least once the source commits positions, after the index.
        if self.guarantee == Guarantee::AtLeastOnce {
            return None;
        }
        let mut positions = Positions::new();
        for topic in PAGES {
            for (number, next) in self.broker.committed(&self.config.kafka.group_id, topic, 1) {
                let partition = Partition { topic: topic.into(), number };
                positions.insert(partition, NextOffset(u64::try_from(next).unwrap()));
            }
        }
        Some((positions, claims))
    }
}

#[test]
fn both_sinks_keep_the_contract_of_sinks() {
    let Some(broker) = broker::shared() else { return };
    PAGES.iter().for_each(|topic| broker.create_topic(topic, 1, &[]));
    for guarantee in [Guarantee::ExactlyOnce, Guarantee::AtLeastOnce] {
        crate::sink::conformance::check(&mut || Box::new(KafkaSubject::fresh(broker, guarantee)));
    }
}

/// A source over an input that is not written any more: it ends when everything in it has been delivered.
struct Finite {
    source: KafkaSource,
    _tail: ChangelogTail,
    events: UnboundedReceiver<Event>,
    remaining: u64,
    total: u64,
}

impl Finite {
    fn open(config: &Config, total: u64) -> Self {
        let mut config = config.clone();
        config.kafka.group_id = unique("group");
        let (sender, events) = tokio::sync::mpsc::unbounded_channel();
        let parts =
            connect(&config, DeskHandle::new(sender), &ChangelogPositions::default(), false, &metrics()).unwrap();
        Self { source: parts.source, _tail: parts.tail, events, remaining: total, total }
    }
}

impl Source for Finite {
    fn subscribe(&mut self, assignments: Arc<dyn Assignments>, resume_at: &Positions) -> Result<(), SourceError> {
        self.remaining = self.total - resume_at.values().map(|next| next.0).sum::<u64>();
        self.source.subscribe(assignments, resume_at)
    }

    fn poll(&mut self, timeout: Duration) -> Result<Polled, SourceError> {
        while let Ok(event) = self.events.try_recv() {
            if let Event::Restored(epoch) = event {
                self.source.restored(epoch)?;
            }
        }
        if self.remaining == 0 {
            return Ok(Polled::Ended);
        }
        let polled = self.source.poll(timeout)?;
        self.remaining -= u64::from(matches!(polled, Polled::Delivery(_)));
        Ok(polled)
    }

    fn pause(&mut self) -> Result<(), SourceError> {
        self.source.pause()
    }

    fn resume(&mut self) -> Result<(), SourceError> {
        self.source.resume()
    }
}

#[test]
fn the_source_keeps_the_contract_of_sources() {
    let Some(broker) = broker::shared() else { return };
    let mut config = unmade_room(broker);
    config.topics.input = vec![unique("raw")];
    broker.create_topic(&config.topics.input[0], 1, &[]);
    broker.create_topic(&config.topics.changelog, 1, &[]);
    let total = 4;
    for number in 0..total {
        broker.produce(&config.topics.input[0], 0, Some(b"key"), Some(format!("payload {number}").as_bytes()), &[]);
    }
    crate::source::conformance::check(&mut || Box::new(Finite::open(&config, total)));
}
