//! The languages of 300 articles of the corpus against what a reader noted: `fixtures/language-labels.tsv` names pages and
//! languages, and holds no text. Needs the corpus folder in `COPYDESK_CORPUS`; without it nothing is tested and the run
//! says so, unless `COPYDESK_REQUIRE_CORPUS=1`, under which that is a failure.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::Path;

use copydesk::article::{ExtractLimits, Extractor, Models};
use copydesk::document::{Content, Document, Hints};

/// A text with fewer characters may be anything.
const CHARACTERS: usize = 200;

/// The least share of texts whose language is right.
const SHARE: f64 = 0.99;

#[test]
fn articles_are_in_the_languages_that_a_reader_noted() {
    let Some(corpus) = std::env::var_os("COPYDESK_CORPUS") else {
        let required = std::env::var("COPYDESK_REQUIRE_CORPUS").is_ok_and(|value| value == "1");
        assert!(!required, "COPYDESK_REQUIRE_CORPUS=1, but COPYDESK_CORPUS is not set");
        println!("language test not run");
        return;
    };
    let mut noted: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for line in include_str!("fixtures/language-labels.tsv").lines().filter(|line| !line.starts_with('#')) {
        let [set, page, language] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        noted.entry(set).or_default().insert(page, language);
    }
    // What the text is in does not depend on the models.
    let extractor = Extractor::with_models(ExtractLimits::default(), Models::default()).unwrap();
    let (mut texts, mut wrong, mut languages) = (0_usize, Vec::new(), BTreeSet::new());
    for (set, pages) in noted {
        let file = std::fs::File::open(Path::new(&corpus).join(format!("pages/{set}.jsonl.zst"))).unwrap();
        for line in BufReader::new(zstd::Decoder::new(file).unwrap()).lines() {
            // A date that is not known is written in a way that JSON does not have.
            let line = line.unwrap().replace("\"date\": NaN", "\"date\": null");
            let line: serde_json::Value = serde_json::from_str(&line).unwrap();
            let id = line["id"].as_str().unwrap();
            let Some(language) = pages.get(id) else { continue };
            let hints = Hints { url: line["url"].as_str().map(str::to_owned), ..Hints::default() };
            let content = Content::Html(line["html"].as_str().unwrap().to_owned());
            let Ok(extraction) = extractor.extract(&Document { content, hints }) else { continue };
            if extraction.article.body.chars().count() < CHARACTERS {
                continue;
            }
            texts += 1;
            languages.insert(*language);
            let found = extraction.article.language.map(|found| found.tag).unwrap_or_default();
            if found.split('-').next() != Some(language) {
                wrong.push(format!("{set} {id}: {found}, not {language}"));
            }
        }
    }
    println!("{texts} texts in {} languages, {} wrong", languages.len(), wrong.len());
    assert!(texts >= 290 && languages.len() >= 30, "{texts} texts in {} languages", languages.len());
    let share = 1.0 - wrong.len() as f64 / texts as f64;
    assert!(share >= SHARE, "{share:.4} are right: {wrong:#?}");
}
