//! `copydesk schema`.

use super::{CliError, say};
use crate::record::record_schema;

pub(super) fn run() -> Result<(), CliError> {
    say(format_args!("{:#}", record_schema()))
}
