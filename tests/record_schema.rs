//! The committed JSON Schemas are those of the types, and real output keeps to them.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

use std::path::Path;
use std::process::Command;

use copydesk::record::{duplicate_schema, record_schema};
use serde_json::Value;

#[test]
fn the_committed_schemas_are_those_of_the_types() {
    for (file, arguments, schema) in [
        ("record.schema.json", &["schema"][..], record_schema()),
        ("duplicate.schema.json", &["schema", "--duplicates"][..], duplicate_schema()),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(file);
        let committed: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        assert_eq!(committed, schema, "run `copydesk {} > docs/{file}`", arguments.join(" "));
        let printed = Command::new(env!("CARGO_BIN_EXE_copydesk")).args(arguments).output().unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&printed.stdout).unwrap(), schema);
    }
}

#[test]
fn every_field_of_the_schemas_is_documented() {
    fn check(name: &str, schema: &Value, missing: &mut Vec<String>) {
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            if property["description"].as_str().unwrap_or_default().len() < 5 {
                missing.push(format!("{name}.{field}"));
            }
        }
    }
    let mut missing = Vec::new();
    for (name, schema) in [("Record", record_schema()), ("DuplicateEvent", duplicate_schema())] {
        check(name, &schema, &mut missing);
        for (name, definition) in schema["$defs"].as_object().unwrap() {
            check(name, definition, &mut missing);
        }
    }
    assert!(missing.is_empty(), "without a description: {missing:?}");
}
