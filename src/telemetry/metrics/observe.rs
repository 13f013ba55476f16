//! What the parts of the service tell: one call each, so that they name no labels.

use std::time::{Duration, Instant};

use super::{ClientReading, Metrics, OTHER, PartitionReading};
use crate::desk::adjudicator::Ended;
use crate::fingerprint::publisher_of;
use crate::index::IndexSize;
use crate::payload::Detection;
use crate::record::Request;
use crate::sink::{Output, Stream};
use crate::source::{Delivery, Partition, Positions};
use crate::verdict::{Decision, Timing, Verdict};

/// A step whose duration is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Envelope, media type, charset.
    Decode,
    /// Document to article.
    Extract,
    /// Article to keys.
    Fingerprint,
    /// Keys to verdict.
    Adjudicate,
    /// Verdict to output.
    Encode,
    /// Batch to the sink's answer.
    Commit,
}

impl Step {
    pub(super) const ALL: [Self; 6] =
        [Self::Decode, Self::Extract, Self::Fingerprint, Self::Adjudicate, Self::Encode, Self::Commit];

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Decode => "decode",
            Self::Extract => "extract",
            Self::Fingerprint => "fingerprint",
            Self::Adjudicate => "adjudicate",
            Self::Encode => "encode",
            Self::Commit => "commit",
        }
    }
}

/// Every (stream, event) of an output.
pub(super) const OUTPUTS: [[&str; 2]; 6] = [
    ["records", "published"],
    ["records", "revised"],
    ["records", "retracted"],
    ["records", "other"],
    ["duplicates", "duplicate"],
    ["dead_letters", "rejected"],
];

fn output_labels(output: &Output) -> [&'static str; 2] {
    match output.stream {
        Stream::Duplicates => ["duplicates", "duplicate"],
        Stream::DeadLetters => ["dead_letters", "rejected"],
        Stream::Records => {
            let header = output.headers.iter().find(|header| header.name == "event");
            let event = header.and_then(|header| header.value.as_deref()).unwrap_or_default();
            OUTPUTS
                .into_iter()
                .find(|[stream, known]| *stream == "records" && known.as_bytes() == event)
                .unwrap_or(["records", "other"])
        }
    }
}

/// Outputs of a batch by (stream, event): how many, and their bytes.
#[derive(Debug, Default)]
pub(crate) struct OutputCounts([(u64, u64); OUTPUTS.len()]);

impl OutputCounts {
    pub(crate) fn of(outputs: &[Output]) -> Self {
        let mut counts = Self::default();
        // A tombstone is the other half of a retraction, and sent to compacted topics only.
        for output in outputs.iter().filter(|output| !output.is_tombstone()) {
            let labels = output_labels(output);
            for (_, count) in OUTPUTS.iter().zip(&mut counts.0).filter(|(known, _)| **known == labels) {
                count.0 += 1;
                count.1 += output.value.as_ref().map_or(0, Vec::len) as u64;
            }
        }
        counts
    }
}

/// Before this no clock has stamped a page; times in a file may be mere line numbers.
const FIRST_PAGE_MS: i64 = 631_152_000_000;

/// How long ago that was, at least 0; `None` for what is no time of a clock.
pub(super) fn age_seconds(time_ms: i64) -> Option<f64> {
    #[allow(clippy::disallowed_methods, reason = "ages are shown, and seen by no verdict")]
    let now_ms = jiff::Timestamp::now().as_millisecond();
    (time_ms >= FIRST_PAGE_MS).then(|| Duration::from_millis(now_ms.abs_diff(time_ms.min(now_ms))).as_secs_f64())
}

impl Metrics {
    /// Runs and measures a step.
    pub(crate) fn time<T>(&self, step: Step, work: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let result = work();
        self.stage_duration.with_label_values(&[step.label()]).observe(began.elapsed().as_secs_f64());
        result
    }

    /// A delivery was read.
    pub(crate) fn received(&self, delivery: &Delivery) {
        let topic = &*delivery.coordinate.partition.topic;
        self.input_messages.with_label_values(&[topic]).inc();
        self.input_bytes.with_label_values(&[topic]).inc_by(delivery.payload.as_ref().map_or(0, Vec::len) as u64);
        self.partitions.received(delivery);
    }

    /// A batch's outputs are committed.
    pub(crate) fn published(&self, outputs: &OutputCounts) {
        for (labels, (count, bytes)) in OUTPUTS.iter().zip(&outputs.0) {
            self.output_messages.with_label_values(labels).inc_by(*count);
            self.output_bytes.with_label_values(labels).inc_by(*bytes);
        }
    }

    /// Outcomes up to these positions are committed.
    pub(crate) fn settled(&self, positions: &Positions) {
        self.partitions.settled(positions);
    }

    /// A delivery has its outcome for certain.
    pub(crate) fn ended(&self, ended: &Ended<'_>) {
        if let Some(age) = age_seconds(ended.delivery.event_time_ms) {
            self.end_to_end_latency.observe(age);
        }
        let publisher = self.publisher(ended);
        self.publisher_outcomes.with_label_values(&[publisher, ended.outcome.label()]).inc();
        match ended.request {
            Ok(Request::Retract(withdrawal)) => {
                self.understood(&withdrawal.found);
                if let Some(decision) = ended.decision {
                    self.retractions.with_label_values(&[what_became_of(decision)]).inc();
                }
            }
            Ok(Request::Publish(candidate)) => {
                self.understood(&candidate.found);
                if let Some(age) = candidate.fetched_at_ms.and_then(age_seconds) {
                    self.crawl_age.observe(age);
                }
                for flag in &candidate.article.flags {
                    self.flags.with_label_values(&[flag.label()]).inc();
                }
                for removed in &candidate.article.removed {
                    let kind = [removed.kind.label()];
                    self.removed_blocks.with_label_values(&kind).inc_by(u64::from(removed.blocks));
                    self.removed_chars.with_label_values(&kind).inc_by(u64::from(removed.chars));
                }
            }
            Err(rejection) => {
                self.rejections.with_label_values(&[rejection.reason(), rejection.stage().label()]).inc();
            }
        }
        if let Some(decision) = ended.decision {
            self.verdicts.with_label_values(&[decision.verdict.label()]).inc();
            self.recreated_deliveries.inc_by(u64::from(decision.recreated));
            self.dedup_late.inc_by(u64::from(decision.timing == Timing::Late));
            self.dedup_future_dated.inc_by(u64::from(decision.timing == Timing::FutureDated));
            self.dedup_comparisons.inc_by(decision.search.comparisons as u64);
            if decision.is_new && matches!(ended.request, Ok(Request::Publish(_))) {
                self.dedup_candidates.observe(decision.search.candidates as f64);
            }
        }
    }

    /// The index has changed.
    pub(crate) fn index_size(&self, size: IndexSize) {
        self.index_claims.set(i64::try_from(size.claims).unwrap_or(i64::MAX));
        self.index_disk_bytes.set(i64::try_from(size.disk_bytes).unwrap_or(i64::MAX));
        self.index_bucket_overflows.set(i64::try_from(size.overflowed).unwrap_or(i64::MAX));
    }

    fn understood(&self, found: &Detection) {
        self.payloads.with_label_values(&[found.kind.label(), found.envelope.label()]).inc();
    }

    /// The label of a delivery's publisher. A rejected one is known by its header or key alone.
    fn publisher(&self, ended: &Ended<'_>) -> &str {
        let domain = match ended.request {
            _ if self.publishers.is_empty() => None,
            Ok(Request::Publish(candidate)) => candidate.fingerprint.identity.publisher.clone(),
            Ok(Request::Retract(withdrawal)) => withdrawal.url.as_deref().and_then(publisher_of),
            Err(_) => ended.delivery.header("url").or_else(|| ended.delivery.key_text()).and_then(publisher_of),
        };
        domain.and_then(|domain| self.publishers.get(&domain)).map_or(OTHER, String::as_str)
    }

    /// A partition is read from `start` on, and ended at `end` when it was assigned.
    pub(crate) fn partition_assigned(&self, partition: &Partition, start: u64, end: Option<u64>) {
        self.partitions.assigned(partition, start, end);
    }

    /// Partitions are handed back.
    pub(crate) fn partitions_revoked(&self, partitions: &[Partition], lost: bool) {
        self.kafka_rebalances.with_label_values(&[if lost { "lost" } else { "revoked" }]).inc();
        self.partitions.revoked(partitions);
    }

    /// A consumer has told how far it is.
    pub(crate) fn partitions_read(&self, readings: &[PartitionReading]) {
        self.partitions.read(readings);
    }

    /// A client has told how it is.
    pub(crate) fn client_read(&self, client: &'static str, reading: ClientReading) {
        self.clients.read(client, reading);
    }
}

/// What became of a retraction, for its metric.
fn what_became_of(retraction: &Decision) -> &'static str {
    match retraction {
        Decision { verdict: Verdict::Replayed, .. } => "replayed",
        Decision { publish: true, .. } => "published",
        Decision { claim, .. } if claim.revision > 0 => "repeated",
        _ => "unknown",
    }
}
