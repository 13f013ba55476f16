//! Arguments that say which letters are meant.

use clap::builder::PossibleValuesParser;

use crate::dead_letter::Selection;
use crate::rejection::{Rejection, Stage};

/// Which letters are meant. Without any of these: all.
#[derive(Debug, clap::Args)]
pub(super) struct SelectionArgs {
    /// Rejected for this reason; may be given several times.
    #[arg(long = "reason", value_name = "REASON", value_parser = reasons(), hide_possible_values = true)]
    reasons: Vec<String>,
    /// Rejected by this stage.
    #[arg(long, value_name = "STAGE", value_parser = PossibleValuesParser::new([Stage::Decode, Stage::Extract, Stage::Publish].map(Stage::label)))]
    stage: Option<String>,
    /// Rejected at this moment or later: RFC 3339, or how long ago (`2h`, `3d`).
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<i64>,
    /// Rejected before this moment: RFC 3339, or how long ago.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    until: Option<i64>,
    /// Pages of this host, or of hosts below it (`example.org` has `www.example.org`); by header `url`, else by the key.
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
}

impl SelectionArgs {
    pub(super) fn selection(&self) -> Selection {
        Selection {
            reasons: self.reasons.clone(),
            stage: self.stage.clone(),
            since_ms: self.since,
            until_ms: self.until,
            host: self.host.clone(),
        }
    }
}

fn reasons() -> PossibleValuesParser {
    PossibleValuesParser::new(Rejection::REASONS.map(|(reason, _)| reason))
}

/// Milliseconds since the epoch.
fn moment(written: &str) -> Result<i64, String> {
    if let Ok(moment) = written.parse::<jiff::Timestamp>() {
        return Ok(moment.as_millisecond());
    }
    let ago = humantime_serde::re::humantime::parse_duration(written)
        .map_err(|_| "write it as in 2026-11-23T14:00:00Z, or how long ago as in 2h".to_owned())?;
    #[allow(clippy::disallowed_methods, reason = "a person says how long ago")]
    let now = jiff::Timestamp::now().as_millisecond();
    Ok(now.saturating_sub(i64::try_from(ago.as_millis()).unwrap_or(i64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_time_or_how_long_ago() {
        assert_eq!(moment("1970-01-01T01:00:00+01:00"), Ok(0));
        let (earlier, later) = (moment("1d 2h").unwrap(), moment("2h").unwrap());
        assert!((0..60_000).contains(&(later - earlier - 86_400_000)), "{earlier} {later}");
        assert!(moment("yesterday").unwrap_err().contains("2h"));
    }
}
