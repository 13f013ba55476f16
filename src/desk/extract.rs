//! Delivery to candidate, on the extract pool. A document never leaves its thread, and a panic ends one document only.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Once};

use super::holding;
use super::permits::Permit;
use crate::article::{Extraction, Extractor};
use crate::document::Document;
use crate::fingerprint::{Fingerprint, PayloadHash, Sketching};
use crate::payload::{self, DecodeLimits, Decoded, Payload};
use crate::quarantine::{JournalKey, Quarantine};
use crate::record::{Candidate, Request, Withdrawal};
use crate::rejection::Rejection;
use crate::source::Delivery;
use crate::telemetry::metrics::{Metrics, Step};

/// Finds the article in a document. The desk's own is [`Extractor`].
pub trait Extract: std::fmt::Debug + Send + Sync {
    /// The article, and what was removed to get there.
    ///
    /// # Errors
    /// A [`Rejection`] where there is no article or a limit was hit.
    fn extract(&self, document: &Document) -> Result<Extraction, Rejection>;
}

impl Extract for Extractor {
    fn extract(&self, document: &Document) -> Result<Extraction, Rejection> {
        Self::extract(self, document)
    }
}

/// A delivery that has been through extraction.
#[derive(Debug)]
pub(crate) struct Extracted {
    /// The delivery, with its original bytes: a dead letter carries them.
    pub delivery: Delivery,
    /// What it asks for, or why that is nothing.
    pub request: Result<Request, Rejection>,
    /// Bytes that delivery and article hold; none where the caller bounds memory by other means.
    #[allow(dead_code, reason = "held for its drop, which gives the bytes back once the outcome is settled")]
    pub permit: Option<Permit>,
}

/// Turns deliveries into candidates. Shared by all extract threads.
#[derive(Debug)]
pub(crate) struct ExtractStage {
    extractor: Box<dyn Extract>,
    decode: DecodeLimits,
    sketching: Option<Arc<Sketching>>,
    metrics: Arc<Metrics>,
    quarantine: Option<Arc<Quarantine>>,
}

impl ExtractStage {
    pub(crate) fn new(
        extractor: impl Extract + 'static,
        decode: DecodeLimits,
        sketching: Option<Arc<Sketching>>,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self { extractor: Box::new(extractor), decode, sketching, metrics, quarantine: None }
    }

    /// The same, under watch.
    #[must_use]
    pub(crate) fn watched(mut self, quarantine: Arc<Quarantine>) -> Self {
        self.quarantine = Some(quarantine);
        self
    }

    /// No extraction that is still under way will be used.
    pub(crate) fn close(&self) {
        if let Some(quarantine) = &self.quarantine {
            quarantine.close();
        }
    }

    /// Decodes, extracts and fingerprints one delivery.
    pub(crate) fn run(&self, delivery: Delivery, mut permit: Option<Permit>) -> Extracted {
        let request = guard(|| self.request(&delivery, PayloadHash::of_payload(delivery.payload.as_deref())));
        if let Some(permit) = &mut permit {
            permit.settle_at(holding::delivery(&delivery) + request.as_ref().map_or(0, holding::request));
        }
        Extracted { delivery, request, permit }
    }

    fn request(&self, delivery: &Delivery, payload: PayloadHash) -> Result<Request, Rejection> {
        let _entered = match &self.quarantine {
            Some(quarantine) => {
                let key = JournalKey::of_delivery(delivery, payload);
                let thread = rayon::current_thread_index().unwrap_or_default();
                Some(quarantine.admit(delivery, key, thread, &self.metrics)?)
            }
            None => None,
        };
        #[cfg(debug_assertions)]
        abort_on_request(delivery);
        Ok(match self.metrics.time(Step::Decode, || payload::decode(delivery, &self.decode))? {
            Payload::Document(decoded) => Request::Publish(Box::new(self.candidate(decoded, payload)?)),
            Payload::Retraction(retraction) => Request::Retract(Box::new(Withdrawal::new(retraction, payload)?)),
        })
    }

    fn candidate(&self, decoded: Decoded, payload: PayloadHash) -> Result<Candidate, Rejection> {
        let extraction = self.metrics.time(Step::Extract, || self.extractor.extract(&decoded.document))?;
        let hints = &decoded.document.hints;
        let fingerprint = self.metrics.time(Step::Fingerprint, || {
            let (article, url) = (&extraction.article, hints.url.as_deref());
            let fingerprint = Fingerprint::of(article, url, hints.final_url.as_deref(), payload);
            match &self.sketching {
                Some(sketching) => fingerprint.sketched(article, sketching),
                None => fingerprint,
            }
        });
        Ok(Candidate {
            article: extraction.article,
            fingerprint,
            found: decoded.found,
            fetched_at_ms: hints.fetched_at_ms,
        })
    }
}

/// The hook by which a test has a payload kill the process: one that holds what the variable does. Optimised builds lack it.
#[cfg(debug_assertions)]
fn abort_on_request(delivery: &Delivery) {
    static MARK: std::sync::LazyLock<Option<Vec<u8>>> = std::sync::LazyLock::new(|| {
        std::env::var_os("COPYDESK_TEST_ABORT_ON").map(std::ffi::OsString::into_encoded_bytes)
    });
    let payload = delivery.payload.as_deref().unwrap_or_default();
    if MARK.as_ref().is_some_and(|mark| payload.windows(mark.len().max(1)).any(|window| window == mark)) {
        std::process::abort();
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
    use proptest::prelude::*;

    use super::*;
    use crate::article::ExtractLimits;
    use crate::desk::ledger::Ledger;
    use crate::desk::permits::Permits;
    use crate::payload::PayloadKind;
    use crate::source::{Coordinate, Epoch, Header, Offset, Partition};

    #[test]
    fn a_panic_becomes_a_rejection_that_names_the_place_only() {
        let secret = "text of a page";
        let rejection = guard::<()>(|| panic!("{secret}")).unwrap_err();
        assert_eq!(rejection.reason(), "panicked");
        let message = rejection.to_string();
        assert!(message.contains("src/desk/extract.rs") && !message.contains(secret), "{message}");
        assert_eq!(guard(|| Ok(7)), Ok(7));
    }

    fn stage() -> ExtractStage {
        let limits = DecodeLimits { payload_bytes: 1 << 16, decoded_bytes: 1 << 18, ratio: 200, json_depth: 64 };
        let metrics = Metrics::new(Ledger::default()).unwrap();
        ExtractStage::new(Extractor::new(ExtractLimits::default()).unwrap(), limits, None, Arc::new(metrics))
    }

    fn delivery(payload: Option<Vec<u8>>, key: Option<&[u8]>, headers: &[(&str, &[u8])]) -> Delivery {
        let header = |(name, value): &(&str, &[u8])| Header { name: (*name).into(), value: Some(value.to_vec()) };
        Delivery {
            coordinate: Coordinate { partition: Partition { topic: "raw".into(), number: 0 }, offset: Offset(0) },
            epoch: Epoch(1),
            event_time_ms: 0,
            key: key.map(<[u8]>::to_vec),
            headers: headers.iter().map(header).collect(),
            payload,
        }
    }

    #[test]
    fn a_permit_holds_what_a_page_says_about_itself_too() {
        let description = "The council met again. ".repeat(20_000);
        let page = format!(
            "<!doctype html><html><head><title>Council</title><meta name=description content=\"{description}\"></head><body>\
             <article><h1>Council</h1><p>The council met on Monday, and voted on the budget after long talks.</p></article>"
        );
        let mut delivery = delivery(Some(page.clone().into_bytes()), None, &[("content-type", b"text/html")]);
        let permits = Permits::new(1 << 30);
        let permit = permits.acquire(1 << 20, std::time::Duration::ZERO);
        // Larger than the limit of the other tests' stage.
        let limits = DecodeLimits { payload_bytes: 1 << 20, decoded_bytes: 1 << 20, ratio: 200, json_depth: 64 };
        delivery.headers.extend((0..100).map(|_| Header::text("x", "")));
        let extracted = ExtractStage { decode: limits, ..stage() }.run(delivery, permit);
        let Ok(Request::Publish(candidate)) = &extracted.request else { panic!("{:?}", extracted.request) };
        let described = candidate.article.description.as_ref().unwrap().len();
        assert!((8_000..=8 << 10).contains(&described), "{described} bytes: the end is cut");
        let least = page.len() + described + 1024 + 100 * size_of::<Header>();
        assert!((least..least + 8_000).contains(&permits.held()), "{} of at least {least}", permits.held());
        drop(extracted);
        assert_eq!(permits.held(), 0);
    }

    /// What payloads begin with that are taken for something.
    const OPENINGS: [&[u8]; 12] = [
        b"",
        b"<!doctype html><html><body><article><h1>A</h1><p>",
        b"{\"html\":\"<p>",
        b"{\"v\":1,\"text\":\"One\\n\\n",
        b"{\"op\":\"retract\",\"url\":\"",
        b"\x1F\x8B\x08\x00\x00\x00\x00\x00\x00\x03",
        b"\x28\xB5\x2F\xFD",
        b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 9\r\n\r\n",
        b"\x00\x00\x00\x00\x07{\"text\":\"",
        b"\xFF\xFE",
        b"%PDF-1.7",
        b"# Title\n\nBy A. Writer\n\n",
    ];
    /// What a type or an encoding may be said to be, rightly or wrongly.
    const SAID: [&[u8]; 7] =
        [b"text/html; charset=shift_jis", b"application/json", b"text/markdown", b"gzip", b"br, zstd", b"\xFF", b""];

    const KEYS: [&[u8]; 2] = [b"https://a.example.org/x", b"\xFF"];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn any_payload_ends_as_an_outcome_and_none_by_a_panic(
            opening in proptest::sample::select(OPENINGS.as_slice()),
            rest in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..300),
                "(</?[a-z]{1,6}( class=x)?>|[a-zé漢 ,.\"\\\\\n]{1,30}|&[a-z]{2,4};){0,40}".prop_map(String::into_bytes),
            ],
            content_type in proptest::sample::select(SAID.as_slice()),
            encoding in proptest::sample::select(SAID.as_slice()),
            key in proptest::option::of(proptest::sample::select(KEYS.as_slice())),
            is_null in proptest::bool::weighted(0.02),
        ) {
            static STAGE: std::sync::LazyLock<ExtractStage> = std::sync::LazyLock::new(stage);
            let payload = (!is_null).then(|| [opening, &rest].concat());
            let headers = [("content-type", content_type), ("content-encoding", encoding), ("http-status", b"200")];
            let given = if content_type.is_empty() { &[][..] } else { &headers[..] };
            match STAGE.run(delivery(payload, key, given), None).request {
                Ok(Request::Publish(candidate)) => prop_assert!(!candidate.article.body.trim().is_empty()),
                Ok(Request::Retract(withdrawal)) => prop_assert_eq!(withdrawal.found.kind, PayloadKind::Retraction),
                Err(rejection) => prop_assert_ne!(rejection.reason(), "panicked", "{}", rejection),
            }
        }
    }
}
