use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::document::Content;
use crate::source::{Coordinate, Epoch, Header, Offset, Partition};

fn delivery(payload: &[u8], headers: &[(&str, &str)]) -> Delivery {
    Delivery {
        coordinate: Coordinate { partition: Partition { topic: Arc::from("raw"), number: 0 }, offset: Offset(0) },
        epoch: Epoch(1),
        event_time_ms: 0,
        key: None,
        headers: headers
            .iter()
            .map(|(name, value)| Header { name: (*name).into(), value: Some(value.as_bytes().into()) })
            .collect(),
        payload: Some(payload.into()),
    }
}

const LIMITS: DecodeLimits =
    DecodeLimits { payload_bytes: 1 << 20, decoded_bytes: 1 << 22, ratio: 200, json_depth: 64 };

fn document(delivery: &Delivery) -> Decoded {
    match decode(delivery, &LIMITS).unwrap() {
        Payload::Document(decoded) => decoded,
        Payload::Retraction(target) => panic!("a retraction of {target:?}"),
    }
}

fn decoded(payload: &[u8]) -> Decoded {
    document(&delivery(payload, &[]))
}

fn rejected(payload: &[u8]) -> Rejection {
    decode(&delivery(payload, &[]), &LIMITS).unwrap_err()
}

#[test]
fn pages_texts_and_envelopes_are_told_apart() {
    assert_eq!(decoded(b"<!doctype html><p>Text").found.kind, PayloadKind::Html);
    assert_eq!(decoded(b"<div><p>One</p><br>two</div>").found.kind, PayloadKind::Html);
    assert_eq!(decoded(b"Prose where 1 < 2 and 3 > 2.").found.kind, PayloadKind::Text);
    assert_eq!(decoded(b"{braces} open this prose").found.kind, PayloadKind::Text);
    assert_eq!(decoded(br#"{"html":"<p>x</p>","text":"y"}"#).found.kind, PayloadKind::JsonHtml);
    assert_eq!(decoded(br#" {"text":"y"}"#).found.kind, PayloadKind::JsonText);
    assert_eq!(decoded(br#"{"body":"<html><p>x</p></html>"}"#).found.kind, PayloadKind::JsonHtml);
}

#[test]
fn a_html_media_type_makes_a_page_of_sparse_markup() {
    let page = delivery(b"just a line", &[("Content-Type", "text/html; charset=utf-8")]);
    assert_eq!(document(&page).found.kind, PayloadKind::Html);
}

#[test]
fn hints_come_from_the_envelope_then_headers_then_the_key() {
    let mut carried =
        delivery(br#"{"text":"y","fetched_at":"2026-03-01T10:00:00+01:00"}"#, &[("url", "https://a.example.org/")]);
    carried.key = Some(b"https://b.example.org/".to_vec());
    let hints = document(&carried).document.hints;
    assert_eq!(hints.url.as_deref(), Some("https://a.example.org/"));
    assert_eq!(hints.fetched_at_ms, Some(1_772_355_600_000));
    carried.headers.clear();
    assert_eq!(document(&carried).document.hints.url.as_deref(), Some("https://b.example.org/"));
    carried.payload = Some(br#"{"text":"y","url":"https://c.example.org/"}"#.to_vec());
    assert_eq!(document(&carried).document.hints.url.as_deref(), Some("https://c.example.org/"));
}

#[test]
fn charsets_are_found_by_mark_header_meta_and_detection() {
    let plain = |payload: &[u8], headers: &[(&str, &str)]| match document(&delivery(payload, headers)) {
        Decoded { document: Document { content: Content::Plain(text) | Content::Html(text), .. }, found, .. } => {
            (text, found.charset)
        }
    };
    assert_eq!(plain(b"\xEF\xBB\xBFcaf\xC3\xA9", &[]), ("café".into(), "UTF-8"));
    assert_eq!(
        plain(b"caf\xE9", &[("content-type", "text/plain; charset=ISO-8859-1")]),
        ("café".into(), "windows-1252")
    );
    assert!(plain(b"<html><meta charset='windows-1251'><p>\xCC\xEE\xF1\xEA\xE2\xE0", &[]).0.contains("Москва"));
    let russian = "Правительство утвердило бюджет на следующий год".encode_utf16().flat_map(u16::to_le_bytes);
    let marked: Vec<u8> = [0xFF, 0xFE].into_iter().chain(russian).collect();
    assert_eq!(plain(&marked, &[]).1, "UTF-16LE");
    let declared = b"<?xml version='1.0' encoding='iso-8859-2'?><html><p>\xBE\xE9</p></html>";
    assert_eq!(plain(declared, &[]).1, "ISO-8859-2");
    // The charset of a script is not that of its page.
    let scripted = b"<html><script charset=utf-8></script><meta charset=iso-8859-5><p>\xBC\xDE</p></html>";
    assert_eq!(plain(scripted, &[]).1, "ISO-8859-5");
    let unmarked: Vec<u8> = "<html><p>G\u{f6}teborg</p></html>".encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(plain(&unmarked, &[]), ("<html><p>Göteborg</p></html>".into(), "UTF-16BE"));
    // Declared UTF-8 with one broken byte is UTF-8; where hardly anything is, it is not.
    let utf_8 = [("content-type", "text/plain; charset=utf-8")];
    assert_eq!(plain(b"caf\xC3\xA9 cr\xC3\xA8me br\xC3\xBBl\xC3\xA9e, then \xFF and so on", &utf_8).1, "UTF-8");
    assert_eq!(
        plain(b"\xCF\xF0\xE0\xE2\xE8\xF2\xE5\xEB\xFC\xF1\xF2\xE2\xEE \xF3\xF2\xE2\xE5\xF0\xE4\xE8\xEB\xEE", &utf_8).1,
        "windows-1251"
    );
    // Declared wrong: valid UTF-8 beyond ASCII is UTF-8.
    assert_eq!(
        plain("naïve".as_bytes(), &[("content-type", "text/plain; charset=iso-8859-1")]),
        ("naïve".into(), "UTF-8")
    );
}

#[test]
fn base64_pages_keep_their_charset() {
    let encoded = r#"{"html_base64":"PGh0bWw+PG1ldGEgY2hhcnNldD1pc28tODg1OS0xPjxwPmNhZuk8L3A+","id":"7"}"#;
    let decoded = decoded(encoded.as_bytes());
    assert_eq!(decoded.found.charset, "windows-1252");
    assert_eq!(decoded.id, Some("7".into()));
    assert!(matches!(&decoded.document.content, Content::Html(page) if page.contains("café")));
}

#[test]
fn what_holds_no_text_is_rejected_with_its_reason() {
    assert_eq!(rejected(b"").reason(), "empty");
    assert_eq!(rejected(b" \n\t ").reason(), "empty");
    assert_eq!(rejected(b"%PDF-1.7 ...").reason(), "pdf");
    assert_eq!(rejected(b"\x89PNG\r\n\x1a\n....").reason(), "image");
    assert_eq!(rejected(b"{\"html\": \"<p>").reason(), "invalid_json");
    assert_eq!(rejected(br#"{"url":"https://example.org/"}"#).reason(), "no_content_field");
    assert_eq!(rejected(&[0, 1, 2, 3, 4, 5, 6, 7, 255, 254, 0, 1]).reason(), "undecodable");
    assert_eq!(
        decode(&delivery(b"12345", &[]), &DecodeLimits { payload_bytes: 4, ..LIMITS }).unwrap_err().reason(),
        "too_large"
    );
}

#[test]
fn an_error_about_json_quotes_nothing_of_the_payload() {
    let message = rejected(br#"{"text":"x","secret":tr0ub4dor}"#).to_string();
    assert!(!message.contains("tr0ub4dor"), "{message}");
}

proptest! {
    #[test]
    fn any_bytes_are_decoded_or_rejected(payload in proptest::collection::vec(any::<u8>(), 0..400), prefix in "(\\{\"text\":\"|<html>|%PDF|)") {
        let bytes: Vec<u8> = prefix.bytes().chain(payload).collect();
        match decode(&delivery(&bytes, &[]), &LIMITS) {
            Ok(Payload::Retraction(_)) => {}
            Ok(Payload::Document(decoded)) => prop_assert!(!decoded.document.content.is_empty()),
            Err(rejection) => prop_assert!(Rejection::REASONS.contains(&(rejection.reason(), rejection.stage()))),
        }
    }
}

#[test]
fn all_robots_headers_are_kept_and_the_time_of_delivery_where_a_clock_gave_it() {
    let headers = [("X-Robots-Tag", "otherbot: noindex"), ("x-robots-tag", " noai "), ("x-robots-tag", "")];
    let mut carried = delivery(b"Prose of a page.", &headers);
    let hints = document(&carried).document.hints;
    assert_eq!(hints.served.robots, ["otherbot: noindex", "noai"]);
    // The number of a line stands in for a time in files.
    assert_eq!((hints.delivered_at_ms, hints.seen_by_ms()), (None, None));
    carried.event_time_ms = 1_772_355_600_000;
    let hints = document(&carried).document.hints;
    assert_eq!((hints.delivered_at_ms, hints.fetched_at_ms), (Some(1_772_355_600_000), None));
}
