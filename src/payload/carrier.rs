//! What is said about a payload from outside it: headers, key, the attributes of an event.

use url::Url;

use super::authority::Authority;
use super::instant;
use crate::document::{Hints, Served};
use crate::source::Delivery;

/// Event times before this are no clock's but stand-ins, such as the number of a line: the start of 1995, in
/// milliseconds since the epoch.
const FIRST_CLOCK_MS: i64 = 788_918_400_000;

/// What a carrier says about the bytes that it carries.
#[derive(Debug, Clone, Default)]
pub(super) struct Carrier {
    /// Media type and charset.
    pub(super) content_type: Option<String>,
    /// Names of codings, in the order in which they were applied.
    pub(super) content_encoding: Option<String>,
    /// The status with which the page was served.
    pub(super) status: Option<u16>,
    pub(super) hints: Hints,
    /// Whether these are the headers of a CloudEvent in binary mode.
    pub(super) is_event: bool,
    /// Whether headers give the page's address: then the payload is what a server answered, and may not give another.
    pub(super) is_addressed: bool,
    /// Whose articles the payload may take back.
    pub(super) authority: Authority,
}

impl Carrier {
    /// What headers and key of a delivery say. The attributes of an event come last.
    pub(super) fn of(delivery: &Delivery) -> Self {
        let header = |name| delivery.header(name).map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned);
        let event_url = || header("ce_subject").filter(|subject| is_web_url(subject));
        Self {
            content_type: header("content-type"),
            content_encoding: header("content-encoding"),
            status: header("http-status").and_then(|status| status.parse().ok()),
            hints: Hints {
                url: header("url").or_else(|| key_url(delivery)).or_else(event_url),
                final_url: header("final-url"),
                language: header("content-language"),
                fetched_at_ms: ["fetched-at", "ce_time"]
                    .into_iter()
                    .find_map(|name| instant::parse_ms(delivery.header(name)?)),
                delivered_at_ms: Some(delivery.event_time_ms).filter(|time| *time >= FIRST_CLOCK_MS),
                served: Box::new(Served {
                    robots: delivery.headers_named("x-robots-tag").map(str::to_owned).collect(),
                    tdm_reservation: header("tdm-reservation"),
                    tdm_policy: header("tdm-policy"),
                    last_modified: header("last-modified"),
                }),
                ..Hints::default()
            },
            is_event: header("ce_specversion").is_some(),
            is_addressed: ["url", "final-url"].iter().any(|name| delivery.header(name).is_some()),
            authority: Authority::of(delivery),
        }
    }
}

/// The record's key, where it is the address of a page.
pub(super) fn key_url(delivery: &Delivery) -> Option<String> {
    let key = delivery.key_text()?.trim();
    is_web_url(key).then(|| key.to_owned())
}

/// Whether text is an absolute address of the web.
pub(super) fn is_web_url(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}
