//! Why a payload did not become an article.

use thiserror::Error;

use crate::article::Flag;

/// The step of the flow in which a payload was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Envelope, media type, charset.
    Decode,
    /// Document to article.
    Extract,
    /// Article to record.
    Publish,
}

impl Stage {
    /// The name used in headers and metrics.
    pub fn label(self) -> &'static str {
        match self {
            Self::Decode => "decode",
            Self::Extract => "extract",
            Self::Publish => "publish",
        }
    }
}

/// A payload that ends in the dead letters, and why. Each variant is one bounded metric label.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Rejection {
    /// Nothing was delivered.
    #[error("payload is empty")]
    Empty,
    /// The payload is larger than the configured limit.
    #[error("payload of {bytes} bytes is above the limit of {limit}")]
    TooLarge {
        /// Size of the payload.
        bytes: usize,
        /// Configured limit.
        limit: usize,
    },
    /// The payload is larger than the configured limit once it is decompressed, out of base64, and decoded.
    #[error("payload is above the limit of {limit} bytes once decoded")]
    TooLargeDecoded {
        /// Configured limit.
        limit: usize,
    },
    /// Compressed data that grows as pages do not.
    #[error("compressed data grows {limit} times or more")]
    CompressionRatio {
        /// Configured limit.
        limit: u32,
    },
    /// Compressed data is damaged or cut off.
    #[error("{coding} data is damaged or cut off")]
    CorruptCompression {
        /// "gzip", "deflate", "zstd" or "brotli".
        coding: &'static str,
    },
    /// A compression that is not read.
    #[error("payload is {what}")]
    UnsupportedEncoding {
        /// What is not read.
        what: &'static str,
    },
    /// A PDF document.
    #[error("payload is a PDF document, which is not read")]
    Pdf,
    /// An image.
    #[error("payload is {media}, which holds no page or text")]
    Image {
        /// What was recognised ("a PNG image").
        media: &'static str,
    },
    /// The bytes are of another kind that holds no article text.
    #[error("payload is {media}, which holds no page or text")]
    UnsupportedMedia {
        /// What was recognised ("a ZIP archive").
        media: &'static str,
    },
    /// The bytes are neither markup nor text in any known charset.
    #[error("payload is not text in any known charset")]
    Undecodable,
    /// The payload starts like JSON but is not.
    #[error("payload is not valid JSON: {detail}")]
    InvalidJson {
        /// Where and why, without any of the payload's content.
        detail: String,
    },
    /// The JSON holds no field with a page or text.
    #[error("JSON envelope has no field with a page or text")]
    NoContentField,
    /// JSON is nested deeper than the configured limit.
    #[error("JSON is nested deeper than {limit} arrays and objects")]
    JsonTooDeep {
        /// The limit.
        limit: usize,
    },
    /// JSON has more values than any envelope.
    #[error("JSON has more than {limit} values")]
    JsonTooLarge {
        /// The limit.
        limit: usize,
    },
    /// A line of a crawler's log, which has no body.
    #[error("payload is a line of a crawler's log, without a body: send the pages themselves")]
    CrawlLog,
    /// The line that heads a crawler's list of pages.
    #[error("payload is the header line of a list of pages, which holds no page")]
    CrawlHeader,
    /// More than one document in one payload.
    #[error("payload holds several documents as {shape}: send each as a message of its own")]
    SeveralDocuments {
        /// "a JSON list", "JSON lines", "WARC records".
        shape: &'static str,
    },
    /// A schema registry's head before something that is not JSON.
    #[error("payload is encoded with a registered schema (Avro or Protobuf), which is not read: send JSON")]
    SchemaEncoded,
    /// A WARC record that holds no page.
    #[error("WARC record of type {record_type} holds no page")]
    UnsupportedWarc {
        /// Its `WARC-Type`, or "unknown".
        record_type: &'static str,
    },
    /// A WARC record, or the HTTP response in one, that cannot be read.
    #[error("WARC record cannot be read: {what}")]
    InvalidWarc {
        /// Why.
        what: &'static str,
    },
    /// An error page.
    #[error("page was served with status {status}: an error page is no article")]
    HttpError {
        /// The HTTP status.
        status: u16,
    },
    /// A retraction that names no article.
    #[error("retraction has {what}")]
    InvalidRetraction {
        /// What is wrong.
        what: &'static str,
    },
    /// Markup is nested deeper than the configured limit.
    #[error("markup is nested deeper than {limit} elements")]
    TooDeep {
        /// Configured limit.
        limit: usize,
    },
    /// Markup has more nodes, or a text more lines, than the configured limit.
    #[error("page has more than {limit} nodes or lines")]
    TooManyNodes {
        /// Configured limit.
        limit: usize,
    },
    /// Extraction took longer than the configured limit.
    #[error("extraction took longer than {limit_ms} ms")]
    DeadlineExceeded {
        /// Configured limit.
        limit_ms: u64,
    },
    /// The page has a flag that the configuration refuses.
    #[error("{}", refusal(*flag))]
    Flagged {
        /// The flag.
        flag: Flag,
    },
    /// Nothing is left that could be an article.
    #[error("no article text found")]
    NoText,
    /// The article's text is above the configured limit.
    #[error("article of {bytes} bytes is above the limit of {limit}")]
    ArticleTooLarge {
        /// Size of the body.
        bytes: usize,
        /// Configured limit.
        limit: usize,
    },
    /// Extraction panicked on this document.
    #[error("extraction failed inside copydesk: {message}")]
    Panicked {
        /// The panic's message.
        message: String,
    },
    /// Extraction ended the process that it ran in, every time.
    #[error("extraction crashed {attempts} processes that had nothing else to do")]
    CrashedProcess {
        /// Times that it was tried.
        attempts: u32,
    },
    /// The finished record is larger than the output accepts.
    #[error("record of {bytes} bytes is above the output's limit of {limit}")]
    RecordTooLarge {
        /// Size of the encoded record.
        bytes: usize,
        /// The output's limit.
        limit: usize,
    },
}

/// Why a flag refuses a page, for people.
fn refusal(flag: Flag) -> &'static str {
    match flag {
        Flag::Short => "article is too short (quality.short_words)",
        Flag::ConsentWall => "page holds only a consent notice",
        Flag::Paywall => "article is for subscribers",
        Flag::Listing => "page is a list of other pages",
        Flag::NotArticle => "page says that there is no article",
    }
}

impl Rejection {
    /// Every reason with its stage, for metrics that start at 0.
    pub const REASONS: [(&'static str, Stage); 35] = [
        ("empty", Stage::Decode),
        ("too_large", Stage::Decode),
        ("too_large_decoded", Stage::Decode),
        ("compression_ratio", Stage::Decode),
        ("corrupt_compression", Stage::Decode),
        ("unsupported_encoding", Stage::Decode),
        ("pdf", Stage::Decode),
        ("image", Stage::Decode),
        ("unsupported_media", Stage::Decode),
        ("undecodable", Stage::Decode),
        ("invalid_json", Stage::Decode),
        ("json_too_deep", Stage::Decode),
        ("json_too_large", Stage::Decode),
        ("no_content_field", Stage::Decode),
        ("crawl_log", Stage::Decode),
        ("crawl_header", Stage::Decode),
        ("several_documents", Stage::Decode),
        ("schema_encoded", Stage::Decode),
        ("unsupported_warc", Stage::Decode),
        ("invalid_warc", Stage::Decode),
        ("http_error", Stage::Decode),
        ("invalid_retraction", Stage::Decode),
        ("too_deep", Stage::Extract),
        ("too_many_nodes", Stage::Extract),
        ("deadline_exceeded", Stage::Extract),
        ("short", Stage::Extract),
        ("consent_wall", Stage::Extract),
        ("paywall", Stage::Extract),
        ("listing", Stage::Extract),
        ("not_article", Stage::Extract),
        ("no_text", Stage::Extract),
        ("article_too_large", Stage::Extract),
        ("panicked", Stage::Extract),
        ("crashed_process", Stage::Extract),
        ("record_too_large", Stage::Publish),
    ];

    /// The bounded name used in headers, records and metrics.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLarge { .. } => "too_large",
            Self::TooLargeDecoded { .. } => "too_large_decoded",
            Self::CompressionRatio { .. } => "compression_ratio",
            Self::CorruptCompression { .. } => "corrupt_compression",
            Self::UnsupportedEncoding { .. } => "unsupported_encoding",
            Self::Pdf => "pdf",
            Self::Image { .. } => "image",
            Self::UnsupportedMedia { .. } => "unsupported_media",
            Self::Undecodable => "undecodable",
            Self::InvalidJson { .. } => "invalid_json",
            Self::JsonTooDeep { .. } => "json_too_deep",
            Self::JsonTooLarge { .. } => "json_too_large",
            Self::NoContentField => "no_content_field",
            Self::CrawlLog => "crawl_log",
            Self::CrawlHeader => "crawl_header",
            Self::SeveralDocuments { .. } => "several_documents",
            Self::SchemaEncoded => "schema_encoded",
            Self::UnsupportedWarc { .. } => "unsupported_warc",
            Self::InvalidWarc { .. } => "invalid_warc",
            Self::HttpError { .. } => "http_error",
            Self::InvalidRetraction { .. } => "invalid_retraction",
            Self::TooDeep { .. } => "too_deep",
            Self::TooManyNodes { .. } => "too_many_nodes",
            Self::DeadlineExceeded { .. } => "deadline_exceeded",
            Self::Flagged { flag } => flag.label(),
            Self::NoText => "no_text",
            Self::ArticleTooLarge { .. } => "article_too_large",
            Self::Panicked { .. } => "panicked",
            Self::CrashedProcess { .. } => "crashed_process",
            Self::RecordTooLarge { .. } => "record_too_large",
        }
    }

    /// The step in which it happened.
    pub fn stage(&self) -> Stage {
        match self {
            Self::Empty
            | Self::TooLarge { .. }
            | Self::TooLargeDecoded { .. }
            | Self::CompressionRatio { .. }
            | Self::CorruptCompression { .. }
            | Self::UnsupportedEncoding { .. }
            | Self::Pdf
            | Self::Image { .. }
            | Self::UnsupportedMedia { .. }
            | Self::Undecodable
            | Self::InvalidJson { .. }
            | Self::JsonTooDeep { .. }
            | Self::JsonTooLarge { .. }
            | Self::CrawlLog
            | Self::CrawlHeader
            | Self::SeveralDocuments { .. }
            | Self::SchemaEncoded
            | Self::UnsupportedWarc { .. }
            | Self::InvalidWarc { .. }
            | Self::HttpError { .. }
            | Self::InvalidRetraction { .. }
            | Self::NoContentField => Stage::Decode,
            Self::TooDeep { .. }
            | Self::TooManyNodes { .. }
            | Self::DeadlineExceeded { .. }
            | Self::Flagged { .. }
            | Self::NoText
            | Self::ArticleTooLarge { .. }
            | Self::Panicked { .. }
            | Self::CrashedProcess { .. } => Stage::Extract,
            Self::RecordTooLarge { .. } => Stage::Publish,
        }
    }
}
