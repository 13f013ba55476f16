//! What is published: article records, their retractions, and duplicate events, version 1. A field that is not known is
//! absent.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::article::about::{ArticleKind, Author, ContentBlock, FieldSource, Image, Rights};
use crate::article::{Article, Flag, RemovedSummary};
use crate::fingerprint::Fingerprint;
use crate::payload::{Detection, Envelope, PayloadKind};
use crate::source::Delivery;
use crate::verdict::{ArticleId, Decision, Verdict};

mod date;
mod dedup;
mod publisher;
mod retraction;

pub use date::DateOrigin;
pub(crate) use date::rfc3339;
pub use dedup::{Dedup, Method};
pub use publisher::Publisher;
pub(crate) use retraction::name;
pub use retraction::{Retracted, RetractionRecord, Withdrawal};

/// Version of the record's shape. Fields may be added within a major version, never renamed or removed.
pub const SCHEMA_VERSION: &str = "1.0";

/// An article, as published on the records topic; the topic's key is `id`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    /// Version of this shape, "major.minor".
    pub schema_version: String,
    /// What happened to the article.
    pub event: Event,
    /// Names the article for ever: `a1-` and 32 hexadecimal digits.
    pub id: ArticleId,
    /// Counts the published states of the article from 1; (id, revision) is unique.
    pub revision: u32,
    /// The article's canonical address, an absolute URL without tracking parameters: the page's own link, else where
    /// the crawler was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The canonical link of the page where it points at another publisher, an absolute URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub syndicated_from: Option<String>,
    /// Who published it.
    #[serde(default, skip_serializing_if = "Publisher::is_unknown")]
    pub publisher: Publisher,
    /// Headline without the site's name, one line of text; where it stood is `title_source`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The article's text: paragraphs separated by a blank line, Unicode NFC.
    pub body: String,
    /// The body in its parts, where `extract.blocks` is on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<ContentBlock>,
    /// Where `title` comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title_source: Option<FieldSource>,
    /// The authors in the page's order: people, or where no person is named, organisations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<Author>,
    /// Where `authors` come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authors_source: Option<FieldSource>,
    /// When it was published, never more precise than the page: `YYYY-MM-DD`, or RFC 3339 in the page's own offset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_at: Option<String>,
    /// Where `published_at` comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<DateOrigin>,
    /// When it was last changed, in the forms of `published_at`; never after the visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified_at: Option<String>,
    /// Where `modified_at` comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<DateOrigin>,
    /// Language of the body, a BCP-47 tag; by the text, with script and region of the page's claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// How sure the language is, a share from 0 to 1, by the detector and the page's claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language_confidence: Option<f64>,
    /// The summary, one line of text, from the page's data, its `<meta>` elements, microdata or the envelope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Section of the publication, text as written in the page's data, `<meta>` elements, microdata, a line of its
    /// text or the envelope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    /// Tags, each a text of at most 80 characters, each once, in the order of their source: the page's data, `<meta>`
    /// elements, microdata, links or text, or the envelope.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Place and agency, text as written in the page's data or at the head of its text ("Paris (AFP)").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dateline: Option<String>,
    /// The form of the article, from its data or from what the page says of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ArticleKind>,
    /// Pictures, the main one first: those that the page names, then figures with captions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<Image>,
    /// Names of the levels of the site above the article, the highest first, from its data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breadcrumbs: Vec<String>,
    /// Whether everyone may read the whole article, from its data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_accessible_for_free: Option<bool>,
    /// What page and server say about the use of the article.
    #[serde(default, skip_serializing_if = "Rights::is_unknown")]
    pub rights: Rights,
    /// The page's canonical link as it writes it, perhaps relative; `url` is what came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canonical_url: Option<String>,
    /// The address of the page's form for fast loading (AMP), an absolute URL, by the page's link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amp_url: Option<String>,
    /// The address that a plain text names as its own source, an absolute URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_url: Option<String>,
    /// Hash of the normalised body, 32 hexadecimal digits: equal for texts that differ in punctuation and case only.
    pub content_id: String,
    /// How good the text is.
    #[serde(default, skip_serializing_if = "Quality::is_unknown")]
    pub quality: Quality,
    /// What deduplication found.
    pub dedup: Dedup,
    /// What was removed from the page, summed by kind and rule.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<RemovedSummary>,
    /// The delivery that it was made from.
    pub source: Origin,
    /// When copydesk made this record, RFC 3339, UTC.
    pub processed_at: String,
    /// Version of copydesk.
    pub processor: String,
}

/// What happened to an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Its first published state.
    Published,
    /// A later state.
    Revised,
}

impl Event {
    /// The name used in records and metrics.
    pub fn label(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Revised => "revised",
        }
    }
}

/// How good an article's text is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Quality {
    /// How sure it is that the body is the whole article and nothing else, 0 to 1: the probability that its runs of four
    /// words agree with a person's choice by an F1 of 0.9 or more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// What may be wrong with it as an article.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
}

impl Quality {
    fn is_unknown(&self) -> bool {
        self.confidence.is_none() && self.flags.is_empty()
    }
}

/// The delivery that a record was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Origin {
    /// Input topic, or name of the input file.
    pub topic: String,
    /// Its partition; 0 for files.
    pub partition: i32,
    /// Offset, or line number from 0.
    pub offset: u64,
    /// Event time, RFC 3339, UTC.
    pub event_time: String,
    /// What the payload was.
    pub kind: PayloadKind,
    /// What stood around its content.
    pub envelope: Envelope,
    /// How that was recognised, in one line for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detected: String,
    /// Character encoding of the payload.
    pub charset: String,
    /// Size of the payload in bytes.
    pub bytes: u64,
    /// When the crawler fetched the page, RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetched_at: Option<String>,
}

/// An article and what is known about its payload: what a record is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The article.
    pub article: Article,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// What the payload was.
    pub found: Detection,
    /// When the crawler fetched the page, milliseconds since the epoch.
    pub fetched_at_ms: Option<i64>,
}

/// What a delivery asks for, ready for its verdict.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// An article is to be published.
    Publish(Box<Candidate>),
    /// An article is to be taken back.
    Retract(Box<Withdrawal>),
}

/// What the records topic holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ArticleEvent {
    /// An article.
    Article(Box<Record>),
    /// The end of one.
    Retraction(Box<RetractionRecord>),
}

/// A suppressed copy, as published on the duplicates topic; the topic's key is `of`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DuplicateEvent {
    /// Version of this shape, "major.minor".
    pub schema_version: String,
    /// The id that the copy has.
    pub id: ArticleId,
    /// The id of the article that it copies.
    pub of: ArticleId,
    /// Names the article and all its copies: the id of the first of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<ArticleId>,
    /// The verdict.
    pub verdict: Verdict,
    /// How sure it is that this is a copy, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub similarity: Option<f64>,
    /// How that was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// How much of the shorter of the two texts is not in the longer, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<f64>,
    /// The copy's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Who published the copy.
    #[serde(default, skip_serializing_if = "Publisher::is_unknown")]
    pub publisher: Publisher,
    /// The copy's headline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// When the copy was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_at: Option<String>,
    /// The delivery.
    pub source: Origin,
    /// When copydesk decided, RFC 3339, UTC.
    pub processed_at: String,
}

impl Record {
    /// The record of a decision to publish.
    pub(crate) fn new(delivery: &Delivery, candidate: &Candidate, decision: &Decision, processed_at: &str) -> Self {
        let (article, fingerprint, claim) = (&candidate.article, &candidate.fingerprint, &decision.claim);
        Self {
            schema_version: SCHEMA_VERSION.to_owned(),
            event: if claim.revision > 1 { Event::Revised } else { Event::Published },
            id: claim.article.clone(),
            revision: claim.revision,
            url: fingerprint.identity.url.clone(),
            syndicated_from: fingerprint.identity.syndicated_from.clone(),
            publisher: Publisher::of(candidate),
            title: article.title.clone(),
            body: article.body.clone(),
            blocks: article.blocks.clone(),
            title_source: article.title_source,
            authors: article.authors.clone(),
            authors_source: article.authors_source,
            published_at: article.published.as_ref().map(|published| published.value.clone()),
            published: article.published.as_ref().map(DateOrigin::of),
            modified_at: article.modified.as_ref().map(|modified| modified.value.clone()),
            modified: article.modified.as_ref().map(DateOrigin::of),
            language: article.language.as_ref().map(|language| language.tag.clone()),
            language_confidence: article
                .language
                .as_ref()
                .map(|language| (language.confidence * 1000.0).round() / 1000.0),
            description: article.description.clone(),
            section: article.section.clone(),
            tags: article.tags.clone(),
            dateline: article.dateline.clone(),
            kind: article.kind,
            images: article.images.clone(),
            breadcrumbs: article.breadcrumbs.clone(),
            is_accessible_for_free: article.is_accessible_for_free,
            rights: article.rights.clone(),
            canonical_url: article.canonical_url.clone(),
            amp_url: article.amp_url.clone(),
            source_url: article.source_url.clone(),
            content_id: fingerprint.text.to_string(),
            quality: Quality { confidence: article.confidence, flags: article.flags.clone() },
            dedup: Dedup::of(decision),
            removed: article.removed.clone(),
            source: Origin::of(delivery, &candidate.found, candidate.fetched_at_ms),
            processed_at: processed_at.to_owned(),
            processor: processor(),
        }
    }
}

impl DuplicateEvent {
    /// The event of a suppressed copy; `None` where the decision is about no copy.
    pub(crate) fn new(
        delivery: &Delivery,
        candidate: &Candidate,
        decision: &Decision,
        processed_at: &str,
    ) -> Option<Self> {
        if !decision.verdict.is_copy() {
            return None;
        }
        let (similarity, method) = dedup::how(decision);
        Some(Self {
            schema_version: SCHEMA_VERSION.to_owned(),
            id: decision.claim.article.clone(),
            of: decision.claim.of.clone()?,
            cluster_id: Some(decision.claim.original().clone()),
            verdict: decision.verdict,
            similarity,
            method,
            change: Some(dedup::change(decision)),
            url: candidate.fingerprint.identity.url.clone(),
            publisher: Publisher::of(candidate),
            title: candidate.article.title.clone(),
            published_at: candidate.article.published.as_ref().map(|published| published.value.clone()),
            source: Origin::of(delivery, &candidate.found, candidate.fetched_at_ms),
            processed_at: processed_at.to_owned(),
        })
    }
}

impl Origin {
    /// Where a delivery came from, and what decoding found in it.
    pub(crate) fn of(delivery: &Delivery, found: &Detection, fetched_at_ms: Option<i64>) -> Self {
        Self {
            topic: delivery.coordinate.partition.topic.to_string(),
            partition: delivery.coordinate.partition.number,
            offset: delivery.coordinate.offset.0,
            event_time: rfc3339(delivery.event_time_ms),
            kind: found.kind,
            envelope: found.envelope,
            detected: found.why.clone(),
            charset: found.charset.to_owned(),
            bytes: delivery.payload.as_ref().map_or(0, |payload| payload.len() as u64),
            fetched_at: fetched_at_ms.map(rfc3339),
        }
    }
}

/// `copydesk/0.1.0`, for records and dead letters.
pub(crate) fn processor() -> String {
    format!("copydesk/{}", env!("CARGO_PKG_VERSION"))
}

/// The JSON Schema of [`DuplicateEvent`], as committed in `docs/duplicate.schema.json`.
pub fn duplicate_schema() -> serde_json::Value {
    schemars::schema_for!(DuplicateEvent).to_value()
}

/// The JSON Schema of [`ArticleEvent`], as committed in `docs/record.schema.json`.
pub fn record_schema() -> serde_json::Value {
    schemars::schema_for!(ArticleEvent).to_value()
}
