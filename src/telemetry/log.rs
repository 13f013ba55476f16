//! Logs on standard error: a failure once, where it is handled, never a payload or a secret.

use std::fmt::Display;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};

use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

/// Parsers log what they parse: pages, which belong into no log, whatever the filter says.
const PARSERS: &str = "html5ever=off,markup5ever=off,scraper=off,selectors=off,cssparser=off";

/// Whether standard error holds JSON objects only.
static IS_JSON: AtomicBool = AtomicBool::new(false);

/// Starts logging. A filter that does not parse falls back to `info`, and says so.
pub fn start(format: LogFormat, filter: &str) {
    let with_parsers = |filter: &str| EnvFilter::try_new(format!("{filter},{PARSERS}"));
    let parsed = with_parsers(filter);
    let problem = parsed.as_ref().err().map(ToString::to_string);
    let builder = tracing_subscriber::fmt()
        .with_env_filter(parsed.or_else(|_| with_parsers("info")).unwrap_or_default())
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let started = match format {
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
        LogFormat::Human => builder.with_target(false).try_init(),
    };
    match started {
        Ok(()) => IS_JSON.store(format == LogFormat::Json, Ordering::Relaxed),
        Err(_) => tracing::debug!("logging was started before"),
    }
    if let Some(problem) = problem {
        tracing::warn!(filter, problem, "telemetry.log_filter does not parse, using \"info\"");
    }
}

/// Says why the process ends: as a line of the log where programs read it, else as commands do.
pub fn failed(error: &dyn Display) {
    if IS_JSON.load(Ordering::Relaxed) {
        tracing::error!(%error, "ended");
    } else {
        eprintln!("copydesk: {error}");
    }
}
