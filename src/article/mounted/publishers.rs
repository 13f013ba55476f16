//! What a user knows of a publisher's pages.

use std::collections::{HashMap, HashSet};

use scraper::Selector;
use serde::{Deserialize, Serialize};

use super::{RuleFault, selectors};
use crate::article::Extractor;
use crate::document::{Content, Document, Hints};

/// Selectors for the pages of a host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublisherRules {
    /// The host that they are for, and every host below it that has none of its own.
    pub host: String,
    /// What holds the text; where it matches several elements, all of them do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// What shows the title; the first match counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What is never part of the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
    /// Pages, and what must come of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub test: Vec<PublisherTest>,
}

/// A page, and what must come of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublisherTest {
    /// The page.
    pub html: String,
    /// Its address, where it is not that of the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The whole body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// What the body must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contains: Vec<String>,
    /// What it must not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<String>,
}

impl PublisherRules {
    /// Runs the tests of these rules: what does not come out as they say, one sentence each.
    pub fn failures(&self, extractor: &Extractor) -> Vec<String> {
        let failures = self.test.iter().enumerate().flat_map(|(at, test)| {
            test.failures(&self.host, extractor).into_iter().map(move |failure| format!("test {}: {failure}", at + 1))
        });
        failures.collect()
    }
}

impl PublisherTest {
    fn failures(&self, host: &str, extractor: &Extractor) -> Vec<String> {
        let url = self.url.clone().unwrap_or_else(|| format!("https://{host}/"));
        let hints = Hints { url: Some(url), ..Hints::default() };
        let article = match extractor.extract(&Document { content: Content::Html(self.html.clone()), hints }) {
            Ok(extraction) => extraction.article,
            Err(rejection) => return vec![format!("no article: {rejection}")],
        };
        let mut failures = Vec::new();
        if let Some(title) = self.title.as_deref().filter(|title| article.title.as_deref() != Some(title.trim())) {
            failures.push(format!("the title is {:?}, not {title:?}", article.title.as_deref().unwrap_or_default()));
        }
        if let Some(body) = self.body.as_deref().filter(|body| article.body != body.trim()) {
            failures.push(format!("the body is {:?}, not {:?}", article.body, body.trim()));
        }
        let missing = self.contains.iter().filter(|text| !article.body.contains(text.as_str()));
        failures.extend(missing.map(|text| format!("{text:?} is not in the body")));
        let unwanted = self.lacks.iter().filter(|text| article.body.contains(text.as_str()));
        failures.extend(unwanted.map(|text| format!("{text:?} is in the body")));
        failures
    }
}

/// A selector as it was written, and compiled.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) text: String,
    pub(super) selector: Selector,
}

/// The rules of one publisher, compiled.
#[derive(Debug, Default)]
pub(super) struct Compiled {
    pub(super) body: Option<Selector>,
    pub(super) title: Option<Selector>,
    pub(super) remove: Vec<Written>,
}

/// The rules of all publishers, by host.
#[derive(Debug, Default)]
pub(super) struct Publishers(HashMap<String, Compiled>);

impl Publishers {
    pub(super) fn new(
        publishers: &[PublisherRules],
        attributes: &mut HashSet<String>,
        faults: &mut Vec<RuleFault>,
    ) -> Self {
        let mut by_host = HashMap::new();
        for rules in publishers {
            let mut fault = |problem| faults.push(RuleFault::Publisher { host: rules.host.clone(), problem });
            let is_host = url::Host::parse(&rules.host).is_ok_and(|host| host.to_string() == rules.host);
            if !is_host {
                fault("not a host name: write it as in \"news.example.org\", lower case, no scheme".to_owned());
            }
            let mut compile = |text: &str| match Selector::parse(text) {
                Ok(selector) => {
                    selectors::attributes_of(text, attributes);
                    Some(selector)
                }
                Err(error) => {
                    fault(format!("{text:?} is not a selector: {error}"));
                    None
                }
            };
            let compiled = Compiled {
                body: rules.body.as_deref().and_then(&mut compile),
                title: rules.title.as_deref().and_then(&mut compile),
                remove: rules
                    .remove
                    .iter()
                    .filter_map(|text| Some(Written { text: text.clone(), selector: compile(text)? }))
                    .collect(),
            };
            if by_host.insert(rules.host.clone(), compiled).is_some() {
                fault("the host has rules above already: put them together".to_owned());
            }
        }
        Self(by_host)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The rules for a host: its own, else those of the nearest domain above it.
    pub(super) fn of(&self, host: &str) -> Option<&Compiled> {
        let host = host.to_ascii_lowercase();
        let above = std::iter::successors(Some(host.as_str()), |host| host.split_once('.').map(|(_, above)| above));
        above.into_iter().find_map(|host| self.0.get(host))
    }
}
