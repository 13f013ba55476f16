//! Letters on their way back to the topics that they came from.

use std::collections::VecDeque;
use std::time::Duration;

use futures::executor::block_on;
use rdkafka::config::FromClientConfigAndContext as _;
use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode};
use rdkafka::message::{Header as KafkaHeader, OwnedHeaders};
use rdkafka::producer::{DeliveryFuture, FutureProducer, FutureRecord};
use thiserror::Error;

use super::DeadLetters;
use crate::config::Config;
use crate::dead_letter::Letter;
use crate::kafka::KafkaError;
use crate::kafka::client::{Logged, properties};

/// Longest wait for the acknowledgement of one letter.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);
/// Letters that are sent and not acknowledged yet.
const WINDOW: usize = 500;

/// Why a letter was not sent back.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ResendError {
    /// There is no such topic, and none is made.
    #[error("letter {letter} goes to topic {topic}, which does not exist: make it, or name another with --to")]
    NoTopic {
        /// Its place in the topic of dead letters.
        letter: String,
        /// Where it goes.
        topic: String,
    },
    /// The brokers did not take it.
    #[error("letter {letter} was not sent back to {topic}: {error}")]
    Refused {
        /// Its place in the topic of dead letters.
        letter: String,
        /// Where it goes.
        topic: String,
        /// What librdkafka said.
        error: Box<ClientError>,
    },
}

/// Sends letters back, in order, and counts those that every replica in sync has.
pub struct Resender<'a> {
    producer: FutureProducer<Logged>,
    letters: &'a DeadLetters,
    sent: VecDeque<Sent>,
    acknowledged: u64,
}

struct Sent {
    letter: String,
    topic: String,
    report: DeliveryFuture,
}

impl<'a> Resender<'a> {
    /// A producer for these letters.
    ///
    /// # Errors
    /// Where a property is not allowed or not understood.
    pub fn open(config: &Config, letters: &'a DeadLetters) -> Result<Self, KafkaError> {
        let failed = |error| KafkaError::Client { client: "resend", error };
        let mut properties = properties(config, "resend")?;
        properties
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set("message.timeout.ms", SEND_TIMEOUT.as_millis().to_string());
        let producer = FutureProducer::from_config_and_context(&properties, Logged::new("resend")).map_err(failed)?;
        Ok(Self { producer, letters, sent: VecDeque::new(), acknowledged: 0 })
    }

    /// Letters that every replica in sync has.
    pub fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// Sends a letter to a topic. Where it came from there, it goes to its own partition; else its key tells which.
    ///
    /// # Errors
    /// [`ResendError`] of this letter, or of an earlier one.
    pub fn send(&mut self, letter: &Letter, topic: &str) -> Result<(), ResendError> {
        let partitions = self.letters.destination(letter, topic)?;
        let original = letter.original().map(|coordinate| coordinate.partition);
        let partition = original.filter(|from| &*from.topic == topic && (0..partitions).contains(&from.number));
        let mut headers = OwnedHeaders::new();
        for header in letter.headers_back() {
            headers = headers.insert(KafkaHeader { key: &header.name, value: header.value.as_ref() });
        }
        let read = letter.read();
        let mut record: FutureRecord<'_, [u8], [u8]> = FutureRecord::to(topic)
            .headers(headers)
            // The page is as old as it was: what is newer stays newer. 0 would mean "now".
            .timestamp(read.event_time_ms.max(1));
        record.key = read.key.as_deref();
        record.payload = read.payload.as_deref();
        record.partition = partition.map(|partition| partition.number);
        while self.sent.len() >= WINDOW {
            self.await_oldest()?;
        }
        loop {
            match self.producer.send_result(record) {
                Ok(report) => {
                    self.sent.push_back(Sent { letter: letter.place(), topic: topic.to_owned(), report });
                    return Ok(());
                }
                Err((ClientError::MessageProduction(RDKafkaErrorCode::QueueFull), unsent)) if !self.sent.is_empty() => {
                    self.await_oldest()?;
                    record = unsent;
                }
                Err((error, _)) => {
                    return Err(ResendError::Refused {
                        letter: letter.place(),
                        topic: topic.to_owned(),
                        error: error.into(),
                    });
                }
            }
        }
    }

    /// Waits for what is on its way.
    ///
    /// # Errors
    /// [`ResendError`] of the first letter that was not taken; those behind it are waited for and counted all the same.
    pub fn finish(&mut self) -> Result<(), ResendError> {
        let mut failed = Ok(());
        while !self.sent.is_empty() {
            failed = failed.and(self.await_oldest());
        }
        failed
    }

    fn await_oldest(&mut self) -> Result<(), ResendError> {
        let Some(Sent { letter, topic, report }) = self.sent.pop_front() else { return Ok(()) };
        match block_on(report) {
            Ok(Ok(_)) => {
                self.acknowledged += 1;
                Ok(())
            }
            Ok(Err((error, _))) => Err(ResendError::Refused { letter, topic, error: error.into() }),
            Err(_) => Err(ResendError::Refused { letter, topic, error: ClientError::Canceled.into() }),
        }
    }
}
