//! Whether the process is alive and ready, as its own threads tell.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Time without a sign of life after which the desk counts as stuck. Brokers that are away do not stop the desk's loop.
const STUCK_AFTER: Duration = Duration::from_secs(60);

/// Shared between the desk, which tells, and the HTTP server, which is asked.
#[derive(Debug, Clone)]
pub struct Health(Arc<Signs>);

#[derive(Debug)]
struct Signs {
    started: Instant,
    /// Milliseconds after `started`.
    last_pulse: AtomicU64,
    ready: AtomicBool,
}

impl Default for Health {
    fn default() -> Self {
        Self(Arc::new(Signs { started: Instant::now(), last_pulse: AtomicU64::new(0), ready: AtomicBool::new(false) }))
    }
}

impl Health {
    /// The desk's loop went round.
    pub(crate) fn pulse(&self) {
        let since = u64::try_from(self.0.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.last_pulse.store(since, Ordering::Relaxed);
    }

    /// Whether payloads are being read: false while claims are restored and while draining.
    pub(crate) fn set_ready(&self, ready: bool) {
        self.0.ready.store(ready, Ordering::Relaxed);
    }

    /// For `/readyz`.
    pub fn is_ready(&self) -> bool {
        self.0.ready.load(Ordering::Relaxed)
    }

    /// For `/livez`.
    pub fn is_alive(&self) -> bool {
        self.is_alive_after(self.0.started.elapsed())
    }

    fn is_alive_after(&self, elapsed: Duration) -> bool {
        elapsed.saturating_sub(Duration::from_millis(self.0.last_pulse.load(Ordering::Relaxed))) < STUCK_AFTER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_desk_without_a_pulse_is_stuck() {
        let health = Health::default();
        assert!(health.is_alive_after(Duration::from_secs(59)));
        assert!(!health.is_alive_after(Duration::from_secs(61)));
        health.0.last_pulse.store(10_000, Ordering::Relaxed);
        assert!(health.is_alive_after(Duration::from_secs(61)));
        assert!(!health.is_ready());
    }
}
