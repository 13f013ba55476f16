//! One file of an index: a head, and then a frame for each application, in JSON.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::fingerprint::Key;
use crate::frames::{FRAME_HEAD, FrameError, FramedLog};
use crate::index::{ChangelogPositions, IndexError};
use crate::verdict::Claim;

/// Where claims come from and how they were sketched: what an index is held to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Identity of the changelog.
    pub changelog: String,
    /// Hash of `dedup.seed`.
    pub seed: String,
}

impl Origin {
    /// Claims of this changelog, sketched with this seed. The seed itself is kept nowhere.
    pub fn new(changelog: String, seed: &str) -> Self {
        Self { changelog, seed: Key::<SeedDomain>::of(&[b"dedup.seed", seed.as_bytes()]).to_string() }
    }
}

/// Marks the hash of a seed.
#[derive(Clone, Copy)]
enum SeedDomain {}

/// First frame of each file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Head {
    /// Identity of the changelog that the claims come from.
    pub(super) changelog: String,
    /// Hash of the seed of their sketches; empty in an index that was written before there were sketches.
    #[serde(default)]
    pub(super) seed: String,
    /// Number of claims in earlier files.
    pub(super) first_sequence: u64,
    /// How far the changelog is applied with the claims in earlier files.
    #[serde(default)]
    pub(super) positions: ChangelogPositions,
}

impl Head {
    pub(super) fn new(origin: &Origin, first_sequence: u64, positions: &ChangelogPositions) -> Self {
        let Origin { changelog, seed } = origin.clone();
        Self { changelog, seed, first_sequence, positions: positions.clone() }
    }
}

/// Every other frame: one application.
pub(super) struct Applied {
    /// The claims, with offset in the file and length.
    pub(super) claims: Vec<(Arc<Claim>, u32, u32)>,
    /// How far the changelog is applied with these claims.
    pub(super) positions: ChangelogPositions,
}

/// [`Applied`] as it stands in the file.
#[derive(Deserialize)]
struct Written<'a> {
    #[serde(borrow)]
    claims: Vec<&'a RawValue>,
    positions: ChangelogPositions,
}

/// [`Applied`], to be written.
pub(super) struct Applying {
    pub(super) payload: Vec<u8>,
    /// Offset in the payload and length of each claim.
    pub(super) parts: Vec<(u32, u32)>,
}

/// A file that has been read to its end.
pub(super) struct Opened {
    pub(super) log: FramedLog,
    /// Those of its head.
    pub(super) positions: ChangelogPositions,
    /// The claims that it holds.
    pub(super) sequences: Range<u64>,
}

/// Bytes of frames that are read together.
const TOGETHER: usize = 8 << 20;

/// Reads one file. `expected` is the sequence at which it must begin, where an earlier file tells.
pub(super) fn open(
    path: &Path,
    dir: &Path,
    origin: &Origin,
    expected: Option<u64>,
    visit: &mut dyn FnMut(&[Applied]) -> Result<(), IndexError>,
) -> Result<Opened, IndexError> {
    let mut reader = Reader::new(path, expected);
    let (mut frames, mut bytes) = (Vec::new(), 0);
    let log = FramedLog::open(path, |at, payload| {
        if let Some(head) = reader.head(at, payload)? {
            return held_to(&head, origin, dir);
        }
        bytes += payload.len();
        frames.push((at, payload.to_vec()));
        if bytes >= TOGETHER {
            bytes = 0;
            visit(&reader.several(&std::mem::take(&mut frames))?)?;
        }
        Ok(())
    })?;
    visit(&reader.several(&frames)?)?;
    let (positions, sequences) = reader.end();
    Ok(Opened { log, positions, sequences })
}

fn held_to(head: &Head, origin: &Origin, dir: &Path) -> Result<(), IndexError> {
    if head.changelog != origin.changelog {
        let (found, expected) = (head.changelog.clone(), origin.changelog.clone());
        return Err(IndexError::ForeignChangelog { path: dir.to_owned(), found, expected });
    }
    if !head.seed.is_empty() && head.seed != origin.seed {
        return Err(IndexError::ForeignSeed { path: dir.to_owned() });
    }
    Ok(())
}

/// A frame of a file.
pub(super) enum Read {
    Head(Head),
    Applied(Applied),
}

/// Makes sense of a file's frames, one after another.
pub(super) struct Reader {
    path: PathBuf,
    expected: Option<u64>,
    positions: ChangelogPositions,
    sequences: Option<Range<u64>>,
}

impl Reader {
    pub(super) fn new(path: &Path, expected: Option<u64>) -> Self {
        Self { path: path.to_owned(), expected, positions: ChangelogPositions::default(), sequences: None }
    }

    /// The frame that starts at `at`.
    pub(super) fn next(&mut self, at: u64, payload: &[u8]) -> Result<Read, IndexError> {
        if let Some(head) = self.head(at, payload)? {
            return Ok(Read::Head(head));
        }
        let applied = self.applied(at, payload)?;
        self.count(&applied);
        Ok(Read::Applied(applied))
    }

    /// The head, where it has not been read yet.
    fn head(&mut self, at: u64, payload: &[u8]) -> Result<Option<Head>, IndexError> {
        if self.sequences.is_some() {
            return Ok(None);
        }
        let corrupt = || IndexError::Corrupt { path: self.path.clone(), at };
        let head: Head = serde_json::from_slice(payload).map_err(|_| corrupt())?;
        if self.expected.is_some_and(|expected| expected != head.first_sequence) {
            return Err(corrupt());
        }
        self.positions = head.positions.clone();
        self.sequences = Some(head.first_sequence..head.first_sequence);
        Ok(Some(head))
    }

    /// Frames behind the head, in order, each with its start: on all processors.
    fn several(&mut self, frames: &[(u64, Vec<u8>)]) -> Result<Vec<Applied>, IndexError> {
        let reader = &*self;
        let applied: Result<Vec<Applied>, _> =
            frames.par_iter().map(|(at, payload)| reader.applied(*at, payload)).collect();
        let applied = applied?;
        applied.iter().for_each(|applied| self.count(applied));
        Ok(applied)
    }

    fn count(&mut self, applied: &Applied) {
        if let Some(sequences) = &mut self.sequences {
            sequences.end += applied.claims.len() as u64;
        }
    }

    fn applied(&self, at: u64, payload: &[u8]) -> Result<Applied, IndexError> {
        let corrupt = || IndexError::Corrupt { path: self.path.clone(), at };
        let written: Written<'_> = serde_json::from_slice(payload).map_err(|_| corrupt())?;
        let mut claims = Vec::with_capacity(written.claims.len());
        for raw in written.claims {
            let raw = raw.get();
            let claim = serde_json::from_str(raw).map_err(|_| corrupt())?;
            // A slice of the payload: the distance between their starts is its place in it.
            let within = (raw.as_ptr() as usize).wrapping_sub(payload.as_ptr() as usize) as u64;
            let offset = u32::try_from(at + FRAME_HEAD + within).map_err(|_| corrupt())?;
            claims.push((Arc::new(claim), offset, raw.len() as u32));
        }
        Ok(Applied { claims, positions: written.positions })
    }

    /// The head's positions, and which claims the file holds. Without a frame its maker crashed right after making it.
    pub(super) fn end(self) -> (ChangelogPositions, Range<u64>) {
        let begin = self.expected.unwrap_or(0);
        (self.positions, self.sequences.unwrap_or(begin..begin))
    }
}

/// The files, oldest first: their names hold the first sequence with leading zeros.
pub(super) fn list(dir: &Path) -> Result<Vec<PathBuf>, IndexError> {
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

/// The name of the file that begins at a sequence.
pub(super) fn name(first_sequence: u64) -> String {
    format!("claims-{first_sequence:020}.log")
}

/// The sequence at which a file begins, as its name says.
pub(super) fn first_sequence(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.strip_prefix("claims-")?.strip_suffix(".log")?.parse().ok()
}

pub(super) fn create(dir: &Path, first_sequence: u64) -> Result<FramedLog, IndexError> {
    FramedLog::open(&dir.join(name(first_sequence)), |_, _| Ok(()))
}

pub(super) fn write_head(log: &mut FramedLog, head: &Head) -> Result<(), IndexError> {
    let head = to_json(head, log)?;
    Ok(log.append(&head)?)
}

/// Where the payload of the frame that is appended next will stand.
pub(super) fn payload_at(log: &FramedLog) -> u32 {
    // A file is closed long before it has 4 GiB, the largest frame included.
    u32::try_from(log.len() + FRAME_HEAD).unwrap_or(u32::MAX)
}

/// One application as a frame of this log.
pub(super) fn encode(
    claims: &[Arc<Claim>],
    positions: &ChangelogPositions,
    log: &FramedLog,
) -> Result<Applying, IndexError> {
    let mut payload = br#"{"claims":["#.to_vec();
    let mut parts = Vec::with_capacity(claims.len());
    for claim in claims {
        if !parts.is_empty() {
            payload.push(b',');
        }
        let claim = to_json(claim, log)?;
        // Frames are below 256 MiB.
        parts.push((payload.len() as u32, claim.len() as u32));
        payload.extend(claim);
    }
    payload.extend_from_slice(br#"],"positions":"#);
    payload.extend(to_json(positions, log)?);
    payload.push(b'}');
    Ok(Applying { payload, parts })
}

fn to_json(value: &impl Serialize, log: &FramedLog) -> Result<Vec<u8>, IndexError> {
    serde_json::to_vec(value).map_err(|error| IndexError::Io { path: log.path().to_owned(), error: error.into() })
}

impl From<FrameError> for IndexError {
    fn from(error: FrameError) -> Self {
        match error {
            FrameError::Io { path, error } => Self::Io { path, error },
            FrameError::Corrupt { path, at } => Self::Corrupt { path, at },
        }
    }
}
