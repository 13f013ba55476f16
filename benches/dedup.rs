//! `make bench-dedup`: near-duplicates beside other indexes, on a made stream and on pairs of real articles that were read.
//!
//! Copydesk's own figures are by cross-validation (`copydesk-train dedup accuracy`): no pair is judged by a model that saw
//! either article. Speed is CPU time of one thread from text to verdict, the kernel's count. Fails below the bars.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a bench fails by panicking"
)]

#[allow(dead_code, reason = "the bench reads what the training program fits to")]
#[path = "../tools/train/src/dedup/data.rs"]
mod data;
#[path = "../tools/train/src/dedup/engine.rs"]
mod engine;
#[path = "../tools/train/src/dedup/score.rs"]
mod score;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use copydesk::fingerprint::near::{Sketch, Sketcher, compare_all};
use data::{Article, Data};
use engine::{Candidates, Clusters, most_probable};
use score::{ByKind, PairScore, StreamScore};
use serde::Deserialize;

/// The first argument of a process that measures copydesk itself.
const JOB: &str = "--job=dedup";
const ROUNDS: usize = 3;
const LEAST_PAIRS_F1: f64 = 0.82;
const LEAST_STREAM_F1: f64 = 0.97;
const MOST_MERGED: f64 = 0.010;
const LEAST_FOUND: f64 = 0.95;

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
            let threshold = std::env::args().nth(2).unwrap().parse().unwrap();
            println!("{}", measured(&Data::load(&corpus).unwrap(), threshold));
            ExitCode::SUCCESS
        }
        _ => compare(&Data::load(&corpus).unwrap()),
    }
}

/// What `copydesk-train dedup accuracy --json` prints.
#[derive(Deserialize)]
struct CrossValidated {
    threshold: f32,
    natural: Vec<PairScore>,
    stream: Vec<StreamScore>,
}

/// What a process that runs an index prints.
#[derive(Deserialize)]
struct Run {
    records: f64,
    cpu_ms: f64,
    rose_bytes: f64,
    /// What each article was taken for a copy of.
    stream: Vec<Option<usize>>,
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

fn compare(data: &Data) -> ExitCode {
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
    let copydesk = read(run(&own, &[JOB, &validated.threshold.to_string()]));
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
    let own_row = Row::mean(&validated);
    own_row.print("copydesk, cross-validated", &copydesk);
    for (name, run) in [
        ("copydesk as it ships, fitted to these too", &copydesk),
        ("gaoya, 5 words, .7", &gaoya),
        ("rensa, 5 characters, .7", &rensa),
        ("datasketch, 5 words, .7", &datasketch),
    ] {
        let pairs = PairScore::of(&clusters(&run.natural), &data.pairs);
        let stream = StreamScore::of(&clusters(&run.stream), &data.truth);
        Row::of(&pairs, &stream).print(name, run);
    }
    print_kinds(&validated);
    let faster = copydesk.speed() / gaoya.speed();
    println!("\ncopydesk does {faster:.2} times as many records a second as gaoya; below 1 fails");
    let met = own_row.pairs[2] >= LEAST_PAIRS_F1
        && own_row.stream[2] >= LEAST_STREAM_F1
        && own_row.merged <= MOST_MERGED
        && own_row.least_found >= LEAST_FOUND
        && faster >= 1.0;
    if !met {
        println!("FAILED");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
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
    fn mean(validated: &CrossValidated) -> Self {
        let rows: Vec<Self> =
            validated.natural.iter().zip(&validated.stream).map(|(pairs, stream)| Self::of(pairs, stream)).collect();
        let mean = |value: &dyn Fn(&Self) -> f64| rows.iter().map(value).sum::<f64>() / rows.len() as f64;
        Self {
            pairs: [0, 1, 2].map(|at| mean(&|row| row.pairs[at])),
            stream: [0, 1, 2].map(|at| mean(&|row| row.stream[at])),
            ari: mean(&|row| row.ari),
            merged: mean(&|row| row.merged),
            least_found: mean(&|row| row.least_found),
        }
    }

    fn print(&self, name: &str, run: &Run) {
        let three = |of: [f64; 3]| format!("{:.3} / {:.3} / {:.3}", of[0], of[1], of[2]);
        println!(
            "| {name} | {} | {} | {:.3} | {:.4} | {:.3} | {:.0} | {:.0} |",
            three(self.pairs),
            three(self.stream),
            self.ari,
            self.merged,
            self.least_found,
            run.speed(),
            run.rose_bytes / run.records
        );
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

/// CPU time of this thread in nanoseconds, as the kernel's scheduler counts it.
fn cpu_ns() -> f64 {
    let counts = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    counts.split(' ').next().unwrap().parse().unwrap()
}

fn resident_bytes() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<f64>().unwrap() * 1024.0
}

/// Everything that later articles are compared with.
#[derive(Default)]
struct Index {
    candidates: Candidates,
    clusters: Clusters,
    sketches: Vec<Sketch>,
}

fn deduplicate(sketcher: &Sketcher, articles: &[Article], threshold: f32) -> (Vec<Option<usize>>, Index) {
    let mut index = Index::default();
    let mut originals = Vec::with_capacity(articles.len());
    for article in articles {
        let sketch = sketcher.sketch(article.title.as_deref(), &article.text);
        let mut earlier = index.candidates.meet(&sketch).alike;
        earlier.retain(|candidate| index.clusters.represents(*candidate));
        let compared: Vec<&Sketch> = earlier.iter().map(|candidate| &index.sketches[*candidate]).collect();
        let judged = compare_all(&compared, &sketch);
        let probable = earlier.iter().zip(judged).map(|(candidate, judged)| (*candidate, judged.probability));
        let original = most_probable(probable, threshold);
        index.clusters.join(original);
        index.sketches.push(sketch);
        originals.push(original);
    }
    (originals, index)
}

fn measured(data: &Data, threshold: f32) -> serde_json::Value {
    let sketcher = Sketcher::new("bench");
    let (natural, _) = deduplicate(&sketcher, &data.natural, threshold);
    let held = resident_bytes();
    let (stream, index) = deduplicate(&sketcher, &data.stream, threshold);
    let rose = resident_bytes() - held;
    drop(index);
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let began = cpu_ns();
        drop(deduplicate(&sketcher, &data.stream, threshold));
        best = best.min(cpu_ns() - began);
    }
    serde_json::json!({
        "records": data.stream.len(), "cpu_ms": best / 1e6, "rose_bytes": rose, "stream": stream, "natural": natural,
    })
}
