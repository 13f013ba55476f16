//! Taking an article back.

use std::sync::Arc;

use super::adjudicate::{View, decide_redelivery};
use super::{ArticleId, Claim, Decision, Evidence, Policy, Search, Verdict};
use crate::fingerprint::{IdentityKey, PayloadHash};
use crate::index::{IndexError, Query};
use crate::source::Coordinate;

/// How a retraction names its article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// By the key of its address.
    Address(IdentityKey),
    /// By its id, and the key that made it.
    Id(ArticleId, IdentityKey),
}

/// A delivery that takes an article back.
#[derive(Debug, Clone, Copy)]
pub struct Retraction<'a> {
    /// The delivery.
    pub delivery: &'a Coordinate,
    /// Its event time, milliseconds since the epoch.
    pub event_time_ms: i64,
    /// Its bytes.
    pub payload: PayloadHash,
    /// The article.
    pub named: &'a Named,
}

/// Decides about a retraction. It is published, as the article's next revision, where the article is published and not
/// taken back already. One of something unknown leaves a claim all the same: pages that are older, and come later from
/// another partition, find it.
///
/// # Errors
/// Where the index cannot be read.
pub fn retract(retraction: Retraction<'_>, evidence: &impl Evidence, policy: Policy) -> Result<Decision, IndexError> {
    let place = policy.window.place(evidence.watermark_ms(), retraction.event_time_ms);
    let evidence = View::new(evidence, place.since);
    if let Some(known) = evidence.find(Query::Delivery(retraction.delivery, retraction.payload))? {
        return Ok(decide_redelivery(known, policy.redelivery));
    }
    let recreated = evidence.find(Query::Coordinate(retraction.delivery))?.is_some();
    let (newest, id, key) = match retraction.named {
        Named::Address(key) => (evidence.find(Query::Identity(*key))?, ArticleId::of(*key), *key),
        // An id that nobody has yet may still be that of an article to come, by the key that it is made of.
        Named::Id(id, key) => match evidence.find(Query::Article(id))? {
            Some(newest) => (Some(newest), id.clone(), *key),
            None => (evidence.find(Query::Identity(*key))?, id.clone(), *key),
        },
    };
    let newest = newest.as_deref();
    let publish = newest.is_some_and(|newest| newest.revision > 0 && !newest.is_retracted());
    let claim = Claim {
        delivery: retraction.delivery.clone(),
        payload: retraction.payload,
        event_time_ms: place.event_time_ms,
        day: place.day,
        article: newest.map_or(id, |newest| newest.article.clone()),
        revision: newest.map_or(0, |newest| newest.revision) + u32::from(publish),
        verdict: Verdict::Retracted,
        published: publish,
        aliases: vec![key],
        text: newest.and_then(|newest| newest.text),
        substance: newest.and_then(|newest| newest.substance),
        sketch: None,
        likeness: None,
        related: Vec::new(),
        title: newest.and_then(|newest| newest.title),
        publisher: newest.and_then(|newest| newest.publisher),
        of: None,
        first: newest.map(|newest| newest.origin().clone()),
        succeeds: None,
    };
    Ok(Decision {
        claim: Arc::new(claim),
        verdict: Verdict::Retracted,
        publish,
        is_new: true,
        recreated,
        timing: place.timing,
        nearest: None,
        search: Search::default(),
    })
}
