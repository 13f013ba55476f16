//! `config/default.toml` and what is made of it are true, and so are the examples.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The keys of the structs: those of a configuration in which every optional key is set.
fn keys_of_structs() -> BTreeSet<String> {
    let mut config = load("", &[], &[]).unwrap().config;
    config.telemetry.listen = Some("127.0.0.1:9600".parse().unwrap());
    // Options that are not filled in above would be missing from both sides.
    let source = include_str!("../../config.rs");
    assert_eq!(source.matches(": Option<").count(), 1, "fill in every optional key in this test");
    let mut keys = BTreeSet::new();
    for (section, values) in toml::Table::try_from(config).unwrap() {
        keys.extend(values.as_table().unwrap().keys().map(|key| format!("{section}.{key}")));
    }
    keys
}

#[test]
fn the_documented_keys_are_those_of_the_structs() {
    let documented: BTreeSet<String> = reference::keys().iter().map(|key| key.name.clone()).collect();
    assert_eq!(documented.len(), reference::keys().len(), "each key once");
    let mut of_structs = keys_of_structs();
    assert!(of_structs.remove("kafka.properties"), "a section of its own");
    assert_eq!(documented, of_structs);
    assert!(DEFAULTS.contains("\n[kafka.properties]\n"));
}

#[test]
fn the_documented_keys_are_all_that_the_document_holds() {
    let mut active = BTreeSet::new();
    for (section, values) in toml::from_str::<toml::Table>(DEFAULTS).unwrap() {
        active.extend(values.as_table().unwrap().keys().map(|key| format!("{section}.{key}")));
    }
    active.remove("kafka.properties");
    let documented = reference::keys().iter().filter(|key| !key.is_optional).map(|key| key.name.clone()).collect();
    assert_eq!(active, documented);
}

#[test]
fn every_key_has_a_comment_of_its_own_and_an_example_that_loads() {
    for key in reference::keys() {
        assert!(key.doc.len() > 10 && key.doc.ends_with('.'), "{}: \"{}\"", key.name, key.doc);
        let toml = format!("[{}]\n{} = {}\n", key.section(), key.short(), key.value);
        assert_eq!(mistakes(&toml), Vec::<String>::new(), "{toml}");
    }
}

#[test]
fn the_table_of_keys_is_that_of_the_defaults() {
    let page = std::fs::read_to_string(root().join("docs/configuration.md")).unwrap();
    assert!(page == reference::markdown(), "run `cargo run -q -- config defaults --markdown > docs/configuration.md`");
}

#[test]
fn every_example_loads() {
    let mut names = Vec::new();
    let folder = tempfile::tempdir().unwrap();
    for name in ["kafka-password", "dedup-seed"] {
        std::fs::write(folder.path().join(name), "x").unwrap();
    }
    for entry in std::fs::read_dir(root().join("config/examples")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# "), "{}: says what it is for", path.display());
        // Secrets stand where a container has them; here they are in the test's folder.
        let text = text.replace("/run/secrets/", &format!("{}/", folder.path().display()));
        let mut found = mistakes(&text);
        if !cfg!(feature = "tls") && text.contains("SASL_SSL") {
            assert!(!found.is_empty(), "a build without TLS refuses TLS");
            found.retain(|mistake| !mistake.contains("without TLS"));
        }
        assert_eq!(found, Vec::<String>::new(), "{}", path.display());
        names.push(path.file_name().unwrap().to_str().unwrap().to_owned());
    }
    names.sort();
    let expected = [
        "high-throughput.toml",
        "kubernetes.toml",
        "low-latency.toml",
        "minimal.toml",
        "publishers.toml",
        "shadow.toml",
        "tls-sasl.toml",
    ];
    assert_eq!(names, expected);
}
