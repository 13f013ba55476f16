//! The deduplication index: what the committed claims say.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::fingerprint::{IdentityKey, PayloadHash, TextKey};
use crate::sink::VouchedClaims;
use crate::source::Coordinate;
use crate::verdict::{ArticleId, Claim};

#[cfg(test)]
pub(crate) mod conformance;
pub mod disk;
pub mod memory;
mod table;

pub(crate) use table::ClaimTable;

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

/// Holds the committed claims.
///
/// Contract, checked by the suite in `index/conformance.rs`: the answers are a function of the set of claims applied; applying again changes
/// nothing; after a reopen the index answers as before, and `restored_to` is never ahead of the claims it holds.
pub trait DedupIndex: Send {
    /// The claim that answers a query, if any.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn lookup(&self, query: Query<'_>) -> Result<Option<Arc<Claim>>, IndexError>;

    /// Takes claims that the changelog holds. Only a [`Sink`](crate::sink::Sink) that committed them, or a changelog that
    /// was read back, can make [`VouchedClaims`].
    ///
    /// # Errors
    /// Where they could not be stored. The index may then lag the changelog, never lead it.
    fn apply(&mut self, claims: VouchedClaims) -> Result<(), IndexError>;

    /// Where reading the changelog resumes.
    fn restored_to(&self) -> &ChangelogPositions;

    /// Number of claims held.
    fn len(&self) -> usize;

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
