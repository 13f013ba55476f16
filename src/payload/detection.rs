//! What a payload turned out to be, and why.

use serde::{Deserialize, Serialize};

/// What a payload turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PayloadKind {
    /// A page.
    Html,
    /// Text without markup.
    Text,
    /// JSON around a page.
    JsonHtml,
    /// JSON around text.
    JsonText,
    /// Markdown, bare or in JSON.
    Markdown,
    /// The text that an archive's tool took from a page: a WARC record of type `conversion`.
    Wet,
    /// A page or a text as it was archived: a WARC record of type `response` or `resource`.
    Warc,
    /// A request to take an article back.
    Retraction,
}

impl PayloadKind {
    /// All of them, for metrics that start at 0.
    pub const ALL: [Self; 8] = [
        Self::Html,
        Self::Text,
        Self::JsonHtml,
        Self::JsonText,
        Self::Markdown,
        Self::Wet,
        Self::Warc,
        Self::Retraction,
    ];

    /// The name used in records and metrics.
    pub fn label(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Text => "text",
            Self::JsonHtml => "json_html",
            Self::JsonText => "json_text",
            Self::Markdown => "markdown",
            Self::Wet => "wet",
            Self::Warc => "warc",
            Self::Retraction => "retraction",
        }
    }
}

/// What stood around a payload's content: the innermost shape that was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Envelope {
    /// Nothing: the payload is the page or the text.
    Raw,
    /// The documented JSON envelope, or JSON with the usual names of fields.
    Json,
    /// A CloudEvent, binary or structured.
    #[serde(rename = "cloudevents")]
    CloudEvents,
    /// A WARC record.
    Warc,
    /// JSON of Firecrawl.
    Firecrawl,
    /// JSON of Crawl4AI.
    Crawl4ai,
    /// JSON of Scrapy-Cluster.
    ScrapyCluster,
    /// JSON of scrapy-kafka or Frontera.
    Frontera,
    /// JSON of news-please.
    NewsPlease,
    /// A line of Browsertrix' `pages.jsonl`.
    Browsertrix,
    /// JSON of trafilatura.
    Trafilatura,
    /// JSON of Zyte.
    Zyte,
    /// JSON of Diffbot.
    Diffbot,
}

impl Envelope {
    /// All of them, for metrics that start at 0.
    pub const ALL: [Self; 13] = [
        Self::Raw,
        Self::Json,
        Self::CloudEvents,
        Self::Warc,
        Self::Firecrawl,
        Self::Crawl4ai,
        Self::ScrapyCluster,
        Self::Frontera,
        Self::NewsPlease,
        Self::Browsertrix,
        Self::Trafilatura,
        Self::Zyte,
        Self::Diffbot,
    ];

    /// The name used in records and metrics.
    pub fn label(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Json => "json",
            Self::CloudEvents => "cloudevents",
            Self::Warc => "warc",
            Self::Firecrawl => "firecrawl",
            Self::Crawl4ai => "crawl4ai",
            Self::ScrapyCluster => "scrapy_cluster",
            Self::Frontera => "frontera",
            Self::NewsPlease => "news_please",
            Self::Browsertrix => "browsertrix",
            Self::Trafilatura => "trafilatura",
            Self::Zyte => "zyte",
            Self::Diffbot => "diffbot",
        }
    }
}

/// What decoding found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detection {
    /// What the payload was.
    pub kind: PayloadKind,
    /// What stood around its content.
    pub envelope: Envelope,
    /// Name of its character encoding ("UTF-8", "windows-1252"); "UTF-8" where there was nothing to decode.
    pub charset: &'static str,
    /// One short line for people, without any of the payload's content: "gzip by magic; firecrawl; field rawHtml".
    pub why: String,
}
