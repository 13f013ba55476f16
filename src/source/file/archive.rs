//! Web archives (WARC, WET): each record that holds a page or its text is a delivery.
//!
//! Records that hold none are passed over: requests, metadata, and responses that say they are images, styles, scripts,
//! fonts, sound or data. A record that cannot be read is a delivery too, which decoding rejects: its bytes as far as they
//! could be read, and where they stand. Reading goes on with the next record that can be found.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead as _, Read as _};
use std::path::Path;

use crate::payload::instant;
use crate::payload::warc::{self, Head, RecordType};

mod unpacked;

use unpacked::Unpacked;

/// Of an unreadable stretch, bytes that are kept.
const SPECIMEN: usize = 64 << 10;
/// Parts of a large file after each of which its reading is noted.
const PARTS: u64 = 20;
/// A file from this size on is large.
const LARGE: u64 = 64 << 20;

/// A record as it is delivered.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Among all records and unreadable stretches of the archive, from 0.
    pub(super) place: u64,
    /// Where it stands in the file; where records share a gzip member, where that does.
    pub(super) at: u64,
    /// `WARC-Date`.
    pub(super) event_time_ms: Option<i64>,
    /// Head and block, or what could be read of them; of more than the limit, limit + 1 bytes.
    pub(super) bytes: Vec<u8>,
}

/// Reads an archive from front to back in bounded memory.
#[derive(Debug)]
pub(super) struct Archive {
    input: Unpacked,
    limit: usize,
    place: u64,
    /// Where the record stands that is being read.
    begun_at: u64,
    /// The first line of a record and where it stands, found at the end of an unreadable stretch.
    pending: Option<(u64, Vec<u8>)>,
    passed: BTreeMap<&'static str, u64>,
    length: u64,
    noted: u64,
}

/// Whether a file is an archive, by its name.
pub(super) fn is_archive(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    [".warc", ".wet", ".arc.warc"].iter().any(|extension| name.ends_with(extension))
}

/// What reading one record came to.
enum Outcome {
    Page {
        event_time_ms: Option<i64>,
    },
    /// It holds no page, by this name.
    Passed(&'static str),
    Unreadable,
}

impl Archive {
    pub(super) fn new(file: File, limit: usize) -> io::Result<Self> {
        let length = file.metadata()?.len();
        Ok(Self {
            input: Unpacked::new(file)?,
            limit,
            place: 0,
            begun_at: 0,
            pending: None,
            passed: BTreeMap::new(),
            length,
            noted: 0,
        })
    }

    /// Passes over what an earlier run has read, or to the end.
    pub(super) fn skip(&mut self, places: u64) -> io::Result<()> {
        while self.place < places && self.record(&mut Vec::new())?.is_some() {}
        self.passed.clear();
        Ok(())
    }

    /// Records and unreadable stretches read so far.
    pub(super) fn read(&self) -> u64 {
        self.place
    }

    /// Records that hold no page, by kind.
    pub(super) fn passed(&self) -> &BTreeMap<&'static str, u64> {
        &self.passed
    }

    /// Bytes of the file that were read, of how many, at each twentieth of a large file.
    pub(super) fn progress(&mut self) -> io::Result<Option<(u64, u64)>> {
        let at = self.input.at()?;
        if self.length < LARGE || at / (self.length / PARTS) <= self.noted {
            return Ok(None);
        }
        self.noted = at / (self.length / PARTS);
        Ok(Some((at, self.length)))
    }

    /// The next record that holds a page or cannot be read; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Found>> {
        loop {
            let (place, mut bytes) = (self.place, Vec::new());
            let event_time_ms = match self.record(&mut bytes)? {
                None => return Ok(None),
                Some(Outcome::Passed(kind)) => {
                    *self.passed.entry(kind).or_default() += 1;
                    continue;
                }
                Some(Outcome::Unreadable) => None,
                Some(Outcome::Page { event_time_ms }) => event_time_ms,
            };
            bytes.truncate(self.limit.saturating_add(1));
            return Ok(Some(Found { place, at: self.begun_at, event_time_ms, bytes }));
        }
    }

    fn record(&mut self, bytes: &mut Vec<u8>) -> io::Result<Option<Outcome>> {
        let read = self.read_record(bytes);
        self.input.in_block(false);
        let outcome = match read {
            Ok(None) => return Ok(None),
            Ok(Some(outcome)) => outcome,
            Err(error) if self.input.is_damage(&error) => {
                self.begun_at = self.input.at()?;
                if bytes.is_empty() {
                    *bytes = self.input.specimen()?;
                }
                self.input.next_member()?;
                Outcome::Unreadable
            }
            Err(error) => return Err(error),
        };
        self.place += 1;
        Ok(Some(outcome))
    }

    fn read_record(&mut self, bytes: &mut Vec<u8>) -> io::Result<Option<Outcome>> {
        if !self.first_line(bytes)? {
            return Ok(None);
        }
        if !warc::is_record(bytes) {
            return self.unreadable(bytes).map(Some);
        }
        loop {
            let before = bytes.len();
            if self.line(bytes)? == 0 {
                return Ok(Some(Outcome::Unreadable));
            }
            if bytes.get(before..).is_some_and(|line| line.trim_ascii().is_empty()) {
                break;
            }
            if bytes.len() > warc::MAX_HEAD_BYTES {
                return self.unreadable(bytes).map(Some);
            }
        }
        let Ok((head, _)) = Head::parse(bytes) else { return self.unreadable(bytes).map(Some) };
        let length = head.length;
        let passed = passed_by_head(&head);
        let is_http = head.record_type == RecordType::Response;
        let event_time_ms = head.date.and_then(instant::parse_ms);
        let block = bytes.len();
        self.input.in_block(true);
        let room = if passed.is_some() { 0 } else { self.limit.saturating_add(1).saturating_sub(block) as u64 };
        let kept = self.input.by_ref().take(length.min(room)).read_to_end(bytes)? as u64;
        let rest = io::copy(&mut self.input.by_ref().take(length - kept), &mut io::sink())?;
        if kept + rest < length {
            return Ok(Some(Outcome::Unreadable));
        }
        let by_block = || bytes.get(block..).filter(|_| is_http).and_then(passed_by_response);
        Ok(Some(passed.or_else(by_block).map_or(Outcome::Page { event_time_ms }, Outcome::Passed)))
    }

    /// The first line that is not empty; false at the end.
    fn first_line(&mut self, bytes: &mut Vec<u8>) -> io::Result<bool> {
        if let Some((at, line)) = self.pending.take() {
            self.begun_at = at;
            *bytes = line;
            return Ok(true);
        }
        loop {
            let ahead = self.input.fill_buf()?;
            if ahead.is_empty() {
                return Ok(false);
            }
            let empty = ahead.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            let is_over = empty < ahead.len();
            self.input.consume(empty);
            if is_over {
                break;
            }
        }
        self.begun_at = self.input.at()?;
        self.line(bytes)?;
        Ok(true)
    }

    /// A line, or as much of it as a head may have.
    fn line(&mut self, bytes: &mut Vec<u8>) -> io::Result<usize> {
        self.input.by_ref().take(warc::MAX_HEAD_BYTES as u64).read_until(b'\n', bytes)
    }

    /// Reads on to a line that begins a record.
    fn unreadable(&mut self, bytes: &mut Vec<u8>) -> io::Result<Outcome> {
        let mut begins_line = bytes.ends_with(b"\n");
        loop {
            let (at, mut line) = (self.input.at()?, Vec::new());
            if self.line(&mut line)? == 0 {
                break;
            }
            if begins_line && warc::is_record(&line) {
                self.pending = Some((at, line));
                break;
            }
            begins_line = line.ends_with(b"\n");
            if bytes.len() < SPECIMEN {
                bytes.append(&mut line);
            }
        }
        Ok(Outcome::Unreadable)
    }
}

/// Why a record holds no page, by its head.
fn passed_by_head(head: &Head<'_>) -> Option<&'static str> {
    // What browsers add to their archives beside the pages: text and pictures of pages, name look-ups.
    const BESIDE: [&str; 3] = ["urn:", "dns:", "metadata:"];
    match head.record_type {
        RecordType::Other(kind) => Some(kind),
        _ if head.target_uri.is_some_and(|uri| BESIDE.iter().any(|scheme| uri.starts_with(scheme))) => Some("beside"),
        RecordType::Response => None,
        RecordType::Resource | RecordType::Conversion => head.content_type.and_then(passed_by_media),
    }
}

/// Why a response holds no page, by what its own head says.
fn passed_by_response(block: &[u8]) -> Option<&'static str> {
    let lines = block.split(|byte| *byte == b'\n').take_while(|line| !line.trim_ascii().is_empty());
    let media = lines.filter_map(|line| {
        let (name, value) = line.split_at_checked(line.iter().position(|byte| *byte == b':')?)?;
        let value = std::str::from_utf8(value.get(1..)?).ok()?;
        name.trim_ascii().eq_ignore_ascii_case(b"content-type").then_some(value)
    });
    media.last().and_then(passed_by_media)
}

fn passed_by_media(media: &str) -> Option<&'static str> {
    let media = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (kind, subtype) = media.split_once('/')?;
    match kind {
        "image" => Some("image"),
        "audio" | "video" => Some("sound or film"),
        "font" => Some("font"),
        _ if subtype == "css" => Some("style"),
        _ if subtype.ends_with("javascript") || subtype.ends_with("ecmascript") || subtype == "wasm" => Some("script"),
        _ if subtype.ends_with("json") || subtype.contains("font") => Some("data"),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
