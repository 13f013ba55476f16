//! `copydesk topics create | check`.

use clap::Subcommand;

use super::overrides::ConfigArgs;
use super::run::runtime;
use super::{CliError, say};
use crate::config::Config;
use crate::kafka::topics::{self, Finding, Severity};
use crate::telemetry::log;

/// Makes or checks the topics.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  copydesk topics create --set kafka.bootstrap_servers=127.0.0.1:9092")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make the topics that are missing, then check all of them.
    #[command(after_help = "Example:\n  copydesk topics create --set kafka.bootstrap_servers=127.0.0.1:9092")]
    Create(ConfigArgs),
    /// Check partitions, policies, retentions and size limits; exit code 3 where something must be mended.
    #[command(after_help = "Example:\n  copydesk topics check --config copydesk.toml")]
    Check(ConfigArgs),
}

pub(super) fn run(args: Args) -> Result<(), CliError> {
    let (Action::Create(config_args) | Action::Check(config_args)) = &args.action;
    let config: Config = config_args.load()?;
    log::start(config.telemetry.log_format, &config.telemetry.log_filter);
    let runtime = runtime()?;
    if matches!(args.action, Action::Create(_)) {
        let made = runtime.block_on(topics::create(&config))?;
        for topic in made {
            say(format_args!("made    {topic}"))?;
        }
    }
    report(&runtime.block_on(topics::check(&config))?)
}

/// Prints what was found; an error where something must be mended.
pub(super) fn report(findings: &[Finding]) -> Result<(), CliError> {
    for finding in findings {
        let word = if finding.severity == Severity::Refuse { "refused" } else { "warning" };
        say(format_args!("{word} {finding}"))?;
    }
    if findings.iter().any(|finding| finding.severity == Severity::Refuse) {
        return Err(CliError::Topics);
    }
    say(format_args!("topics are as copydesk needs them"))
}
