//! Where deliveries come from: the [`Source`] trait, coordinates, and what rides with a payload.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

#[cfg(test)]
pub(crate) mod conformance;
pub mod file;
pub(crate) mod lines;

/// One ordered stream of deliveries: a topic's partition, or a file (number 0).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Partition {
    /// Topic, or the name of the file.
    pub topic: Arc<str>,
    /// Number within the topic.
    pub number: i32,
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.topic, self.number)
    }
}

/// Position of one delivery in its partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Offset(pub u64);

impl Offset {
    /// The position that a commit of this delivery stores.
    pub fn next(self) -> NextOffset {
        NextOffset(self.0 + 1)
    }
}

/// The first offset that has no outcome yet: what is committed, always one past a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NextOffset(pub u64);

/// For each partition, where reading resumes.
pub type Positions = BTreeMap<Partition, NextOffset>;

/// Names one delivery for ever.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Coordinate {
    /// The partition it came from.
    #[serde(flatten)]
    pub partition: Partition,
    /// Its place there.
    pub offset: Offset,
}

impl fmt::Display for Coordinate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.partition, self.offset.0)
    }
}

/// Numbers the assignments of this process: a delivery of an older epoch has been handed back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Epoch(pub u64);

/// A header of a delivery, as the crawler wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Name, in the crawler's own letters.
    pub name: String,
    /// Value, if there is one.
    pub value: Option<Vec<u8>>,
}

impl Header {
    /// A header whose value is text.
    pub(crate) fn text(name: &str, value: &str) -> Self {
        Self { name: name.to_owned(), value: Some(value.as_bytes().to_vec()) }
    }
}

/// One payload, with its coordinate and what its carrier said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Where it stands in the input.
    pub coordinate: Coordinate,
    /// The assignment it was read under.
    pub epoch: Epoch,
    /// Event time in milliseconds since the epoch: the Kafka timestamp, or what stands in for it in a file.
    pub event_time_ms: i64,
    /// The record's key.
    pub key: Option<Vec<u8>>,
    /// The record's headers.
    pub headers: Vec<Header>,
    /// The payload's bytes, untouched; `None` for a null value.
    pub payload: Option<Vec<u8>>,
}

impl Delivery {
    /// Bytes that the delivery itself holds.
    pub fn size(&self) -> usize {
        let headers: usize =
            self.headers.iter().map(|header| header.name.len() + header.value.as_ref().map_or(0, Vec::len)).sum();
        headers + self.key.as_ref().map_or(0, Vec::len) + self.payload.as_ref().map_or(0, Vec::len)
    }

    /// The record's key, where it is valid UTF-8.
    pub fn key_text(&self) -> Option<&str> {
        std::str::from_utf8(self.key.as_deref()?).ok()
    }

    /// The last header of that name (ASCII case ignored) that is valid UTF-8.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .rev()
            .find(|header| header.name.eq_ignore_ascii_case(name))
            .and_then(|header| std::str::from_utf8(header.value.as_deref()?).ok())
    }

    /// All headers of that name (ASCII case ignored) that hold text, in their order, trimmed.
    pub(crate) fn headers_named(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.headers.iter().filter(move |header| header.name.eq_ignore_ascii_case(name));
        let texts = named.filter_map(|header| std::str::from_utf8(header.value.as_deref()?).ok());
        texts.map(str::trim).filter(|value| !value.is_empty())
    }
}

/// What a [`Source`] has to say next.
#[derive(Debug)]
pub enum Polled {
    /// A payload.
    Delivery(Delivery),
    /// Nothing within the time given.
    Idle,
    /// Nothing will come any more.
    Ended,
}

/// Hears of changes in what this process may read, from within [`Source::poll`].
pub trait Assignments: Send + Sync {
    /// These partitions are read from now on, under the epoch that is returned.
    fn assigned(&self, partitions: &[Partition]) -> Epoch;

    /// These partitions are handed back. Returns when no commit of ours can touch them any more, or when the
    /// time allowed for a commit under way is over. `lost`: another member may own them already, do not wait.
    fn revoked(&self, partitions: &[Partition], lost: bool);
}

/// Gives deliveries in offset order per partition.
///
/// All calls come from one thread. Contract, checked by the suite in `source/conformance.rs`:
/// - `subscribe` comes first; every partition is announced by [`Assignments::assigned`] before its first delivery;
/// - within a partition offsets ascend, and the first is the committed position, if there is one (a pipe, which
///   nothing tells from that of an earlier run, starts over: claims tell what has been settled);
/// - between `pause` and `resume` no delivery is returned, but `poll` keeps the membership alive;
/// - after [`Polled::Ended`] every further `poll` says so too.
pub trait Source: Send {
    /// Starts reading. What has been settled before (`resume_at`, from sinks that keep positions) is not delivered again.
    ///
    /// # Errors
    /// Where the source cannot be opened.
    fn subscribe(&mut self, assignments: Arc<dyn Assignments>, resume_at: &Positions) -> Result<(), SourceError>;

    /// The next delivery, waiting at most `timeout`.
    ///
    /// # Errors
    /// Where reading cannot go on without help; what a retry mends is retried within.
    fn poll(&mut self, timeout: Duration) -> Result<Polled, SourceError>;

    /// Whether it has an end, as files have.
    fn ends(&self) -> bool {
        false
    }

    /// Stops deliveries, because no permits are left.
    ///
    /// # Errors
    /// As `poll`.
    fn pause(&mut self) -> Result<(), SourceError>;

    /// Goes on after `pause`.
    ///
    /// # Errors
    /// As `poll`.
    fn resume(&mut self) -> Result<(), SourceError>;

    /// Opens partitions of an epoch whose claims have been restored.
    ///
    /// # Errors
    /// As `poll`.
    fn restored(&mut self, _epoch: Epoch) -> Result<(), SourceError> {
        Ok(())
    }

    /// Stores positions whose outcomes are published and indexed. Only for guarantees in which the sink does not
    /// commit positions itself.
    ///
    /// # Errors
    /// Where positions could not be stored; they will be delivered again.
    fn acknowledge(&mut self, _positions: &Positions) -> Result<(), SourceError> {
        Ok(())
    }
}

/// Why reading cannot go on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SourceError {
    /// A file or folder could not be read.
    #[error("cannot read {name}: {error}")]
    Io {
        /// File, folder or "standard input".
        name: String,
        /// The system's reason.
        error: std::io::Error,
    },
    /// The broker refuses for good.
    #[error("kafka source: {0}")]
    Kafka(String),
}
