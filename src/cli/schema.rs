//! `copydesk schema`.

use super::{CliError, say};
use crate::record::{duplicate_schema, record_schema};

/// Print the JSON Schema of article records, or of the events on the duplicates topic.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  copydesk schema > record.schema.json\n  copydesk schema --duplicates > duplicate.schema.json"
)]
pub(crate) struct Args {
    /// Of the events that tell of suppressed copies: topics.duplicates, or NAME.duplicates.jsonl beside a file of records.
    #[arg(long)]
    duplicates: bool,
}

pub(super) fn run(args: &Args) -> Result<(), CliError> {
    let schema = if args.duplicates { duplicate_schema() } else { record_schema() };
    say(format_args!("{schema:#}"))
}
