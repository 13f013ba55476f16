//! `copydesk explain` as a user or a script meets it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

mod support {
    pub mod service;
}

use std::io::Write;
use std::process::{Output, Stdio};

use serde_json::Value;
use support::service::copydesk;

const PAGE: &str = "<!doctype html><html lang=en><head><title>Ferry to Sorrel Island runs again | The Merrow Courier</title></head>\
    <body><nav><a href=/>Home</a> <a href=/coast>Coast</a></nav>\
    <div id=onetrust-banner-sdk><p>We use cookies to improve your experience. Accept all cookies or manage your choices.</p></div>\
    <article><h1>Ferry to Sorrel Island runs again</h1>\
    <p>The ferry between Port Merrow and Sorrel Island left on time on Monday, for the first time since the storm of last March tore away its landing stage.</p>\
    <p>About ninety passengers were aboard, among them a class of schoolchildren and the mayor, who had promised to be the first to cross and to pay for her own ticket.</p>\
    </article><footer><p>Copyright 2026 The Merrow Courier. All rights reserved.</p></footer></body></html>";

/// Runs `copydesk explain` with this payload on its standard input.
fn explain(arguments: &[&str], payload: &[u8]) -> Output {
    let mut command = copydesk();
    command.arg("explain").args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(payload).unwrap();
    child.wait_with_output().unwrap()
}

fn json(payload: &[u8]) -> Value {
    let output = explain(&["--json", "-"], payload);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_block_of_a_page_is_shown_kept_or_removed_with_its_reason() {
    let output = explain(&["-"], PAGE.as_bytes());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(!text.contains('\x1b'), "colour where no terminal is: {text:?}");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "title: Ferry to Sorrel Island runs again");
    let line = |part: &str| *lines.iter().find(|line| line.contains(part)).expect(part);
    assert!(line("Home Coast").starts_with("- navigation "), "{text}");
    assert!(line("We use cookies").starts_with("- consent "), "{text}");
    assert!(line("We use cookies").contains("selector:"), "{text}");
    assert!(line("left on time on Monday").starts_with("+ paragraph "), "{text}");
    assert!(line("All rights reserved").starts_with("- "), "{text}");
}

#[test]
fn programs_read_one_object_whose_kept_blocks_are_the_article() {
    let explained = json(PAGE.as_bytes());
    let blocks = explained["blocks"].as_array().unwrap();
    let kept: Vec<&str> =
        blocks.iter().filter(|block| block["kept"] == true).map(|block| block["text"].as_str().unwrap()).collect();
    assert_eq!(kept.len(), 2, "{explained:#}");
    assert!(kept[0].starts_with("The ferry between") && kept[1].starts_with("About ninety"), "{kept:?}");
    for block in blocks {
        assert_eq!(block["kept"] == false, block["kind"].is_string(), "{block}");
        let score = block["score"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&score), "{block}");
        assert!(block["shape"].is_string() && (block["kept"] == true || block["rule"].is_string()), "{block}");
    }
}

#[test]
fn lines_of_a_plain_text_are_explained_too() {
    let text = "Accept all cookies\n\nThe harbour of Merrow opened again on Monday, two years after the storm.\n\nShare on Facebook\n";
    let explained = json(text.as_bytes());
    let blocks = explained["blocks"].as_array().unwrap();
    let of = |text: &str| blocks.iter().find(|block| block["text"] == text).expect(text);
    assert_eq!(blocks.len(), 3, "{explained:#}");
    assert_eq!(of("Accept all cookies")["kind"], "consent");
    assert_eq!(of("Share on Facebook")["kind"], "share");
    let kept = of("The harbour of Merrow opened again on Monday, two years after the storm.");
    assert_eq!((&kept["kept"], &kept["shape"]), (&Value::Bool(true), &Value::from("line")));
}

#[test]
fn a_page_that_would_be_rejected_is_explained_and_what_is_no_page_fails() {
    let wall = "<html><body><div id=onetrust-banner-sdk><p>We use cookies and similar technologies. You can accept all cookies or manage your choices at any time.</p></div></body></html>";
    let explained = json(wall.as_bytes());
    assert_eq!(explained["rejected"], "consent_wall");
    assert_eq!(explained["blocks"][0]["kind"], "consent");

    let output = explain(&["-"], b"%PDF-1.7 binary");
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("gives no article"), "{message}");
}
