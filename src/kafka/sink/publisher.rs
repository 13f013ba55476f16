//! Sends a batch's records in order and waits until the brokers have them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};
use rdkafka::ClientContext;
use rdkafka::Message as _;
use rdkafka::config::{ClientConfig, FromClientConfigAndContext as _, RDKafkaLogLevel};
use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode};
use rdkafka::message::{Header as KafkaHeader, OwnedHeaders};
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer as _, ProducerContext, ThreadedProducer};
use rdkafka::statistics::Statistics;

use crate::config::{Config, Topics};
use crate::kafka::KafkaError;
use crate::kafka::client::Logged;
use crate::sink::{CommitBatch, Output, Stream};
use crate::telemetry::metrics::Metrics;
use crate::verdict::Claim;

/// How often a wait looks up whether it is still wanted.
const LOOK_UP: Duration = Duration::from_millis(10);

/// What became of one record: the batch it belongs to, and the topic and error where it failed.
type Report = (usize, Result<(), Refusal>);

/// A record that a topic did not take.
#[derive(Debug)]
pub(in crate::kafka) struct Refusal {
    topic: String,
    error: ClientError,
}

impl Refusal {
    /// Whether the same record will be refused every time.
    pub(super) fn is_permanent(&self) -> bool {
        use RDKafkaErrorCode as Code;
        matches!(
            self.error.rdkafka_error_code(),
            Some(
                Code::MessageSizeTooLarge
                    | Code::InvalidMessage
                    | Code::InvalidMessageSize
                    | Code::InvalidRecord
                    | Code::InvalidTimestamp
                    | Code::InvalidTopic
                    | Code::TopicAuthorizationFailed
                    | Code::ClusterAuthorizationFailed
                    | Code::UnsupportedForMessageFormat
                    | Code::PolicyViolation
            )
        )
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "topic {}: {}", self.topic, self.error)
    }
}

/// Why a batch was not sent to its end.
#[derive(Debug)]
pub(super) enum Interrupted {
    /// It was called off.
    CalledOff,
    /// A topic refused a record.
    Refused(Refusal),
}

/// A producer with the names of the topics.
pub(super) struct Publisher {
    producer: Arc<ThreadedProducer<Reports>>,
    reports: Receiver<Report>,
    topics: Topics,
    batch: usize,
    /// Whether records without a value are sent.
    pub(super) sends_tombstones: bool,
}

impl Publisher {
    pub(super) fn new(config: &Config, properties: &ClientConfig, metrics: &Arc<Metrics>) -> Result<Self, KafkaError> {
        #[allow(
            clippy::disallowed_methods,
            reason = "a report a record, and records are bounded by the batch; a callback that waits would stop librdkafka"
        )]
        let (sender, reports) = unbounded();
        let context = Reports { log: Logged::observed("sink", metrics, &config.kafka.bootstrap_servers), sender };
        let producer = ThreadedProducer::from_config_and_context(properties, context)
            .map_err(|error| KafkaError::Client { client: "sink", error })?;
        let producer = Arc::new(producer);
        Ok(Self { producer, reports, topics: config.topics.clone(), batch: 0, sends_tombstones: false })
    }

    pub(super) fn producer(&self) -> &ThreadedProducer<Reports> {
        &self.producer
    }

    /// The producer, for a thread that may outlive this publisher.
    pub(super) fn shared_producer(&self) -> Arc<ThreadedProducer<Reports>> {
        Arc::clone(&self.producer)
    }

    /// As [`Logged::find_brokers`].
    pub(super) fn find_brokers(&self) {
        self.producer.context().log.find_brokers(self.producer.client());
    }

    /// Sends outputs, waits for them, then does the same with the claims: no claim is ever without its outcome.
    /// In a transaction both end together, so that one wait is enough.
    pub(super) fn publish(
        &mut self,
        batch: &CommitBatch,
        together: bool,
        called_off: impl Fn() -> bool,
    ) -> Result<(), Interrupted> {
        self.batch = self.batch.wrapping_add(1);
        #[allow(clippy::disallowed_methods, reason = "no verdict sees it: it bounds the record's own timestamp")]
        let now = jiff::Timestamp::now().as_millisecond();
        let mut sent = 0;
        for output in batch.outputs().iter().filter(|output| self.sends_tombstones || !output.is_tombstone()) {
            self.send_output(output, now, &called_off)?;
            sent += 1;
        }
        if !together {
            self.wait(sent, &called_off)?;
            sent = 0;
        }
        for claim in batch.claims() {
            self.send_claim(claim, &called_off)?;
        }
        self.wait(sent + batch.claims().len(), &called_off)
    }

    /// Waits until librdkafka has let go of every record. A flush that still finds one takes 100 ms.
    pub(super) fn settle(&self, within: Duration) {
        let until = Instant::now() + within;
        while self.producer.in_flight_count() > 0 && Instant::now() < until {
            self.producer.poll(Duration::from_millis(1));
        }
    }

    fn send_output(&self, output: &Output, now: i64, called_off: &impl Fn() -> bool) -> Result<(), Interrupted> {
        let topic = match output.stream {
            Stream::Records => &self.topics.records,
            Stream::Duplicates => &self.topics.duplicates,
            Stream::DeadLetters => &self.topics.dead_letters,
        };
        let mut headers = OwnedHeaders::new_with_capacity(output.headers.len());
        for header in &output.headers {
            headers = headers.insert(KafkaHeader { key: &header.name, value: header.value.as_ref() });
        }
        let mut record: BaseRecord<'_, [u8], [u8], usize> = BaseRecord::with_opaque_to(topic, self.batch)
            .headers(headers)
            // A broker refuses times ahead of its clock, for ever; 0 would mean "now".
            .timestamp(output.event_time_ms.clamp(1, now.max(1)));
        if let Some(key) = &output.key {
            record = record.key(key);
        }
        if let Some(value) = &output.value {
            record = record.payload(value);
        }
        self.send(record, called_off)
    }

    fn send_claim(&self, claim: &Claim, called_off: &impl Fn() -> bool) -> Result<(), Interrupted> {
        let topic = &self.topics.changelog;
        let key = claim.delivery.to_string();
        let value = serde_json::to_vec(claim).map_err(|error| {
            let error = ClientError::ClientCreation(format!("claim of {key} cannot be encoded: {error}"));
            Interrupted::Refused(Refusal { topic: topic.clone(), error })
        })?;
        self.send(BaseRecord::with_opaque_to(topic, self.batch).key(key.as_bytes()).payload(&value), called_off)
    }

    /// Queues one record. Where the queue is full it waits in place, so that order holds.
    fn send(
        &self,
        mut record: BaseRecord<'_, [u8], [u8], usize>,
        called_off: &impl Fn() -> bool,
    ) -> Result<(), Interrupted> {
        loop {
            match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((ClientError::MessageProduction(RDKafkaErrorCode::QueueFull), unsent)) => {
                    if called_off() {
                        return Err(Interrupted::CalledOff);
                    }
                    self.producer.poll(Duration::from_millis(1));
                    record = unsent;
                }
                Err((error, unsent)) => {
                    return Err(Interrupted::Refused(Refusal { topic: unsent.topic.to_owned(), error }));
                }
            }
        }
    }

    /// Waits for that many reports of this batch. librdkafka gives every record one, in the end.
    fn wait(&self, mut outstanding: usize, called_off: &impl Fn() -> bool) -> Result<(), Interrupted> {
        while outstanding > 0 {
            if called_off() {
                return Err(Interrupted::CalledOff);
            }
            self.find_brokers();
            match self.reports.recv_timeout(LOOK_UP) {
                Ok((batch, _)) if batch != self.batch => {}
                Ok((_, Ok(()))) => {
                    outstanding -= 1;
                    self.producer.context().log.reached();
                }
                Ok((_, Err(refusal))) => return Err(Interrupted::Refused(refusal)),
                // The sender lives in the producer, and that in `self`.
                Err(_) => {}
            }
        }
        Ok(())
    }
}

/// Context of the producer: reports go to the waiting publisher.
pub(super) struct Reports {
    log: Logged,
    sender: Sender<Report>,
}

impl ClientContext for Reports {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        self.log.log(level, facility, line);
    }

    fn stats(&self, told: Statistics) {
        self.log.stats(told);
    }

    fn error(&self, error: ClientError, reason: &str) {
        self.log.error(error, reason);
    }
}

impl ProducerContext for Reports {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, batch: usize) {
        let result = match result {
            Ok(_) => Ok(()),
            Err((error, message)) => Err(Refusal { topic: message.topic().to_owned(), error: error.clone() }),
        };
        if self.sender.send((batch, result)).is_err() {
            tracing::debug!("the sink has ended");
        }
    }
}
