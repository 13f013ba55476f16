//! The one thread that talks to the sink: its calls block, sometimes for as long as a broker is away.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};
use std::thread::JoinHandle;

use tokio::sync::mpsc::UnboundedSender;

use crate::sink::{CommitBatch, Committed, Sink, SinkError};
use crate::telemetry::metrics::{Metrics, OutputCounts, Step};

/// How a commit ended.
pub(super) type CommitResult = Result<Committed, SinkError>;

/// Starts the thread. It ends when the desk drops its end of `batches`; the sink is dropped on it.
///
/// # Errors
/// Where the system gives no thread.
pub(super) fn start(
    mut sink: Box<dyn Sink>,
    batches: Receiver<CommitBatch>,
    results: UnboundedSender<CommitResult>,
    metrics: Arc<Metrics>,
) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("committer".into()).spawn(move || {
        for batch in batches {
            let outputs = OutputCounts::of(batch.outputs());
            let result = metrics.time(Step::Commit, || sink.commit(batch));
            if result.is_ok() {
                metrics.published(&outputs);
            }
            if results.send(result).is_err() {
                break;
            }
        }
    })
}

/// The desk's end of the thread.
#[derive(Debug)]
pub(super) struct Committer {
    pub batches: Sender<CommitBatch>,
    pub thread: JoinHandle<()>,
}
