//! A rejected payload as it is kept: its own bytes, key and headers, and in further headers why and whence. Sent back, it
//! is the payload that it was, and a count.
//!
//! # Headers
//! `x-copydesk-error-*` and `x-original-*` are of the last rejection. `x-copydesk-retries` counts how often the payload was
//! sent back, and `x-copydesk-first-*` is where it stood before the first time; both stay with it through every life.

use crate::rejection::Rejection;
use crate::source::{Coordinate, Delivery, Header, Offset, Partition};

mod lineage;
mod route;
mod selection;
mod tally;

pub use lineage::Lineage;
pub use route::{Held, Route};
pub use selection::Selection;
pub use tally::{Tally, TallyKey, TallyRow};

const ERROR: &str = "x-copydesk-error-";
const REASON: &str = "x-copydesk-error-reason";
const STAGE: &str = "x-copydesk-error-stage";
const MESSAGE: &str = "x-copydesk-error-message";
const REJECTED_AT: &str = "x-copydesk-error-at";
const PROCESSOR: &str = "x-copydesk-processor";
const ORIGINAL: [&str; 3] = ["x-original-topic", "x-original-partition", "x-original-offset"];
const ORIGINAL_TIMESTAMP: &str = "x-original-timestamp";
const FIRST: [&str; 3] = ["x-copydesk-first-topic", "x-copydesk-first-partition", "x-copydesk-first-offset"];
/// What Kafka allows a topic's name.
const LONGEST_TOPIC: usize = 249;
const RETRIES: &str = "x-copydesk-retries";
pub(crate) const PAYLOAD_OMITTED: &str = "x-copydesk-payload-omitted";
pub(crate) const PAYLOAD_SHA256: &str = "x-copydesk-payload-sha256";
pub(crate) const PAYLOAD_BYTES: &str = "x-copydesk-payload-bytes";
pub(crate) const HEADERS_OMITTED: &str = "x-copydesk-headers-omitted";

/// What the dead letter of a delivery says beside the payload's own headers. `rejected_at`, `event_time`: RFC 3339.
pub(crate) fn own_headers(
    delivery: &Delivery,
    rejection: &Rejection,
    rejected_at: &str,
    event_time: &str,
) -> Vec<Header> {
    let mut headers = vec![
        Header::text(REASON, rejection.reason()),
        Header::text(STAGE, rejection.stage().label()),
        Header::text(MESSAGE, &rejection.to_string()),
        Header::text(REJECTED_AT, rejected_at),
        Header::text(PROCESSOR, &crate::record::processor()),
    ];
    headers.extend(coordinate_headers(ORIGINAL, &delivery.coordinate));
    headers.push(Header::text(ORIGINAL_TIMESTAMP, event_time));
    headers.extend(history(delivery));
    headers
}

/// The headers that a payload came with, without those of an earlier life as a dead letter.
pub(crate) fn payload_headers(delivery: &Delivery) -> impl Iterator<Item = &Header> {
    delivery.headers.iter().filter(|header| !is_ours(&header.name))
}

fn is_ours(name: &str) -> bool {
    let others =
        [PROCESSOR, ORIGINAL_TIMESTAMP, RETRIES, PAYLOAD_OMITTED, PAYLOAD_SHA256, PAYLOAD_BYTES, HEADERS_OMITTED];
    name.get(..ERROR.len()).is_some_and(|start| start.eq_ignore_ascii_case(ERROR))
        || others.iter().chain(&ORIGINAL).chain(&FIRST).any(|own| name.eq_ignore_ascii_case(own))
}

/// What stays with a payload through every life; nothing for one that was never a dead letter.
fn history(delivery: &Delivery) -> Vec<Header> {
    let retries = retries(delivery);
    // A letter that was copied back by other means has its last coordinate still.
    let first = coordinate_at(delivery, FIRST).or_else(|| coordinate_at(delivery, ORIGINAL));
    let retries = (retries > 0).then(|| Header::text(RETRIES, &retries.to_string()));
    retries.into_iter().chain(first.iter().flat_map(|first| coordinate_headers(FIRST, first))).collect()
}

/// How often a payload was sent back. What is no number counts as never.
fn retries(delivery: &Delivery) -> u32 {
    delivery.header(RETRIES).and_then(|written| written.trim().parse().ok()).unwrap_or_default()
}

fn coordinate_headers(names: [&str; 3], coordinate: &Coordinate) -> [Header; 3] {
    let [topic, partition, offset] = names;
    [
        Header::text(topic, &coordinate.partition.topic),
        Header::text(partition, &coordinate.partition.number.to_string()),
        Header::text(offset, &coordinate.offset.0.to_string()),
    ]
}

fn coordinate_at(delivery: &Delivery, names: [&str; 3]) -> Option<Coordinate> {
    let [topic, number, offset] = names.map(|name| delivery.header(name));
    // A crawler's own idea of such a header must not outgrow the room that a letter has for ours.
    let topic = topic.filter(|topic| topic.len() <= LONGEST_TOPIC)?;
    let partition = Partition { topic: topic.into(), number: number?.parse().ok()? };
    Some(Coordinate { partition, offset: Offset(offset?.parse().ok()?) })
}

/// A dead letter as it was read: its coordinate is the one in the topic of dead letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter(Delivery);

impl Letter {
    /// What was read, as a letter.
    pub fn new(read: Delivery) -> Self {
        Self(read)
    }

    /// What was read.
    pub fn read(&self) -> &Delivery {
        &self.0
    }

    /// Its name within the topic: `PARTITION@OFFSET`.
    pub fn place(&self) -> String {
        let coordinate = &self.0.coordinate;
        format!("{}@{}", coordinate.partition.number, coordinate.offset.0)
    }

    /// Why it was rejected; "unknown" for what copydesk did not write.
    pub fn reason(&self) -> &str {
        self.0.header(REASON).unwrap_or("unknown")
    }

    /// The stage that rejected it; "unknown" as above.
    pub fn stage(&self) -> &str {
        self.0.header(STAGE).unwrap_or("unknown")
    }

    /// When it was rejected, in milliseconds since the epoch; else its own timestamp.
    pub fn rejected_at_ms(&self) -> i64 {
        let written = self.0.header(REJECTED_AT).and_then(|at| at.parse::<jiff::Timestamp>().ok());
        written.map_or(self.0.event_time_ms, jiff::Timestamp::as_millisecond)
    }

    /// How often it was sent back before.
    pub fn retries(&self) -> u32 {
        retries(&self.0)
    }

    /// Where the payload stood when it was rejected.
    pub fn original(&self) -> Option<Coordinate> {
        coordinate_at(&self.0, ORIGINAL)
    }

    /// Where the payload stood before it was ever sent back.
    pub fn first(&self) -> Option<Coordinate> {
        coordinate_at(&self.0, FIRST).or_else(|| self.original())
    }

    /// Whether everything that the payload came with is here.
    pub fn is_whole(&self) -> bool {
        self.0.header(PAYLOAD_OMITTED).is_none() && self.0.header(HEADERS_OMITTED).is_none()
    }

    /// Host of the page, where header `url` or the key is its address.
    pub fn host(&self) -> Option<String> {
        let address = url::Url::parse(self.0.header("url").or_else(|| self.0.key_text())?.trim()).ok()?;
        address.host_str().map(str::to_ascii_lowercase)
    }

    /// The headers to send it back with: its own, one more retry, and where it stood first.
    pub fn headers_back(&self) -> Vec<Header> {
        let retries = Header::text(RETRIES, &self.retries().saturating_add(1).to_string());
        let first = self.first();
        let first = first.iter().flat_map(|first| coordinate_headers(FIRST, first));
        payload_headers(&self.0).cloned().chain([retries]).chain(first).collect()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::source::Epoch;

    /// A delivery with these headers.
    pub(crate) fn delivery(at: (&str, i32, u64), key: Option<&str>, headers: &[(&str, &str)]) -> Delivery {
        let (topic, number, offset) = at;
        Delivery {
            coordinate: Coordinate { partition: Partition { topic: topic.into(), number }, offset: Offset(offset) },
            epoch: Epoch(0),
            event_time_ms: 1_000,
            key: key.map(|key| key.as_bytes().to_vec()),
            headers: headers.iter().map(|(name, value)| Header::text(name, value)).collect(),
            payload: Some(b"payload".to_vec()),
        }
    }

    /// The letter of a delivery, as the desk writes it at `offset`.
    pub(crate) fn rejected(delivery: &Delivery, rejection: &Rejection, offset: u64) -> Letter {
        let mut letter = delivery.clone();
        letter.headers = payload_headers(delivery).cloned().collect();
        letter.headers.extend(own_headers(delivery, rejection, "2026-11-23T10:00:00Z", "2026-11-22T10:00:00Z"));
        letter.coordinate =
            Coordinate { partition: Partition { topic: "dead".into(), number: 1 }, offset: Offset(offset) };
        Letter::new(letter)
    }

    /// The delivery that a letter becomes when it is sent back, at this offset of its topic.
    fn sent_back(letter: &Letter, offset: u64) -> Delivery {
        let mut delivery = letter.read().clone();
        delivery.coordinate = Coordinate { offset: Offset(offset), ..letter.original().unwrap() };
        delivery.headers = letter.headers_back();
        delivery
    }

    fn names(letter: &Letter) -> Vec<&str> {
        letter.read().headers.iter().map(|header| header.name.as_str()).collect()
    }

    #[test]
    fn a_letter_sent_back_and_rejected_again_has_one_set_of_headers_and_its_first_coordinate() {
        let crawled =
            delivery(("raw", 3, 7), Some("k"), &[("url", "https://example.org/"), ("crawler", "a"), ("crawler", "b")]);
        let first = rejected(&crawled, &Rejection::NoText, 0);
        assert_eq!(
            (first.retries(), first.first(), first.original()),
            (0, Some(crawled.coordinate.clone()), first.first())
        );

        let back = sent_back(&first, 20);
        assert_eq!(&back.headers[..3], &crawled.headers[..], "its own headers, in their order");
        assert!(back.header(REASON).is_none() && back.header("x-original-offset").is_none(), "{:?}", back.headers);

        let second = rejected(&back, &Rejection::Empty, 1);
        assert_eq!((second.reason(), second.stage(), second.retries()), ("empty", "decode", 1));
        assert_eq!(second.first(), Some(crawled.coordinate.clone()));
        assert_eq!(second.original().unwrap().offset, Offset(20));

        let third = rejected(&sent_back(&second, 30), &Rejection::Empty, 2);
        assert_eq!((third.retries(), third.first()), (2, Some(crawled.coordinate)));
        for letter in [&second, &third] {
            let mut ours: Vec<&str> = names(letter).into_iter().filter(|name| is_ours(name)).collect();
            assert_eq!(ours.len(), 5 + 4 + 1 + 3, "{ours:?}");
            ours.sort_unstable();
            ours.dedup();
            assert_eq!(ours.len(), 13, "each once");
        }
    }

    #[test]
    fn a_letter_that_was_copied_back_with_all_its_headers_is_told_apart_from_its_new_life() {
        let first = rejected(&delivery(("raw", 3, 7), None, &[("X-Original-URL", "/a")]), &Rejection::NoText, 0);
        let mut copied = first.read().clone();
        copied.coordinate = Coordinate { partition: Partition { topic: "raw".into(), number: 0 }, offset: Offset(9) };
        let second = rejected(&copied, &Rejection::Empty, 1);
        assert_eq!((second.reason(), second.original().map(|at| at.offset)), ("empty", Some(Offset(9))));
        assert_eq!(second.first().map(|at| at.offset), Some(Offset(7)));
        assert_eq!(names(&second).iter().filter(|name| **name == REASON).count(), 1);
        assert_eq!(names(&second)[0], "X-Original-URL", "not one of ours");
    }

    #[test]
    fn what_is_no_letter_of_ours_is_unknown_and_not_half_understood() {
        let foreign = Letter::new(delivery(("dead", 0, 0), None, &[("x-original-topic", "raw"), (RETRIES, "many")]));
        assert_eq!((foreign.reason(), foreign.stage(), foreign.retries()), ("unknown", "unknown", 0));
        assert_eq!((foreign.original(), foreign.host(), foreign.rejected_at_ms()), (None, None, 1_000));
        assert!(foreign.is_whole());

        let endless = "x".repeat(100_000);
        let headers = [(FIRST[0], &*endless), (FIRST[1], "0"), (FIRST[2], "0"), (RETRIES, "99999999999999999999")];
        let letter = rejected(&delivery(("raw", 0, 0), None, &headers), &Rejection::NoText, 0);
        assert!(letter.read().size() < 1_000, "nothing of that comes into our headers");
        assert_eq!(letter.first(), letter.original());
    }
}
