//! At least once: a batch is committed when the brokers have acknowledged its outputs, and then its claims.

use std::sync::Arc;

use super::publisher::{Interrupted, Publisher};
use crate::config::Config;
use crate::kafka::KafkaError;
use crate::kafka::client::{max_output_bytes, properties, tell_statistics};
use crate::sink::{CommitBatch, Committed, Sink, SinkError};
use crate::telemetry::metrics::Metrics;

/// Publishes without transactions. Positions are left to [`Source::acknowledge`](crate::source::Source::acknowledge).
///
/// After an error part of a batch may be visible; the same deliveries then give the same (id, revision) again.
pub struct AcknowledgedSink {
    publisher: Publisher,
    max_output_bytes: usize,
}

impl AcknowledgedSink {
    pub(crate) fn open(config: &Config, metrics: &Arc<Metrics>) -> Result<Self, KafkaError> {
        let mut properties = properties(config, "sink")?;
        properties.set("enable.idempotence", "true").set("acks", "all");
        tell_statistics(&mut properties, config);
        let publisher = Publisher::new(config, &properties, metrics)?;
        Ok(Self { publisher, max_output_bytes: max_output_bytes(&config.limits) })
    }

    /// Whether records without a value are sent, for a records topic that is compacted.
    #[must_use]
    pub(crate) fn with_tombstones(mut self, sends: bool) -> Self {
        self.publisher.sends_tombstones = sends;
        self
    }
}

impl Sink for AcknowledgedSink {
    fn commit(&mut self, batch: CommitBatch) -> Result<Committed, SinkError> {
        // What is sent is visible, so there is no calling off later.
        if !batch.may_commit() {
            return Err(SinkError::CalledOff);
        }
        match self.publisher.publish(&batch, false, || false) {
            Ok(()) => Ok(batch.settle(None)),
            Err(Interrupted::CalledOff) => Err(SinkError::CalledOff),
            Err(Interrupted::Refused(refusal)) if refusal.is_permanent() => {
                Err(SinkError::Fatal { reason: refusal.to_string() })
            }
            Err(Interrupted::Refused(refusal)) => Err(SinkError::Aborted { reason: refusal.to_string() }),
        }
    }

    fn max_output_bytes(&self) -> usize {
        self.max_output_bytes
    }
}
