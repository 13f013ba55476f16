//! `copydesk dlq ls`.

use std::io::{BufWriter, IsTerminal, Write};
use std::ops::ControlFlow;

use indicatif::ProgressBar;
use serde_json::json;

use super::selection::SelectionArgs;
use super::{printable, reading};
use crate::cli::overrides::ConfigArgs;
use crate::cli::{CliError, unwritten};
use crate::dead_letter::{Letter, Tally, TallyKey, TallyRow};
use crate::kafka::dead_letters::DeadLetters;
use crate::record::rfc3339;
use crate::telemetry::log;

/// Counts the letters by reason and stage, with the first and last rejection and the place of the last; or lists each.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  copydesk dlq ls --config copydesk.toml\n  copydesk dlq ls --each --host example.org --since 1d"
)]
pub(super) struct Args {
    /// One line a letter: place, reason, stage, time of rejection, retries, bytes, key.
    #[arg(long)]
    each: bool,
    /// Write a line of JSON for each row or letter.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    config: ConfigArgs,
}

pub(super) fn run(args: &Args) -> Result<(), CliError> {
    let config = args.config.load()?;
    log::start(config.telemetry.log_format, &config.telemetry.log_filter);
    let selection = args.selection.selection();
    let mut output = BufWriter::new(std::io::stdout().lock());
    let mut tally = Tally::default();
    let letters = DeadLetters::open(&config)?;
    // Lines on the same terminal show by themselves how far it is.
    let is_shown = !args.each || !std::io::stdout().is_terminal();
    let progress = if is_shown { reading(&letters) } else { ProgressBar::hidden() };
    letters.each(|letter| {
        progress.inc(1);
        match () {
            () if !selection.admits(&letter) => {}
            () if args.each => writeln!(output, "{}", line(&letter, args.json)).map_err(unwritten)?,
            () => tally.add(&letter),
        }
        Ok::<_, CliError>(ControlFlow::Continue(()))
    })?;
    progress.finish_and_clear();
    if !args.each {
        let rows = tally.rows();
        let text = if args.json { rows.iter().map(as_json).collect() } else { table(&rows) };
        output.write_all(text.as_bytes()).map_err(unwritten)?;
    }
    output.flush().map_err(unwritten)
}

fn line(letter: &Letter, json: bool) -> String {
    let (at, read) = (rfc3339(letter.rejected_at_ms()), letter.read());
    let key = read.key.as_deref().map(printable);
    let bytes = read.payload.as_ref().map(Vec::len);
    if json {
        let original = letter.original().map(|original| original.to_string());
        return json!({
            "letter": letter.place(), "reason": letter.reason(), "stage": letter.stage(), "rejected_at": at,
            "retries": letter.retries(), "bytes": bytes, "key": key, "original": original,
        })
        .to_string();
    }
    let bytes = bytes.map_or_else(|| "-".to_owned(), |bytes| bytes.to_string());
    let (reason, stage) = (printable(letter.reason().as_bytes()), printable(letter.stage().as_bytes()));
    let (place, retries, key) = (letter.place(), letter.retries(), key.unwrap_or_else(|| "-".to_owned()));
    format!("{place:<10} {reason:<20} {stage:<8} {at:<24} {retries:>3} {bytes:>9} {key}")
}

fn as_json((key, row): &(TallyKey, TallyRow)) -> String {
    let row = json!({
        "reason": key.reason, "stage": key.stage, "count": row.count,
        "oldest": rfc3339(row.oldest_ms), "newest": rfc3339(row.newest_ms), "example": row.example,
    });
    format!("{row}\n")
}

fn table(rows: &[(TallyKey, TallyRow)]) -> String {
    let line = |reason: &str, stage: &str, count: &str, oldest: &str, newest: &str, example: &str| {
        format!("{reason:<20} {stage:<8} {count:>9} {oldest:<24} {newest:<24} {example}\n")
    };
    let mut text = line("reason", "stage", "count", "oldest", "newest", "example");
    for (key, row) in rows {
        let (reason, stage) = (printable(key.reason.as_bytes()), printable(key.stage.as_bytes()));
        let (oldest, newest) = (rfc3339(row.oldest_ms), rfc3339(row.newest_ms));
        text += &line(&reason, &stage, &row.count.to_string(), &oldest, &newest, &row.example);
    }
    let letters: u64 = rows.iter().map(|(_, row)| row.count).sum();
    text + &format!("{letters} letters\n")
}
