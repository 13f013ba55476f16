//! The hidden command by which the service tries a payload in a process of its own.

use std::sync::Arc;

use super::overrides::ConfigArgs;
use super::{CliError, decode_limits, extractor};
use crate::desk::extract::ExtractStage;
use crate::desk::ledger::Ledger;
use crate::quarantine::read_trial;
use crate::telemetry::metrics::Metrics;

/// Its name.
pub(super) const COMMAND: &str = "extract-trial";

/// Extracts the payload on standard input as the service would. That the process ends in order is the answer.
pub(super) fn run(args: &ConfigArgs) -> Result<(), CliError> {
    let config = args.load()?;
    let failed = |error| CliError::Io { name: "standard input".into(), error };
    let delivery = read_trial(std::io::stdin().lock()).map_err(failed)?;
    let metrics = Metrics::new(Ledger::default()).map_err(|error| CliError::Start(error.to_string()))?;
    let decode = decode_limits(&config.limits);
    drop(ExtractStage::new(extractor(&config)?, decode, None, Arc::new(metrics)).run(delivery, None));
    Ok(())
}
