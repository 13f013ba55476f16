#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;
use crate::payload::{DecodeLimits, Payload, decode};
use crate::source::conformance::{self, read_all};
use crate::source::file::FileSource;
use crate::source::{Delivery, Positions};

const LIMIT: usize = 4_000;

fn record(kind: &str, uri: &str, content_type: &str, block: &str) -> Vec<u8> {
    format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {uri}\r\nWARC-Date: 2024-03-05T08:30:00Z\r\nContent-Type: \
         {content_type}\r\nContent-Length: {}\r\n\r\n{block}\r\n\r\n",
        block.len()
    )
    .into_bytes()
}

fn page(name: &str) -> Vec<u8> {
    let html = format!(
        "<html><body><article><p>What stands on {name} is said here at some length.</p></article></body></html>"
    );
    response(name, "text/html", &html)
}

fn response(name: &str, media: &str, body: &str) -> Vec<u8> {
    let block = format!("HTTP/1.1 200 OK\r\nContent-Type: {media}\r\n\r\n{body}");
    record("response", &format!("https://a.example.org/{name}"), "application/http; msgtype=response", &block)
}

/// A crawl as one finds them: what describes it, two pages, and what came with them.
fn crawl() -> Vec<Vec<u8>> {
    vec![
        record("warcinfo", "", "application/warc-fields", "software: a crawler\r\n"),
        record("request", "https://a.example.org/1", "application/http; msgtype=request", "GET /1 HTTP/1.1\r\n\r\n"),
        page("1"),
        response("photo", "image/jpeg", "\u{1}\u{2}\u{3}"),
        response("style", "text/css;charset=utf-8", "p {}"),
        page("2"),
        record("resource", "urn:text:https://a.example.org/2", "text/plain", "What stands on 2"),
        record(
            "conversion",
            "https://a.example.org/3",
            "text/plain",
            "A text that was taken from a page.\nIt has two lines.",
        ),
    ]
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The file's deliveries, and where the first of its records stand.
fn deliveries(name: &str, bytes: &[u8]) -> Vec<Delivery> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    read_all(&mut FileSource::new(&path, LIMIT), &Positions::new())
}

fn places(deliveries: &[Delivery]) -> Vec<u64> {
    deliveries.iter().map(|delivery| delivery.coordinate.offset.0).collect()
}

fn offset(delivery: &Delivery) -> u64 {
    delivery.header("warc-offset").unwrap().parse().unwrap()
}

fn outcome(delivery: &Delivery) -> String {
    let limits = DecodeLimits { payload_bytes: LIMIT, decoded_bytes: 1 << 20, ratio: 100, json_depth: 64 };
    match decode(delivery, &limits) {
        Ok(Payload::Document(decoded)) => decoded.document.hints.url.unwrap(),
        Ok(Payload::Retraction(_)) => panic!("no record of an archive takes anything back"),
        Err(rejection) => rejection.reason().to_owned(),
    }
}

#[test]
fn plain_by_record_and_in_one_piece_an_archive_gives_the_same_pages() {
    let crawl = crawl();
    let whole = crawl.concat();
    let by_record: Vec<u8> = crawl.iter().flat_map(|record| gzip(record)).collect();
    // Members as a block compressor makes them: a record goes on in the next one.
    let by_block: Vec<u8> = whole.chunks(300).flat_map(gzip).collect();
    for (name, bytes) in
        [("a.warc", whole.clone()), ("a.warc.gz", by_record), ("a.WET.GZ", gzip(&whole)), ("a.wet.gz", by_block)]
    {
        let found = deliveries(name, &bytes);
        assert_eq!(places(&found), [2, 5, 7], "{name}");
        assert_eq!(
            found.iter().map(outcome).collect::<Vec<_>>(),
            ["1", "2", "3"].map(|page| format!("https://a.example.org/{page}"))
        );
        assert!(found.iter().all(|delivery| delivery.event_time_ms == 1_709_627_400_000));
    }
}

#[test]
fn conforms() {
    let folder = tempfile::tempdir().unwrap();
    let mut damaged = crawl();
    damaged[3].truncate(200);
    for (name, bytes) in
        [("a.warc", damaged.concat()), ("a.warc.gz", crawl().iter().flat_map(|record| gzip(record)).collect())]
    {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        conformance::check(&mut || Box::new(FileSource::new(&path, LIMIT)));
    }
}

#[test]
fn a_record_shorter_than_its_head_says_is_rejected_where_it_stands_and_the_next_is_read() {
    for zipped in [false, true] {
        let mut records = vec![page("1"), page("2"), page("3"), page("4")];
        let short = records[1].len() - 60;
        records[1].truncate(short);
        if !zipped {
            // Uncompressed, the block takes the beginning of the next record for its own.
            records[1].extend(b"\r\n\r\n");
        }
        let records: Vec<Vec<u8>> =
            records.into_iter().map(|record| if zipped { gzip(&record) } else { record }).collect();
        let found = deliveries("a.warc", &records.concat());
        let outcomes: Vec<String> = found.iter().map(outcome).collect();
        let url = |page: u8| format!("https://a.example.org/{page}");
        if zipped {
            assert_eq!(outcomes, [url(1), "invalid_warc".into(), url(3), url(4)]);
            assert_eq!(offset(&found[1]), records[0].len() as u64);
        } else {
            assert_eq!((outcomes[0].clone(), outcomes.last().unwrap().clone()), (url(1), url(4)));
            assert!(outcomes.contains(&"invalid_warc".to_owned()), "{outcomes:?}");
        }
    }
}

#[test]
fn a_head_that_is_none_is_rejected_and_the_next_record_is_found() {
    let broken = b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: many\r\n\r\n<p>some page\r\n\r\n".to_vec();
    let before = page("1");
    let found = deliveries("a.warc", &[before.clone(), broken.clone(), page("2"), b"no record\n".to_vec()].concat());
    let outcomes: Vec<String> = found.iter().map(outcome).collect();
    assert_eq!(outcomes, ["https://a.example.org/1", "invalid_warc", "https://a.example.org/2", "invalid_warc"]);
    assert_eq!(offset(&found[1]), before.len() as u64);
    assert_eq!(offset(&found[2]), (before.len() + broken.len()) as u64);
}

#[test]
fn damaged_members_are_rejected_and_reading_goes_on_behind_them() {
    let mut members: Vec<Vec<u8>> = ["1", "2", "3", "4"].map(|name| gzip(&page(name))).into();
    // One is damaged from its first bytes on, one in its middle.
    members[1][10..40].fill(0xff);
    let middle = members[2].len() / 2;
    members[2].truncate(middle);
    let found = deliveries("a.warc.gz", &members.concat());
    let outcomes: Vec<String> = found.iter().map(outcome).collect();
    assert_eq!(outcomes.first().unwrap(), "https://a.example.org/1");
    assert_eq!(outcomes.last().unwrap(), "https://a.example.org/4");
    let rejected = &outcomes[1..outcomes.len() - 1];
    assert_eq!(rejected.len(), 2, "{outcomes:?}");
    assert!(rejected.iter().all(|reason| reason == "corrupt_compression" || reason == "invalid_warc"), "{outcomes:?}");
    assert_eq!(offset(&found[1]), members[0].len() as u64);
    assert_eq!(offset(&found[2]), (members[0].len() + members[1].len()) as u64);
}

#[test]
fn a_record_above_the_limit_is_cut_and_the_next_is_whole() {
    let long = response("long", "text/html", &"<p>word ".repeat(LIMIT));
    let found = deliveries("a.warc.gz", &[gzip(&long), gzip(&page("2"))].concat());
    assert_eq!(found[0].payload.as_ref().unwrap().len(), LIMIT + 1);
    assert_eq!(found.iter().map(outcome).collect::<Vec<_>>(), ["too_large", "https://a.example.org/2"]);
}

#[test]
fn the_reading_of_a_large_archive_is_noted_in_twentieths() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.warc");
    let record = response("1", "text/html", &"<p>word ".repeat(1 << 19));
    let mut file = File::create(&path).unwrap();
    for _ in 0..40 {
        file.write_all(&record).unwrap();
    }
    let mut archive = Archive::new(File::open(&path).unwrap(), LIMIT).unwrap();
    let length = 40 * record.len() as u64;
    let mut notes = Vec::new();
    while archive.next().unwrap().is_some() {
        notes.extend(archive.progress().unwrap());
        assert_eq!(archive.progress().unwrap(), None, "each part is noted once");
    }
    assert!(notes.is_sorted() && (18..=21).contains(&notes.len()), "{notes:?}");
    assert!(notes.iter().all(|(at, of)| at <= of && *of == length), "{notes:?}");
    assert!(notes.last().is_some_and(|(at, _)| at * 20 >= length * 19), "{notes:?}");
}

#[test]
fn the_reading_of_a_small_archive_is_not_noted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.warc");
    std::fs::write(&path, crawl().concat()).unwrap();
    let mut archive = Archive::new(File::open(&path).unwrap(), LIMIT).unwrap();
    while archive.next().unwrap().is_some() {
        assert_eq!(archive.progress().unwrap(), None);
    }
}

#[test]
fn what_holds_no_page_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.warc");
    std::fs::write(&path, crawl().concat()).unwrap();
    let mut archive = Archive::new(File::open(&path).unwrap(), LIMIT).unwrap();
    while archive.next().unwrap().is_some() {}
    let passed = [("beside", 1), ("image", 1), ("request", 1), ("style", 1), ("warcinfo", 1)];
    assert_eq!(*archive.passed(), passed.into());
    assert_eq!(archive.read(), 8);
}
