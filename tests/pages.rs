//! Whole pages with the text that a careful reader wants of them: `tests/fixtures/pages/<what it proves>/`, with
//! `input.html` and `expected.txt` (the body) or `expected.json` (`rejected`: the reason; `flagged`: the flag).
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use copydesk::article::{ExtractLimits, Extractor, Flag};
use copydesk::document::{Content, Document, Hints};
use serde::Deserialize;

/// Pages that do not come out as they should yet, each with what is wrong. One that does come right must leave this list.
const FAULTS: [(&str, &str); 0] = [];

/// What becomes of a page that is no article.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum Fate {
    Rejected(String),
    Flagged(Flag),
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pages");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    cases
}

/// Nothing where the two are equal, else each paragraph that is missing or too much, with why.
fn difference(expected: &str, body: &str, extractor: &Extractor, document: &Document) -> String {
    if expected == body {
        return String::new();
    }
    let (wanted, got): (Vec<&str>, Vec<&str>) = (expected.split("\n\n").collect(), body.split("\n\n").collect());
    let blocks = extractor.explain(document).unwrap().blocks;
    let mut text = String::new();
    for paragraph in wanted.iter().filter(|paragraph| !got.contains(paragraph)) {
        let block = blocks.iter().find(|block| block.text == **paragraph);
        let why = block.map(|block| (block.rule.as_deref().unwrap_or_default(), block.score));
        writeln!(text, "  missing  {paragraph}\n           {why:?}").unwrap();
    }
    for paragraph in got.iter().filter(|paragraph| !wanted.contains(paragraph)) {
        let score = blocks.iter().find(|block| block.text == **paragraph).map(|block| block.score);
        writeln!(text, "  too much {paragraph}\n           {score:?}").unwrap();
    }
    if text.is_empty() {
        writeln!(text, "  the order or the number of paragraphs differs:\n{body}").unwrap();
    }
    text
}

#[test]
fn every_page_gives_the_text_that_a_reader_wants() {
    let extractor = Extractor::new(ExtractLimits::default()).unwrap();
    let cases = cases();
    assert!(cases.len() >= 18, "{cases:?}");
    let mut wrong = String::new();
    for case in cases {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let html = fs::read_to_string(case.join("input.html")).unwrap();
        let document = Document { content: Content::Html(html), hints: Hints::default() };
        let extraction = extractor.extract(&document);
        let found = match fs::read_to_string(case.join("expected.txt")) {
            Ok(expected) => match extraction {
                Ok(extraction) => difference(expected.trim_end(), &extraction.article.body, &extractor, &document),
                Err(rejection) => format!("  rejected: {}\n", rejection.reason()),
            },
            Err(_) => {
                let json = fs::read_to_string(case.join("expected.json")).unwrap();
                match (serde_json::from_str(&json).unwrap(), extraction) {
                    (Fate::Rejected(reason), Err(rejection)) if rejection.reason() == reason => String::new(),
                    (Fate::Flagged(flag), Ok(extraction)) if extraction.article.flags.contains(&flag) => String::new(),
                    (fate, other) => format!("  {fate:?} expected, got {other:?}\n"),
                }
            }
        };
        let known = FAULTS.iter().find(|(fault, _)| *fault == name);
        match (found.is_empty(), known) {
            (false, None) => writeln!(wrong, "{name}\n{found}").unwrap(),
            (true, Some((_, fault))) => writeln!(wrong, "{name}\n  no longer: {fault}\n").unwrap(),
            (true, None) | (false, Some(_)) => {}
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
