//! `copydesk config check | show | defaults`.

use std::fmt::Display;
use std::io::Write;

use clap::Subcommand;

use super::overrides::ConfigArgs;
use super::run::runtime;
use super::topics::report;
use super::{CliError, extractor, unwritten};
use crate::config::{Config, Loaded, reference};
use crate::kafka::topics;

/// Checks and shows the configuration.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  copydesk config check --config site.toml")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Name every mistake of files, variables and command line, and run the tests of publishers' rules; exit code 3 where there
    /// is a mistake or a failure.
    #[command(after_help = "Examples:\n  copydesk config check --config site.toml\n  \
        COPYDESK__BATCH__MAX_RECORDS=100 copydesk config check --config site.toml --broker")]
    Check {
        #[command(flatten)]
        config: ConfigArgs,
        /// Also ask the brokers whether the topics are as copydesk needs them.
        #[arg(long)]
        broker: bool,
    },
    /// Print what counts, in TOML, and where each key that is not a default comes from. Secrets are left out.
    #[command(after_help = "Example:\n  copydesk config show --config site.toml --set batch.max_records=100")]
    Show(ConfigArgs),
    /// Print every key with its default and what it means.
    #[command(after_help = "Example:\n  copydesk config defaults > copydesk.toml")]
    Defaults {
        /// As the tables of docs/configuration.md.
        #[arg(long)]
        markdown: bool,
    },
}

pub(super) fn run(args: &Args) -> Result<(), CliError> {
    match &args.action {
        Action::Check { config, broker } => check(config, *broker),
        Action::Show(config) => print(config.read()?.to_toml()),
        Action::Defaults { markdown: true } => print(reference::markdown()),
        Action::Defaults { markdown: false } => print(reference::DEFAULTS),
    }
}

fn check(args: &ConfigArgs, broker: bool) -> Result<(), CliError> {
    let Loaded { config, .. } = args.read()?;
    print(format_args!("configuration is valid: {}\n", args.read_from()))?;
    rules(&config)?;
    if config.kafka.instance.is_empty() {
        print("note: kafka.instance is empty; to run on Kafka, name this instance\n")?;
    }
    if config.dedup.seed.is_empty() {
        print("note: dedup.seed is empty; on Kafka set it to a secret of your own, so that nobody can forge copies\n")?;
    }
    if !broker {
        return Ok(());
    }
    let findings = runtime()?.block_on(topics::check(&config))?;
    report(&findings)
}

/// What the user's own rules are, and whether their tests pass.
fn rules(config: &Config) -> Result<(), CliError> {
    let publishers = &config.rules.publishers;
    if publishers.is_empty() && config.rules.filter_lists.is_empty() {
        return Ok(());
    }
    let extractor = extractor(config)?;
    for list in extractor.lists() {
        let (file, hiding, exceptions, ignored) = (&list.file, list.hiding, list.exceptions, list.ignored);
        print(format_args!("{file}: {hiding} lines hide elements, {exceptions} let some be, {ignored} are ignored\n"))?;
    }
    let mut failures = Vec::new();
    for publisher in publishers {
        let failed = publisher.failures(&extractor);
        if failed.is_empty() {
            print(format_args!("publisher {}: {} tests pass\n", publisher.host, publisher.test.len()))?;
        }
        failures.extend(failed.into_iter().map(|failure| format!("\n  {}: {failure}", publisher.host)));
    }
    match failures.len() {
        0 => Ok(()),
        1 => Err(CliError::PublisherTests(format!("1 test fails{}", failures.concat()))),
        several => {
            Err(CliError::PublisherTests(format!("{several} things do not come out as tests say{}", failures.concat())))
        }
    }
}

fn print(text: impl Display) -> Result<(), CliError> {
    write!(std::io::stdout(), "{text}").map_err(unwritten)
}
