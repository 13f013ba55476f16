//! `copydesk dlq ls | show | replay`.

use clap::Subcommand;
use indicatif::ProgressBar;

use super::CliError;
use super::lines::progress;
use crate::kafka::dead_letters::DeadLetters;

mod ls;
mod replay;
mod selection;
mod show;

/// Looks at dead letters, and sends them back. Nothing is ever deleted.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  copydesk dlq ls --config copydesk.toml\n  copydesk dlq replay --reason too_large --since 2h --dry-run"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Count the letters by reason, or list each.
    Ls(ls::Args),
    /// Show one letter: headers and payload.
    Show(show::Args),
    /// Send letters back to the topics that they came from.
    Replay(replay::Args),
}

pub(super) fn run(args: &Args) -> Result<(), CliError> {
    match &args.action {
        Action::Ls(args) => ls::run(args),
        Action::Show(args) => show::run(args),
        Action::Replay(args) => replay::run(args),
    }
}

/// Counts the letters as they are read, where standard error is a terminal.
fn reading(letters: &DeadLetters) -> ProgressBar {
    progress("{spinner} {human_pos} of at most {human_len} letters read, {elapsed}", Some(letters.most()))
}

/// Bytes of a stranger as one line that no terminal obeys.
fn printable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect::<Vec<_>>() } else { vec![c] }).collect()
}
