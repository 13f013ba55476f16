//! Which claims are the first that must be there.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::segment;
use crate::frames::sync_folder_of;
use crate::index::IndexError;

/// A file beside the claims that holds the sequence at which the oldest file begins, or a later one will, once those before it
/// have been dropped. Any other file that is lost leaves a gap; the oldest would leave nothing, and its claims would be missed by
/// nobody.
///
/// It is durable before a file is removed. So a crash at any point leaves files that begin at its number or before; those
/// that begin later have lost what was in front of them.
#[derive(Debug)]
pub(super) struct FirstMark {
    path: PathBuf,
}

impl FirstMark {
    pub(super) fn new(dir: &Path) -> Self {
        Self { path: dir.join("first") }
    }

    /// Holds an index of these files to its mark, before they are read. An index without a mark, as of a version that wrote
    /// none, is taken to be whole, and has one from now on. One without files begins anew: its positions are gone too, so that
    /// the changelog is read from its beginning.
    pub(super) fn confirm(&self, files: &[PathBuf]) -> Result<(), IndexError> {
        let Some(oldest) = files.first() else { return self.set(0) };
        match self.read()? {
            Some(first) => missing(oldest, first).map_or(Ok(()), Err),
            None => self.set(segment::first_sequence(oldest).unwrap_or(0)),
        }
    }

    /// What is missing in front of these files, if anything; changes nothing. The files are listed before: a service that runs
    /// may drop some meanwhile, and only ever raises the mark.
    pub(super) fn examine(&self, files: &[PathBuf]) -> Result<Option<IndexError>, IndexError> {
        Ok(files.first().zip(self.read()?).and_then(|(oldest, first)| missing(oldest, first)))
    }

    /// Notes where the oldest file is going to begin. To be called before the files in front of it are removed.
    pub(super) fn set(&self, first: u64) -> Result<(), IndexError> {
        // In one step: half a number would be another.
        let part = self.path.with_extension("part");
        let mut file = std::fs::File::create(&part).map_err(|error| self.io(error))?;
        file.write_all(first.to_string().as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| std::fs::rename(&part, &self.path))
            .and_then(|()| sync_folder_of(&self.path))
            .map_err(|error| self.io(error))
    }

    /// `None` where there is no mark, or none that can be read: it says less, and is no reason to stop.
    fn read(&self) -> Result<Option<u64>, IndexError> {
        match std::fs::read_to_string(&self.path) {
            Ok(written) => Ok(written.trim().parse().ok()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) if error.kind() == ErrorKind::InvalidData => Ok(None),
            Err(error) => Err(self.io(error)),
        }
    }

    fn io(&self, error: std::io::Error) -> IndexError {
        IndexError::Io { path: self.path.clone(), error }
    }
}

fn missing(oldest: &Path, first: u64) -> Option<IndexError> {
    let is_missing = segment::first_sequence(oldest)? > first;
    is_missing.then(|| IndexError::Missing { path: oldest.with_file_name(segment::name(first)) })
}
