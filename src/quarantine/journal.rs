//! The file that names what is in extraction.
//!
//! Lines of 33 bytes, each a key in hexadecimal or blanks: first a line for each suspect that was found on open, then one
//! for each extract thread. A write of one line is left to the operating system, which outlives the process; a machine
//! that loses power has crashed by no payload.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::fingerprint::{Key, PayloadHash};
use crate::lock::ExclusiveLock;
use crate::source::Delivery;

/// Bytes of a line.
const LINE: usize = 33;
/// Suspects that are kept: those of partitions that other instances read now never come back to be tried.
const MAX_SUSPECTS: usize = 1024;

/// Marks the key of a delivery in a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum JournalDomain {}

/// Names a delivery: its coordinate with its bytes.
pub type JournalKey = Key<JournalDomain>;

impl JournalKey {
    /// The key of a delivery.
    pub(crate) fn of_delivery(delivery: &Delivery, payload: PayloadHash) -> Self {
        Self::of(&[delivery.coordinate.to_string().as_bytes(), payload.to_string().as_bytes()])
    }
}

/// Names what is in extraction, in a file that outlives the process.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    suspects: Vec<JournalKey>,
    /// Held for its drop.
    _lock: ExclusiveLock,
}

impl Journal {
    /// Opens the journal, making it where it is missing.
    ///
    /// # Errors
    /// Where the file cannot be used, or another process uses it.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let io = |error| JournalError::Io { path: path.to_owned(), error };
        let lock = ExclusiveLock::take(path).map_err(io)?;
        let lock = lock.ok_or_else(|| JournalError::InUse { path: path.to_owned() })?;
        let mut suspects: Vec<JournalKey> = Vec::new();
        for line in std::fs::read(path).map_err(io)?.chunks(LINE) {
            // What does not read as a key names nothing: a torn line is one that never was in extraction.
            let key = std::str::from_utf8(line).ok().and_then(|line| JournalKey::parse(line.trim_end()));
            suspects.extend(key.filter(|key| !suspects.contains(key)));
        }
        suspects.drain(..suspects.len().saturating_sub(MAX_SUSPECTS));
        let file = OpenOptions::new().write(true).open(path).map_err(io)?;
        file.set_len(0).map_err(io)?;
        let journal = Self { file, path: path.to_owned(), suspects, _lock: lock };
        for (place, key) in journal.suspects.iter().enumerate() {
            journal.try_write(place, Some(*key)).map_err(io)?;
        }
        Ok(journal)
    }

    /// What was in extraction when the process before this one ended.
    pub fn suspects(&self) -> &[JournalKey] {
        &self.suspects
    }

    /// A thread extracts this from now on.
    pub(super) fn enter(&self, thread: usize, key: JournalKey) {
        self.write(self.suspects.len() + thread, Some(key));
    }

    /// The thread is done with it.
    pub(super) fn leave(&self, thread: usize) {
        self.write(self.suspects.len() + thread, None);
    }

    /// A suspect has been tried.
    pub(super) fn clear_suspect(&self, place: usize) {
        self.write(place, None);
    }

    /// Nothing is in extraction.
    pub(super) fn clear(&self) {
        if let Err(error) = self.file.set_len(0) {
            self.complain(&error);
        }
    }

    fn write(&self, line: usize, key: Option<JournalKey>) {
        if let Err(error) = self.try_write(line, key) {
            self.complain(&error);
        }
    }

    fn try_write(&self, line: usize, key: Option<JournalKey>) -> io::Result<()> {
        let text = match key {
            Some(key) => format!("{key}\n"),
            None => format!("{:32}\n", ""),
        };
        self.file.write_all_at(text.as_bytes(), (line * LINE) as u64)
    }

    /// A disk that is full must not stop the work: without its name a payload that crashes is not found, no more.
    fn complain(&self, error: &io::Error) {
        tracing::debug!(path = %self.path.display(), %error, "the crash journal cannot be written");
    }
}

/// Why there is no journal.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The file system refused.
    #[error("cannot use crash journal {path}: {error}: choose another extract.journal_dir")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        error: io::Error,
    },
    /// Another process has it open.
    #[error(
        "crash journal {path} is in use by another process: give each instance a name or extract.journal_dir of its own"
    )]
    InUse {
        /// The file.
        path: PathBuf,
    },
}
