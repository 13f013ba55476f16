//! Bytes as a crawler may deliver them, to an article or a rejection: never a panic, never above the limits.
#![no_main]

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use copydesk::article::{ExtractLimits, Extractor};
use copydesk::payload::{self, DecodeLimits, Payload};
use copydesk::source::{Coordinate, Delivery, Epoch, Header, Offset, Partition};
use libfuzzer_sys::fuzz_target;

/// Small enough that inputs of a few kilobytes come upon them.
const LIMITS: ExtractLimits = ExtractLimits {
    max_depth: 128,
    max_nodes: 4_000,
    max_attributes: 20,
    max_body_bytes: 16 << 10,
    deadline: Duration::from_secs(20),
};

static EXTRACTOR: LazyLock<Extractor> =
    LazyLock::new(|| Extractor::new(LIMITS).expect("the compiled-in rules are valid"));

fuzz_target!(|bytes: &[u8]| {
    for media_type in ["text/html", "text/plain", "application/json"] {
        extract(media_type, bytes);
    }
});

fn extract(media_type: &str, bytes: &[u8]) {
    let limits = DecodeLimits { payload_bytes: 1 << 20, decoded_bytes: 1 << 20, ratio: 200, json_depth: 64 };
    let Ok(Payload::Document(decoded)) = payload::decode(&delivery(media_type, bytes), &limits) else { return };
    let explanation = EXTRACTOR.explain(&decoded.document);
    let Ok(extraction) = EXTRACTOR.extract(&decoded.document) else { return };
    let body = &extraction.article.body;
    assert!(body.len() <= LIMITS.max_body_bytes, "{} bytes", body.len());
    assert!(body.chars().any(char::is_alphanumeric), "{body:?}");
    assert!(body.split("\n\n").all(|paragraph| !paragraph.is_empty() && paragraph.trim() == paragraph), "{body:?}");
    let explanation = explanation.expect("what is extracted can be explained");
    assert_eq!(explanation.rejected, None);
    let kept: Vec<&str> = explanation.blocks.iter().filter(|block| block.kept).map(|block| block.text.trim()).collect();
    assert_eq!(&kept.join("\n\n"), body);
}

fn delivery(media_type: &str, bytes: &[u8]) -> Delivery {
    Delivery {
        coordinate: Coordinate { partition: Partition { topic: Arc::from("fuzz"), number: 0 }, offset: Offset(0) },
        epoch: Epoch::default(),
        event_time_ms: 0,
        key: None,
        headers: vec![Header { name: "content-type".to_owned(), value: Some(media_type.as_bytes().to_vec()) }],
        payload: Some(bytes.to_vec()),
    }
}
