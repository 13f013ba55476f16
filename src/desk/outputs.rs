//! What an outcome publishes: records, duplicate events, dead letters.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::record::{Candidate, DuplicateEvent, Record, processor, rfc3339};
use crate::rejection::Rejection;
use crate::sink::{Output, Stream};
use crate::source::{Delivery, Header};
use crate::verdict::Decision;

/// Room that a record's headers and framing take beside its value.
const OVERHEAD_BYTES: usize = 4096;

/// The record of a decision to publish.
pub(super) fn record(
    delivery: &Delivery,
    candidate: &Candidate,
    decision: &Decision,
    now: &str,
    limit: usize,
) -> Result<Output, Rejection> {
    let record = Record::new(delivery, candidate, decision, now);
    let value = encode(&record)?;
    if value.len() > limit {
        return Err(Rejection::RecordTooLarge { bytes: value.len(), limit });
    }
    let headers = vec![header("content-type", "application/json"), header("event", record.event.label())];
    Ok(Output {
        stream: Stream::Records,
        key: Some(record.id.as_str().into()),
        value: Some(value),
        headers,
        event_time_ms: delivery.event_time_ms,
    })
}

/// The event of a suppressed copy, where the decision is about one.
pub(super) fn duplicate(
    delivery: &Delivery,
    candidate: &Candidate,
    decision: &Decision,
    now: &str,
) -> Result<Option<Output>, Rejection> {
    let Some(event) = DuplicateEvent::new(delivery, candidate, decision, now) else { return Ok(None) };
    Ok(Some(Output {
        stream: Stream::Duplicates,
        key: Some(event.of.as_str().into()),
        value: Some(encode(&event)?),
        headers: vec![header("content-type", "application/json")],
        event_time_ms: delivery.event_time_ms,
    }))
}

/// The dead letter of a rejected delivery: its own bytes, key and headers, and the reason in further headers.
///
/// One that would not fit carries SHA-256 and size instead of the bytes; its coordinate leads to them.
pub(super) fn dead_letter(delivery: &Delivery, rejection: &Rejection, limit: usize) -> Output {
    let coordinate = &delivery.coordinate;
    let mut headers = delivery.headers.clone();
    headers.extend([
        header("x-copydesk-error-reason", rejection.reason()),
        header("x-copydesk-error-stage", rejection.stage().label()),
        header("x-copydesk-error-message", &rejection.to_string()),
        header("x-copydesk-processor", &processor()),
        header("x-original-topic", &coordinate.partition.topic),
        header("x-original-partition", &coordinate.partition.number.to_string()),
        header("x-original-offset", &coordinate.offset.0.to_string()),
        header("x-original-timestamp", &rfc3339(delivery.event_time_ms)),
    ]);
    let mut value = delivery.payload.clone();
    if delivery.size() + OVERHEAD_BYTES > limit
        && let Some(payload) = value.take()
    {
        let digest: String = Sha256::digest(&payload).iter().map(|byte| format!("{byte:02x}")).collect();
        headers.extend([
            header("x-copydesk-payload-omitted", "larger than the dead-letter topic takes"),
            header("x-copydesk-payload-sha256", &digest),
            header("x-copydesk-payload-bytes", &payload.len().to_string()),
        ]);
    }
    Output {
        stream: Stream::DeadLetters,
        key: delivery.key.clone(),
        value,
        headers,
        event_time_ms: delivery.event_time_ms,
    }
}

fn header(name: &str, value: &str) -> Header {
    Header { name: name.to_owned(), value: Some(value.as_bytes().to_vec()) }
}

fn encode(value: &impl Serialize) -> Result<Vec<u8>, Rejection> {
    // Strings, numbers and lists of them: serialisation has nothing to fail on, but a rejection loses no delivery.
    serde_json::to_vec(value).map_err(|error| Rejection::Panicked { message: error.to_string() })
}
