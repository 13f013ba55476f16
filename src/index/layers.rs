//! What a verdict may look at: several sets of claims as if they were one.

use std::cmp::Reverse;
use std::sync::Arc;

use super::table::{BUCKET, Choice};
use super::{Answers, IndexError, Posting, Query};
use crate::fingerprint::near::Sketch;
use crate::verdict::{Claim, Day, Evidence};

/// Claims that are read for one text.
const CANDIDATES: usize = 48;

/// Committed claims, those of the batch under way, those of the open one (invariant I4). Which of them a claim is in makes
/// no difference to any answer, so that a verdict does not depend on where batches end.
#[derive(Clone, Copy)]
pub struct Layers<'a> {
    layers: [Option<&'a dyn Answers>; 3],
    start_ms: Option<i64>,
}

impl<'a> Layers<'a> {
    /// The claims of these layers.
    pub fn new(layers: [Option<&'a dyn Answers>; 3]) -> Self {
        Self { layers, start_ms: None }
    }

    /// The same, with event time at `start_ms` as long as no claim says how far it has come.
    #[must_use]
    pub fn starting(self, start_ms: Option<i64>) -> Self {
        Self { start_ms, ..self }
    }

    fn layers(&self) -> impl Iterator<Item = &'a dyn Answers> {
        self.layers.into_iter().flatten()
    }

    fn best(
        &self,
        choice: Choice,
        find: impl Fn(&dyn Answers) -> Result<Option<Arc<Claim>>, IndexError>,
    ) -> Result<Option<Arc<Claim>>, IndexError> {
        let mut best: Option<Arc<Claim>> = None;
        for layer in self.layers() {
            if let Some(claim) = find(layer)?
                && best.as_ref().is_none_or(|known| choice.prefers(&claim, known))
            {
                best = Some(claim);
            }
        }
        Ok(best)
    }
}

impl Evidence for Layers<'_> {
    fn find(&self, query: Query<'_>, since: Day) -> Result<Option<Arc<Claim>>, IndexError> {
        let choice = match query {
            Query::Identity(key) => {
                return match self.best(Choice::First, |layer| layer.first_named(key, since))? {
                    Some(named) => self.find(Query::Article(&named.article), since),
                    None => Ok(None),
                };
            }
            Query::Delivery(..) | Query::Coordinate(_) => Choice::Rewritten,
            Query::Article(_) => Choice::Newest,
            Query::Text(_) | Query::TextBy(..) | Query::TextUnder(..) | Query::Successor(_) => Choice::First,
        };
        self.best(choice, |layer| layer.find(query, since))
    }

    fn candidates(&self, sketch: &Sketch, since: Day) -> Result<Vec<Arc<Claim>>, IndexError> {
        let mut postings: Vec<(Posting, &dyn Answers)> = Vec::new();
        for layer in self.layers() {
            postings.extend(layer.postings(sketch, since).into_iter().map(|posting| (posting, layer)));
        }
        // By band, the newest first: of each bucket as many as one table would have held. A claim may be in two layers,
        // where the changelog's tail was faster than the sink's answer.
        postings.sort_by_key(|(posting, _)| (posting.band, Reverse(posting.mark)));
        postings.dedup_by_key(|(posting, _)| (posting.band, posting.mark));
        let mut in_bucket = (0, 0);
        postings.retain(|(posting, _)| {
            in_bucket = if in_bucket.0 == posting.band { (posting.band, in_bucket.1 + 1) } else { (posting.band, 1) };
            in_bucket.1 <= BUCKET
        });
        postings.sort_by_key(|(posting, _)| Reverse(posting.mark));
        let mut shared: Vec<(usize, Posting, &dyn Answers)> = Vec::new();
        for (posting, layer) in postings {
            match shared.last_mut() {
                Some((bands, last, _)) if last.mark == posting.mark => *bands += 1,
                _ => shared.push((1, posting, layer)),
            }
        }
        // Stable: of those that share as many bands the newest stay in front.
        shared.sort_by_key(|(bands, _, _)| Reverse(*bands));
        shared.truncate(CANDIDATES);
        let sample = sketch.sample();
        shared.retain(|(_, posting, layer)| !layer.is_unlike(posting.slot, &sample));
        shared.into_iter().map(|(_, posting, layer)| layer.claim(posting.slot)).collect()
    }

    fn watermark_ms(&self) -> Option<i64> {
        self.layers().filter_map(Answers::watermark_ms).max().or(self.start_ms)
    }
}
