//! The pipeline.

mod handle;
mod intake;

pub(crate) use handle::Event;
pub use handle::{DeskHandle, Receipt};
