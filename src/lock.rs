//! One process at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a lock is asked for. That of a process that was killed in the middle of starting a child lives on in the
/// child for the moment until that runs its own program.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often.
const AGAIN: Duration = Duration::from_millis(5);

/// An exclusive lock on a file, given back on drop.
#[derive(Debug)]
pub(crate) struct ExclusiveLock(File);

impl ExclusiveLock {
    /// Locks the file, making it where it is missing; `None` where someone else holds it, and goes on doing so.
    ///
    /// # Errors
    /// Where the file cannot be opened or locked.
    pub(crate) fn take(path: &Path) -> io::Result<Option<Self>> {
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        let until = Instant::now() + PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Self(file))),
                Err(TryLockError::WouldBlock) if Instant::now() < until => std::thread::sleep(AGAIN),
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }
}

impl Drop for ExclusiveLock {
    fn drop(&mut self) {
        // Closing is not enough: a child that another thread is just starting shares the open file, and with it the
        // lock, until it runs its own program.
        if let Err(error) = self.0.unlock() {
            tracing::debug!(%error, "a lock could not be given back");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_excludes_until_it_is_dropped_even_where_the_open_file_lives_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let held = ExclusiveLock::take(&path).unwrap().unwrap();
        assert!(ExclusiveLock::take(&path).unwrap().is_none());
        // What a child process has between fork and exec.
        let shared = held.0.try_clone().unwrap();
        drop(held);
        assert!(ExclusiveLock::take(&path).unwrap().is_some());
        drop(shared);
    }
}
