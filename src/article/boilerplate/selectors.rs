//! Rules over an element's tag, role, id and classes.

use std::collections::BTreeMap;

use foldhash::{HashMap, HashMapExt as _, HashSet};
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

impl<'a> Attributes<'a> {
    fn classes(self) -> impl Iterator<Item = &'a str> {
        self.class.into_iter().flat_map(str::split_ascii_whitespace)
    }

    /// The words of id and class.
    fn names(self) -> impl Iterator<Item = &'a str> {
        self.id.into_iter().flat_map(str::split_ascii_whitespace).chain(self.classes())
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    consent_roots: Roots,
    tags: BTreeMap<BlockKind, Vec<String>>,
    roles: BTreeMap<BlockKind, Vec<String>>,
    tokens: BTreeMap<BlockKind, Vec<String>>,
    content: Content,
    article_tags: ArticleTags,
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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ArticleTags {
    words: Vec<String>,
    followed_by: Vec<String>,
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
    /// Last words of the names of elements that hold the tags of an article.
    article_tags: Tokens<()>,
    /// What may follow those.
    after_tags: Tokens<()>,
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
            content_tokens: Tokens::of_words(file.content.tokens),
            article_tags: Tokens::of_words(file.article_tags.words),
            after_tags: Tokens::of_words(file.article_tags.followed_by),
        })
    }

    fn are_article_tags(&self, name: &Words) -> bool {
        let mut words = name.backwards();
        words.next().is_some_and(|last| {
            let mut is_before = || words.next().is_some_and(|word| self.article_tags.has(word));
            self.article_tags.has(last) || (self.after_tags.has(last) && is_before())
        })
    }

    /// Reads a page.
    pub(crate) fn names(&self) -> Names<'_, '_> {
        Names { rules: self, known: HashMap::new() }
    }

    /// The rule by which an element is known as the root of a consent tool.
    pub(crate) fn consent_root(&self, element: Attributes<'_>) -> Option<&str> {
        self.root(element, |class| self.root_class(class))
    }

    fn root<'r, 'p>(
        &'r self,
        element: Attributes<'p>,
        by_class: impl FnMut(&'p str) -> Option<&'r str>,
    ) -> Option<&'r str> {
        let roots = &self.roots;
        let by_id = element.id.and_then(|id| one_of(&roots.ids, &roots.id_prefixes, id));
        by_id
            .or_else(|| element.classes().find_map(by_class))
            .or_else(|| one_of(&roots.tags, &[], element.tag))
            .or_else(|| one_of(&roots.test_ids, &[], element.test_id?))
    }

    fn root_class(&self, class: &str) -> Option<&str> {
        one_of(&self.roots.classes, &self.roots.class_prefixes, class)
    }
}

/// The name that a value equals, else the one that it begins with.
fn one_of<'r>(names: &'r [String], prefixes: &'r [String], value: &str) -> Option<&'r str> {
    let equal = names.iter().find(|name| *name == value);
    equal.or_else(|| prefixes.iter().find(|prefix| value.starts_with(prefix.as_str()))).map(String::as_str)
}

/// What the rules say of the elements of one page. Pages repeat the names of their ids and classes; each is looked up once.
#[derive(Debug)]
pub(crate) struct Names<'r, 'p> {
    rules: &'r SelectorRules,
    known: HashMap<&'p str, Name<'r>>,
}

/// What is known of an id or class.
#[derive(Debug, Clone, Copy)]
struct Name<'r> {
    /// The class of a consent tool's root.
    root: Option<&'r str>,
    token: Option<(&'r str, BlockKind)>,
    is_content: bool,
    lists_tags: bool,
}

impl<'r, 'p> Names<'r, 'p> {
    fn name(&mut self, name: &'p str) -> Name<'r> {
        let rules = self.rules;
        *self.known.entry(name).or_insert_with(|| {
            // Longer names are generated, and cost time without telling anything.
            let words = (name.len() <= LONGEST_NAME).then(|| Words::of(name));
            let token = words.as_ref().and_then(|words| rules.tokens.find(words));
            Name {
                root: rules.root_class(name),
                token: token.map(|(token, kind)| (token, *kind)),
                is_content: words.as_ref().is_some_and(|words| rules.content_tokens.find(words).is_some()),
                lists_tags: words.is_some_and(|words| rules.are_article_tags(&words)),
            }
        })
    }

    /// The rules that say what an element is, the surest first.
    pub(crate) fn furniture(&mut self, element: Attributes<'p>) -> impl Iterator<Item = SelectorHit<'r>> {
        let rules = self.rules;
        let hit = |kind, form, name, certain| SelectorHit { kind, form, name, certain };
        let root = rules.root(element, |class| self.name(class).root);
        let root = root.map(|name| hit(BlockKind::Consent, "root", name, true));
        let tag = rules
            .tags
            .get_key_value(element.tag)
            .map(|(name, kind)| hit(*kind, "tag", name.as_str(), *kind == BlockKind::Hidden));
        let role = element
            .role
            .and_then(|role| rules.roles.get_key_value(role))
            .map(|(name, kind)| hit(*kind, "role", name.as_str(), false));
        let tokens = element.names().filter_map(|name| self.name(name).token);
        let tokens = tokens.map(move |(name, kind)| hit(kind, "token", name, false));
        root.into_iter().chain(tag).chain(role).chain(tokens)
    }

    /// Whether an element says of itself that it holds the article's text.
    pub(crate) fn is_content(&mut self, element: Attributes<'p>) -> bool {
        let mut props = element.itemprop.into_iter().flat_map(str::split_ascii_whitespace);
        props.any(|one| self.rules.content_itemprops.contains(one))
            || element.names().any(|name| self.name(name).is_content)
    }

    /// Whether an element is called as those are that hold the tags of an article, or one of them.
    pub(crate) fn lists_tags(&mut self, id: Option<&'p str>, class: Option<&'p str>) -> bool {
        Attributes { id, class, ..Attributes::default() }.names().any(|name| self.name(name).lists_tags)
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

    fn has(&self, token: &str) -> bool {
        let lengths = token.bytes().next().and_then(|first| self.lengths.get(usize::from(first)));
        lengths.is_some_and(|lengths| lengths & bit(token.len()) != 0) && self.known.contains_key(token)
    }

    /// The first of the runs of up to three words of an id or class name, joined by hyphens, that is known.
    fn find(&self, words: &Words) -> Option<(&str, &T)> {
        words.runs(|first| self.lengths.get(usize::from(first)).copied().unwrap_or(0)).find_map(|run| {
            let (token, value) = self.known.get_key_value(run)?;
            Some((token.as_str(), value))
        })
    }
}

impl Tokens<()> {
    fn of_words(words: Vec<String>) -> Self {
        Self::of(words.into_iter().map(|word| (word, ())).collect())
    }
}

/// The bit of a length; the last is for all that are longer.
fn bit(length: usize) -> u64 {
    1 << length.min(63)
}

/// Longest id or class name that is looked at, in bytes.
const LONGEST_NAME: usize = 96;

/// The words of a name in lower case, joined by hyphens: `ArticleBody__shareBar-2` is `article-body-share-bar-2`.
struct Words {
    /// A hyphen can stand before each letter.
    joined: [u8; LONGEST_NAME * 2],
    /// Where each word begins and, at the next, where the hyphen behind it would be.
    starts: [u8; LONGEST_NAME + 1],
    count: usize,
}

impl Words {
    fn of(name: &str) -> Self {
        let mut words = Self { joined: [0; LONGEST_NAME * 2], starts: [0; LONGEST_NAME + 1], count: 0 };
        let mut length = 0_u8;
        let (mut open, mut previous_lower) = (false, false);
        for byte in name.bytes() {
            let is_letter = byte.is_ascii_alphanumeric();
            if !is_letter || (previous_lower && byte.is_ascii_uppercase()) {
                open = false;
            }
            if is_letter {
                if !open {
                    words.begin(&mut length);
                }
                words.put(&mut length, byte.to_ascii_lowercase());
                open = true;
            }
            previous_lower = byte.is_ascii_lowercase() || byte.is_ascii_digit();
        }
        if let Some(end) = words.starts.get_mut(words.count) {
            *end = length + 1;
        }
        words
    }

    fn begin(&mut self, length: &mut u8) {
        if self.count > 0 {
            self.put(length, b'-');
        }
        if let Some(start) = self.starts.get_mut(self.count) {
            *start = *length;
            self.count += 1;
        }
    }

    fn put(&mut self, length: &mut u8, byte: u8) {
        if let Some(place) = self.joined.get_mut(usize::from(*length)) {
            *place = byte;
            *length += 1;
        }
    }

    /// The words, the last first.
    fn backwards(&self) -> impl Iterator<Item = &str> {
        let starts = self.starts.get(..=self.count).unwrap_or_default();
        starts.windows(2).rev().filter_map(|bounds| {
            let [start, next] = bounds else { return None };
            std::str::from_utf8(self.joined.get(usize::from(*start)..usize::from(*next) - 1)?).ok()
        })
    }

    /// The runs of up to three words, by their first word and then by their length. `lengths` tells by a first byte the lengths
    /// that are asked for, a bit each.
    fn runs(&self, lengths: impl Fn(u8) -> u64) -> impl Iterator<Item = &str> {
        let starts = self.starts.get(..=self.count).unwrap_or_default();
        let firsts = starts.iter().enumerate().take(self.count);
        firsts.flat_map(move |(word, start)| {
            let start = usize::from(*start);
            let asked = self.joined.get(start).map_or(0, |first| lengths(*first));
            let nexts = starts.iter().skip(word + 1).take(if asked == 0 { 0 } else { TOKEN_WORDS });
            let ends = nexts.map(|next| usize::from(*next) - 1).filter(move |end| asked & bit(end - start) != 0);
            ends.filter_map(move |end| std::str::from_utf8(self.joined.get(start..end)?).ok())
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::{LONGEST_NAME, Words, bit};
    use crate::article::BlockKind;
    use crate::article::boilerplate::{Attributes, Rules};

    fn element<'a>(tag: &'a str, id: Option<&'a str>, class: Option<&'a str>) -> Attributes<'a> {
        Attributes { tag, id, class, role: None, test_id: None, itemprop: None }
    }

    fn kind(tag: &str, id: Option<&str>, class: Option<&str>) -> Option<BlockKind> {
        let rules = Rules::compiled_in().unwrap().selectors;
        rules.names().furniture(element(tag, id, class)).next().map(|hit| hit.kind)
    }

    #[test]
    fn names_are_split_at_case_and_punctuation() {
        let words = Words::of("ArticleBody__shéreBar-2-");
        let all: Vec<&str> = words.runs(|_| u64::MAX).collect();
        assert_eq!(all.first(), Some(&"article"));
        assert_eq!(all.get(9..).unwrap(), ["re", "re-bar", "re-bar-2", "bar", "bar-2", "2"]);
        let some = words.runs(|first| if first == b'b' { bit(3) | bit(10) } else { 0 });
        assert_eq!(some.collect::<Vec<&str>>(), ["body-sh-re", "bar"]);
        assert_eq!(Words::of("--").runs(|_| u64::MAX).count(), 0);
        assert_eq!(Words::of(&"aB".repeat(LONGEST_NAME / 2)).runs(|_| u64::MAX).last(), Some("b"));
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
        assert!(rules.names().is_content(element("div", None, Some("entry-content"))));
        assert!(rules.names().is_content(Attributes { itemprop: Some("articleBody"), ..element("div", None, None) }));
        assert!(!rules.names().is_content(element("div", None, Some("sidebar"))));
    }
}
