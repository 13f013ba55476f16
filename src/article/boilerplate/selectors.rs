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
    tokens: Tokens<BlockKind>,
    content_itemprops: HashSet<String>,
    content_tokens: Tokens<()>,
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
            tokens: Tokens::of(invert(file.tokens)),
            content_itemprops: file.content.itemprops.into_iter().collect(),
            content_tokens: Tokens::of(file.content.tokens.into_iter().map(|token| (token, ())).collect()),
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
        let tokens = names.filter_map(|name| self.tokens.find(name));
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
        [element.id, element.class]
            .into_iter()
            .flatten()
            .any(|names| names.split_ascii_whitespace().any(|name| self.content_tokens.find(name).is_some()))
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

/// Tokens by which something is known. Nearly all names of a page are none: their first letter and their length tell.
#[derive(Debug)]
struct Tokens<T> {
    known: HashMap<String, T>,
    /// For each first byte the lengths of its tokens, a bit each.
    lengths: [u64; 256],
}

impl<T> Tokens<T> {
    fn of(known: HashMap<String, T>) -> Self {
        let mut lengths = [0; 256];
        for token in known.keys() {
            if let Some(bits) = token.bytes().next().and_then(|first| lengths.get_mut(usize::from(first))) {
                *bits |= bit(token.len());
            }
        }
        Self { known, lengths }
    }

    /// The first of the runs of up to three words of an id or class name, joined by hyphens, that is known.
    fn find(&self, name: &str) -> Option<(&str, &T)> {
        // Longer names are generated, and cost time without telling anything.
        if name.len() > LONGEST_NAME {
            return None;
        }
        let mut buffer = [0; LONGEST_NAME * 2];
        let words = Words::of(name, &mut buffer);
        words.runs().find_map(|run| self.get(run))
    }

    fn get(&self, token: &str) -> Option<(&str, &T)> {
        let first = token.bytes().next()?;
        if self.lengths.get(usize::from(first))? & bit(token.len()) == 0 {
            return None;
        }
        self.known.get_key_value(token).map(|(token, value)| (token.as_str(), value))
    }
}

/// The bit of a length; the last is for all that are longer.
fn bit(length: usize) -> u64 {
    1 << length.min(63)
}

/// Longest id or class name that is looked at, in bytes.
const LONGEST_NAME: usize = 96;

/// The words of a name in lower case, joined by hyphens: `ArticleBody__shareBar-2` is `article-body-share-bar-2`.
struct Words<'b> {
    joined: &'b str,
}

impl<'b> Words<'b> {
    /// `buffer` is twice as long as the name: a hyphen can stand before each letter.
    fn of(name: &str, buffer: &'b mut [u8]) -> Self {
        let mut length = 0;
        let mut put = |byte: u8| {
            if let Some(place) = buffer.get_mut(length) {
                *place = byte;
                length += 1;
            }
        };
        let (mut begun, mut open, mut previous_lower) = (false, false, false);
        for byte in name.bytes() {
            let breaks = !byte.is_ascii_alphanumeric();
            if breaks || (previous_lower && byte.is_ascii_uppercase()) {
                open = false;
            }
            if !breaks {
                if begun && !open {
                    put(b'-');
                }
                put(byte.to_ascii_lowercase());
                (begun, open) = (true, true);
            }
            previous_lower = byte.is_ascii_lowercase() || byte.is_ascii_digit();
        }
        let joined = buffer.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok());
        Self { joined: joined.unwrap_or_default() }
    }

    /// Every run of up to three words, by its first word and then by its length.
    fn runs(&self) -> impl Iterator<Item = &'b str> {
        let joined = self.joined;
        let starts = std::iter::once(0).chain(joined.match_indices('-').map(|(at, _)| at + 1));
        starts.filter(|_| !joined.is_empty()).flat_map(move |start| {
            let rest = joined.get(start..).unwrap_or_default();
            let ends = rest.match_indices('-').map(|(at, _)| at).chain([rest.len()]);
            ends.take(TOKEN_WORDS).filter_map(move |end| rest.get(..end))
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::{LONGEST_NAME, Words};
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
        let mut buffer = [0; LONGEST_NAME * 2];
        let words = Words::of("ArticleBody__shéreBar-2-", &mut buffer);
        assert_eq!(words.joined, "article-body-sh-re-bar-2");
        let runs: Vec<&str> = words.runs().skip(9).collect();
        assert_eq!(runs, ["re", "re-bar", "re-bar-2", "bar", "bar-2", "2"]);
        let mut buffer = [0; LONGEST_NAME * 2];
        assert_eq!(Words::of("--", &mut buffer).runs().count(), 0);
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
