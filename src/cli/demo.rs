//! `copydesk demo`: the service on an embedded broker, over a folder of payloads.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use include_dir::{Dir, include_dir};
use tokio::sync::watch;

use super::run::{Assembled, desk, runtime};
use super::settings;
use super::{CliError, ambient_config, unwritten};
use crate::config::{Config, Guarantee};
use crate::desk::adjudicator::Ended;
use crate::desk::ledger::Outcome;
use crate::desk::{Builder, Parts};
use crate::index::ChangelogPositions;
use crate::index::memory::MemoryIndex;
use crate::kafka::{self, embedded::EmbeddedBroker};
use crate::record::Request;
use crate::source::Positions;
use crate::telemetry::log;

/// The payloads that come with copydesk: part of the program, so that the demo runs anywhere.
static BUNDLED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/deploy/demo/payloads");
/// Longest wait for the outcomes; the payloads are few.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the main job on an embedded broker (at least once) and prints what became of each payload, and why.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  copydesk demo --keep-running   # then look at http://127.0.0.1:9600/metrics")]
pub(crate) struct Args {
    /// Folder of payloads, one a file, fed in the order of their names; without it, copydesk's own.
    #[arg(long, value_name = "FOLDER")]
    payloads: Option<PathBuf>,
    /// Stay until Ctrl-C, so that the metrics can be looked at.
    #[arg(long)]
    keep_running: bool,
    /// Where metrics are served; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    listen: SocketAddr,
}

/// One line of the table.
#[derive(Debug, Clone)]
struct Row {
    file: String,
    outcome: Outcome,
    why: String,
    title: String,
}

/// What has ended so far, and a sign whenever something does.
type Table = Arc<Mutex<Vec<Row>>>;

pub(super) fn run(args: Args) -> Result<(), CliError> {
    let mut config = ambient_config()?;
    log::start(config.telemetry.log_format, "warn,copydesk=error");
    config.delivery.guarantee = Guarantee::AtLeastOnce;
    config.delivery.linger = Duration::from_millis(20);
    config.kafka.instance = "demo".into();
    config.telemetry.listen = Some(args.listen);
    runtime()?.block_on(show(config, &args))
}

async fn show(mut config: Config, args: &Args) -> Result<(), CliError> {
    let payloads = match &args.payloads {
        Some(folder) => read_folder(folder)?,
        None => bundled(),
    };
    let broker = EmbeddedBroker::start(&config)?;
    config.kafka.bootstrap_servers = broker.bootstrap_servers();
    let input = config.topics.input.first().cloned().unwrap_or_default();
    broker.feed(&input, &payloads).await?;

    let table = Table::default();
    let (ended, mut progress) = watch::channel(0);
    let mut builder = Builder::new(settings(&config, true));
    let rows = Arc::clone(&table);
    builder.observe(Box::new(move |delivery| {
        let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.push(Row::of(delivery));
        ended.send_replace(rows.len());
    }));
    let handle = builder.handle();
    let ledger = builder.ledger.clone();
    let Assembled { desk, metrics, address } = desk(&config, builder, Box::new(MemoryIndex::default())).await?;
    let connecting = config.clone();
    let connected = tokio::task::spawn_blocking(move || {
        kafka::connect(&connecting, handle, &ChangelogPositions::default(), false, &metrics)
    })
    .await
    .map_err(|error| CliError::Start(error.to_string()))??;
    let parts = Parts { source: Box::new(connected.source), sink: connected.sink, resume_at: Positions::new() };

    let (stop, stopped) = watch::channel(false);
    let watching = async {
        let all = tokio::time::timeout(PATIENCE, progress.wait_for(|ended| *ended >= payloads.len())).await;
        let rows = table.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let printed = print(&config, &rows, address);
        if all.is_ok() && args.keep_running {
            tokio::signal::ctrl_c().await.unwrap_or_default();
        }
        stop.send_replace(true);
        printed?;
        all.map(|_| ()).map_err(|_| {
            CliError::Demo(format!("{} of {} payloads have no outcome", payloads.len() - rows.len(), payloads.len()))
        })
    };
    let (counts, watched) = tokio::join!(desk.run(parts, stopped), watching);
    drop(connected.tail);
    watched?;
    counts?;
    let counts = ledger.read();
    let conserved = counts.received == payloads.len() as u64 && counts.is_conserved() && counts.in_flight == 0;
    conserved.then_some(()).ok_or_else(|| CliError::Demo(format!("the outcomes do not add up: {counts:?}")))
}

fn bundled() -> Vec<(String, Vec<u8>)> {
    let mut payloads: Vec<_> =
        BUNDLED.files().map(|file| (file.path().to_string_lossy().into_owned(), file.contents().to_vec())).collect();
    payloads.sort();
    payloads
}

fn read_folder(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, CliError> {
    let failed = |error| CliError::Io { name: folder.display().to_string(), error };
    let mut payloads = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_file() {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            payloads.push((name, std::fs::read(&path).map_err(failed)?));
        }
    }
    payloads.sort();
    Ok(payloads)
}

impl Row {
    fn of(ended: &Ended<'_>) -> Self {
        let file = ended.delivery.header("file-name").unwrap_or_default().to_owned();
        let (why, title) = match (ended.request, ended.decision) {
            (Ok(Request::Retract(withdrawal)), Some(decision)) => {
                let of = decision.claim.first.as_ref().map(|first| format!("#{}", first.offset.0 + 1));
                (of.unwrap_or_else(|| "unknown".to_owned()), withdrawal.url.clone().unwrap_or_default())
            }
            (Ok(Request::Publish(candidate)), Some(decision)) => {
                let claim = &decision.claim;
                let revision = if claim.revision > 1 { format!(" {}", claim.revision) } else { String::new() };
                let of = claim.first.as_ref().map(|first| format!(" of #{}", first.offset.0 + 1)).unwrap_or_default();
                let title = candidate.article.title.clone().unwrap_or_else(|| opening(&candidate.article.body));
                (format!("{}{revision}{of}", decision.verdict.label()), title)
            }
            (Err(rejection), _) => (rejection.reason().to_owned(), rejection.to_string()),
            (Ok(_), None) => (String::new(), String::new()),
        };
        Self { file, outcome: ended.outcome, why, title }
    }
}

fn opening(body: &str) -> String {
    body.chars().take(60).collect::<String>() + "…"
}

fn print(config: &Config, rows: &[Row], metrics: Option<SocketAddr>) -> Result<(), CliError> {
    let color = |code: u8, text: &str| {
        if std::io::stdout().is_terminal() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    };
    let width = rows.iter().map(|row| row.file.chars().count()).max().unwrap_or(0);
    let why = rows.iter().map(|row| row.why.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    let mut line = |line: std::fmt::Arguments<'_>| writeln!(text, "{line}").unwrap_or_default();
    for (number, row) in rows.iter().enumerate() {
        let outcome = match row.outcome {
            Outcome::Published => color(32, "published "),
            Outcome::Suppressed => color(33, "suppressed"),
            Outcome::Rejected => color(31, "rejected  "),
            Outcome::Retracted => color(35, "retracted "),
            Outcome::Released => color(90, "released  "),
        };
        let title: String = row.title.chars().take(64).collect();
        line(format_args!("#{:<3} {:width$}  {outcome}  {:why$}  {title}", number + 1, row.file, row.why));
    }
    let count = |outcome| rows.iter().filter(|row| row.outcome == outcome).count();
    line(format_args!(""));
    line(format_args!(
        "{} received = {} published + {} suppressed + {} rejected + {} retracted",
        rows.len(),
        count(Outcome::Published),
        count(Outcome::Suppressed),
        count(Outcome::Rejected),
        count(Outcome::Retracted)
    ));
    line(format_args!("broker   {} (embedded, at least once)", config.kafka.bootstrap_servers));
    line(format_args!(
        "topics   {} → {}, {}, {}",
        config.topics.input.join(", "),
        config.topics.records,
        config.topics.duplicates,
        config.topics.dead_letters
    ));
    if let Some(address) = metrics {
        line(format_args!("metrics  http://{address}/metrics"));
    }
    std::io::stdout().write_all(text.as_bytes()).map_err(unwritten)
}
