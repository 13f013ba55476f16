//! A payload that kills the process ends in the rejections, and everything beside it is published.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs, reason = "tests fail by panicking")]

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// What the payload holds that kills: the variable makes it so, in builds that are not optimised.
const MARK: &str = "kills-the-process";
const PAYLOADS: usize = 8;
const POISON: usize = 3;

fn pages() -> String {
    let line = |at: usize| {
        let mark = if at == POISON { MARK } else { "harmless" };
        let text = format!(
            "The {at}. bridge of the town was opened on Monday after two years of work, said the mayor.\\n\\n\
             It is {at}0 metres long, {mark}, and carries the road to the harbour across the river."
        );
        format!("{{\"url\":\"https://n{at}.example.org/bridge\",\"title\":\"Bridge {at}\",\"text\":\"{text}\"}}\n")
    };
    (0..PAYLOADS).map(line).collect()
}

fn run(folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_copydesk"))
        .args(["run", "--source", "file:pages.jsonl", "--sink", "file:out.jsonl"])
        .args(["--set", "extract.threads=8", "--set", "telemetry.log_format=human"])
        .env("COPYDESK_TEST_ABORT_ON", MARK)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn lines(path: &Path) -> Vec<Value> {
    std::fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_payload_that_kills_the_process_is_rejected_and_the_seven_beside_it_are_published() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pages.jsonl"), pages()).unwrap();

    let killed = run(folder.path());
    assert!(killed.status.signal().is_some(), "it must die of the payload once: {killed:?}");

    let again = run(folder.path());
    let log = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(again.status.success(), "{log}");
    assert_eq!(log.matches("a payload crashed the process that it was tried in").count(), 3, "{log}");

    let records = lines(&folder.path().join("out.jsonl"));
    let mut titles: Vec<&str> = records.iter().map(|record| record["title"].as_str().unwrap()).collect();
    titles.sort_unstable();
    let healthy: Vec<String> = (0..PAYLOADS).filter(|at| *at != POISON).map(|at| format!("Bridge {at}")).collect();
    assert_eq!(titles, healthy);
    let rejected = lines(&folder.path().join("out.rejected.jsonl"));
    let reasons: Vec<_> = rejected
        .iter()
        .map(|letter| (&letter["headers"]["x-copydesk-error-reason"], &letter["headers"]["x-original-offset"]))
        .collect();
    assert_eq!(reasons, [(&Value::from("crashed_process"), &Value::from(POISON.to_string()))]);
    assert!(rejected[0]["payload"].as_str().unwrap().contains(MARK), "with its bytes");
}
