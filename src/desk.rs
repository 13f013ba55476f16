//! The pipeline.

mod handle;
mod intake;

pub use handle::DeskHandle;
