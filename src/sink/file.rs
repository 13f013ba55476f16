//! Records in a JSONL file, exactly once.
//!
//! Beside `NAME.jsonl` stand `NAME.rejected.jsonl` (dead letters), `NAME.duplicates.jsonl` and `NAME.commits`. The last is
//! the side file: a frame for each commit, with the lengths of the three outputs, the input's positions and the claims. A
//! batch is committed when its frame is on the disk, which comes after its outputs are. On open the last good frame
//! decides: what the outputs hold beyond its lengths is cut off, and reading resumes at its positions. The side file is
//! also the changelog of the index beside it, `NAME.index/` ([`FileSink::roll_forward`]).
//!
//! A reader of the outputs while a run is going on may see lines that a crash takes back; after the run it sees
//! committed ones only.

use std::path::{Path, PathBuf};

use thiserror::Error;

use super::{CommitBatch, Committed, Sink, SinkError, Stream};
use crate::frames::FrameError;
use crate::index::{DedupIndex, IndexError};
use crate::source::Positions;

mod commits;
mod dead_letter;
mod output_file;

use commits::{Commits, Lengths};
use output_file::OutputFile;

/// Publishes to a JSONL file. One process at a time: the side file is locked while the sink is open.
#[derive(Debug)]
pub struct FileSink {
    records: OutputFile,
    duplicates: OutputFile,
    rejected: OutputFile,
    commits: Commits,
    /// Set when it is unknown what the files hold; opening them again tells.
    failed: bool,
}

/// A sink that has been opened, and where its last commit left off.
#[derive(Debug)]
pub struct Opened {
    /// The sink.
    pub sink: FileSink,
    /// Where the input resumes, for [`Source::subscribe`](crate::source::Source::subscribe).
    pub positions: Positions,
    /// Folder of the index that goes with it.
    pub index_dir: PathBuf,
    /// File of the crash journal that goes with it.
    pub journal: PathBuf,
    /// Identity of its changelog, for [`DiskIndex::open`](crate::index::disk::DiskIndex::open). It changes when the side
    /// file is made anew, so that an old index is not taken for this one's.
    pub changelog: String,
}

impl FileSink {
    /// Opens the output, making it where it is missing, and takes back what was not committed.
    ///
    /// # Errors
    /// [`OpenError`]; an output that this sink did not write is left as it is.
    pub fn open(path: &Path) -> Result<Opened, OpenError> {
        let paths = Paths::of(path);
        let (commits, last) = Commits::open(&paths.commits, || paths.refuse_unaccompanied())?;
        let open = |path: &Path, length| OutputFile::open(path, length, &paths.commits);
        let sink = Self {
            records: open(&paths.records, last.lengths.records)?,
            duplicates: open(&paths.duplicates, last.lengths.duplicates)?,
            rejected: open(&paths.rejected, last.lengths.rejected)?,
            commits,
            failed: false,
        };
        let changelog = sink.commits.changelog().to_owned();
        Ok(Opened { sink, positions: last.positions(), index_dir: paths.index, journal: paths.journal, changelog })
    }

    /// Applies to the index what the side file holds beyond it. Memory: the largest commit. Returns the number of
    /// commits applied.
    ///
    /// # Errors
    /// Where the side file or the index cannot be used, or the index is ahead of the side file.
    pub fn roll_forward(&self, index: &mut dyn DedupIndex) -> Result<u64, OpenError> {
        self.commits.roll_forward(index)
    }

    fn write(&mut self, batch: &CommitBatch) -> Result<(), SinkError> {
        for output in batch.outputs() {
            match output.stream {
                Stream::Records => self.records.push(output.value.as_deref()),
                Stream::Duplicates => self.duplicates.push(output.value.as_deref()),
                Stream::DeadLetters => self.rejected.push(Some(dead_letter::line(output).as_bytes())),
            }
        }
        for file in self.outputs() {
            file.write()?;
        }
        for file in [&self.records, &self.duplicates, &self.rejected] {
            file.sync()?;
        }
        Ok(())
    }

    /// Takes back what the current batch wrote; `error` says why.
    fn cut_back(&mut self, error: SinkError) -> SinkError {
        let taken_back = self.outputs().into_iter().try_for_each(OutputFile::cut_back);
        match taken_back {
            Ok(()) => error,
            Err(cut) => {
                self.failed = true;
                SinkError::Fatal { reason: format!("{error}; and then {cut}") }
            }
        }
    }

    fn outputs(&mut self) -> [&mut OutputFile; 3] {
        [&mut self.records, &mut self.duplicates, &mut self.rejected]
    }

    fn lengths(&self) -> Lengths {
        Lengths {
            records: self.records.written(),
            duplicates: self.duplicates.written(),
            rejected: self.rejected.written(),
        }
    }
}

impl Sink for FileSink {
    fn commit(&mut self, batch: CommitBatch) -> Result<Committed, SinkError> {
        if self.failed {
            return Err(SinkError::Fatal { reason: format!("{} failed earlier", self.commits.path().display()) });
        }
        if let Err(error) = self.write(&batch) {
            return Err(self.cut_back(error));
        }
        if !batch.may_commit() {
            return Err(self.cut_back(SinkError::CalledOff));
        }
        let lengths = self.lengths();
        if let Err(error) = self.commits.append(lengths, batch.positions(), batch.claims()) {
            return Err(self.cut_back(error.into()));
        }
        // From here on the frame may be on the disk, and with it the batch: nothing is taken back any more.
        if let Err(error) = self.commits.sync() {
            self.failed = true;
            return Err(SinkError::Fatal { reason: error.to_string() });
        }
        for file in self.outputs() {
            file.keep();
        }
        let reached = self.commits.reached();
        Ok(batch.settle(Some(reached)))
    }
}

/// The files of one sink.
#[derive(Debug)]
struct Paths {
    records: PathBuf,
    duplicates: PathBuf,
    rejected: PathBuf,
    commits: PathBuf,
    index: PathBuf,
    journal: PathBuf,
}

impl Paths {
    fn of(records: &Path) -> Self {
        let stem = match records.extension() {
            Some(extension) if extension == "jsonl" => records.with_extension(""),
            _ => records.to_owned(),
        };
        let beside = |ending: &str| {
            let mut path = stem.clone().into_os_string();
            path.push(ending);
            PathBuf::from(path)
        };
        Self {
            records: records.to_owned(),
            duplicates: beside(".duplicates.jsonl"),
            rejected: beside(".rejected.jsonl"),
            commits: beside(".commits"),
            index: beside(".index"),
            journal: beside(".journal"),
        }
    }

    /// Without a side file nobody knows what of an output is committed, or whose it is.
    fn refuse_unaccompanied(&self) -> Result<(), OpenError> {
        for path in [&self.records, &self.duplicates, &self.rejected] {
            let length = match std::fs::metadata(path) {
                Ok(metadata) => metadata.len(),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
                Err(error) => return Err(OpenError::Io { path: path.clone(), error }),
            };
            if length > 0 {
                return Err(OpenError::Unaccompanied { path: path.clone(), commits: self.commits.clone() });
            }
        }
        Ok(())
    }
}

/// Why a file cannot be a sink, or an index not go with it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file system refused.
    #[error("cannot use {path}: {error}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        error: std::io::Error,
    },
    /// Another process writes there.
    #[error("output is in use by another process ({path} is locked): stop it, or choose another output")]
    InUse {
        /// The side file.
        path: PathBuf,
    },
    /// The output was not written by this sink.
    #[error("{path} exists without its side file {commits}: move it away, or choose another output")]
    Unaccompanied {
        /// The output.
        path: PathBuf,
        /// The side file that is missing.
        commits: PathBuf,
    },
    /// Committed output is gone.
    #[error(
        "{path} has {found} bytes, but {committed} were committed: put it back, or remove the outputs and {commits} to begin anew"
    )]
    Shortened {
        /// The output.
        path: PathBuf,
        /// Its length.
        found: u64,
        /// Its length at the last commit.
        committed: u64,
        /// The side file.
        commits: PathBuf,
    },
    /// The side file is damaged in front of good data: not the torn tail of a crash.
    #[error("side file {path} is damaged at byte {at}: restore it from a copy, or move the outputs away to begin anew")]
    Corrupt {
        /// The side file.
        path: PathBuf,
        /// First bad byte.
        at: u64,
    },
    /// The index holds claims that the side file does not.
    #[error(
        "the index has applied {applied} commits, {path} holds {committed}: delete the index folder, it is rebuilt"
    )]
    IndexAhead {
        /// The side file.
        path: PathBuf,
        /// Commits that the index has applied.
        applied: u64,
        /// Commits that the side file holds.
        committed: u64,
    },
    /// The index could not apply what the side file holds.
    #[error(transparent)]
    Index(#[from] IndexError),
}

impl From<FrameError> for OpenError {
    fn from(error: FrameError) -> Self {
        match error {
            FrameError::Io { path, error } => Self::Io { path, error },
            FrameError::Corrupt { path, at } => Self::Corrupt { path, at },
        }
    }
}

#[cfg(test)]
mod tests;
