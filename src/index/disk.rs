//! The index on disk: claims in log files; in memory what finds them.
//!
//! The changelog is the truth and this a copy of it that makes a restart short: each application is handed to the
//! operating system at once, so that a killed process loses nothing, but not synced, because what a machine's crash
//! takes from the tail is read from the changelog again.

use std::path::Path;
use std::sync::Arc;

use super::{Answers, ChangelogPositions, ClaimTable, DedupIndex, IndexError, IndexSize};
use crate::lock::ExclusiveLock;
use crate::sink::VouchedClaims;
use crate::verdict::{Claim, Day};

mod cluster;
mod first;
mod rebuild;
mod recent;
mod samples;
mod segment;
mod segments;
mod shelf;
pub mod survey;

pub use cluster::ClusterMark;
use first::FirstMark;
pub use segment::Origin;
use segments::Segments;
use shelf::{Location, OnDisk};

/// Claims on disk. One process at a time: the folder is locked while the index is open.
#[derive(Debug)]
pub struct DiskIndex {
    claims: ClaimTable<OnDisk>,
    restored_to: ChangelogPositions,
    /// Positions as the files hold them.
    written_to: ChangelogPositions,
    /// Days before this one have been dropped.
    dropped_to: Day,
    /// Held for its lock.
    _lock: ExclusiveLock,
}

impl DiskIndex {
    /// Opens the index in a folder, making it where it is missing, and restores what it holds. `origin` is the changelog
    /// that it copies, and the seed of its sketches.
    ///
    /// # Errors
    /// Of the file system; where another process has the index open; where it was built from another changelog or with
    /// another seed; where a file is damaged.
    pub fn open(dir: &Path, origin: Origin) -> Result<Self, IndexError> {
        Self::with_segment_bytes(dir, origin, segments::SEGMENT_BYTES)
    }

    /// What holds an index to the Kafka cluster that its changelog is on.
    pub fn cluster_mark(&self) -> ClusterMark {
        ClusterMark::new(self.claims.shelf().segments.dir())
    }

    fn with_segment_bytes(dir: &Path, origin: Origin, segment_bytes: u64) -> Result<Self, IndexError> {
        std::fs::create_dir_all(dir).map_err(|error| IndexError::Io { path: dir.to_owned(), error })?;
        let path = dir.join("lock");
        let lock = ExclusiveLock::take(&path).map_err(|error| IndexError::Io { path, error })?;
        let lock = lock.ok_or_else(|| IndexError::InUse { path: dir.to_owned() })?;
        let segments = Segments::new(dir, origin.clone(), segment_bytes);
        let mut index = Self {
            claims: ClaimTable::new(OnDisk::new(segments)),
            restored_to: ChangelogPositions::default(),
            written_to: ChangelogPositions::default(),
            dropped_to: Day::FIRST,
            _lock: lock,
        };
        let files = segment::list(dir)?;
        FirstMark::new(dir).confirm(&files)?;
        for path in files {
            index.read(&path, dir, &origin)?;
        }
        index.written_to = index.restored_to.clone();
        index.claims.shelf_mut().segments.ready(&index.restored_to)?;
        Ok(index)
    }

    fn read(&mut self, path: &Path, dir: &Path, origin: &Origin) -> Result<(), IndexError> {
        let (segment, expected) = self.claims.shelf_mut().segments.begin(path)?;
        let mut newest = Day::FIRST;
        let opened = segment::open(path, dir, origin, expected, &mut |applied| {
            let claims: Vec<&(Arc<Claim>, u32, u32)> = applied.iter().flat_map(|applied| &applied.claims).collect();
            newest = claims.iter().map(|(claim, ..)| claim.held_on()).fold(newest, Day::max);
            self.claims.insert_all(claims.iter().map(|(claim, ..)| claim), |shelf, at, slot| {
                if let Some((_, offset, length)) = claims.get(at) {
                    shelf.settle(slot, Location { segment, offset: *offset, length: *length });
                }
            })?;
            applied.iter().for_each(|applied| self.restored_to.advance(&applied.positions));
            Ok(())
        })?;
        self.restored_to.advance(&opened.positions);
        self.claims.shelf_mut().segments.end(opened, newest);
        Ok(())
    }
}

impl DedupIndex for DiskIndex {
    fn answers(&self) -> &dyn Answers {
        &self.claims
    }

    fn apply(&mut self, claims: VouchedClaims) -> Result<(), IndexError> {
        for claim in claims.claims() {
            // What has been dropped may come once more from the changelog.
            if claim.held_on() >= self.dropped_to {
                self.claims.insert(claim)?;
            }
        }
        if let Some(reached) = claims.changelog() {
            self.restored_to.advance(reached);
        }
        let shelf = self.claims.shelf_mut();
        if shelf.is_written() && self.restored_to == self.written_to {
            return Ok(());
        }
        shelf.write(&self.restored_to, &self.written_to)?;
        self.written_to.clone_from(&self.restored_to);
        Ok(())
    }

    fn expire(&mut self, oldest: Day) -> Result<(), IndexError> {
        self.dropped_to = self.dropped_to.max(oldest);
        if self.claims.expire(oldest) {
            self.claims.shelf_mut().segments.drop_before(oldest)?;
        }
        Ok(())
    }

    fn distrust(&mut self) -> Result<(), IndexError> {
        rebuild::set_aside(self.claims.shelf().segments.dir())
    }

    fn restored_to(&self) -> &ChangelogPositions {
        &self.restored_to
    }

    fn size(&self) -> IndexSize {
        IndexSize { disk_bytes: self.claims.shelf().segments.bytes(), ..self.claims.size() }
    }
}

#[cfg(test)]
mod tests;
