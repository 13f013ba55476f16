//! What was left out of an article, and why.

use serde::{Deserialize, Serialize};

/// Why a block is not part of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    /// Cookie and privacy notices, with their buttons.
    Consent,
    /// Menus, skip links, breadcrumbs, headers and footers of the site.
    Navigation,
    /// Invitations and buttons to share or follow.
    Share,
    /// Links to other articles, lists of headlines.
    Related,
    /// Invitations to subscribe to a newsletter.
    Newsletter,
    /// Invitations to pay or to sign in.
    Paywall,
    /// Statements of the publisher about the text ("does not reflect the views of").
    Disclaimer,
    /// Copyright lines.
    Copyright,
    /// Notices of automatic translation.
    MachineTranslation,
    /// Reader comments, prompts to comment or to write to the newsroom, rules of conduct.
    Comments,
    /// Invitations to install an app.
    AppPromotion,
    /// Advertisements and their labels.
    Advertisement,
    /// Captions' credits and image labels.
    ImageCredit,
    /// View, share and comment counts.
    Counter,
    /// A block that stands in the document already.
    Repeated,
    /// The title, repeated in the text.
    Title,
    /// A line that became a field: section, tags, dateline, byline, date, source.
    Metadata,
    /// Forms, scripts, styles, hidden elements.
    Hidden,
    /// Text outside the container that holds the article.
    OutsideArticle,
    /// Posts of social networks shown within the page.
    Embed,
}

impl BlockKind {
    /// All of them, for metrics that start at 0.
    pub const ALL: [Self; 20] = [
        Self::Consent,
        Self::Navigation,
        Self::Share,
        Self::Related,
        Self::Newsletter,
        Self::Paywall,
        Self::Disclaimer,
        Self::Copyright,
        Self::MachineTranslation,
        Self::Comments,
        Self::AppPromotion,
        Self::Advertisement,
        Self::ImageCredit,
        Self::Counter,
        Self::Repeated,
        Self::Title,
        Self::Metadata,
        Self::Hidden,
        Self::OutsideArticle,
        Self::Embed,
    ];

    /// The name used in records, metrics and explanations.
    pub fn label(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Navigation => "navigation",
            Self::Share => "share",
            Self::Related => "related",
            Self::Newsletter => "newsletter",
            Self::Paywall => "paywall",
            Self::Disclaimer => "disclaimer",
            Self::Copyright => "copyright",
            Self::MachineTranslation => "machine_translation",
            Self::Comments => "comments",
            Self::AppPromotion => "app_promotion",
            Self::Advertisement => "advertisement",
            Self::ImageCredit => "image_credit",
            Self::Counter => "counter",
            Self::Repeated => "repeated",
            Self::Title => "title",
            Self::Metadata => "metadata",
            Self::Hidden => "hidden",
            Self::OutsideArticle => "outside_article",
            Self::Embed => "embed",
        }
    }
}

/// One block that was left out of the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemovedBlock {
    /// Why it went.
    pub kind: BlockKind,
    /// The rule that decided, a stable name (`phrase:consent`, `selector:#onetrust-banner-sdk`, `repeat:paragraph`).
    pub rule: String,
    /// The block's text, white space folded.
    pub text: String,
}

/// How much one rule removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RemovedSummary {
    /// Why it went.
    pub kind: BlockKind,
    /// The rule that decided.
    pub rule: String,
    /// Number of blocks.
    pub blocks: u32,
    /// Their text, in characters.
    pub chars: u32,
}
