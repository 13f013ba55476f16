//! The committed JSON Schema is the schema of the types, and real output keeps to it.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::path::Path;

#[test]
fn the_committed_schema_is_the_one_of_the_types() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/record.schema.json");
    let committed: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(committed, copydesk::record::record_schema(), "run `copydesk schema > docs/record.schema.json`");
}

#[test]
fn every_field_of_the_schema_is_documented() {
    fn check(name: &str, schema: &serde_json::Value, missing: &mut Vec<String>) {
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            if property["description"].as_str().unwrap_or_default().len() < 5 {
                missing.push(format!("{name}.{field}"));
            }
        }
    }
    let schema = copydesk::record::record_schema();
    let mut missing = Vec::new();
    check("Record", &schema, &mut missing);
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        check(name, definition, &mut missing);
    }
    assert!(missing.is_empty(), "without a description: {missing:?}");
}
