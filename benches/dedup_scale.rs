//! `make bench-dedup-scale`: memory, disk and restore time of the index over the number of claims.
//!
//! Claims are made from generated URLs and texts, one article each. Memory is what the process holds more than before.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a bench fails by panicking")]

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use copydesk::article::Article;
use copydesk::fingerprint::{Fingerprint, PayloadHash};
use copydesk::index::disk::DiskIndex;
use copydesk::index::{ChangelogPositions, DedupIndex};
use copydesk::sink::VouchedClaims;
use copydesk::source::{Coordinate, Offset, Partition};
use copydesk::verdict::{Claim, Verdict};

const CHUNK: u64 = 1_000;
/// Above this a claim costs more than ARCHITECTURE.md says.
const MOST_RAM_BYTES_PER_CLAIM: f64 = 1_200.0;

fn claim(number: u64) -> Arc<Claim> {
    let url = format!("https://paper{}.example.org/2026/03/story-{number}", number % 997);
    let article = Article {
        body: format!("the text of story {number}"),
        title: Some(format!("Story {number}")),
        ..Article::default()
    };
    let fingerprint = Fingerprint::of(&article, Some(&url), None, PayloadHash::of_payload(Some(url.as_bytes())));
    let id = serde_json::Value::from(format!("a1-{}", fingerprint.identity.delivered[0]));
    Arc::new(Claim {
        delivery: Coordinate {
            partition: Partition { topic: "copydesk.raw".into(), number: 0 },
            offset: Offset(number),
        },
        payload: fingerprint.payload,
        event_time_ms: i64::try_from(number).unwrap(),
        article: serde_json::from_value(id).unwrap(),
        revision: 1,
        verdict: Verdict::Unique,
        published: true,
        aliases: fingerprint.identity.delivered,
        text: Some(fingerprint.text),
        succeeds: None,
        title: fingerprint.title,
        publisher: fingerprint.publisher,
        of: None,
        first: None,
    })
}

fn resident_bytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() * 1024.0
}

fn folder_bytes(folder: &std::path::Path) -> f64 {
    std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum::<u64>() as f64
}

/// One size a process: memory that an earlier size gave back would hide what this one takes.
fn measure(count: u64) -> ExitCode {
    let folder = tempfile::tempdir().unwrap();
    let before = resident_bytes();
    let mut index = DiskIndex::open(folder.path(), "bench").unwrap();
    let began = Instant::now();
    for from in (0..count).step_by(usize::try_from(CHUNK).unwrap()) {
        let claims = (from..count.min(from + CHUNK)).map(claim).collect();
        index.apply(VouchedClaims::read_back(claims, ChangelogPositions([(0, from + CHUNK)].into()))).unwrap();
    }
    let written = began.elapsed().as_secs_f64();
    let ram = resident_bytes() - before;
    drop(index);
    let disk = folder_bytes(folder.path());
    let began = Instant::now();
    let index = DiskIndex::open(folder.path(), "bench").unwrap();
    let restored = began.elapsed().as_secs_f64();
    assert_eq!(index.len() as u64, count);
    println!(
        "| {count} | {:.0} MiB | {:.0} B | {:.0} MiB | {:.0} B | {:.0} | {restored:.2} s |",
        ram / 1048576.0,
        ram / count as f64,
        disk / 1048576.0,
        disk / count as f64,
        count as f64 / written
    );
    if ram / count as f64 > MOST_RAM_BYTES_PER_CLAIM {
        eprintln!("more than {MOST_RAM_BYTES_PER_CLAIM} bytes of memory a claim");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn main() -> ExitCode {
    let argument = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    if let Some(count) = argument {
        return measure(count);
    }
    println!("| claims | RAM | a claim | disk | a claim | applied/s | restored in |");
    println!("|---|---|---|---|---|---|---|");
    for count in ["10000", "100000", "1000000"] {
        let program = std::env::current_exe().unwrap();
        let status = std::process::Command::new(program).arg(count).status().unwrap();
        if !status.success() {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
