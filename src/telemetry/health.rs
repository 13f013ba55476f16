//! Whether the process is alive and ready, as its own threads tell.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::desk::Storm;

/// Time without a sign of life after which a thread counts as stuck. Brokers that are away stop neither of them.
const STUCK_AFTER: Duration = Duration::from_secs(60);

/// A thread that must go round. One that has not begun is not stuck: it may wait for brokers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beat {
    /// The desk's loop.
    Desk,
    /// The thread that reads the input.
    Intake,
}

/// Whether payloads are being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Readiness {
    /// The brokers have not answered, or the group has not assigned anything yet.
    #[default]
    Unassigned,
    /// The group has taken the partitions away, as from a member that it has not heard of for too long.
    Lost,
    /// Claims of so many partitions are being restored.
    Restoring {
        /// How many.
        partitions: usize,
    },
    /// Reading, or standing by without partitions.
    Ready,
    /// Nothing is read any more until a restart.
    Storm(Storm),
    /// Asked to stop.
    Draining,
}

/// Shared between the desk, which tells, and the HTTP server, which is asked.
#[derive(Debug, Clone)]
pub struct Health(Arc<Signs>);

#[derive(Debug)]
struct Signs {
    started: Instant,
    /// Of each [`Beat`], milliseconds after `started`; 0 before the first.
    last: [AtomicU64; 2],
    readiness: Mutex<Readiness>,
    has_been_ready: AtomicBool,
    paused: AtomicBool,
    /// Why nothing is committed, if so.
    hindrance: Mutex<Option<String>>,
}

impl Default for Health {
    fn default() -> Self {
        Self(Arc::new(Signs {
            started: Instant::now(),
            last: [AtomicU64::new(0), AtomicU64::new(0)],
            readiness: Mutex::default(),
            has_been_ready: AtomicBool::new(false),
            paused: AtomicBool::new(false),
            hindrance: Mutex::default(),
        }))
    }
}

impl Health {
    fn last(&self, beat: Beat) -> &AtomicU64 {
        let [desk, intake] = &self.0.last;
        match beat {
            Beat::Desk => desk,
            Beat::Intake => intake,
        }
    }

    /// A thread went round.
    pub(crate) fn pulse(&self, beat: Beat) {
        let since = u64::try_from(self.0.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last(beat).store(since.max(1), Ordering::Relaxed);
    }

    /// Whether payloads are being read changed.
    pub(crate) fn show(&self, readiness: Readiness) {
        if readiness == Readiness::Ready {
            self.0.has_been_ready.store(true, Ordering::Relaxed);
        }
        *self.0.readiness.lock().unwrap_or_else(PoisonError::into_inner) = readiness;
    }

    /// Whether reading waits for memory.
    pub(crate) fn set_paused(&self, paused: bool) {
        self.0.paused.store(paused, Ordering::Relaxed);
    }

    /// Whether batches are aborted one after another, and why.
    pub(crate) fn hinder(&self, reason: Option<&str>) {
        let mut hindrance = self.0.hindrance.lock().unwrap_or_else(PoisonError::into_inner);
        if hindrance.as_deref() != reason {
            *hindrance = reason.map(str::to_owned);
        }
    }

    /// For `/readyz`: yes or no, and in words.
    pub fn ready(&self) -> Result<&'static str, String> {
        let hindrance = self.0.hindrance.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match (*self.0.readiness.lock().unwrap_or_else(PoisonError::into_inner), hindrance) {
            (Readiness::Ready, Some(reason)) => {
                Err(format!("not ready: nothing can be committed, and is tried again: {reason}"))
            }
            // Back pressure is how it works, not a fault of this instance.
            (Readiness::Ready, None) if self.0.paused.load(Ordering::Relaxed) => {
                Ok("ready; reading waits until limits.in_flight_bytes has room")
            }
            (Readiness::Ready, None) => Ok("ready"),
            (Readiness::Unassigned, _) => Err("not ready: no partitions are assigned yet".to_owned()),
            (Readiness::Lost, _) => {
                Err("not ready: the group has taken the partitions away, and is joined again".to_owned())
            }
            (Readiness::Restoring { partitions }, _) => {
                Err(format!("not ready: restoring the claims of {partitions} partitions"))
            }
            (Readiness::Storm(storm), _) => {
                Err(format!("not ready: {storm}; reading is paused until the cause is mended and this is restarted"))
            }
            (Readiness::Draining, _) => Err("not ready: draining".to_owned()),
        }
    }

    /// For `/startupz`: whether it has been ready once.
    pub fn started(&self) -> Result<&'static str, String> {
        if self.0.has_been_ready.load(Ordering::Relaxed) { Ok("started") } else { self.ready() }
    }

    /// For `/livez`.
    pub fn alive(&self) -> Result<&'static str, String> {
        self.alive_after(self.0.started.elapsed())
    }

    fn alive_after(&self, elapsed: Duration) -> Result<&'static str, String> {
        for (beat, name) in [(Beat::Desk, "the desk"), (Beat::Intake, "the intake")] {
            let last = self.last(beat).load(Ordering::Relaxed);
            if last > 0 && elapsed.saturating_sub(Duration::from_millis(last)) >= STUCK_AFTER {
                return Err(format!("{name} makes no progress"));
            }
        }
        Ok("alive")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_stops_going_round_is_stuck_and_one_that_has_not_begun_is_not() {
        let health = Health::default();
        assert_eq!(health.alive_after(Duration::from_secs(3_600)), Ok("alive"), "waiting for brokers");
        health.pulse(Beat::Desk);
        assert_eq!(health.alive_after(Duration::from_secs(59)), Ok("alive"));
        assert_eq!(health.alive_after(Duration::from_secs(100)), Err("the desk makes no progress".to_owned()));
        health.last(Beat::Desk).store(90_000, Ordering::Relaxed);
        assert_eq!(health.alive_after(Duration::from_secs(100)), Ok("alive"));
        health.last(Beat::Intake).store(20_000, Ordering::Relaxed);
        assert_eq!(health.alive_after(Duration::from_secs(100)), Err("the intake makes no progress".to_owned()));
    }

    #[test]
    fn it_says_in_words_why_it_is_not_ready() {
        let health = Health::default();
        assert!(health.ready().unwrap_err().contains("no partitions are assigned"));
        assert!(health.started().is_err());
        health.show(Readiness::Lost);
        assert!(health.ready().unwrap_err().contains("has taken the partitions away"));
        health.show(Readiness::Restoring { partitions: 3 });
        assert!(health.ready().unwrap_err().contains("claims of 3 partitions"));
        health.show(Readiness::Ready);
        assert_eq!((health.ready(), health.started()), (Ok("ready"), Ok("started")));
        health.set_paused(true);
        assert!(health.ready().unwrap().contains("in_flight_bytes"));
        health.hinder(Some("topic letters: gone"));
        assert!(health.ready().unwrap_err().contains("topic letters: gone"));
        health.hinder(None);
        assert!(health.ready().is_ok());
        health.show(Readiness::Storm(Storm { rejected: 9, of: 10, reason: "no_text" }));
        assert!(
            health.ready().unwrap_err().contains("9 of the last 10 payloads were rejected, most of them as no_text;")
        );
        health.show(Readiness::Draining);
        assert!(health.ready().unwrap_err().contains("draining"));
        assert_eq!(health.started(), Ok("started"), "what has started stays so");
    }
}
