//! What an outcome publishes: records, duplicate events, dead letters.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::dead_letter;
use crate::record::{Candidate, DuplicateEvent, Record, RetractionRecord, Withdrawal, rfc3339};
use crate::rejection::Rejection;
use crate::sink::{HEADERS_ROOM_BYTES, Output, Stream};
use crate::source::{Delivery, Header};
use crate::verdict::Decision;

/// What our own headers of a dead letter take at most, with names and framing.
const OWN_HEADERS_BYTES: usize = 4096;

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
    let headers = vec![Header::text("content-type", "application/json"), Header::text("event", record.event.label())];
    Ok(Output {
        stream: Stream::Records,
        key: Some(record.id.as_str().into()),
        value: Some(value),
        headers,
        event_time_ms: delivery.event_time_ms,
    })
}

/// The record of a retraction, and behind it a record without a value, for topics that are compacted.
pub(super) fn retraction(
    delivery: &Delivery,
    withdrawal: &Withdrawal,
    decision: &Decision,
    now: &str,
) -> Result<Vec<Output>, Rejection> {
    let record = RetractionRecord::new(delivery, withdrawal, decision, now);
    let headers = vec![Header::text("content-type", "application/json"), Header::text("event", record.event.label())];
    let output = |value, headers| Output {
        stream: Stream::Records,
        key: Some(record.id.as_str().into()),
        value,
        headers,
        event_time_ms: delivery.event_time_ms,
    };
    Ok(vec![output(Some(encode(&record)?), headers.clone()), output(None, headers)])
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
        headers: vec![Header::text("content-type", "application/json")],
        event_time_ms: delivery.event_time_ms,
    }))
}

/// The dead letter of a rejected delivery: its own bytes, key and headers, and the reason in further headers.
///
/// Bytes above `limit` are left out, and SHA-256 and size stand for them; headers and key above the room that outputs have
/// for them are left out too, and a header says so. The coordinate leads to all of it.
pub(super) fn dead_letter(delivery: &Delivery, rejection: &Rejection, now: &str, limit: usize) -> Output {
    let mut headers = dead_letter::own_headers(delivery, rejection, now, &rfc3339(delivery.event_time_ms));
    let payload_bytes = delivery.payload.as_ref().map_or(0, Vec::len);
    let mut value = delivery.payload.clone();
    if payload_bytes > limit
        && let Some(payload) = value.take()
    {
        let digest: String = Sha256::digest(&payload).iter().map(|byte| format!("{byte:02x}")).collect();
        headers.extend([
            Header::text(dead_letter::PAYLOAD_OMITTED, "larger than the dead letters take"),
            Header::text(dead_letter::PAYLOAD_SHA256, &digest),
            Header::text(dead_letter::PAYLOAD_BYTES, &payload.len().to_string()),
        ]);
    }
    let beside_bytes = delivery.size() - payload_bytes;
    let fits = beside_bytes + OWN_HEADERS_BYTES <= HEADERS_ROOM_BYTES;
    if !fits {
        headers.push(Header::text(dead_letter::HEADERS_OMITTED, &format!("key and headers take {beside_bytes} bytes")));
    }
    let original = dead_letter::payload_headers(delivery).filter(|_| fits).cloned();
    let key = delivery.key.clone().filter(|_| fits);
    let headers = original.chain(headers).collect();
    Output { stream: Stream::DeadLetters, key, value, headers, event_time_ms: delivery.event_time_ms }
}

fn encode(value: &impl Serialize) -> Result<Vec<u8>, Rejection> {
    // Strings, numbers and lists of them: serialisation has nothing to fail on, but a rejection loses no delivery.
    serde_json::to_vec(value).map_err(|error| Rejection::Panicked { message: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Coordinate, Epoch, Header, Offset, Partition};

    fn letter(payload: &[u8], header_bytes: usize) -> Output {
        let delivery = Delivery {
            coordinate: Coordinate { partition: Partition { topic: "raw".into(), number: 3 }, offset: Offset(7) },
            epoch: Epoch(1),
            event_time_ms: 0,
            key: Some(b"key".to_vec()),
            headers: vec![Header { name: "theirs".into(), value: Some(vec![b'x'; header_bytes]) }],
            payload: Some(payload.to_vec()),
        };
        dead_letter(&delivery, &Rejection::NoText, "2026-11-23T10:00:00Z", 10)
    }

    fn value_of<'a>(letter: &'a Output, name: &str) -> Option<&'a str> {
        let header = letter.headers.iter().find(|header| header.name == name)?;
        std::str::from_utf8(header.value.as_deref()?).ok()
    }

    #[test]
    fn a_dead_letter_carries_everything_where_it_fits() {
        let letter = letter(b"0123456789", 100);
        assert_eq!(letter.value.as_deref(), Some(b"0123456789".as_slice()));
        assert_eq!(letter.key.as_deref(), Some(b"key".as_slice()));
        assert_eq!(letter.headers[0].name, "theirs");
        assert_eq!(value_of(&letter, "x-copydesk-error-reason"), Some("no_text"));
        assert_eq!(value_of(&letter, "x-copydesk-payload-omitted"), None);
    }

    #[test]
    fn what_does_not_fit_is_left_out_and_named() {
        let large = letter(b"0123456789a", 100);
        assert_eq!(large.value, None);
        // Of the eleven bytes above, as `sha256sum` prints it.
        let digest = "73ceda67679033f468e81fc709c07fdb6bc02e0b6df5edf314dac5f4f6931b27";
        assert_eq!(value_of(&large, "x-copydesk-payload-sha256"), Some(digest));
        assert_eq!(value_of(&large, "x-copydesk-payload-bytes"), Some("11"));
        assert_eq!(value_of(&large, "x-original-offset"), Some("7"));

        let wordy = letter(b"0123456789", HEADERS_ROOM_BYTES);
        assert_eq!((wordy.key.as_deref(), value_of(&wordy, "theirs")), (None, None));
        assert!(value_of(&wordy, "x-copydesk-headers-omitted").is_some());
        assert_eq!(wordy.value.as_deref(), Some(b"0123456789".as_slice()));
    }
}
