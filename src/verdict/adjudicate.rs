//! The rule itself, as a pure function of an article's fingerprint and the claims it meets.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{ArticleId, Claim, Verdict};
use crate::fingerprint::{Fingerprint, IdentityKey};
use crate::index::{ClaimTable, IndexError, Query};
use crate::source::Coordinate;

/// Texts with fewer tokens are copies only with the same publisher or title: short texts are equal by chance.
const SHORT_TEXT_TOKENS: u32 = 20;

/// Articles that are looked through, one in the place of the other, for one that is not taken back.
const MAX_SUCCESSORS: usize = 32;

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

/// Decides about one delivery of a page.
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
    let taken_back = owner.article.as_ref().filter(|newest| newest.is_retracted());
    let mut succeeds = None;
    let (verdict, original) = match (published, taken_back) {
        // Only a page that is newer than the retraction brings its article back.
        (_, Some(newest)) if question.event_time_ms <= newest.event_time_ms => {
            (Verdict::Retracted, Some(Arc::clone(newest)))
        }
        (Some(newest), None) if newest.text == Some(question.fingerprint.text) => {
            (Verdict::Unchanged, Some(Arc::clone(newest)))
        }
        (Some(newest), _) => (Verdict::Revision, Some(Arc::clone(newest))),
        (None, _) => match find_copied(question.fingerprint, owner.article.as_deref(), evidence, policy.mode)? {
            Copied::Of(copied) => {
                match owner.article.as_ref().filter(|own| is_known_copy(own, &copied, question.fingerprint)) {
                    Some(own) => (Verdict::Unchanged, Some(Arc::clone(own))),
                    None => (Verdict::Exact, Some(copied)),
                }
            }
            Copied::OfRetracted(article) => {
                succeeds = Some(article).filter(|article| *article != owner.id);
                (Verdict::Unique, None)
            }
            Copied::Nothing => (Verdict::Unique, None),
        },
    };
    let publish = match verdict {
        Verdict::Unique | Verdict::Revision => true,
        Verdict::Retracted => false,
        _ => policy.mode != Mode::Enforce,
    };
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
        text: Some(question.fingerprint.text),
        title: question.fingerprint.title,
        publisher: question.fingerprint.publisher,
        of: match verdict {
            Verdict::Exact => original.as_deref().map(|claim| claim.original().clone()),
            Verdict::Unchanged => original.as_deref().and_then(|claim| claim.of.clone()),
            _ => None,
        },
        first: original.as_deref().map(|claim| claim.origin().clone()),
        succeeds,
    };
    Ok(Decision { claim: Arc::new(claim), verdict, publish, is_new: true, recreated })
}

/// The outcome of a delivery whose claim exists: never a second claim, never another revision.
pub(super) fn decide_redelivery(known: Arc<Claim>, redelivery: Redelivery) -> Decision {
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
        let agrees =
            claimed.text == Some(fingerprint.text) || (claimed.title.is_some() && claimed.title == fingerprint.title);
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

/// Whose text a page carries.
enum Copied {
    /// Nobody's but its own, or equality proves nothing.
    Nothing,
    /// That of the article that this claim is about.
    Of(Arc<Claim>),
    /// That of an article that has been taken back, with no other published in its place.
    OfRetracted(ArticleId),
}

/// The first claim of the same text whose article has not been taken back.
fn find_copied(
    fingerprint: &Fingerprint,
    own: Option<&Claim>,
    evidence: &impl Evidence,
    mode: Mode,
) -> Result<Copied, IndexError> {
    if mode == Mode::Off {
        return Ok(Copied::Nothing);
    }
    let Some(mut first) = evidence.find(Query::Text(fingerprint.text))? else { return Ok(Copied::Nothing) };
    // One instance makes a chain of successors; two that do not see each other's claims can make a ring.
    for _ in 0..MAX_SUCCESSORS {
        if evidence.find(Query::Article(first.original()))?.is_none_or(|newest| !newest.is_retracted()) {
            break;
        }
        match evidence.find(Query::Successor(first.original()))? {
            Some(successor) => first = successor,
            None => return Ok(Copied::OfRetracted(first.original().clone())),
        }
    }
    let is_own = own.is_some_and(|own| own.article == first.article);
    let same_publisher = first.publisher.is_some() && first.publisher == fingerprint.publisher;
    let same_title = first.title.is_some() && first.title == fingerprint.title;
    let is_evidence = is_own || fingerprint.tokens >= SHORT_TEXT_TOKENS || same_publisher || same_title;
    Ok(if is_evidence { Copied::Of(first) } else { Copied::Nothing })
}

/// Whether a copy that was never published is delivered once more from its own address, still as it was.
fn is_known_copy(own: &Claim, copied: &Claim, fingerprint: &Fingerprint) -> bool {
    own.text == Some(fingerprint.text) && own.original() == copied.original()
}

#[cfg(test)]
mod tests;
