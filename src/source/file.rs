//! Deliveries from files: lines of a JSONL file or of standard input, the pages of a folder, or a single page.
//!
//! - `*.html`, `*.htm`, `*.xhtml`, `*.txt` and `*.json` are one delivery each; any other file holds a payload a line.
//! - `*.warc`, `*.warc.gz`, `*.wet` and `*.wet.gz` are web archives: each record that holds a page is a delivery. Offsets are
//!   places among all records; event time is the record's `WARC-Date`; `warc-offset` names the byte where it stands.
//! - A folder gives each regular file, in byte order of names. Left out, with a warning: folders within, `*.jsonl` and web
//!   archives (their lines and records would need offsets of their own; each is a source of its own). Left out silently:
//!   hidden files.
//! - The partition's topic is the path as it was given, or `stdin`; offsets are line numbers or places in the sorted
//!   folder, from 0. They name the same payloads after a restart only if the input is still the same: lines may be added
//!   at the end, but a folder must not change.
//! - Standard input (and a pipe by its path) is read from its start every time, because nothing tells whether it is the one of the run
//!   before: skipping what that run settled would lose articles. Deliveries with a claim end as `replayed`.
//! - Event time is a JSON line's own `fetched_at` (RFC 3339, at the top level), else its place: one second a line from
//!   1970-01-01. Verdicts go by it, so an input should have it on every line or on none.
//! - Of a payload above the limit, limit + 1 bytes are read: enough to be rejected as too large.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::lines::{Line, Lines};
use super::{
    Assignments, Delivery, Epoch, Header, NextOffset, Offset, Partition, Polled, Positions, Source, SourceError,
};

use crate::payload::warc;

mod archive;
mod event_time;
mod folder;
mod reader_thread;

use archive::{Archive, Found};
use reader_thread::{ReaderThread, Received};

/// Name of standard input as a partition's topic.
const STDIN: &str = "stdin";

/// Where the payloads are.
#[derive(Debug, Clone)]
enum Input {
    Path(PathBuf),
    Stdin,
}

/// Reads deliveries from a file, a folder or standard input.
#[derive(Debug)]
pub struct FileSource {
    input: Input,
    partition: Partition,
    max_payload_bytes: usize,
    epoch: Epoch,
    paused: bool,
    /// Place of what is read next.
    next: u64,
    /// Where reading resumed.
    resumed_at: u64,
    reading: Reading,
}

#[derive(Debug)]
enum Reading {
    NotSubscribed,
    /// Lines of a regular file.
    Lines(Lines<BufReader<File>>),
    /// Lines of something that may keep us waiting.
    Waiting(ReaderThread),
    /// Records of a web archive.
    Archive(Box<Archive>),
    /// One file a delivery.
    Pages(Vec<PathBuf>),
    Ended,
}

impl FileSource {
    /// A source over a file or folder. Payloads above `max_payload_bytes` are cut to one byte more than that.
    pub fn new(path: impl Into<PathBuf>, max_payload_bytes: usize) -> Self {
        let path = path.into();
        let topic = path.to_string_lossy().into_owned();
        Self::over(Input::Path(path), &topic, max_payload_bytes)
    }

    /// A source over the lines of standard input.
    pub fn stdin(max_payload_bytes: usize) -> Self {
        Self::over(Input::Stdin, STDIN, max_payload_bytes)
    }

    fn over(input: Input, topic: &str, max_payload_bytes: usize) -> Self {
        Self {
            input,
            partition: Partition { topic: topic.into(), number: 0 },
            max_payload_bytes,
            epoch: Epoch::default(),
            paused: false,
            next: 0,
            resumed_at: 0,
            reading: Reading::NotSubscribed,
        }
    }

    /// The place to read from, with what `settled` deliveries are passed over where they are the same as before.
    fn open(&self, settled: u64) -> Result<(u64, Reading), SourceError> {
        let limit = self.max_payload_bytes;
        let path = match &self.input {
            Input::Stdin => return Ok((0, Reading::Waiting(ReaderThread::start(std::io::stdin, limit)))),
            Input::Path(path) => path,
        };
        let metadata = std::fs::metadata(path).map_err(|error| self.io(error))?;
        if metadata.is_dir() {
            return Ok((settled, Reading::Pages(folder::list(path)?)));
        }
        if folder::media_type(path).is_some() {
            return Ok((settled, Reading::Pages(vec![path.clone()])));
        }
        let file = File::open(path).map_err(|error| self.io(error))?;
        if !metadata.is_file() {
            return Ok((0, Reading::Waiting(ReaderThread::start(move || file, limit))));
        }
        if archive::is_archive(path) {
            let mut archive = Archive::new(file, limit).map_err(|error| self.io(error))?;
            archive.skip(settled).map_err(|error| self.io(error))?;
            return Ok((settled, Reading::Archive(Box::new(archive))));
        }
        let mut lines = Lines::new(BufReader::with_capacity(1 << 18, file), limit);
        lines.skip(settled).map_err(|error| self.io(error))?;
        Ok((settled, Reading::Lines(lines)))
    }

    fn read_next(&mut self, timeout: Duration) -> Result<Polled, SourceError> {
        loop {
            let received = match &mut self.reading {
                Reading::NotSubscribed => return Ok(Polled::Idle),
                Reading::Ended => return Ok(Polled::Ended),
                Reading::Lines(lines) => lines.next().map(|line| line.map_or(Received::End, Received::Line)),
                Reading::Waiting(lines) => lines.next(timeout),
                Reading::Archive(archive) => match archive.next() {
                    Ok(Some(found)) => return self.archived(found).map(Polled::Delivery),
                    Ok(None) => Ok(Received::End),
                    Err(error) => Err(error),
                },
                Reading::Pages(pages) => {
                    let page = usize::try_from(self.next).ok().and_then(|at| pages.get(at)).cloned();
                    match page {
                        Some(page) => return self.page(&page).map(Polled::Delivery),
                        None => Ok(Received::End),
                    }
                }
            };
            match received.map_err(|error| self.io(error))? {
                Received::Line(line) if line.bytes.is_empty() => self.next = line.number + 1,
                Received::Line(line) => return Ok(Polled::Delivery(self.line(line))),
                Received::Nothing => return Ok(Polled::Idle),
                Received::End => self.end(),
            }
        }
    }

    fn line(&mut self, line: Line) -> Delivery {
        let event_time_ms = event_time::of_line(&line.bytes).unwrap_or_else(|| event_time::of_place(line.number));
        self.delivery(line.number, event_time_ms, Vec::new(), line.bytes)
    }

    fn archived(&mut self, found: Found) -> Result<Delivery, SourceError> {
        if let Reading::Archive(archive) = &mut self.reading
            && let Some((read, of)) = archive.progress().map_err(|error| self.io(error))?
        {
            tracing::info!(source = %self.partition.topic, read, of, percent = read * 100 / of, "reading an archive");
        }
        let event_time_ms = found.event_time_ms.unwrap_or_else(|| event_time::of_place(found.place));
        let headers =
            vec![Header::text("content-type", warc::MEDIA), Header::text("warc-offset", &found.at.to_string())];
        Ok(self.delivery(found.place, event_time_ms, headers, found.bytes))
    }

    fn page(&mut self, path: &Path) -> Result<Delivery, SourceError> {
        let io = |error| SourceError::Io { name: path.display().to_string(), error };
        let mut payload = Vec::new();
        let most = (self.max_payload_bytes as u64).saturating_add(1);
        File::open(path).map_err(io)?.take(most).read_to_end(&mut payload).map_err(io)?;
        let mut headers = Vec::new();
        if let Some(name) = path.file_name() {
            headers.push(Header::text("file-name", &name.to_string_lossy()));
        }
        headers.extend(folder::media_type(path).map(|media| Header::text("content-type", media)));
        Ok(self.delivery(self.next, event_time::of_place(self.next), headers, payload))
    }

    fn delivery(&mut self, place: u64, event_time_ms: i64, headers: Vec<Header>, payload: Vec<u8>) -> Delivery {
        let offset = Offset(place);
        self.next = offset.next().0;
        Delivery {
            coordinate: super::Coordinate { partition: self.partition.clone(), offset },
            epoch: self.epoch,
            event_time_ms,
            key: None,
            headers,
            payload: Some(payload),
        }
    }

    fn end(&mut self) {
        let length = match &self.reading {
            Reading::Lines(lines) => lines.read(),
            Reading::Pages(pages) => pages.len() as u64,
            Reading::Archive(archive) => {
                if !archive.passed().is_empty() {
                    tracing::info!(source = %self.partition.topic, passed = ?archive.passed(), "records that hold no page");
                }
                archive.read()
            }
            _ => u64::MAX,
        };
        if length < self.resumed_at {
            let (source, read_before) = (&self.partition.topic, self.resumed_at);
            tracing::warn!(%source, length, read_before, "the input is shorter than what an earlier run has read of it");
        }
        self.reading = Reading::Ended;
    }

    fn io(&self, error: std::io::Error) -> SourceError {
        let name = match &self.input {
            Input::Path(path) => path.display().to_string(),
            Input::Stdin => "standard input".to_owned(),
        };
        SourceError::Io { name, error }
    }
}

impl Source for FileSource {
    fn subscribe(&mut self, assignments: Arc<dyn Assignments>, resume_at: &Positions) -> Result<(), SourceError> {
        let settled = resume_at.get(&self.partition).map_or(0, |NextOffset(next)| *next);
        (self.next, self.reading) = self.open(settled)?;
        self.resumed_at = self.next;
        if self.resumed_at > 0 {
            tracing::info!(source = %self.partition.topic, resumed_at = self.resumed_at, "the input is read on from where an earlier run stopped");
        }
        self.epoch = assignments.assigned(std::slice::from_ref(&self.partition));
        Ok(())
    }

    fn poll(&mut self, timeout: Duration) -> Result<Polled, SourceError> {
        if self.paused && !matches!(self.reading, Reading::Ended) {
            // Only the caller ends the pause: there is nothing to wait for but its time.
            std::thread::park_timeout(timeout);
            return Ok(Polled::Idle);
        }
        self.read_next(timeout)
    }

    fn ends(&self) -> bool {
        true
    }

    fn pause(&mut self) -> Result<(), SourceError> {
        self.paused = true;
        Ok(())
    }

    fn resume(&mut self) -> Result<(), SourceError> {
        self.paused = false;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
