//! The side file: what is committed, and with it the changelog of claims.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::OpenError;
use crate::frames::{FrameError, FramedLog};
use crate::index::{ChangelogPositions, DedupIndex};
use crate::lock::ExclusiveLock;
use crate::sink::{SinkError, VouchedClaims};
use crate::source::{NextOffset, Partition, Positions};
use crate::verdict::Claim;

/// The changelog's only partition.
const PARTITION: i32 = 0;

/// First frame.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    /// Names this side file for ever.
    changelog: String,
}

/// Lengths of the outputs in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Lengths {
    pub(super) records: u64,
    pub(super) duplicates: u64,
    pub(super) rejected: u64,
}

/// Where one partition of the input resumes.
#[derive(Debug, Serialize, Deserialize)]
struct Position {
    #[serde(flatten)]
    partition: Partition,
    next: NextOffset,
}

/// Every other frame, as it is written.
#[derive(Serialize)]
struct Commit<'a> {
    lengths: Lengths,
    /// Of every partition.
    positions: Vec<Position>,
    claims: &'a [Arc<Claim>],
}

/// What a commit says about outputs and input.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Reached {
    pub(super) lengths: Lengths,
    positions: Vec<Position>,
}

impl Reached {
    pub(super) fn positions(&self) -> Positions {
        self.positions.iter().map(|position| (position.partition.clone(), position.next)).collect()
    }
}

/// What a commit says to the index.
#[derive(Debug, Deserialize)]
struct Claims {
    claims: Vec<Arc<Claim>>,
}

#[derive(Debug)]
pub(super) struct Commits {
    log: FramedLog,
    changelog: String,
    /// Of the last commit, all of them: a batch names only the partitions that it moved.
    positions: Positions,
    /// Held for its lock.
    _lock: ExclusiveLock,
}

impl Commits {
    /// Opens the side file and says what the last commit reached. `may_begin` is asked before one is begun.
    pub(super) fn open(
        path: &Path,
        may_begin: impl Fn() -> Result<(), OpenError>,
    ) -> Result<(Self, Reached), OpenError> {
        let io = |error| OpenError::Io { path: path.to_owned(), error };
        if !path.try_exists().map_err(io)? {
            may_begin()?;
        }
        let in_use = || OpenError::InUse { path: path.to_owned() };
        let lock = ExclusiveLock::take(path).map_err(io)?.ok_or_else(in_use)?;
        let mut changelog = None;
        let mut last = Reached::default();
        let mut log = FramedLog::open(path, |at, payload| {
            let corrupt = |_| OpenError::Corrupt { path: path.to_owned(), at };
            if changelog.is_none() {
                changelog = Some(serde_json::from_slice::<Head>(payload).map_err(corrupt)?.changelog);
            } else {
                last = serde_json::from_slice(payload).map_err(corrupt)?;
            }
            Ok::<_, OpenError>(())
        })?;
        let changelog = match changelog {
            Some(changelog) => changelog,
            None => {
                may_begin()?;
                begin(&mut log)?
            }
        };
        let positions = last.positions();
        Ok((Self { log, changelog, positions, _lock: lock }, last))
    }

    /// Identity of this side file as a changelog.
    pub(super) fn changelog(&self) -> &str {
        &self.changelog
    }

    /// Where the side file is.
    pub(super) fn path(&self) -> &Path {
        self.log.path()
    }

    /// How far it reaches as a changelog.
    pub(super) fn reached(&self) -> ChangelogPositions {
        ChangelogPositions([(PARTITION, self.count())].into())
    }

    /// Adds a commit. After an error it is not added.
    pub(super) fn append(
        &mut self,
        lengths: Lengths,
        moved: &Positions,
        claims: &[Arc<Claim>],
    ) -> Result<(), FrameError> {
        let mut positions = self.positions.clone();
        positions.extend(moved.iter().map(|(partition, next)| (partition.clone(), *next)));
        let entries = positions.iter().map(|(partition, next)| Position { partition: partition.clone(), next: *next });
        let commit = Commit { lengths, positions: entries.collect(), claims };
        self.log.append(&encode(&commit, self.log.path())?)?;
        self.positions = positions;
        Ok(())
    }

    /// Waits until the commits are on the disk. After an error it is unknown whether the last one is.
    pub(super) fn sync(&mut self) -> Result<(), FrameError> {
        self.log.sync()
    }

    pub(super) fn roll_forward(&self, index: &mut dyn DedupIndex) -> Result<u64, OpenError> {
        let applied = index.restored_to().0.get(&PARTITION).copied().unwrap_or(0);
        if applied > self.count() {
            return Err(OpenError::IndexAhead { path: self.path().to_owned(), applied, committed: self.count() });
        }
        // The head is frame 0, so that a frame's number is what the changelog reaches with it.
        let mut frame = 0;
        self.log.visit(|at, payload| {
            if frame > applied {
                let commit: Claims = serde_json::from_slice(payload)
                    .map_err(|_| OpenError::Corrupt { path: self.path().to_owned(), at })?;
                index
                    .apply(VouchedClaims::read_back(commit.claims, ChangelogPositions([(PARTITION, frame)].into())))?;
            }
            frame += 1;
            Ok::<_, OpenError>(())
        })?;
        Ok(self.count() - applied)
    }

    fn count(&self) -> u64 {
        self.log.frames().saturating_sub(1)
    }
}

/// Writes the head of a new side file.
fn begin(log: &mut FramedLog) -> Result<String, OpenError> {
    // The standard library's seeds are its one source of random bits.
    let random = RandomState::new().build_hasher().finish();
    let changelog = format!("file-{random:016x}");
    log.append(&encode(&Head { changelog: changelog.clone() }, log.path())?)?;
    log.sync()?;
    crate::frames::sync_folder_of(log.path()).map_err(|error| OpenError::Io { path: log.path().to_owned(), error })?;
    Ok(changelog)
}

fn encode(frame: &impl Serialize, path: &Path) -> Result<Vec<u8>, FrameError> {
    serde_json::to_vec(frame).map_err(|error| FrameError::Io { path: path.to_owned(), error: error.into() })
}

impl From<FrameError> for SinkError {
    fn from(error: FrameError) -> Self {
        match error {
            FrameError::Io { path, error } => Self::Io { path, error },
            FrameError::Corrupt { path, at } => {
                Self::Fatal { reason: format!("{} is damaged at byte {at}", path.display()) }
            }
        }
    }
}
