//! The article in a document: title, body and metadata, and what was removed to get there.
//!
//! Everything below this module is pure and synchronous: the same document gives the same article.

use serde::{Deserialize, Serialize};

use crate::document::{Content, Document};
use crate::rejection::Rejection;

pub mod about;
mod accept;
mod boilerplate;
mod bounds;
mod characters;
mod classifier;
mod confidence;
mod credits;
mod explain;
mod features;
mod flags;
mod html;
mod metadata;
pub mod model;
mod models;
mod mounted;
mod normalise;
mod plain;
mod prose;
mod removed;

pub(crate) use about::FieldSource;
use about::{ArticleKind, Author, ContentBlock, Image, Rights};
pub use boilerplate::RuleError;
use boilerplate::Rules;
pub(crate) use boilerplate::version as rules_version;
pub(crate) use characters::is_alphanumeric;
pub use classifier::BlockModel;
pub use explain::{ExplainedBlock, Explanation};
pub use features::{Cues, CuesError, cues_of};
pub use flags::{Flag, QualityPolicy};
use model::Model;
pub use models::{Assessment, Models, StudiedBlock, Study};
pub use mounted::{FilterList, ListSummary, MountedRules, PublisherRules, PublisherTest, RuleFault};
pub use removed::{BlockKind, RemovedBlock, RemovedSummary};

/// What a page's article is, after extraction and normalisation. A field that is not known is absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Article {
    /// Headline, without the site's name.
    pub title: Option<String>,
    /// Paragraphs separated by a blank line, NFC, never empty.
    pub body: String,
    /// The body in its parts; empty unless the extractor is asked for them.
    pub blocks: Vec<ContentBlock>,
    /// Where the title was found.
    pub title_source: Option<FieldSource>,
    /// The authors in the page's order: people, or where no person is named, organisations.
    pub authors: Vec<Author>,
    /// Where the authors were found.
    pub authors_source: Option<FieldSource>,
    /// When the article was published, as far as the page says.
    pub published: Option<Published>,
    /// When the article was last changed, as far as the page says.
    pub modified: Option<Published>,
    /// The language of the body.
    pub language: Option<Language>,
    /// The page's own summary.
    pub description: Option<String>,
    /// The section of the publication, as the page writes it.
    pub section: Option<String>,
    /// Tags or keywords, in the page's order, without repetition.
    pub tags: Vec<String>,
    /// Place and agency at the head of the text ("Moscou-Saba").
    pub dateline: Option<String>,
    /// The address that a text names as its own source ("Source : https://…").
    pub source_url: Option<String>,
    /// The page's own canonical link, as written.
    pub canonical_url: Option<String>,
    /// The publisher's name, as the page writes it.
    pub site_name: Option<String>,
    /// The address of the page's form for fast loading (AMP), absolute.
    pub amp_url: Option<String>,
    /// The form of the article, as the page states it.
    pub kind: Option<ArticleKind>,
    /// Its pictures, the main one first.
    pub images: Vec<Image>,
    /// Names of the levels of the site above the article, the highest first.
    pub breadcrumbs: Vec<String>,
    /// Whether everyone may read it, as the page states it.
    pub is_accessible_for_free: Option<bool>,
    /// What is stated about its use.
    pub rights: Rights,
    /// How sure it is that the body is the whole article and nothing else, 0 to 1: the probability that four-word runs
    /// agree with a person's choice by an F1 of 0.9 or more.
    pub confidence: Option<f64>,
    /// What may be wrong with it.
    pub flags: Vec<Flag>,
    /// What was removed, summed by kind and rule.
    pub removed: Vec<RemovedSummary>,
}

/// A point in time as a page states it: never more precise than the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// `YYYY-MM-DD` where only the day is known, else RFC 3339 with the page's own offset
    /// (`2024-03-05T08:30:00+01:00`), or without an offset where the page gives none (`2024-03-05T08:30:00`).
    pub value: String,
    /// As the page writes it.
    pub raw: String,
    /// How much of `value` the page states.
    pub precision: Precision,
    /// Where on the page it stood.
    pub source: DateSource,
    /// The day on the publisher's own calendar, `YYYY-MM-DD`, where `value` is in universal time and the page states
    /// another day elsewhere.
    pub local_day: Option<String>,
}

impl Published {
    /// The day on the publisher's own calendar, as far as the page tells, `YYYY-MM-DD`.
    pub fn day(&self) -> &str {
        if let Some(day) = &self.local_day {
            return day;
        }
        self.value.get(..10).unwrap_or(&self.value)
    }
}

/// How precisely a page states a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// Only the day.
    Day,
    /// Hours and minutes.
    Minute,
    /// Seconds or finer.
    Second,
}

/// Where on a page a date was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DateSource {
    /// JSON-LD.
    Jsonld,
    /// A `<meta>` element.
    Meta,
    /// Microdata or RDFa: attributes of shown elements.
    Microdata,
    /// A `<time>` element.
    Time,
    /// The address of the page.
    Url,
    /// The visible text.
    Text,
    /// The address of its main picture: a guess, made where nothing else is known.
    Image,
    /// A day of change: a guess for the day of publication, made where the page shows no other.
    Change,
    /// The head of the HTTP response.
    Header,
    /// The crawler's envelope.
    Envelope,
}

/// The language of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Language {
    /// BCP-47: the language in its shortest form, with script and region where the page says so ("fr", "zh-Hant", "pt-BR").
    pub tag: String,
    /// 0 to 1.
    pub confidence: f64,
}

/// What extraction gives: the article, and each block that is not in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Extraction {
    /// The article, with its `removed` summary.
    pub article: Article,
    /// The blocks that were left out, in document order.
    pub removed: Vec<RemovedBlock>,
    /// What its confidence was judged by; none where no classifier judged it.
    pub assessment: Option<Assessment>,
}

/// Bounds on the work that one document may cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExtractLimits {
    /// Most elements open at once in HTML.
    pub max_depth: usize,
    /// Most nodes of one tree, and lines of a plain text.
    pub max_nodes: usize,
    /// Most attributes of one tag; further ones are ignored.
    pub max_attributes: usize,
    /// Largest body in bytes.
    pub max_body_bytes: usize,
    /// Longest time for one document.
    pub deadline: std::time::Duration,
}

impl Default for ExtractLimits {
    fn default() -> Self {
        Self {
            max_depth: 512,
            max_nodes: 1_000_000,
            max_attributes: 1_000,
            max_body_bytes: 1 << 20,
            deadline: std::time::Duration::from_secs(10),
        }
    }
}

/// Turns documents into articles. Built once (rules are compiled), used from every extract thread.
#[derive(Debug)]
pub struct Extractor {
    limits: ExtractLimits,
    rules: Rules,
    models: Models,
    policy: QualityPolicy,
    blocks: bool,
}

impl Extractor {
    /// An extractor with the compiled-in rules.
    ///
    /// # Errors
    /// A [`RuleError`] that names the rule file or the model that is not valid.
    pub fn new(limits: ExtractLimits) -> Result<Self, RuleError> {
        Self::with_models(limits, Models::compiled_in()?)
    }

    /// An extractor with the compiled-in rules and these models.
    ///
    /// # Errors
    /// A [`RuleError`] that names the rule file that is not valid.
    pub fn with_models(limits: ExtractLimits, models: Models) -> Result<Self, RuleError> {
        Ok(Self { limits, rules: Rules::compiled_in()?, models, policy: QualityPolicy::default(), blocks: false })
    }

    /// The same; articles have their bodies in parts as well.
    #[must_use]
    pub fn with_blocks(self, blocks: bool) -> Self {
        Self { blocks, ..self }
    }

    /// The same, under another policy.
    #[must_use]
    pub fn with_policy(self, policy: QualityPolicy) -> Self {
        Self { policy, ..self }
    }

    /// The same, with the user's own rules.
    #[must_use]
    pub fn with_rules(self, mounted: MountedRules) -> Self {
        Self { rules: Rules { mounted, ..self.rules }, ..self }
    }

    /// What was found in the user's filter lists.
    pub fn lists(&self) -> &[ListSummary] {
        self.rules.mounted.lists()
    }

    /// The blocks of a document, as the first stage of its classifier sees them, or as the second does after `first`. `cues` are
    /// what lines of plain text are described with.
    ///
    /// # Errors
    /// A [`Rejection`] where a limit was hit.
    pub fn study(&self, document: &Document, cues: &Cues, first: Option<&Model>) -> Result<Study, Rejection> {
        match &document.content {
            Content::Plain(text) => {
                plain::study(text, document, &self.rules, cues, &self.models.plain_title, first, &self.limits)
            }
            Content::Html(text) => html::study(text, document, &self.rules, cues, first, &self.limits),
        }
    }

    /// The lines of a plain text that may be the title of its article, as the model of titles sees them; none of a text that is no
    /// page, or of HTML.
    ///
    /// # Errors
    /// A [`Rejection`] where a limit was hit.
    pub fn study_titles(&self, document: &Document) -> Result<Study, Rejection> {
        match &document.content {
            Content::Plain(text) => plain::study_titles(text, document, &self.rules, &self.limits),
            Content::Html(_) => Ok(Study::default()),
        }
    }

    /// The article of a document.
    ///
    /// # Errors
    /// A [`Rejection`] where there is no article (`no_text`, or a flag that the policy refuses) or a limit was hit.
    pub fn extract(&self, document: &Document) -> Result<Extraction, Rejection> {
        let mut draft = match &document.content {
            Content::Plain(text) => plain::extract(text, document, &self.rules, &self.models, &self.limits)?,
            Content::Html(text) => html::extract(text, document, &self.rules, &self.models, &self.limits)?,
        };
        if !self.blocks {
            draft.article.blocks = Vec::new();
        }
        accept::check(draft, self.limits.max_body_bytes, &self.rules.errors, &self.policy)
    }
}

#[cfg(test)]
mod tests;
