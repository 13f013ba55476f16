//! What a user's own rules say about a page, by its nodes.

use std::collections::HashMap;
use std::ptr;

use scraper::node::Element;
use scraper::{ElementRef, Html};

use super::Deadline;
use super::body::Reason;
use super::tree::Tree;
use crate::article::mounted::MountedRules;
use crate::article::normalise;
use crate::rejection::Rejection;

/// What mounted rules found on a page. By default nothing.
#[derive(Debug, Default)]
pub(super) struct Mounted {
    removed: HashMap<usize, Reason>,
    /// Ranges of the nodes that hold the article, in order, none within another.
    bodies: Vec<(usize, usize)>,
    /// The title, where a publisher's rules say where it stands.
    pub(super) title: Option<String>,
}

impl Mounted {
    /// Looks at a page; no page is looked at where nothing is mounted.
    pub(super) fn find(
        rules: &MountedRules,
        page: &Html,
        tree: &Tree<'_>,
        host: Option<&str>,
        deadline: Deadline,
    ) -> Result<Self, Rejection> {
        if rules.is_empty() {
            return Ok(Self::default());
        }
        let mut asked = 0_u32;
        let go_on = || {
            asked = asked.wrapping_add(1);
            // A question costs less than a look at the clock.
            if asked.is_multiple_of(64) { deadline.check() } else { Ok(()) }
        };
        let findings = rules.look_at(page, host, go_on)?;
        let places: HashMap<*const Element, usize> =
            tree.elements().filter_map(|(at, node)| Some((ptr::from_ref(node.element()?), at))).collect();
        let place = |element: &ElementRef<'_>| places.get(&ptr::from_ref(element.value())).copied();
        let mut mounted = Self::default();
        for (element, reason) in findings.removed {
            if let Some(at) = place(&element) {
                mounted.removed.entry(at).or_insert(reason);
            }
        }
        let mut bodies: Vec<usize> = findings.bodies.iter().filter_map(place).collect();
        bodies.sort_unstable();
        for at in bodies {
            let outer = mounted.bodies.last().map_or(0, |(_, end)| *end);
            if let Some(node) = tree.get(at).filter(|_| at >= outer) {
                mounted.bodies.push((at, node.end));
            }
        }
        let title = findings.titles.iter().filter_map(place).min();
        mounted.title = title.map(|at| normalise::line(&tree.text(at))).filter(|title| !title.is_empty());
        Ok(mounted)
    }

    /// Why an element goes, by a mounted rule.
    pub(super) fn reason(&self, at: usize) -> Option<&Reason> {
        if self.removed.is_empty() { None } else { self.removed.get(&at) }
    }

    /// Whether an element holds the article, or a part of it, by a publisher's rules.
    pub(super) fn is_body(&self, at: usize) -> bool {
        self.bodies.binary_search_by_key(&at, |(start, _)| *start).is_ok()
    }

    /// Whether a publisher's rules say where the article is.
    pub(super) fn has_body(&self) -> bool {
        !self.bodies.is_empty()
    }

    /// Whether a node stands where they say.
    pub(super) fn holds(&self, at: usize) -> bool {
        let before = self.bodies.partition_point(|(start, _)| *start <= at);
        before.checked_sub(1).and_then(|last| self.bodies.get(last)).is_some_and(|(_, end)| at < *end)
    }
}
