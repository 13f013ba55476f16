//! The index on disk: claims in log files, answers from memory.
//!
//! The changelog is the truth and this a copy of it that makes a restart short: each application is handed to the
//! operating system at once, so that a killed process loses nothing, but not synced, because what a machine's crash
//! takes from the tail is read from the changelog again.

use std::path::Path;
use std::sync::Arc;

use super::{ChangelogPositions, ClaimTable, DedupIndex, IndexError, Query};
use crate::lock::ExclusiveLock;
use crate::sink::VouchedClaims;
use crate::verdict::Claim;

mod cluster;
mod segments;

pub use cluster::ClusterMark;
use segments::Segments;

/// Claims on disk. One process at a time: the folder is locked while the index is open.
#[derive(Debug)]
pub struct DiskIndex {
    claims: ClaimTable,
    restored_to: ChangelogPositions,
    segments: Segments,
    /// Claims that are in memory and not in a file yet, because writing them failed.
    unwritten: Vec<Arc<Claim>>,
    /// Positions as the files hold them.
    written_to: ChangelogPositions,
    /// Held for its lock.
    _lock: ExclusiveLock,
}

impl DiskIndex {
    /// Opens the index in a folder, making it where it is missing, and restores what it holds. `changelog_name` is the
    /// identity of the changelog that it copies.
    ///
    /// # Errors
    /// Of the file system; where another process has the index open; where it was built from another changelog; where a
    /// file is damaged.
    pub fn open(dir: &Path, changelog_name: &str) -> Result<Self, IndexError> {
        Self::with_segment_bytes(dir, changelog_name, segments::SEGMENT_BYTES)
    }

    /// What holds an index to the Kafka cluster that its changelog is on.
    pub fn cluster_mark(&self) -> ClusterMark {
        ClusterMark::new(self.segments.dir())
    }

    fn with_segment_bytes(dir: &Path, changelog_name: &str, segment_bytes: u64) -> Result<Self, IndexError> {
        std::fs::create_dir_all(dir).map_err(|error| IndexError::Io { path: dir.to_owned(), error })?;
        let path = dir.join("lock");
        let lock = ExclusiveLock::take(&path).map_err(|error| IndexError::Io { path, error })?;
        let lock = lock.ok_or_else(|| IndexError::InUse { path: dir.to_owned() })?;
        let mut claims = ClaimTable::default();
        let mut restored_to = ChangelogPositions::default();
        let segments = Segments::open(dir, changelog_name, segment_bytes, |applied| {
            for claim in &applied.claims {
                claims.insert(claim);
            }
            restored_to.advance(&applied.positions);
        })?;
        Ok(Self { claims, written_to: restored_to.clone(), restored_to, segments, unwritten: Vec::new(), _lock: lock })
    }
}

impl DedupIndex for DiskIndex {
    fn lookup(&self, query: Query<'_>) -> Result<Option<Arc<Claim>>, IndexError> {
        Ok(self.claims.find(query).cloned())
    }

    fn apply(&mut self, claims: VouchedClaims) -> Result<(), IndexError> {
        for claim in claims.claims() {
            if self.claims.insert(claim) {
                self.unwritten.push(Arc::clone(claim));
            }
        }
        if let Some(reached) = claims.changelog() {
            self.restored_to.advance(reached);
        }
        if self.unwritten.is_empty() && self.restored_to == self.written_to {
            return Ok(());
        }
        // One frame, so that positions never reach a file without the claims before them.
        self.segments.append(&self.unwritten, &self.restored_to)?;
        self.unwritten.clear();
        self.written_to.clone_from(&self.restored_to);
        Ok(())
    }

    fn restored_to(&self) -> &ChangelogPositions {
        &self.restored_to
    }

    fn len(&self) -> usize {
        self.claims.len()
    }
}

#[cfg(test)]
mod tests;
