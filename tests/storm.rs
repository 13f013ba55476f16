//! A dead-letter storm over files: the run ends and says so, and goes on where it was when it is told to.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

mod support {
    pub mod articles;
    pub mod service;
}

use std::path::Path;
use std::process::Output;

use support::articles::{envelope, story};
use support::service::copydesk;

const LINES: usize = 100;
const RUN: usize = 20;
const BATCH: usize = 5;

/// Lines of which every n-th is a page and the others are not.
fn write_input(folder: &Path, is_page: impl Fn(usize) -> bool) {
    let line = |n: usize| match is_page(n) {
        true => envelope(&format!("https://example.org/{n}"), &story(n)),
        false => format!("{{\"v\":1,\"n\":{n}}}").into_bytes(),
    };
    let lines: Vec<Vec<u8>> = (0..LINES).map(line).collect();
    std::fs::write(folder.join("in.jsonl"), [lines.join(&b'\n'), b"\n".to_vec()].concat()).unwrap();
}

fn run(folder: &Path, settings: &[String]) -> Output {
    let mut command = copydesk();
    command.args(["run", "--source", "file:in.jsonl", "--sink", "file:out.jsonl"]).current_dir(folder);
    for setting in settings {
        command.args(["--set", setting]);
    }
    command.output().unwrap()
}

fn lines(path: &Path) -> usize {
    std::fs::read_to_string(path).unwrap().lines().count()
}

fn limits() -> Vec<String> {
    vec![format!("dead_letters.storm_run={RUN}"), format!("batch.max_records={BATCH}")]
}

#[test]
fn a_run_over_junk_ends_with_an_error_and_goes_on_when_it_is_let_through() {
    let folder = tempfile::tempdir().unwrap();
    write_input(folder.path(), |_| false);
    let stopped = run(folder.path(), &limits());
    let log = String::from_utf8(stopped.stderr).unwrap();
    assert_eq!(stopped.status.code(), Some(1), "{log}");
    assert!(log.contains("dead-letter storm: 20 of the last 20 payloads were rejected"), "{log}");
    assert!(log.contains("--set dead_letters.storm_ratio=0"), "{log}");
    let rejected = lines(&folder.path().join("out.rejected.jsonl"));
    // The batch that brought it, and the open one behind it.
    assert!((RUN..RUN + 2 * BATCH).contains(&rejected), "{rejected} lines were rejected before it ended");

    let through = run(folder.path(), &[limits(), vec!["dead_letters.storm_ratio=0".into()]].concat());
    assert_eq!(through.status.code(), Some(0), "{}", String::from_utf8_lossy(&through.stderr));
    assert_eq!(lines(&folder.path().join("out.rejected.jsonl")), LINES, "each line once");
}

#[test]
fn pages_that_are_rejected_among_others_never_end_a_run() {
    let folder = tempfile::tempdir().unwrap();
    // Four of five are rejected: below the ratio in every run of 20.
    write_input(folder.path(), |n| n % 5 == 0);
    let output = run(folder.path(), &limits());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(lines(&folder.path().join("out.jsonl")), LINES / 5);
    assert_eq!(lines(&folder.path().join("out.rejected.jsonl")), LINES - LINES / 5);
}
