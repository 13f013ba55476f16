//! `make bench-extract`: CPU time and memory of extraction beside other extractors, and how time grows with a page.
//!
//! Each extractor runs alone in a process with one thread, over the same pages, each read from JSON before the clock
//! starts. CPU time is the kernel's, the best of a few rounds: they take turns, since a shared machine is slow for minutes at a
//! time. Memory is what the process holds at most during extraction beyond what it held before. Fails where a page costs
//! more than with `dom_smoothie`, or where a long page costs more a megabyte than a shorter one does.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a bench fails by panicking"
)]

#[path = "../tests/support/articles.rs"]
mod articles;
#[path = "../tests/support/cpu.rs"]
mod cpu;
#[path = "../tests/support/memory.rs"]
mod memory;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use copydesk::article::{ExtractLimits, Extractor};
use copydesk::document::{Content, Document, Hints};

/// Sets of the corpus: news, as most users have it.
const SETS: [&str; 3] = ["scrapinghub", "fundus", "andy"];
/// Pages that are made where there is no corpus.
const GENERATED: usize = 200;
/// The first argument of a process that measures copydesk itself.
const JOB: &str = "--job=extract";
/// Turns that each extractor is given; those that take ten times as long as others have one, and vary little.
const TURNS: usize = 4;
/// Rounds of one turn.
const ROUNDS: &str = "2";
const RUST_PEERS: [(&str, usize); 2] = [("dom_smoothie", TURNS), ("rs-trafilatura", 1)];
const PYTHON_PEERS: [(&str, usize); 2] = [("resiliparse", TURNS), ("trafilatura", 1)];
/// Sizes of the growth curve, in KB.
const SIZES: [usize; 5] = [100, 300, 1_000, 3_000, 10_000];
/// A megabyte of the longest page may cost so many times as much as one of a tenth of its size.
const MOST_GROWTH: f64 = 3.0;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        // `cargo test --benches` asks for a list; there is nothing to list.
        Some("--list") => ExitCode::SUCCESS,
        Some(JOB) => {
            println!("{}", measured(Path::new(&arguments[1]), arguments[2].parse().unwrap()));
            ExitCode::SUCCESS
        }
        _ => compare(),
    }
}

fn compare() -> ExitCode {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pages.jsonl");
    let origin = write_pages(&file);
    let own = std::env::current_exe().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let peers = root.join("target/bench-peers/release/copydesk-bench-peers");
    let python = root.join("target/bench-venv/bin/python");
    let script = root.join("benches/peers/extract.py");
    let mut extractors: Vec<(&str, usize, &Path, Vec<&OsStr>)> = vec![("copydesk", TURNS, &own, vec![JOB.as_ref()])];
    extractors.extend(RUST_PEERS.map(|(name, turns)| (name, turns, peers.as_path(), vec![name.as_ref()])));
    extractors.extend(
        PYTHON_PEERS.map(|(name, turns)| (name, turns, python.as_path(), vec![script.as_os_str(), name.as_ref()])),
    );
    let mut rows: Vec<(&str, Row)> = Vec::new();
    for turn in 0..TURNS {
        for (name, _, program, arguments) in extractors.iter().filter(|(_, turns, ..)| turn < *turns) {
            let row = run(program, &[arguments, &[file.as_os_str(), ROUNDS.as_ref()][..]].concat());
            match rows.iter_mut().find(|(known, _)| known == name) {
                Some((_, best)) => best.join(&row),
                None => rows.push((name, row)),
            }
        }
    }
    println!(
        "{origin}, one thread each\n\n| extractor | CPU ms a page | of copydesk's | memory at most, MiB |\n|---|---|---|---|"
    );
    let of = |name: &str| rows.iter().find(|(known, _)| *known == name).map(|(_, row)| row.page_ms()).unwrap();
    let copydesk = of("copydesk");
    for (name, row) in &rows {
        println!("| {name} | {:.2} | {:.2} | {:.0} |", row.page_ms(), row.page_ms() / copydesk, row.rose_mib);
    }
    let curve = growth();
    println!("\n| KB of HTML | CPU ms | CPU ms a MB |\n|---|---|---|");
    for (bytes, ms) in &curve {
        println!("| {:.0} | {ms:.1} | {:.2} |", *bytes as f64 / 1e3, ms / (*bytes as f64 / 1e6));
    }
    let a_megabyte = |at: usize| curve[at].1 / curve[at].0 as f64;
    let growth = a_megabyte(4) / a_megabyte(2);
    println!("\na megabyte of 10 MB costs {growth:.2} times one of 1 MB; at most {MOST_GROWTH} is allowed");
    let faster = of("resiliparse") / copydesk;
    println!(
        "resiliparse takes {faster:.2} of our time, dom_smoothie {:.2}; below 1 for dom_smoothie fails",
        of("dom_smoothie") / copydesk
    );
    if copydesk > of("dom_smoothie") || growth > MOST_GROWTH {
        println!("FAILED");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// What a process of the bench printed.
struct Row {
    pages: f64,
    cpu_ms: f64,
    rose_mib: f64,
}

impl Row {
    fn page_ms(&self) -> f64 {
        self.cpu_ms / self.pages
    }

    /// The better time of two turns, and the greater memory.
    fn join(&mut self, other: &Self) {
        self.cpu_ms = self.cpu_ms.min(other.cpu_ms);
        self.rose_mib = self.rose_mib.max(other.rose_mib);
    }
}

fn run(program: &Path, arguments: &[&OsStr]) -> Row {
    let output = Command::new(program).args(arguments).output();
    let output =
        output.unwrap_or_else(|error| panic!("{}: {error}; `make bench-extract` builds it", program.display()));
    assert!(output.status.success(), "{}: {}", program.display(), String::from_utf8_lossy(&output.stderr));
    let row: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let number = |name: &str| row[name].as_f64().unwrap_or_else(|| panic!("{name} is no number: {row}"));
    assert!(number("bytes") > 0.0, "no text came out: {row}");
    Row { pages: number("pages"), cpu_ms: number("cpu_ms"), rose_mib: number("rose_mib") }
}

/// Writes the pages that all extractors get; says what they are.
fn write_pages(file: &Path) -> String {
    let pages: Vec<(String, String)> = match std::env::var_os("COPYDESK_CORPUS").map(PathBuf::from) {
        Some(corpus) => {
            let pages = SETS.iter().flat_map(|set| articles::pages(&corpus, set, usize::MAX));
            pages.map(|page| (page.url, page.html)).collect()
        }
        None => (0..GENERATED)
            .map(|number| (format!("https://paper.example.org/{number}"), articles::news_page(120_000, number)))
            .collect(),
    };
    let mut out = std::io::BufWriter::new(fs::File::create(file).unwrap());
    for (url, html) in &pages {
        writeln!(out, "{}", serde_json::json!({"url": url, "html": html})).unwrap();
    }
    out.flush().unwrap();
    let mean = pages.iter().map(|(_, html)| html.len()).sum::<usize>() / pages.len() / 1_000;
    let kind =
        if std::env::var_os("COPYDESK_CORPUS").is_some() { "of the corpus" } else { "generated (no COPYDESK_CORPUS)" };
    format!("{} pages {kind}, {mean} KB in the mean", pages.len())
}

fn document(html: String, url: &str) -> Document {
    Document { content: Content::Html(html), hints: Hints { url: Some(url.to_owned()), ..Hints::default() } }
}

fn body_bytes(extractor: &Extractor, page: &Document) -> usize {
    extractor.extract(page).map_or(0, |found| found.article.body.len())
}

/// Reads the pages one after another, so that what memory rises by is one page and what its extraction takes.
fn measured(file: &Path, rounds: usize) -> serde_json::Value {
    let extractor = Extractor::new(ExtractLimits::default()).unwrap();
    body_bytes(&extractor, &document(articles::news_page(10_000, 1), "https://paper.example.org/first"));
    // From here on the highest value is that of extraction.
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let held = memory::own_mib("VmRSS:");
    let (mut best, mut pages, mut bytes) = (Duration::MAX, 0, 0);
    for _ in 0..rounds {
        let mut spent = Duration::ZERO;
        (pages, bytes) = (0, 0);
        for line in BufReader::new(File::open(file).unwrap()).lines() {
            let mut page: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
            let serde_json::Value::String(html) = page["html"].take() else { panic!("a page without HTML") };
            let page = document(html, page["url"].as_str().unwrap());
            let began = cpu::thread_time();
            bytes += body_bytes(&extractor, &page);
            spent += cpu::thread_time() - began;
            pages += 1;
        }
        best = best.min(spent);
    }
    let rose = memory::own_mib("VmHWM:") - held;
    serde_json::json!({"pages": pages, "bytes": bytes, "cpu_ms": cpu::ms(best), "rose_mib": rose})
}

/// Bytes of generated pages, and milliseconds that each takes.
fn growth() -> Vec<(usize, f64)> {
    let limits =
        ExtractLimits { max_body_bytes: 64 << 20, deadline: Duration::from_secs(120), ..ExtractLimits::default() };
    let extractor = Extractor::new(limits).unwrap();
    SIZES
        .iter()
        .map(|size| {
            let html = articles::news_page(size * 1_000, 1);
            let bytes = html.len();
            let page = document(html, "https://paper.example.org/long");
            let rounds = if *size < 1_000 { 20 } else { 3 };
            let best = (0..rounds)
                .map(|_| {
                    let began = cpu::thread_time();
                    let found = extractor.extract(&page).expect("a page within the limits");
                    assert!(found.article.body.len() * 5 > bytes, "most of the text of a long page is its article");
                    cpu::thread_time() - began
                })
                .min();
            (bytes, cpu::ms(best.unwrap()))
        })
        .collect()
}
