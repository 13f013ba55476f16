//! Keeps news of single payloads from flooding the log: a dead-letter storm is told by its first lines and a count.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::metrics::Metrics;
use crate::desk::adjudicator::Ended;

/// Lines of one reason within one window.
const LINES: u64 = 10;
const WINDOW: Duration = Duration::from_secs(60);

/// The key of deliveries under a known coordinate with other bytes.
pub(super) const RECREATED: &str = "recreated";

/// Logs news of single payloads, at most so many lines of one reason a minute, and says how many it left out.
#[derive(Debug)]
pub(crate) struct PayloadLog {
    metrics: Arc<Metrics>,
    windows: BTreeMap<&'static str, Window>,
}

#[derive(Debug)]
struct Window {
    began: Instant,
    lines: u64,
}

impl Window {
    fn left_out(&self) -> u64 {
        self.lines.saturating_sub(LINES)
    }
}

impl PayloadLog {
    pub(crate) fn new(metrics: Arc<Metrics>) -> Self {
        Self { metrics, windows: BTreeMap::new() }
    }

    /// Says of an outcome what an operator may want to know.
    pub(crate) fn ended(&mut self, ended: &Ended<'_>) {
        let delivery = &ended.delivery.coordinate;
        if let Err(rejection) = ended.request
            && self.admits(rejection.reason(), Instant::now())
        {
            tracing::warn!(%delivery, reason = rejection.reason(), error = %rejection, "payload rejected");
        }
        if ended.decision.is_some_and(|decision| decision.recreated) && self.admits(RECREATED, Instant::now()) {
            tracing::warn!(%delivery, "the input was made anew: a known coordinate holds other bytes");
        }
    }

    /// Says what was left out, once its minute is over. To be called now and then.
    pub(crate) fn summarise(&mut self) {
        for (reason, left_out) in self.close(Instant::now(), WINDOW) {
            report(reason, left_out);
        }
    }

    fn admits(&mut self, reason: &'static str, now: Instant) -> bool {
        for (reason, left_out) in self.close(now, WINDOW) {
            report(reason, left_out);
        }
        let window = self.windows.entry(reason).or_insert(Window { began: now, lines: 0 });
        window.lines += 1;
        let admitted = window.lines <= LINES;
        if !admitted {
            self.metrics.log_suppressed.with_label_values(&[reason]).inc();
        }
        admitted
    }

    /// Ends the windows that are that old; gives what they left out.
    fn close(&mut self, now: Instant, age: Duration) -> Vec<(&'static str, u64)> {
        let mut left_out = Vec::new();
        self.windows.retain(|reason, window| {
            let is_open = now.saturating_duration_since(window.began) < age;
            if !is_open && window.left_out() > 0 {
                left_out.push((*reason, window.left_out()));
            }
            is_open
        });
        left_out
    }
}

impl Drop for PayloadLog {
    fn drop(&mut self) {
        for (reason, left_out) in self.close(Instant::now(), Duration::ZERO) {
            report(reason, left_out);
        }
    }
}

fn report(reason: &str, left_out: u64) {
    tracing::warn!(reason, left_out, "further payloads of the last minute, not logged one by one");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::ledger::Ledger;

    #[test]
    fn a_storm_is_told_by_its_first_lines_and_a_count() {
        let metrics = Arc::new(Metrics::new(Ledger::default()).unwrap());
        let mut log = PayloadLog::new(Arc::clone(&metrics));
        let start = Instant::now();
        let admitted = (0..1_000).filter(|_| log.admits("empty", start)).count();
        assert_eq!(admitted, 10);
        assert!(log.admits("no_text", start), "another reason has lines of its own");
        assert_eq!(log.close(start + Duration::from_secs(59), WINDOW), []);
        assert_eq!(log.close(start + WINDOW, WINDOW), [("empty", 990)], "the other reason left nothing out");
        assert!(log.admits("empty", start + WINDOW), "a new minute has new lines");
        assert_eq!(metrics.log_suppressed.with_label_values(&["empty"]).get(), 990);
    }
}
