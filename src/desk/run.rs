//! The desk's loop: joins intake, extract pool, adjudicator and committer.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use super::adjudicator::{Adjudicator, SettleError, Settled};
use super::committer::{self, CommitResult, Committer};
use super::extract::{ExtractStage, Extracted};
use super::handle::{DeskHandle, Event};
use super::intake::{Command, Intake};
use super::ledger::{Counts, Ledger, Outcome};
use super::permits::Permits;
use super::pool::ExtractPool;
use super::{DeskError, Parts, Settings, Storm};
use crate::source::{Epoch, Partition};
use crate::telemetry::health::{Beat, Health, Readiness};
use crate::telemetry::metrics::Metrics;

/// How often the loop goes round when nothing happens, to show that it can.
const PULSE: Duration = Duration::from_secs(1);
/// First and longest wait before an aborted batch is committed again.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// A desk that has been put together, and runs when [`Desk::run`] is called.
pub struct Desk {
    settings: Settings,
    adjudicator: Adjudicator,
    events: UnboundedReceiver<Event>,
    handle: DeskHandle,
    ledger: Ledger,
    metrics: Arc<Metrics>,
    health: Health,
    permits: Permits,
    extracting: ExtractPool,
    /// Partitions whose claims are being restored.
    restoring: HashMap<Epoch, Vec<Partition>>,
    /// The group has taken everything away and has assigned nothing since, not even nothing.
    lost: bool,
    ended: bool,
    draining: bool,
    /// Nothing is read any more: nearly everything was rejected.
    storm: Option<Storm>,
    /// When the open batch must close.
    due: Option<Instant>,
    backoff: Duration,
}

/// What runs beside the loop.
struct Threads {
    commands: Sender<Command>,
    committer: Committer,
    results: UnboundedReceiver<CommitResult>,
}

impl Desk {
    pub(super) fn assemble(
        settings: Settings,
        adjudicator: Adjudicator,
        stage: ExtractStage,
        telemetry: (Ledger, Arc<Metrics>, Health),
        channel: (DeskHandle, UnboundedReceiver<Event>),
    ) -> Result<Self, DeskError> {
        let extracting = ExtractPool::new(settings.extract_threads, stage)?;
        let (ledger, metrics, health) = telemetry;
        let (handle, events) = channel;
        Ok(Self {
            permits: Permits::new(settings.in_flight_bytes),
            backoff: BACKOFF.0,
            settings,
            adjudicator,
            events,
            handle,
            ledger,
            metrics,
            health,
            extracting,
            restoring: HashMap::new(),
            lost: false,
            ended: false,
            draining: false,
            storm: None,
            due: None,
        })
    }

    /// Runs until the source ends, `stop` turns true, or something fails for good. Returns the final counts.
    ///
    /// # Errors
    /// [`DeskError`] where the desk had to stop before its work was done. What was not committed is delivered again.
    pub async fn run(mut self, parts: Parts, mut stop: watch::Receiver<bool>) -> Result<Counts, DeskError> {
        self.adjudicator.fit_outputs(parts.sink.max_output_bytes());
        let (batches, closed) = channel();
        let (settled, results) = unbounded_channel();
        let thread = committer::start(parts.sink, closed, settled, Arc::clone(&self.metrics))
            .map_err(|error| DeskError::Thread(error.to_string()))?;
        let (commands, intake_commands) = channel();
        let intake = Intake {
            source: parts.source,
            desk: self.handle.clone(),
            commands: intake_commands,
            permits: self.permits.clone(),
            room: self.settings.article_bytes,
            ledger: self.ledger.clone(),
            metrics: Arc::clone(&self.metrics),
            health: self.health.clone(),
        };
        let source_ends = intake.source.ends();
        let resume_at = parts.resume_at;
        let intake = std::thread::Builder::new()
            .name("intake".into())
            .spawn(move || intake.run(&resume_at))
            .map_err(|error| DeskError::Thread(error.to_string()))?;
        let mut threads = Threads { commands, committer: Committer { batches, thread }, results };

        let outcome = tokio::select! {
            biased;
            outcome = self.work(&mut threads, source_ends) => outcome,
            () = stopped(&mut stop) => Ok(()),
        };
        let outcome = match outcome {
            Ok(()) => self.drain(&mut threads).await,
            Err(storm @ DeskError::Storm(_)) => self.drain(&mut threads).await.and(Err(storm)),
            failed => failed,
        };
        self.health.show(Readiness::Draining);
        // The intake may be inside a rebalance, waiting for an answer: without a receiver it gets none and goes on.
        self.command(&threads, Command::Close);
        self.extracting.close();
        let Self { mut events, ledger, .. } = self;
        // What is sent from now on comes back to its sender.
        events.close();
        while let Some(event) = events.recv().await {
            if let Event::Deliveries(group) = event {
                ledger.settle_all(group.len(), Outcome::Released);
            }
        }
        drop(events);
        drop(threads.committer.batches);
        let wait = self.settings.shutdown_grace;
        // A sink or source that hangs must not keep the process: what is not committed will be delivered again.
        for (name, thread) in [("intake", intake), ("committer", threads.committer.thread)] {
            if !join_within(thread, wait).await {
                tracing::warn!(thread = name, "did not end in time, leaving it behind");
            }
        }
        outcome.map(|()| ledger.read())
    }

    /// The loop, until the source has ended and everything is committed.
    async fn work(&mut self, threads: &mut Threads, source_ends: bool) -> Result<(), DeskError> {
        loop {
            self.health.pulse(Beat::Desk);
            self.adjudicator.summarise_log();
            self.health.hinder(self.adjudicator.hindrance());
            self.metrics.in_flight_bytes.set(i64::try_from(self.permits.held()).unwrap_or(i64::MAX));
            match self.adjudicator.storm() {
                Some(storm) if source_ends => return Err(DeskError::Storm(storm)),
                Some(storm) => self.weather(threads, storm),
                None => {}
            }
            if self.is_finished() {
                return Ok(());
            }
            self.commit_if_due(threads, self.nothing_more_comes())?;
            let pulse = Instant::now() + PULSE;
            let due = self.due.filter(|_| !self.adjudicator.is_committing()).unwrap_or(pulse).min(pulse);
            tokio::select! {
                biased;
                result = threads.results.recv() => self.settle(threads, result.ok_or_else(committer_gone)?)?,
                // Before events: an intake that reads faster than all else would keep the first batch from closing. Events come
                // once a batch is full, if not before.
                Some(group) = self.extracting.next(), if self.adjudicator.has_room() => self.accept(group?)?,
                Some(event) = self.events.recv() => self.hear(threads, event).await?,
                () = sleep_until(due) => {}
            }
        }
    }

    /// Nothing is left of a source that has ended.
    fn is_finished(&self) -> bool {
        self.nothing_more_comes() && !self.adjudicator.has_open_batch() && !self.adjudicator.is_committing()
    }

    fn nothing_more_comes(&self) -> bool {
        self.ended && self.extracting.is_empty() && self.adjudicator.has_room()
    }

    /// Hands the open batch to the committer once it is full or old enough. `now`: do not wait for more.
    fn commit_if_due(&mut self, threads: &Threads, now: bool) -> Result<(), DeskError> {
        if self.adjudicator.is_committing() {
            return Ok(());
        }
        if !self.adjudicator.has_open_batch() {
            // What an abort threw back may be gone with its partitions: a time that has passed would keep the loop going round.
            self.due = None;
            return Ok(());
        }
        let linger = self.settings.linger;
        let due = *self.due.get_or_insert_with(|| Instant::now() + linger);
        // After an abort the time to wait is the backoff, however full the batch is.
        let is_backing_off = self.backoff > BACKOFF.0;
        let is_full = !self.adjudicator.has_room() && !is_backing_off;
        if !(is_full || now && !is_backing_off || Instant::now() >= due) {
            return Ok(());
        }
        self.due = None;
        match self.adjudicator.close().map_err(SettleError::from)? {
            Some(batch) => threads.committer.batches.send(batch).map_err(|_| committer_gone()),
            None => Ok(()),
        }
    }

    fn settle(&mut self, threads: &Threads, result: CommitResult) -> Result<(), DeskError> {
        match self.adjudicator.settle(result)? {
            Settled::Committed { positions } => {
                self.backoff = BACKOFF.0;
                self.command(threads, Command::Acknowledge(positions));
            }
            Settled::Again { retry_later: true } => {
                self.backoff = (self.backoff * 2).min(BACKOFF.1);
                self.due = Some(Instant::now() + self.backoff);
            }
            Settled::Again { retry_later: false } => {}
        }
        Ok(())
    }

    fn accept(&mut self, group: Vec<Extracted>) -> Result<(), DeskError> {
        for extracted in group {
            self.adjudicator.accept(extracted).map_err(SettleError::from)?;
        }
        Ok(())
    }

    async fn hear(&mut self, threads: &mut Threads, event: Event) -> Result<(), DeskError> {
        match event {
            Event::Deliveries(group) if self.storm.is_some() => {
                self.ledger.settle_all(group.len(), Outcome::Released);
            }
            Event::Deliveries(group) => self.extracting.put(group),
            Event::Assigned { partitions, epoch } => {
                self.lost = false;
                self.adjudicator.assign(&partitions, epoch);
                if self.settings.restores_claims && !partitions.is_empty() {
                    self.restoring.insert(epoch, partitions);
                }
                self.show_assignment();
            }
            Event::Revoked { partitions, lost, done } => {
                self.revoke(threads, &partitions, lost).await?;
                // A callback that no longer waits has nothing to be told.
                done.send(()).unwrap_or_default();
            }
            Event::Claims { claims, applied } => {
                self.adjudicator.learn(claims).map_err(SettleError::from)?;
                drop(applied);
            }
            Event::Restored(epoch) => {
                if self.restoring.remove(&epoch).is_some() {
                    tracing::info!(claims = self.adjudicator.index().len(), "claims are restored");
                }
                self.command(threads, Command::Restored(epoch));
                self.show_assignment();
            }
            Event::Ended => self.ended = true,
            Event::Failed(reason) => return Err(DeskError::Failed(reason)),
        }
        Ok(())
    }

    /// Lets go of partitions, waiting for a commit under way unless they are lost already.
    async fn revoke(&mut self, threads: &mut Threads, partitions: &[Partition], lost: bool) -> Result<(), DeskError> {
        self.restoring.retain(|_, restoring| {
            restoring.retain(|partition| !partitions.contains(partition));
            !restoring.is_empty()
        });
        let is_under_way = self.adjudicator.revoke(partitions).map_err(SettleError::from)?;
        self.lost = lost;
        self.show_assignment();
        if is_under_way && !lost {
            match timeout(self.settings.revoke_wait, threads.results.recv()).await {
                Ok(Some(result)) => self.settle(threads, result)?,
                // Left behind: whichever way it ends, offsets and claims end together.
                Ok(None) | Err(_) => {
                    tracing::warn!("a commit under way did not end before its partitions were handed back")
                }
            }
        }
        Ok(())
    }

    fn show_assignment(&self) {
        let restoring: usize = self.restoring.values().map(Vec::len).sum();
        self.metrics.assigned_partitions.set(i64::try_from(self.adjudicator.assigned()).unwrap_or(i64::MAX));
        self.metrics.restoring_partitions.set(i64::try_from(restoring).unwrap_or(i64::MAX));
        self.health.show(match (self.storm, restoring) {
            _ if self.draining => Readiness::Draining,
            (Some(storm), _) => Readiness::Storm(storm),
            (None, _) if self.lost => Readiness::Lost,
            (None, 0) => Readiness::Ready,
            (None, partitions) => Readiness::Restoring { partitions },
        });
    }

    fn command(&self, threads: &Threads, command: Command) {
        if threads.commands.send(command).is_err() {
            tracing::debug!("the intake has ended");
        }
    }

    /// Reads nothing more, for good, and commits what has a verdict. The partitions stay ours: another member would storm too.
    fn weather(&mut self, threads: &Threads, storm: Storm) {
        if self.storm.is_none() {
            self.storm = Some(storm);
            self.metrics.dead_letter_storm.set(1);
            tracing::error!(
                "{storm}; nothing more is read: mend the cause and restart, or let it through with --set \
                 dead_letters.storm_ratio=0; `copydesk dlq replay` sends back what was rejected"
            );
            self.stop_reading(threads);
            self.show_assignment();
        }
        self.adjudicator.release_waiting();
    }

    /// Reads nothing more and lets go of what is being extracted: it will be delivered again.
    fn stop_reading(&mut self, threads: &Threads) {
        self.command(threads, Command::Drain);
        self.ledger.settle_all(self.extracting.clear(), Outcome::Released);
    }

    /// Commits what has a verdict and lets go of the rest, within the grace period.
    async fn drain(&mut self, threads: &mut Threads) -> Result<(), DeskError> {
        self.draining = true;
        self.health.show(Readiness::Draining);
        self.stop_reading(threads);
        let grace = self.settings.shutdown_grace;
        match timeout(grace, self.finish(threads)).await {
            Ok(result) => result,
            Err(_) => Err(DeskError::DrainTimeout { grace }),
        }
    }

    async fn finish(&mut self, threads: &mut Threads) -> Result<(), DeskError> {
        loop {
            self.health.pulse(Beat::Desk);
            // What an abort throws back does not fit the time that is left: it is delivered again.
            self.adjudicator.release_waiting();
            self.commit_if_due(threads, true)?;
            if !self.adjudicator.has_open_batch() && !self.adjudicator.is_committing() {
                return Ok(());
            }
            let due = self.due.unwrap_or_else(|| Instant::now() + PULSE);
            tokio::select! {
                biased;
                result = threads.results.recv() => self.settle(threads, result.ok_or_else(committer_gone)?)?,
                Some(event) = self.events.recv() => match event {
                    Event::Deliveries(group) => self.ledger.settle_all(group.len(), Outcome::Released),
                    event => self.hear(threads, event).await?,
                },
                () = sleep_until(due), if !self.adjudicator.is_committing() => {}
            }
        }
    }
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").field("settings", &self.settings).finish_non_exhaustive()
    }
}

fn committer_gone() -> DeskError {
    DeskError::Thread("the committer ended".into())
}

/// Ends when `stop` turns true.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // Without a sender nobody will ever ask to stop.
    if stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

async fn join_within(thread: std::thread::JoinHandle<()>, wait: Duration) -> bool {
    let joined = tokio::task::spawn_blocking(move || thread.join().is_ok());
    matches!(timeout(wait, joined).await, Ok(Ok(true)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;
    use crate::article::{ExtractLimits, Extractor};
    use crate::desk::{Builder, tests::settings};
    use crate::index::memory::MemoryIndex;

    fn quiet_desk(builder: Builder) -> (Desk, Threads) {
        let metrics = Arc::new(Metrics::new(builder.ledger.clone()).unwrap());
        let extractor = Extractor::new(ExtractLimits::default()).unwrap();
        let desk = builder.build(extractor, Box::new(MemoryIndex::default()), metrics).unwrap();
        let ((commands, _), (batches, _), (_, results)) = (channel(), channel(), unbounded_channel());
        let threads =
            Threads { commands, committer: Committer { batches, thread: std::thread::spawn(|| ()) }, results };
        (desk, threads)
    }

    /// Partitions that are lost while an aborted batch waits take it along; the loop slept until a time in the past, again and again.
    #[test]
    fn no_time_is_due_where_no_batch_is_left() {
        let (mut desk, threads) = quiet_desk(Builder::new(settings(1 << 20)));
        desk.due = Some(Instant::now());
        desk.commit_if_due(&threads, false).unwrap();
        assert_eq!(desk.due, None);
    }

    /// A member that the group has given up is no standby, which has been assigned nothing.
    #[tokio::test]
    async fn what_the_group_has_taken_away_is_not_read_until_it_is_joined_again() {
        let builder = Builder::new(settings(1 << 20));
        let health = builder.health.clone();
        let (mut desk, mut threads) = quiet_desk(builder);
        let partitions = vec![Partition { topic: "raw".into(), number: 0 }];
        let assigned = |partitions: &[Partition], epoch| Event::Assigned { partitions: partitions.to_vec(), epoch };
        let revoked = |lost| {
            let (done, _) = std::sync::mpsc::sync_channel(1);
            Event::Revoked { partitions: partitions.clone(), lost, done }
        };
        for (lost, ready) in [(false, true), (true, false)] {
            desk.hear(&mut threads, assigned(&partitions, Epoch(1))).await.unwrap();
            assert_eq!(health.ready(), Ok("ready"));
            desk.hear(&mut threads, revoked(lost)).await.unwrap();
            assert_eq!(health.ready().is_ok(), ready, "{lost}");
        }
        desk.hear(&mut threads, assigned(&[], Epoch(2))).await.unwrap();
        assert_eq!(health.ready(), Ok("ready"), "standing by");
    }
}
