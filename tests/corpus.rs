//! The corpus's seed payloads, field by field. Needs the corpus folder in `COPYDESK_CORPUS`; without it nothing is
//! tested and the run says so, unless `COPYDESK_REQUIRE_CORPUS=1`, under which that is a failure.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use std::path::PathBuf;

use copydesk::article::{Article, ExtractLimits, Extractor};
use copydesk::document::{Content, Document, Hints};
use copydesk::fingerprint::near::{Sketcher, compare};
use copydesk::verdict::Policy;
use serde::Deserialize;

/// One line of `gold.jsonl`.
#[derive(Debug, Deserialize)]
struct Gold {
    id: String,
    title: Option<String>,
    text: String,
    lang: Option<String>,
    dateline: Option<String>,
    published: Option<String>,
    tags: Vec<String>,
    section: Option<String>,
    source_url: Option<String>,
}

fn seeds() -> Option<PathBuf> {
    let Some(corpus) = std::env::var_os("COPYDESK_CORPUS") else {
        let required = std::env::var("COPYDESK_REQUIRE_CORPUS").is_ok_and(|value| value == "1");
        assert!(!required, "COPYDESK_REQUIRE_CORPUS=1, but COPYDESK_CORPUS is not set");
        println!("corpus tests not run");
        return None;
    };
    Some(PathBuf::from(corpus).join("seeds"))
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Each field that differs, with what was found and what was expected.
fn differences(gold: &Gold, article: &Article) -> Vec<String> {
    let mut differences = Vec::new();
    let mut compare = |field: &str, found: Option<&str>, expected: Option<&str>| {
        let (found, expected) = (found.map(folded), expected.map(folded));
        if found != expected {
            differences.push(format!("{}: {field} is\n  {found:?}\nexpected\n  {expected:?}", gold.id));
        }
    };
    compare("title", article.title.as_deref(), gold.title.as_deref());
    compare("body", Some(&article.body), Some(&gold.text));
    compare("lang", article.language.as_ref().map(|language| language.tag.as_str()), gold.lang.as_deref());
    compare("dateline", article.dateline.as_deref(), gold.dateline.as_deref());
    compare("published", article.published.as_ref().map(|published| published.day()), gold.published.as_deref());
    compare("section", article.section.as_deref(), gold.section.as_deref());
    compare("source_url", article.source_url.as_deref(), gold.source_url.as_deref());
    compare("tags", Some(&article.tags.join(" | ")), Some(&gold.tags.join(" | ")));
    if article.body.split("\n\n").count() != gold.text.split("\n\n").count() {
        differences.push(format!("{}: {} paragraphs", gold.id, article.body.split("\n\n").count()));
    }
    differences
}

#[test]
fn every_seed_gives_every_field() {
    let Some(folder) = seeds() else { return };
    let extractor = Extractor::new(ExtractLimits::default()).expect("rules compile");
    let gold = std::fs::read_to_string(folder.join("gold.jsonl")).expect("gold.jsonl is readable");
    let mut differing = Vec::new();
    let mut seen = 0;
    for line in gold.lines().filter(|line| !line.trim().is_empty()) {
        let gold: Gold = serde_json::from_str(line).expect("gold.jsonl holds JSON lines");
        let text = std::fs::read_to_string(folder.join(&gold.id)).expect("each seed is readable");
        let document = Document { content: Content::Plain(text), hints: Hints::default() };
        match extractor.extract(&document) {
            Ok(extraction) => {
                assert!(
                    extraction.removed.iter().all(|block| !block.rule.is_empty()),
                    "{}: a block without a rule",
                    gold.id
                );
                differing.extend(differences(&gold, &extraction.article));
            }
            Err(rejection) => differing.push(format!("{}: rejected: {rejection}", gold.id)),
        }
        seen += 1;
    }
    assert_eq!(seen, 5, "five seeds");
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

/// Two of them are about one interview; readers want both.
#[test]
fn no_seed_is_a_copy_of_another() {
    let Some(folder) = seeds() else { return };
    let extractor = Extractor::new(ExtractLimits::default()).expect("rules compile");
    let sketcher = Sketcher::new("");
    let gold = std::fs::read_to_string(folder.join("gold.jsonl")).expect("gold.jsonl is readable");
    let mut sketches = Vec::new();
    for line in gold.lines().filter(|line| !line.trim().is_empty()) {
        let gold: Gold = serde_json::from_str(line).expect("gold.jsonl holds JSON lines");
        let text = std::fs::read_to_string(folder.join(&gold.id)).expect("each seed is readable");
        let document = Document { content: Content::Plain(text), hints: Hints::default() };
        let article = extractor.extract(&document).expect("each seed is an article").article;
        sketches.push((gold.id, sketcher.sketch(article.title.as_deref(), &article.body)));
    }
    for (at, (first, earlier)) in sketches.iter().enumerate() {
        assert!(compare(earlier, earlier).probability > 0.9, "{first} is like itself");
        for (second, later) in sketches.iter().skip(at + 1) {
            let probability = compare(earlier, later).probability;
            assert!(probability < Policy::default().bands.copy, "{first} and {second}: {probability}");
        }
    }
}

/// The same through the whole stream: five payloads, five articles.
#[test]
fn all_seeds_are_published() {
    let Some(folder) = seeds() else { return };
    let output = tempfile::tempdir().expect("a folder");
    let payloads = output.path().join("in");
    std::fs::create_dir(&payloads).expect("a folder");
    for entry in std::fs::read_dir(&folder).expect("the seeds are readable") {
        let path = entry.expect("the seeds are readable").path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            std::fs::copy(&path, payloads.join(path.file_name().expect("a name"))).expect("a copy");
        }
    }
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_copydesk"))
        .args(["run", "--source", "file:in", "--sink", "file:out.jsonl"])
        .current_dir(output.path())
        .output()
        .expect("the program runs");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let lines = |name: &str| -> Vec<serde_json::Value> {
        let text = std::fs::read_to_string(output.path().join(name)).expect("an output");
        text.lines().map(|line| serde_json::from_str(line).expect("JSON lines")).collect()
    };
    let records = lines("out.jsonl");
    let ids: std::collections::BTreeSet<&str> = records.iter().filter_map(|record| record["id"].as_str()).collect();
    assert_eq!((records.len(), ids.len()), (5, 5));
    assert!(records.iter().all(|record| record["event"] == "published"), "{records:?}");
    assert!(lines("out.duplicates.jsonl").is_empty());
}
