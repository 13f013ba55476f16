//! `copydesk dedup --jsonl`: the service's verdicts over a corpus.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::extract::{error_line, to_json};
use super::lines::{self, LinesArgs};
use super::{CliError, ambient_config, decode_limits};
use crate::article::Article;
use crate::document::Content;
use crate::fingerprint::{Fingerprint, PayloadHash};
use crate::index::ClaimTable;
use crate::payload::{self, DecodeLimits};
use crate::rejection::Rejection;
use crate::source::lines::Line;
use crate::source::{Coordinate, Offset, Partition};
use crate::verdict::{Policy, Question, Verdict, adjudicate};

/// Each line `{"id", "url"?, "title"?, "text", "published"?}` gives one line
/// `{"id", "verdict", "duplicate_of", "score"}`, in input order.
///
/// `duplicate_of` is the id of the first line that this one copies, repeats or revises; null for `unique`.
/// `score` says how sure the link is, 0 to 1. Texts are compared as they are: nothing is extracted.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  copydesk extract --jsonl pages.jsonl | copydesk dedup --jsonl > verdicts.jsonl")]
pub(crate) struct Args {
    #[command(flatten)]
    lines: LinesArgs,
}

#[derive(Debug, Serialize)]
struct VerdictLine<'a> {
    id: &'a Value,
    verdict: Verdict,
    duplicate_of: Option<&'a Value>,
    score: f64,
}

/// A line ready for its verdict.
struct Prepared {
    id: Value,
    fingerprint: Fingerprint,
    event_time_ms: Option<i64>,
}

pub(super) fn run(args: &Args) -> Result<(), CliError> {
    let limits = decode_limits(&ambient_config()?.limits);
    let mut claims = ClaimTable::default();
    let mut ids: HashMap<u64, Value> = HashMap::new();
    let partition = Partition { topic: Arc::from(args.lines.input.to_string_lossy().as_ref()), number: 0 };
    let prepare = |line: &Line| prepare(line, &limits).map_err(|rejection| (payload::line_id(&line.bytes), rejection));
    lines::process(&args.lines, limits.payload_bytes, prepare, |line, prepared, output| {
        let mut encoded = match prepared {
            Ok(prepared) => {
                let delivery = Coordinate { partition: partition.clone(), offset: Offset(line.number) };
                // Line order, one second a line, where a line names no time of its own.
                let in_order = i64::try_from(line.number).unwrap_or(i64::MAX).saturating_mul(1000);
                let question = Question {
                    delivery: &delivery,
                    event_time_ms: prepared.event_time_ms.unwrap_or(in_order),
                    fingerprint: &prepared.fingerprint,
                };
                let decision = adjudicate(question, &claims, Policy::default()).map_err(std::io::Error::other)?;
                claims.insert(&decision.claim);
                let first = decision.claim.first.as_ref().filter(|_| decision.verdict != Verdict::Unique);
                let of = first.and_then(|first| ids.get(&first.offset.0));
                let score = if of.is_some() { 1.0 } else { 0.0 };
                let encoded =
                    to_json(&VerdictLine { id: &prepared.id, verdict: decision.verdict, duplicate_of: of, score });
                // Only the head of an article or cluster is ever named.
                if decision.claim.first.is_none() {
                    ids.insert(line.number, prepared.id);
                }
                encoded
            }
            Err((id, rejection)) => error_line(&id, &rejection),
        };
        encoded.push('\n');
        output.write_all(encoded.as_bytes())
    })
}

fn prepare(line: &Line, limits: &DecodeLimits) -> Result<Prepared, Rejection> {
    let decoded = payload::decode_line(&line.bytes, limits)?;
    let hints = decoded.document.hints;
    let (Content::Plain(body) | Content::Html(body)) = decoded.document.content;
    let article = Article { title: hints.title, body, ..Article::default() };
    Ok(Prepared {
        id: decoded.id.unwrap_or_else(|| Value::from(line.number)),
        fingerprint: Fingerprint::of(
            &article,
            hints.url.as_deref(),
            hints.final_url.as_deref(),
            PayloadHash::of_payload(Some(&line.bytes)),
        ),
        event_time_ms: hints.published.as_deref().and_then(parse_time_ms),
    })
}

/// An instant, or a day at its beginning in UTC.
fn parse_time_ms(written: &str) -> Option<i64> {
    let day =
        || written.parse::<jiff::civil::Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|day| day.timestamp());
    written.parse::<jiff::Timestamp>().ok().or_else(day).map(jiff::Timestamp::as_millisecond)
}
