//! Brokers, group and topics.

use super::Findings;
use crate::config::{Config, Topics};

pub(super) fn check(config: &Config, findings: &mut Findings) {
    let kafka = &config.kafka;
    if let Some(number) = kafka.bootstrap_servers.split(',').position(|server| !is_host_and_port(server.trim())) {
        findings.require(
            false,
            &["kafka.bootstrap_servers"],
            format!("entry {} is not host:port", number + 1),
            "write it as in \"kafka-1:9092,kafka-2:9092\"; security goes to kafka.properties.security.protocol",
        );
    }
    findings.require(
        !kafka.group_id.trim().is_empty(),
        &["kafka.group_id"],
        "empty",
        "name the consumer group, for example \"copydesk\"",
    );
    topics(&config.topics, findings);
}

fn is_host_and_port(server: &str) -> bool {
    let Some((host, port)) = server.rsplit_once(':') else { return false };
    let is_bracketed = host.starts_with('[') && host.ends_with(']');
    let is_host = is_bracketed || !host.contains(':');
    is_host && !host.is_empty() && !host.contains(['/', ' ']) && port.parse::<u16>().is_ok_and(|port| port > 0)
}

fn topics(topics: &Topics, findings: &mut Findings) {
    let named = [
        ("topics.input", topics.input.iter().collect()),
        ("topics.records", vec![&topics.records]),
        ("topics.duplicates", vec![&topics.duplicates]),
        ("topics.dead_letters", vec![&topics.dead_letters]),
        ("topics.changelog", vec![&topics.changelog]),
    ];
    let mut before: Vec<(&'static str, &Vec<&String>)> = Vec::new();
    for (key, names) in &named {
        findings.require(!names.is_empty(), &[key], "empty", "name at least one topic");
        findings.require(
            names.iter().all(|name| is_topic_name(name)),
            &[key],
            "not the name of a topic",
            "use 1 to 249 letters, digits, dots, underscores and hyphens",
        );
        let is_repeated = names.iter().enumerate().any(|(n, name)| names.iter().take(n).any(|other| other == name));
        findings.require(!is_repeated, &[key], "one topic stands twice", "name each topic once");
        for (other, theirs) in &before {
            let problem = if *other == "topics.input" {
                "a loop: what is written would be read again as a payload"
            } else {
                "one topic for two purposes"
            };
            let is_shared = names.iter().any(|name| theirs.contains(name));
            findings.require(!is_shared, &[other, key], problem, "give each its own topic");
        }
        before.push((key, names));
    }
    for (key, count) in [("topics.partitions", topics.partitions), ("topics.replication", topics.replication)] {
        findings.require(
            count == -1 || (1..=i32::from(i16::MAX)).contains(&count),
            &[key],
            "out of range",
            "set it to at least 1, or to -1 for the broker's default",
        );
    }
}

fn is_topic_name(name: &str) -> bool {
    let is_legal = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
    (1..=249).contains(&name.len()) && name.chars().all(is_legal) && name != "." && name != ".."
}
