//! The files of an index: claims by ascending sequence, a new file when one is full or its day is over.

use std::collections::VecDeque;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::first::FirstMark;
use super::segment::{self, Head, Opened, Origin, create};
use super::shelf::Location;
use crate::frames::FramedLog;
use crate::index::{ChangelogPositions, IndexError};
use crate::verdict::{Claim, Day};

/// Size at which the next file is begun, so that old claims can go a file at a time.
pub(super) const SEGMENT_BYTES: u64 = 64 << 20;

/// One file, as it is read.
#[derive(Debug)]
struct Segment {
    number: u32,
    path: PathBuf,
    reader: File,
    /// The last day of any claim in it; before every day where it holds none.
    newest: Day,
    bytes: u64,
}

impl Segment {
    fn of(number: u32, path: &Path) -> Result<Self, IndexError> {
        let path = path.to_owned();
        let reader = File::open(&path).map_err(|error| IndexError::Io { path: path.clone(), error })?;
        Ok(Self { number, path, reader, newest: Day::FIRST, bytes: 0 })
    }
}

#[derive(Debug)]
pub(super) struct Segments {
    dir: PathBuf,
    origin: Origin,
    segment_bytes: u64,
    /// Oldest first; the last one is written.
    segments: VecDeque<Segment>,
    /// The file that is written, once all have been read.
    last: Option<FramedLog>,
    /// Sequence of its first claim.
    first: u64,
    /// Sequence of the next claim.
    next: u64,
}

impl Segments {
    /// No file yet.
    pub(super) fn new(dir: &Path, origin: Origin, segment_bytes: u64) -> Self {
        Self { dir: dir.to_owned(), origin, segment_bytes, segments: VecDeque::new(), last: None, first: 0, next: 0 }
    }

    /// A file is going to be read, the oldest first: its claims can be read from now on. Gives its number, and the
    /// sequence at which it must begin: where the one before ends, or of the oldest, as its name says.
    pub(super) fn begin(&mut self, path: &Path) -> Result<(u32, Option<u64>), IndexError> {
        let expected = match self.segments.back() {
            Some(_) => Some(self.next),
            None => segment::first_sequence(path),
        };
        let number = self.segments.back().map_or(0, |last| last.number + 1);
        self.segments.push_back(Segment::of(number, path)?);
        Ok((number, expected))
    }

    /// The file has been read; `newest` is the last day of any claim in it.
    pub(super) fn end(&mut self, opened: Opened, newest: Day) {
        if let Some(last) = self.segments.back_mut() {
            last.newest = newest;
            last.bytes = opened.log.len();
        }
        self.first = opened.sequences.start;
        self.next = opened.sequences.end;
        self.last = Some(opened.log);
    }

    /// All files have been read: there is one to be written.
    pub(super) fn ready(&mut self, positions: &ChangelogPositions) -> Result<(), IndexError> {
        let head = Head::new(&self.origin, self.next, positions);
        match &mut self.last {
            Some(last) if last.frames() == 0 => segment::write_head(last, &head),
            Some(_) => Ok(()),
            None => self.roll(positions),
        }
    }

    /// Adds one application, `written` being the positions of the one before; says where its claims stand. After an error
    /// nothing is added.
    pub(super) fn append(
        &mut self,
        claims: &[Arc<Claim>],
        positions: &ChangelogPositions,
        written: &ChangelogPositions,
    ) -> Result<Vec<Location>, IndexError> {
        let day = claims.iter().map(|claim| claim.held_on()).max().unwrap_or(Day::FIRST);
        let is_over = self.segments.back().is_none_or(|last| last.newest < day || last.bytes >= self.segment_bytes);
        if self.last.is_none() || self.next > self.first && is_over {
            self.roll(written)?;
        }
        let (Some(log), Some(segment)) = (&mut self.last, self.segments.back_mut()) else { return Ok(Vec::new()) };
        let frame = segment::encode(claims, positions, log)?;
        let at = segment::payload_at(log);
        log.append(&frame.payload)?;
        self.next += claims.len() as u64;
        segment.newest = segment.newest.max(day);
        segment.bytes = log.len();
        let place = |(offset, length)| Location { segment: segment.number, offset: at + offset, length };
        Ok(frame.parts.into_iter().map(place).collect())
    }

    /// The claim that stands at a place.
    pub(super) fn read(&self, at: Location) -> Result<Arc<Claim>, IndexError> {
        let first = self.segments.front().map_or(0, |segment| segment.number);
        let found = at.segment.checked_sub(first).and_then(|nth| self.segments.get(nth as usize));
        let Some(segment) = found else {
            return Err(IndexError::Corrupt { path: self.dir.clone(), at: u64::from(at.offset) });
        };
        let mut bytes = vec![0; at.length as usize];
        let io = |error| IndexError::Io { path: segment.path.clone(), error };
        segment.reader.read_exact_at(&mut bytes, u64::from(at.offset)).map_err(io)?;
        serde_json::from_slice(&bytes)
            .map(Arc::new)
            .map_err(|_| IndexError::Corrupt { path: segment.path.clone(), at: u64::from(at.offset) })
    }

    /// Removes the files at the front whose claims are all of days before this one, once the mark says that they are not
    /// missed. Behind them nothing is touched: a crash in between leaves a row without a gap.
    pub(super) fn drop_before(&mut self, oldest: Day) -> Result<(), IndexError> {
        let over = self.segments.iter().take_while(|segment| segment.newest < oldest).count();
        let over = over.min(self.segments.len().saturating_sub(1));
        let first = self.segments.get(over).filter(|_| over > 0).and_then(|kept| segment::first_sequence(&kept.path));
        if let Some(first) = first {
            FirstMark::new(&self.dir).set(first)?;
        }
        for _ in 0..over {
            let Some(gone) = self.segments.front() else { break };
            std::fs::remove_file(&gone.path).map_err(|error| IndexError::Io { path: gone.path.clone(), error })?;
            self.segments.pop_front();
        }
        Ok(())
    }

    /// The folder.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Size of all files.
    pub(super) fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes).sum()
    }

    fn roll(&mut self, written: &ChangelogPositions) -> Result<(), IndexError> {
        // Only the newest file may have a torn tail.
        if let Some(last) = &mut self.last {
            last.sync()?;
        }
        let mut log = create(&self.dir, self.next)?;
        if log.frames() == 0 {
            // The files before, which hold these positions too, may be gone by the time this one is read.
            segment::write_head(&mut log, &Head::new(&self.origin, self.next, written))?;
        }
        let number = self.segments.back().map_or(0, |last| last.number + 1);
        self.segments.push_back(Segment { bytes: log.len(), ..Segment::of(number, log.path())? });
        self.last = Some(log);
        self.first = self.next;
        Ok(())
    }
}
