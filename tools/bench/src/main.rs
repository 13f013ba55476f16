//! `copydesk-bench-peers NAME PAGES ROUNDS`: runs another extractor over a file of pages (one JSON object a line, with `url` and
//! `html`) and prints one line of JSON: what a round took at best, and how far memory rose. `make bench-extract` asks for it.

use std::fs;
use std::process::ExitCode;

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
    let lines = match fs::read_to_string(file) {
        Ok(lines) => lines,
        Err(error) => {
            eprintln!("{file}: {error}");
            return ExitCode::FAILURE;
        }
    };
    let pages: Vec<(String, String)> = lines
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter_map(|page| Some((page["url"].as_str()?.to_owned(), page["html"].as_str()?.to_owned())))
        .collect();
    drop(lines);
    if let Some((url, html)) = pages.first() {
        extract(url, html);
    }
    // From here on the highest value is that of extraction.
    if let Err(error) = fs::write("/proc/self/clear_refs", "5") {
        eprintln!("/proc/self/clear_refs: {error}");
        return ExitCode::FAILURE;
    }
    let held = memory_kib("VmRSS:");
    let (mut best, mut bytes) = (f64::INFINITY, 0);
    for _ in 0..rounds {
        let began = cpu_ns();
        bytes = pages.iter().map(|(url, html)| extract(url, html)).sum::<usize>();
        best = best.min(cpu_ns() - began);
    }
    let rose = memory_kib("VmHWM:") - held;
    println!(
        "{}",
        serde_json::json!({"pages": pages.len(), "bytes": bytes, "cpu_ms": best / 1e6, "rose_mib": rose / 1024.0})
    );
    ExitCode::SUCCESS
}
