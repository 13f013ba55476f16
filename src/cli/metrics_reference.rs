//! `copydesk metrics-reference`.

use std::io::Write;

use super::CliError;

pub(super) fn run() -> Result<(), CliError> {
    write!(std::io::stdout(), "{}", crate::telemetry::metrics::reference())
        .map_err(|error| CliError::Io { name: "standard output".into(), error })
}
