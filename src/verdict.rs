//! The rule that decides: is this delivery a new article, a revision, a repetition or a copy?

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize};

use crate::fingerprint::near::Sketch;
use crate::fingerprint::{IdentityKey, Key, PayloadHash, PublisherKey, TextKey, TitleKey};
use crate::source::Coordinate;

mod adjudicate;
mod article;
mod near;
mod policy;
mod retract;
mod window;

pub use adjudicate::{Decision, Evidence, Question, adjudicate};
pub use near::{Likeness, Nearest, Search};
pub use policy::{Bands, Mode, Policy, Redelivery, Updates};
pub use retract::{Named, Retraction, retract};
pub(crate) use window::Place;
pub use window::{Day, Timing, Window};

/// Names an article for ever: `a1-` and 32 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct ArticleId(Arc<str>);

impl ArticleId {
    /// The id that an identity key gives.
    pub(crate) fn of(key: IdentityKey) -> Self {
        Self(format!("a1-{key}").into())
    }

    /// The id as it is written in records; `None` where this is none.
    pub(crate) fn parse(written: &str) -> Option<(Self, IdentityKey)> {
        let key = IdentityKey::parse(written.trim().strip_prefix("a1-")?)?;
        Some((Self::of(key), key))
    }

    /// Sixty-four bits of it.
    pub(crate) fn short(&self) -> u64 {
        Self::parse(&self.0).map_or(0, |(_, key)| key.short())
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ArticleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a delivery is, against everything that came before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// A new article.
    Unique,
    /// The same article with its text changed in substance.
    Revision,
    /// The same article with no change in substance.
    Unchanged,
    /// A copy elsewhere, equal in its normalised text.
    Exact,
    /// A copy elsewhere: cut, edited, under another headline.
    Near,
    /// This very delivery already had its outcome.
    Replayed,
    /// The article has been taken back: by this delivery, or by a retraction that is not older than it.
    Retracted,
}

impl Verdict {
    /// All of them, for metrics that start at 0.
    pub const ALL: [Self; 7] =
        [Self::Unique, Self::Revision, Self::Unchanged, Self::Exact, Self::Near, Self::Replayed, Self::Retracted];

    /// The name used in records, metrics and batch lines.
    pub fn label(self) -> &'static str {
        match self {
            Self::Unique => "unique",
            Self::Revision => "revision",
            Self::Unchanged => "unchanged",
            Self::Exact => "exact",
            Self::Near => "near",
            Self::Replayed => "replayed",
            Self::Retracted => "retracted",
        }
    }

    /// Whether it says that this is a copy of an article elsewhere.
    pub fn is_copy(self) -> bool {
        matches!(self, Self::Exact | Self::Near)
    }
}

/// What one delivery established: the unit of deduplication state, written to the changelog.
///
/// The index is a function of the *set* of claims: neither their order nor repetition matters, so that every instance
/// and every restart arrives at the same state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The delivery.
    pub delivery: Coordinate,
    /// Hash of its bytes: the same coordinate with other bytes is another delivery.
    pub payload: PayloadHash,
    /// Event time, milliseconds since the epoch; of a delivery too far ahead, the watermark at which it was adjudicated.
    pub event_time_ms: i64,
    /// The day on which it is held, where its event time does not say: of a late delivery, the oldest of the window then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<Day>,
    /// The article that the delivery belongs to.
    pub article: ArticleId,
    /// The article's newest revision after this claim; 0 where nothing of it was ever published.
    pub revision: u32,
    /// What the delivery was.
    pub verdict: Verdict,
    /// Whether it was published.
    pub published: bool,
    /// Identity keys that lead to the article.
    pub aliases: Vec<IdentityKey>,
    /// Its normalised text; absent where a retraction named something unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<TextKey>,
    /// Its text without clocks and counters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub substance: Option<TextKey>,
    /// What near copies of its text are told by, where it established one. One of another version counts as none.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "sketch_of_this_version")]
    pub sketch: Option<Sketch>,
    /// For a near copy or a revision found by its text, how near it is to what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub likeness: Option<Likeness>,
    /// Articles that its text is related to, most alike first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<ArticleId>,
    /// Its normalised title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<TitleKey>,
    /// Its publisher.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publisher: Option<PublisherKey>,
    /// For a copy, the article whose text it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<ArticleId>,
    /// For everything but a new article, the delivery that first carried what this one copies, repeats or revises.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Coordinate>,
    /// The retracted article whose text this one holds in its place: later copies of the text are copies of this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub succeeds: Option<ArticleId>,
}

impl Claim {
    /// Total order of "who was first" that every instance agrees on.
    pub fn precedence(&self) -> (i64, &Coordinate, PayloadHash) {
        (self.event_time_ms, &self.delivery, self.payload)
    }

    /// Order of an article's states: the newest revision, then the newest claim of it.
    pub fn recency(&self) -> (u32, i64, &Coordinate, PayloadHash) {
        (self.revision, self.event_time_ms, &self.delivery, self.payload)
    }

    /// The delivery that stands at the head of this claim's article or cluster.
    pub fn origin(&self) -> &Coordinate {
        self.first.as_ref().unwrap_or(&self.delivery)
    }

    /// Whether this claim left its article taken back.
    pub fn is_retracted(&self) -> bool {
        self.verdict == Verdict::Retracted
    }

    /// The day on which it is held.
    pub fn held_on(&self) -> Day {
        self.day.unwrap_or_else(|| Day::of(self.event_time_ms))
    }

    /// Names the delivery and its bytes, in 64 bits: settles the order of claims of one time.
    pub(crate) fn tie(&self) -> u64 {
        let Coordinate { partition, offset } = &self.delivery;
        let (number, offset) = (partition.number.to_le_bytes(), offset.0.to_le_bytes());
        Key::<Tie>::of(&[partition.topic.as_bytes(), &number, &offset, &self.payload.bytes()]).short()
    }

    /// The article whose text this is: itself, or for a copy the original.
    pub fn original(&self) -> &ArticleId {
        self.of.as_ref().unwrap_or(&self.article)
    }
}

/// Marks the key of a delivery and its bytes.
#[derive(Clone, Copy)]
enum Tie {}

/// A sketch that another version wrote is no evidence, and no reason to stop.
fn sketch_of_this_version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Sketch>, D::Error> {
    let written = Option::<serde_json::Value>::deserialize(deserializer)?;
    Ok(written.and_then(|written| serde_json::from_value(written).ok()))
}
