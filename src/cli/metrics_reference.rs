//! `copydesk metrics-reference`.

use std::io::Write;

use super::{CliError, unwritten};

pub(super) fn run() -> Result<(), CliError> {
    write!(std::io::stdout(), "{}", crate::telemetry::metrics::reference()).map_err(unwritten)
}
