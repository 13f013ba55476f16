//! Append-only logs of framed payloads, which survive a crash at any byte.
//!
//! A log is an 8-byte head and frames: length (u32, little-endian), CRC-32 of the payload (the same), payload. A crash
//! leaves at most a torn tail, which is cut off when the log is opened again. A bad frame with a good one behind it is
//! damage and is reported: cutting there would drop what had been stored.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

mod read;

use read::{Frames, Step};

/// Marks the file and its version.
const HEAD: [u8; 8] = *b"cdframe\x01";
/// Length and checksum.
pub(crate) const FRAME_HEAD: u64 = 8;
/// Largest payload. Below 0x2020_2020, so that no four bytes of text are a plausible length (see [`read`]).
const MAX_PAYLOAD: usize = 1 << 28;

/// Why a log cannot be used.
#[derive(Debug, Error)]
pub(crate) enum FrameError {
    /// The file system refused.
    #[error("cannot use log {path}: {error}")]
    Io { path: PathBuf, error: io::Error },
    /// A bad frame stands in front of good ones, or the file is no such log.
    #[error("log {path} is damaged at byte {at}")]
    Corrupt { path: PathBuf, at: u64 },
}

/// A log open for appending. Payloads are text without control characters (JSON on one line), never empty.
#[derive(Debug)]
pub(crate) struct FramedLog {
    file: File,
    path: PathBuf,
    /// End of the last good frame.
    len: u64,
    frames: u64,
    /// What follows `len` is unknown, because a failed append could not be taken back.
    broken: bool,
}

impl FramedLog {
    /// Opens the log, making it where it is missing, shows each frame (where it starts, its payload) to
    /// `visit` in order, and cuts off a torn tail.
    /// Memory: the largest payload.
    ///
    /// # Errors
    /// Of the file system, of damage, or of `visit`.
    pub(crate) fn open<E: From<FrameError>>(
        path: &Path,
        visit: impl FnMut(u64, &[u8]) -> Result<(), E>,
    ) -> Result<Self, E> {
        let io = |error| FrameError::Io { path: path.to_owned(), error };
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(io)?;
        write_missing_head(&mut file, path)?;
        let (len, frames) = visit_all(path, visit)?;
        if file.metadata().map_err(io)?.len() > len {
            tracing::warn!(path = %path.display(), at = len, "torn tail of a log cut off");
            file.set_len(len).map_err(io)?;
        }
        Ok(Self { file, path: path.to_owned(), len, frames, broken: false })
    }

    /// Shows each frame again.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(crate) fn visit<E: From<FrameError>>(&self, visit: impl FnMut(u64, &[u8]) -> Result<(), E>) -> Result<(), E> {
        visit_all(&self.path, visit).map(|_| ())
    }

    /// Appends one frame and hands it to the operating system: it survives the process, and after [`Self::sync`] the
    /// machine. After an error the log is as before.
    ///
    /// # Errors
    /// Of the file system.
    pub(crate) fn append(&mut self, payload: &[u8]) -> Result<(), FrameError> {
        if self.broken {
            return Err(self.io(io::Error::other("an earlier write failed and could not be taken back")));
        }
        let length = match u32::try_from(payload.len()) {
            Ok(length) if length > 0 && payload.len() <= MAX_PAYLOAD => length,
            _ => {
                return Err(
                    self.io(io::Error::new(ErrorKind::InvalidInput, format!("frame of {} bytes", payload.len())))
                );
            }
        };
        let mut frame = Vec::with_capacity(payload.len() + 8);
        frame.extend_from_slice(&length.to_le_bytes());
        frame.extend_from_slice(&crc32fast::hash(payload).to_le_bytes());
        frame.extend_from_slice(payload);
        if let Err(error) = self.file.write_all(&frame) {
            self.broken = self.file.set_len(self.len).is_err();
            return Err(self.io(error));
        }
        self.len += FRAME_HEAD + u64::from(length);
        self.frames += 1;
        Ok(())
    }

    /// Waits until everything appended is on the disk.
    ///
    /// # Errors
    /// Of the file system. The log refuses further appends: what has reached the disk is unknown.
    pub(crate) fn sync(&mut self) -> Result<(), FrameError> {
        self.file.sync_data().map_err(|error| {
            self.broken = true;
            self.io(error)
        })
    }

    /// Number of frames.
    pub(crate) fn frames(&self) -> u64 {
        self.frames
    }

    /// Size in bytes.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Where the log is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn io(&self, error: io::Error) -> FrameError {
        FrameError::Io { path: self.path.clone(), error }
    }
}

/// Shows each frame of a log that somebody else may be writing, and changes nothing. Returns the end of the last good
/// frame and the size of the file: what lies between is a torn tail, or a frame on its way.
///
/// # Errors
/// As [`FramedLog::open`].
pub(crate) fn scan<E: From<FrameError>>(
    path: &Path,
    visit: impl FnMut(u64, &[u8]) -> Result<(), E>,
) -> Result<(u64, u64), E> {
    let io = |error| FrameError::Io { path: path.to_owned(), error };
    let bytes = std::fs::metadata(path).map_err(io)?.len();
    let mut head = Vec::with_capacity(HEAD.len());
    File::open(path).map_err(io)?.take(FRAME_HEAD).read_to_end(&mut head).map_err(io)?;
    if !HEAD.starts_with(&head) {
        return Err(FrameError::Corrupt { path: path.to_owned(), at: 0 }.into());
    }
    let (end, _) = visit_all(path, visit)?;
    Ok((end.min(bytes), bytes))
}

/// Writes the head of a new log, or of one whose maker crashed within it. Anything else in its place is not ours.
fn write_missing_head(file: &mut File, path: &Path) -> Result<(), FrameError> {
    let io = |error| FrameError::Io { path: path.to_owned(), error };
    let mut head = Vec::with_capacity(HEAD.len());
    file.take(FRAME_HEAD).read_to_end(&mut head).map_err(io)?;
    if head == HEAD {
        return Ok(());
    }
    if !HEAD.starts_with(&head) {
        return Err(FrameError::Corrupt { path: path.to_owned(), at: 0 });
    }
    file.set_len(0).map_err(io)?;
    file.write_all(&HEAD).map_err(io)
}

/// End and number of the good frames.
fn visit_all<E: From<FrameError>>(
    path: &Path,
    mut visit: impl FnMut(u64, &[u8]) -> Result<(), E>,
) -> Result<(u64, u64), E> {
    let io = |error| FrameError::Io { path: path.to_owned(), error };
    let mut frames = Frames::open(path, HEAD.len() as u64).map_err(io)?;
    let mut count = 0;
    loop {
        let at = frames.at();
        match frames.next().map_err(io)? {
            Step::Frame(payload) => visit(at, payload)?,
            Step::Bad if read::holds_good_frame(path, at + 1).map_err(io)? => {
                return Err(FrameError::Corrupt { path: path.to_owned(), at }.into());
            }
            Step::Bad | Step::End => return Ok((at, count)),
        }
        count += 1;
    }
}

/// Makes a new file's name survive the machine: the folder that holds it is synced.
pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

#[cfg(test)]
mod tests;
