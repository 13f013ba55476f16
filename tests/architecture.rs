//! What ARCHITECTURE.md says about the tree, where no compiler and no lint can hold it.
#![allow(clippy::expect_used, reason = "tests fail by panicking")]

use std::fs;
use std::path::Path;

/// A source file below `src/`, without its tests.
struct Source {
    /// Path below `src/`, with `/` between its parts.
    path: String,
    code: Vec<String>,
}

/// Every file of the service. A file's tests are its unindented `#[cfg(test)]` and what follows; a file of
/// tests alone is left out.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).expect("src is readable");
        for path in entries.map(|entry| entry.expect("src is readable").path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") && !holds_only_tests(&path) {
                found.push(read(&root, &path));
            }
        }
    }
    assert!(found.len() > 5, "only {} files found below {}", found.len(), root.display());
    found
}

fn holds_only_tests(path: &Path) -> bool {
    let names = ["tests", "conformance"];
    let is_test = |part: Option<&str>| part.is_some_and(|part| names.contains(&part));
    is_test(path.file_stem().and_then(|stem| stem.to_str()))
        || path.parent().is_some_and(|folder| is_test(folder.file_name().and_then(|name| name.to_str())))
}

fn read(root: &Path, path: &Path) -> Source {
    let text = fs::read_to_string(path).expect("source files are UTF-8");
    let path = path.strip_prefix(root).expect("found below the root");
    Source {
        path: path.to_str().expect("source paths are UTF-8").replace('\\', "/"),
        code: text.lines().take_while(|line| *line != "#[cfg(test)]").map(String::from).collect(),
    }
}

impl Source {
    /// Whether a line of code, not of comment, holds the text.
    fn names(&self, text: &str) -> bool {
        self.code.iter().any(|line| !line.trim_start().starts_with("//") && line.contains(text))
    }

    /// Whether the file is the module `name` or below it.
    fn is_in(&self, name: &str) -> bool {
        self.path == format!("{name}.rs") || self.path.starts_with(&format!("{name}/"))
    }
}

/// One module speaks to the broker and one to the web: all others can be tested without either, and a crate
/// that is replaced is replaced in one place.
#[test]
fn only_its_own_module_names_a_client_crate() {
    let homes =
        [("rdkafka::", "kafka"), ("reqwest::", "fetch"), ("axum::", "telemetry"), ("prometheus::", "telemetry")];
    let strays: Vec<String> = sources()
        .iter()
        .flat_map(|source| {
            homes
                .iter()
                .filter(|(name, home)| source.names(name) && !source.is_in(home))
                .map(|(name, home)| format!("src/{} names {name}, which belongs to src/{home}", source.path))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(strays.is_empty(), "{}", strays.join("\n"));
}

/// The domain does not know how it is run or fed.
#[test]
fn the_domain_does_not_name_the_machinery() {
    let domain = ["payload", "document", "article", "fingerprint", "verdict", "record", "rejection"];
    let machinery = ["crate::kafka", "crate::desk", "crate::telemetry", "crate::cli", "crate::lifecycle", "tokio::"];
    let strays: Vec<String> = sources()
        .iter()
        .filter(|source| domain.iter().any(|module| source.is_in(module)))
        .flat_map(|source| {
            machinery
                .iter()
                .filter(|name| source.names(name))
                .map(|name| format!("src/{} names {name}", source.path))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(strays.is_empty(), "{}", strays.join("\n"));
}

#[test]
fn files_hold_one_concept_each() {
    let mut lengths: Vec<(usize, String)> = sources().into_iter().map(|file| (file.code.len(), file.path)).collect();
    lengths.sort();
    let too_long: Vec<_> = lengths.iter().filter(|(lines, _)| *lines > 400).collect();
    assert!(too_long.is_empty(), "above 400 lines without their tests: {too_long:?}");
    let median = lengths.get(lengths.len() / 2).map_or(0, |(lines, _)| *lines);
    assert!(median <= 150, "the median file has {median} lines, the bar is 150");
}

#[test]
fn every_demo_payload_is_described() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/demo");
    let readme = fs::read_to_string(folder.join("README.md")).expect("the demo has a README");
    let payloads = fs::read_dir(folder.join("payloads")).expect("the demo has payloads");
    let names: Vec<String> = payloads
        .map(|entry| entry.expect("payloads are readable").file_name().into_string().expect("names are UTF-8"))
        .collect();
    assert!(names.len() >= 14, "only {} payloads", names.len());
    for name in &names {
        assert!(readme.contains(&format!("| `{name}` |")), "{name} is not in deploy/demo/README.md");
    }
    assert_eq!(readme.matches("\n| `").count(), names.len(), "the README describes payloads that are not there");
}
