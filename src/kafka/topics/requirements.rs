//! What each topic must be like, and what is wrong with one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Finding, Severity};
use crate::config::{Config, WindowCheck};
use crate::kafka::client::{BATCH_BYTES, HEADERS_ALLOWANCE, largest_record};

/// What a topic is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Input,
    Records,
    Duplicates,
    DeadLetters,
    Changelog,
}

/// A topic of the configuration.
#[derive(Debug)]
pub(super) struct Requirement {
    pub(super) topic: String,
    pub(super) purpose: Purpose,
}

/// Settings as the broker gives them.
pub(super) type Settings = BTreeMap<String, String>;

/// A topic as it is.
#[derive(Debug)]
pub(super) enum State {
    Missing,
    /// Without settings: they may not be read.
    Existing(Settings),
}

impl State {
    /// Whether the newest record of a key outlives the others.
    pub(super) fn is_compacted(&self) -> bool {
        match self {
            Self::Missing => false,
            Self::Existing(settings) => settings
                .get("cleanup.policy")
                .is_some_and(|policies| policies.split(',').any(|policy| policy.trim() == "compact")),
        }
    }
}

/// Every topic of the configuration, once.
pub(super) fn requirements(config: &Config) -> Vec<Requirement> {
    let topics = &config.topics;
    let inputs = topics.input.iter().map(|topic| (topic, Purpose::Input));
    let outputs = [
        (&topics.records, Purpose::Records),
        (&topics.duplicates, Purpose::Duplicates),
        (&topics.dead_letters, Purpose::DeadLetters),
        (&topics.changelog, Purpose::Changelog),
    ];
    let mut seen = BTreeSet::new();
    inputs
        .chain(outputs)
        .filter(|(topic, _)| seen.insert(topic.as_str()))
        .map(|(topic, purpose)| Requirement { topic: topic.clone(), purpose })
        .collect()
}

impl Requirement {
    /// Bytes that the topic must take at once: the largest record, or a set of records.
    fn record_bytes(&self, config: &Config) -> Option<u64> {
        let largest = match self.purpose {
            Purpose::Records => config.limits.record_bytes.as_u64() + HEADERS_ALLOWANCE,
            Purpose::DeadLetters => largest_record(&config.limits),
            Purpose::Duplicates | Purpose::Changelog => HEADERS_ALLOWANCE,
            // What crawlers may send is theirs to say; what is too large for us is rejected.
            Purpose::Input => return None,
        };
        Some(largest.max(BATCH_BYTES + HEADERS_ALLOWANCE))
    }

    /// Settings of a topic that is made.
    pub(super) fn settings_to_make(&self, config: &Config) -> Vec<(&'static str, String)> {
        let size = || ("max.message.bytes", largest_record(&config.limits).to_string());
        match self.purpose {
            Purpose::Input | Purpose::Records => vec![size()],
            Purpose::DeadLetters => vec![("cleanup.policy", "delete".to_owned()), size()],
            Purpose::Duplicates => vec![("cleanup.policy", "delete".to_owned())],
            Purpose::Changelog => vec![
                ("cleanup.policy", "delete".to_owned()),
                ("retention.ms", (config.dedup.window + config.dedup.slack).as_millis().to_string()),
                ("retention.bytes", "-1".to_owned()),
                // Retention counts from when a claim was written, whatever the clocks of the instances say.
                ("message.timestamp.type", "LogAppendTime".to_owned()),
            ],
        }
    }
}

/// What is wrong with a topic.
pub(super) fn findings(requirement: &Requirement, state: &State, config: &Config) -> Vec<Finding> {
    let finding =
        |severity, problem: String, mend: String| Finding { topic: requirement.topic.clone(), problem, mend, severity };
    let settings = match state {
        State::Missing => {
            let mend = "copydesk topics create makes it".to_owned();
            return vec![finding(Severity::Refuse, "does not exist".to_owned(), mend)];
        }
        State::Existing(settings) if settings.is_empty() => {
            let mend = "grant this client DescribeConfigs on it".to_owned();
            return vec![finding(
                Severity::Warn,
                "its settings cannot be read, so they are not checked".to_owned(),
                mend,
            )];
        }
        State::Existing(settings) => settings,
    };
    let mut found = Vec::new();
    let takes = settings.get("max.message.bytes").and_then(|value| value.parse::<u64>().ok());
    if let (Some(needed), Some(takes)) = (requirement.record_bytes(config), takes)
        && takes < needed
    {
        let problem = format!("max.message.bytes is {takes}, but {needed} bytes may come at once");
        let mend = format!("set it to {needed}, or lower limits.payload_bytes and limits.record_bytes");
        found.push(finding(Severity::Refuse, problem, mend));
    }
    if matches!(requirement.purpose, Purpose::Records | Purpose::Duplicates | Purpose::DeadLetters)
        && let Some((key, oldest)) = oldest_taken(settings)
    {
        // Whatever the input still holds will come; older payloads do when someone sends them.
        let severity = if oldest < config.dedup.window { Severity::Refuse } else { Severity::Warn };
        let problem = format!(
            "{key} is {}, but records have the timestamps of their payloads, and one that is refused ends the service",
            oldest.as_millis()
        );
        found.push(finding(severity, problem, format!("set it to {}", i64::MAX)));
    }
    let window = match config.dedup.window_check {
        WindowCheck::Refuse => Severity::Refuse,
        WindowCheck::Warn => Severity::Warn,
    };
    match requirement.purpose {
        Purpose::Input => {
            let longest = config.dedup.window.saturating_sub(config.dedup.slack);
            let kept = retention(settings);
            if kept.is_none_or(|kept| kept > longest) {
                let problem = format!(
                    "payloads are kept {}, but claims only for dedup.window = {}, dedup.slack = {}",
                    told(kept),
                    told(Some(config.dedup.window)),
                    told(Some(config.dedup.slack)),
                );
                let mend = format!("set retention.ms to at most {}, or raise dedup.window", longest.as_millis());
                // No window covers an input that is kept for ever, so none can be asked for.
                let severity = if kept.is_some() { window } else { Severity::Warn };
                found.push(finding(severity, problem, mend));
            }
        }
        Purpose::Changelog => {
            if retention(settings).is_some_and(|kept| kept < config.dedup.window) {
                let wanted = config.dedup.window + config.dedup.slack;
                let problem = format!(
                    "claims are kept {}, but matter for dedup.window = {}",
                    told(retention(settings)),
                    told(Some(config.dedup.window)),
                );
                found.push(finding(window, problem, format!("set retention.ms to {}", wanted.as_millis())));
            }
            if deletes(settings) && settings.get("retention.bytes").is_some_and(|bytes| bytes != "-1") {
                let problem = "retention.bytes may drop claims that still matter".to_owned();
                found.push(finding(window, problem, "set it to -1".to_owned()));
            }
        }
        Purpose::Records | Purpose::Duplicates | Purpose::DeadLetters => {}
    }
    found
}

fn deletes(settings: &Settings) -> bool {
    settings.get("cleanup.policy").is_none_or(|policy| policy.split(',').any(|policy| policy.trim() == "delete"))
}

/// The age at which a topic begins to refuse records, and the setting that says so; `None` if it takes them all. Brokers before
/// 3.6 have one setting for times in the past and in the future.
fn oldest_taken(settings: &Settings) -> Option<(&'static str, Duration)> {
    if settings.get("message.timestamp.type").is_some_and(|kind| kind == "LogAppendTime") {
        return None;
    }
    ["message.timestamp.before.max.ms", "message.timestamp.difference.max.ms"]
        .into_iter()
        .filter_map(|key| Some((key, settings.get(key)?.parse::<u64>().ok()?)))
        .filter(|(_, millis)| *millis < i64::MAX.unsigned_abs())
        .map(|(key, millis)| (key, Duration::from_millis(millis)))
        .min_by_key(|(_, oldest)| *oldest)
}

/// How long a topic keeps a record; `None` for ever.
fn retention(settings: &Settings) -> Option<Duration> {
    let kept = settings.get("retention.ms").and_then(|value| value.parse::<u64>().ok());
    kept.filter(|_| deletes(settings)).map(Duration::from_millis)
}

fn told(kept: Option<Duration>) -> String {
    kept.map_or_else(|| "for ever".to_owned(), spelled)
}

/// Days where they are whole, else seconds: what people write into such settings.
fn spelled(kept: Duration) -> String {
    const DAY: u64 = 24 * 3600;
    match kept.as_secs() {
        seconds if seconds >= DAY && seconds % DAY == 0 => format!("{}d", seconds / DAY),
        seconds => format!("{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        Config::load(&[], &[]).unwrap()
    }

    fn found(purpose: Purpose, settings: &[(&str, &str)], config: &Config) -> Vec<Finding> {
        let settings = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        findings(&Requirement { topic: "t".to_owned(), purpose }, &State::Existing(settings), config)
    }

    #[test]
    fn what_is_made_has_no_findings_where_retention_of_the_input_fits() {
        let config = config();
        for requirement in requirements(&config) {
            let mut settings: Settings =
                requirement.settings_to_make(&config).into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
            settings.entry("retention.ms".to_owned()).or_insert_with(|| "604800000".to_owned());
            settings.entry("max.message.bytes".to_owned()).or_insert_with(|| "1048588".to_owned());
            assert_eq!(findings(&requirement, &State::Existing(settings), &config), [], "{requirement:?}");
        }
    }

    #[test]
    fn a_missing_topic_refuses_the_start() {
        let requirement = Requirement { topic: "t".to_owned(), purpose: Purpose::Records };
        assert_eq!(findings(&requirement, &State::Missing, &config()).first().unwrap().severity, Severity::Refuse);
    }

    #[test]
    fn an_input_that_outlives_the_window_is_refused_unless_warning_is_enough() {
        let mut config = config();
        let too_long = [("retention.ms", "2592000000")];
        assert_eq!(found(Purpose::Input, &too_long, &config).first().unwrap().severity, Severity::Refuse);
        config.dedup.window_check = WindowCheck::Warn;
        assert_eq!(found(Purpose::Input, &too_long, &config).first().unwrap().severity, Severity::Warn);
        assert!(found(Purpose::Input, &[("retention.ms", "2505600000")], &config).is_empty());
    }

    #[test]
    fn an_input_that_is_kept_for_ever_is_a_warning_whatever_the_check() {
        let config = config();
        assert_eq!(config.dedup.window_check, WindowCheck::Refuse);
        for settings in [&[("retention.ms", "-1")][..], &[("cleanup.policy", "compact"), ("retention.ms", "1000")]] {
            let found = found(Purpose::Input, settings, &config);
            assert_eq!(found.len(), 1, "{settings:?}");
            assert_eq!(found.first().unwrap().severity, Severity::Warn, "{settings:?}");
        }
    }

    #[test]
    fn an_output_that_refuses_old_timestamps_is_found() {
        let config = config();
        let key = "message.timestamp.before.max.ms";
        let severities = |purpose, settings: &[(&str, &str)]| -> Vec<Severity> {
            found(purpose, settings, &config).iter().map(|finding| finding.severity).collect()
        };
        for purpose in [Purpose::Records, Purpose::Duplicates, Purpose::DeadLetters] {
            assert_eq!(severities(purpose, &[(key, "86400000")]), [Severity::Refuse]);
            let older = "message.timestamp.difference.max.ms";
            assert_eq!(severities(purpose, &[(older, "86400000")]), [Severity::Refuse]);
            assert_eq!(severities(purpose, &[(key, "31536000000")]), [Severity::Warn]);
            assert_eq!(severities(purpose, &[(key, "9223372036854775807")]), []);
            assert_eq!(severities(purpose, &[(key, "1"), ("message.timestamp.type", "LogAppendTime")]), []);
        }
        // Claims are written with the time of writing; the input is no output.
        assert_eq!(severities(Purpose::Changelog, &[(key, "1"), ("retention.ms", "-1")]), []);
    }

    #[test]
    fn a_changelog_that_forgets_too_early_is_found() {
        let config = config();
        assert_eq!(found(Purpose::Changelog, &[("retention.ms", "2591999999")], &config).len(), 1);
        assert_eq!(
            found(Purpose::Changelog, &[("retention.ms", "-1"), ("retention.bytes", "1000000")], &config).len(),
            1
        );
        assert!(found(Purpose::Changelog, &[("retention.ms", "-1"), ("retention.bytes", "-1")], &config).is_empty());
    }

    #[test]
    fn a_topic_that_does_not_take_the_largest_record_refuses_the_start() {
        let config = config();
        for purpose in [Purpose::Records, Purpose::DeadLetters] {
            let found = found(purpose, &[("max.message.bytes", "1048588")], &config);
            assert_eq!(found.first().unwrap().severity, Severity::Refuse, "{found:?}");
        }
    }
}
