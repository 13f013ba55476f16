//! Who published an article.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Candidate;

/// Who published an article.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Publisher {
    /// As the page names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Registrable domain of the page's address ("bbc.co.uk").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
}

impl Publisher {
    pub(super) fn of(candidate: &Candidate) -> Self {
        Self { name: candidate.article.site_name.clone(), domain: candidate.fingerprint.identity.publisher.clone() }
    }

    pub(super) fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}
