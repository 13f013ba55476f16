//! One output: lines up to a committed length, and perhaps those of the current batch.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::OpenError;
use crate::sink::SinkError;

#[derive(Debug)]
pub(super) struct OutputFile {
    pub(super) file: File,
    path: PathBuf,
    committed: u64,
    written: u64,
    /// Lines of the current batch that are not written yet.
    lines: Vec<u8>,
}

impl OutputFile {
    /// Opens the file and cuts off what lies beyond the committed length.
    pub(super) fn open(path: &Path, committed: u64, commits: &Path) -> Result<Self, OpenError> {
        let io = |error| OpenError::Io { path: path.to_owned(), error };
        let is_new = !path.try_exists().map_err(io)?;
        let file = OpenOptions::new().append(true).create(true).open(path).map_err(io)?;
        if is_new {
            crate::frames::sync_folder_of(path).map_err(io)?;
        }
        let found = file.metadata().map_err(io)?.len();
        if found < committed {
            return Err(OpenError::Shortened { path: path.to_owned(), found, committed, commits: commits.to_owned() });
        }
        if found > committed {
            tracing::info!(path = %path.display(), bytes = found - committed, "uncommitted output cut off");
            file.set_len(committed).map_err(io)?;
        }
        Ok(Self { file, path: path.to_owned(), committed, written: committed, lines: Vec::new() })
    }

    /// Adds a line.
    pub(super) fn push(&mut self, value: Option<&[u8]>) {
        crate::sink::push_line(&mut self.lines, value);
    }

    /// Hands the lines to the operating system.
    pub(super) fn write(&mut self) -> Result<(), SinkError> {
        self.file.write_all(&self.lines).map_err(|error| self.io(error))?;
        self.written += self.lines.len() as u64;
        self.lines.clear();
        Ok(())
    }

    /// Waits until what was written is on the disk.
    pub(super) fn sync(&self) -> Result<(), SinkError> {
        if self.written == self.committed {
            return Ok(());
        }
        self.file.sync_data().map_err(|error| self.io(error))
    }

    /// Length with the current batch.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// The current batch is committed.
    pub(super) fn keep(&mut self) {
        self.committed = self.written;
    }

    /// Takes the current batch back, also what of it was written in part.
    pub(super) fn cut_back(&mut self) -> Result<(), SinkError> {
        self.lines.clear();
        let length = self.file.metadata().map_err(|error| self.io(error))?.len();
        if length > self.committed {
            self.file.set_len(self.committed).map_err(|error| self.io(error))?;
        }
        self.written = self.committed;
        Ok(())
    }

    fn io(&self, error: std::io::Error) -> SinkError {
        SinkError::Io { path: self.path.clone(), error }
    }
}
