//! Fields above a text: the front matter that trafilatura and note takers write, and what Jina Reader says before its Markdown.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::fields::{DOCUMENTED, Shape};
use super::markup;

/// Longest head, in bytes.
const LONGEST: usize = 64 << 10;

/// What stands around front matter.
const FENCE: &str = "---";

/// What Jina Reader writes between its fields and the page.
const CONTENT: &str = "Markdown Content:";

/// What its fields are called elsewhere. It has others, which are about the reading.
const READER: [(&str, &str); 3] = [("Title", "title"), ("URL Source", "url"), ("Published Time", "published")];

/// What front matter calls fields that the documented envelope calls otherwise. A source counts where it is an address.
const OTHER_NAMES: [(&str, &str); 5] =
    [("source", "url"), ("source_url", "url"), ("canonical_url", "url"), ("permalink", "url"), ("lastmod", "modified")];

/// The fields above a text.
#[derive(Debug, PartialEq)]
pub(super) struct Head {
    pub(super) fields: Map<String, Value>,
    /// Who writes so.
    pub(super) of: &'static str,
    /// Whether Markdown follows for certain.
    pub(super) is_markdown: bool,
}

/// Takes the fields above a text off it; none where it begins with something else.
pub(super) fn take(text: &mut Cow<'_, str>) -> Option<Head> {
    let (head, rest) = split(text)?;
    let rest = rest.to_owned();
    *text = Cow::Owned(rest);
    Some(head)
}

fn split(text: &str) -> Option<(Head, &str)> {
    front_matter(text).or_else(|| reader(text))
}

/// YAML between two lines of three hyphens. A field that is none, as older programs write titles with a colon, is what its line says.
fn front_matter(text: &str) -> Option<(Head, &str)> {
    let inner = text.trim_start_matches(['\u{feff}', '\n', '\r']).strip_prefix(FENCE)?;
    let inner = inner.strip_prefix('\r').unwrap_or(inner).strip_prefix('\n')?;
    let mut end = 0;
    let mut fields = Map::new();
    let mut open = String::new();
    for line in inner.split_inclusive('\n') {
        end += line.len();
        if end > LONGEST {
            return None;
        }
        if line.trim_end() == FENCE {
            add(&mut fields, &open);
            let is_of_article = fields.keys().any(|name| is_known(name));
            let rest = inner.get(end..)?;
            let head = Head { fields, of: "front matter", is_markdown: markup::has_heading(rest) };
            return is_of_article.then_some((head, rest));
        }
        let goes_on = line.starts_with([' ', '\t', '-', '#', '\n', '\r']);
        if !goes_on {
            // A line between two rules that is no field makes all of it text.
            is_field(line).then_some(())?;
            add(&mut fields, &std::mem::take(&mut open));
        }
        open.push_str(line);
    }
    None
}

/// Whether a line is one word, a colon, and its value.
fn is_field(line: &str) -> bool {
    let Some((name, value)) = line.split_once(':') else { return false };
    let is_word =
        !name.is_empty() && name.chars().all(|character| character.is_alphanumeric() || "_-.".contains(character));
    is_word && (value.trim().is_empty() || value.starts_with(' '))
}

/// Adds a field, with the lines that it goes on in.
fn add(fields: &mut Map<String, Value>, lines: &str) {
    let Some((name, written)) = lines.split_once(':') else { return };
    let parsed = serde_saphyr::from_str::<BTreeMap<String, Value>>(lines).ok();
    let value = parsed.and_then(|parsed| parsed.into_values().next());
    let value = value.unwrap_or_else(|| Value::String(written.trim().to_owned()));
    let name = if is_known(name) { name.to_owned() } else { name.to_lowercase() };
    match OTHER_NAMES.iter().find(|(other, _)| *other == name) {
        Some((_, "url")) if !value.as_str().is_some_and(|value| value.starts_with("http")) => {}
        Some((_, known)) => drop(fields.entry(*known).or_insert(value)),
        None => drop(fields.insert(name, value)),
    }
}

/// Whether a field has one of the documented names of what is known about an article.
fn is_known(name: &str) -> bool {
    let Shape { url, title, published, modified, authors, tags, section, description, language, .. } = &DOCUMENTED;
    [url, title, published, modified, authors, tags, section, description, language]
        .iter()
        .any(|names| names.contains(&name))
}

/// Lines of a name and a value with nothing between them but blank ones, the page's address among them, and then the content.
fn reader(text: &str) -> Option<(Head, &str)> {
    let mut fields = Map::new();
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        end += line.len();
        if end > LONGEST {
            return None;
        }
        let line = line.trim();
        if line == CONTENT {
            let head = Head { fields, of: "Jina Reader", is_markdown: true };
            return head.fields.contains_key("url").then(|| Some((head, text.get(end..)?)))?;
        }
        if line.is_empty() {
            continue;
        }
        let (name, value) = line.split_once(':')?;
        if let Some((_, name)) = READER.iter().find(|(label, _)| *label == name) {
            fields.insert((*name).to_owned(), Value::String(value.trim().to_owned()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]
    use super::*;

    #[test]
    fn front_matter_gives_its_fields_and_goes() {
        let text = "---\ntitle: \"Harbour: it opens\"\nauthor: Jane Doe\ntags: ['harbour', 'storm']\ncategories:\n- News\n\
                    description: Two years: and no lamp\nurl: https://news.example.org/a\ndate: 2026-11-03\n---\n# Harbour\n";
        let (head, rest) = split(text).unwrap();
        assert_eq!(rest, "# Harbour\n");
        let fields = serde_json::json!({
            "title": "Harbour: it opens", "author": "Jane Doe", "tags": ["harbour", "storm"], "categories": ["News"],
            "description": "Two years: and no lamp", "url": "https://news.example.org/a", "date": "2026-11-03"
        });
        assert_eq!(Value::Object(head.fields), fields);
        assert_eq!(split(&text.replace('\n', "\r\n")).unwrap().0.fields, *fields.as_object().unwrap());
    }

    #[test]
    fn fields_have_other_names_too() {
        let text = "---\nTitle: Harbour\ndatePublished: 2026-11-03\nsource: https://news.example.org/a\nlastmod: 2026-11-04\n---\nText.";
        let fields = serde_json::json!({
            "title": "Harbour", "datePublished": "2026-11-03", "url": "https://news.example.org/a", "modified": "2026-11-04"
        });
        assert_eq!(Value::Object(split(text).unwrap().0.fields), fields);
        let named = text.replace("https://news.example.org/a", "The Merrow News");
        assert_eq!(split(&named).unwrap().0.fields.get("url"), None);
    }

    #[test]
    fn text_between_two_rules_is_no_front_matter() {
        for text in [
            "---\nThe harbour opened.\n---\nMore.",
            "---\n---\nMore.",
            "---\ntitle: Harbour\n\nIt has no end.",
            "title: Harbour\n---\nMore.",
            "----\ntitle: Harbour\n---\nMore.",
            "---\nHe said: it opens.\n---\nMore.",
            "---\nUpdate: It opens on Monday.\n---\nMore.",
        ] {
            assert_eq!(split(text), None, "{text}");
        }
    }

    #[test]
    fn what_a_reader_says_of_a_page_gives_its_fields_and_goes() {
        let text = "Title: Harbour: it opens\n\nURL Source: https://news.example.org/a\n\nPublished Time: 2026-11-03T08:15:00Z\n\n\
                    Warning: This page may be cached\n\nMarkdown Content:\n# Harbour\n";
        let (head, rest) = split(text).unwrap();
        assert_eq!((rest, head.is_markdown), ("# Harbour\n", true));
        assert_eq!(head.fields["title"], "Harbour: it opens");
        assert_eq!(head.fields["published"], "2026-11-03T08:15:00Z");
        assert_eq!(split("Title: Harbour\n\nIt opens.\n\nMarkdown Content:\n# Harbour\n"), None);
        assert_eq!(split("Markdown Content:\n# Harbour\n"), None);
    }
}
