//! Reading within the permits: the one thread that talks to the source.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::handle::{DeskHandle, Event};
use super::holding;
use super::ledger::{Ledger, Outcome};
use super::permits::{Permit, Permits};
use crate::source::{Delivery, Epoch, Polled, Positions, Source, SourceError};
use crate::telemetry::health::{Beat, Health};
use crate::telemetry::metrics::Metrics;

/// Longest wait in one poll, and so for a command.
const POLL: Duration = Duration::from_millis(50);
/// Bytes up to which deliveries that are there already are read in a row before they are sent on: the desk wakes for all of
/// them at once.
const BURST_BYTES: usize = 128 << 10;
/// Bytes up to which deliveries go through extraction together: waking a thread takes as long as a short text.
const GROUP_BYTES: usize = 32 << 10;
/// Time without permits before the source pauses: pausing throws away what it has fetched ahead.
const PAUSE_AFTER: Duration = Duration::from_millis(100);

/// A delivery with the permit for its bytes.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub delivery: Delivery,
    pub permit: Permit,
}

/// What the desk asks of the intake.
#[derive(Debug)]
pub(crate) enum Command {
    /// Claims for the partitions of this epoch are restored.
    Restored(Epoch),
    /// These outcomes are published and indexed.
    Acknowledge(Positions),
    /// Read nothing more, but stay a member until `Close`. May come twice.
    Drain,
    /// Leave.
    Close,
}

/// The state of the intake thread.
pub(crate) struct Intake {
    pub source: Box<dyn Source>,
    pub desk: DeskHandle,
    pub commands: Receiver<Command>,
    pub permits: Permits,
    /// Bytes that a delivery may come to hold beside itself: its article.
    pub room: usize,
    pub ledger: Ledger,
    pub metrics: Arc<Metrics>,
    pub health: Health,
}

impl Intake {
    /// Reads until the desk says `Close`, or until the desk is gone.
    pub(crate) fn run(mut self, resume_at: &Positions) {
        if let Err(error) = self.read(resume_at) {
            self.desk.failed(error.to_string());
        }
    }

    fn read(&mut self, resume_at: &Positions) -> Result<(), SourceError> {
        self.source.subscribe(Arc::new(self.desk.clone()), resume_at)?;
        let mut held: VecDeque<Delivery> = VecDeque::new();
        let (mut paused, mut draining, mut ended, mut told) = (false, false, false, false);
        loop {
            self.health.pulse(Beat::Intake);
            // A source that has ended needs no polling; commands are all there is to wait for.
            let wait = if told { POLL } else { Duration::ZERO };
            match self.commands.recv_timeout(wait) {
                Ok(Command::Restored(epoch)) => self.source.restored(epoch)?,
                Ok(Command::Acknowledge(positions)) => self.source.acknowledge(&positions)?,
                Ok(Command::Drain) => {
                    draining = true;
                    self.source.pause()?;
                    self.metrics.paused.set(0);
                    self.ledger.settle_all(held.len(), Outcome::Released);
                    held.clear();
                }
                Ok(Command::Close) | Err(RecvTimeoutError::Disconnected) => return Ok(()),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if !draining {
                self.admit(&mut held);
                self.pause_while(!held.is_empty(), &mut paused)?;
            }
            if ended {
                if held.is_empty() && !told {
                    self.desk.send(Event::Ended);
                    told = true;
                }
                continue;
            }
            self.read_burst(draining, &mut held, &mut ended)?;
        }
    }

    /// Reads what comes first, and what is there already behind it; what there is no permit for is held.
    fn read_burst(
        &mut self,
        draining: bool,
        held: &mut VecDeque<Delivery>,
        ended: &mut bool,
    ) -> Result<(), SourceError> {
        let (mut burst, mut bytes, mut wait) = (Vec::new(), 0, POLL);
        let mut group: (Vec<Admitted>, usize) = Default::default();
        while bytes < BURST_BYTES {
            let delivery = match self.source.poll(wait)? {
                Polled::Delivery(delivery) => delivery,
                Polled::Idle => break,
                Polled::Ended => {
                    *ended = true;
                    break;
                }
            };
            wait = Duration::ZERO;
            self.ledger.receive();
            self.metrics.received(&delivery);
            if draining {
                // It was on its way when the pause began, and will be delivered again.
                self.ledger.settle(Outcome::Released);
                break;
            }
            let permit = if held.is_empty() { self.permit(&delivery, Duration::ZERO) } else { None };
            let Some(permit) = permit else {
                held.push_back(delivery);
                break;
            };
            let own = holding::delivery(&delivery);
            bytes += own;
            if !group.0.is_empty() && group.1 + own > GROUP_BYTES {
                burst.push(std::mem::take(&mut group).0);
            }
            group.0.push(Admitted { delivery, permit });
            group.1 += own;
        }
        burst.into_iter().chain([group.0]).filter(|group| !group.is_empty()).for_each(|group| self.hand_on(group));
        Ok(())
    }

    /// Sends deliveries to the desk; one that has ended meanwhile gets them again in its next life.
    fn hand_on(&self, group: Vec<Admitted>) {
        let count = group.len();
        if !self.desk.send(Event::Deliveries(group)) {
            self.ledger.settle_all(count, Outcome::Released);
        }
    }

    fn permit(&self, delivery: &Delivery, wait: Duration) -> Option<Permit> {
        self.permits.acquire(holding::delivery(delivery) + self.room, wait)
    }

    /// Sends on what there are permits for, waiting a little for the first.
    fn admit(&self, held: &mut VecDeque<Delivery>) {
        while let Some(delivery) = held.pop_front() {
            let Some(permit) = self.permit(&delivery, PAUSE_AFTER) else {
                held.push_front(delivery);
                return;
            };
            self.hand_on(vec![Admitted { delivery, permit }]);
        }
    }

    fn pause_while(&mut self, starved: bool, paused: &mut bool) -> Result<(), SourceError> {
        if starved && !*paused {
            self.source.pause()?;
        } else if !starved && *paused {
            self.source.resume()?;
        }
        *paused = starved;
        self.metrics.paused.set(i64::from(starved));
        self.health.set_paused(starved);
        Ok(())
    }
}
