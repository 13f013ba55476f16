//! Records as lines on standard output: at least once, nothing to resume from.
//!
//! Only records go there. A rejection is a warning in the log, with reason and coordinate, and a suppressed copy a line
//! of level `info`; neither ever shows a payload. A file sink keeps both.

use std::io::{self, Write};

use super::{CommitBatch, Committed, Output, Sink, SinkError, Stream};

/// Writes records as lines.
#[derive(Debug)]
pub struct StdoutSink<W = io::Stdout> {
    output: W,
    lines: Vec<u8>,
}

impl Default for StdoutSink {
    fn default() -> Self {
        Self::new(io::stdout())
    }
}

impl<W: Write + Send> StdoutSink<W> {
    /// A sink that writes to `output`.
    pub fn new(output: W) -> Self {
        Self { output, lines: Vec::new() }
    }
}

impl<W: Write + Send> Sink for StdoutSink<W> {
    fn commit(&mut self, batch: CommitBatch) -> Result<Committed, SinkError> {
        // What is written cannot be taken back: the batch is committed, or not, before its first byte.
        if !batch.may_commit() {
            return Err(SinkError::CalledOff);
        }
        self.lines.clear();
        for output in batch.outputs() {
            match output.stream {
                Stream::Records => super::push_line(&mut self.lines, output.value.as_deref()),
                Stream::Duplicates => tracing::info!(original = text(output.key.as_deref()), "copy suppressed"),
                Stream::DeadLetters => log_rejection(output),
            }
        }
        match self.output.write_all(&self.lines).and_then(|()| self.output.flush()) {
            Ok(()) => Ok(batch.settle(None)),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                Err(SinkError::Closed { output: "standard output".to_owned() })
            }
            Err(error) => Err(SinkError::Fatal { reason: format!("cannot write standard output: {error}") }),
        }
    }
}

fn log_rejection(output: &Output) {
    let header =
        |name| output.headers.iter().rfind(|header| header.name == name).and_then(|header| header.value.as_deref());
    tracing::warn!(
        reason = text(header("x-copydesk-error-reason")),
        message = text(header("x-copydesk-error-message")),
        source = text(header("x-original-topic")),
        offset = text(header("x-original-offset")),
        "payload rejected"
    );
}

fn text(bytes: Option<&[u8]>) -> &str {
    bytes.and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        reason = "tests fail by panicking"
    )]

    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::sink::conformance::{self, Seen, Subject, batch};

    /// A reader's view of what has been flushed.
    #[derive(Debug, Clone, Default)]
    struct Pipe {
        written: Arc<Mutex<Vec<u8>>>,
        error: Option<io::ErrorKind>,
    }

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            match self.error {
                Some(kind) => Err(kind.into()),
                None => self.written.lock().unwrap().write(bytes),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Subject for Pipe {
        fn open(&mut self) -> Box<dyn Sink> {
            Box::new(StdoutSink::new(self.clone()))
        }

        fn seen(&self) -> Seen {
            let records = String::from_utf8(self.written.lock().unwrap().clone()).unwrap();
            Seen { records: records.lines().map(str::to_owned).collect(), others: None }
        }
    }

    #[test]
    fn conforms() {
        conformance::check(&mut || Box::new(Pipe::default()));
    }

    #[test]
    fn a_reader_that_has_gone_is_told_from_an_output_that_fails() {
        let pipe = |error| StdoutSink::new(Pipe { error: Some(error), ..Pipe::default() });
        let gone = pipe(io::ErrorKind::BrokenPipe).commit(batch(0)).unwrap_err();
        assert!(matches!(gone, SinkError::Closed { .. }), "{gone}");
        let failed = pipe(io::ErrorKind::StorageFull).commit(batch(0)).unwrap_err();
        assert!(matches!(failed, SinkError::Fatal { .. }), "{failed}");
    }
}
