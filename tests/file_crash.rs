//! A run from file to file that is killed again and again publishes what one that is left alone does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests fail by panicking")]

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;

const PAGES: usize = 400;
/// Deliveries of one commit: many commits, so that a kill falls between and within them.
const BATCH: &str = "10";

/// Texts of which every fifth is a copy of the one before it elsewhere, with their addresses; every tenth is none.
fn texts() -> impl Iterator<Item = Option<(String, String)>> {
    (0..PAGES).map(|at| {
        if at % 10 == 9 {
            return None;
        }
        let story = if at % 5 == 4 { at - 1 } else { at };
        let paragraph = |part: usize| {
            let words: Vec<String> =
                (0..40).map(|word| format!("word{}", (story * 7 + part * 13 + word * word) % 997)).collect();
            format!("Story {story} went on with {}.", words.join(" "))
        };
        let text = format!("{}\n\n{}\n\n{}", paragraph(1), paragraph(2), paragraph(3));
        Some((format!("https://n{}.example.org/{at}", at % 7), text))
    })
}

/// The texts as JSON lines, some of which are cut off.
fn lines() -> Vec<u8> {
    let line = |text: Option<(String, String)>| match text {
        None => "{\"url\":\"https://news.example.org/broken\n".to_owned(),
        Some((url, text)) => serde_json::json!({"url": url, "text": text}).to_string() + "\n",
    };
    texts().map(line).collect::<String>().into_bytes()
}

/// The texts as records of a crawl, each compressed on its own; some have no valid head.
fn archive() -> Vec<u8> {
    let record = |text: Option<(String, String)>| {
        let (url, text) = text.unwrap_or_default();
        let length = if url.is_empty() { "unknown".to_owned() } else { text.len().to_string() };
        let head = format!(
            "WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2024-03-05T08:30:00Z\r\n\
             Content-Type: text/plain\r\nContent-Length: {length}\r\n\r\n"
        );
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(format!("{head}{text}\r\n\r\n").as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    texts().flat_map(record).collect()
}

fn start(folder: &Path, input: &str, output: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_copydesk"))
        .args(["run", "--source", &format!("file:{input}"), "--sink", &format!("file:{output}.jsonl")])
        .env("COPYDESK__BATCH__MAX_RECORDS", BATCH)
        .current_dir(folder)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Kills the run as soon as its side file has grown; `true` if it ended before that.
fn kill_once_it_commits(mut run: Child, commits: &Path) -> bool {
    let length = || std::fs::metadata(commits).map_or(0, |metadata| metadata.len());
    let before = length();
    loop {
        if let Some(status) = run.try_wait().unwrap() {
            let log = std::io::read_to_string(run.stderr.take().unwrap()).unwrap();
            assert!(status.success(), "{status}: {log}");
            return true;
        }
        if length() > before {
            run.kill().unwrap();
            run.wait().unwrap();
            return false;
        }
        std::thread::yield_now();
    }
}

/// Values of a field on each line.
fn fields(path: &Path, names: &[&str]) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap();
    let line = |line| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        names.iter().map(|name| line.pointer(name).unwrap_or_else(|| panic!("{name} in {line}")).to_string()).collect()
    };
    text.lines().map(line).collect()
}

fn every_outcome_is_there_once(input: &str, content: &[u8], rejected: &[&str]) -> Vec<Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path(input), content).unwrap();

    assert!(start(folder.path(), input, "calm").wait().unwrap().success());
    let mut kills = 0;
    while !kill_once_it_commits(start(folder.path(), input, "killed"), &path("killed.commits")) {
        kills += 1;
    }
    assert!(kills > 1, "the run ended before it could be killed");

    for (ending, names) in [
        (".jsonl", &["/id", "/revision", "/body"][..]),
        (".duplicates.jsonl", &["/id", "/of"]),
        (".rejected.jsonl", rejected),
    ] {
        let calm = fields(&path(&format!("calm{ending}")), names);
        let killed = fields(&path(&format!("killed{ending}")), names);
        assert!(!calm.is_empty(), "calm{ending} is empty");
        assert_eq!(killed, calm, "{ending}");
        assert_eq!(killed.iter().collect::<BTreeSet<_>>().len(), killed.len(), "{ending} holds something twice");
    }

    // Everything is settled: another run finds nothing to do.
    let before = std::fs::read(path("killed.jsonl")).unwrap();
    assert!(start(folder.path(), input, "killed").wait().unwrap().success());
    assert_eq!(std::fs::read(path("killed.jsonl")).unwrap(), before);
    fields(&path("killed.rejected.jsonl"), rejected)
}

#[test]
fn lines_have_one_outcome_each_whenever_the_process_is_killed() {
    every_outcome_is_there_once(
        "pages.jsonl",
        &lines(),
        &["/headers/x-original-offset", "/headers/x-copydesk-error-reason", "/payload"],
    );
}

#[test]
fn records_of_an_archive_have_one_outcome_each_whenever_the_process_is_killed() {
    let content = archive();
    let names = ["/headers/warc-offset", "/headers/x-original-offset", "/headers/x-copydesk-error-reason", "/payload"];
    let rejected = every_outcome_is_there_once("pages.warc.gz", &content, &names);
    // A rejected record is found again by the byte that its letter names: there its gzip member begins.
    for letter in rejected {
        let at: usize = letter.first().unwrap().trim_matches('"').parse().unwrap();
        let mut record = String::new();
        flate2::read::GzDecoder::new(content.get(at..).unwrap()).read_to_string(&mut record).unwrap();
        assert!(record.contains("Content-Length: unknown"), "{at}: {record}");
    }
}
