//! The group membership under which offsets are committed.

use std::sync::{Arc, Mutex, PoisonError};

use rdkafka::consumer::ConsumerGroupMetadata;

/// Member and generation as of the last assignment, shared by source and sink.
///
/// A snapshot, not the consumer itself: a member that is thrown out forgets its generation before its partitions are
/// revoked here, and offsets sent without a generation pass the broker unchecked. Under the snapshot they are fenced.
#[derive(Clone, Default)]
pub(crate) struct Membership(Arc<Mutex<Option<Arc<ConsumerGroupMetadata>>>>);

impl Membership {
    /// Takes note of a new generation, or of none.
    pub(crate) fn set(&self, metadata: Option<ConsumerGroupMetadata>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = metadata.map(Arc::new);
    }

    /// The membership, if there is one.
    pub(crate) fn get(&self) -> Option<Arc<ConsumerGroupMetadata>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
