//! How verdicts are made and used.

use serde::{Deserialize, Serialize};

use super::Window;

/// What is done with verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Copies and repetitions are suppressed.
    #[default]
    Enforce,
    /// Everything is published, with its verdict.
    Annotate,
    /// Copies are not looked for; revisions still are, because (id, revision) must stay unique.
    Off,
}

/// What a delivery whose claim is committed already gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Redelivery {
    /// The claim is proof that the outcome is published: suppress (exactly once).
    #[default]
    Suppress,
    /// The claim is proof, but the operator rewound on purpose: publish again under the same revision.
    Reemit,
    /// The claim is no proof that anything was published: the same outcome again (at least once).
    NoEvidence,
}

/// What becomes of an article that changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Updates {
    /// Its next revision is published.
    #[default]
    Publish,
    /// Its first state is the one that is published; later ones are known, and nothing more.
    Suppress,
}

/// What the probability of a copy leads to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bands {
    /// From here on it is one.
    pub copy: f32,
    /// From here on the articles are related. No copy of a copy is less than that to the first.
    pub related: f32,
}

impl Default for Bands {
    fn default() -> Self {
        Self { copy: 0.65, related: 0.2 }
    }
}

/// How to decide.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// What is done with verdicts.
    pub mode: Mode,
    /// What a known delivery gets.
    pub redelivery: Redelivery,
    /// What becomes of an article that changes.
    pub updates: Updates,
    /// How near a copy is.
    pub bands: Bands,
    /// Texts with fewer tokens are copies only where they are equal, with the same publisher or title: short texts are
    /// alike by chance.
    pub min_tokens: u32,
    /// How long claims matter.
    pub window: Window,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            redelivery: Redelivery::default(),
            updates: Updates::default(),
            bands: Bands::default(),
            min_tokens: 20,
            window: Window::default(),
        }
    }
}
