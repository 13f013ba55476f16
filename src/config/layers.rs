//! What each source sets, one entry a key.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use config::{Map, Value, ValueKind};

use super::mistake::{Mistake, Setting};
use super::properties::{REDACTED, is_secret};
use super::{reference, secret};

mod document;

/// Where librdkafka's properties are. Their own names have dots.
pub(super) const PROPERTIES: &str = "kafka.properties.";
/// What variables of ours begin with.
pub(super) const PREFIX: &str = "COPYDESK__";
/// The origin of what the command line sets.
const ARGUMENT: &str = "--set";
/// The origin of what nothing sets.
const DEFAULT: &str = "default";

/// One key as one source sets it.
#[derive(Clone)]
pub(super) struct Entry {
    /// The dotted key.
    pub(super) key: String,
    /// Its value, with its origin.
    pub(super) value: Value,
    /// The reference that the value was had from, if it was.
    pub(super) reference: Option<String>,
}

impl Entry {
    fn new(key: impl Into<String>, origin: Option<&String>, kind: impl Into<ValueKind>) -> Self {
        Self { key: key.into(), value: Value::new(origin, kind), reference: None }
    }

    /// Name of the librdkafka property, if it is one.
    pub(super) fn property(&self) -> Option<&str> {
        self.key.strip_prefix(PROPERTIES)
    }

    /// The entry as it is told to people.
    pub(super) fn setting(&self) -> Setting {
        let value = match &self.reference {
            Some(reference) => quoted(reference),
            // An empty text is no secret: none is set.
            None if is_secret(&self.key) && written(&self.value) != quoted("") => quoted(REDACTED),
            None => written(&self.value),
        };
        Setting { value: Some(value), ..self.unshown() }
    }

    /// The entry as mistakes tell it: without its value where that fills a page.
    pub(super) fn told(&self) -> Setting {
        let holds_tables = |value: &Value| matches!(value.kind, ValueKind::Table(_));
        match &self.value.kind {
            ValueKind::Array(values) if values.iter().any(holds_tables) => self.unshown(),
            _ => self.setting(),
        }
    }

    /// The entry without its value: a key that does not exist may be a misspelt secret.
    pub(super) fn unshown(&self) -> Setting {
        let origin = self.value.origin().unwrap_or(DEFAULT).to_owned();
        Setting { key: self.key.clone(), value: None, origin }
    }

    /// Takes the value from where it stands, if it is a reference.
    pub(super) fn resolve(&mut self) -> Result<(), String> {
        let ValueKind::String(text) = &self.value.kind else { return Ok(()) };
        if secret::is_reference(text) {
            let reference = text.clone();
            let resolved = secret::resolve(&reference);
            self.reference = Some(reference);
            self.value.kind = ValueKind::String(resolved?);
        }
        Ok(())
    }
}

/// The variable that sets a key: `batch.max_records` by `COPYDESK__BATCH__MAX_RECORDS`.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_ascii_uppercase())
}

/// The entries of the compiled-in defaults.
pub(super) fn of_defaults() -> (Vec<Entry>, Vec<Mistake>) {
    document::entries(reference::DEFAULTS, None)
}

/// The entries of a file.
pub(super) fn of_file(path: &Path) -> (Vec<Entry>, Vec<Mistake>) {
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => document::entries(&text, Some(&name)),
        Err(error) => {
            let mend = "check the path given by --config, and who may read the file";
            (Vec::new(), vec![Mistake::of_source(&name, format!("cannot read the file: {error}"), mend)])
        }
    }
}

/// The entries of the environment.
pub(super) fn of_variables(variables: impl IntoIterator<Item = (OsString, OsString)>) -> (Vec<Entry>, Vec<Mistake>) {
    let (mut entries, mut mistakes) = (Vec::new(), Vec::new());
    let ours = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value));
    let mut variables: Vec<_> =
        variables.into_iter().filter_map(ours).filter(|(name, _)| name.starts_with(PREFIX)).collect();
    variables.sort();
    for (name, value) in variables {
        let key = name.strip_prefix(PREFIX).unwrap_or(&name).to_ascii_lowercase().replace("__", ".");
        match value.into_string() {
            Ok(value) => entries.push(Entry::new(key, Some(&name), value)),
            Err(_) => mistakes.push(Mistake::of_source(&name, "its value is not UTF-8", "set it to UTF-8 text")),
        }
    }
    (entries, mistakes)
}

/// The entries of the command line.
pub(super) fn of_arguments(overrides: &[(String, String)]) -> Vec<Entry> {
    let entry = |(key, value): &(String, String)| Entry::new(key, Some(&ARGUMENT.to_owned()), value.as_str());
    overrides.iter().map(entry).collect()
}

/// A layer as `config` merges it.
#[derive(Clone)]
pub(super) struct Layer(Map<String, Value>);

impl Layer {
    /// Entries by section and key; the last of a key counts.
    pub(super) fn of(entries: impl IntoIterator<Item = Entry>) -> Self {
        let mut sections: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
        let mut properties: Map<String, Value> = Map::new();
        for entry in entries {
            if let Some(name) = entry.property() {
                properties.insert(name.to_owned(), entry.value);
            } else if let Some((section, key)) = entry.key.split_once('.') {
                sections.entry(section.to_owned()).or_default().insert(key.to_owned(), entry.value);
            }
        }
        let kafka = sections.entry("kafka".to_owned()).or_default();
        kafka.insert("properties".to_owned(), Value::new(None, properties));
        Self(sections.into_iter().map(|(section, keys)| (section, Value::new(None, keys))).collect())
    }
}

impl config::Source for Layer {
    fn clone_into_box(&self) -> Box<dyn config::Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, config::ConfigError> {
        Ok(self.0.clone())
    }
}

impl std::fmt::Debug for Layer {
    /// Without its values: some are secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

/// A value in TOML.
pub(super) fn written(value: &Value) -> String {
    to_toml(value).to_string()
}

/// Text in TOML.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn to_toml(value: &Value) -> toml::Value {
    match &value.kind {
        ValueKind::Boolean(flag) => (*flag).into(),
        ValueKind::I64(number) => (*number).into(),
        ValueKind::Float(number) => (*number).into(),
        ValueKind::Array(values) => values.iter().map(to_toml).collect::<Vec<_>>().into(),
        ValueKind::Table(table) => {
            toml::Value::Table(table.iter().map(|(key, value)| (key.clone(), to_toml(value))).collect())
        }
        ValueKind::String(text) => text.as_str().into(),
        other => other.to_string().into(),
    }
}
