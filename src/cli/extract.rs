//! `copydesk extract --jsonl`: pages and texts in, flat articles out.

use serde::Serialize;
use serde_json::Value;

use super::lines::{self, LinesArgs};
use super::overrides::ConfigArgs;
use super::{CliError, decode_limits, extractor};
use crate::article::{Article, Extractor, Flag};
use crate::payload::{self, DecodeLimits};
use crate::rejection::Rejection;
use crate::source::lines::Line;

/// Each line `{"id", "url"?, "html" | "html_base64" | "text", …}` gives one line
/// `{"id", "title", "authors", "date", "lang", "text", "tags", …}`, in input order; what is not known is absent.
///
/// A line without an article gives `{"id", "error": {"reason", "stage", "message"}}`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  echo '{\"id\":1,\"html\":\"<article><h1>…</h1><p>…</p></article>\"}' | copydesk extract --jsonl"
)]
pub(crate) struct Args {
    #[command(flatten)]
    lines: LinesArgs,
    #[command(flatten)]
    config: ConfigArgs,
}

/// One article of the output.
#[derive(Debug, Serialize)]
struct ArticleLine<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: &'a Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: &'a Option<String>,
    /// Names; the record also says what they are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<&'a str>,
    /// `YYYY-MM-DD`, in the source's own offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lang: Option<&'a str>,
    text: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    tags: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    section: &'a Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dateline: &'a Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_url: &'a Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: &'a Option<String>,
    /// 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: &'a Option<f64>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    flags: &'a [Flag],
}

/// One rejection of the output.
#[derive(Debug, Serialize)]
struct ErrorLine<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: &'a Option<Value>,
    error: ErrorBody,
}

#[derive(Debug, Serialize)]
struct ErrorBody {
    reason: &'static str,
    stage: &'static str,
    message: String,
}

pub(super) fn run(args: &Args) -> Result<(), CliError> {
    let config = args.config.load()?;
    let extractor = extractor(&config)?;
    let limits = decode_limits(&config.limits);
    lines::process(
        &args.lines,
        limits.payload_bytes,
        |line| encode(line, &extractor, &limits),
        |_| {},
        |_, line, output| output.write_all(line.as_bytes()),
    )
}

fn encode(line: &Line, extractor: &Extractor, limits: &DecodeLimits) -> String {
    let mut encoded = match payload::decode_line(&line.bytes, limits) {
        Ok(decoded) => match extractor.extract(&decoded.document) {
            Ok(extraction) => to_json(&article_line(&decoded.id, decoded.document.url(), &extraction.article)),
            Err(rejection) => error_line(&decoded.id, &rejection),
        },
        Err(rejection) => error_line(&payload::line_id(&line.bytes), &rejection),
    };
    encoded.push('\n');
    encoded
}

fn article_line<'a>(id: &'a Option<Value>, url: Option<&'a str>, article: &'a Article) -> ArticleLine<'a> {
    ArticleLine {
        id,
        url,
        title: &article.title,
        authors: article.authors.iter().map(|author| author.name.as_str()).collect(),
        date: article.published.as_ref().map(|published| published.day()),
        lang: article.language.as_ref().map(|language| language.tag.as_str()),
        text: &article.body,
        tags: &article.tags,
        section: &article.section,
        dateline: &article.dateline,
        source_url: &article.source_url,
        description: &article.description,
        confidence: &article.confidence,
        flags: &article.flags,
    }
}

/// A rejection as a batch line.
pub(super) fn error_line(id: &Option<Value>, rejection: &Rejection) -> String {
    let error =
        ErrorBody { reason: rejection.reason(), stage: rejection.stage().label(), message: rejection.to_string() };
    to_json(&ErrorLine { id, error })
}

/// A line of strings, numbers and lists of them, on which serialisation has nothing to fail.
pub(super) fn to_json(line: &impl Serialize) -> String {
    serde_json::to_string(line).unwrap_or_else(|error| format!("{{\"error\":{{\"message\":\"{error}\"}}}}"))
}
