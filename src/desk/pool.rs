//! The threads that extract: groups of deliveries go in, their results come out in the same order.

use std::sync::Arc;

use futures::StreamExt;
use futures::stream::FuturesOrdered;
use tokio::sync::oneshot;

use super::DeskError;
use super::extract::{ExtractStage, Extracted};
use super::intake::Admitted;

/// The pool, and what is on its way through it.
pub(super) struct ExtractPool {
    threads: rayon::ThreadPool,
    stage: Arc<ExtractStage>,
    groups: FuturesOrdered<oneshot::Receiver<Vec<Extracted>>>,
    /// In all of the groups.
    deliveries: usize,
}

impl ExtractPool {
    /// So many threads.
    ///
    /// # Errors
    /// Where the system gives no threads.
    pub(super) fn new(threads: usize, stage: ExtractStage) -> Result<Self, DeskError> {
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|number| format!("extract-{number}"))
            .build()
            .map_err(|error| DeskError::Thread(error.to_string()))?;
        Ok(Self { threads, stage: Arc::new(stage), groups: FuturesOrdered::new(), deliveries: 0 })
    }

    /// Has one thread extract a group.
    pub(super) fn put(&mut self, group: Vec<Admitted>) {
        let (done, result) = oneshot::channel();
        let stage = Arc::clone(&self.stage);
        self.deliveries += group.len();
        self.threads.spawn_fifo(move || {
            let extract = |admitted: Admitted| stage.run(admitted.delivery, Some(admitted.permit));
            let extracted = group.into_iter().map(extract).collect();
            // The desk lets go of results that it will not use.
            done.send(extracted).map_or_else(drop, drop);
        });
        self.groups.push_back(result);
    }

    /// Waits for the group that was put in first; none where there is none. One that is not waited for to its end stays.
    ///
    /// # Errors
    /// Where a thread has ended without a result.
    pub(super) async fn next(&mut self) -> Option<Result<Vec<Extracted>, DeskError>> {
        let group = self.groups.next().await?;
        self.deliveries -= group.as_ref().map_or(0, Vec::len);
        Some(group.map_err(|_| DeskError::Thread("an extract thread ended without a result".into())))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Lets go of everything that has not come out. Gives how many deliveries that were.
    pub(super) fn clear(&mut self) -> usize {
        self.groups.clear();
        std::mem::take(&mut self.deliveries)
    }

    /// No extraction that is still under way will be used.
    pub(super) fn close(&self) {
        self.stage.close();
    }
}
