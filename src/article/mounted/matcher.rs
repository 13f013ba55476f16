//! Many patterns at once: an element meets those only whose key it has.

use std::collections::{HashMap, HashSet};

use scraper::{ElementRef, Html};

use super::selectors::{Key, Pattern};

/// Patterns with the number of the rule that each belongs to.
#[derive(Debug, Default)]
pub(super) struct Matcher {
    ids: HashMap<String, Vec<usize>>,
    classes: HashMap<String, Vec<usize>>,
    tags: HashMap<String, Vec<usize>>,
    attributes: HashMap<String, Vec<usize>>,
    any: Vec<usize>,
    patterns: Vec<(Pattern, usize)>,
}

impl Matcher {
    pub(super) fn push(&mut self, pattern: Pattern, rule: usize) {
        let at = self.patterns.len();
        match &pattern.key {
            Key::Id(name) => self.ids.entry(name.clone()).or_default().push(at),
            Key::Class(name) => self.classes.entry(name.clone()).or_default().push(at),
            Key::Tag(name) => self.tags.entry(name.clone()).or_default().push(at),
            Key::Attribute(name) => self.attributes.entry(name.clone()).or_default().push(at),
            Key::Any => self.any.push(at),
        }
        self.patterns.push((pattern, rule));
    }

    /// Calls `found` with each element and each rule that takes it.
    pub(super) fn each<'p, E>(
        &self,
        page: &'p Html,
        mut found: impl FnMut(ElementRef<'p>, usize),
        mut go_on: impl FnMut() -> Result<(), E>,
    ) -> Result<(), E> {
        // Those that are asked in one pass of their own, because something on the page has their key.
        let mut passes: HashSet<usize> = HashSet::new();
        for element in page.tree.nodes().filter_map(ElementRef::wrap) {
            let value = element.value();
            let ids = value.id().and_then(|id| self.ids.get(id));
            let classes = value.classes().filter_map(|class| self.classes.get(class));
            let tag = self.tags.get(value.name());
            let named = |(name, _): (&str, &str)| self.attributes.get(name);
            let attributes =
                (!self.attributes.is_empty()).then(|| value.attrs().filter_map(named)).into_iter().flatten();
            let keyed = ids.into_iter().chain(classes).chain(tag).chain(attributes);
            for at in keyed.flatten().chain(&self.any) {
                let Some((pattern, rule)) = self.patterns.get(*at) else { continue };
                match &pattern.test {
                    None => found(element, *rule),
                    Some(_) if pattern.needs_pass => {
                        passes.insert(*at);
                    }
                    Some(selector) => {
                        if selector.matches(&element) {
                            found(element, *rule);
                        }
                        go_on()?;
                    }
                }
            }
        }
        for (pattern, rule) in passes.into_iter().filter_map(|at| self.patterns.get(at)) {
            if let Some(selector) = &pattern.test {
                for element in page.select(selector) {
                    found(element, *rule);
                    go_on()?;
                }
            }
            go_on()?;
        }
        Ok(())
    }
}
