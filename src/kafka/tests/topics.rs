//! Topics: made, and found wanting.

use super::*;
use crate::kafka::topics::{Severity, check, create};

#[tokio::test]
async fn what_create_makes_passes_the_check_and_is_made_once() {
    let Some(broker) = broker::shared() else { return };
    let config = unmade_room(broker);

    let missing = check(&config).await.unwrap();
    assert_eq!(missing.len(), 5, "{missing:?}");
    assert!(missing.iter().all(|finding| finding.severity == Severity::Refuse));

    assert_eq!(create(&config).await.unwrap().len(), 5);
    let findings = eventually_well(&config).await;
    assert_eq!(findings, []);
    assert_eq!(create(&config).await.unwrap(), Vec::<String>::new());
}

/// A broker may answer for a topic that it has just made before it knows its settings.
async fn eventually_well(config: &Config) -> Vec<crate::kafka::topics::Finding> {
    let until = Instant::now() + DEADLINE;
    loop {
        let findings = check(config).await.unwrap();
        if findings.is_empty() || Instant::now() > until {
            return findings;
        }
    }
}

#[tokio::test]
async fn the_check_names_topics_whose_settings_do_not_fit() {
    let Some(broker) = broker::shared() else { return };
    let mut config = unmade_room(broker);
    broker.create_topic(&config.topics.input[0], 1, &[("retention.ms", "-1")]);
    broker.create_topic(&config.topics.records, 1, &[("max.message.bytes", "1000")]);
    broker.create_topic(&config.topics.changelog, 1, &[("retention.ms", "3600000")]);
    broker.create_topic(&config.topics.duplicates, 1, &[("message.timestamp.before.max.ms", "3600000")]);
    config.topics.dead_letters.clone_from(&config.topics.records);

    let findings = check(&config).await.unwrap();
    let named: Vec<&str> = findings.iter().map(|finding| finding.topic.as_str()).collect();
    let topics = &config.topics;
    assert_eq!(named, [&topics.input[0], &topics.records, &topics.duplicates, &topics.changelog], "{findings:?}");
}
