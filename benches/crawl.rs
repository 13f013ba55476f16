//! `make bench-crawl`: a generated crawl from a WARC file to a file of articles: pages a second, and memory at most. Beside it
//! trafilatura with warcio, over the first pages of the same file.
//!
//! The crawl is compressed record by record; half of its responses are no pages, as in real ones. `COPYDESK_CRAWL_MB` is its size
//! uncompressed (2,000). Fails where memory rises above what the configuration allows, or below five times trafilatura's speed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a bench fails by panicking"
)]

#[path = "../tests/support/articles.rs"]
mod articles;

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;

/// Pages of the crawl that Python reads.
const SAMPLE: usize = 150;
const PAGE_BYTES: usize = 100_000;
/// What the defaults allow: bytes in flight, pages in extraction on each thread, and the index of the pages.
const MOST_MIB: f64 = 400.0;
const LEAST_TIMES: f64 = 5.0;

fn main() -> ExitCode {
    if std::env::args().any(|argument| argument == "--list") {
        return ExitCode::SUCCESS;
    }
    let megabytes: usize = std::env::var("COPYDESK_CRAWL_MB").map_or(2_000, |size| size.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let crawl = folder.path().join("crawl.warc.gz");
    let pages = write_crawl(&crawl, megabytes * 1_000_000);
    println!("{pages} pages in {megabytes} MB, {:.0} MB compressed\n", crawl.metadata().unwrap().len() as f64 / 1e6);
    let own = run_copydesk(folder.path(), pages);
    let python = run_python(&crawl);
    println!("| job | pages | wall s | pages a second | memory at most, MiB |\n|---|---|---|---|---|");
    for (name, row) in [("copydesk run", &own), ("trafilatura + warcio, one process", &python)] {
        println!("| {name} | {} | {:.1} | {:.1} | {:.0} |", row.pages, row.wall, row.rate(), row.mib);
    }
    let times = own.rate() / python.rate();
    println!("\n{times:.1} times the pages a second, at least {LEAST_TIMES}; {:.0} MiB, at most {MOST_MIB}", own.mib);
    if times < LEAST_TIMES || own.mib > MOST_MIB {
        println!("FAILED");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

struct Row {
    pages: usize,
    wall: f64,
    mib: f64,
}

impl Row {
    fn rate(&self) -> f64 {
        self.pages as f64 / self.wall
    }
}

fn record(kind: &str, uri: &str, content_type: &str, block: &[u8]) -> Vec<u8> {
    let mut record = format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {uri}\r\nWARC-Date: 2024-03-05T08:30:00Z\r\nContent-Type: \
         {content_type}\r\nContent-Length: {}\r\n\r\n",
        block.len()
    )
    .into_bytes();
    record.extend_from_slice(block);
    record.extend_from_slice(b"\r\n\r\n");
    record
}

/// Writes the crawl; gives the number of its pages.
fn write_crawl(path: &Path, bytes: usize) -> usize {
    let mut file = BufWriter::new(File::create(path).unwrap());
    let (mut written, mut pages) = (0, 0);
    while written < bytes {
        let uri = format!("https://n{}.example.org/{pages}", pages % 97);
        let response = |media: &str, body: &[u8]| {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nContent-Length: {}\r\n\r\n", body.len());
            [head.as_bytes(), body].concat()
        };
        let page = articles::news_page(PAGE_BYTES, pages);
        for record in [
            record("request", &uri, "application/http; msgtype=request", b"GET / HTTP/1.1\r\n\r\n"),
            record("response", &uri, "application/http; msgtype=response", &response("text/html", page.as_bytes())),
            record(
                "response",
                &format!("{uri}/photo"),
                "application/http; msgtype=response",
                &response("image/jpeg", &[pages as u8; 2_000]),
            ),
        ] {
            written += record.len();
            let mut encoder = GzEncoder::new(&mut file, Compression::fast());
            encoder.write_all(&record).unwrap();
            encoder.finish().unwrap();
        }
        pages += 1;
    }
    file.flush().unwrap();
    pages
}

fn run_copydesk(folder: &Path, pages: usize) -> Row {
    let began = Instant::now();
    let mut run = Command::new(env!("CARGO_BIN_EXE_copydesk"))
        .args(["run", "--source", "file:crawl.warc.gz", "--sink", "file:articles.jsonl"])
        .current_dir(folder)
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut mib = 0.0_f64;
    let status = loop {
        if let Some(status) = run.try_wait().unwrap() {
            break status;
        }
        if let Ok(status) = std::fs::read_to_string(format!("/proc/{}/status", run.id())) {
            let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = peak.and_then(|size| size.split_whitespace().next()).and_then(|size| size.parse().ok());
            mib = mib.max(kib.unwrap_or(0.0) / 1024.0);
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    let wall = began.elapsed().as_secs_f64();
    assert!(status.success(), "copydesk run: {status}");
    let articles = std::fs::read_to_string(folder.join("articles.jsonl")).unwrap();
    assert_eq!(articles.lines().count(), pages, "each page is an article");
    Row { pages, wall, mib }
}

fn run_python(crawl: &Path) -> Row {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = root.join("target/bench-venv/bin/python");
    let output = Command::new(&python)
        .arg(root.join("benches/peers/crawl.py"))
        .arg(crawl)
        .arg(SAMPLE.to_string())
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}; `make bench-crawl` makes it", python.display()));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let row: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let number = |name: &str| row[name].as_f64().unwrap_or_else(|| panic!("{name} is no number: {row}"));
    Row { pages: row["pages"].as_u64().unwrap() as usize, wall: number("wall_s"), mib: number("peak_mib") }
}
