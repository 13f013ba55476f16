//! `copydesk config` as an operator meets it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod support {
    pub mod service;
}

use std::path::{Path, PathBuf};
use std::process::Output;

use support::service::copydesk;

const SECRET: &str = "hunter2-correct-horse";

fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    copydesk().args(arguments).envs(variables.iter().copied()).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn file(folder: &Path, text: &str) -> PathBuf {
    let file = folder.join("site.toml");
    std::fs::write(&file, text).unwrap();
    file
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn ten_mistakes_in_one_file_are_ten_lines_each_with_source_and_mend() {
    let folder = tempfile::tempdir().unwrap();
    let text = "\
[kafka]
group_id = \"copydesk\"
instence = \"desk-0\"

[kafka.properties]
enable.idempotence = false
sasl.password = \"${file:/nowhere/password}\"
queue.bufering.max.ms = 5

[topics]
records = \"copydesk.raw\"

[delivery]
guarantee = \"exactly-once\"
linger = \"5 lightyears\"

[batch]
max_records = \"many\"

[shutdown]
grace = \"45s\"

[telemtry]
listen = \"127.0.0.1:9600\"
";
    let file = file(folder.path(), text);
    let file = file.display().to_string();
    let checked = run(&["config", "check", "--config", &file], &[]);
    let told = stderr(&checked);
    assert_eq!(checked.status.code(), Some(3), "{told}");
    assert_eq!(stdout(&checked), "");
    let mut lines = told.lines();
    assert_eq!(lines.next(), Some("copydesk: configuration: 10 mistakes"));
    let expected = [
        (3, "kafka.instence", "did you mean kafka.instance?"),
        (6, "kafka.properties.enable.idempotence = false", "copydesk sets this property itself; leave it out"),
        (7, "kafka.properties.sasl.password = \"${file:/nowhere/password}\"", "write \"${file:/run/secrets/name}\""),
        (8, "kafka.properties.queue.bufering.max.ms (", "librdkafka knows no such property; see "),
        (14, "delivery.guarantee = \"exactly-once\"", "did you mean \"exactly_once\"?"),
        (15, "delivery.linger = \"5 lightyears\"", "not a duration; write it as in linger = \"100ms\""),
        (18, "batch.max_records = \"many\"", "not a whole number from 0; write it as in max_records = 500"),
        (24, "telemtry.listen", "did you mean telemetry.listen?"),
        (11, "topics.records = \"copydesk.raw\"", "a loop: what is written would be read again as a payload; "),
        (21, "shutdown.grace = \"45s\"", "lower shutdown.grace, or raise kafka.session_timeout"),
    ];
    let lines: Vec<&str> = lines.collect();
    for (line, key, mend) in expected {
        let source = format!("({file}:{line})");
        let telling = lines.iter().filter(|told| told.contains(key) && told.contains(&source) && told.contains(mend));
        assert_eq!(telling.count(), 1, "{key} {source} {mend} is not in\n{told}");
    }
    assert_eq!(lines.len(), expected.len(), "{told}");
}

#[test]
fn mistakes_are_told_as_the_readme_shows() {
    let folder = tempfile::tempdir().unwrap();
    file(folder.path(), "[batch]\nmax_recrods = 7\n\n[shutdown]\ngrace = \"45s\"\n");
    let mut command = copydesk();
    command.args(["config", "check", "--config", "site.toml"]).env("COPYDESK__DELIVERY__LINGER", "5 lightyears");
    let told = stderr(&command.current_dir(folder.path()).output().unwrap());
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.contains(&format!("```\n{told}```\n")), "README.md shows other mistakes than\n{told}");
}

#[test]
fn every_command_that_loads_configuration_tells_all_mistakes_alike() {
    let variables = [("COPYDESK__BATCH__MAX_RECRODS", "7"), ("COPYDESK__DELIVERY__LINGER", "soon")];
    let expected = stderr(&run(&["config", "check"], &variables));
    assert!(expected.starts_with("copydesk: configuration: 2 mistakes\n"), "{expected}");
    for arguments in [
        &["config", "show"][..],
        &["run"],
        &["topics", "check"],
        &["topics", "create"],
        &["demo"],
        &["extract", "--jsonl", "-"],
        &["dedup", "--jsonl", "-"],
    ] {
        let output = run(arguments, &variables);
        assert_eq!(output.status.code(), Some(3), "{arguments:?}");
        assert_eq!(stderr(&output), expected, "{arguments:?}");
    }
}

#[test]
fn a_valid_configuration_is_said_to_be_valid_with_what_was_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = file(folder.path(), "[batch]\nmax_records = 7\n");
    let file = file.display().to_string();
    let checked = run(&["config", "check", "--config", &file], &[]);
    assert!(checked.status.success(), "{}", stderr(&checked));
    let told = stdout(&checked);
    assert!(told.starts_with("configuration is valid: defaults, ") && told.contains(&file), "{told}");
    assert!(told.contains("kafka.instance is empty"), "{told}");
    let named = run(&["config", "check", "--set", "kafka.instance=desk-0"], &[]);
    assert!(!stdout(&named).contains("kafka.instance"), "{}", stdout(&named));
}

#[test]
fn what_is_shown_is_what_counts_with_its_sources() {
    let folder = tempfile::tempdir().unwrap();
    let file = file(folder.path(), "[batch]\nmax_records = 7\nmax_bytes = \"4MiB\"\n");
    let file = file.display().to_string();
    let arguments = ["config", "show", "--config", &file, "--set", "kafka.instance=desk-0"];
    let output = run(&arguments, &[("COPYDESK__BATCH__MAX_RECORDS", "9")]);
    let shown = stdout(&output);
    assert!(output.status.success(), "{}", stderr(&output));
    for line in [
        "max_records = 9  # from COPYDESK__BATCH__MAX_RECORDS",
        &format!("max_bytes = \"4MiB\"  # from {file}:3"),
        "instance = \"desk-0\"  # from --set",
        "group_id = \"copydesk\"",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line} is not in\n{shown}");
    }
    // It is a file to run with.
    let again = folder.path().join("shown.toml");
    std::fs::write(&again, &shown).unwrap();
    let checked = run(&["config", "check", "--config", again.to_str().unwrap()], &[]);
    assert!(checked.status.success(), "{}", stderr(&checked));
}

#[test]
fn the_defaults_are_printed_as_they_are_documented() {
    let documented = std::fs::read_to_string(root().join("config/default.toml")).unwrap();
    assert_eq!(stdout(&run(&["config", "defaults"], &[])), documented);
    let page = std::fs::read_to_string(root().join("docs/configuration.md")).unwrap();
    assert_eq!(stdout(&run(&["config", "defaults", "--markdown"], &[])), page);
}

/// librdkafka itself is asked here whether it takes their properties.
#[test]
fn the_examples_are_valid() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["kafka-password", "dedup-seed"] {
        std::fs::write(folder.path().join(name), "x").unwrap();
    }
    for entry in std::fs::read_dir(root().join("config/examples")).unwrap() {
        let example = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let text = example.replace("/run/secrets/", &format!("{}/", folder.path().display()));
        let path = file(folder.path(), &text);
        let checked = run(&["config", "check", "--config", path.to_str().unwrap()], &[]);
        let told = stderr(&checked);
        let other: Vec<&str> = told.lines().skip(1).filter(|line| !line.contains("built without TLS")).collect();
        assert_eq!(other, Vec::<&str>::new(), "{example}");
        let needs_tls = text.contains("SASL_SSL") && !cfg!(feature = "tls");
        assert_eq!(checked.status.success(), !needs_tls, "{told}");
    }
}

#[test]
fn a_secret_is_in_no_output_of_any_command() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, format!("{SECRET}\n")).unwrap();
    let reference = format!("${{file:{}}}", secret.display());
    let text = format!(
        "[kafka.properties]\nsecurity.protocol = \"SASL_PLAINTEXT\"\nsasl.mechanisms = \"PLAIN\"\n\
         sasl.username = \"{reference}\"\nsasl.password = \"{SECRET}\"\n"
    );
    let file = file(folder.path(), &text);
    let file = file.to_str().unwrap();
    let source = format!("file:{}", root().join("deploy/demo/payloads").display());
    for (arguments, code) in [
        (vec!["config", "check", "--config", file], 0),
        (vec!["config", "show", "--config", file], 0),
        (vec!["config", "check", "--config", file, "--set", &format!("kafka.properties.sasl.pasword={SECRET}")], 3),
        (vec!["config", "check", "--config", file, "--set", &format!("kafka.properties.retries={reference}")], 3),
        (vec!["config", "check", "--config", file, "--set", &format!("kafka.pasword={SECRET}")], 3),
        (
            vec![
                "run",
                "--config",
                file,
                "--source",
                &source,
                "--sink",
                "stdout",
                "--set",
                "telemetry.log_filter=trace",
            ],
            0,
        ),
    ] {
        let output = run(&arguments, &[]);
        let told = stdout(&output) + &stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {told}");
        assert!(!told.contains(SECRET), "{arguments:?}: {told}");
    }
}

#[test]
fn the_help_of_each_command_shows_an_example() {
    for command in ["check", "show", "defaults"] {
        let help = stdout(&run(&["config", command, "--help"], &[]));
        assert!(help.contains("Example") && help.contains(&format!("copydesk config {command}")), "{help}");
    }
    assert!(stdout(&run(&["config", "--help"], &[])).contains("copydesk config check --config site.toml"));
}

const PUBLISHER: &str = "\
[rules]
filter_lists = [\"LIST\"]

[[rules.publishers]]
host = \"courier.example\"
body = \".story\"
remove = [\".box\"]

[[rules.publishers.test]]
html = \"\"\"
<div class=story><p>The ferry left on time on Monday, for the first time since March.</p>
<p class=box>Timetables hang in both offices of the harbour.</p></div>\"\"\"
contains = [\"left on time\"]
lacks = [\"Timetables\"]
";

/// A configuration with rules of its own, and the list that it names.
fn with_rules(folder: &Path, list: &str, toml: impl Fn(String) -> String) -> String {
    let path = folder.join("own.txt");
    std::fs::write(&path, list).unwrap();
    file(folder, &toml(PUBLISHER.replace("LIST", path.to_str().unwrap()))).display().to_string()
}

#[test]
fn tests_of_publishers_run_and_lists_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let file = with_rules(folder.path(), "! x\n##.ad\n||ads.example^\n", |toml| toml);
    let checked = run(&["config", "check", "--config", &file], &[]);
    let told = stdout(&checked);
    assert!(checked.status.success(), "{}", stderr(&checked));
    assert!(told.contains("own.txt: 1 lines hide elements, 0 let some be, 1 are ignored"), "{told}");
    assert!(told.contains("publisher courier.example: 1 tests pass"), "{told}");
    // What is shown is a file to run with, tests and all.
    let shown = run(&["config", "show", "--config", &file], &[]);
    let again = folder.path().join("shown.toml");
    std::fs::write(&again, stdout(&shown)).unwrap();
    let checked = run(&["config", "check", "--config", again.to_str().unwrap()], &[]);
    assert!(checked.status.success(), "{}\n{}", stderr(&checked), stdout(&shown));
    assert!(stdout(&checked).contains("1 tests pass"), "{}", stdout(&checked));
}

#[test]
fn a_publisher_whose_test_fails_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = with_rules(folder.path(), "", |toml| toml.replace("remove = [\".box\"]", "remove = []"));
    let checked = run(&["config", "check", "--config", &file], &[]);
    assert_eq!(checked.status.code(), Some(3));
    assert!(
        stderr(&checked).contains("courier.example: test 1: \"Timetables\" is in the body"),
        "{}",
        stderr(&checked)
    );
}

#[test]
fn rules_that_cannot_be_read_are_mistakes_with_file_and_line_all_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = with_rules(folder.path(), "##.ad\n##div[\n##p..x\n", |toml| {
        toml.replace("body = \".story\"", "body = \"div[\"") + "title = 7\n"
    });
    let checked = run(&["config", "check", "--config", &file], &[]);
    assert_eq!(checked.status.code(), Some(3));
    assert!(stderr(&checked).contains("rules.publishers ("), "{}", stderr(&checked));
    let file = with_rules(folder.path(), "##.ad\n##div[\n##p..x\n", |toml| {
        toml.replace("body = \".story\"", "body = \"div[\"").replace("own.txt\"]", "own.txt\", \"/no/such.txt\"]")
    });
    let checked = run(&["config", "check", "--config", &file], &[]);
    let told = stderr(&checked);
    assert_eq!(checked.status.code(), Some(3));
    assert!(told.contains("4 mistakes"), "{told}");
    for part in
        ["own.txt:2: not a selector", "own.txt:3: not a selector", "cannot read /no/such.txt", "\"courier.example\": "]
    {
        assert!(told.contains(part), "{part} is not in\n{told}");
    }
}

#[test]
fn extract_and_explain_use_the_rules_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = with_rules(folder.path(), "##.ad\n", |toml| toml);
    let page = folder.path().join("page.html");
    let html = "<link rel=canonical href=https://courier.example/a><div class=story><p>The ferry left on time on Monday, for the \
        first time since March.</p><p class=ad>Half the price until the end of the year for all readers.</p></div>\
        <div><p>The mayor has promised a new school before the end of the year.</p></div>";
    std::fs::write(&page, html).unwrap();
    let explained = run(&["explain", "--config", &file, page.to_str().unwrap()], &[]);
    let told = stdout(&explained);
    assert!(told.contains("selector:list:own:1") && told.contains("publisher:outside"), "{told}{}", stderr(&explained));
    let lines = folder.path().join("lines.jsonl");
    let line = serde_json::json!({"id": 1, "url": "https://courier.example/a", "html": html});
    std::fs::write(&lines, line.to_string()).unwrap();
    let extracted = run(&["extract", "--jsonl", "--config", &file, lines.to_str().unwrap()], &[]);
    let text = stdout(&extracted);
    assert!(
        text.contains("left on time") && !text.contains("Half the price") && !text.contains("new school"),
        "{text}"
    );
}
