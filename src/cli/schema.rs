//! `copydesk schema`.

use std::io::Write;

use super::CliError;
use crate::record::record_schema;

pub(super) fn run() -> Result<(), CliError> {
    let failed = |error| CliError::Io { name: "standard output".into(), error };
    writeln!(std::io::stdout(), "{:#}", record_schema()).map_err(failed)
}
