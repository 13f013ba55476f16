//! What `config/default.toml` says: every key, its default, what it means.

use std::fmt::Write as _;
use std::sync::LazyLock;

use super::layers::PROPERTIES;

/// Every key with its default and its documentation.
pub const DEFAULTS: &str = include_str!("../../config/default.toml");

/// A key as `config/default.toml` documents it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its dotted name: `batch.max_records`.
    pub name: String,
    /// The default in TOML; for a key without one, an example.
    pub value: String,
    /// Whether the key has no default: the line is a comment.
    pub is_optional: bool,
    /// What it means, in one line.
    pub doc: String,
}

impl Key {
    /// Its section.
    #[must_use]
    pub fn section(&self) -> &str {
        self.name.split_once('.').map_or("", |(section, _)| section)
    }

    /// Its name within the section.
    #[must_use]
    pub fn short(&self) -> &str {
        self.name.split_once('.').map_or(&self.name, |(_, short)| short)
    }
}

/// Every key, in the order of the file. `kafka.properties` is a section there, and is left out.
#[must_use]
pub fn keys() -> &'static [Key] {
    static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| read(DEFAULTS));
    &KEYS
}

fn read(text: &str) -> Vec<Key> {
    let (mut section, mut doc, mut keys) = ("", Vec::new(), Vec::new());
    for line in text.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name;
            doc.clear();
        } else if let Some((name, value, is_optional)) = setting(line) {
            let name = format!("{section}.{name}");
            keys.push(Key { name, value: value.to_owned(), is_optional, doc: doc.join(" ") });
            doc.clear();
        } else if let Some(comment) = line.strip_prefix("# ") {
            doc.push(comment);
        } else {
            doc.clear();
        }
    }
    keys
}

/// Name and value of a line `key = value`, or `# key = value`.
fn setting(line: &str) -> Option<(&str, &str, bool)> {
    let (is_optional, line) = line.strip_prefix("# ").map_or((false, line), |commented| (true, commented));
    let (name, value) = line.split_once(" = ")?;
    let is_name = name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_');
    is_name.then_some((name, value, is_optional))
}

/// The key of this name.
pub(super) fn key(name: &str) -> Option<&'static Key> {
    keys().iter().find(|key| key.name == name)
}

/// Whether the key exists. Of librdkafka's properties only librdkafka knows all names.
pub(super) fn is_key(name: &str) -> bool {
    name.strip_prefix(PROPERTIES).is_some_and(|property| !property.is_empty()) || key(name).is_some()
}

/// Whether it is a section, and holds no value itself.
pub(super) fn is_section(name: &str) -> bool {
    format!("{name}.") == PROPERTIES || keys().iter().any(|key| key.section() == name)
}

/// The key that was probably meant: spelt alike, or of the same name in another section.
pub(super) fn nearest(given: &str) -> Option<&'static str> {
    let short = given.rsplit('.').next().unwrap_or(given);
    let distance = |key: &Key| {
        let whole = strsim::damerau_levenshtein(given, &key.name);
        whole.min(strsim::damerau_levenshtein(short, key.short()) + 1)
    };
    let near = keys().iter().map(|key| (distance(key), key)).min_by_key(|(distance, _)| *distance);
    near.filter(|(distance, _)| *distance <= 1 + short.len() / 3).map(|(_, key)| key.name.as_str())
}

/// The name among these that was probably meant.
pub(super) fn nearest_of<'n>(given: &str, names: &[&'n str]) -> Option<&'n str> {
    let given = given.to_ascii_lowercase();
    let near = names.iter().map(|name| (strsim::damerau_levenshtein(&given, name), *name)).min();
    near.filter(|(distance, _)| *distance <= 1 + given.len() / 3).map(|(_, name)| name)
}

/// The keys as `docs/configuration.md`.
#[must_use]
pub fn markdown() -> String {
    let mut page = String::from(HEAD);
    let mut section = "";
    for key in keys() {
        if key.section() != section {
            section = key.section();
            // Text has nothing to fail on.
            writeln!(page, "\n## `{section}`\n\n| key | default | meaning |\n|---|---|---|").unwrap_or_default();
        }
        let default = if key.is_optional { "none".to_owned() } else { format!("`{}`", key.value) };
        writeln!(page, "| `{}` | {default} | {} |", key.name, key.doc.replace('|', "\\|")).unwrap_or_default();
    }
    page
}

const HEAD: &str = include_str!("reference/head.md");
