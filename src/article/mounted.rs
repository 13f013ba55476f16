//! Rules that a user mounts: filter lists, and selectors for publishers.
//!
//! They are certain: where one takes a block, neither the guards of the compiled-in rules nor the classifier bring it back.

mod list;
mod matcher;
mod publishers;
mod selectors;

use std::collections::HashSet;

use scraper::ElementRef;

pub use list::{FilterList, ListSummary};
pub use publishers::{PublisherRules, PublisherTest};

use super::BlockKind;
use list::Lists;
use publishers::Publishers;

/// A rule that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleFault {
    /// A line of a filter list.
    List {
        /// The list, as it was named.
        file: String,
        /// Its line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// The rules of a publisher.
    Publisher {
        /// The host that they are for; empty where that is what is missing.
        host: String,
        /// What is wrong with them.
        problem: String,
    },
}

/// What a user mounts, compiled. The default mounts nothing, and costs nothing.
#[derive(Debug, Default)]
pub struct MountedRules {
    lists: Lists,
    publishers: Publishers,
    /// Attributes that the selectors look at, in lower case.
    attributes: HashSet<String>,
}

impl MountedRules {
    /// Compiles filter lists, and rules for publishers.
    ///
    /// # Errors
    /// Everything that is wrong with any of them.
    pub fn new(lists: &[FilterList], publishers: &[PublisherRules]) -> Result<Self, Vec<RuleFault>> {
        let mut faults = Vec::new();
        let mut attributes = HashSet::new();
        let rules = Self {
            lists: Lists::new(lists, &mut attributes, &mut faults),
            publishers: Publishers::new(publishers, &mut attributes, &mut faults),
            attributes,
        };
        if faults.is_empty() { Ok(rules) } else { Err(faults) }
    }

    /// What was found in each list.
    pub fn lists(&self) -> &[ListSummary] {
        self.lists.summaries()
    }

    /// Attributes that extraction must not drop before selectors have seen them, in lower case.
    pub(crate) fn attributes(&self) -> &HashSet<String> {
        &self.attributes
    }

    /// Whether no page is looked at.
    pub(crate) fn is_empty(&self) -> bool {
        self.lists.is_empty() && self.publishers.is_empty()
    }

    /// What the rules for a host say about a page. A publisher's selector takes one pass over all elements, so that those which
    /// look at siblings stay linear. Each finding is given with its element; those of `remove` come in the
    /// order of their rules. `go_on` says whether there is time left.
    pub(crate) fn look_at<'p, E>(
        &self,
        page: &'p scraper::Html,
        host: Option<&str>,
        mut go_on: impl FnMut() -> Result<(), E>,
    ) -> Result<Findings<'p>, E> {
        let mut findings = Findings::default();
        if let Some(rules) = host.and_then(|host| self.publishers.of(host)) {
            for remove in &rules.remove {
                let reason = (BlockKind::OutsideArticle, format!("publisher:remove:{}", remove.text));
                findings.removed.extend(page.select(&remove.selector).map(|element| (element, reason.clone())));
                go_on()?;
            }
            if let Some(body) = &rules.body {
                findings.bodies.extend(page.select(body));
                go_on()?;
            }
            findings.titles.extend(rules.title.iter().flat_map(|title| page.select(title)));
            go_on()?;
        }
        self.lists.look_at(page, host, &mut findings.removed, go_on)?;
        Ok(findings)
    }
}

/// What mounted rules say about a page.
#[derive(Debug, Default)]
pub(crate) struct Findings<'p> {
    /// Elements that go, and why; an element may be found more than once.
    pub(crate) removed: Vec<(ElementRef<'p>, (BlockKind, String))>,
    /// Elements that hold the article.
    pub(crate) bodies: Vec<ElementRef<'p>>,
    /// Elements that may be its title.
    pub(crate) titles: Vec<ElementRef<'p>>,
}

#[cfg(test)]
mod tests;
