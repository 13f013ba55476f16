//! `copydesk-bench-peers NAME PAGES ROUNDS`: runs another extractor over a file of pages (one JSON object a line, with `url` and
//! `html`) and prints one line of JSON: what a round took at best, and how far memory rose. `make bench-extract` asks for it.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::process::ExitCode;

/// Read before anything is measured.
const FIRST: &str = "<title>First</title><article><h1>First</h1><p>The council voted to build a bridge.</p></article>";

/// CPU time of this thread in nanoseconds, as the kernel's scheduler counts it.
fn cpu_ns() -> f64 {
    let counts = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    counts.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or(f64::NAN)
}

/// A size that `/proc/self/status` names, in KiB.
fn memory_kib(name: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()).and_then(|size| size.parse().ok()).unwrap_or(f64::NAN)
}

fn dom_smoothie(url: &str, html: &str) -> usize {
    let article = dom_smoothie::Readability::new(html, Some(url), None).and_then(|mut page| page.parse());
    article.map_or(0, |article| article.text_content.len())
}

fn rs_trafilatura(_url: &str, html: &str) -> usize {
    rs_trafilatura::extract(html).map_or(0, |article| article.content_text.len())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let extract: fn(&str, &str) -> usize = match arguments.first().map(String::as_str) {
        Some("dom_smoothie") => dom_smoothie,
        Some("rs-trafilatura") => rs_trafilatura,
        _ => {
            eprintln!("usage: copydesk-bench-peers dom_smoothie|rs-trafilatura PAGES ROUNDS");
            return ExitCode::from(2);
        }
    };
    let (Some(file), Some(Ok(rounds))) = (arguments.get(1), arguments.get(2).map(|rounds| rounds.parse::<usize>()))
    else {
        return ExitCode::from(2);
    };
    let _warm = extract("https://paper.example.org/first", FIRST);
    // From here on the highest value is that of extraction. Pages are read one after another, so that it is that of one page.
    if let Err(error) = fs::write("/proc/self/clear_refs", "5") {
        eprintln!("/proc/self/clear_refs: {error}");
        return ExitCode::FAILURE;
    }
    let held = memory_kib("VmRSS:");
    let (mut best, mut pages, mut bytes) = (f64::INFINITY, 0, 0);
    for _ in 0..rounds {
        let lines = match File::open(file) {
            Ok(opened) => BufReader::new(opened).lines(),
            Err(error) => {
                eprintln!("{file}: {error}");
                return ExitCode::FAILURE;
            }
        };
        let mut spent = 0.0;
        (pages, bytes) = (0, 0);
        for line in lines {
            let page = line.ok().and_then(|line| serde_json::from_str::<serde_json::Value>(&line).ok());
            let Some((url, html)) = page.as_ref().and_then(|page| Some((page["url"].as_str()?, page["html"].as_str()?)))
            else {
                eprintln!("{file}: no page on a line");
                return ExitCode::FAILURE;
            };
            let began = cpu_ns();
            bytes += extract(url, html);
            spent += cpu_ns() - began;
            pages += 1;
        }
        best = best.min(spent);
    }
    let rose = memory_kib("VmHWM:") - held;
    println!(
        "{}",
        serde_json::json!({"pages": pages, "bytes": bytes, "cpu_ms": best / 1e6, "rose_mib": rose / 1024.0})
    );
    ExitCode::SUCCESS
}
