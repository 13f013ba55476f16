//! What other extractors find on a page, asked where our text is far from the known one.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::Command;

use copydesk::document::{Content, Document};
use serde_json::json;

use crate::corpus::Page;

/// The texts that other extractors find on each of these pages. `program` is that of `tools/bench`.
pub fn texts(program: &Path, pages: &[&Page]) -> Result<Vec<Vec<String>>, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("pages.jsonl");
    let mut lines = BufWriter::new(File::create(&file)?);
    for page in pages {
        let Some(Document { content: Content::Html(html), hints, .. }) = &page.html else {
            return Err(format!("{}: no page of HTML", page.id).into());
        };
        let line = json!({"url": hints.url.as_deref().unwrap_or_default(), "html": html});
        writeln!(lines, "{line}")?;
    }
    lines.into_inner()?;
    let output = Command::new(program).arg("texts").arg(&file).output();
    let output = output.map_err(|error| format!("{}: {error}", program.display()))?;
    if !output.status.success() {
        return Err(format!("{}: {}", program.display(), String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
