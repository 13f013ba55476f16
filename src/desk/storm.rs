//! The dead-letter storm: nearly every payload of a long run was rejected, so that the fault is hardly theirs.
//!
//! It is told by outcomes in their order, never by time: the same input storms at the same payload on any machine.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

/// When rejections are a storm.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct StormLimits {
    /// The share of rejections, 0 to 1; 0 turns the watch off.
    pub ratio: f64,
    /// The number of outcomes that the share is taken of; 0 turns the watch off.
    pub run: usize,
}

/// A storm, as it was when it was noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Storm {
    /// Rejections of the last outcomes.
    pub rejected: usize,
    /// Those last outcomes.
    pub of: usize,
    /// The most frequent reason among the rejections.
    pub reason: &'static str,
}

impl fmt::Display for Storm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rejected, of, reason } = self;
        write!(f, "dead-letter storm: {rejected} of the last {of} payloads were rejected, most of them as {reason}")
    }
}

/// Watches the outcomes.
#[derive(Debug, Default)]
pub(super) struct StormWatch {
    limits: StormLimits,
    /// The last outcomes, oldest first: the reasons of rejections.
    last: VecDeque<Option<&'static str>>,
    rejected: usize,
    storm: Option<Storm>,
}

impl StormWatch {
    pub(super) fn new(limits: StormLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// An outcome is certain: the reason of a rejection, or none. Once there is a storm it stays.
    pub(super) fn note(&mut self, reason: Option<&'static str>) {
        let StormLimits { ratio, run } = self.limits;
        if run == 0 || ratio <= 0.0 || self.storm.is_some() {
            return;
        }
        if self.last.len() == run {
            let oldest = self.last.pop_front().flatten();
            self.rejected -= usize::from(oldest.is_some());
        }
        self.last.push_back(reason);
        self.rejected += usize::from(reason.is_some());
        if self.last.len() == run && self.rejected as f64 >= ratio * run as f64 {
            self.storm = Some(Storm { rejected: self.rejected, of: run, reason: self.most_frequent() });
        }
    }

    pub(super) fn storm(&self) -> Option<Storm> {
        self.storm
    }

    fn most_frequent(&self) -> &'static str {
        let mut counts = BTreeMap::<&'static str, usize>::new();
        for reason in self.last.iter().flatten() {
            *counts.entry(reason).or_default() += 1;
        }
        counts.into_iter().max_by_key(|(_, count)| *count).map_or("", |(reason, _)| reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(limits: StormLimits, outcomes: impl IntoIterator<Item = Option<&'static str>>) -> Option<Storm> {
        let mut watch = StormWatch::new(limits);
        outcomes.into_iter().for_each(|outcome| watch.note(outcome));
        watch.storm()
    }

    const LIMITS: StormLimits = StormLimits { ratio: 0.9, run: 10 };

    #[test]
    fn a_run_of_rejections_is_a_storm_and_names_its_most_frequent_reason() {
        let junk = |n: usize| (0..n).map(|at| Some(if at % 3 == 0 { "empty" } else { "no_text" }));
        assert_eq!(after(LIMITS, junk(9)), None, "not before the run is full");
        assert_eq!(after(LIMITS, junk(10)), Some(Storm { rejected: 10, of: 10, reason: "no_text" }));
        let one_is_well = std::iter::once(None).chain(junk(9));
        assert_eq!(after(LIMITS, one_is_well).map(|storm| storm.rejected), Some(9), "at the ratio");
        let told = after(LIMITS, junk(10)).unwrap().to_string();
        assert_eq!(told, "dead-letter storm: 10 of the last 10 payloads were rejected, most of them as no_text");
    }

    #[test]
    fn a_healthy_mix_is_none_however_long_and_healthy_payloads_before_it_do_not_hide_one() {
        let mix = (0..10_000).map(|at| (at % 5 > 0).then_some("no_text"));
        assert_eq!(after(LIMITS, mix), None, "four of five are rejected");
        let late = std::iter::repeat_n(None, 10_000).chain(std::iter::repeat_n(Some("empty"), 9));
        assert_eq!(after(LIMITS, late.clone()).map(|storm| storm.rejected), Some(9));
        let over = late.chain(std::iter::repeat_n(None, 100));
        assert!(after(LIMITS, over).is_some(), "what was a storm stays one");
    }

    #[test]
    fn zero_turns_it_off() {
        let junk = || std::iter::repeat_n(Some("empty"), 100);
        assert_eq!(after(StormLimits { ratio: 0.0, ..LIMITS }, junk()), None);
        assert_eq!(after(StormLimits { run: 0, ..LIMITS }, junk()), None);
        assert_eq!(after(StormLimits::default(), junk()), None);
    }
}
