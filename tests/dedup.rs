//! What never enters the index: pages that hold no article, from payload to claim.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "the tests of the service use the rest")]
mod support {
    pub mod articles;
    pub mod service;
}

use serde_json::{Value, json};
use support::articles::story;
use support::service::copydesk;

fn read(file: &std::path::Path) -> Vec<Value> {
    std::fs::read_to_string(file).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The same wall stands in front of every page of a site: were it claimed, the articles behind it would be its copies.
#[test]
fn consent_walls_error_pages_and_empty_bodies_establish_nothing() {
    let wall = include_str!("fixtures/article/wall.html");
    let plain_wall = include_str!("fixtures/article/wall_plain.txt");
    let empty = include_str!("fixtures/pages/menus-and-nothing-else/input.html");
    let error = format!("<html><body><h1>Not found</h1><p>{}</p></body></html>", story(50));
    let article = |number: usize| {
        format!("<html><body><article><h1>Edition {number}</h1><p>{}</p></article></body></html>", story(number))
    };
    let mut pages = Vec::new();
    for site in 0..3 {
        let url = |page: &str| format!("https://paper-{site}.example/{page}");
        pages.push(json!({"url": url("walled"), "html": wall}));
        pages.push(json!({"url": url("walled-text"), "text": plain_wall}));
        pages.push(json!({"url": url("empty"), "html": empty}));
        pages.push(json!({"url": url("blank"), "html": "<html><body> </body></html>"}));
        pages.push(json!({"url": url("gone"), "status": 404, "html": error}));
        pages.push(json!({"url": url("story"), "html": article(site)}));
        // The page behind the wall, once somebody has agreed.
        pages.push(json!({"url": url("walled"), "html": article(10 + site)}));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("in.jsonl"), pages.iter().map(|page| format!("{page}\n")).collect::<String>()).unwrap();
    let output = copydesk()
        .args(["run", "--source", "file:in.jsonl", "--sink", "file:out.jsonl"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let records = read(&path("out.jsonl"));
    assert_eq!(records.len(), 6);
    assert!(records.iter().all(|record| record["event"] == "published" && record["revision"] == 1));
    let rejected = read(&path("out.rejected.jsonl"));
    assert_eq!(rejected.len(), 15);
    assert_eq!(read(&path("out.duplicates.jsonl")), Vec::<Value>::new());

    let export = copydesk().args(["index", "export"]).arg(path("out.index")).output().unwrap();
    let claims: Vec<Value> =
        String::from_utf8(export.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(claims.len(), 6, "one claim an article");
    assert!(claims.iter().all(|claim| claim["verdict"] == "unique" && claim["sketch"].is_string()), "{claims:?}");
}
