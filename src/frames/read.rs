//! Reading frames, and telling a torn tail from damage.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::{FRAME_HEAD, MAX_PAYLOAD};

/// What stands next in a log.
pub(super) enum Step<'a> {
    /// A good frame's payload.
    Frame(&'a [u8]),
    /// Nothing.
    End,
    /// Bytes that are no good frame, from `at` on.
    Bad,
}

/// Reads frames in order, holding one payload at a time.
pub(super) struct Frames {
    input: BufReader<File>,
    at: u64,
    end: u64,
    payload: Vec<u8>,
}

impl Frames {
    pub(super) fn open(path: &Path, from: u64) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let end = file.metadata()?.len();
        file.seek(SeekFrom::Start(from))?;
        Ok(Self { input: BufReader::with_capacity(1 << 16, file), at: from, end, payload: Vec::new() })
    }

    /// Where the next frame starts.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    pub(super) fn next(&mut self) -> io::Result<Step<'_>> {
        let left = self.end.saturating_sub(self.at);
        if left == 0 {
            return Ok(Step::End);
        }
        let Some(room) = left.checked_sub(FRAME_HEAD) else { return Ok(Step::Bad) };
        let mut head = [0; FRAME_HEAD as usize];
        self.input.read_exact(&mut head)?;
        let (length, checksum) = parts(u64::from_le_bytes(head));
        if !is_plausible(length, room) {
            return Ok(Step::Bad);
        }
        self.payload.clear();
        (&mut self.input).take(length).read_to_end(&mut self.payload)?;
        if self.payload.len() as u64 != length || crc32fast::hash(&self.payload) != checksum {
            return Ok(Step::Bad);
        }
        self.at += FRAME_HEAD + length;
        Ok(Step::Frame(&self.payload))
    }
}

/// Length and checksum of a frame's head.
fn parts(head: u64) -> (u64, u32) {
    (head & u64::from(u32::MAX), (head >> 32) as u32)
}

fn is_plausible(length: u64, room: u64) -> bool {
    length > 0 && length <= room && length <= MAX_PAYLOAD as u64
}

/// Whether a good frame starts anywhere at or behind `from`: then what stands before it is no torn tail.
///
/// A length is looked for at every byte, because a damaged length hides where the next frame starts. Within a torn
/// payload none is found: it is text, its bytes are 0x20 and above, and four of them make a length above any allowed.
pub(super) fn holds_good_frame(path: &Path, from: u64) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let end = file.metadata()?.len();
    file.seek(SeekFrom::Start(from))?;
    let mut window = 0u64;
    for (read, byte) in (1u64..).zip(BufReader::with_capacity(1 << 16, file).bytes()) {
        window = (window >> 8) | (u64::from(byte?) << 56);
        if read < FRAME_HEAD {
            continue;
        }
        let start = from + read;
        let (length, checksum) = parts(window);
        if is_plausible(length, end.saturating_sub(start)) && checksum_of(path, start, length)? == checksum {
            return Ok(true);
        }
    }
    Ok(false)
}

fn checksum_of(path: &Path, from: u64, length: u64) -> io::Result<u32> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(from))?;
    let mut input = BufReader::new(file.take(length));
    let mut hasher = crc32fast::Hasher::new();
    loop {
        let bytes = io::BufRead::fill_buf(&mut input)?;
        if bytes.is_empty() {
            return Ok(hasher.finalize());
        }
        hasher.update(bytes);
        let read = bytes.len();
        io::BufRead::consume(&mut input, read);
    }
}
