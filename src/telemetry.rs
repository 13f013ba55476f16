//! What can be seen from outside: logs, metrics, health.

pub mod health;
pub mod http;
pub mod log;
pub mod metrics;
