//! A configuration as TOML, each key with its origin.

use std::fmt::Write as _;

use config::ValueKind;

use super::layers::{Entry, PROPERTIES, quoted};
use super::{Loaded, reference};

impl Loaded {
    /// The configuration in TOML. What is not a default says in a comment where it comes from; secrets are left out,
    /// references to them stay.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let typed = toml::Table::try_from(&self.config).unwrap_or_default();
        let mut text = String::new();
        let mut section = "";
        for key in reference::keys() {
            if key.section() != section {
                self.close(section, &mut text);
                section = key.section();
                head(section, &mut text);
            }
            let Some(entry) = self.entry(&key.name) else { continue };
            let canonical = typed.get(section).and_then(|section| section.get(key.short()));
            let Some(canonical) = canonical else { continue };
            // Text that stands for a number, as in variables, is shown as the number.
            let is_loose = matches!(entry.value.kind, ValueKind::String(_)) && !canonical.is_str();
            let shown = is_loose && entry.reference.is_none();
            line(key.short(), &entry, shown.then(|| canonical.to_string()), &mut text);
        }
        self.close(section, &mut text);
        text
    }

    /// What follows the keys of a section: librdkafka's properties follow those of `kafka`.
    fn close(&self, section: &str, text: &mut String) {
        let mut properties = self.config.kafka.properties.iter().peekable();
        if section != "kafka" || properties.peek().is_none() {
            return;
        }
        head("kafka.properties", text);
        for (name, _) in properties {
            if let Some(entry) = self.entry(&format!("{PROPERTIES}{name}")) {
                line(&quoted(name), &entry, None, text);
            }
        }
    }
}

fn head(section: &str, text: &mut String) {
    let gap = if text.is_empty() { "" } else { "\n" };
    // Text has nothing to fail on.
    writeln!(text, "{gap}[{section}]").unwrap_or_default();
}

fn line(name: &str, entry: &Entry, shown: Option<String>, text: &mut String) {
    let setting = entry.setting();
    let value = shown.or(setting.value).unwrap_or_default();
    let origin = if entry.value.origin().is_some() { format!("  # from {}", setting.origin) } else { String::new() };
    writeln!(text, "{name} = {value}{origin}").unwrap_or_default();
}
