//! `copydesk sniff`: what payloads are taken for, and why.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use super::{CliError, ambient_config, decode_limits, unwritten};
use crate::document::Content;
use crate::payload::{self, DecodeLimits, Detection, Envelope, Payload, PayloadKind, Target};
use crate::rejection::Rejection;
use crate::source::{Coordinate, Delivery, Epoch, Header, Offset, Partition};

/// Shows what each file would be taken for as a payload, and why; a file is one message.
///
/// The exit code is 0 where all are understood, 1 where one would be rejected.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  copydesk sniff --header 'content-type: text/html' --key https://news.example.org/a page.html.gz"
)]
pub(crate) struct Args {
    /// Payloads; `-` is standard input.
    #[arg(required_unless_present = "formats", value_name = "FILE|-")]
    files: Vec<PathBuf>,
    /// A header of the messages; may be given several times.
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = header)]
    headers: Vec<(String, String)>,
    /// The key of the messages.
    #[arg(long)]
    key: Option<String>,
    /// Write a line of JSON for each file.
    #[arg(long)]
    json: bool,
    /// Print the tables of fields of every JSON format, as in docs/formats.md.
    #[arg(long, conflicts_with_all = ["files", "headers", "key", "json"])]
    formats: bool,
}

pub(super) fn header(written: &str) -> Result<(String, String), String> {
    let (name, value) = written.split_once(':').ok_or("write a header as 'name: value'")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// What is shown of one file; what is not known is absent.
#[derive(Debug, Default, Serialize)]
struct Decision {
    file: String,
    understood: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<PayloadKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    envelope: Option<Envelope>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detected: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    charset: Option<&'static str>,
    /// What a retraction takes back: an address or an id.
    #[serde(skip_serializing_if = "Option::is_none")]
    retracts: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    final_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    modified: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    section: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    /// RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    fetched_at: Option<String>,
    /// "html" or "text": how it is extracted.
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_bytes: Option<usize>,
}

pub(super) fn run(args: &Args) -> Result<(), CliError> {
    let mut output = io::stdout().lock();
    if args.formats {
        return write!(output, "{}", payload::field_tables()).map_err(unwritten);
    }
    let limits = decode_limits(&ambient_config()?.limits);
    let mut rejected = 0;
    for file in &args.files {
        let payload = read(file, &limits).map_err(|error| CliError::Io { name: file.display().to_string(), error })?;
        let decision =
            Decision::of(file, payload::decode(&delivery(payload, args.key.as_deref(), &args.headers), &limits));
        rejected += usize::from(!decision.understood);
        let text = if args.json { super::extract::to_json(&decision) + "\n" } else { decision.for_people() };
        output.write_all(text.as_bytes()).map_err(unwritten)?;
    }
    match rejected {
        0 => Ok(()),
        _ => Err(CliError::Sniff { rejected, all: args.files.len() }),
    }
}

/// The bytes of a file; of a large one, enough to see that it is too large.
pub(super) fn read(file: &Path, limits: &DecodeLimits) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = (limits.payload_bytes as u64).saturating_add(1);
    if file == Path::new("-") {
        io::stdin().lock().take(most).read_to_end(&mut bytes)?;
    } else {
        File::open(file)?.take(most).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// A file as a message.
pub(super) fn delivery(payload: Vec<u8>, key: Option<&str>, headers: &[(String, String)]) -> Delivery {
    let header =
        |(name, value): &(String, String)| Header { name: name.clone(), value: Some(value.clone().into_bytes()) };
    Delivery {
        coordinate: Coordinate { partition: Partition { topic: Arc::from("sniff"), number: 0 }, offset: Offset(0) },
        epoch: Epoch::default(),
        event_time_ms: 0,
        key: key.map(|key| key.as_bytes().to_vec()),
        headers: headers.iter().map(header).collect(),
        payload: Some(payload),
    }
}

impl Decision {
    fn of(file: &Path, decoded: Result<Payload, Rejection>) -> Self {
        let file = file.display().to_string();
        match decoded {
            Err(rejection) => {
                Self { file, reason: Some(rejection.reason()), message: Some(rejection.to_string()), ..Self::default() }
            }
            Ok(Payload::Retraction(retraction)) => {
                let (Target::Url(target) | Target::Id(target)) = retraction.target;
                Self { retracts: Some(target), ..Self::found(file, retraction.found) }
            }
            Ok(Payload::Document(decoded)) => {
                let hints = decoded.document.hints;
                let content = match &decoded.document.content {
                    Content::Html(_) => "html",
                    Content::Plain(_) => "text",
                };
                Self {
                    url: hints.url,
                    final_url: hints.final_url,
                    title: hints.title,
                    published: hints.published,
                    modified: hints.extracted.modified,
                    authors: hints.extracted.authors,
                    tags: hints.extracted.tags,
                    section: hints.extracted.section,
                    language: hints.language,
                    fetched_at: hints.fetched_at_ms.map(crate::record::rfc3339),
                    content: Some(content),
                    content_bytes: Some(decoded.document.content.len()),
                    ..Self::found(file, decoded.found)
                }
            }
        }
    }

    fn found(file: String, found: Detection) -> Self {
        Self {
            file,
            understood: true,
            kind: Some(found.kind),
            envelope: Some(found.envelope),
            detected: Some(found.why),
            charset: Some(found.charset),
            ..Self::default()
        }
    }

    /// The fields that are there, a line each.
    fn for_people(&self) -> String {
        let verdict = if self.understood { "understood" } else { "rejected" };
        let content = self.content.zip(self.content_bytes).map(|(kind, bytes)| format!("{kind}, {bytes} bytes"));
        let joined = |names: &[String]| (!names.is_empty()).then(|| names.join("; "));
        let (authors, tags) = (joined(&self.authors), joined(&self.tags));
        let lines = [
            ("reason", self.reason),
            ("message", self.message.as_deref()),
            ("kind", self.kind.map(PayloadKind::label)),
            ("envelope", self.envelope.map(Envelope::label)),
            ("why", self.detected.as_deref()),
            ("charset", self.charset),
            ("retracts", self.retracts.as_deref()),
            ("url", self.url.as_deref()),
            ("final url", self.final_url.as_deref()),
            ("title", self.title.as_deref()),
            ("published", self.published.as_deref()),
            ("modified", self.modified.as_deref()),
            ("authors", authors.as_deref()),
            ("tags", tags.as_deref()),
            ("section", self.section.as_deref()),
            ("language", self.language.as_deref()),
            ("fetched at", self.fetched_at.as_deref()),
            ("content", content.as_deref()),
        ];
        let lines = lines.iter().filter_map(|(name, value)| Some(format!("  {name:<11}{}\n", (*value)?)));
        format!("{}: {verdict}\n{}", self.file, lines.collect::<String>())
    }
}
