//! The rule itself, as a pure function of an article's fingerprint and the claims it meets.

use std::sync::Arc;

use super::article::{Owner, is_unchanged};
use super::near::{self, Neighbours};
use super::{
    ArticleId, Claim, Day, Likeness, Mode, Nearest, Place, Policy, Redelivery, Search, Timing, Updates, Verdict,
};
use crate::fingerprint::Fingerprint;
use crate::fingerprint::near::Sketch;
use crate::index::{IndexError, Query};
use crate::source::Coordinate;

/// Articles that are looked through, one in the place of the other, for one that is not taken back.
const MAX_SUCCESSORS: usize = 32;

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
    /// The claim that answers a query, among those held on `since` or later.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn find(&self, query: Query<'_>, since: Day) -> Result<Option<Arc<Claim>>, IndexError>;

    /// Claims with a sketch that shares a band with this one, held on `since` or later: the newest of each band, and of
    /// those the ones that share most. Their number is bounded.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn candidates(&self, sketch: &Sketch, since: Day) -> Result<Vec<Arc<Claim>>, IndexError>;

    /// How far event time has come: the greatest of all claims.
    fn watermark_ms(&self) -> Option<i64>;
}

/// The evidence within the window of one delivery.
pub(super) struct View<'a, E> {
    evidence: &'a E,
    since: Day,
}

impl<'a, E: Evidence> View<'a, E> {
    pub(super) fn new(evidence: &'a E, since: Day) -> Self {
        Self { evidence, since }
    }

    pub(super) fn find(&self, query: Query<'_>) -> Result<Option<Arc<Claim>>, IndexError> {
        self.evidence.find(query, self.since)
    }

    pub(super) fn candidates(&self, sketch: &Sketch) -> Result<Vec<Arc<Claim>>, IndexError> {
        self.evidence.candidates(sketch, self.since)
    }
}

/// What was decided.
#[derive(Debug, Clone, PartialEq)]
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
    /// Where its event time stands in the window.
    pub timing: Timing,
    /// The claim that its text is most like, where copies that are not equal were looked for.
    pub nearest: Option<Nearest>,
    /// What that has cost.
    pub search: Search,
}

/// What a delivery was found to be.
struct Found {
    verdict: Verdict,
    /// What it copies, repeats or revises.
    original: Option<Arc<Claim>>,
    /// The retracted article whose place it takes.
    succeeds: Option<ArticleId>,
    /// The newest claim of the article of another address that it turns out to be.
    joins: Option<Arc<Claim>>,
    likeness: Option<Likeness>,
    is_member: bool,
    neighbours: Neighbours,
}

impl Found {
    fn new(verdict: Verdict, original: Option<Arc<Claim>>) -> Self {
        Self {
            verdict,
            original,
            succeeds: None,
            joins: None,
            likeness: None,
            is_member: false,
            neighbours: Neighbours::default(),
        }
    }
}

/// Decides about one delivery of a page.
///
/// # Errors
/// Where the index cannot be read.
pub fn adjudicate(question: Question<'_>, evidence: &impl Evidence, policy: Policy) -> Result<Decision, IndexError> {
    let place = policy.window.place(evidence.watermark_ms(), question.event_time_ms);
    let view = View::new(evidence, place.since);
    let fingerprint = question.fingerprint;
    if let Some(known) = view.find(Query::Delivery(question.delivery, fingerprint.payload))? {
        return Ok(decide_redelivery(known, policy.redelivery));
    }
    let recreated = view.find(Query::Coordinate(question.delivery))?.is_some();
    let owner = Owner::find(fingerprint, &view)?;
    let published = owner.article.as_ref().filter(|newest| newest.revision > 0);
    let taken_back = owner.article.as_ref().filter(|newest| newest.is_retracted());
    let found = match (published, taken_back) {
        // Only a page that is newer than the retraction brings its article back.
        (_, Some(newest)) if place.event_time_ms <= newest.event_time_ms => {
            Found::new(Verdict::Retracted, Some(Arc::clone(newest)))
        }
        (Some(newest), None) if is_unchanged(fingerprint, newest, &view)? => {
            Found::new(Verdict::Unchanged, Some(Arc::clone(newest)))
        }
        (Some(newest), _) => Found::new(Verdict::Revision, Some(Arc::clone(newest))),
        (None, _) => find_elsewhere(fingerprint, &owner, place, &view, policy)?,
    };
    Ok(decide(question, owner, found, place, recreated, policy))
}

/// The decision on what a delivery was found to be.
fn decide(
    question: Question<'_>,
    owner: Owner,
    found: Found,
    place: Place,
    recreated: bool,
    policy: Policy,
) -> Decision {
    let Found { verdict, original, joins, neighbours, .. } = found;
    let fingerprint = question.fingerprint;
    let publish = match verdict {
        Verdict::Unique => true,
        Verdict::Revision => policy.updates == Updates::Publish || policy.mode != Mode::Enforce,
        Verdict::Retracted => false,
        _ => policy.mode != Mode::Enforce,
    };
    let newest = joins.as_ref().or(owner.article.as_ref());
    let establishes = matches!(verdict, Verdict::Unique | Verdict::Revision) || found.is_member;
    let claim = Claim {
        delivery: question.delivery.clone(),
        payload: fingerprint.payload,
        event_time_ms: place.event_time_ms,
        day: place.day,
        revision: newest.map_or(0, |newest| newest.revision) + u32::from(publish),
        article: joins.as_ref().map_or(owner.id, |article| article.article.clone()),
        verdict,
        published: publish,
        aliases: owner.aliases,
        text: Some(fingerprint.text),
        substance: Some(fingerprint.substance),
        sketch: fingerprint.sketch.clone().filter(|_| establishes),
        likeness: found.likeness,
        related: if matches!(verdict, Verdict::Unique) { neighbours.related } else { Vec::new() },
        title: fingerprint.title,
        publisher: fingerprint.publisher,
        of: match verdict {
            Verdict::Exact | Verdict::Near => original.as_deref().map(|claim| claim.original().clone()),
            Verdict::Unchanged => original.as_deref().and_then(|claim| claim.of.clone()),
            _ => None,
        },
        first: original.as_deref().map(|claim| claim.origin().clone()),
        succeeds: found.succeeds,
    };
    Decision {
        claim: Arc::new(claim),
        verdict,
        publish,
        is_new: true,
        recreated,
        timing: place.timing,
        nearest: neighbours.nearest,
        search: neighbours.search,
    }
}

/// The outcome of a delivery whose claim exists: never a second claim, never another revision.
pub(super) fn decide_redelivery(known: Arc<Claim>, redelivery: Redelivery) -> Decision {
    let (verdict, publish) = match redelivery {
        Redelivery::Suppress => (Verdict::Replayed, false),
        Redelivery::Reemit => (Verdict::Replayed, known.published),
        Redelivery::NoEvidence => (known.verdict, known.published),
    };
    Decision {
        claim: known,
        verdict,
        publish,
        is_new: false,
        recreated: false,
        timing: Timing::InTime,
        nearest: None,
        search: Search::default(),
    }
}

/// What a page is whose own address has published nothing.
fn find_elsewhere(
    fingerprint: &Fingerprint,
    owner: &Owner,
    place: Place,
    view: &View<'_, impl Evidence>,
    policy: Policy,
) -> Result<Found, IndexError> {
    match find_copied(fingerprint, owner.article.as_deref(), view, policy)? {
        Copied::Of(copied) => {
            return Ok(match owner.article.as_ref().filter(|own| is_known_copy(own, &copied, fingerprint)) {
                Some(own) => Found::new(Verdict::Unchanged, Some(Arc::clone(own))),
                None => Found::new(Verdict::Exact, Some(copied)),
            });
        }
        Copied::OfRetracted(article) => {
            let succeeds = Some(article).filter(|article| *article != owner.id);
            return Ok(Found { succeeds, ..Found::new(Verdict::Unique, None) });
        }
        Copied::Nothing => {}
    }
    let Some(sketch) = fingerprint.sketch.as_ref().filter(|_| policy.mode != Mode::Off) else {
        return Ok(Found::new(Verdict::Unique, None));
    };
    let mut neighbours = near::search(sketch, policy.bands, view)?;
    let Some(copied) = neighbours.copied.take() else {
        return Ok(Found { neighbours, ..Found::new(Verdict::Unique, None) });
    };
    let is_same_publisher = fingerprint.publisher.is_some() && copied.by.publisher == fingerprint.publisher;
    let is_own_text = copied.by.verdict != Verdict::Near;
    let is_later = place.event_time_ms > copied.original.event_time_ms && copied.original.revision > 0;
    let likeness = Some(copied.likeness);
    // The publisher's own article at another address, as after a change of its headline.
    if owner.article.is_none() && is_same_publisher && is_own_text && is_later {
        let is_same = copied.original.substance == Some(fingerprint.substance);
        let verdict = if is_same { Verdict::Unchanged } else { Verdict::Revision };
        let joins = Some(Arc::clone(&copied.original));
        return Ok(Found { joins, likeness, neighbours, ..Found::new(verdict, Some(copied.original)) });
    }
    let is_member = copied.is_member;
    Ok(Found { likeness, is_member, neighbours, ..Found::new(Verdict::Near, Some(copied.by)) })
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

/// The first claim of the same text whose article has not been taken back. Of a text that is too short for equality to be
/// evidence, the first that has the publisher or the title too.
fn find_copied(
    fingerprint: &Fingerprint,
    own: Option<&Claim>,
    view: &View<'_, impl Evidence>,
    policy: Policy,
) -> Result<Copied, IndexError> {
    if policy.mode == Mode::Off {
        return Ok(Copied::Nothing);
    }
    let Some(first) = view.find(Query::Text(fingerprint.text))? else { return Ok(Copied::Nothing) };
    let is_evidence = |claim: &Claim| {
        let same_publisher = claim.publisher.is_some() && claim.publisher == fingerprint.publisher;
        let same_title = claim.title.is_some() && claim.title == fingerprint.title;
        let is_own = own.is_some_and(|own| own.article == claim.article);
        is_own || fingerprint.tokens >= policy.min_tokens || same_publisher || same_title
    };
    match standing(first, view)? {
        Copied::Of(claim) if !is_evidence(&claim) => {}
        found => return Ok(found),
    }
    // Whoever came first with a few words is not the only one who may have them.
    let by = fingerprint.publisher.map(|publisher| Query::TextBy(fingerprint.text, publisher));
    let under = fingerprint.title.map(|title| Query::TextUnder(fingerprint.text, title));
    let mut alike = Vec::new();
    for query in by.into_iter().chain(under) {
        alike.extend(view.find(query)?);
    }
    alike.sort_by(|a, b| a.precedence().cmp(&b.precedence()));
    for claim in alike {
        let found = standing(claim, view)?;
        if matches!(&found, Copied::Of(claim) if is_evidence(claim)) {
            return Ok(found);
        }
    }
    Ok(Copied::Nothing)
}

/// What stands where a claim's article may have been taken back: its article, or the one that holds the text in its place.
fn standing(mut first: Arc<Claim>, view: &View<'_, impl Evidence>) -> Result<Copied, IndexError> {
    // One instance makes a chain of successors; two that do not see each other's claims can make a ring.
    for _ in 0..MAX_SUCCESSORS {
        if view.find(Query::Article(first.original()))?.is_none_or(|newest| !newest.is_retracted()) {
            break;
        }
        match view.find(Query::Successor(first.original()))? {
            Some(successor) => first = successor,
            None => return Ok(Copied::OfRetracted(first.original().clone())),
        }
    }
    Ok(Copied::Of(first))
}

/// Whether a copy that was never published is delivered once more from its own address, still as it was.
fn is_known_copy(own: &Claim, copied: &Claim, fingerprint: &Fingerprint) -> bool {
    own.text == Some(fingerprint.text) && own.original() == copied.original()
}

#[cfg(test)]
mod tests;
