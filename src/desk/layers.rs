//! What a verdict may look at.

use std::sync::Arc;

use crate::index::{ClaimTable, DedupIndex, IndexError, Query};
use crate::verdict::{Claim, Evidence};

/// Committed claims, then those of the batch under way, then those of the open one (invariant I4).
pub(super) struct Layers<'a> {
    pub(super) index: &'a dyn DedupIndex,
    pub(super) overlays: [Option<&'a ClaimTable>; 2],
}

impl Evidence for Layers<'_> {
    fn find(&self, query: Query<'_>) -> Result<Option<Arc<Claim>>, IndexError> {
        let committed = self.index.lookup(query)?;
        let overlays = || self.overlays.into_iter().flatten();
        Ok(match query {
            Query::Delivery(..) | Query::Coordinate(_) | Query::Text(_) | Query::Successor(_) => {
                committed.or_else(|| overlays().find_map(|overlay| overlay.find(query).cloned()))
            }
            Query::Identity(key) => {
                let named = committed.or_else(|| overlays().find_map(|overlay| overlay.first_named(key).cloned()));
                match named {
                    Some(named) => self.find(Query::Article(&named.article))?,
                    None => None,
                }
            }
            Query::Article(_) => {
                let newer = overlays().filter_map(|overlay| overlay.find(query).cloned());
                committed.into_iter().chain(newer).max_by(|a, b| a.recency().cmp(&b.recency()))
            }
        })
    }
}
