//! `make bench-dedup`: near-duplicates beside other indexes, on a made stream and on pairs of real articles that were read.
//!
//! Copydesk's own figures are of two kinds. By cross-validation (`copydesk-train dedup accuracy`): no pair is judged by a
//! model, or by frequencies, that saw either article. And of the program as it ships (`copydesk dedup --jsonl`), whose model has
//! seen these pages: optimistic, but of everything that the service does beside comparing sketches (equal texts, short texts,
//! chains, the window, publishers, the index). The training program measures its engine with the shipped model too, so that a
//! difference between engine and program shows. Speed is CPU time of one thread from text to verdict on the service's own path,
//! the kernel's count: what the others do too (near copies, with an index in memory), and all of it (keys of identity and
//! equality, an index on disk). Fails below the bars.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a bench fails by panicking"
)]

#[path = "../tests/support/cpu.rs"]
mod cpu;
#[allow(dead_code, reason = "the bench reads what the training program fits to")]
#[path = "../tools/train/src/dedup/data.rs"]
mod data;
#[path = "../tools/train/src/dedup/score.rs"]
mod score;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::Duration;

use copydesk::article::Article as Extracted;
use copydesk::fingerprint::{Fingerprint, PayloadHash, Sketching};
use copydesk::index::disk::{DiskIndex, Origin};
use copydesk::index::memory::MemoryIndex;
use copydesk::index::{ChangelogPositions, DedupIndex, Layers};
use copydesk::sink::VouchedClaims;
use copydesk::source::{Coordinate, Offset, Partition};
use copydesk::verdict::{Policy, Question, Verdict, Window, adjudicate};
use data::{Article, Data};
use score::{ByKind, PairScore, StreamScore};
use serde::Deserialize;

/// The first argument of a process that measures copydesk itself.
const JOB: &str = "--job=dedup";
const ROUNDS: usize = 3;
const LEAST_PAIRS_F1: f64 = 0.82;
const LEAST_STREAM_F1: f64 = 0.97;
const MOST_MERGED: f64 = 0.010;
const LEAST_FOUND: f64 = 0.95;
/// What the program may be worse than the engine that is cross-validated, with the same model: more is another engine.
const MOST_APART: f64 = 0.02;
/// `dedup.window`, `dedup.max_step`, `dedup.min_words` and `dedup.seed` as they are by default.
const WINDOW: Duration = Duration::from_secs(30 * 86_400);
const MAX_STEP: Duration = Duration::from_secs(3_600);
const MIN_WORDS: u32 = 20;
const SEED: &str = "";
/// Deliveries of one batch.
const BATCH: usize = 500;

fn main() -> ExitCode {
    let first = std::env::args().nth(1);
    let Some(corpus) = std::env::var_os("COPYDESK_CORPUS").map(PathBuf::from) else {
        println!("COPYDESK_CORPUS is not set: there is nothing to measure");
        return ExitCode::from(if first.as_deref() == Some("--list") { 0 } else { 2 });
    };
    match first.as_deref() {
        // `cargo test --benches` asks for a list; there is nothing to list.
        Some("--list") => ExitCode::SUCCESS,
        Some(JOB) => {
            println!("{}", measured(&corpus));
            ExitCode::SUCCESS
        }
        _ => compare(&corpus, &Data::load(&corpus).unwrap()),
    }
}

/// What `copydesk-train dedup accuracy --json` prints.
#[derive(Deserialize)]
struct CrossValidated {
    natural: Vec<PairScore>,
    stream: Vec<StreamScore>,
    shipped: (PairScore, StreamScore),
}

/// What a process that runs an index prints.
#[derive(Deserialize)]
struct Run {
    records: f64,
    cpu_ms: f64,
    /// What the others do too: near copies alone, without keys of identity and equality, and nothing is written.
    #[serde(default)]
    in_memory_ms: f64,
    rose_bytes: f64,
    /// What each article was taken for a copy of.
    stream: Vec<Option<usize>>,
    #[serde(default)]
    natural: Vec<Option<usize>>,
}

impl Run {
    fn speed(&self) -> f64 {
        self.records / self.cpu_ms * 1e3
    }
}

fn run(program: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{}: {error}; `make bench-dedup` builds it", program.display()));
    assert!(output.status.success(), "{}: {}", program.display(), String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// What `copydesk dedup --jsonl` takes each article of a set for a copy of.
fn program(corpus: &Path, folder: &Path, set: &str, articles: &[Article]) -> Vec<Option<usize>> {
    #[derive(Deserialize)]
    struct Line {
        id: String,
        duplicate_of: Option<String>,
    }
    let input = folder.join(format!("{set}.jsonl"));
    let packed = fs::File::open(corpus.join(format!("dedup/{set}.jsonl.zst"))).unwrap();
    zstd::stream::copy_decode(packed, fs::File::create(&input).unwrap()).unwrap();
    let output = run(Path::new(env!("CARGO_BIN_EXE_copydesk")), &["dedup", "--jsonl", input.to_str().unwrap()]);
    let places: HashMap<&str, usize> =
        articles.iter().enumerate().map(|(place, own)| (own.id.as_str(), place)).collect();
    let lines: Vec<Line> = output
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    assert!(
        lines.iter().map(|line| &line.id).eq(articles.iter().map(|own| &own.id)),
        "{set}: a line for each, in order"
    );
    lines.iter().map(|line| line.duplicate_of.as_deref().map(|original| places[original])).collect()
}

fn compare(corpus: &Path, data: &Data) -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let train = root.join("target/release/copydesk-train");
    let validated: CrossValidated = serde_json::from_slice(&run(&train, &["dedup", "accuracy", "--json"])).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let texts = |name: &str, articles: &[Article]| {
        let lines: Vec<String> = articles.iter().map(|own| serde_json::to_string(&own.text).unwrap()).collect();
        let file = folder.path().join(name);
        fs::write(&file, lines.join("\n") + "\n").unwrap();
        file.to_str().unwrap().to_owned()
    };
    let (stream, natural) = (texts("stream", &data.stream), texts("natural", &data.natural));
    let own = std::env::current_exe().unwrap();
    let peers = root.join("target/bench-peers/release/copydesk-bench-peers");
    let python = root.join("target/bench-venv/bin/python");
    let script = root.join("benches/peers/dedup.py");
    let script = script.to_str().unwrap();
    let read = |bytes: Vec<u8>| -> Run { serde_json::from_slice(&bytes).unwrap() };
    let mut copydesk = read(run(&own, &[JOB]));
    let timed = std::mem::replace(&mut copydesk.stream, program(corpus, folder.path(), "stream", &data.stream));
    assert!(timed == copydesk.stream, "what is timed decides otherwise than `copydesk dedup`");
    copydesk.natural = program(corpus, folder.path(), "natural", &data.natural);
    let gaoya = read(run(&peers, &["gaoya", &stream, &natural, &ROUNDS.to_string()]));
    let rensa = read(run(&python, &[script, "rensa", &stream, &natural]));
    let datasketch = read(run(&python, &[script, "datasketch", &stream, &natural]));

    println!(
        "{} articles in a stream, {} pairs that were read; one thread each\n",
        data.stream.len(),
        data.pairs.len()
    );
    println!(
        "| | pairs P / R / F1 | stream P / R / F1 | ARI | hard negatives merged | least found kind | records/s | bytes/record |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let held_out = Row::mean(&validated.natural, &validated.stream);
    held_out.print("copydesk's engine, cross-validated: has seen none of them", None);
    let engine = Row::of(&validated.shipped.0, &validated.shipped.1);
    engine.print("copydesk's engine, shipped model: has seen these pages", None);
    let rows: Vec<Row> = [
        ("`copydesk dedup`, shipped model: has seen these pages", &copydesk),
        ("gaoya, 5 words, .7", &gaoya),
        ("rensa, 5 characters, .7", &rensa),
        ("datasketch, 5 words, .7", &datasketch),
    ]
    .into_iter()
    .map(|(name, run)| {
        let pairs = PairScore::of(&clusters(&run.natural), &data.pairs);
        let row = Row::of(&pairs, &StreamScore::of(&clusters(&run.stream), &data.truth));
        row.print(name, Some(run));
        row
    })
    .collect();
    print_kinds(&validated);
    let shipped = &rows[0];
    let in_memory = copydesk.records / copydesk.in_memory_ms * 1e3;
    let faster = in_memory / gaoya.speed();
    println!(
        "\nNear copies alone, with its index in memory, copydesk does {in_memory:.0} records a second, {faster:.2} times as many as \
         gaoya (below 1 fails); with keys of identity and equality, and an index on disk, {:.2} times as many.",
        copydesk.speed() / gaoya.speed()
    );
    let mut failed = [held_out.below("cross-validated"), shipped.below("as it ships")].concat();
    for (what, engine, program) in
        [("pairs", engine.pairs[2], shipped.pairs[2]), ("stream", engine.stream[2], shipped.stream[2])]
    {
        if program < engine - MOST_APART {
            failed.push(format!(
                "{what}: the program has F1 {program:.3}, the engine that is cross-validated {engine:.3}"
            ));
        }
    }
    if faster < 1.0 {
        failed.push("slower than gaoya".to_owned());
    }
    failed.iter().for_each(|reason| println!("FAILED: {reason}"));
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// One line of the table.
struct Row {
    pairs: [f64; 3],
    stream: [f64; 3],
    ari: f64,
    merged: f64,
    least_found: f64,
}

impl Row {
    fn of(pairs: &PairScore, stream: &StreamScore) -> Self {
        Self {
            pairs: [pairs.precision, pairs.recall, pairs.f1],
            stream: [stream.precision, stream.recall, stream.f1],
            ari: stream.ari,
            merged: stream.hard_negatives_merged,
            least_found: stream.least_found().1,
        }
    }

    /// The mean over all divisions of the articles.
    fn mean(natural: &[PairScore], stream: &[StreamScore]) -> Self {
        let rows: Vec<Self> = natural.iter().zip(stream).map(|(pairs, stream)| Self::of(pairs, stream)).collect();
        let mean = |value: &dyn Fn(&Self) -> f64| rows.iter().map(value).sum::<f64>() / rows.len() as f64;
        Self {
            pairs: [0, 1, 2].map(|at| mean(&|row| row.pairs[at])),
            stream: [0, 1, 2].map(|at| mean(&|row| row.stream[at])),
            ari: mean(&|row| row.ari),
            merged: mean(&|row| row.merged),
            least_found: mean(&|row| row.least_found),
        }
    }

    fn print(&self, name: &str, run: Option<&Run>) {
        let three = |of: [f64; 3]| format!("{:.3} / {:.3} / {:.3}", of[0], of[1], of[2]);
        let cost = run.map(|run| format!("{:.0} | {:.0}", run.speed(), run.rose_bytes / run.records));
        println!(
            "| {name} | {} | {} | {:.3} | {:.4} | {:.3} | {} |",
            three(self.pairs),
            three(self.stream),
            self.ari,
            self.merged,
            self.least_found,
            cost.unwrap_or_else(|| " | ".to_owned())
        );
    }

    /// Which bars are missed.
    fn below(&self, name: &str) -> Vec<String> {
        let mut missed = Vec::new();
        let mut miss = |is_missed: bool, what: String| {
            if is_missed {
                missed.push(format!("{name}: {what}"));
            }
        };
        miss(self.pairs[2] < LEAST_PAIRS_F1, format!("pairs F1 {:.3}, must {LEAST_PAIRS_F1}", self.pairs[2]));
        miss(self.stream[2] < LEAST_STREAM_F1, format!("stream F1 {:.3}, must {LEAST_STREAM_F1}", self.stream[2]));
        miss(self.merged > MOST_MERGED, format!("hard negatives merged {:.4}, at most {MOST_MERGED}", self.merged));
        miss(self.least_found < LEAST_FOUND, format!("a kind found {:.3}, must {LEAST_FOUND}", self.least_found));
        missed
    }
}

fn print_kinds(validated: &CrossValidated) {
    let sum = |kinds: &mut dyn Iterator<Item = &ByKind>| {
        let mut sum: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for (kind, (counted, all)) in kinds.flatten() {
            let own = sum.entry(kind.clone()).or_default();
            *own = (own.0 + counted, own.1 + all);
        }
        sum
    };
    let divisions = validated.natural.len();
    let print = |title: &str, kinds: BTreeMap<String, (usize, usize)>| {
        println!("\n| {title} | share | of |\n|---|---|---|");
        for (kind, (counted, all)) in kinds {
            println!("| {kind} | {:.3} | {} |", counted as f64 / all as f64, all / divisions);
        }
    };
    print("pairs judged wrong", sum(&mut validated.natural.iter().map(|own| &own.wrong)));
    print("copies found", sum(&mut validated.stream.iter().map(|own| &own.found)));
    print("hard negatives merged", sum(&mut validated.stream.iter().map(|own| &own.merged)));
}

/// The cluster of each article, from what it was taken for a copy of.
fn clusters(originals: &[Option<usize>]) -> Vec<usize> {
    let mut clusters: Vec<usize> = Vec::with_capacity(originals.len());
    for (article, original) in originals.iter().enumerate() {
        clusters.push(original.map_or(article, |original| clusters[original]));
    }
    clusters
}

fn resident_bytes() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<f64>().unwrap() * 1024.0
}

/// An article as it is delivered.
#[derive(Deserialize)]
struct Delivered {
    url: Option<String>,
    title: Option<String>,
    text: String,
    published: Option<String>,
}

/// An article with its keys of identity and equality.
struct Known {
    article: Extracted,
    fingerprint: Fingerprint,
}

fn known(articles: &[Delivered]) -> Vec<Known> {
    let of = |(number, own): (usize, &Delivered)| {
        let article = Extracted { title: own.title.clone(), body: own.text.clone(), ..Extracted::default() };
        let payload = PayloadHash::of_payload(Some(&(number as u64).to_le_bytes()));
        let fingerprint = Fingerprint::of(&article, own.url.as_deref(), None, payload);
        Known { article, fingerprint }
    };
    articles.iter().enumerate().map(of).collect()
}

/// The service's own path from text to verdict, on one thread: the sketch, the rule, claims into an index.
/// Says what each article was taken for a copy of, and gives the index to be held.
fn deduplicate<I: DedupIndex>(articles: &[Delivered], known: &[Known], mut index: I) -> (Vec<Option<usize>>, I) {
    let sketching = Sketching::new(SEED, MIN_WORDS);
    let policy = Policy { min_tokens: MIN_WORDS, window: Window::new(WINDOW, Some(MAX_STEP)), ..Policy::default() };
    let partition = Partition { topic: "bench".into(), number: 0 };
    let mut originals = Vec::with_capacity(articles.len());
    for (batch, articles) in articles.chunks(BATCH).enumerate() {
        let known = &known[batch * BATCH..];
        let mut open = MemoryIndex::default();
        let mut claims = Vec::with_capacity(articles.len());
        for (at, (own, known)) in articles.iter().zip(known).enumerate() {
            let number = (batch * BATCH + at) as u64;
            let fingerprint = known.fingerprint.clone().sketched(&known.article, &sketching);
            let time = own.published.as_deref().map(|time| time.parse::<jiff::Timestamp>().unwrap().as_millisecond());
            let delivery = Coordinate { partition: partition.clone(), offset: Offset(number) };
            let question = Question {
                delivery: &delivery,
                event_time_ms: time.unwrap_or(number as i64 * 1_000),
                fingerprint: &fingerprint,
            };
            let evidence = Layers::new([Some(index.answers()), Some(open.answers()), None]);
            let decision = adjudicate(question, &evidence, policy).unwrap();
            let first = decision.claim.first.as_ref().filter(|_| decision.verdict != Verdict::Unique);
            originals.push(first.map(|first| first.offset.0 as usize));
            let one = vec![Arc::clone(&decision.claim)];
            open.apply(VouchedClaims::read_back(one, ChangelogPositions::default())).unwrap();
            claims.push(decision.claim);
        }
        let reached = ChangelogPositions([(0, ((batch + 1) * BATCH) as u64)].into());
        index.apply(VouchedClaims::read_back(claims, reached)).unwrap();
    }
    (originals, index)
}

fn measured(corpus: &Path) -> serde_json::Value {
    let read = |set: &str| data::lines::<Delivered>(&corpus.join(format!("dedup/{set}.jsonl.zst"))).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let on_disk = |name: &str| DiskIndex::open(&folder.path().join(name), Origin::new("bench".into(), SEED)).unwrap();
    // Models and tables are read once, whatever comes.
    let natural = read("natural");
    drop(deduplicate(&natural, &known(&natural), on_disk("first")));
    let stream = read("stream");
    let keys = known(&stream);
    let held = resident_bytes();
    let (originals, index) = deduplicate(&stream, &keys, on_disk("held"));
    let rose = resident_bytes() - held;
    drop((index, keys));
    let (mut best, mut best_in_memory) = (Duration::MAX, Duration::MAX);
    for round in 0..ROUNDS {
        let index = on_disk(&round.to_string());
        let began = cpu::thread_time();
        let keys = known(&stream);
        let written = deduplicate(&stream, &keys, index);
        best = best.min(cpu::thread_time() - began);
        drop(written);
        let began = cpu::thread_time();
        let held = deduplicate(&stream, &keys, MemoryIndex::default());
        best_in_memory = best_in_memory.min(cpu::thread_time() - began);
        drop(held);
    }
    serde_json::json!({
        "records": stream.len(), "cpu_ms": cpu::ms(best), "in_memory_ms": cpu::ms(best_in_memory), "rose_bytes": rose,
        "stream": originals,
    })
}
