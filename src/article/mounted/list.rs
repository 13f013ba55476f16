//! Filter lists: of the lines that ad blockers read, those that hide elements.

use std::collections::{HashMap, HashSet};

use scraper::ElementRef;

use super::matcher::Matcher;
use super::{RuleFault, selectors};
use crate::article::BlockKind;

/// A list as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterList {
    /// As it is named in faults: its path.
    pub file: String,
    /// As its rules are named: the stem of its file's name.
    pub name: String,
    /// Its lines.
    pub text: String,
}

/// What was found in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListSummary {
    /// The list, as it was named.
    pub file: String,
    /// Lines that hide elements.
    pub hiding: usize,
    /// Lines that let elements be.
    pub exceptions: usize,
    /// Lines that say something else: about requests, scripts, styles.
    pub ignored: usize,
}

/// The hosts that a line is for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Hosts {
    included: Vec<String>,
    excluded: Vec<String>,
}

impl Hosts {
    fn of(text: &str) -> Self {
        let mut hosts = Self::default();
        for host in text.split(',').map(|host| host.trim().to_ascii_lowercase()).filter(|host| !host.is_empty()) {
            match host.strip_prefix('~') {
                Some(host) => hosts.excluded.push(host.to_owned()),
                None => hosts.included.push(host),
            }
        }
        hosts
    }

    fn hold(&self, around: &[String]) -> bool {
        let one_of = |list: &[String]| list.iter().any(|host| around.contains(host));
        (self.included.is_empty() || one_of(&self.included)) && !one_of(&self.excluded)
    }
}

/// A host, the domains above it, and each of them with any public suffix (`news.*`), as lists name them.
fn around(host: &str) -> Vec<String> {
    let host = host.to_ascii_lowercase();
    let suffix = psl::suffix_str(&host).map_or(0, str::len);
    let mut around = Vec::new();
    let mut rest = host.as_str();
    loop {
        around.push(rest.to_owned());
        if let Some(name) = rest.len().checked_sub(suffix + 1).and_then(|end| rest.get(..end)) {
            around.push(format!("{name}.*"));
        }
        match rest.split_once('.') {
            Some((_, above)) => rest = above,
            None => return around,
        }
    }
}

#[derive(Debug)]
struct Rule {
    name: String,
    selector: String,
    hosts: Hosts,
}

/// All lists, compiled.
#[derive(Debug, Default)]
pub(super) struct Lists {
    rules: Vec<Rule>,
    everywhere: Matcher,
    by_host: HashMap<String, Matcher>,
    /// Where a selector hides nothing.
    exceptions: HashMap<String, Vec<Hosts>>,
    summaries: Vec<ListSummary>,
}

/// What a line of a list says.
enum Line<'l> {
    Nothing,
    Other,
    Hides(&'l str, &'l str),
    Spares(&'l str, &'l str),
}

/// Selectors that only ad blockers know, some of them with no meaning without a browser.
const BEYOND_CSS: [&str; 16] = [
    ":has-text(",
    ":-abp-",
    ":contains(",
    ":matches-",
    ":upward(",
    ":xpath(",
    ":style(",
    ":remove(",
    ":remove-",
    ":min-text-length(",
    ":others(",
    ":watch-attr(",
    ":if(",
    ":if-not(",
    ":nth-ancestor(",
    ":shadow(",
];

fn read(line: &str) -> Line<'_> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('!') || (line.starts_with('[') && line.ends_with(']')) {
        return Line::Nothing;
    }
    let Some(at) = line.find('#') else { return Line::Other };
    let (hosts, rest) = line.split_at(at);
    let is_hosts = hosts.chars().all(|character| character.is_alphanumeric() || "-.,~*_ ".contains(character));
    if !is_hosts {
        return Line::Other;
    }
    let is_css = |selector: &str| {
        !selector.starts_with('+')
            && !selector.starts_with('^')
            && !BEYOND_CSS.iter().any(|extended| selector.contains(extended))
    };
    if let Some(selector) = rest.strip_prefix("#@#").map(str::trim).filter(|selector| is_css(selector)) {
        return Line::Spares(hosts, selector);
    }
    match rest.strip_prefix("##").map(str::trim).filter(|selector| is_css(selector)) {
        Some(selector) => Line::Hides(hosts, selector),
        None => Line::Other,
    }
}

impl Lists {
    pub(super) fn new(lists: &[FilterList], attributes: &mut HashSet<String>, faults: &mut Vec<RuleFault>) -> Self {
        let mut compiled = Self::default();
        for list in lists {
            let mut summary = ListSummary { file: list.file.clone(), hiding: 0, exceptions: 0, ignored: 0 };
            for (number, line) in list.text.lines().enumerate() {
                let number = number + 1;
                match read(line) {
                    Line::Nothing => {}
                    Line::Other => summary.ignored += 1,
                    Line::Spares(hosts, selector) => {
                        summary.exceptions += 1;
                        compiled.exceptions.entry(selector.to_owned()).or_default().push(Hosts::of(hosts));
                    }
                    Line::Hides(hosts, selector) => {
                        summary.hiding += 1;
                        let name = format!("selector:list:{}:{number}", list.name);
                        if let Err(problem) = compiled.hide(name, Hosts::of(hosts), selector, attributes) {
                            faults.push(RuleFault::List { file: list.file.clone(), line: number, problem });
                        }
                    }
                }
            }
            compiled.summaries.push(summary);
        }
        compiled
    }

    fn hide(
        &mut self,
        name: String,
        hosts: Hosts,
        selector: &str,
        attributes: &mut HashSet<String>,
    ) -> Result<(), String> {
        let rule = self.rules.len();
        if hosts.included.is_empty() {
            for pattern in selectors::parse(selector, attributes)? {
                self.everywhere.push(pattern, rule);
            }
        }
        for host in &hosts.included {
            let matcher = self.by_host.entry(host.clone()).or_default();
            for pattern in selectors::parse(selector, attributes)? {
                matcher.push(pattern, rule);
            }
        }
        self.rules.push(Rule { name, selector: selector.to_owned(), hosts });
        Ok(())
    }

    pub(super) fn summaries(&self) -> &[ListSummary] {
        &self.summaries
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Adds the elements that the lists hide at a host, in the order of the rules.
    pub(super) fn look_at<'p, E>(
        &self,
        page: &'p scraper::Html,
        host: Option<&str>,
        hidden: &mut Vec<(ElementRef<'p>, (BlockKind, String))>,
        mut go_on: impl FnMut() -> Result<(), E>,
    ) -> Result<(), E> {
        if self.is_empty() {
            return Ok(());
        }
        let around = host.map(around).unwrap_or_default();
        let spared = |selector: &str| {
            self.exceptions.get(selector).is_some_and(|list| list.iter().any(|hosts| hosts.hold(&around)))
        };
        let mut found = Vec::new();
        for matcher in std::iter::once(&self.everywhere).chain(around.iter().filter_map(|host| self.by_host.get(host)))
        {
            matcher.each(page, |element, rule| found.push((rule, element)), &mut go_on)?;
        }
        found.sort_by_key(|(rule, _)| *rule);
        hidden.extend(found.into_iter().filter_map(|(at, element)| {
            let rule = self.rules.get(at)?;
            let holds = rule.hosts.hold(&around) && !spared(&rule.selector);
            holds.then(|| (element, (BlockKind::Advertisement, rule.name.clone())))
        }));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::around;

    #[test]
    fn lists_name_hosts_by_any_domain_above_them() {
        assert_eq!(
            around("www.News.example.co.uk"),
            [
                "www.news.example.co.uk",
                "www.news.example.*",
                "news.example.co.uk",
                "news.example.*",
                "example.co.uk",
                "example.*",
                "co.uk",
                "uk"
            ]
        );
    }
}
