//! The pages of a folder.

use std::path::{Path, PathBuf};

use super::archive::is_archive;
use crate::source::SourceError;

/// The regular files of a folder, in byte order of their names.
pub(super) fn list(folder: &Path) -> Result<Vec<PathBuf>, SourceError> {
    let failed = |path: &Path, error| SourceError::Io { name: path.display().to_string(), error };
    let mut pages = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| failed(folder, error))? {
        let path = entry.map_err(|error| failed(folder, error))?.path();
        if path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b".")) {
            continue;
        }
        // Links are followed: a folder of links to pages is a folder of pages.
        let is_page = std::fs::metadata(&path).map_err(|error| failed(&path, error))?.is_file();
        if is_page && !has_extension(&path, "jsonl") && !is_archive(&path) {
            pages.push(path);
        } else {
            tracing::warn!(path = %path.display(), "left out: only files that hold one page each are read from a folder");
        }
    }
    pages.sort_by(|one, other| one.as_os_str().as_encoded_bytes().cmp(other.as_os_str().as_encoded_bytes()));
    Ok(pages)
}

/// The media type of a file that holds a single payload, by its extension.
pub(super) fn media_type(path: &Path) -> Option<&'static str> {
    const TYPES: [(&str, &str); 5] = [
        ("html", "text/html"),
        ("htm", "text/html"),
        ("xhtml", "application/xhtml+xml"),
        ("txt", "text/plain"),
        ("json", "application/json"),
    ];
    TYPES.iter().find(|(extension, _)| has_extension(path, extension)).map(|(_, media)| *media)
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found.eq_ignore_ascii_case(extension))
}
