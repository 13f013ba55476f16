//! Whose articles a payload may take back. What a crawler delivers was written by strangers: a page that answers with
//! `{"op": "retract", …}` must not be obeyed when it names somebody else's article.

use url::Url;

use super::{Target, carrier, sniff};
use crate::rejection::Rejection;
use crate::source::Delivery;

/// Headers by which a crawler says that the payload is what a server answered.
const PAGE_HEADERS: [&str; 3] = ["url", "final-url", "http-status"];

/// Whose articles a payload may take back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Authority {
    /// Anybody's: nothing says that the payload is a page.
    #[default]
    Any,
    /// The one that its key or subject names.
    Only(String),
    /// Nobody's: it is a page, of whatever address.
    None,
}

impl Authority {
    /// What key and headers of a delivery give.
    pub(super) fn of(delivery: &Delivery) -> Self {
        let key = delivery.key_text().map(str::trim);
        match key.filter(|key| carrier::is_web_url(key) || key.starts_with("a1-")) {
            Some(key) => Self::Only(key.to_owned()),
            None if is_page(delivery) => Self::None,
            None => match delivery.header("ce_subject").map(str::trim).filter(|subject| carrier::is_web_url(subject)) {
                Some(subject) => Self::Only(subject.to_owned()),
                None => Self::Any,
            },
        }
    }

    /// That of something with a subject of its own within what has this one.
    pub(super) fn narrowed(self, subject: Option<&str>) -> Self {
        match (self, subject) {
            (Self::Any, Some(subject)) => Self::Only(subject.to_owned()),
            (authority, _) => authority,
        }
    }

    /// That of bytes that somebody else wrote, within what has this one.
    pub(super) fn of_foreign_bytes(self) -> Self {
        match self {
            Self::Any => Self::None,
            authority => authority,
        }
    }

    /// # Errors
    /// `invalid_retraction` where the article is not its to take back.
    pub(super) fn check(&self, target: &Target) -> Result<(), Rejection> {
        let what = match (self, target) {
            (Self::Any, _) => return Ok(()),
            (Self::Only(own), Target::Id(id)) if own == id => return Ok(()),
            (Self::Only(own), Target::Url(url)) if Url::parse(own).ok() == Url::parse(url).ok() => return Ok(()),
            (Self::Only(_), _) => "a key or subject that names another article",
            (Self::None, _) => "the headers of a page: what a server answers takes nothing back",
        };
        Err(Rejection::InvalidRetraction { what })
    }
}

/// Whether the headers are those of a page, of whatever content.
fn is_page(delivery: &Delivery) -> bool {
    PAGE_HEADERS.iter().any(|name| delivery.header(name).is_some())
        || delivery.header("content-type").is_some_and(|value| !sniff::declares_json(value))
}
