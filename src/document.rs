//! A payload that has been decoded: text of a known kind, with what its carrier said about it.

/// The decoded content of a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A whole HTML page or a fragment of one.
    Html(String),
    /// Text without markup, as a text-only crawler scraped it.
    Plain(String),
}

impl Content {
    /// The decoded text, in bytes.
    pub fn len(&self) -> usize {
        self.text().len()
    }

    /// Whether nothing was decoded.
    pub fn is_empty(&self) -> bool {
        self.text().is_empty()
    }

    fn text(&self) -> &str {
        match self {
            Self::Html(text) | Self::Plain(text) => text,
        }
    }
}

/// What the carrier of a payload (headers, JSON envelope, batch line) said about the page.
/// Every field is as it came: a claim to be weighed, not a fact.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hints {
    /// Where the crawler was sent.
    pub url: Option<String>,
    /// Where it ended after redirects.
    pub final_url: Option<String>,
    /// Title, where the crawler extracted one.
    pub title: Option<String>,
    /// Publication date in any written form, where the crawler extracted one.
    pub published: Option<String>,
    /// BCP-47 language tag, where the crawler knows it.
    pub language: Option<String>,
    /// When the page was fetched, in milliseconds since the epoch.
    pub fetched_at_ms: Option<i64>,
    /// When the payload was delivered, in milliseconds since the epoch, where its carrier keeps time: the page was not
    /// fetched later.
    pub delivered_at_ms: Option<i64>,
    /// What else the crawler extracted.
    pub extracted: Box<Extracted>,
    /// What the server that answered said about it.
    pub served: Box<Served>,
}

/// What a crawler extracted from a page besides its title, date and text, as written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extracted {
    /// Names of the authors; one text may list several.
    pub authors: Vec<String>,
    /// Tags; one text may list several.
    pub tags: Vec<String>,
    /// Section of the publication.
    pub section: Option<String>,
    /// Summary of the article.
    pub description: Option<String>,
    /// Date of the last change, in any form.
    pub modified: Option<String>,
}

/// What the head of a response says about the page, as far as it is no matter of transport.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Served {
    /// `X-Robots-Tag` of the response, as written; each header line for itself.
    pub robots: Vec<String>,
    /// `TDM-Reservation` of the response, as written.
    pub tdm_reservation: Option<String>,
    /// `TDM-Policy` of the response, as written.
    pub tdm_policy: Option<String>,
    /// `Last-Modified` of the response, as written.
    pub last_modified: Option<String>,
}

/// A decoded payload: what extraction works on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The text and its kind.
    pub content: Content,
    /// What the carrier said about it.
    pub hints: Hints,
}

impl Hints {
    /// When the page had been seen at the latest, in milliseconds since the epoch.
    pub fn seen_by_ms(&self) -> Option<i64> {
        self.fetched_at_ms.or(self.delivered_at_ms)
    }
}

impl Document {
    /// The best known address of the page: where the crawler ended, else where it was sent.
    pub fn url(&self) -> Option<&str> {
        self.hints.final_url.as_deref().or(self.hints.url.as_deref())
    }
}
