//! The deduplication index: what the committed claims say.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::fingerprint::near::{Sample, Sketch};
use crate::fingerprint::{IdentityKey, PayloadHash, PublisherKey, TextKey, TitleKey};
use crate::sink::VouchedClaims;
use crate::source::Coordinate;
use crate::verdict::{ArticleId, Claim, Day};

#[cfg(test)]
pub(crate) mod conformance;
pub mod disk;
mod layers;
pub mod memory;
mod table;

pub use layers::Layers;
pub(crate) use table::ClaimTable;
pub use table::{Mark, Posting, Slot};

/// What can be asked of the claims. Each query has one answer, whatever the order in which claims came.
#[derive(Debug, Clone, Copy)]
pub enum Query<'a> {
    /// The claim of this very delivery: the coordinate with these bytes.
    Delivery(&'a Coordinate, PayloadHash),
    /// The newest claim of a coordinate, whatever its bytes were.
    Coordinate(&'a Coordinate),
    /// The newest claim of the article that the key leads to.
    Identity(IdentityKey),
    /// The newest claim of an article.
    Article(&'a ArticleId),
    /// The first claim of a text.
    Text(TextKey),
    /// The first claim of a text by a publisher, among those without a sketch: what is long enough for one needs no other
    /// evidence than its text, and no entry for this.
    TextBy(TextKey, PublisherKey),
    /// The first claim of a text under a title, among those without a sketch.
    TextUnder(TextKey, TitleKey),
    /// The first claim that holds a text in the place of this retracted article.
    Successor(&'a ArticleId),
}

/// How far a changelog has been applied: for each of its partitions, the first position that has not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChangelogPositions(pub BTreeMap<i32, u64>);

impl ChangelogPositions {
    /// Moves forward to `newer`, never back.
    pub fn advance(&mut self, newer: &Self) {
        for (partition, next) in &newer.0 {
            let known = self.0.entry(*partition).or_default();
            *known = (*known).max(*next);
        }
    }
}

/// A set of claims that can be asked. Only claims held on `since` or later answer: what older days say does not matter
/// any more, whether they have been dropped already or not.
pub trait Answers {
    /// The claim that answers a query, if any.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn find(&self, query: Query<'_>, since: Day) -> Result<Option<Arc<Claim>>, IndexError>;

    /// The first claim that named an identity key.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn first_named(&self, key: IdentityKey, since: Day) -> Result<Option<Arc<Claim>>, IndexError>;

    /// Claims that share a band with a sketch: of each band the newest few, the same whatever the order in which claims
    /// came.
    fn postings(&self, sketch: &Sketch, since: Day) -> Vec<Posting>;

    /// Whether the claim of a posting is of a text that shares too little with another, as its sample shows, to be
    /// compared with it.
    fn is_unlike(&self, slot: Slot, sample: &Sample) -> bool;

    /// The claim of a posting.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn claim(&self, slot: Slot) -> Result<Arc<Claim>, IndexError>;

    /// The greatest event time of all claims, milliseconds since the epoch.
    fn watermark_ms(&self) -> Option<i64>;
}

/// How large an index is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IndexSize {
    /// Claims.
    pub claims: usize,
    /// Bytes in files.
    pub disk_bytes: u64,
    /// The first day on which a claim is held.
    pub oldest: Option<Day>,
    /// How often a claim found a full bucket, or left one.
    pub overflowed: u64,
}

/// Holds the committed claims.
///
/// Contract, checked by the suite in `index/conformance.rs`: the answers are a function of the set of claims applied and of the days dropped;
/// applying again changes nothing; after a reopen the index answers as before, and `restored_to` is never ahead of the
/// claims it holds.
pub trait DedupIndex: Send {
    /// What the claims say.
    fn answers(&self) -> &dyn Answers;

    /// Takes claims that the changelog holds. Only a [`Sink`](crate::sink::Sink) that committed them, or a changelog that
    /// was read back, can make [`VouchedClaims`].
    ///
    /// # Errors
    /// Where they could not be stored. The index may then lag the changelog, never lead it.
    fn apply(&mut self, claims: VouchedClaims) -> Result<(), IndexError>;

    /// Drops the claims of days before this one.
    ///
    /// # Errors
    /// Where files could not be removed.
    fn expire(&mut self, oldest: Day) -> Result<(), IndexError>;

    /// Of claims that were applied, some turned out not to be committed: where they would outlive this process, the index
    /// begins anew from its changelog when it is opened next. Not to be used after this.
    ///
    /// # Errors
    /// Where files could not be moved.
    fn distrust(&mut self) -> Result<(), IndexError> {
        Ok(())
    }

    /// Where reading the changelog resumes.
    fn restored_to(&self) -> &ChangelogPositions;

    /// How large it is.
    fn size(&self) -> IndexSize;

    /// The claim that answers a query, of whatever day.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn lookup(&self, query: Query<'_>) -> Result<Option<Arc<Claim>>, IndexError> {
        self.answers().find(query, Day::FIRST)
    }

    /// Number of claims held.
    fn len(&self) -> usize {
        self.size().claims
    }

    /// Whether it holds none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Why the index cannot go on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum IndexError {
    /// The file system refused.
    #[error("cannot use index file {path}: {error}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        error: std::io::Error,
    },
    /// The file is damaged in front of good data: not the torn tail of a crash.
    #[error("index file {path} is damaged at byte {at}: delete the index folder, it is rebuilt from the changelog")]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// First bad byte.
        at: u64,
    },
    /// The oldest file is not there, and was not dropped.
    #[error("index file {path} is missing: delete the index folder, it is rebuilt from the changelog")]
    Missing {
        /// The file that should be there, or one before it.
        path: PathBuf,
    },
    /// Another process has it open.
    #[error("index {path} is in use by another process: stop it, or choose another folder")]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The index belongs to another changelog.
    #[error("index {path} belongs to changelog {found}, not {expected}: choose another dedup.index_dir, or delete it")]
    ForeignChangelog {
        /// The folder.
        path: PathBuf,
        /// The changelog it was built from.
        found: String,
        /// The changelog in use.
        expected: String,
    },
    /// The index holds sketches of another seed.
    #[error(
        "index {path} was built with another dedup.seed: put that back, or delete the index folder and let the claims in the changelog go"
    )]
    ForeignSeed {
        /// The folder.
        path: PathBuf,
    },
    /// A claim is not where it was put: a defect of the index.
    #[error("claim {slot} of the index is lost")]
    Lost {
        /// Its number.
        slot: Slot,
    },
    /// More claims than an index can number.
    #[error("the index holds {claims} claims and has no number for another: shorten dedup.window")]
    Full {
        /// How many it holds.
        claims: usize,
    },
    /// The index belongs to the changelog of another cluster.
    #[error(
        "index {path} was built on Kafka cluster {found}, this is cluster {expected}: delete the index folder, it is rebuilt \
         from the changelog, or choose another dedup.index_dir"
    )]
    ForeignCluster {
        /// The folder.
        path: PathBuf,
        /// Id of the cluster that it was built on.
        found: String,
        /// Id of the cluster in use.
        expected: String,
    },
}
