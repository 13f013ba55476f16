//! The files of an index: claims by ascending sequence, a new file when one is full.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::frames::{FrameError, FramedLog};
use crate::index::{ChangelogPositions, IndexError};
use crate::verdict::Claim;

/// Size at which the next file is begun, so that old claims can go a file at a time.
pub(super) const SEGMENT_BYTES: u64 = 64 << 20;

/// First frame of each file.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    /// Identity of the changelog that the claims come from.
    changelog: String,
    /// Number of claims in earlier files.
    first_sequence: u64,
}

/// Every other frame: one application.
#[derive(Debug, Deserialize)]
pub(super) struct Applied {
    pub(super) claims: Vec<Arc<Claim>>,
    /// How far the changelog is applied with these claims.
    pub(super) positions: ChangelogPositions,
}

/// [`Applied`], to be written.
#[derive(Serialize)]
struct Applying<'a> {
    claims: &'a [Arc<Claim>],
    positions: &'a ChangelogPositions,
}

#[derive(Debug)]
pub(super) struct Segments {
    dir: PathBuf,
    changelog: String,
    segment_bytes: u64,
    /// The file that is written.
    last: FramedLog,
    /// Sequence of its first claim.
    first: u64,
    /// Sequence of the next claim.
    next: u64,
}

impl Segments {
    pub(super) fn open(
        dir: &Path,
        changelog: &str,
        segment_bytes: u64,
        mut visit: impl FnMut(&Applied),
    ) -> Result<Self, IndexError> {
        let mut next = None;
        let mut last = None;
        for path in list(dir)? {
            let (log, sequences) = read(&path, dir, changelog, next, &mut visit)?;
            next = Some(sequences.end);
            last = Some((log, sequences.start));
        }
        let next = next.unwrap_or(0);
        let (mut last, first) = match last {
            Some(last) => last,
            None => (create(dir, next)?, next),
        };
        if last.frames() == 0 {
            write_head(&mut last, changelog, next)?;
        }
        Ok(Self { dir: dir.to_owned(), changelog: changelog.to_owned(), segment_bytes, last, first, next })
    }

    /// Adds one application. After an error nothing is added.
    pub(super) fn append(&mut self, claims: &[Arc<Claim>], positions: &ChangelogPositions) -> Result<(), IndexError> {
        if self.last.len() >= self.segment_bytes && self.next > self.first {
            self.roll()?;
        }
        self.last.append(&encode(&Applying { claims, positions }, &self.last)?)?;
        self.next += claims.len() as u64;
        Ok(())
    }

    /// The folder.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Size of the file that is written.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> u64 {
        self.last.len()
    }

    fn roll(&mut self) -> Result<(), IndexError> {
        // Only the newest file may have a torn tail.
        self.last.sync()?;
        let mut log = create(&self.dir, self.next)?;
        if log.frames() == 0 {
            write_head(&mut log, &self.changelog, self.next)?;
        }
        self.last = log;
        self.first = self.next;
        Ok(())
    }
}

/// Reads one file, and says which sequences it holds. `expected` is the sequence at which it must begin, where an earlier file tells.
fn read(
    path: &Path,
    dir: &Path,
    changelog: &str,
    expected: Option<u64>,
    visit: &mut impl FnMut(&Applied),
) -> Result<(FramedLog, Range<u64>), IndexError> {
    let mut sequences = None;
    let corrupt = |at| IndexError::Corrupt { path: path.to_owned(), at };
    let log = FramedLog::open(path, |at, payload| {
        match &mut sequences {
            None => {
                let head: Head = serde_json::from_slice(payload).map_err(|_| corrupt(at))?;
                if head.changelog != changelog {
                    let expected = changelog.to_owned();
                    return Err(IndexError::ForeignChangelog { path: dir.to_owned(), found: head.changelog, expected });
                }
                if expected.is_some_and(|expected| expected != head.first_sequence) {
                    return Err(corrupt(at));
                }
                sequences = Some(head.first_sequence..head.first_sequence);
            }
            Some(sequences) => {
                let applied: Applied = serde_json::from_slice(payload).map_err(|_| corrupt(at))?;
                visit(&applied);
                sequences.end += applied.claims.len() as u64;
            }
        }
        Ok(())
    })?;
    // Without a frame its maker crashed right after making it.
    let begin = expected.unwrap_or(0);
    Ok((log, sequences.unwrap_or(begin..begin)))
}

/// The files, oldest first: their names hold the first sequence with leading zeros.
fn list(dir: &Path) -> Result<Vec<PathBuf>, IndexError> {
    let io = |error| IndexError::Io { path: dir.to_owned(), error };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(io)? {
        let entry = entry.map_err(io)?;
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.starts_with("claims-") && name.ends_with(".log")) {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

fn create(dir: &Path, first_sequence: u64) -> Result<FramedLog, IndexError> {
    FramedLog::open(&dir.join(format!("claims-{first_sequence:020}.log")), |_, _| Ok(()))
}

fn write_head(log: &mut FramedLog, changelog: &str, first_sequence: u64) -> Result<(), IndexError> {
    let head = encode(&Head { changelog: changelog.to_owned(), first_sequence }, log)?;
    Ok(log.append(&head)?)
}

fn encode(frame: &impl Serialize, log: &FramedLog) -> Result<Vec<u8>, IndexError> {
    serde_json::to_vec(frame).map_err(|error| IndexError::Io { path: log.path().to_owned(), error: error.into() })
}

impl From<FrameError> for IndexError {
    fn from(error: FrameError) -> Self {
        match error {
            FrameError::Io { path, error } => Self::Io { path, error },
            FrameError::Corrupt { path, at } => Self::Corrupt { path, at },
        }
    }
}
