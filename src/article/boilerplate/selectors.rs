//! Rules over an element's tag, role, id and classes.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Deserialize;

use super::RuleError;
use crate::article::BlockKind;

/// What the rules look at.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Attributes<'a> {
    pub(crate) tag: &'a str,
    pub(crate) id: Option<&'a str>,
    pub(crate) class: Option<&'a str>,
    pub(crate) role: Option<&'a str>,
    pub(crate) test_id: Option<&'a str>,
    pub(crate) itemprop: Option<&'a str>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    consent_roots: Roots,
    tags: BTreeMap<BlockKind, Vec<String>>,
    roles: BTreeMap<BlockKind, Vec<String>>,
    tokens: BTreeMap<BlockKind, Vec<String>>,
    content: Content,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Roots {
    ids: Vec<String>,
    id_prefixes: Vec<String>,
    classes: Vec<String>,
    class_prefixes: Vec<String>,
    tags: Vec<String>,
    test_ids: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    itemprops: Vec<String>,
    tokens: Vec<String>,
}

/// A rule that took hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SelectorHit<'r> {
    pub(crate) kind: BlockKind,
    /// The form of the rule: `root`, `tag`, `role`, `token`.
    pub(crate) form: &'static str,
    /// What it names.
    pub(crate) name: &'r str,
    /// Certain rules may take a block of any size.
    pub(crate) certain: bool,
}

/// Token rules: a token is a run of one or more words of an id or class ("related", "share-bar").
#[derive(Debug)]
pub(crate) struct SelectorRules {
    roots: Roots,
    tags: HashMap<String, BlockKind>,
    roles: HashMap<String, BlockKind>,
    tokens: HashMap<String, BlockKind>,
    content_itemprops: HashSet<String>,
    content_tokens: HashSet<String>,
}

/// Longest token, in words.
const TOKEN_WORDS: usize = 3;

impl SelectorRules {
    pub(super) fn parse(name: &str, text: &str) -> Result<Self, RuleError> {
        let file: File = toml::from_str(text)
            .map_err(|error| RuleError::Invalid { file: name.to_owned(), detail: error.to_string() })?;
        let invert = |map: BTreeMap<BlockKind, Vec<String>>| {
            let mut inverted = HashMap::new();
            for (kind, names) in map {
                inverted.extend(names.into_iter().map(|name| (name, kind)));
            }
            inverted
        };
        Ok(Self {
            roots: file.consent_roots,
            tags: invert(file.tags),
            roles: invert(file.roles),
            tokens: invert(file.tokens),
            content_itemprops: file.content.itemprops.into_iter().collect(),
            content_tokens: file.content.tokens.into_iter().collect(),
        })
    }

    /// The rules that say what an element is, the surest first.
    pub(crate) fn furniture<'r>(&'r self, element: Attributes<'r>) -> impl Iterator<Item = SelectorHit<'r>> {
        let hit = |kind, form, name, certain| SelectorHit { kind, form, name, certain };
        let root = self.consent_root(element).map(|name| hit(BlockKind::Consent, "root", name, true));
        let tag = self
            .tags
            .get_key_value(element.tag)
            .map(|(name, kind)| hit(*kind, "tag", name, *kind == BlockKind::Hidden));
        let role = element
            .role
            .and_then(|role| self.roles.get_key_value(role))
            .map(|(name, kind)| hit(*kind, "role", name, false));
        let names = [element.id, element.class].into_iter().flatten().flat_map(str::split_ascii_whitespace);
        let tokens = names.filter_map(|name| find_token(name, |token| self.tokens.get_key_value(token)));
        root.into_iter().chain(tag).chain(role).chain(tokens.map(move |(name, kind)| hit(*kind, "token", name, false)))
    }

    /// Whether an element says of itself that it holds the article's text.
    pub(crate) fn is_content(&self, element: Attributes<'_>) -> bool {
        if element
            .itemprop
            .is_some_and(|prop| prop.split_ascii_whitespace().any(|one| self.content_itemprops.contains(one)))
        {
            return true;
        }
        [element.id, element.class].into_iter().flatten().any(|names| {
            names
                .split_ascii_whitespace()
                .any(|name| find_token(name, |token| self.content_tokens.get(token)).is_some())
        })
    }

    fn consent_root(&self, element: Attributes<'_>) -> Option<&str> {
        let roots = &self.roots;
        let equal = |list: &'_ [String], value: &str| list.iter().position(|name| name == value);
        let prefix = |list: &'_ [String], value: &str| list.iter().position(|name| value.starts_with(name.as_str()));
        if let Some(id) = element.id {
            if let Some(at) = equal(&roots.ids, id) {
                return roots.ids.get(at).map(String::as_str);
            }
            if let Some(at) = prefix(&roots.id_prefixes, id) {
                return roots.id_prefixes.get(at).map(String::as_str);
            }
        }
        for class in element.class.unwrap_or_default().split_ascii_whitespace() {
            if let Some(at) = equal(&roots.classes, class) {
                return roots.classes.get(at).map(String::as_str);
            }
            if let Some(at) = prefix(&roots.class_prefixes, class) {
                return roots.class_prefixes.get(at).map(String::as_str);
            }
        }
        if let Some(at) = equal(&roots.tags, element.tag) {
            return roots.tags.get(at).map(String::as_str);
        }
        let at = equal(&roots.test_ids, element.test_id?)?;
        roots.test_ids.get(at).map(String::as_str)
    }
}

/// Looks up every run of up to three words of an id or class name, joined by hyphens.
fn find_token<T>(name: &str, look_up: impl Fn(&str) -> Option<T>) -> Option<T> {
    // Longer names are generated, and cost time without telling anything.
    if name.len() > 96 {
        return None;
    }
    let words = split_words(name);
    let mut token = String::with_capacity(name.len());
    for from in 0..words.len() {
        token.clear();
        for word in words.iter().skip(from).take(TOKEN_WORDS) {
            if !token.is_empty() {
                token.push('-');
            }
            token.push_str(word);
            if let Some(found) = look_up(&token) {
                return Some(found);
            }
        }
    }
    None
}

/// `ArticleBody__shareBar-2` is `article body share bar 2`.
fn split_words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut previous_lower = false;
    for character in name.chars() {
        let breaks = !character.is_ascii_alphanumeric();
        if (breaks || (previous_lower && character.is_ascii_uppercase())) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if !breaks {
            word.push(character.to_ascii_lowercase());
        }
        previous_lower = character.is_ascii_lowercase() || character.is_ascii_digit();
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::split_words;
    use crate::article::BlockKind;
    use crate::article::boilerplate::{Attributes, Rules};

    fn element<'a>(tag: &'a str, id: Option<&'a str>, class: Option<&'a str>) -> Attributes<'a> {
        Attributes { tag, id, class, role: None, test_id: None, itemprop: None }
    }

    fn kind(tag: &str, id: Option<&str>, class: Option<&str>) -> Option<BlockKind> {
        Rules::compiled_in().unwrap().selectors.furniture(element(tag, id, class)).next().map(|hit| hit.kind)
    }

    #[test]
    fn names_are_split_at_case_and_punctuation() {
        assert_eq!(split_words("ArticleBody__shareBar-2"), ["article", "body", "share", "bar", "2"]);
    }

    #[test]
    fn consent_tools_are_known_by_their_roots() {
        assert_eq!(kind("div", Some("onetrust-banner-sdk"), None), Some(BlockKind::Consent));
        assert_eq!(kind("div", Some("sp_message_container_123"), None), Some(BlockKind::Consent));
        assert_eq!(kind("div", None, Some("x fc-consent-root")), Some(BlockKind::Consent));
        assert_eq!(kind("div", Some("CybotCookiebotDialogBody"), None), Some(BlockKind::Consent));
    }

    #[test]
    fn tokens_are_whole_words() {
        assert_eq!(kind("div", None, Some("social-share")), Some(BlockKind::Share));
        assert_eq!(kind("div", None, Some("related-articles")), Some(BlockKind::Related));
        assert_eq!(kind("div", None, Some("shareholders-report")), None);
        assert_eq!(kind("div", None, Some("unrelated")), None);
        assert_eq!(kind("div", None, Some("recommended")), Some(BlockKind::Related));
    }

    #[test]
    fn content_is_known_by_its_names() {
        let rules = Rules::compiled_in().unwrap().selectors;
        assert!(rules.is_content(element("div", None, Some("entry-content"))));
        assert!(rules.is_content(Attributes { itemprop: Some("articleBody"), ..element("div", None, None) }));
        assert!(!rules.is_content(element("div", None, Some("sidebar"))));
    }
}
