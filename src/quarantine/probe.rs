//! One extraction in a process of its own.

use std::ffi::OsString;
use std::io::{self, BufRead, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::Probe;
use crate::source::{Coordinate, Delivery, Epoch, Header, Offset, Partition};

/// What a process gets beyond the configured time of an extraction, to start and to end.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often the process is looked after.
const LOOK: Duration = Duration::from_millis(5);

/// How a process ended that extracted one payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// In order: with an article, or a rejection.
    Passed,
    /// By the payload.
    Crashed {
        /// "signal 6", or "no end".
        how: String,
    },
    /// By somebody else, as at a stop of the whole service.
    Interrupted,
}

/// Everything about a payload but its bytes, which follow: the first line of a trial's input.
#[derive(Debug, Serialize, Deserialize)]
struct Trial {
    key: Option<Vec<u8>>,
    headers: Vec<(String, Option<Vec<u8>>)>,
    has_payload: bool,
}

/// Starts this very program for each payload, with a hidden command that reads it by [`read_trial`].
#[derive(Debug)]
pub struct ProcessProbe {
    program: PathBuf,
    arguments: Vec<OsString>,
    extract_time: Duration,
}

impl ProcessProbe {
    /// Trials by this program with these arguments, which name the command and give it the configuration of the service. Each
    /// may take the time of an extraction, and a little more.
    ///
    /// # Errors
    /// Where the system does not tell where this program is.
    pub fn new(arguments: Vec<OsString>, extract_time: Duration) -> io::Result<Self> {
        Ok(Self::of(std::env::current_exe()?, arguments, extract_time))
    }

    pub(super) fn of(program: PathBuf, arguments: Vec<OsString>, extract_time: Duration) -> Self {
        Self { program, arguments, extract_time }
    }
}

impl Probe for ProcessProbe {
    fn try_once(&self, delivery: &Delivery) -> io::Result<End> {
        let trial = Trial {
            key: delivery.key.clone(),
            headers: delivery.headers.iter().map(|header| (header.name.clone(), header.value.clone())).collect(),
            has_payload: delivery.payload.is_some(),
        };
        let mut process = Command::new(&self.program)
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let sent = process.stdin.take().map_or(Ok(()), |mut input| {
            serde_json::to_writer(&mut input, &trial)?;
            input.write_all(b"\n")?;
            input.write_all(delivery.payload.as_deref().unwrap_or_default())
        });
        // A process that ends before it has read everything tells more by its end than by the broken pipe.
        match sent {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                process.kill()?;
                process.wait()?;
                return Err(error);
            }
            _ => {}
        }
        let until = Instant::now() + self.extract_time + PATIENCE;
        loop {
            if let Some(status) = process.try_wait()? {
                return Ok(End::of(status));
            }
            if Instant::now() > until {
                process.kill()?;
                process.wait()?;
                return Ok(End::Crashed { how: "no end within the time of an extraction".to_owned() });
            }
            std::thread::sleep(LOOK);
        }
    }
}

impl End {
    /// A process that is told to stop ends by TERM, INT or HUP, or with a code. KILL is what the system sends for memory:
    /// a trial lives for milliseconds under a parent that would know of any other sender.
    fn of(status: ExitStatus) -> Self {
        const POLITE: [i32; 3] = [1, 2, 15];
        match status.signal() {
            Some(signal) if POLITE.contains(&signal) => Self::Interrupted,
            Some(signal) => Self::Crashed { how: format!("signal {signal}") },
            None if status.success() => Self::Passed,
            None => Self::Interrupted,
        }
    }
}

/// The other end: what a trial is to extract.
///
/// # Errors
/// Where the input is no trial.
pub fn read_trial(mut input: impl BufRead) -> io::Result<Delivery> {
    let mut line = Vec::new();
    input.read_until(b'\n', &mut line)?;
    let trial: Trial = serde_json::from_slice(&line)?;
    let mut payload = Vec::new();
    input.read_to_end(&mut payload)?;
    Ok(Delivery {
        coordinate: Coordinate { partition: Partition { topic: "trial".into(), number: 0 }, offset: Offset(0) },
        epoch: Epoch(0),
        event_time_ms: 0,
        key: trial.key,
        headers: trial.headers.into_iter().map(|(name, value)| Header { name, value }).collect(),
        payload: trial.has_payload.then_some(payload),
    })
}
