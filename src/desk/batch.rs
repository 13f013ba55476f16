//! A batch: outcomes, claims and positions that will be committed together.

use std::sync::Arc;

use super::extract::Extracted;
use super::ledger::Outcome;
use super::positions::cover;
use crate::index::{Answers, ClaimTable, IndexError};
use crate::sink::{CommitBatch, Gate, Output};
use crate::source::{Coordinate, Delivery, Partition, Positions};
use crate::verdict::{Claim, Decision};

/// One adjudicated delivery. It keeps what it was made from: after an abort it is adjudicated again.
#[derive(Debug)]
pub(super) struct Entry {
    pub extracted: Extracted,
    pub decision: Option<Decision>,
    pub outcome: Outcome,
}

/// Adjudicated deliveries that are not committed yet.
#[derive(Debug, Default)]
pub(super) struct Batch {
    entries: Vec<Entry>,
    outputs: Vec<Output>,
    positions: Positions,
    /// The claims of this batch, as evidence for the deliveries behind them.
    overlay: ClaimTable,
    bytes: usize,
}

impl Batch {
    /// Whether a delivery comes behind those of its partition that are here.
    pub(super) fn takes(&self, delivery: &Delivery) -> bool {
        let Coordinate { partition, offset } = &delivery.coordinate;
        self.positions.get(partition).is_none_or(|known| offset.next() > *known)
    }

    /// Takes an outcome, of a delivery for which there is a place here: see [`Self::takes`].
    ///
    /// # Errors
    /// Where the claims of a batch are too many to number.
    pub(super) fn push(&mut self, entry: Entry, outputs: Vec<Output>) -> Result<(), IndexError> {
        let covered = cover(&mut self.positions, &entry.extracted.delivery.coordinate);
        debug_assert!(covered, "deliveries come in offset order");
        if let Some(decision) = entry.decision.as_ref().filter(|decision| decision.is_new) {
            self.overlay.insert(&decision.claim)?;
        }
        self.bytes += outputs.iter().map(|output| output.value.as_ref().map_or(0, Vec::len)).sum::<usize>();
        self.outputs.extend(outputs);
        self.entries.push(entry);
        Ok(())
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Bytes of its outputs.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn overlay(&self) -> &dyn Answers {
        &self.overlay
    }

    pub(super) fn touches(&self, partitions: &[Partition]) -> bool {
        partitions.iter().any(|partition| self.positions.contains_key(partition))
    }

    /// What a sink gets. The outputs move; entries stay for the time after.
    pub(super) fn hand_over(&mut self, gate: Gate) -> CommitBatch {
        let claims: Vec<Arc<Claim>> =
            self.decisions().filter(|decision| decision.is_new).map(|decision| Arc::clone(&decision.claim)).collect();
        CommitBatch::new(std::mem::take(&mut self.outputs), claims, self.positions.clone(), gate)
    }

    pub(super) fn decisions(&self) -> impl Iterator<Item = &Decision> {
        self.entries.iter().filter_map(|entry| entry.decision.as_ref())
    }

    pub(super) fn into_entries(self) -> Vec<Entry> {
        self.entries
    }
}
