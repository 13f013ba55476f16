//! `copydesk retract`: asks the service to take an article back.

use serde_json::json;

use super::overrides::ConfigArgs;
use super::run::runtime;
use super::{CliError, say};
use crate::kafka;
use crate::payload::Target;
use crate::record;
use crate::telemetry::log;

/// Takes an article back: puts a retraction on the input topic, in its order with the pages there.
///
/// The service publishes a record with event "retracted" under the article's id, and a tombstone where the records topic
/// is compacted. A page that is crawled later brings the article back.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  copydesk retract https://news.example.org/story\n  copydesk retract --config copydesk.toml a1-0123456789abcdef0123456789abcdef"
)]
pub(crate) struct Args {
    /// The article: its address, or its id.
    #[arg(value_name = "URL|ID")]
    article: String,
    /// Input topic; without it, the first of topics.input.
    #[arg(long, value_name = "TOPIC")]
    topic: Option<String>,
    #[command(flatten)]
    config: ConfigArgs,
}

pub(super) fn run(args: &Args) -> Result<(), CliError> {
    let config = args.config.load()?;
    log::start(config.telemetry.log_format, &config.telemetry.log_filter);
    let article = args.article.trim();
    let (target, field) = match article.starts_with("a1-") {
        true => (Target::Id(article.to_owned()), "id"),
        false => (Target::Url(article.to_owned()), "url"),
    };
    let payload = json!({ "op": "retract", field: article }).to_string();
    // What the service would reject is said here already.
    record::name(&target).map_err(|error| CliError::Start(format!("{article}: {error}")))?;
    let topic = args.topic.as_ref().or(config.topics.input.first());
    let topic = topic.ok_or_else(|| CliError::Start("topics.input names no topic: name one with --topic".into()))?;
    let sent = runtime()?.block_on(kafka::submit(&config, topic, article, payload.as_bytes()))?;
    say(format_args!("retraction of {article} stands at {sent}"))
}
