//! Payloads that kill the process: found by a journal, tried in a process of their own, rejected when they kill that too.
//!
//! A panic is caught where it happens; an abort, a stack that overflows or memory that runs out is not. The [`Journal`] names
//! what is in extraction, so that the next life knows what was when this one ended. Those payloads are suspects, no more: the
//! process may have been killed from outside, and beside the culprit others were under way. So each of them is tried
//! alone, in a child process that does nothing else, up to three times; what crashes it every time is rejected
//! (`crashed_process`), and everything else goes on as if nothing had happened. The service itself dies once for such a payload,
//! and only because nobody could know.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::rejection::Rejection;
use crate::source::Delivery;
use crate::telemetry::metrics::Metrics;

mod journal;
mod probe;

pub use journal::{Journal, JournalError, JournalKey};
pub use probe::{End, ProcessProbe, read_trial};

/// Times that a suspect must crash a process of its own.
const ATTEMPTS: u32 = 3;

/// Extracts a payload where it can do no harm.
pub trait Probe: Send + Sync {
    /// Extracts it once, alone.
    ///
    /// # Errors
    /// Where no process could be started for it.
    fn try_once(&self, delivery: &Delivery) -> std::io::Result<End>;
}

/// Watches over extraction. Shared by all extract threads.
pub struct Quarantine {
    journal: Journal,
    /// Payloads that were in extraction when the process before this one ended, and their places in the journal.
    suspects: Mutex<HashMap<JournalKey, usize>>,
    probe: Box<dyn Probe>,
}

impl Quarantine {
    /// Takes what the journal names as suspects.
    pub fn new(journal: Journal, probe: Box<dyn Probe>) -> Self {
        let suspects: HashMap<_, _> = journal.suspects().iter().enumerate().map(|(at, key)| (*key, at)).collect();
        if !suspects.is_empty() {
            tracing::warn!(
                payloads = suspects.len(),
                "the process before this one ended in the middle of its work: what it was extracting is tried apart first"
            );
        }
        Self { journal, suspects: Mutex::new(suspects), probe }
    }

    /// Lets a payload into extraction on a thread, once it is no suspect any more. The journal names it until the
    /// value that is returned is dropped.
    ///
    /// # Errors
    /// `crashed_process` where it crashed a process of its own every time.
    pub(crate) fn admit(
        self: &Arc<Self>,
        delivery: &Delivery,
        key: JournalKey,
        thread: usize,
        metrics: &Metrics,
    ) -> Result<Entered, Rejection> {
        let suspect = self.suspects.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
        if let Some(place) = suspect {
            let tried = self.try_alone(delivery, metrics);
            // Whichever way it ended, the answer is known: should the process die now, it is asked for again.
            self.journal.clear_suspect(place);
            tried?;
        }
        self.journal.enter(thread, key);
        Ok(Entered { quarantine: Arc::clone(self), thread })
    }

    fn try_alone(&self, delivery: &Delivery, metrics: &Metrics) -> Result<(), Rejection> {
        for attempt in 1..=ATTEMPTS {
            match self.probe.try_once(delivery) {
                Ok(End::Crashed { how }) => {
                    metrics.crash_probes.with_label_values(&["crashed"]).inc();
                    tracing::warn!(delivery = %delivery.coordinate, attempt, how, "a payload crashed the process that it was tried in");
                }
                Ok(End::Passed) => {
                    metrics.crash_probes.with_label_values(&["passed"]).inc();
                    return Ok(());
                }
                // Nothing is known against the payload; if it kills us, the journal brings it back here.
                Ok(End::Interrupted) => return Ok(()),
                Err(error) => {
                    tracing::warn!(%error, "no process could be started to try a payload in, which is extracted untried");
                    return Ok(());
                }
            }
        }
        Err(Rejection::CrashedProcess { attempts: ATTEMPTS })
    }

    /// The process ends in order: nothing that is still under way is suspect.
    pub(crate) fn close(&self) {
        self.journal.clear();
    }
}

impl std::fmt::Debug for Quarantine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Quarantine").field("journal", &self.journal).finish_non_exhaustive()
    }
}

/// A payload in extraction. A panic drops it too, and is no crash.
pub(crate) struct Entered {
    quarantine: Arc<Quarantine>,
    thread: usize,
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.quarantine.journal.leave(self.thread);
    }
}

#[cfg(test)]
mod tests;
