//! The rule itself, as a pure function of an article's fingerprint and the claims it meets.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{ArticleId, Claim, Verdict};
use crate::fingerprint::{Fingerprint, IdentityKey};
use crate::index::{ClaimTable, IndexError, Query};
use crate::source::Coordinate;

/// Texts with fewer tokens are copies only with the same publisher or title: short texts are equal by chance.
const SHORT_TEXT_TOKENS: u32 = 20;

/// What is done with verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Copies and repetitions are suppressed.
    #[default]
    Enforce,
    /// Everything is published, with its verdict.
    Annotate,
    /// Copies are not looked for; revisions still are, because (id, revision) must stay unique.
    Off,
}

/// What a delivery whose claim is committed already gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Redelivery {
    /// The claim is proof that the outcome is published: suppress (exactly once).
    #[default]
    Suppress,
    /// The claim is proof, but the operator rewound on purpose: publish again under the same revision.
    Reemit,
    /// The claim is no proof that anything was published: the same outcome again (at least once).
    NoEvidence,
}

/// How to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Policy {
    /// What is done with verdicts.
    pub mode: Mode,
    /// What a known delivery gets.
    pub redelivery: Redelivery,
}

/// What is to be decided.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The delivery.
    pub delivery: &'a Coordinate,
    /// Its event time, milliseconds since the epoch.
    pub event_time_ms: i64,
    /// Its article.
    pub fingerprint: &'a Fingerprint,
}

/// The claims that a verdict may look at.
pub trait Evidence {
    /// The claim that answers a query, if any.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn find(&self, query: Query<'_>) -> Result<Option<Arc<Claim>>, IndexError>;
}

impl Evidence for ClaimTable {
    fn find(&self, query: Query<'_>) -> Result<Option<Arc<Claim>>, IndexError> {
        Ok(ClaimTable::find(self, query).cloned())
    }
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What the delivery establishes; for `replayed` the claim that it met.
    pub claim: Arc<Claim>,
    /// The verdict on this delivery.
    pub verdict: Verdict,
    /// Whether it is published.
    pub publish: bool,
    /// Whether the claim is new, and must be committed with the outcome.
    pub is_new: bool,
    /// The coordinate was claimed before, with other bytes: the input was made anew.
    pub recreated: bool,
}

/// Decides about one delivery.
///
/// # Errors
/// Where the index cannot be read.
pub fn adjudicate(question: Question<'_>, evidence: &impl Evidence, policy: Policy) -> Result<Decision, IndexError> {
    if let Some(known) = evidence.find(Query::Delivery(question.delivery, question.fingerprint.payload))? {
        return Ok(decide_redelivery(known, policy.redelivery));
    }
    let recreated = evidence.find(Query::Coordinate(question.delivery))?.is_some();
    let owner = find_article(question.fingerprint, evidence)?;
    let published = owner.article.as_ref().filter(|newest| newest.revision > 0);
    let (verdict, original) = match published {
        Some(newest) if newest.text == question.fingerprint.text => (Verdict::Unchanged, Some(Arc::clone(newest))),
        Some(newest) => (Verdict::Revision, Some(Arc::clone(newest))),
        None => match find_copied(question.fingerprint, owner.article.as_deref(), evidence, policy.mode)? {
            Some(copied) => match owner.article.as_ref().filter(|own| is_known_copy(own, &copied, question.fingerprint)) {
                Some(own) => (Verdict::Unchanged, Some(Arc::clone(own))),
                None => (Verdict::Exact, Some(copied)),
            },
            None => (Verdict::Unique, None),
        },
    };
    let publish = policy.mode != Mode::Enforce || matches!(verdict, Verdict::Unique | Verdict::Revision);
    let revision = owner.article.as_ref().map_or(0, |newest| newest.revision);
    let claim = Claim {
        delivery: question.delivery.clone(),
        payload: question.fingerprint.payload,
        event_time_ms: question.event_time_ms,
        article: owner.id,
        revision: revision + u32::from(publish),
        verdict,
        published: publish,
        aliases: owner.aliases,
        text: question.fingerprint.text,
        title: question.fingerprint.title,
        publisher: question.fingerprint.publisher,
        of: match verdict {
            Verdict::Exact => original.as_deref().map(|claim| claim.original().clone()),
            Verdict::Unchanged => original.as_deref().and_then(|claim| claim.of.clone()),
            _ => None,
        },
        first: original.as_deref().map(|claim| claim.origin().clone()),
    };
    Ok(Decision { claim: Arc::new(claim), verdict, publish, is_new: true, recreated })
}

/// The outcome of a delivery whose claim exists: never a second claim, never another revision.
fn decide_redelivery(known: Arc<Claim>, redelivery: Redelivery) -> Decision {
    let (verdict, publish) = match redelivery {
        Redelivery::Suppress => (Verdict::Replayed, false),
        Redelivery::Reemit => (Verdict::Replayed, known.published),
        Redelivery::NoEvidence => (known.verdict, known.published),
    };
    Decision { claim: known, verdict, publish, is_new: false, recreated: false }
}

/// The article that a fingerprint's keys lead to.
struct Owner {
    id: ArticleId,
    /// Its newest claim, if it has been seen before.
    article: Option<Arc<Claim>>,
    /// The keys that lead to it from now on.
    aliases: Vec<IdentityKey>,
}

fn find_article(fingerprint: &Fingerprint, evidence: &impl Evidence) -> Result<Owner, IndexError> {
    let identity = &fingerprint.identity;
    let mut canonical = identity.canonical;
    let mut found = None;
    for key in &identity.delivered {
        if found.is_none() {
            found = evidence.find(Query::Identity(*key))?;
        }
    }
    if let Some(key) = canonical
        && let Some(claimed) = evidence.find(Query::Identity(key))?
    {
        // A link that another article holds already is a mistake of the page: sites that name one canonical address
        // on every page would become a single article. (A first visit is judged by text and title; an article found
        // by its own address may have changed both.)
        let agrees = claimed.text == fingerprint.text || (claimed.title.is_some() && claimed.title == fingerprint.title);
        match &found {
            Some(article) if article.article != claimed.article => canonical = None,
            None if agrees => found = Some(claimed),
            None => canonical = None,
            Some(_) => {}
        }
    }
    let mut aliases: Vec<IdentityKey> = canonical.into_iter().chain(identity.delivered.iter().copied()).collect();
    if aliases.is_empty() {
        aliases.push(identity.fallback);
        found = evidence.find(Query::Identity(identity.fallback))?;
    }
    aliases.dedup();
    let id = match (&found, aliases.first()) {
        (Some(article), _) => article.article.clone(),
        (None, Some(key)) => ArticleId::of(*key),
        (None, None) => ArticleId::of(identity.fallback),
    };
    Ok(Owner { id, article: found, aliases })
}

/// The first claim of the same text, unless equality proves nothing.
fn find_copied(
    fingerprint: &Fingerprint,
    own: Option<&Claim>,
    evidence: &impl Evidence,
    mode: Mode,
) -> Result<Option<Arc<Claim>>, IndexError> {
    if mode == Mode::Off {
        return Ok(None);
    }
    let Some(first) = evidence.find(Query::Text(fingerprint.text))? else { return Ok(None) };
    let is_own = own.is_some_and(|own| own.article == first.article);
    let same_publisher = first.publisher.is_some() && first.publisher == fingerprint.publisher;
    let same_title = first.title.is_some() && first.title == fingerprint.title;
    let is_evidence = is_own || fingerprint.tokens >= SHORT_TEXT_TOKENS || same_publisher || same_title;
    Ok(is_evidence.then_some(first))
}

/// Whether a copy that was never published is delivered once more from its own address, still as it was.
fn is_known_copy(own: &Claim, copied: &Claim, fingerprint: &Fingerprint) -> bool {
    own.text == fingerprint.text && own.original() == copied.original()
}

#[cfg(test)]
mod tests;
