//! Outcomes on their topics: in transactions ([`TransactionalSink`]) or by acknowledgement ([`AcknowledgedSink`]).

mod acknowledged;
mod held;
mod publisher;
mod transactional;

pub use acknowledged::AcknowledgedSink;
pub use transactional::TransactionalSink;
