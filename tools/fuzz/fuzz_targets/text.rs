//! Any text as a crawler may have scraped it, to an article or a rejection: never a panic, never above the limits.
#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use copydesk::article::{ExtractLimits, Extractor};
use copydesk::document::{Content, Document, Hints};
use libfuzzer_sys::fuzz_target;

const LIMITS: ExtractLimits = ExtractLimits {
    max_depth: 128,
    max_nodes: 4_000,
    max_attributes: 20,
    max_body_bytes: 16 << 10,
    deadline: Duration::from_secs(20),
};

static EXTRACTOR: LazyLock<Extractor> =
    LazyLock::new(|| Extractor::new(LIMITS).expect("the compiled-in rules are valid"));

fuzz_target!(|text: &str| {
    let document = Document { content: Content::Plain(text.to_owned()), hints: Hints::default() };
    let explanation = EXTRACTOR.explain(&document);
    let Ok(extraction) = EXTRACTOR.extract(&document) else { return };
    let body = &extraction.article.body;
    assert!(body.len() <= LIMITS.max_body_bytes, "{} bytes", body.len());
    assert!(body.chars().any(char::is_alphanumeric), "{body:?}");
    assert!(body.split("\n\n").all(|paragraph| !paragraph.is_empty() && paragraph.trim() == paragraph), "{body:?}");
    assert!(extraction.removed.iter().all(|block| !block.rule.is_empty()), "a block without a rule");
    let explanation = explanation.expect("what is extracted can be explained");
    assert_eq!(explanation.rejected, None);
    let kept: Vec<&str> = explanation.blocks.iter().filter(|block| block.kept).map(|block| block.text.trim()).collect();
    // A page in one line is judged in parts, those that stay are one line of the body.
    if explanation.blocks.iter().any(|block| block.rule.as_deref() == Some("one_line:labels")) {
        let words: Vec<&str> = kept.iter().flat_map(|block| block.split_whitespace()).collect();
        assert_eq!(words, body.split_whitespace().collect::<Vec<_>>());
    } else {
        assert_eq!(&kept.join("\n\n"), body);
    }
});
