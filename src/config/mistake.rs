//! What is wrong with a configuration, told so that it can be mended at once.

use std::fmt;

use thiserror::Error;

/// Why a configuration cannot be used: every mistake of every source.
#[derive(Debug, Error)]
#[error("configuration: {}{}", counted(.mistakes.len()), listed(.mistakes))]
pub struct ConfigError {
    /// The mistakes, in the order of their sources: files, variables, command line, keys against each other.
    pub mistakes: Vec<Mistake>,
}

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// What was set, and where. More than one where values do not go together; none where a source cannot be read.
    pub settings: Vec<Setting>,
    /// What is wrong.
    pub problem: String,
    /// What mends it.
    pub mend: String,
}

/// A key as a source sets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The key: `batch.max_records`.
    pub key: String,
    /// Its value as it was given, in TOML; a secret is left out.
    pub value: Option<String>,
    /// Where it was given: `site.toml:3`, `COPYDESK__BATCH__MAX_RECORDS`, `--set`, `default`.
    pub origin: String,
}

impl Mistake {
    pub(super) fn of(setting: Setting, problem: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { settings: vec![setting], problem: problem.into(), mend: mend.into() }
    }

    /// A source that cannot be read, or not wholly.
    pub(super) fn of_source(source: &str, problem: impl fmt::Display, mend: impl Into<String>) -> Self {
        Self { settings: Vec::new(), problem: format!("{source}: {problem}"), mend: mend.into() }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, setting) in self.settings.iter().enumerate() {
            f.write_str(if number > 0 { ", " } else { "" })?;
            setting.fmt(f)?;
        }
        f.write_str(if self.settings.is_empty() { "" } else { ": " })?;
        write!(f, "{}; {}", self.problem, self.mend)
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key)?;
        if let Some(value) = &self.value {
            write!(f, " = {value}")?;
        }
        write!(f, " ({})", self.origin)
    }
}

fn counted(mistakes: usize) -> String {
    if mistakes == 1 { "1 mistake".to_owned() } else { format!("{mistakes} mistakes") }
}

fn listed(mistakes: &[Mistake]) -> String {
    mistakes.iter().map(|mistake| format!("\n  {mistake}")).collect()
}
