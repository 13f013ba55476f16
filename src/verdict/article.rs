//! Which article a page belongs to, by its addresses; and whether it has changed.

use std::sync::Arc;

use super::adjudicate::{Evidence, View};
use super::{ArticleId, Claim};
use crate::fingerprint::{Fingerprint, IdentityKey};
use crate::index::{IndexError, Query};

/// The article that a fingerprint's keys lead to.
pub(super) struct Owner {
    pub(super) id: ArticleId,
    /// Its newest claim, if it has been seen before.
    pub(super) article: Option<Arc<Claim>>,
    /// The keys that lead to it from now on.
    pub(super) aliases: Vec<IdentityKey>,
}

impl Owner {
    pub(super) fn find(fingerprint: &Fingerprint, view: &View<'_, impl Evidence>) -> Result<Self, IndexError> {
        let identity = &fingerprint.identity;
        let mut canonical = identity.canonical;
        let mut found = None;
        for key in &identity.delivered {
            if found.is_none() {
                found = view.find(Query::Identity(*key))?;
            }
        }
        if let Some(key) = canonical
            && let Some(claimed) = view.find(Query::Identity(key))?
        {
            // A link that another article holds already is a mistake of the page: sites that name one canonical address
            // on every page would become a single article. (A first visit is judged by text and title; an article found
            // by its own address may have changed both.)
            let agrees = claimed.text == Some(fingerprint.text)
                || (claimed.title.is_some() && claimed.title == fingerprint.title);
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
            found = view.find(Query::Identity(identity.fallback))?;
        }
        aliases.dedup();
        let id = match (&found, aliases.first()) {
            (Some(article), _) => article.article.clone(),
            (None, Some(key)) => ArticleId::of(*key),
            (None, None) => ArticleId::of(identity.fallback),
        };
        Ok(Self { id, article: found, aliases })
    }
}

/// Whether a page says what its article says already.
pub(super) fn is_unchanged(
    fingerprint: &Fingerprint,
    newest: &Claim,
    view: &View<'_, impl Evidence>,
) -> Result<bool, IndexError> {
    if newest.text == Some(fingerprint.text) || newest.substance == Some(fingerprint.substance) {
        return Ok(true);
    }
    // An article with two addresses: what is newest came from the other one, and this page is as it was. Without this
    // two versions that both stay up would revise each other at every visit.
    let delivered = &fingerprint.identity.delivered;
    if delivered.is_empty() || newest.aliases.iter().any(|alias| delivered.contains(alias)) {
        return Ok(false);
    }
    let known = view.find(Query::Text(fingerprint.text))?;
    Ok(known.is_some_and(|known| {
        known.article == newest.article && known.aliases.iter().any(|alias| delivered.contains(alias))
    }))
}
