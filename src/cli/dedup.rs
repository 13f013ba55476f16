//! `copydesk dedup --jsonl`: the service's verdicts over a corpus.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};
use tempfile::TempDir;

use super::extract::{error_line, to_json};
use super::lines::{self, LinesArgs};
use super::overrides::ConfigArgs;
use super::settings::{origin, policy, sketching};
use super::{CliError, decode_limits};
use crate::article::Article;
use crate::config::Config;
use crate::document::Content;
use crate::fingerprint::near::{NAMES, features};
use crate::fingerprint::{Fingerprint, PayloadHash, Sketching};
use crate::index::disk::DiskIndex;
use crate::index::{ChangelogPositions, ClaimTable, DedupIndex, IndexError, Layers};
use crate::payload::{self, DecodeLimits};
use crate::rejection::Rejection;
use crate::sink::VouchedClaims;
use crate::source::lines::Line;
use crate::source::{Coordinate, Offset, Partition};
use crate::verdict::{Claim, Day, Decision, Mode, Policy, Question, Timing, Verdict, adjudicate};

/// Lines whose claims are handed to the index at once.
const PORTION: usize = 1_000;

/// Each line `{"id", "url"?, "title"?, "text", "published"?}` gives one line
/// `{"id", "verdict", "duplicate_of", "score"}`, in input order.
///
/// `duplicate_of` is the id of the first line that this one copies, repeats or revises; null for `unique`.
/// `score` says how sure the link is, 0 to 1. Texts are compared as they are: nothing is extracted.
///
/// Time is `published`; lines without it follow each other by the second from 1970 on. It begins with the earliest of the first
/// lines (256 of a file, of a pipe those that are there), and one line moves it by at most `dedup.max_step`, so that a wrong date does
/// not end the window of all others. What is older than `dedup.window` is forgotten: for a corpus that is not sorted by time, or
/// of many years, `--set dedup.window=10000d --set dedup.max_step=10000d`.
///
/// Memory: about 0.8 KB and the length of its id for each line within dedup.window, and 256 lines (at most 32 MiB of them, or one)
/// as they are read: a million lines take 0.9 GB, and a corpus of any size no more than its window. Claims are on disk, about 1 KB a
/// line within the window, in the system's temporary folder (TMPDIR) or in --index-dir.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  copydesk extract --jsonl pages.jsonl | copydesk dedup --jsonl > verdicts.jsonl\n  copydesk dedup --jsonl --explain --set dedup.threshold=0.7 corpus.jsonl | jq 'select(.explain.features)'"
)]
pub(crate) struct Args {
    #[command(flatten)]
    lines: LinesArgs,
    /// Add to each line what decided: the rule, and where texts were compared, the line that was most alike and the features of
    /// the comparison.
    #[arg(long)]
    explain: bool,
    /// New or empty folder for the index, instead of a temporary one: `copydesk index stats` reads it afterwards.
    #[arg(long, value_name = "FOLDER")]
    index_dir: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigArgs,
}

#[derive(Debug, Serialize)]
struct VerdictLine<'a> {
    id: &'a Value,
    verdict: Verdict,
    duplicate_of: Option<&'a Value>,
    score: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    explain: Option<Explained<'a>>,
}

/// What decided.
#[derive(Debug, Serialize)]
struct Explained<'a> {
    rule: Rule,
    #[serde(flatten)]
    compared: Option<Compared<'a>>,
}

/// The rule that decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Rule {
    /// Its text is equal to one at another address.
    EqualText,
    /// Its text is near one at another address.
    NearText,
    /// Its text is near an earlier one of the same publisher: that article at a new address.
    NearTextOfPublisher,
    /// It has the address of an earlier line, or without one its publisher, title and day.
    Identity,
    /// Nothing was found that shares enough to be compared.
    NothingAlike,
    /// Too short for anything but equality, and none is equal at its publisher or under its title.
    ShortText,
    /// The most alike is below dedup.threshold.
    BelowThreshold,
    /// It is near a copy, and not like what that is a copy of.
    UnlikeTheFirst,
    /// Copies are not looked for.
    Off,
    /// It was judged before.
    Replayed,
    /// Its article has been taken back.
    Retracted,
}

impl Rule {
    fn of(decision: &Decision, has_sketch: bool, policy: Policy) -> Self {
        match decision.verdict {
            Verdict::Exact => Self::EqualText,
            Verdict::Near => Self::NearText,
            Verdict::Revision | Verdict::Unchanged if decision.claim.likeness.is_some() => Self::NearTextOfPublisher,
            Verdict::Revision | Verdict::Unchanged => Self::Identity,
            Verdict::Replayed => Self::Replayed,
            Verdict::Retracted => Self::Retracted,
            Verdict::Unique if policy.mode == Mode::Off => Self::Off,
            Verdict::Unique => match &decision.nearest {
                None if has_sketch => Self::NothingAlike,
                None => Self::ShortText,
                Some(nearest) if nearest.comparison.probability < policy.bands.copy => Self::BelowThreshold,
                Some(_) => Self::UnlikeTheFirst,
            },
        }
    }
}

/// What a text was compared with.
#[derive(Debug, Serialize)]
struct Compared<'a> {
    /// The line that was most alike.
    nearest: Option<&'a Value>,
    probability: f32,
    overlap: f32,
    threshold: f32,
    features: Map<String, Value>,
    candidates: usize,
}

/// A line ready for its verdict.
struct Prepared {
    id: Value,
    fingerprint: Fingerprint,
    event_time_ms: Option<i64>,
}

pub(super) fn run(args: &Args) -> Result<(), CliError> {
    let config = args.config.load()?;
    let limits = decode_limits(&config.limits);
    let sketching = sketching(&config);
    let mut corpus = Corpus::new(args, &config)?;
    let prepare = |line: &Line| {
        prepare(line, &limits, &sketching).map_err(|rejection| (payload::line_id(&line.bytes), rejection))
    };
    // Where event time begins: with the earliest of the first lines, whichever of them stands in front.
    let start_ms = Cell::new(None);
    let see = |chunk: &[Result<Prepared, _>]| {
        if start_ms.get().is_none() {
            start_ms.set(chunk.iter().flatten().filter_map(|prepared| prepared.event_time_ms).min());
        }
    };
    lines::process(&args.lines, limits.payload_bytes, prepare, see, |line, prepared, output| {
        let mut encoded = match prepared {
            Ok(prepared) => corpus.judge(line, prepared, start_ms.get()).map_err(std::io::Error::other)?,
            Err((id, rejection)) => error_line(&id, &rejection),
        };
        encoded.push('\n');
        output.write_all(encoded.as_bytes())
    })?;
    corpus.hand_over()?;
    corpus.tell(&config);
    Ok(())
}

/// The engine over a corpus.
struct Corpus {
    index: DiskIndex,
    /// The index's folder, where nobody wants to keep it. Below the index: that is closed first.
    _temporary: Option<TempDir>,
    /// Claims of the lines since the last portion.
    recent: ClaimTable,
    portion: Vec<Arc<Claim>>,
    /// Ids of the lines at the head of an article or cluster, which are the only ones that are ever named; and those of
    /// any line that has a sketch, where decisions are explained.
    ids: BTreeMap<u64, (Day, Value)>,
    partition: Partition,
    policy: Policy,
    explain: bool,
    late: u64,
    future_dated: u64,
}

impl Corpus {
    fn new(args: &Args, config: &Config) -> Result<Self, CliError> {
        let topic = args.lines.input.to_string_lossy();
        let (folder, temporary) = match &args.index_dir {
            Some(folder) => {
                refuse_filled(folder)?;
                (folder.clone(), None)
            }
            None => {
                let name = std::env::temp_dir().display().to_string();
                let made = TempDir::with_prefix("copydesk-dedup-").map_err(|error| CliError::Io { name, error })?;
                (made.path().to_owned(), Some(made))
            }
        };
        Ok(Self {
            index: DiskIndex::open(&folder, origin(config, format!("dedup:{topic}")))?,
            _temporary: temporary,
            recent: ClaimTable::default(),
            portion: Vec::new(),
            ids: BTreeMap::new(),
            partition: Partition { topic: Arc::from(topic.as_ref()), number: 0 },
            // Dates in a corpus are what pages say of themselves: one that is wrong must not end the window of all.
            policy: policy(config, Some(config.dedup.max_step)),
            explain: args.explain,
            late: 0,
            future_dated: 0,
        })
    }

    /// The verdict on a line, as it is written. Time is at `start_ms` before the first.
    fn judge(&mut self, line: &Line, prepared: Prepared, start_ms: Option<i64>) -> Result<String, IndexError> {
        let delivery = Coordinate { partition: self.partition.clone(), offset: Offset(line.number) };
        // Line order, one second a line, where a line names no time of its own.
        let in_order = i64::try_from(line.number).unwrap_or(i64::MAX).saturating_mul(1000);
        let question = Question {
            delivery: &delivery,
            event_time_ms: prepared.event_time_ms.unwrap_or(in_order),
            fingerprint: &prepared.fingerprint,
        };
        let evidence = Layers::new([Some(self.index.answers()), Some(&self.recent), None]);
        let decision = adjudicate(question, &evidence.starting(start_ms), self.policy)?;
        self.late += u64::from(decision.timing == Timing::Late);
        self.future_dated += u64::from(decision.timing == Timing::FutureDated);
        let encoded = to_json(&self.line(&prepared, &decision));
        let claim = &decision.claim;
        // A head that is named stays as long as what names it.
        if let Some((day, _)) = claim.first.as_ref().and_then(|first| self.ids.get_mut(&first.offset.0)) {
            *day = (*day).max(claim.held_on());
        }
        if claim.first.is_none() || self.explain && claim.sketch.is_some() {
            self.ids.insert(line.number, (claim.held_on(), prepared.id));
        }
        self.recent.insert(claim)?;
        self.portion.push(Arc::clone(claim));
        if self.portion.len() >= PORTION {
            self.hand_over()?;
        }
        Ok(encoded)
    }

    fn line<'a>(&'a self, prepared: &'a Prepared, decision: &Decision) -> VerdictLine<'a> {
        let claim = &decision.claim;
        let id_of = |coordinate: &Coordinate| self.ids.get(&coordinate.offset.0).map(|(_, id)| id);
        let of = claim.first.as_ref().filter(|_| decision.verdict != Verdict::Unique).and_then(id_of);
        let score = match &claim.likeness {
            Some(likeness) if of.is_some() => likeness.similarity(),
            _ if of.is_some() => 1.0,
            _ => 0.0,
        };
        VerdictLine {
            id: &prepared.id,
            verdict: decision.verdict,
            duplicate_of: of,
            score,
            explain: self.explain.then(|| Explained {
                rule: Rule::of(decision, prepared.fingerprint.sketch.is_some(), self.policy),
                compared: self.compared(prepared, decision),
            }),
        }
    }

    fn compared(&self, prepared: &Prepared, decision: &Decision) -> Option<Compared<'_>> {
        let nearest = decision.nearest.as_ref()?;
        let (theirs, ours) = (nearest.claim.sketch.as_ref()?, prepared.fingerprint.sketch.as_ref()?);
        let named = NAMES.iter().zip(features(theirs, ours));
        Some(Compared {
            nearest: self.ids.get(&nearest.claim.delivery.offset.0).map(|(_, id)| id),
            probability: nearest.comparison.probability,
            overlap: nearest.comparison.overlap,
            threshold: self.policy.bands.copy,
            features: named.map(|(name, value)| ((*name).to_owned(), Value::from(value))).collect(),
            candidates: decision.search.candidates,
        })
    }

    /// Hands the claims to the index and forgets what is older than the window.
    fn hand_over(&mut self) -> Result<(), IndexError> {
        let claims = std::mem::take(&mut self.portion);
        self.recent = ClaimTable::default();
        self.index.apply(VouchedClaims::read_back(claims, ChangelogPositions::default()))?;
        if let Some(watermark) = self.index.answers().watermark_ms() {
            let oldest = self.policy.window.oldest(watermark);
            self.index.expire(oldest)?;
            self.ids.retain(|_, (day, _)| *day >= oldest);
        }
        Ok(())
    }

    /// Says on standard error for how many lines the window was not what their dates say.
    fn tell(&self, config: &Config) {
        let written = humantime_serde::re::humantime::format_duration;
        if self.late > 0 {
            eprintln!(
                "{} lines are older than the window of {} before them: copies among lines so far apart were not found; sort \
                 the corpus by time, or --set dedup.window",
                self.late,
                written(config.dedup.window)
            );
        }
        if self.future_dated > 0 {
            eprintln!(
                "{} lines are more than {} ahead of the one before: they were taken to be so far ahead and no further; where \
                 their dates are right, --set dedup.max_step",
                self.future_dated,
                written(config.dedup.max_step)
            );
        }
    }
}

/// An index that is there already has seen lines, perhaps these.
fn refuse_filled(folder: &Path) -> Result<(), CliError> {
    let name = || folder.display().to_string();
    match std::fs::read_dir(folder).map(|mut entries| entries.next().is_some()) {
        Ok(true) => Err(CliError::Filled(name())),
        Ok(false) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(CliError::Io { name: name(), error }),
    }
}

fn prepare(line: &Line, limits: &DecodeLimits, sketching: &Sketching) -> Result<Prepared, Rejection> {
    let decoded = payload::decode_line(&line.bytes, limits)?;
    let hints = decoded.document.hints;
    let (Content::Plain(body) | Content::Html(body)) = decoded.document.content;
    let article = Article { title: hints.title, body, ..Article::default() };
    let payload = PayloadHash::of_payload(Some(&line.bytes));
    let fingerprint = Fingerprint::of(&article, hints.url.as_deref(), hints.final_url.as_deref(), payload);
    Ok(Prepared {
        id: decoded.id.unwrap_or_else(|| Value::from(line.number)),
        fingerprint: fingerprint.sketched(&article, sketching),
        event_time_ms: hints.published.as_deref().and_then(parse_time_ms),
    })
}

/// An instant, or a day at its beginning in UTC.
fn parse_time_ms(written: &str) -> Option<i64> {
    let day =
        || written.parse::<jiff::civil::Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|day| day.timestamp());
    written.parse::<jiff::Timestamp>().ok().or_else(day).map(jiff::Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        args: Args,
    }

    #[test]
    fn what_is_older_than_the_window_takes_no_memory() {
        let args = Command::parse_from(["dedup", "--jsonl", "--set", "dedup.window=2d"]).args;
        let config = args.config.load().unwrap();
        let mut corpus = Corpus::new(&args, &config).unwrap();
        let folder = corpus._temporary.as_ref().unwrap().path().to_owned();
        let (sketching, limits) = (sketching(&config), decode_limits(&config.limits));
        let mut most = 0;
        // An hour apart: thirty weeks, of which three days are in the window.
        for number in 0..5_040 {
            let words: String = (0..30).map(|word| format!("w{number}x{word} ")).collect();
            let time = jiff::Timestamp::from_second(number * 3_600).unwrap();
            let text = serde_json::json!({"id": number, "text": words, "published": time.to_string()}).to_string();
            let line = Line { number: u64::try_from(number).unwrap(), bytes: text.into_bytes() };
            let prepared = prepare(&line, &limits, &sketching).unwrap();
            corpus.judge(&line, prepared, Some(0)).unwrap();
            most = most.max(corpus.ids.len()).max(corpus.index.len());
        }
        assert!(most <= PORTION + 96, "{most}");
        assert_eq!((corpus.late, corpus.future_dated), (0, 0));
        assert!(folder.is_dir());
        drop(corpus);
        assert!(!folder.is_dir(), "nothing stays behind");
    }
}
