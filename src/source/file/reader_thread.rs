//! Lines of something that may keep its reader waiting: a pipe, a terminal.

use std::io::{self, BufReader, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use crate::source::lines::{Line, Lines};

/// What came within the time given.
#[derive(Debug)]
pub(super) enum Received {
    Line(Line),
    Nothing,
    End,
}

/// A thread that reads lines, so that a poll can give up waiting. It is at most one line ahead and one in hand.
#[derive(Debug)]
pub(super) struct ReaderThread {
    lines: Receiver<io::Result<Line>>,
}

impl ReaderThread {
    /// Starts reading.
    pub(super) fn start<R: Read>(open: impl FnOnce() -> R + Send + 'static, limit: usize) -> Self {
        let (send, lines) = sync_channel(1);
        std::thread::spawn(move || {
            let mut lines = Lines::new(BufReader::with_capacity(1 << 16, open()), limit);
            while let Some(line) = lines.next().transpose() {
                let is_last = line.is_err();
                // Nobody listens any more: the run is over.
                if send.send(line).is_err() || is_last {
                    return;
                }
            }
        });
        Self { lines }
    }

    pub(super) fn next(&mut self, timeout: Duration) -> io::Result<Received> {
        match self.lines.recv_timeout(timeout) {
            Ok(line) => line.map(Received::Line),
            Err(RecvTimeoutError::Timeout) => Ok(Received::Nothing),
            Err(RecvTimeoutError::Disconnected) => Ok(Received::End),
        }
    }
}
