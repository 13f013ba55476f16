//! Tags: what the data, the `<meta>` elements and the links of a page say that its article is about.
//!
//! Each source has its vices: keywords that are the same on all pages of a site, one string of words without a separator,
//! notes of the content management system among the tags. So the source is chosen when the text is known: the first
//! whose tags the article mentions.

mod links;

use super::address::without_www;
use super::jsonld::JsonLd;
use super::marked::Marked;
use super::meta::Meta;
use crate::article::about::Author;
use crate::article::{normalise, prose};
use crate::document::Hints;

pub(super) use links::linked;

/// Tags of one article.
pub(crate) const TAGS: usize = 50;

/// Parts of lists that are looked at for them.
const LISTED: usize = 1_000;

/// Longest tag, in characters.
const LONGEST: usize = 80;

/// Names of `<meta>` elements whose one content lists all tags, the surest first.
const KEYWORDS: [&str; 4] = ["news_keywords", "keywords", "parsely-tags", "sailthru.tags"];

/// Share of its tags that the article mentions where a source is about it.
const MENTIONED: f64 = 0.34;

/// The same of a list of links, which may as well be of what is read most.
const MENTIONED_OF_LINKS: f64 = 0.5;

/// Characters of the text in which tags are looked for.
const READ: usize = 100_000;

/// Labels before tags that say what kind of tag follows, and labels before what is no tag but a note about the page.
const KINDS: [&str; 26] = [
    "category",
    "categories",
    "section",
    "sections",
    "topic",
    "topics",
    "subject",
    "subjects",
    "tag",
    "tags",
    "keyword",
    "keywords",
    "person",
    "persons",
    "people",
    "place",
    "places",
    "location",
    "organization",
    "organisation",
    "company",
    "entity",
    "entities",
    "tokens",
    "theme",
    "thema",
];
const NOTES: [&str; 19] = [
    "type",
    "day",
    "date",
    "time",
    "language",
    "partner",
    "source",
    "author",
    "wc",
    "words",
    "count",
    "template",
    "layout",
    "status",
    "format",
    "id",
    "uuid",
    "platform",
    "syndication",
];

/// The tags of a page by their sources, the surest source first.
#[derive(Debug, Default)]
pub(super) struct Sources {
    stated: Vec<Vec<String>>,
    /// Lists of links, in the page's order.
    linked: Vec<Vec<String>>,
}

impl Sources {
    /// Reads the sources of a page. Its authors and its host are no tags.
    pub(super) fn of<'n>(
        data: &JsonLd,
        meta: &Meta<'_>,
        marked: &Marked,
        linked: Vec<Vec<String>>,
        hints: &Hints,
        no_tags: impl Iterator<Item = &'n str> + Clone,
    ) -> Self {
        let keywords = KEYWORDS.map(|name| meta.first(&[name]).map(str::to_owned).into_iter().collect());
        let all = |names: &[&str]| meta.all(names).map(str::to_owned).collect();
        let lists = [data.keywords.clone(), all(&["article:tag"])].into_iter().chain(keywords).chain([
            all(&["dc.subject", "dcterms.subject"]),
            marked.keywords.clone(),
            hints.extracted.tags.clone(),
        ]);
        let tidied = |list: Vec<String>| tidied(&list, no_tags.clone());
        Self {
            stated: lists.map(|list| tidied(split(&list))).filter(|list| !list.is_empty()).collect(),
            linked: linked.into_iter().map(tidied).filter(|list| !list.is_empty()).collect(),
        }
    }

    /// The tags of the article with this title and text.
    pub(super) fn choose(mut self, title: Option<&str>, body: &str) -> Vec<String> {
        if self.linked.is_empty() && self.stated.len() <= 1 {
            return self.stated.pop().unwrap_or_default();
        }
        let end = body.char_indices().nth(READ).map_or(body.len(), |(end, _)| end);
        let read = body.get(..end).unwrap_or_default();
        let text = [title.unwrap_or_default(), read].map(str::to_lowercase).join(" ");
        let mut linked: Vec<String> = Vec::new();
        for tag in self.linked.into_iter().filter(|list| mentioned(list, &text) >= MENTIONED_OF_LINKS).flatten() {
            if linked.len() < TAGS && !has(&linked, &tag) {
                linked.push(tag);
            }
        }
        let about = self.stated.iter().position(|list| mentioned(list, &text) >= MENTIONED);
        if about.is_none() && !linked.is_empty() {
            return linked;
        }
        let Some(chosen) = self.stated.get(about.unwrap_or(0)) else { return linked };
        // What has no separators elsewhere may have them here.
        let chosen = self
            .stated
            .iter()
            .find(|list| list.len() > chosen.len() && is_run_together(chosen, list))
            .unwrap_or(chosen);
        if linked.len() > chosen.len() && chosen.iter().all(|tag| has(&linked, tag)) { linked } else { chosen.clone() }
    }
}

/// What is no tag of an article by these authors at this host.
pub(super) fn no_tags<'n>(authors: &'n [Author], host: Option<&'n str>) -> impl Iterator<Item = &'n str> + Clone {
    authors.iter().map(|author| author.name.as_str()).chain(host.map(without_www))
}

/// The tags that the carrier of a text names.
pub(crate) fn of_carrier(hints: &Hints, authors: &[Author], host: Option<&str>) -> Vec<String> {
    tidied(&split(&hints.extracted.tags), no_tags(authors, host))
}

/// Whether one tag is all the words of a list.
fn is_run_together(tags: &[String], list: &[String]) -> bool {
    let words = |tags: &[String]| {
        let mut words: Vec<String> = tags.iter().flat_map(|tag| tag.split(' ')).map(str::to_lowercase).collect();
        words.sort_unstable();
        words
    };
    tags.len() == 1 && words(tags) == words(list)
}

fn has(tags: &[String], tag: &str) -> bool {
    let tag = tag.to_lowercase();
    tags.iter().any(|known| known.to_lowercase() == tag)
}

/// The share of tags that a text in lower case mentions. Endings may differ, beginnings may not.
fn mentioned(tags: &[String], text: &str) -> f64 {
    let is_mentioned = |tag: &&String| {
        let tag = tag.to_lowercase();
        let mut places = text.match_indices(&tag).map(|(at, _)| at);
        places.any(|at| {
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            before.is_none_or(|before| !before.is_alphanumeric() || prose::is_unspaced(before))
        })
    };
    tags.iter().filter(is_mentioned).count() as f64 / tags.len().max(1) as f64
}

/// The tags of a list. Of several values each is a tag, as most sites have it; one value is a list of tags.
fn split(values: &[String]) -> Vec<String> {
    const SEPARATORS: [char; 5] = [',', ';', '，', '、', '،'];
    let values: Vec<&str> = values.iter().map(|value| value.trim()).filter(|value| !value.is_empty()).collect();
    let is_one = |value: &str| {
        let mut parts = value.split(SEPARATORS);
        let ends = parts.next_back().unwrap_or_default().trim_start();
        // "Business, Finance, & Economics"
        (values.len() > 1 && parts.count() < 3) || ends.starts_with("& ") || ends.starts_with("and ")
    };
    let parts = values.iter().flat_map(|value| {
        let parts: Vec<&str> = if is_one(value) { vec![value] } else { value.split(SEPARATORS).collect() };
        parts
    });
    parts.take(LISTED).map(str::to_owned).collect()
}

/// Tags as a reader would write them, each once; what is no tag is left out.
fn tidied<'n>(values: &[String], no_tags: impl Iterator<Item = &'n str> + Clone) -> Vec<String> {
    let are_slugs = are_slugs(values);
    let mut tags: Vec<String> = Vec::new();
    for value in values {
        // A hashtag has no spaces.
        let is_joined = are_slugs || value.trim_start().starts_with('#');
        let written = if is_joined { normalise::line(&value.replace(['-', '_'], " ")) } else { normalise::line(value) };
        let tag = match labelled(&written) {
            Some((Label::Kind, tag)) => tag,
            Some((Label::Note, _)) => continue,
            None => &written,
        };
        let is_around =
            |end: char| end.is_whitespace() || matches!(end, '#' | '"' | '“' | '”' | '„' | '«' | '»' | ',' | ';');
        let tag = tag.trim_matches(is_around);
        let is_known = no_tags.clone().any(|known| known.to_lowercase() == tag.to_lowercase());
        let fits = !tag.is_empty() && tag.chars().count() <= LONGEST && !is_known && !is_code(tag);
        if fits && !has(&tags, tag) && tags.len() < TAGS {
            tags.push(tag.to_owned());
        }
    }
    tags
}

/// Whether tags are written as in addresses: "new-york-city".
fn are_slugs(values: &[String]) -> bool {
    let is_slug = |value: &String| {
        value.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_'))
    };
    let joined = values.iter().filter(|value| value.contains(['-', '_'])).count();
    values.len() >= 3 && joined * 2 >= values.len() && values.iter().all(is_slug)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    Kind,
    Note,
}

/// What a label before a tag says, and the tag: "Category: Travel", "topic/travel".
fn labelled(value: &str) -> Option<(Label, &str)> {
    let colon = value.split_once(':');
    let (label, tag) = colon.or_else(|| value.split_once('/'))?;
    let last = label.rsplit(' ').next()?.to_lowercase();
    let is_note = || colon.is_some() && label.split(' ').count() <= 2 && NOTES.contains(&last.as_str());
    let label = if KINDS.contains(&last.as_str()) {
        Label::Kind
    } else if is_note() {
        Label::Note
    } else {
        return None;
    };
    let tag = tag.trim();
    (!tag.is_empty()).then_some((label, tag))
}

/// Whether something is for machines: an identifier, an address, an internal name.
fn is_code(tag: &str) -> bool {
    let is_hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_id = tag.len() >= 16 && tag.split('-').all(is_hex) && tag.bytes().any(|byte| byte.is_ascii_digit());
    let is_address = |tag: &str| ["http://", "https://", "www."].iter().any(|start| tag.starts_with(start));
    let is_number = tag.len() > 4 && tag.bytes().all(|byte| byte.is_ascii_digit());
    is_id || is_number || tag.contains(['_', '@']) || is_address(tag) || !tag.chars().any(char::is_alphanumeric)
}

#[cfg(test)]
mod tests;
