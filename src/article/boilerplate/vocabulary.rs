//! Words that turn a line into a field: labels ("Tags:", "Source :") and names of sections.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Deserialize;

use super::RuleError;
use super::folded::fold;

/// A field that a labelled line can fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Field {
    /// Topics of the article.
    Tags,
    /// The address the text came from.
    Source,
    /// Who wrote it.
    Author,
    /// When it was published.
    Published,
    /// When it was changed.
    Modified,
    /// Where it stands in the publication.
    Section,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    labels: BTreeMap<Field, Vec<String>>,
    sections: BTreeMap<String, Vec<String>>,
    months: BTreeMap<String, Vec<String>>,
    agencies: Vec<String>,
    byline_prefixes: Vec<String>,
}

/// The words of `fields.toml`, folded.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    labels: HashMap<String, Field>,
    sections: HashSet<String>,
    months: HashMap<String, i8>,
    agencies: HashSet<String>,
    byline_prefixes: HashSet<String>,
}

impl Vocabulary {
    pub(super) fn parse(name: &str, text: &str) -> Result<Self, RuleError> {
        let invalid = |detail: String| RuleError::Invalid { file: name.to_owned(), detail };
        let file: File = toml::from_str(text).map_err(|error| invalid(error.to_string()))?;
        let folded = |word: &String| fold(word).as_str().to_owned();
        let mut labels = HashMap::new();
        for (field, words) in &file.labels {
            labels.extend(words.iter().map(|word| (folded(word), *field)));
        }
        let mut months = HashMap::new();
        for (language, names) in &file.months {
            if names.len() != 12 {
                return Err(invalid(format!("months.{language} must have 12 entries")));
            }
            for (number, forms) in (1_i8..).zip(names) {
                months.extend(forms.split(' ').map(|form| (fold(form).as_str().replace('_', " "), number)));
            }
        }
        Ok(Self {
            labels,
            sections: file.sections.values().flatten().map(folded).collect(),
            months,
            agencies: file.agencies.iter().map(folded).collect(),
            byline_prefixes: file.byline_prefixes.iter().map(folded).collect(),
        })
    }

    /// The field that a label names; `label` is what stands before the colon.
    pub(crate) fn field(&self, label: &str) -> Option<Field> {
        self.labels.get(fold(label).as_str().trim()).copied()
    }

    /// Whether a line is the usual name of a section of a news site.
    pub(crate) fn is_section(&self, line: &str) -> bool {
        self.sections.contains(fold(line).as_str())
    }

    /// The number of a month, 1 to 12, from its name or abbreviation in any known language.
    pub(crate) fn month(&self, word: &str) -> Option<i8> {
        self.months.get(fold(word.trim_end_matches('.')).as_str()).copied()
    }

    /// Whether a word names a news agency.
    pub(crate) fn is_agency(&self, word: &str) -> bool {
        self.agencies.contains(fold(word).as_str())
    }

    /// What follows the opening of a byline ("By …"), if the line opens like one.
    pub(crate) fn after_byline<'t>(&self, line: &'t str) -> Option<&'t str> {
        // The longest prefix has two words.
        let mut ends = line.match_indices([' ', ':']).map(|(at, _)| at);
        let first = ends.next()?;
        let second = ends.next();
        second.into_iter().chain([first]).find_map(|end| {
            let prefix = fold(line.get(..end)?);
            let known = self.byline_prefixes.contains(prefix.as_str().trim_end_matches(':').trim());
            if known { line.get(end..).map(|rest| rest.trim_start_matches([' ', ':', '\u{a0}'])) } else { None }
        })
    }
}
