//! `copydesk-bench-peers NAME PAGES ROUNDS` runs another extractor over a file of pages (one JSON object a line, with `url` and
//! `html`) and prints one line of JSON: what a round took at best, and how far memory rose. `make bench-extract` asks for it.
//!
//! `copydesk-bench-peers texts PAGES` prints what each of these extractors finds on each page: a JSON list with one list of texts a page.
//! `make bench-accuracy` asks for it.
//!
//! `copydesk-bench-peers gaoya STREAM NATURAL ROUNDS` does so with another index of near-duplicates over two files of texts
//! (one JSON string a line), and prints what each text was taken for a copy of. `make bench-dedup` asks for it.

#[path = "../../../tests/support/cpu.rs"]
mod cpu;
mod dedup;

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::process::ExitCode;
use std::time::Duration;

/// Read before anything is measured.
const FIRST: &str = "<title>First</title><article><h1>First</h1><p>The council voted to build a bridge.</p></article>";

/// A size that `/proc/self/status` names, in KiB.
fn memory_kib(name: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()).and_then(|size| size.parse().ok()).unwrap_or(f64::NAN)
}

fn dom_smoothie(url: &str, html: &str) -> Option<dom_smoothie::Article> {
    dom_smoothie::Readability::new(html, Some(url), None).and_then(|mut page| page.parse()).ok()
}

fn rs_trafilatura(html: &str) -> Option<String> {
    rs_trafilatura::extract(html).ok().map(|article| article.content_text)
}

/// The JSON values of a file's lines, one after another.
fn lines(file: &str) -> Result<impl Iterator<Item = Result<serde_json::Value, ExitCode>>, ExitCode> {
    let opened = File::open(file).map_err(|error| {
        eprintln!("{file}: {error}");
        ExitCode::FAILURE
    })?;
    Ok(BufReader::new(opened).lines().map(|line| {
        line.ok().and_then(|line| serde_json::from_str(&line).ok()).ok_or_else(|| {
            eprintln!("a line that is no JSON");
            ExitCode::FAILURE
        })
    }))
}

/// Memory from now on: the highest value is what is done from here.
fn held_kib() -> Result<f64, ExitCode> {
    if let Err(error) = fs::write("/proc/self/clear_refs", "5") {
        eprintln!("/proc/self/clear_refs: {error}");
        return Err(ExitCode::FAILURE);
    }
    Ok(memory_kib("VmRSS:"))
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let measured = match arguments.as_slice() {
        ["dom_smoothie", pages, rounds] => extraction(
            |url, html| dom_smoothie(url, html).map_or(0, |article| article.text_content.len()),
            pages,
            rounds,
        ),
        ["rs-trafilatura", pages, rounds] => {
            extraction(|_, html| rs_trafilatura(html).map_or(0, |text| text.len()), pages, rounds)
        }
        ["texts", pages] => texts(pages),
        ["gaoya", stream, natural, rounds] => deduplication(stream, natural, rounds),
        _ => {
            eprintln!(
                "usage: copydesk-bench-peers dom_smoothie|rs-trafilatura PAGES ROUNDS, texts PAGES, or gaoya STREAM NATURAL ROUNDS"
            );
            Err(ExitCode::from(2))
        }
    };
    measured.map_or_else(
        |code| code,
        |json| {
            println!("{json}");
            ExitCode::SUCCESS
        },
    )
}

fn rounds(number: &str) -> Result<usize, ExitCode> {
    number.parse().map_err(|_| ExitCode::from(2))
}

fn texts(file: &str) -> Result<serde_json::Value, ExitCode> {
    let pages: Vec<serde_json::Value> = lines(file)?.collect::<Result<_, _>>()?;
    let texts = pages.iter().map(|page| {
        let (url, html) = address_and_markup(file, page)?;
        let of_smoothie = dom_smoothie(url, html).map(|article| article.text_content.to_string());
        Ok([of_smoothie, rs_trafilatura(html)].map(Option::unwrap_or_default))
    });
    Ok(serde_json::json!(texts.collect::<Result<Vec<_>, ExitCode>>()?))
}

fn address_and_markup<'p>(file: &str, page: &'p serde_json::Value) -> Result<(&'p str, &'p str), ExitCode> {
    page["url"].as_str().zip(page["html"].as_str()).ok_or_else(|| {
        eprintln!("{file}: no page on a line");
        ExitCode::FAILURE
    })
}

fn extraction(extract: fn(&str, &str) -> usize, file: &str, number: &str) -> Result<serde_json::Value, ExitCode> {
    let rounds = rounds(number)?;
    let _warm = extract("https://paper.example.org/first", FIRST);
    // From here on the highest value is that of extraction. Pages are read one after another, so that it is that of one page.
    let held = held_kib()?;
    let (mut best, mut pages, mut bytes) = (Duration::MAX, 0, 0);
    for _ in 0..rounds {
        let mut spent = Duration::ZERO;
        (pages, bytes) = (0, 0);
        for page in lines(file)? {
            let page = page?;
            let (url, html) = address_and_markup(file, &page)?;
            let began = cpu::thread_time();
            bytes += extract(url, html);
            spent += cpu::thread_time() - began;
            pages += 1;
        }
        best = best.min(spent);
    }
    let rose = memory_kib("VmHWM:") - held;
    Ok(serde_json::json!({"pages": pages, "bytes": bytes, "cpu_ms": cpu::ms(best), "rose_mib": rose / 1024.0}))
}

fn deduplication(stream: &str, natural: &str, number: &str) -> Result<serde_json::Value, ExitCode> {
    let texts = |file: &str| -> Result<Vec<String>, ExitCode> {
        lines(file)?.map(|text| text.map(|text| text.as_str().unwrap_or_default().to_owned())).collect()
    };
    let (stream, natural) = (texts(stream)?, texts(natural)?);
    let held = held_kib()?;
    let (originals, index) = dedup::gaoya(&stream);
    let rose = memory_kib("VmRSS:") - held;
    drop(index);
    let mut best = Duration::MAX;
    for _ in 0..rounds(number)? {
        let began = cpu::thread_time();
        drop(dedup::gaoya(&stream));
        best = best.min(cpu::thread_time() - began);
    }
    Ok(serde_json::json!({
        "records": stream.len(), "cpu_ms": cpu::ms(best), "rose_bytes": rose * 1024.0,
        "stream": originals, "natural": dedup::gaoya(&natural).0,
    }))
}
