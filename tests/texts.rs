//! Scraped texts with the article that a careful reader wants of them: `tests/fixtures/texts/<what it proves>.txt`, and
//! beside it `<what it proves>.gold.json` with the body and each field that must hold (null: that must be absent).
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests fail by panicking")]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use copydesk::article::{Article, ExtractLimits, Extractor};
use copydesk::document::Document;
use copydesk::payload::{self, DecodeLimits, Payload};
use copydesk::source::{Coordinate, Delivery, Epoch, Header, Offset, Partition};
use serde_json::{Value, json};

/// Texts that do not come out as they should yet, each with what is wrong. One that does come right must leave this list.
const FAULTS: [(&str, &str); 0] = [];

const LIMITS: DecodeLimits =
    DecodeLimits { payload_bytes: 1 << 20, decoded_bytes: 1 << 20, ratio: 200, json_depth: 64 };

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/texts");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    cases.sort();
    cases
}

/// The text as it is understood when it arrives with a content type.
fn document(case: &Path, content_type: &str) -> Document {
    let delivery = Delivery {
        coordinate: Coordinate { partition: Partition { topic: Arc::from("texts"), number: 0 }, offset: Offset(0) },
        epoch: Epoch::default(),
        event_time_ms: 0,
        key: None,
        headers: vec![Header { name: "content-type".to_owned(), value: Some(content_type.as_bytes().to_vec()) }],
        payload: Some(fs::read(case).unwrap()),
    };
    match payload::decode(&delivery, &LIMITS) {
        Ok(Payload::Document(decoded)) => decoded.document,
        other => panic!("{}: {other:?}", case.display()),
    }
}

/// Whether a field of the article is what the gold says.
fn field(article: &Article, name: &str) -> Value {
    match name {
        "title" => json!(article.title),
        "body" => json!(article.body),
        "language" => json!(article.language.as_ref().map(|language| &language.tag)),
        "authors" => json!(article.authors.iter().map(|author| &author.name).collect::<Vec<_>>()),
        "date" => json!(article.published.as_ref().map(|published| published.day())),
        "tags" => json!(article.tags),
        "section" => json!(article.section),
        "dateline" => json!(article.dateline),
        "source_url" => json!(article.source_url),
        other => panic!("no field is called {other}"),
    }
}

/// Each paragraph that is missing or too much, with the rule or the score that says why.
fn paragraphs(expected: &str, body: &str, extractor: &Extractor, document: &Document) -> String {
    let (wanted, got): (Vec<&str>, Vec<&str>) = (expected.split("\n\n").collect(), body.split("\n\n").collect());
    let blocks = extractor.explain(document).unwrap().blocks;
    let mut text = String::new();
    for paragraph in wanted.iter().filter(|paragraph| !got.contains(paragraph)) {
        let rule = blocks.iter().find(|block| block.text == **paragraph).map(|block| (&block.rule, block.score));
        writeln!(text, "  missing  {paragraph}\n           {rule:?}").unwrap();
    }
    for paragraph in got.iter().filter(|paragraph| !wanted.contains(paragraph)) {
        writeln!(text, "  too much {paragraph}").unwrap();
    }
    if text.is_empty() {
        writeln!(text, "  the order or the number of paragraphs differs:\n{body}").unwrap();
    }
    text
}

fn differences(case: &Path, extractor: &Extractor) -> String {
    let gold: Value = serde_json::from_str(&fs::read_to_string(case.with_extension("gold.json")).unwrap()).unwrap();
    let gold = gold.as_object().unwrap();
    let content_type = gold.get("content_type").map_or("text/plain", |name| name.as_str().unwrap());
    let document = document(case, content_type);
    let article = match extractor.extract(&document) {
        Ok(extraction) => extraction.article,
        Err(rejection) => return format!("  rejected: {}\n", rejection.reason()),
    };
    assert!(gold.contains_key("body"), "{} says no body", case.display());
    let mut found = String::new();
    for (name, expected) in gold.iter().filter(|(name, _)| *name != "content_type") {
        let got = field(&article, name);
        if got == *expected {
            continue;
        }
        match name.as_str() {
            "body" => found += &paragraphs(expected.as_str().unwrap(), &article.body, extractor, &document),
            _ => writeln!(found, "  {name} is {got}, expected {expected}").unwrap(),
        }
    }
    found
}

#[test]
fn every_text_gives_the_article_that_a_reader_wants() {
    let extractor = Extractor::new(ExtractLimits::default()).unwrap();
    let cases = cases();
    let mut wrong = String::new();
    for case in &cases {
        let name = case.file_stem().unwrap().to_string_lossy().into_owned();
        let found = differences(case, &extractor);
        let known = FAULTS.iter().find(|(fault, _)| *fault == name);
        match (found.is_empty(), known) {
            (false, None) => writeln!(wrong, "{name}\n{found}").unwrap(),
            (true, Some((_, fault))) => writeln!(wrong, "{name}\n  no longer: {fault}\n").unwrap(),
            (true, None) | (false, Some(_)) => {}
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    for (fault, _) in FAULTS {
        assert!(cases.iter().any(|case| case.file_stem().is_some_and(|name| name == fault)), "no case {fault}");
    }
}

#[test]
fn the_texts_are_in_twelve_languages_and_more() {
    let cases = cases();
    let languages: BTreeSet<String> =
        cases.iter().map(|case| case.file_name().unwrap().to_string_lossy().chars().take(2).collect()).collect();
    assert!(cases.len() >= 40, "{} texts", cases.len());
    assert!(languages.len() >= 12, "{languages:?}");
}
