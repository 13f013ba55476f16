//! The command line: arguments and exit codes, nothing else.

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use thiserror::Error;

use crate::article::{ExtractLimits, Extractor, QualityPolicy, RuleError};
use crate::config::{Config, ConfigError, Limits};
use crate::desk::DeskError;
use crate::index::IndexError;
use crate::kafka::KafkaError;
use crate::kafka::dead_letters::ResendError;
use crate::payload::DecodeLimits;
use crate::quarantine::JournalError;
use crate::rejection::Rejection;
use crate::sink::SinkError;
use crate::sink::file::OpenError;
use crate::telemetry::log;

mod config;
mod dedup;
mod demo;
mod dlq;
mod explain;
mod extract;
mod healthcheck;
mod index;
mod lines;
mod metrics_reference;
mod overrides;
mod retract;
mod run;
mod schema;
mod settings;
mod sniff;
mod topics;
mod trial;

pub use settings::{origin, settings};

/// Turns raw crawled pages into clean, deduplicated, structured article records.
#[derive(Debug, Parser)]
#[command(
    name = "copydesk",
    version,
    about,
    arg_required_else_help = true,
    after_help = "Examples:\n  copydesk demo\n  copydesk run --config copydesk.toml\n\nExit codes: 0 done or drained, 1 failed, 2 wrong usage, 3 configuration or topics refused, 130 second signal."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Read payloads, publish article records.
    Run(run::Args),
    /// Extract articles from JSON lines.
    Extract(extract::Args),
    /// Find copies, repetitions and revisions among articles in JSON lines.
    Dedup(dedup::Args),
    /// Show the whole service on an embedded broker, over a folder of example payloads.
    Demo(demo::Args),
    /// Make or check the topics.
    Topics(topics::Args),
    /// Take an article back.
    Retract(retract::Args),
    /// Look into the deduplication index.
    Index(index::Args),
    /// Look at dead letters, and send them back.
    Dlq(dlq::Args),
    /// Check and show the configuration.
    Config(config::Args),
    /// Print the JSON Schema of article records, or of duplicate events.
    Schema(schema::Args),
    /// Extract one payload in a process of its own; the service does, after a crash.
    #[command(name = trial::COMMAND, hide = true)]
    Trial(overrides::ConfigArgs),
    /// Ask a running copydesk whether it is ready.
    Healthcheck(healthcheck::Args),
    /// Print the reference of all metrics, docs/metrics.md.
    #[command(hide = true, after_help = "Example:\n  copydesk metrics-reference > docs/metrics.md")]
    MetricsReference,
    /// Show what payloads are taken for, and why.
    Sniff(sniff::Args),
    /// Show every block of a page, kept or removed, and why.
    Explain(explain::Args),
}

/// Why a command failed; [`CliError::exit_code`] tells scripts.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum CliError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Rules(#[from] RuleError),
    #[error(transparent)]
    Desk(#[from] DeskError),
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Kafka(#[from] KafkaError),
    #[error(transparent)]
    Sink(#[from] SinkError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("cannot start: {0}")]
    Start(String),
    #[error("{name}: {error}")]
    Io { name: String, error: std::io::Error },
    #[error("--source {source_name} and --sink {sink_name}: both must be kafka, or both files")]
    MixedEnds { source_name: String, sink_name: String },
    #[error("topics are not as copydesk needs them")]
    Topics,
    #[error("rules.publishers: {0}")]
    PublisherTests(String),
    #[error("{0}")]
    Demo(String),
    #[error(transparent)]
    Resend(#[from] ResendError),
    #[error("no dead letter at {0}: `copydesk dlq ls --each` names those that are there")]
    NoLetter(String),
    #[error("--to {0}: copydesk writes that topic itself; name a topic that it reads")]
    OwnTopic(String),
    #[error("{0} is not empty: choose a new folder, or empty this one")]
    Filled(String),
    #[error("index {0} is damaged; the next start sets it aside and rebuilds it from the changelog")]
    DamagedIndex(String),
    #[error("no index in {0}: name its folder, or set dedup.index_dir")]
    NoIndex(String),
    #[error("{0}")]
    Unhealthy(String),
    #[error("{rejected} of {all} payloads would be rejected")]
    Sniff { rejected: usize, all: usize },
    #[error("{file} gives no article: {rejection}")]
    Rejected { file: String, rejection: Rejection },
    #[error("{0} is a retraction, which holds no page")]
    Retraction(String),
}

/// Exit code of a second signal, which ends the process before it has drained: what shells give for Ctrl-C.
pub(crate) const SECOND_SIGNAL: i32 = 130;

impl CliError {
    /// 1 failed, 2 wrong usage (as clap has it), 3 the configuration or the topics are refused: no restart mends that.
    fn exit_code(&self) -> u8 {
        match self {
            Self::MixedEnds { .. } | Self::OwnTopic(_) | Self::Filled(_) => 2,
            Self::Config(_)
            | Self::Topics
            | Self::PublisherTests(_)
            | Self::Kafka(KafkaError::NoInstance | KafkaError::OwnProperty { .. } | KafkaError::MissingTopic { .. }) => {
                3
            }
            _ => 1,
        }
    }
}

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Run(args) => run::run(args),
        Command::Extract(args) => extract::run(&args),
        Command::Dedup(args) => dedup::run(&args),
        Command::Demo(args) => demo::run(args),
        Command::Topics(args) => topics::run(args),
        Command::Retract(args) => retract::run(&args),
        Command::Index(args) => index::run(&args),
        Command::Dlq(args) => dlq::run(&args),
        Command::Config(args) => config::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Trial(args) => trial::run(&args),
        Command::Healthcheck(args) => healthcheck::run(&args),
        Command::MetricsReference => metrics_reference::run(),
        Command::Sniff(args) => sniff::run(&args),
        Command::Explain(args) => explain::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // The reader of our output has seen enough: `copydesk … | head` is no failure.
        Err(CliError::Io { error, .. }) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(CliError::Desk(error)) if error.is_end_of_readers() => ExitCode::SUCCESS,
        Err(error) => {
            log::failed(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

/// A writer's failure to standard output.
pub(crate) fn unwritten(error: std::io::Error) -> CliError {
    CliError::Io { name: "standard output".into(), error }
}

/// Prints a line.
pub(crate) fn say(line: std::fmt::Arguments<'_>) -> Result<(), CliError> {
    writeln!(std::io::stdout(), "{line}").map_err(unwritten)
}

/// The extractor, with the configured bounds.
pub(crate) fn extractor(config: &Config) -> Result<Extractor, CliError> {
    let quality = &config.quality;
    let policy = QualityPolicy { reject: quality.reject.clone(), short_words: quality.short_words };
    let rules = config.rules.mount().map_err(|unusable| {
        let problems: Vec<&str> = unusable.iter().map(|rule| rule.problem.as_str()).collect();
        CliError::Start(problems.join("; "))
    })?;
    let extractor = Extractor::new(extract_limits(&config.limits))?.with_policy(policy).with_rules(rules);
    Ok(extractor.with_blocks(config.extract.blocks))
}

/// What extracting may cost, as configured.
pub(crate) fn extract_limits(limits: &Limits) -> ExtractLimits {
    ExtractLimits {
        max_depth: limits.html_depth,
        max_nodes: limits.html_nodes,
        max_attributes: limits.html_attributes,
        max_body_bytes: bytes(limits.article_bytes),
        deadline: limits.extract_time,
    }
}

/// What decoding may cost, as configured.
pub(crate) fn decode_limits(limits: &Limits) -> DecodeLimits {
    DecodeLimits {
        payload_bytes: bytes(limits.payload_bytes),
        decoded_bytes: bytes(limits.decoded_bytes),
        ratio: limits.decompression_ratio,
        json_depth: limits.json_depth,
    }
}

/// A size as the machine counts it.
pub(crate) fn bytes(size: bytesize::ByteSize) -> usize {
    usize::try_from(size.as_u64()).unwrap_or(usize::MAX)
}

/// The defaults and the environment, for commands that take no files.
pub(crate) fn ambient_config() -> Result<Config, CliError> {
    Ok(overrides::ConfigArgs::default().load()?)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }

    #[test]
    fn every_command_shows_an_example() {
        let mut open = vec![super::Cli::command()];
        while let Some(command) = open.pop() {
            open.extend(command.get_subcommands().filter(|command| !command.is_hide_set()).cloned());
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Example"), "`{}` --help shows no example", command.get_name());
            assert!(help.contains("copydesk "), "`{}`: {help}", command.get_name());
        }
    }
}
