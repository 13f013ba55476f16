//! Why a payload did not become an article.

use thiserror::Error;

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
    /// The bytes are of a kind that holds no article text.
    #[error("payload is {media}, which holds no page or text")]
    UnsupportedMedia {
        /// What was recognised ("PDF", "PNG image").
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
    /// A retraction names no article.
    #[error("retraction {problem}")]
    InvalidRetraction {
        /// What is wrong, and what would be right.
        problem: &'static str,
    },
    /// Markup is nested deeper than the configured limit.
    #[error("markup is nested deeper than {limit} elements")]
    TooDeep {
        /// Configured limit.
        limit: usize,
    },
    /// Markup has more nodes than the configured limit.
    #[error("markup has more than {limit} nodes")]
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
    /// The page is a consent wall without an article.
    #[error("page holds only a consent notice")]
    ConsentWall,
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

impl Rejection {
    /// Every reason with its stage, for metrics that start at 0.
    pub const REASONS: [(&'static str, Stage); 16] = [
        ("empty", Stage::Decode),
        ("too_large", Stage::Decode),
        ("unsupported_media", Stage::Decode),
        ("undecodable", Stage::Decode),
        ("invalid_json", Stage::Decode),
        ("no_content_field", Stage::Decode),
        ("invalid_retraction", Stage::Decode),
        ("too_deep", Stage::Extract),
        ("too_many_nodes", Stage::Extract),
        ("deadline_exceeded", Stage::Extract),
        ("consent_wall", Stage::Extract),
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
            Self::UnsupportedMedia { .. } => "unsupported_media",
            Self::Undecodable => "undecodable",
            Self::InvalidJson { .. } => "invalid_json",
            Self::NoContentField => "no_content_field",
            Self::InvalidRetraction { .. } => "invalid_retraction",
            Self::TooDeep { .. } => "too_deep",
            Self::TooManyNodes { .. } => "too_many_nodes",
            Self::DeadlineExceeded { .. } => "deadline_exceeded",
            Self::ConsentWall => "consent_wall",
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
            | Self::UnsupportedMedia { .. }
            | Self::Undecodable
            | Self::InvalidJson { .. }
            | Self::NoContentField
            | Self::InvalidRetraction { .. } => Stage::Decode,
            Self::TooDeep { .. }
            | Self::TooManyNodes { .. }
            | Self::DeadlineExceeded { .. }
            | Self::ConsentWall
            | Self::NoText
            | Self::ArticleTooLarge { .. }
            | Self::Panicked { .. }
            | Self::CrashedProcess { .. } => Stage::Extract,
            Self::RecordTooLarge { .. } => Stage::Publish,
        }
    }
}
