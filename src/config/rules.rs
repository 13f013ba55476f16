//! Section `rules`: what a user adds to the rules that ship with the program.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::article::{FilterList, MountedRules, PublisherRules, RuleFault};

/// Section `rules`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Filter lists.
    pub filter_lists: Vec<PathBuf>,
    /// Selectors for the pages of some publishers.
    pub publishers: Vec<PublisherRules>,
}

/// What cannot be used, and the key that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnusableRule {
    pub(super) key: &'static str,
    pub(crate) problem: String,
    pub(super) mend: &'static str,
}

const LISTS: &str = "rules.filter_lists";
pub(super) const PUBLISHERS: &str = "rules.publishers";

impl Rules {
    /// Reads the lists and compiles everything.
    pub(crate) fn mount(&self) -> Result<MountedRules, Vec<UnusableRule>> {
        let mut unusable = Vec::new();
        let mut lists = Vec::new();
        for path in &self.filter_lists {
            let file = path.display().to_string();
            match std::fs::read(path) {
                Ok(bytes) => {
                    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                    lists.push(FilterList { file, name, text: String::from_utf8_lossy(&bytes).into_owned() });
                }
                Err(error) => {
                    let problem = format!("cannot read {file}: {error}");
                    unusable.push(UnusableRule { key: LISTS, problem, mend: "check the path, and who may read it" });
                }
            }
        }
        match MountedRules::new(&lists, &self.publishers) {
            Ok(rules) if unusable.is_empty() => Ok(rules),
            Ok(_) => Err(unusable),
            Err(faults) => {
                unusable.extend(faults.into_iter().map(UnusableRule::of));
                Err(unusable)
            }
        }
    }
}

impl UnusableRule {
    fn of(fault: RuleFault) -> Self {
        match fault {
            RuleFault::List { file, line, problem } => Self {
                key: LISTS,
                problem: format!("{file}:{line}: not a selector: {problem}"),
                mend: "mend the line, or put \"!\" before it",
            },
            RuleFault::Publisher { host, problem } => {
                Self { key: PUBLISHERS, problem: format!("{host:?}: {problem}"), mend: "mend it, or leave it out" }
            }
        }
    }
}
