//! Claims in memory, answering every query. Holds the committed claims of an index, or those of a batch still open.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::Query;
use crate::fingerprint::{IdentityKey, PayloadHash, TextKey};
use crate::source::Coordinate;
use crate::verdict::{ArticleId, Claim};

/// A set of claims with its answers.
#[derive(Debug, Default)]
pub(crate) struct ClaimTable {
    deliveries: HashMap<Coordinate, Arc<Claim>>,
    /// Claims whose coordinate a newer claim answers for, because the input was made anew.
    superseded: HashMap<(Coordinate, PayloadHash), Arc<Claim>>,
    /// By key, the first claim that named it.
    identities: HashMap<IdentityKey, Arc<Claim>>,
    /// By article, its newest claim.
    articles: HashMap<ArticleId, Arc<Claim>>,
    /// By text, its first claim.
    texts: HashMap<TextKey, Arc<Claim>>,
    /// By retracted article, the first claim that took its place.
    successors: HashMap<ArticleId, Arc<Claim>>,
}

impl ClaimTable {
    /// Adds a claim; says whether it was unknown.
    pub(crate) fn insert(&mut self, claim: &Arc<Claim>) -> bool {
        match self.deliveries.entry(claim.delivery.clone()) {
            Entry::Occupied(known) if known.get().payload == claim.payload => return false,
            // A recreated input: the newer claim answers for the coordinate. "Newer" is by event time, so that the
            // answer does not depend on the order of application.
            Entry::Occupied(mut known) => {
                if self.superseded.contains_key(&(claim.delivery.clone(), claim.payload)) {
                    return false;
                }
                let older =
                    if newest(known.get(), claim) { known.insert(Arc::clone(claim)) } else { Arc::clone(claim) };
                self.superseded.insert((older.delivery.clone(), older.payload), older);
            }
            Entry::Vacant(entry) => {
                entry.insert(Arc::clone(claim));
            }
        }
        for alias in &claim.aliases {
            keep(self.identities.entry(*alias), claim, |known, claim| claim.precedence() < known.precedence());
        }
        if let Some(text) = claim.text {
            keep(self.texts.entry(text), claim, |known, claim| claim.precedence() < known.precedence());
        }
        if let Some(retracted) = &claim.succeeds {
            let entry = self.successors.entry(retracted.clone());
            keep(entry, claim, |known, claim| claim.precedence() < known.precedence());
        }
        keep(self.articles.entry(claim.article.clone()), claim, |known, claim| claim.recency() > known.recency());
        true
    }

    /// The claim that answers the query.
    pub(crate) fn find(&self, query: Query<'_>) -> Option<&Arc<Claim>> {
        match query {
            Query::Delivery(coordinate, payload) => match self.deliveries.get(coordinate) {
                Some(claim) if claim.payload != payload => self.superseded.get(&(coordinate.clone(), payload)),
                found => found,
            },
            Query::Coordinate(coordinate) => self.deliveries.get(coordinate),
            Query::Identity(key) => self.identities.get(&key).and_then(|claim| self.articles.get(&claim.article)),
            Query::Article(id) => self.articles.get(id),
            Query::Text(key) => self.texts.get(&key),
            Query::Successor(retracted) => self.successors.get(retracted),
        }
    }

    /// The article that first named a key.
    pub(crate) fn first_named(&self, key: IdentityKey) -> Option<&Arc<Claim>> {
        self.identities.get(&key)
    }

    /// Number of claims.
    pub(crate) fn len(&self) -> usize {
        self.deliveries.len() + self.superseded.len()
    }
}

fn newest(known: &Claim, claim: &Claim) -> bool {
    (claim.event_time_ms, claim.payload) > (known.event_time_ms, known.payload)
}

fn keep<K>(entry: Entry<'_, K, Arc<Claim>>, claim: &Arc<Claim>, better: impl Fn(&Claim, &Claim) -> bool) {
    match entry {
        Entry::Occupied(mut known) => {
            if better(known.get(), claim) {
                known.insert(Arc::clone(claim));
            }
        }
        Entry::Vacant(entry) => {
            entry.insert(Arc::clone(claim));
        }
    }
}
