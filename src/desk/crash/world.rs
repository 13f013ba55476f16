//! The simulated input, output, changelog and index disk.

use std::sync::{Arc, Mutex};

use crate::index::{Answers, ChangelogPositions, ClaimTable, DedupIndex, IndexError, IndexSize};
use crate::record::{ArticleEvent, DuplicateEvent};
use crate::sink::{CommitBatch, Committed, SinkError, Stream, VouchedClaims};
use crate::verdict::{Claim, Day};

/// In which order a sink makes things durable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Order {
    /// Records, claims and position at once.
    Transaction,
    /// Records, then claims, then (by the desk) the index, then the position.
    PublishThenState,
    /// Claims first: the mistake that loses articles.
    StateBeforePublish,
}

/// What survives a crash.
#[derive(Debug, Default)]
pub(super) struct World {
    /// What a reader sees: key and, for records, (id, revision), with the coordinate it was made from.
    pub(super) visible: Vec<String>,
    pub(super) changelog: Vec<Arc<Claim>>,
    pub(super) position: u64,
    /// The index on disk: it may lag the changelog.
    pub(super) indexed: Vec<Arc<Claim>>,
    pub(super) indexed_to: u64,
    pub(super) calls: usize,
    pub(super) crash_at: Vec<usize>,
    /// Calls of the sink that fail instead, once each.
    pub(super) fail_at: Vec<usize>,
}

#[derive(Debug)]
pub(super) struct Crash;

pub(super) type Shared = Arc<Mutex<World>>;

pub(super) fn call(world: &Shared) -> Result<(), Crash> {
    let mut world = world.lock().unwrap();
    let now = world.calls;
    world.calls += 1;
    if world.crash_at.contains(&now) { Err(Crash) } else { Ok(()) }
}

fn fails(world: &Shared) -> bool {
    let world = world.lock().unwrap();
    world.fail_at.contains(&(world.calls.saturating_sub(1)))
}

fn crashed(_: Crash) -> IndexError {
    IndexError::Io { path: "simulated".into(), error: std::io::Error::other("crash") }
}

/// An index whose disk is part of the world.
pub(super) struct SimulatedIndex {
    world: Shared,
    table: ClaimTable,
    positions: ChangelogPositions,
}

impl SimulatedIndex {
    pub(super) fn open(world: &Shared) -> Result<Self, Crash> {
        call(world)?;
        let (indexed, missing, from) = {
            let world = world.lock().unwrap();
            let from = world.indexed_to;
            (world.indexed.clone(), world.changelog[usize::try_from(from).unwrap()..].to_vec(), from)
        };
        let mut table = ClaimTable::default();
        indexed
            .iter()
            .for_each(|claim| assert!(table.insert(claim).unwrap().is_some(), "the disk holds each claim once"));
        let mut index = Self { world: Arc::clone(world), table, positions: ChangelogPositions([(0, from)].into()) };
        for (i, claim) in missing.into_iter().enumerate() {
            let to = ChangelogPositions([(0, from + i as u64 + 1)].into());
            index.apply(VouchedClaims::read_back(vec![claim], to)).map_err(|_| Crash)?;
        }
        Ok(index)
    }
}

impl DedupIndex for SimulatedIndex {
    fn answers(&self) -> &dyn Answers {
        &self.table
    }

    fn expire(&mut self, oldest: Day) -> Result<(), IndexError> {
        call(&self.world).map_err(crashed)?;
        self.table.expire(oldest);
        self.world.lock().unwrap().indexed.retain(|claim| claim.held_on() >= oldest);
        Ok(())
    }

    fn apply(&mut self, claims: VouchedClaims) -> Result<(), IndexError> {
        for claim in claims.claims() {
            call(&self.world).map_err(crashed)?;
            if self.table.insert(claim)?.is_some() {
                self.world.lock().unwrap().indexed.push(Arc::clone(claim));
            }
        }
        call(&self.world).map_err(crashed)?;
        if let Some(to) = claims.changelog() {
            self.positions.advance(to);
            self.world.lock().unwrap().indexed_to = self.positions.0[&0];
        }
        Ok(())
    }

    fn distrust(&mut self) -> Result<(), IndexError> {
        let mut world = self.world.lock().unwrap();
        world.indexed.clear();
        world.indexed_to = 0;
        Ok(())
    }

    fn restored_to(&self) -> &ChangelogPositions {
        &self.positions
    }

    fn size(&self) -> IndexSize {
        self.table.size()
    }
}

/// Commits a batch in the given order; `Err(None)` is a crash.
pub(super) fn commit(world: &Shared, order: Order, batch: CommitBatch) -> Result<Result<Committed, SinkError>, Crash> {
    let aborted = || Ok(Err(SinkError::Aborted { reason: "simulated".into() }));
    let visible: Vec<String> = batch
        .outputs()
        .iter()
        .map(|output| match output.stream {
            Stream::Records => {
                let Some(value) = &output.value else { return format!("tombstone of {:?}", output.key) };
                match serde_json::from_slice(value).unwrap() {
                    ArticleEvent::Article(record) => {
                        format!("{}#{} of {}", record.id, record.revision, record.source.offset)
                    }
                    ArticleEvent::Retraction(end) => {
                        format!("{}#{} taken back by {}", end.id, end.revision, end.source.offset)
                    }
                }
            }
            Stream::Duplicates => {
                let event: DuplicateEvent = serde_json::from_slice(output.value.as_ref().unwrap()).unwrap();
                format!("copy of {} at {}", event.of, event.source.offset)
            }
            Stream::DeadLetters => format!("dead letter {}", String::from_utf8_lossy(output.value.as_ref().unwrap())),
        })
        .collect();
    let position = batch.positions().values().next().unwrap().0;
    let publish = |world: &Shared| -> Result<(), Crash> {
        for line in &visible {
            call(world)?;
            world.lock().unwrap().visible.push(line.clone());
        }
        Ok(())
    };
    let claim = |world: &Shared| -> Result<(), Crash> {
        for claim in batch.claims() {
            call(world)?;
            world.lock().unwrap().changelog.push(Arc::clone(claim));
        }
        Ok(())
    };
    call(world)?;
    if fails(world) {
        return aborted();
    }
    match order {
        Order::Transaction => {
            // Sends within a transaction show nothing; they only give a crash or a failure more places.
            for _ in 0..visible.len() + batch.claims().len() + 1 {
                call(world)?;
                if fails(world) {
                    return aborted();
                }
            }
            assert!(batch.may_commit());
            call(world)?;
            let mut world = world.lock().unwrap();
            world.visible.extend(visible);
            world.changelog.extend(batch.claims().iter().cloned());
            world.position = position;
        }
        Order::PublishThenState => {
            publish(world)?;
            call(world)?;
            claim(world)?;
        }
        Order::StateBeforePublish => {
            claim(world)?;
            call(world)?;
            publish(world)?;
        }
    }
    // The answer can be lost although the commit was not.
    call(world)?;
    Ok(Ok(batch.settle(None)))
}
