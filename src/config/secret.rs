//! Values that stand elsewhere: `"${file:/run/secrets/name}"`, `"${env:NAME}"`.

/// Where a value is to be had, if it is a reference.
pub(super) fn is_reference(written: &str) -> bool {
    written.starts_with("${") && written.ends_with('}')
}

/// The value that a reference stands for, without its last line break.
///
/// # Errors
/// Says what is wrong, without the value.
pub(super) fn resolve(reference: &str) -> Result<String, String> {
    let inner = reference.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).unwrap_or(reference);
    let value = match inner.split_once(':') {
        Some(("file", path)) => {
            std::fs::read_to_string(path).map_err(|error| format!("cannot read the file {path}: {error}"))?
        }
        Some(("env", name)) => {
            std::env::var(name).map_err(|error| format!("cannot read the variable {name}: {error}"))?
        }
        _ => return Err("no such reference".to_owned()),
    };
    let value = value.strip_suffix('\n').unwrap_or(&value);
    let value = value.strip_suffix('\r').unwrap_or(value);
    if value.is_empty() { Err("what it names is empty".to_owned()) } else { Ok(value.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gives_its_text_without_the_last_line_break() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        for (written, value) in [("x\n", "x"), ("x\r\n", "x"), ("a\nb\n\n", "a\nb\n"), (" x ", " x ")] {
            std::fs::write(&path, written).unwrap();
            assert_eq!(resolve(&format!("${{file:{}}}", path.display())).unwrap(), value);
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        assert!(resolve("${file:/nowhere/password}").unwrap_err().contains("/nowhere/password"));
        assert!(resolve("${env:COPYDESK_TEST_NEVER_SET}").unwrap_err().contains("COPYDESK_TEST_NEVER_SET"));
        assert!(resolve("${vault:x}").is_err());
        let empty = tempfile::NamedTempFile::new().unwrap();
        assert!(resolve(&format!("${{file:{}}}", empty.path().display())).unwrap_err().contains("empty"));
    }
}
