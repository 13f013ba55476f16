//! What a page says about its article besides the text: people, pictures, form, rights.

use serde::{Deserialize, Serialize};

/// Somebody who is named as author.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Author {
    /// Text, as written where `authors_source` says, without titles of jobs, places and addresses.
    pub name: String,
    /// A person or an organisation, by what the page says and by the name.
    pub kind: AuthorKind,
    /// Absolute address of the author's page, where the structured data gives it or the byline links it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Who an author is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthorKind {
    /// A person.
    Person,
    /// A newsroom, an agency, an institution.
    Organisation,
}

/// Where on a page a title or a byline was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldSource {
    /// JSON-LD.
    Jsonld,
    /// Microdata or RDFa: attributes of shown elements.
    Microdata,
    /// A `<meta>` element.
    Meta,
    /// The main heading that the page shows.
    Heading,
    /// The `<title>` of the page.
    PageTitle,
    /// The visible text.
    Text,
    /// The crawler's envelope.
    Envelope,
}

/// A picture of the article.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Image {
    /// Absolute address.
    pub url: String,
    /// Whether the page names it as the article's main picture.
    pub main: bool,
    /// What is said below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Who made it, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit: Option<String>,
    /// Width in pixels, as stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width_px: Option<u32>,
    /// Height in pixels, as stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height_px: Option<u32>,
}

/// The form of an article, as far as the page states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ArticleKind {
    /// A report, or any other text of one piece.
    Article,
    /// Entries that are added while something happens.
    LiveBlog,
    /// A comment, an editorial, a column.
    Opinion,
    /// Pictures with captions.
    Gallery,
    /// A video with its description.
    Video,
    /// A list of other articles.
    Listing,
}

/// What the publisher says about the use of the article.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Rights {
    /// Address or name of the licence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// Whether machines may learn from it; absent where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ai_training: Option<AiTraining>,
    /// The address of the publisher's policy for text and data mining.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mining_policy: Option<String>,
    /// Each statement as `where:what`: `meta:noai`, `header:noarchive`, `meta:tdm-reservation=1`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<String>,
}

impl Rights {
    /// Whether nothing is said.
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

/// What a publisher says about learning from an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AiTraining {
    /// Text and data mining is expressly not reserved.
    Allowed,
    /// The right is reserved.
    Reserved,
}

/// A part of the body, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ContentBlock {
    /// What it is written as.
    pub kind: ContentKind,
    /// For a heading, 1 to 6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
    /// Its text as in the body, where blank lines separate the blocks.
    pub text: String,
}

/// What a part of the body is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContentKind {
    /// A heading within the article, with its level.
    Heading,
    /// Running text, and whatever is nothing else.
    Paragraph,
    /// An item of a list.
    ListItem,
    /// A quotation that stands by itself.
    Quote,
    /// A row of a table, its cells separated by ` | `.
    TableRow,
    /// The text below a picture or above a table.
    Caption,
    /// Text whose line breaks and spaces mean something, as in program code.
    Preformatted,
}
