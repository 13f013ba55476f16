//! `copydesk run`: the service.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::watch;

use super::overrides::ConfigArgs;
use super::settings::{origin, settings};
use super::{CliError, bytes, extractor, trial};
use crate::config::Config;
use crate::desk::{Builder, Counts, Desk, DeskHandle, Parts, stopped};
use crate::index::disk::{ClusterMark, DiskIndex};
use crate::index::memory::MemoryIndex;
use crate::index::{ChangelogPositions, DedupIndex};
use crate::kafka::topics::{Examination, Severity};
use crate::kafka::{self, ChangelogTail, Connected, KafkaError};
use crate::quarantine::{Journal, JournalError, ProcessProbe, Quarantine};
use crate::sink::file::FileSink;
use crate::sink::stdout::StdoutSink;
use crate::source::file::FileSource;
use crate::source::{Positions, Source};
use crate::telemetry::build::Build;
use crate::telemetry::metrics::Metrics;
use crate::telemetry::{http, log};
use crate::verdict::Mode;

/// Reads payloads, publishes article records.
///
/// On Kafka it runs until it is stopped; on files it ends with its input. SIGTERM and Ctrl-C drain: what has a verdict is
/// committed, the rest is read again next time. A second signal ends at once, and loses nothing either.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  copydesk run --config copydesk.toml\n  copydesk run --source file:pages.jsonl --sink file:articles.jsonl\n  cat pages.jsonl | copydesk run --source stdin --sink stdout"
)]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigArgs,
    /// Where payloads come from: `kafka`, `file:PATH` (JSON lines, a web archive, a page, or a folder of pages), `stdin`.
    #[arg(long, default_value = "kafka", value_name = "SOURCE")]
    source: End,
    /// Where records go: `kafka`, `file:PATH` (resumable), `stdout`.
    #[arg(long, default_value = "kafka", value_name = "SINK")]
    sink: End,
}

/// One end of the pipeline.
#[derive(Debug, Clone, PartialEq)]
enum End {
    Kafka,
    File(PathBuf),
    Standard,
}

impl std::str::FromStr for End {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        match written {
            "kafka" => Ok(Self::Kafka),
            "stdin" | "stdout" | "-" | "file:-" => Ok(Self::Standard),
            other => match other.strip_prefix("file:") {
                Some(path) if !path.is_empty() => Ok(Self::File(path.into())),
                _ => Err(format!("{other}: expected kafka, file:PATH, stdin or stdout")),
            },
        }
    }
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Kafka => f.write_str("kafka"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Standard => f.write_str("standard"),
        }
    }
}

pub(super) fn run(args: Args) -> Result<(), CliError> {
    let config = args.config.load()?;
    log::start(config.telemetry.log_format, &config.telemetry.log_filter);
    let runtime = runtime()?;
    let counts = match (&args.source, &args.sink) {
        (End::Kafka, End::Kafka) => runtime.block_on(run_on_kafka(&args.config, &config)),
        (End::Kafka, _) | (_, End::Kafka) => {
            Err(CliError::MixedEnds { source_name: args.source.to_string(), sink_name: args.sink.to_string() })
        }
        (source, sink) => runtime.block_on(run_on_files(&args.config, &config, source, sink)),
    };
    // A thread that was left behind, as in a call to a broker that is away, must not keep the process.
    runtime.shutdown_background();
    let counts = counts?;
    tracing::info!(
        received = counts.received,
        published = counts.published,
        suppressed = counts.suppressed,
        rejected = counts.rejected,
        retracted = counts.retracted,
        released = counts.released,
        "done"
    );
    Ok(())
}

pub(super) fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    // The loop, signals and an HTTP server that is seldom asked: everything heavy has threads of its own.
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| CliError::Start(error.to_string()))
}

async fn run_on_kafka(args: &ConfigArgs, config: &Config) -> Result<Counts, CliError> {
    if config.kafka.instance.is_empty() {
        return Err(KafkaError::NoInstance.into());
    }
    if config.dedup.seed.is_empty() && config.dedup.mode != Mode::Off {
        tracing::warn!(
            "dedup.seed is empty: whoever knows copydesk can write pages whose hashes meet others'; set it, with an empty index"
        );
    }
    let mut builder = Builder::new(settings(config, true));
    watch(&mut builder, args, config)?;
    let (index, mark) = kafka_index(config)?;
    let (handle, restored_to) = (builder.handle(), index.restored_to().clone());
    let Assembled { desk, metrics, .. } = desk(config, builder, index).await?;
    let mut stop = stop_on_signals()?;
    // A broker that is away must not make the process deaf to signals.
    let connected = tokio::select! {
        connected = connect(config, handle, (restored_to, mark), metrics) => connected?,
        () = stopped(&mut stop) => return Ok(Counts::default()),
    };
    let parts = Parts { source: Box::new(connected.source), sink: connected.sink, resume_at: Positions::new() };
    let counts = desk.run(parts, stop).await;
    stop_tail(connected.tail).await;
    Ok(counts?)
}

/// Checks the topics and that the index is this cluster's, then connects; waits for brokers that are away.
async fn connect(
    config: &Config,
    handle: DeskHandle,
    (restored_to, mark): (ChangelogPositions, Option<ClusterMark>),
    metrics: Arc<Metrics>,
) -> Result<Connected, CliError> {
    let Examination { findings, compacts_records, cluster } = kafka::topics::examine_when_reachable(config).await?;
    for finding in &findings {
        match finding.severity {
            Severity::Refuse => tracing::error!("{finding}"),
            Severity::Warn => tracing::warn!("{finding}"),
        }
    }
    if findings.iter().any(|finding| finding.severity == Severity::Refuse) {
        return Err(CliError::Topics);
    }
    if let (Some(mark), Some(cluster)) = (mark, cluster) {
        mark.confirm(&cluster)?;
    }
    let config = config.clone();
    let connecting =
        tokio::task::spawn_blocking(move || kafka::connect(&config, handle, &restored_to, compacts_records, &metrics));
    Ok(connecting.await.map_err(|error| CliError::Start(error.to_string()))??)
}

async fn stop_tail(tail: ChangelogTail) {
    if tokio::task::spawn_blocking(move || drop(tail)).await.is_err() {
        tracing::debug!("the changelog's tail ended with a panic");
    }
}

/// Has payloads found that kill the process. Where nobody has said where the journal goes, it is worth a try, no more.
fn watch(builder: &mut Builder, args: &ConfigArgs, config: &Config) -> Result<(), CliError> {
    let chosen = [&config.extract.journal_dir, &config.dedup.index_dir];
    let chosen = chosen.into_iter().find(|folder| !folder.as_os_str().is_empty());
    let folder = chosen.cloned().unwrap_or_else(std::env::temp_dir);
    let name = |name: &str| name.replace(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '.', "_");
    let file = format!("copydesk-{}-{}.journal", name(&config.kafka.group_id), name(&config.kafka.instance));
    match std::fs::create_dir_all(&folder)
        .map_err(|error| JournalError::Io { path: folder.clone(), error }.into())
        .and_then(|()| quarantine(args, config, &folder.join(file)))
    {
        Ok(quarantine) => builder.watch(quarantine),
        Err(error) if chosen.is_some() => return Err(error),
        Err(error) => tracing::warn!(%error, "a payload that kills the process will not be found"),
    }
    Ok(())
}

fn quarantine(args: &ConfigArgs, config: &Config, journal: &Path) -> Result<Quarantine, CliError> {
    let arguments = std::iter::once(trial::COMMAND.into()).chain(args.arguments()).collect();
    let probe = ProcessProbe::new(arguments, config.limits.extract_time)
        .map_err(|error| CliError::Io { name: "this program".into(), error })?;
    Ok(Quarantine::new(Journal::open(journal)?, Box::new(probe)))
}

/// The index, and where it is kept what holds it to its cluster.
fn kafka_index(config: &Config) -> Result<(Box<dyn DedupIndex>, Option<ClusterMark>), CliError> {
    if config.dedup.index_dir.as_os_str().is_empty() {
        return Ok((Box::new(MemoryIndex::default()), None));
    }
    let origin = origin(config, format!("kafka:{}", config.topics.changelog));
    let index = DiskIndex::open_or_rebuild(&config.dedup.index_dir, origin)?;
    let mark = index.cluster_mark();
    Ok((Box::new(index), Some(mark)))
}

async fn run_on_files(args: &ConfigArgs, config: &Config, source: &End, sink: &End) -> Result<Counts, CliError> {
    let limit = bytes(config.limits.payload_bytes);
    let source: Box<dyn Source> = match source {
        End::File(path) => Box::new(FileSource::new(path, limit)),
        _ => Box::new(FileSource::stdin(limit)),
    };
    let mut builder = Builder::new(settings(config, false));
    let (desk, parts) = match sink {
        End::File(path) => {
            let opened = FileSink::open(Path::new(path))?;
            let origin = origin(config, opened.changelog.clone());
            let mut index = DiskIndex::open_or_rebuild(&opened.index_dir, origin)?;
            opened.sink.roll_forward(&mut index)?;
            builder.watch(quarantine(args, config, &opened.journal)?);
            let Assembled { desk, .. } = desk(config, builder, Box::new(index)).await?;
            (desk, Parts { source, sink: Box::new(opened.sink), resume_at: opened.positions })
        }
        _ => {
            let Assembled { desk, .. } = desk(config, builder, Box::new(MemoryIndex::default())).await?;
            (desk, Parts { source, sink: Box::new(StdoutSink::new(std::io::stdout())), resume_at: Positions::new() })
        }
    };
    Ok(desk.run(parts, stop_on_signals()?).await?)
}

/// A desk, and how it is watched.
pub(super) struct Assembled {
    pub desk: Desk,
    pub metrics: Arc<Metrics>,
    /// Where the metrics are served.
    pub address: Option<SocketAddr>,
}

/// The desk over an index, with its metrics served where a port is configured.
pub(super) async fn desk(config: &Config, builder: Builder, index: Box<dyn DedupIndex>) -> Result<Assembled, CliError> {
    let mut metrics = Metrics::new(builder.ledger.clone()).map_err(|error| CliError::Start(error.to_string()))?;
    let build = Build::new(kafka::client_version());
    metrics.declare(&build, &config.topics.input, &config.telemetry.publishers);
    let metrics = Arc::new(metrics);
    let mut address = None;
    if let Some(listen) = config.telemetry.listen {
        let bound = http::serve(listen, Arc::clone(&metrics), builder.health.clone(), &build)
            .await
            .map_err(|error| CliError::Start(format!("telemetry.listen {listen}: {error}")))?;
        tracing::info!("metrics at http://{bound}/metrics");
        address = Some(bound);
    }
    let desk = builder.build(extractor(config)?, index, Arc::clone(&metrics))?;
    Ok(Assembled { desk, metrics, address })
}

/// Turns true at the first SIGTERM or Ctrl-C. The second ends the process: what is not committed is read again.
fn stop_on_signals() -> Result<watch::Receiver<bool>, CliError> {
    use tokio::signal::unix::{SignalKind, signal};
    let failed = |error: std::io::Error| CliError::Start(error.to_string());
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        for count in 0.. {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if count > 0 {
                tracing::warn!("second signal: ending at once; what is not committed will be read again");
                #[allow(clippy::disallowed_methods, reason = "a second signal asks for an end without the drain")]
                std::process::exit(super::SECOND_SIGNAL);
            }
            tracing::info!("draining: what has a verdict is committed, the rest will be read again");
            stop.send_replace(true);
        }
    });
    Ok(stopped)
}
