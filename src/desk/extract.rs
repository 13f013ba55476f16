//! Delivery to candidate, on the extract pool. A document never leaves its thread, and a panic ends one document only.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Once};

use super::permits::Permit;
use crate::article::Extractor;
use crate::fingerprint::{Fingerprint, PayloadHash};
use crate::payload::{self, DecodeLimits, Payload};
use crate::record::Candidate;
use crate::rejection::Rejection;
use crate::source::Delivery;
use crate::telemetry::metrics::{Metrics, Step};

/// A delivery that has been through extraction.
#[derive(Debug)]
pub(crate) struct Extracted {
    /// The delivery, with its original bytes: a dead letter carries them.
    pub delivery: Delivery,
    /// Its article, or why there is none.
    pub candidate: Result<Box<Candidate>, Rejection>,
    /// Bytes that delivery and article hold; none where the caller bounds memory by other means.
    #[allow(dead_code, reason = "held for its drop, which gives the bytes back once the outcome is settled")]
    pub permit: Option<Permit>,
}

/// Turns deliveries into candidates. Shared by all extract threads.
#[derive(Debug)]
pub(crate) struct ExtractStage {
    extractor: Extractor,
    decode: DecodeLimits,
    metrics: Arc<Metrics>,
}

impl ExtractStage {
    pub(crate) fn new(extractor: Extractor, decode: DecodeLimits, metrics: Arc<Metrics>) -> Self {
        Self { extractor, decode, metrics }
    }

    /// Decodes, extracts and fingerprints one delivery.
    pub(crate) fn run(&self, delivery: Delivery, mut permit: Option<Permit>) -> Extracted {
        let candidate = guard(|| self.candidate(&delivery)).map(Box::new);
        if let Some(permit) = &mut permit {
            permit.shrink_to(delivery.size() + candidate.as_ref().map_or(0, |candidate| candidate.size()));
        }
        Extracted { delivery, candidate, permit }
    }

    fn candidate(&self, delivery: &Delivery) -> Result<Candidate, Rejection> {
        let decoded = match self.metrics.time(Step::Decode, || payload::decode(delivery, &self.decode))? {
            Payload::Document(decoded) => decoded,
            Payload::Retraction(_) => return Err(Rejection::Empty),
        };
        let extraction = self.metrics.time(Step::Extract, || self.extractor.extract(&decoded.document))?;
        let hints = &decoded.document.hints;
        let fingerprint = self.metrics.time(Step::Fingerprint, || {
            let payload = PayloadHash::of_payload(delivery.payload.as_deref());
            Fingerprint::of(&extraction.article, hints.url.as_deref(), hints.final_url.as_deref(), payload)
        });
        Ok(Candidate {
            article: extraction.article,
            fingerprint,
            kind: decoded.kind,
            charset: decoded.charset,
            fetched_at_ms: hints.fetched_at_ms,
        })
    }
}

impl Candidate {
    /// Bytes that it holds, about.
    fn size(&self) -> usize {
        let lists: usize = self.article.authors.iter().chain(&self.article.tags).map(String::len).sum();
        self.article.body.len() + lists + self.article.removed.len() * 64 + size_of::<Self>()
    }
}

thread_local! {
    static PANICKED_AT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs extraction; a panic becomes a rejection that names the place, and never the text that caused it.
fn guard<T>(work: impl FnOnce() -> Result<T, Rejection>) -> Result<T, Rejection> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let default = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let is_ours = PANICKED_AT.with_borrow_mut(|at| {
                at.as_mut().map(|at| *at = panic.location().map(ToString::to_string).unwrap_or_default()).is_some()
            });
            if !is_ours {
                default(panic);
            }
        }));
    });
    PANICKED_AT.set(Some(String::new()));
    let result = catch_unwind(AssertUnwindSafe(work));
    let at = PANICKED_AT.take().unwrap_or_default();
    result.unwrap_or_else(|_| Err(Rejection::Panicked { message: format!("panic at {at}") }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_rejection_that_names_the_place_only() {
        let secret = "text of a page";
        let rejection = guard::<()>(|| panic!("{secret}")).unwrap_err();
        assert_eq!(rejection.reason(), "panicked");
        let message = rejection.to_string();
        assert!(message.contains("src/desk/extract.rs") && !message.contains(secret), "{message}");
        assert_eq!(guard(|| Ok(7)), Ok(7));
    }
}
