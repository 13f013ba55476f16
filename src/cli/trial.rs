//! The hidden command by which the service tries a payload in a process of its own.

use super::CliError;
use crate::article::Extractor;
use crate::desk::extract::ExtractStage;
use crate::quarantine::read_trial;

/// Its name.
pub(super) const COMMAND: &str = "extract-trial";

/// Extracts the payload on standard input. That the process ends in order is the answer.
pub(super) fn run() -> Result<(), CliError> {
    let failed = |error| CliError::Io { name: "standard input".into(), error };
    let (decode, limits, delivery) = read_trial(std::io::stdin().lock()).map_err(failed)?;
    drop(ExtractStage::new(Extractor::new(limits)?, decode).run(delivery, None));
    Ok(())
}
