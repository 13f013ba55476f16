//! A TOML document as entries, each with its line.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use config::{Value, ValueKind};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Entry;
use crate::config::mistake::Mistake;
use crate::config::reference;

/// Every key that the text sets; the origin of each is `name:line`, or none without a name. What does not parse is a
/// mistake, and the rest is read all the same.
pub(super) fn entries(text: &str, name: Option<&str>) -> (Vec<Entry>, Vec<Mistake>) {
    let (document, errors) = DeTable::parse_recoverable(text);
    // One slip of the pen often has several consequences; the first on a line tells it.
    let mut broken: BTreeMap<usize, Mistake> = BTreeMap::new();
    for error in errors {
        let line = error.span().map_or(1, |span| line(text, &span));
        broken
            .entry(line)
            .or_insert_with(|| not_toml(&format!("{}:{line}", name.unwrap_or_default()), error.message()));
    }
    let mistakes = broken.values().cloned().collect();
    let mut reader = Reader { text, name, broken: broken.into_keys().collect(), entries: Vec::new() };
    reader.read(None, document.get_ref());
    reader.entries.sort_by_key(|(line, _)| *line);
    (reader.entries.into_iter().map(|(_, entry)| entry).collect(), mistakes)
}

fn not_toml(source: &str, problem: &str) -> Mistake {
    let mend = if problem == "duplicate key" {
        "keep one of the two"
    } else {
        "write key = value, text in quotes, below its [section]"
    };
    Mistake::of_source(source, format!("not TOML: {problem}"), mend)
}

fn line(text: &str, span: &Range<usize>) -> usize {
    let before = text.as_bytes().iter().take(span.start);
    before.filter(|byte| **byte == b'\n').count() + 1
}

struct Reader<'a> {
    text: &'a str,
    name: Option<&'a str>,
    /// Lines that do not parse: what recovery makes of them is not what was meant.
    broken: BTreeSet<usize>,
    /// Each with its line.
    entries: Vec<(usize, Entry)>,
}

impl Reader<'_> {
    fn read(&mut self, above: Option<&str>, table: &DeTable<'_>) {
        for (name, value) in table {
            let key = above.map_or_else(|| name.get_ref().to_string(), |above| format!("{above}.{}", name.get_ref()));
            match value.get_ref() {
                DeValue::Table(inner) if !inner.is_empty() || reference::is_section(&key) => {
                    self.read(Some(&key), inner);
                }
                _ => self.push(key, &name.span(), value),
            }
        }
    }

    fn push(&mut self, key: String, span: &Range<usize>, value: &Spanned<DeValue<'_>>) {
        let line = line(self.text, span);
        if !self.broken.contains(&line) {
            let origin = self.name.map(|name| format!("{name}:{line}"));
            self.entries.push((line, Entry::new(key, origin.as_ref(), kind(value.get_ref()))));
        }
    }
}

/// A value as `config` holds it. What it has no kind for stays text, and does not fit a key of another kind.
fn kind(value: &DeValue<'_>) -> ValueKind {
    match value {
        DeValue::String(text) => ValueKind::String(text.to_string()),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => ValueKind::I64(number),
            Err(_) => ValueKind::String(number.to_string()),
        },
        DeValue::Float(number) => match number.as_str().parse() {
            Ok(number) => ValueKind::Float(number),
            Err(_) => ValueKind::String(number.as_str().to_owned()),
        },
        DeValue::Boolean(flag) => ValueKind::Boolean(*flag),
        DeValue::Datetime(time) => ValueKind::String(time.to_string()),
        DeValue::Array(values) => {
            ValueKind::Array(values.iter().map(|value| Value::new(None, kind(value.get_ref()))).collect())
        }
        DeValue::Table(table) => ValueKind::Table(
            table
                .iter()
                .map(|(key, value)| (key.get_ref().to_string(), Value::new(None, kind(value.get_ref()))))
                .collect(),
        ),
    }
}
