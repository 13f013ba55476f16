//! Values that are right by themselves, but not together or not in this place.

use std::time::Duration;

use super::Config;

mod kafka;
mod limits;

/// Keys whose values cannot stand.
#[derive(Debug)]
pub(super) struct Conflict {
    pub(super) keys: Vec<&'static str>,
    pub(super) problem: String,
    pub(super) mend: String,
}

/// What was found so far.
#[derive(Debug, Default)]
struct Findings(Vec<Conflict>);

impl Findings {
    /// Notes a conflict unless the condition holds.
    fn require(&mut self, holds: bool, keys: &[&'static str], problem: impl Into<String>, mend: impl Into<String>) {
        if !holds {
            self.0.push(Conflict { keys: keys.to_vec(), problem: problem.into(), mend: mend.into() });
        }
    }
}

/// Everything in a configuration that cannot stand. Values are named by their keys alone: some are secrets.
pub(super) fn conflicts(config: &Config) -> Vec<Conflict> {
    let mut findings = Findings::default();
    kafka::check(config, &mut findings);
    times(config, &mut findings);
    limits::check(config, &mut findings);
    dedup(config, &mut findings);
    rules(config, &mut findings);
    telemetry(config, &mut findings);
    findings.0
}

fn times(config: &Config, findings: &mut Findings) {
    /// What a broker allows unless its `transaction.max.timeout.ms` says otherwise.
    const LONGEST_TRANSACTION: Duration = Duration::from_secs(15 * 60);

    let (delivery, session) = (&config.delivery, config.kafka.session_timeout);
    findings.require(
        delivery.revoke_wait < session,
        &["delivery.revoke_wait", "kafka.session_timeout"],
        "the group throws out a member that waits so long",
        "lower delivery.revoke_wait, or raise kafka.session_timeout",
    );
    findings.require(
        config.shutdown.grace < session,
        &["shutdown.grace", "kafka.session_timeout"],
        "a drain must be over before the group could give the partitions away",
        "lower shutdown.grace, or raise kafka.session_timeout",
    );
    findings.require(
        delivery.transaction_timeout > delivery.linger && delivery.transaction_timeout >= Duration::from_secs(1),
        &["delivery.transaction_timeout", "delivery.linger"],
        "the broker may abort a transaction before its batch is written",
        "raise delivery.transaction_timeout to at least 1s and above delivery.linger",
    );
    findings.require(
        delivery.transaction_timeout <= LONGEST_TRANSACTION,
        &["delivery.transaction_timeout"],
        "brokers refuse more than 15m (transaction.max.timeout.ms)",
        "lower it: readers wait as long after a crash",
    );
    findings.require(
        config.dedup.slack < config.dedup.window,
        &["dedup.slack", "dedup.window"],
        "no retention of the input fits a window that is all slack",
        "raise dedup.window to at least the input's retention plus dedup.slack",
    );
}

fn dedup(config: &Config, findings: &mut Findings) {
    /// A sketch of fewer words says nothing.
    const LEAST_TOKENS: u32 = 5;

    let dedup = &config.dedup;
    findings.require(
        dedup.threshold > 0.0 && dedup.threshold <= 1.0,
        &["dedup.threshold"],
        "out of range",
        "set it to a probability above 0, up to 1",
    );
    findings.require(
        dedup.related >= 0.0 && dedup.related <= dedup.threshold,
        &["dedup.related", "dedup.threshold"],
        "related articles are less alike than copies are",
        "lower dedup.related to dedup.threshold or below",
    );
    findings.require(
        dedup.min_words >= LEAST_TOKENS,
        &["dedup.min_words"],
        "texts so short are alike by chance",
        format!("raise it to at least {LEAST_TOKENS}"),
    );
    findings.require(
        dedup.max_step > Duration::ZERO,
        &["dedup.max_step"],
        "event time would stand still",
        "raise it above 0, for example to \"1h\"",
    );
}

fn rules(config: &Config, findings: &mut Findings) {
    for unusable in config.rules.mount().err().unwrap_or_default() {
        findings.require(false, &[unusable.key], unusable.problem, unusable.mend);
    }
}

fn telemetry(config: &Config, findings: &mut Findings) {
    let telemetry = &config.telemetry;
    findings.require(
        telemetry.statistics_interval >= Duration::from_millis(100),
        &["telemetry.statistics_interval"],
        "reading statistics so often costs more than it tells",
        "raise it to at least 100ms",
    );
    findings.require(
        tracing_subscriber::EnvFilter::try_new(&telemetry.log_filter).is_ok(),
        &["telemetry.log_filter"],
        "not a filter",
        "write a level, or targets with levels, as in \"info,copydesk=debug\"",
    );
    let is_registrable = |name: &String| psl::domain_str(name) == Some(name) && name.to_ascii_lowercase() == *name;
    if let Some(number) = telemetry.publishers.iter().position(|name| !is_registrable(name)) {
        findings.require(
            false,
            &["telemetry.publishers"],
            format!("entry {} is not a registrable domain", number + 1),
            "write it as in \"example.org\": lower case, no scheme, no host name before it",
        );
    }
}
