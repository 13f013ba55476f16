//! The commands as a user or a script meets them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod support {
    pub mod articles;
    pub mod service;
}

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use support::articles::{envelope, story};
use support::service::copydesk;

/// Runs a command on this input.
fn run(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = copydesk();
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    // A command that needs no input may be gone before it has read any.
    writer.join().unwrap().unwrap_or_default();
    output
}

fn lines(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
        .stdout
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}

fn jsonl(lines: &[Value]) -> Vec<u8> {
    lines.iter().flat_map(|line| format!("{line}\n").into_bytes()).collect()
}

fn page(title: &str, text: &str) -> String {
    let paragraphs: String = text.split("\n\n").map(|paragraph| format!("<p>{paragraph}</p>")).collect();
    format!(
        "<!doctype html><html lang=en><head><title>{title} | The Merrow Courier</title>\
         <meta property=article:published_time content=2026-03-05T23:30:00-05:00></head>\
         <body><nav><a href=/>Home</a></nav><article><h1>{title}</h1>{paragraphs}</article></body></html>"
    )
}

#[test]
fn extract_gives_one_line_for_each_in_order_on_any_number_of_threads() {
    let input: Vec<Value> = (0..700)
        .map(|n| match n % 7 {
            0 => json!({"id": n, "html": page(&format!("Edition {n} of the Courier"), &story(n))}),
            3 => json!({"id": n, "html": ""}),
            _ => json!({"id": n, "text": story(n), "url": format!("https://news.example.org/{n}")}),
        })
        .collect();
    let all = run(&["extract", "--jsonl"], &jsonl(&input));
    let one = run(&["extract", "--jsonl", "--threads", "1", "-"], &jsonl(&input));
    assert_eq!(all.stdout, one.stdout);
    let articles = lines(&all);
    assert_eq!(
        articles.iter().map(|line| line["id"].as_u64().unwrap()).collect::<Vec<_>>(),
        (0..700).collect::<Vec<_>>()
    );
    assert_eq!(articles[7]["title"], "Edition 7 of the Courier");
    // The day in the source's own offset, though it is the next day in UTC.
    assert_eq!(articles[7]["date"], "2026-03-05");
    assert_eq!(articles[7]["text"], story(7));
    assert_eq!(articles[8]["text"], story(8));
    assert_eq!(articles[8]["lang"], "en");
    assert_eq!(articles[8].get("date"), None, "what is not known is absent");
    assert_eq!(articles[3]["error"]["reason"], "no_content_field");
    assert_eq!(articles[3].get("text"), None);
}

#[test]
fn extract_answers_lines_that_are_no_envelope_and_goes_on() {
    let mut input = b"nonsense\n\n{\"id\":\"b\",\"html\":\"<p>\n".to_vec();
    input.extend(jsonl(&[json!({"id": "c", "text": story(1)})]));
    let answers = lines(&run(&["extract", "--jsonl"], &input));
    assert_eq!(answers.len(), 3);
    assert_eq!((&answers[0]["error"]["reason"], answers[0].get("id")), (&json!("invalid_json"), None));
    assert_eq!(answers[1]["error"]["reason"], "invalid_json");
    assert_eq!(answers[2]["id"], "c");
}

#[test]
fn dedup_names_the_line_that_each_line_copies_repeats_or_revises() {
    let line = |id: &str, url: &str, text: String| json!({"id": id, "url": url, "title": "A title", "text": text});
    let input = [
        line("a", "https://one.example.org/x", story(1)),
        line("b", "https://two.example.com/y", story(1)),
        line("c", "https://one.example.org/x?utm_source=feed", story(1)),
        line("d", "https://one.example.org/x", story(2)),
        line("e", "https://three.example.net/z", story(2)),
        line("f", "https://two.example.com/y", story(1)),
        line("g", "https://four.example.net/", story(9)),
    ];
    let verdicts = lines(&run(&["dedup", "--jsonl"], &jsonl(&input)));
    let got: Vec<(&str, &str, Option<&str>, f64)> = verdicts
        .iter()
        .map(|line| {
            (
                line["id"].as_str().unwrap(),
                line["verdict"].as_str().unwrap(),
                line["duplicate_of"].as_str(),
                line["score"].as_f64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        got,
        [
            ("a", "unique", None, 0.0),
            ("b", "exact", Some("a"), 1.0),
            ("c", "unchanged", Some("a"), 1.0),
            ("d", "revision", Some("a"), 1.0),
            ("e", "exact", Some("a"), 1.0),
            ("f", "unchanged", Some("a"), 1.0),
            ("g", "unique", None, 0.0),
        ]
    );
    assert!(verdicts[0].as_object().unwrap().contains_key("duplicate_of"), "null, not absent");
}

#[test]
fn dedup_explains_itself_and_its_index_can_be_looked_into() {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("corpus.index");
    let path = index.to_str().unwrap();
    let line = |id: &str, text: String| json!({"id": id, "url": format!("https://{id}.example/x"), "title": "A title", "text": text});
    let half = story(1).split_once("\n\n").unwrap().0.to_owned();
    let input = [line("a", story(1)), line("b", format!("{}\n\n{half}", story(1))), line("c", story(2))];
    let verdicts = lines(&run(&["dedup", "--jsonl", "--explain", "--index-dir", path], &jsonl(&input)));
    assert_eq!((&verdicts[1]["verdict"], &verdicts[1]["duplicate_of"]), (&json!("near"), &json!("a")));
    let explained = &verdicts[1]["explain"];
    assert_eq!(explained["nearest"], "a");
    assert_eq!(
        explained["probability"].as_f64().map(|p| (p * 1000.0).round()),
        verdicts[1]["score"].as_f64().map(|p| (p * 1000.0).round())
    );
    assert!(explained["features"].as_object().unwrap().len() > 4, "{explained}");
    assert_eq!(verdicts[2]["verdict"], "unique");
    let rules: Vec<&Value> = verdicts.iter().map(|verdict| &verdict["explain"]["rule"]).collect();
    assert_eq!(rules, ["nothing_alike", "near_text", "nothing_alike"]);

    // The last claims are handed over at the end.
    let claims = lines(&run(&["index", "export", path], b""));
    assert_eq!(
        claims.iter().map(|claim| claim["verdict"].as_str().unwrap()).collect::<Vec<_>>(),
        ["unique", "near", "unique"]
    );
    let stats = String::from_utf8(run(&["index", "stats", path], b"").stdout).unwrap();
    assert!(stats.contains("claims      3") && stats.contains("articles    3"), "{stats}");
    assert!(run(&["index", "verify", path], b"").status.success());

    let file = std::fs::read_dir(&index).unwrap().map(|entry| entry.unwrap().path());
    let file = file.filter(|path| path.extension().is_some_and(|extension| extension == "log")).min().unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[20] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let damaged = run(&["index", "verify", path], b"");
    assert_eq!(damaged.status.code(), Some(1));
    assert!(String::from_utf8(damaged.stdout).unwrap().contains("damaged at byte 8"));
    // A folder that holds something is left as it is.
    assert_eq!(run(&["dedup", "--jsonl", "--index-dir", path], &jsonl(&input)).status.code(), Some(2));
}

#[test]
fn dedup_explains_verdicts_that_compared_nothing_too() {
    let line = |id: &str, url: &str, text: &str| json!({"id": id, "url": url, "title": id, "text": text});
    let (text, other) = (story(1), story(2));
    let moved = format!("{text}\n\n{}", text.split_once("\n\n").unwrap().0);
    let input = [
        line("a", "https://a.example/1", &text),
        line("b", "https://b.example/1", &text),
        line("c", "https://a.example/1", &text),
        line("d", "https://a.example/1", &other),
        line("e", "https://b.example/2", "Too few words."),
        line("f", "https://d.example/1", &story(9)),
        line("g", "https://d.example/2", &format!("{}\n\n{}", story(9), story(9).split_once("\n\n").unwrap().0)),
        line("h", "https://f.example/2", &moved),
    ];
    let verdicts = lines(&run(&["dedup", "--jsonl", "--explain"], &jsonl(&input)));
    let told: Vec<(&str, &str)> = verdicts
        .iter()
        .map(|line| (line["verdict"].as_str().unwrap(), line["explain"]["rule"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            ("unique", "nothing_alike"),
            ("exact", "equal_text"),
            ("unchanged", "identity"),
            ("revision", "identity"),
            ("unique", "short_text"),
            ("unique", "below_threshold"),
            ("revision", "near_text_of_publisher"),
            ("near", "near_text"),
        ]
    );
    let strict = lines(&run(&["dedup", "--jsonl", "--explain", "--set", "dedup.threshold=1"], &jsonl(&input)));
    assert_eq!((&strict[7]["verdict"], &strict[7]["explain"]["rule"]), (&json!("unique"), &json!("below_threshold")));
    let off = lines(&run(&["dedup", "--jsonl", "--explain", "--set", "dedup.mode=off"], &jsonl(&input)));
    assert_eq!((&off[7]["verdict"], &off[7]["explain"]["rule"]), (&json!("unique"), &json!("off")));
}

#[test]
fn a_first_line_with_a_date_far_ahead_does_not_make_the_others_late() {
    let line = |id: usize, published: &str, text: &str| json!({"id": id, "url": format!("https://{id}.example/x"), "title": "A title", "text": text, "published": published});
    let mut input = vec![line(0, "2099-01-01", &story(0))];
    // The copy of each comes three weeks after it; the window is thirty days.
    input.extend((1..40).map(|n| line(n, &format!("2026-03-{:02}", 1 + n / 2), &story(n))));
    input.extend((1..4).map(|n| line(100 + n, "2026-03-22", &story(n))));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("corpus.jsonl");
    std::fs::write(&file, jsonl(&input)).unwrap();
    let output = run(&["dedup", "--jsonl", "--set", "dedup.max_step=2d", file.to_str().unwrap()], b"");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!told.contains("older than the window"), "{told}");
    assert!(told.contains("1 lines are more than 2days ahead"), "{told}");
    let verdicts = lines(&output);
    for n in 1..4 {
        let copy = &verdicts[39 + n];
        assert_eq!((&copy["verdict"], &copy["duplicate_of"]), (&json!("exact"), &json!(n)), "{copy}");
    }
}

/// Inode numbers of the TCP sockets that a process listens on.
fn listening(pid: u32) -> Vec<String> {
    let own: Vec<String> = std::fs::read_dir(format!("/proc/{pid}/fd"))
        .unwrap()
        .filter_map(|fd| std::fs::read_link(fd.ok()?.path()).ok())
        .filter_map(|link| Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect();
    ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .flat_map(|table| {
            std::fs::read_to_string(table).unwrap_or_default().lines().map(str::to_owned).collect::<Vec<_>>()
        })
        .filter_map(|line| {
            let columns: Vec<&str> = line.split_whitespace().collect();
            (columns.get(3) == Some(&"0A")).then(|| columns[9].to_owned())
        })
        .filter(|inode| own.contains(inode))
        .collect()
}

#[test]
fn a_run_on_files_opens_a_port_only_where_one_is_configured() {
    for (arguments, ports) in [(vec![], 0), (vec!["--set", "telemetry.listen=127.0.0.1:0"], 1)] {
        let mut child = copydesk()
            .args(["run", "--source", "stdin", "--sink", "stdout"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(&[envelope("https://news.example.org/1", &story(1)), b"\n".to_vec()].concat()).unwrap();
        // Its first record says that it is up.
        let mut output = std::io::BufReader::new(child.stdout.take().unwrap());
        let mut record = String::new();
        std::io::BufRead::read_line(&mut output, &mut record).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&record).unwrap()["body"], story(1));
        assert_eq!(listening(child.id()).len(), ports);
        drop(stdin);
        assert!(child.wait().unwrap().success(), "it ends when its source ends");
    }
}

#[test]
fn a_folder_of_payloads_becomes_records_that_keep_to_the_schema() {
    let folder = tempfile::tempdir().unwrap();
    let sink = folder.path().join("articles.jsonl");
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/demo/payloads");
    let arguments = [format!("file:{}", demo.display()), format!("file:{}", sink.display())];
    let output = run(&["run", "--source", &arguments[0], "--sink", &arguments[1]], b"");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let schema = jsonschema::validator_for(&copydesk::record::record_schema()).unwrap();
    let text = std::fs::read_to_string(&sink).unwrap();
    let records: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // Ten articles, and the end of one.
    assert_eq!(records.len(), 11);
    for record in &records {
        let errors: Vec<String> = schema.iter_errors(record).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?} in {record:#}");
        let empty = |value: &Value| value.is_null() || value == "" || value == &json!([]) || value == &json!({});
        let fields = record.as_object().unwrap();
        assert!(!fields.values().any(empty), "absent, never empty: {record:#}");
    }

    // Again: everything is settled, and nothing is written twice.
    assert!(run(&["run", "--source", &arguments[0], "--sink", &arguments[1]], b"").status.success());
    assert_eq!(std::fs::read_to_string(&sink).unwrap(), text);
}

#[test]
fn the_demo_shows_what_its_readme_says() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/demo/README.md")).unwrap();
    let mut expected: BTreeMap<String, String> = BTreeMap::new();
    for row in readme.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        expected.insert(cells[1].trim_matches('`').to_owned(), cells[3].to_owned());
    }
    let demo = run(&["demo"], b"");
    let text = String::from_utf8(demo.stdout).unwrap();
    assert!(demo.status.success(), "{text}{}", String::from_utf8_lossy(&demo.stderr));
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('#')).collect();
    assert_eq!(rows.len(), expected.len());
    for row in rows {
        let words: Vec<&str> = row.split_whitespace().collect();
        let promised = &expected[words[1]];
        assert!(promised.starts_with(words[2]), "{row}: {promised}");
        if words[2] != "published" || words[3] != "unique" {
            assert!(promised.contains(words[3]), "{row}: {promised}");
        }
    }
    assert!(text.contains("18 received = 10 published + 2 suppressed + 5 rejected + 1 retracted"), "{text}");
    assert!(text.contains("http://127.0.0.1:"), "{text}");
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    for line in text.lines().filter(|line| line.starts_with('#')) {
        assert!(readme.contains(line.trim_end()), "README.md shows another demo than this:\n{line}");
    }
}

#[test]
fn mistakes_on_the_command_line_name_themselves() {
    for (arguments, code, word) in [
        (vec!["run", "--source", "ftp:x"], 2, "ftp:x"),
        (vec!["run", "--source", "file:x", "--sink", "kafka"], 2, "both"),
        (vec!["run", "--set", "batch.max_recrods=3"], 3, "max_recrods"),
        (vec!["run", "--config", "/nowhere/copydesk.toml"], 3, "/nowhere/copydesk.toml"),
        (vec!["run"], 3, "kafka.instance"),
        (vec!["extract"], 2, "--jsonl"),
        (vec!["extract", "--jsonl", "/nowhere/pages.jsonl"], 1, "/nowhere/pages.jsonl"),
        (vec!["run", "--source", "file:/nowhere/pages", "--sink", "stdout"], 1, "/nowhere/pages"),
    ] {
        let output = run(&arguments, b"");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(word), "{arguments:?}: {said}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let input: Vec<Value> = (0..2000).map(|n| json!({"id": n, "text": story(n)})).collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pages.jsonl");
    std::fs::write(&file, jsonl(&input)).unwrap();
    for arguments in
        [format!("extract --jsonl {}", file.display()), format!("run --source file:{} --sink stdout", file.display())]
    {
        let piped = Command::new("bash")
            .args([
                "-c",
                &format!(
                    "{} {arguments} | head -n 1 > /dev/null; exit ${{PIPESTATUS[0]}}",
                    env!("CARGO_BIN_EXE_copydesk")
                ),
            ])
            .output()
            .unwrap();
        assert_eq!(piped.status.code(), Some(0), "{arguments}: {}", String::from_utf8_lossy(&piped.stderr));
    }
}
