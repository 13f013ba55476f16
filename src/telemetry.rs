//! What can be seen from outside: logs, metrics, health.

pub mod build;
pub mod health;
pub mod http;
pub mod log;
pub mod metrics;
pub(crate) mod throttle;
