//! What the parts of the service work with, as configured.

use std::sync::Arc;
use std::time::Duration;

use super::{bytes, decode_limits};
use crate::config::{Config, Guarantee, OnReplay};
use crate::desk::{Settings, StormLimits};
use crate::fingerprint::Sketching;
use crate::index::disk::Origin;
use crate::verdict::{Bands, Mode, Policy, Redelivery, Window};

/// The desk's settings, as configured.
pub fn settings(config: &Config, restores_claims: bool) -> Settings {
    let redelivery = match (config.delivery.guarantee, config.dedup.on_replay) {
        (Guarantee::AtLeastOnce, _) => Redelivery::NoEvidence,
        (Guarantee::ExactlyOnce, OnReplay::Suppress) => Redelivery::Suppress,
        (Guarantee::ExactlyOnce, OnReplay::Reemit) => Redelivery::Reemit,
    };
    Settings {
        policy: Policy { redelivery, ..policy(config, restores_claims.then_some(config.dedup.max_step)) },
        sketching: (config.dedup.mode != Mode::Off).then(|| Arc::new(sketching(config))),
        max_records: config.batch.max_records,
        max_bytes: bytes(config.batch.max_bytes),
        linger: config.delivery.linger,
        decode: decode_limits(&config.limits),
        article_bytes: bytes(config.limits.article_bytes),
        record_bytes: bytes(config.limits.record_bytes),
        in_flight_bytes: bytes(config.limits.in_flight_bytes),
        extract_threads: config.extract.threads,
        revoke_wait: config.delivery.revoke_wait,
        shutdown_grace: config.shutdown.grace,
        restores_claims,
        storm: StormLimits { ratio: config.dead_letters.storm_ratio, run: config.dead_letters.storm_run },
    }
}

/// How verdicts are made, with event time bound to steps or not.
pub(super) fn policy(config: &Config, max_step: Option<Duration>) -> Policy {
    let dedup = &config.dedup;
    Policy {
        mode: dedup.mode,
        redelivery: Redelivery::default(),
        updates: dedup.updates,
        bands: Bands { copy: dedup.threshold, related: dedup.related },
        min_tokens: dedup.min_words,
        window: Window::new(dedup.window, max_step),
    }
}

/// How texts are sketched.
pub(super) fn sketching(config: &Config) -> Sketching {
    Sketching::new(&config.dedup.seed, config.dedup.min_words)
}

/// What an index is held to.
pub fn origin(config: &Config, changelog: String) -> Origin {
    Origin::new(changelog, &config.dedup.seed)
}
