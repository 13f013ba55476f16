//! What is published when an article is taken back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Origin, SCHEMA_VERSION, processor};
use crate::fingerprint::{PayloadHash, address_key};
use crate::payload::{Detection, Retraction, Target};
use crate::rejection::Rejection;
use crate::source::Delivery;
use crate::verdict::{ArticleId, Decision, Named};

/// The end of an article, as published on the records topic; the topic's key is `id`. Where the topic is compacted, a
/// record without a value follows it, so that in the end nothing of the article is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RetractionRecord {
    /// Version of this shape, "major.minor".
    pub schema_version: String,
    /// What happened to the article.
    pub event: Retracted,
    /// Names the article for ever: `a1-` and 32 hexadecimal digits.
    pub id: ArticleId,
    /// Counts on from the article's last published state; (id, revision) is unique.
    pub revision: u32,
    /// The address that the retraction named, without tracking parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The delivery that took it back.
    pub source: Origin,
    /// When copydesk made this record, RFC 3339, UTC.
    pub processed_at: String,
    /// Version of copydesk.
    pub processor: String,
}

/// The event of a [`RetractionRecord`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Retracted {
    /// It was taken back.
    Retracted,
}

impl Retracted {
    /// The name used in records and headers.
    pub fn label(self) -> &'static str {
        "retracted"
    }
}

/// A delivery that takes an article back: what a [`RetractionRecord`] is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// The article.
    pub named: Named,
    /// Its address, where it was named by that.
    pub url: Option<String>,
    /// What decoding found.
    pub found: Detection,
    /// Hash of the delivery's bytes.
    pub payload: PayloadHash,
}

impl Withdrawal {
    /// What a retraction asks for that was delivered in bytes with this hash.
    ///
    /// # Errors
    /// `invalid_retraction` where it names no article.
    pub(crate) fn new(retraction: Retraction, payload: PayloadHash) -> Result<Self, Rejection> {
        let (named, url) = name(&retraction.target)?;
        Ok(Self { named, url, found: retraction.found, payload })
    }
}

/// The article that a retraction names, and its address where it is named by that.
///
/// # Errors
/// `invalid_retraction` where it names none.
pub(crate) fn name(target: &Target) -> Result<(Named, Option<String>), Rejection> {
    match target {
        Target::Url(url) => {
            let what = "no absolute http or https address";
            let (key, url) = address_key(url).ok_or(Rejection::InvalidRetraction { what })?;
            Ok((Named::Address(key), Some(url)))
        }
        Target::Id(id) => {
            let what = "an id that is not a1- and 32 hexadecimal digits";
            let (id, key) = ArticleId::parse(id).ok_or(Rejection::InvalidRetraction { what })?;
            Ok((Named::Id(id, key), None))
        }
    }
}

impl RetractionRecord {
    /// The record of a retraction that is published.
    pub(crate) fn new(delivery: &Delivery, withdrawal: &Withdrawal, decision: &Decision, processed_at: &str) -> Self {
        Self {
            schema_version: SCHEMA_VERSION.to_owned(),
            event: Retracted::Retracted,
            id: decision.claim.article.clone(),
            revision: decision.claim.revision,
            url: withdrawal.url.clone(),
            source: Origin::of(delivery, &withdrawal.found, None),
            processed_at: processed_at.to_owned(),
            processor: processor(),
        }
    }
}
