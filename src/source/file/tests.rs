#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use super::*;
use crate::source::conformance::{self, read_all};

const LINES: &[u8] =
    b"{\"text\":\"one\"}\n\n{\"fetched_at\":\"2024-03-05T08:30:00Z\"}\r\n\xff\xfe not UTF-8\n{\"text\":\"no end\"}";

fn all(mut source: FileSource) -> Vec<Delivery> {
    read_all(&mut source, &Positions::new())
}

#[test]
fn conforms() {
    let folder = tempfile::tempdir().unwrap();
    let lines = folder.path().join("pages.jsonl");
    std::fs::write(&lines, LINES).unwrap();
    conformance::check(&mut || Box::new(FileSource::new(&lines, 100)));

    let pages = folder.path().join("pages");
    std::fs::create_dir(&pages).unwrap();
    for name in ["b.html", "a.txt", "c"] {
        std::fs::write(pages.join(name), name).unwrap();
    }
    conformance::check(&mut || Box::new(FileSource::new(&pages, 100)));
}

#[test]
fn each_line_that_is_not_empty_is_a_delivery_at_its_line_number() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pages.jsonl");
    std::fs::write(&path, LINES).unwrap();
    let deliveries = all(FileSource::new(&path, 100));
    let found: Vec<_> = deliveries
        .iter()
        .map(|one| (one.coordinate.offset.0, one.event_time_ms, one.payload.clone().unwrap()))
        .collect();
    assert_eq!(
        found,
        [
            (0, 0, b"{\"text\":\"one\"}".to_vec()),
            (2, 1_709_627_400_000, b"{\"fetched_at\":\"2024-03-05T08:30:00Z\"}".to_vec()),
            (3, 3_000, b"\xff\xfe not UTF-8".to_vec()),
            (4, 4_000, b"{\"text\":\"no end\"}".to_vec()),
        ]
    );
    assert_eq!(&*deliveries[0].coordinate.partition.topic, path.to_str().unwrap());
    assert!(deliveries.iter().all(|one| one.headers.is_empty() && one.key.is_none()));
}

#[test]
fn lines_through_a_pipe_are_the_same_and_end_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pages.jsonl");
    std::fs::write(&path, LINES).unwrap();
    let from_file: Vec<_> =
        all(FileSource::new(&path, 100)).into_iter().map(|one| (one.coordinate.offset, one.payload)).collect();
    let mut source = FileSource::stdin(100);
    source.reading = Reading::Waiting(ReaderThread::start(|| LINES, 100));
    let mut found = Vec::new();
    loop {
        match source.poll(Duration::from_secs(60)).unwrap() {
            Polled::Delivery(one) => found.push((one.coordinate.offset, one.payload)),
            Polled::Idle => panic!("a minute without a line"),
            Polled::Ended => break,
        }
    }
    assert_eq!(found, from_file);
}

#[test]
fn what_is_no_regular_file_starts_over_because_it_may_be_another_one() {
    let source = FileSource::new("/dev/null", 100);
    let (first, reading) = source.open(7).unwrap();
    assert_eq!(first, 0);
    assert!(matches!(reading, Reading::Waiting(_)));
}

#[test]
fn a_pipe_that_says_nothing_does_not_hold_up_the_poll() {
    let (reader, writer) = std::io::pipe().unwrap();
    let mut source = FileSource::stdin(100);
    source.reading = Reading::Waiting(ReaderThread::start(move || reader, 100));
    assert!(matches!(source.poll(Duration::ZERO).unwrap(), Polled::Idle));
    std::io::Write::write_all(&mut &writer, b"a line\n").unwrap();
    let Polled::Delivery(delivery) = source.poll(Duration::from_secs(60)).unwrap() else { panic!("no delivery") };
    assert_eq!(delivery.payload.as_deref(), Some(&b"a line"[..]));
    drop(writer);
    assert!(matches!(source.poll(Duration::from_secs(60)).unwrap(), Polled::Ended));
}

#[test]
fn a_folder_gives_its_pages_in_byte_order_with_name_and_media_type() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["z.htm", "A.HTML", "a.txt", "é.json", "page", ".hidden", "lines.jsonl", "crawl.warc.gz", "text.WET"] {
        std::fs::write(folder.path().join(name), format!("content of {name}")).unwrap();
    }
    std::fs::create_dir(folder.path().join("b.html")).unwrap();
    let deliveries = all(FileSource::new(folder.path(), 100));
    let found: Vec<_> =
        deliveries.iter().map(|one| (one.header("file-name").unwrap(), one.header("content-type"))).collect();
    assert_eq!(
        found,
        [
            ("A.HTML", Some("text/html")),
            ("a.txt", Some("text/plain")),
            ("page", None),
            ("z.htm", Some("text/html")),
            ("é.json", Some("application/json")),
        ]
    );
    for (place, delivery) in (0..).zip(&deliveries) {
        assert_eq!(
            (delivery.coordinate.offset.0, delivery.event_time_ms),
            (place, i64::try_from(place).unwrap() * 1_000)
        );
    }
}

#[test]
fn a_page_alone_is_one_delivery() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("story.html");
    std::fs::write(&path, "<p>one\n<p>two\n").unwrap();
    let deliveries = all(FileSource::new(&path, 100));
    assert_eq!(deliveries.len(), 1);
    assert_eq!(deliveries[0].payload.as_deref(), Some(&b"<p>one\n<p>two\n"[..]));
    assert_eq!(deliveries[0].header("content-type"), Some("text/html"));
}

#[test]
fn a_payload_above_the_limit_is_cut_where_the_limit_is_seen_to_be_passed() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["page.txt", "lines.jsonl"] {
        let path = folder.path().join(name);
        std::fs::write(&path, "x".repeat(1_000_000)).unwrap();
        let deliveries = all(FileSource::new(&path, 64));
        assert_eq!(deliveries.iter().map(|one| one.payload.as_ref().unwrap().len()).collect::<Vec<_>>(), [65]);
    }
}

#[test]
fn an_empty_file_or_folder_ends_at_once() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(all(FileSource::new(folder.path(), 64)), []);
    let path = folder.path().join("lines.jsonl");
    std::fs::write(&path, "").unwrap();
    assert_eq!(all(FileSource::new(&path, 64)), []);
}

#[test]
fn a_missing_file_is_named() {
    let mut source = FileSource::new("no/such/file.jsonl", 64);
    let error = source.subscribe(Arc::new(conformance::Heard::default()), &Positions::new()).unwrap_err();
    assert!(error.to_string().starts_with("cannot read no/such/file.jsonl: "), "{error}");
}
