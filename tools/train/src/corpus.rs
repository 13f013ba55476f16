//! Real pages with what must come out of them: one set a file, one page a line.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use copydesk::document::{Content, Document};
use copydesk::payload::{DecodeLimits, decode_line};
use rayon::prelude::*;
use serde::Deserialize;
use serde_json::json;

use crate::views;

/// The sets whose texts are known, and one of which snippets are.
pub const SETS: [&str; 5] = ["scrapinghub", "andy", "fundus", "wcxb_art", "trafsnip"];

/// Pages to learn from that are no measure: what is known of them was made by a program.
pub const CASES: &str = "mozilla";

/// Pages of which only the date is known.
pub const DATES: &str = "htmldate";

/// Groups of hosts, or of sets: a page is measured with models that saw no page of its group.
pub const FOLDS: usize = SETS.len();

#[derive(Debug, Deserialize)]
struct Line {
    id: String,
    url: Option<String>,
    host: Option<String>,
    lang: Option<String>,
    html: String,
    visible_text: Option<String>,
    text: Option<String>,
    title: Option<String>,
    #[serde(default)]
    authors: Option<Names>,
    date: Option<String>,
    #[serde(default)]
    topics: Vec<String>,
    #[serde(default)]
    with: Vec<String>,
    #[serde(default)]
    without: Vec<String>,
}

/// Names as the sets write them.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Names {
    One(String),
    Several(Vec<String>),
}

impl Names {
    fn list(self) -> Vec<String> {
        match self {
            Self::Several(names) => names,
            Self::One(names) => names.split([';', ',', '|']).map(|name| name.trim().to_owned()).collect(),
        }
    }
}

/// The form in which a page is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Input {
    Html,
    /// Markup without names, as Markdown is rendered.
    Bare,
    Plain,
}

impl Input {
    pub fn label(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Bare => "bare",
            Self::Plain => "plain",
        }
    }
}

/// A page and what is known of its article.
#[derive(Debug, Clone)]
pub struct Page {
    pub set: &'static str,
    pub id: String,
    pub language: Option<String>,
    /// The page as a crawler that keeps markup delivers it.
    pub html: Option<Document>,
    /// The page as a crawler that turns it into Markdown delivers it.
    pub bare: Option<Document>,
    /// The page as a crawler that keeps text alone delivers it.
    pub plain: Option<Document>,
    /// The article's text.
    pub gold: Option<String>,
    /// The article's headline.
    pub title: Option<String>,
    /// Its authors.
    pub authors: Vec<String>,
    /// When it was published, as the set writes it.
    pub date: Option<String>,
    /// Its tags.
    pub topics: Vec<String>,
    /// What must be in the text.
    pub with: Vec<String>,
    /// What must not.
    pub without: Vec<String>,
    pub fold: usize,
    /// The registrable domain of its host.
    pub owner: String,
}

impl Page {
    /// Whether what is known of the page was chosen by people.
    pub fn is_measure(&self) -> bool {
        self.set != CASES
    }

    /// The page as a crawler delivers it that does not say where it was.
    pub fn without_address(&self) -> Self {
        let mut page = self.clone();
        for document in [&mut page.html, &mut page.bare, &mut page.plain].into_iter().flatten() {
            document.hints.url = None;
        }
        page
    }

    /// The page as a crawler delivers it that takes line breaks for spaces, where it is text.
    pub fn in_one_line(&self) -> Self {
        let mut page = self.clone();
        (page.html, page.bare) = (None, None);
        if let Some(document) = &mut page.plain
            && let Content::Plain(text) = &mut document.content
        {
            *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        }
        page
    }

    /// The article of the page as somebody delivers it who has it already, without a page around it: its paragraphs in elements of
    /// their own, or on lines of their own.
    pub fn article_alone(&self) -> Self {
        let mut page = self.clone();
        let gold = self.gold.as_deref().unwrap_or_default();
        page.plain = page.plain.or_else(|| page.html.clone());
        if let Some(document) = &mut page.plain {
            document.content = Content::Plain(gold.to_owned());
        }
        for document in [&mut page.html, &mut page.bare].into_iter().flatten() {
            document.content = Content::Html(views::paragraphs(gold));
        }
        page
    }

    /// The page in one form, where there is one.
    pub fn document(&self, input: Input) -> Option<&Document> {
        match input {
            Input::Html => self.html.as_ref(),
            Input::Bare => self.bare.as_ref(),
            Input::Plain => self.plain.as_ref(),
        }
    }
}

/// Reads one set; what the page is known to hold is kept from the document.
pub fn load(folder: &Path, set: &'static str) -> std::io::Result<Vec<Page>> {
    let file = File::open(folder.join(format!("pages/{set}.jsonl.zst")))?;
    let limits = DecodeLimits { payload_bytes: 64 << 20, decoded_bytes: 64 << 20, ratio: 200, json_depth: 64 };
    let lines: Vec<String> = BufReader::new(zstd::Decoder::new(file)?).lines().collect::<Result<_, _>>()?;
    let page = |line: &String| {
        // A date that is not known is written in a way that JSON does not have.
        let line: Line = serde_json::from_str(&line.replace("\"date\": NaN", "\"date\": null"))?;
        let decode = |field: &str, content: &str| {
            let line = json!({"id": line.id, "url": line.url, field: content}).to_string();
            decode_line(line.as_bytes(), &limits).ok().map(|decoded| decoded.document)
        };
        let address = line.url.as_deref().and_then(|url| url::Url::parse(url).ok());
        let host = line.host.clone().or_else(|| address?.host_str().map(str::to_owned)).unwrap_or_default();
        Ok(Page {
            set,
            html: decode("html", &line.html),
            bare: views::markdown(&line.html).ok().and_then(|markdown| decode("markdown", &markdown)),
            plain: line.visible_text.as_deref().and_then(|text| decode("text", text)),
            fold: fold(owner(&host)),
            owner: owner(&host).to_owned(),
            id: line.id,
            language: line.lang,
            gold: line.text,
            title: line.title,
            authors: line.authors.map(Names::list).unwrap_or_default(),
            topics: line.topics,
            date: line.date,
            with: line.with,
            without: line.without,
        })
    };
    lines.par_iter().map(page).collect()
}

/// Who owns a host: its registrable domain.
fn owner(host: &str) -> &str {
    psl::domain_str(host).unwrap_or(host)
}

/// The group of an owner, in whatever set.
fn fold(owner: &str) -> usize {
    (hash(owner.as_bytes(), 0) >> 8) as usize % FOLDS
}

/// The FNV-1a hash of bytes, the same everywhere.
pub fn hash(bytes: &[u8], seed: u32) -> u32 {
    bytes.iter().fold(0xcbf2_9ce4 ^ seed, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}
