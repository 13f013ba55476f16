//! Bounds that must leave room for each other.

use std::time::Duration;

use super::Findings;
use crate::config::Config;

pub(super) fn check(config: &Config, findings: &mut Findings) {
    smallest(config, findings);
    let (limits, batch) = (&config.limits, &config.batch);
    findings.require(
        limits.payload_bytes <= limits.in_flight_bytes,
        &["limits.payload_bytes", "limits.in_flight_bytes"],
        "the largest payload does not fit what may be held at once",
        "raise limits.in_flight_bytes, or lower limits.payload_bytes",
    );
    findings.require(
        limits.decoded_bytes >= limits.payload_bytes,
        &["limits.decoded_bytes", "limits.payload_bytes"],
        "a payload that is allowed would be too large once decoded",
        "raise limits.decoded_bytes, or lower limits.payload_bytes",
    );
    findings.require(
        limits.article_bytes <= limits.record_bytes,
        &["limits.article_bytes", "limits.record_bytes"],
        "a record must hold the largest article",
        "raise limits.record_bytes, or lower limits.article_bytes",
    );
    findings.require(
        limits.record_bytes >= limits.payload_bytes,
        &["limits.record_bytes", "limits.payload_bytes"],
        "what is taken in must fit what is sent out",
        "raise limits.record_bytes, or lower limits.payload_bytes",
    );
    findings.require(
        batch.max_bytes <= limits.in_flight_bytes,
        &["batch.max_bytes", "limits.in_flight_bytes"],
        "a batch could never fill: what its outputs are made of is held until they are committed",
        "raise limits.in_flight_bytes, or lower batch.max_bytes",
    );
}

/// Each bound by itself.
fn smallest(config: &Config, findings: &mut Findings) {
    /// The JSON reader's own bound is a little above it.
    const DEEPEST_JSON: usize = 100;
    /// More threads than any machine has cores are a slip of the pen.
    const MOST_THREADS: usize = 1024;
    /// 16 MB of memory.
    const LONGEST_RUN: usize = 1_000_000;

    let (limits, batch) = (&config.limits, &config.batch);
    let above_zero = [
        ("batch.max_records", batch.max_records > 0),
        ("batch.max_bytes", batch.max_bytes.as_u64() > 0),
        ("limits.payload_bytes", limits.payload_bytes.as_u64() > 0),
        ("limits.article_bytes", limits.article_bytes.as_u64() > 0),
        ("limits.decompression_ratio", limits.decompression_ratio > 0),
        ("limits.html_depth", limits.html_depth > 0),
        ("limits.html_nodes", limits.html_nodes > 0),
        ("limits.html_attributes", limits.html_attributes > 0),
        ("limits.extract_time", limits.extract_time > Duration::ZERO),
        ("kafka.session_timeout", config.kafka.session_timeout > Duration::ZERO),
    ];
    for (key, holds) in above_zero {
        findings.require(holds, &[key], "zero lets nothing through", "raise it above 0");
    }
    findings.require(
        (1..=DEEPEST_JSON).contains(&limits.json_depth),
        &["limits.json_depth"],
        "out of range",
        format!("set it to 1 to {DEEPEST_JSON}"),
    );
    findings.require(
        (0.0..=1.0).contains(&config.dead_letters.storm_ratio),
        &["dead_letters.storm_ratio"],
        "out of range",
        "set it to a share from 0 (off) to 1 (every payload)",
    );
    findings.require(
        config.dead_letters.storm_run <= LONGEST_RUN,
        &["dead_letters.storm_run"],
        "out of range",
        format!("set it to at most {LONGEST_RUN}: each of those outcomes is remembered"),
    );
    findings.require(
        config.extract.threads <= MOST_THREADS,
        &["extract.threads"],
        "out of range",
        format!("set it to at most {MOST_THREADS}; 0 takes one a core"),
    );
}
