//! `copydesk dlq replay`.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use indicatif::ProgressBar;

use super::reading;
use super::selection::SelectionArgs;
use crate::cli::lines::progress;
use crate::cli::overrides::ConfigArgs;
use crate::cli::{CliError, say};
use crate::dead_letter::{Held, Letter, Lineage, Route};
use crate::kafka::KafkaError;
use crate::kafka::dead_letters::{DeadLetters, Resender};
use crate::telemetry::log;

/// Sends letters back to the topics that they came from, with their own key, headers, timestamp and bytes, and a header that
/// counts how often.
///
/// The letters stay where they are. Of a payload that was sent back and rejected again only the last letter is sent. A
/// payload that has become an article since is no copy of itself: it ends as `unchanged`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  copydesk dlq replay --reason too_large --dry-run\n  copydesk dlq replay --reason no_text --host example.org --since 2026-11-22T08:00:00Z --limit 100"
)]
pub(super) struct Args {
    #[command(flatten)]
    selection: SelectionArgs,
    /// Send all of them to this topic; without it, each to its own.
    #[arg(long, value_name = "TOPIC")]
    to: Option<String>,
    /// Leave out letters that were sent back so often already.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    max_retries: u32,
    /// Send at most so many.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
    /// Say what would be sent, and send nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

/// What has been done, or would be.
#[derive(Debug, Default)]
struct Done {
    /// By topic.
    sent: BTreeMap<String, u64>,
    held: BTreeMap<Held, u64>,
}

impl Done {
    fn sent(&self) -> u64 {
        self.sent.values().sum()
    }
}

pub(super) fn run(args: &Args) -> Result<(), CliError> {
    let config = args.config.load()?;
    log::start(config.telemetry.log_format, &config.telemetry.log_filter);
    let outputs = config.topics.outputs().map(Clone::clone).to_vec();
    if let Some(to) = args.to.as_ref().filter(|to| outputs.contains(to)) {
        return Err(CliError::OwnTopic(to.clone()));
    }
    let letters = DeadLetters::open(&config)?;
    let mut lineage = Lineage::default();
    let (selection, reading) = (args.selection.selection(), reading(&letters));
    let mut selected = 0_u64;
    letters.each(|letter| {
        reading.inc(1);
        lineage.note(&letter);
        selected += u64::from(selection.admits(&letter));
        Ok::<_, KafkaError>(ControlFlow::Continue(()))
    })?;
    reading.finish_and_clear();
    let route = Route { to: args.to.clone(), outputs, max_retries: args.max_retries, lineage };
    let mut resender = if args.dry_run { None } else { Some(Resender::open(&config, &letters)?) };
    let mut done = Done::default();
    // What would be sent is said line by line.
    let sending = if args.dry_run {
        ProgressBar::hidden()
    } else {
        let total = args.limit.map_or(selected, |limit| limit.min(selected));
        progress("{spinner} {human_pos} of at most {human_len} letters sent back, {per_sec}, {elapsed}", Some(total))
    };
    let replayed = replay(args, &letters, &route, (resender.as_mut(), &sending), &mut done);
    sending.finish_and_clear();
    let sent = match &mut resender {
        // What is on its way may arrive, also after a failure: the count is of what has.
        Some(resender) => {
            let finished = resender.finish();
            let acknowledged = resender.acknowledged();
            replayed.and(finished.map_err(CliError::from)).map_err(|error| (error, acknowledged))
        }
        None => replayed.map_err(|error| (error, 0)),
    };
    if let Err((error, acknowledged)) = sent {
        say(format_args!("{acknowledged} letters sent back, then it failed"))?;
        return Err(error);
    }
    report(&done, args.dry_run)
}

fn replay(
    args: &Args,
    letters: &DeadLetters,
    route: &Route,
    (mut resender, sending): (Option<&mut Resender<'_>>, &ProgressBar),
    done: &mut Done,
) -> Result<(), CliError> {
    let selection = args.selection.selection();
    letters.each(|letter| {
        if !selection.admits(&letter) {
            return Ok(ControlFlow::Continue(()));
        }
        match route.of(&letter) {
            Err(held) => *done.held.entry(held).or_default() += 1,
            Ok(topic) => {
                match resender.as_deref_mut() {
                    Some(resender) => {
                        resender.send(&letter, &topic)?;
                        sending.set_position(resender.acknowledged());
                    }
                    None => announce(letters, &letter, &topic)?,
                }
                *done.sent.entry(topic).or_default() += 1;
            }
        }
        let is_enough = args.limit.is_some_and(|limit| done.sent() >= limit);
        Ok::<_, CliError>(if is_enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })
}

fn announce(letters: &DeadLetters, letter: &Letter, topic: &str) -> Result<(), CliError> {
    letters.destination(letter, topic)?;
    let (place, reason, retry) = (letter.place(), letter.reason(), letter.retries().saturating_add(1));
    say(format_args!("would send {place} ({reason}) to {topic}, retry {retry}"))
}

fn report(done: &Done, is_dry_run: bool) -> Result<(), CliError> {
    let verb = if is_dry_run { "would be sent back" } else { "sent back" };
    for (topic, count) in &done.sent {
        say(format_args!("{count} letters {verb} to {topic}"))?;
    }
    if done.sent.is_empty() {
        say(format_args!("0 letters {verb}"))?;
    }
    for (held, count) in &done.held {
        say(format_args!("{count} letters left out: they {}", held.label()))?;
    }
    Ok(())
}
