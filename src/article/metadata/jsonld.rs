//! schema.org data in JSON-LD: one object, a list of them, or a graph.

use serde_json::{Map, Value};

use crate::article::normalise;

/// What the page's article object says.
#[derive(Debug, Default)]
pub(super) struct JsonLd {
    pub(super) headline: Option<String>,
    pub(super) authors: Vec<String>,
    pub(super) published: Option<String>,
    pub(super) modified: Option<String>,
    pub(super) description: Option<String>,
    pub(super) section: Option<String>,
    pub(super) keywords: Vec<String>,
    pub(super) language: Option<String>,
    pub(super) publisher: Option<String>,
    /// `articleBody`: the text, or the part of it that the publisher gives away.
    pub(super) body: Option<String>,
}

/// Larger scripts are data of an application, not a description of the page.
const LARGEST: usize = 1 << 20;

/// Most objects that are looked at.
const OBJECTS: usize = 2_000;

/// Most people of one list; each may be a reference, which is looked up among all objects.
const PEOPLE: usize = 200;

impl JsonLd {
    /// Reads all scripts. `title` is the page's visible title, to tell its article from others that it lists.
    pub(super) fn of(scripts: &[String], title: Option<&str>) -> Self {
        let values: Vec<Value> =
            scripts.iter().filter(|script| script.len() <= LARGEST).filter_map(|script| parse(script)).collect();
        let objects = objects(&values);
        let title = title.map(normalise::line);
        let article = objects
            .iter()
            .filter_map(|object| Some((rank(object)?, object)))
            .max_by_key(|(rank, object)| {
                let same = title.is_some() && string(object.get("headline")).as_deref() == title.as_deref();
                (same, *rank)
            })
            .map(|(_, object)| *object);
        let publisher = objects
            .iter()
            .find(|object| is_type(object, &["NewsMediaOrganization", "Organization", "WebSite"]))
            .and_then(|object| string(object.get("name")));
        let Some(article) = article else { return Self { publisher, ..Self::default() } };
        let list = |name: &str| article.get(name).map(strings).unwrap_or_default();
        Self {
            headline: string(article.get("headline")).or_else(|| string(article.get("name"))),
            authors: people(article.get("author").or_else(|| article.get("creator")), &objects),
            published: string(article.get("datePublished"))
                .or_else(|| string(article.get("dateCreated")))
                .or_else(|| string(article.get("uploadDate"))),
            modified: string(article.get("dateModified")),
            description: string(article.get("description")),
            section: list("articleSection").into_iter().next(),
            keywords: list("keywords"),
            language: string(article.get("inLanguage")),
            body: article
                .get("articleBody")
                .and_then(Value::as_str)
                .map(normalise::text)
                .filter(|body| !body.is_empty()),
            publisher: people(article.get("publisher"), &objects).into_iter().next().or(publisher),
        }
    }
}

/// JSON as pages write it: in comments, with line breaks within strings.
fn parse(script: &str) -> Option<Value> {
    let mut script = script.trim();
    while let Some(inner) = ["<!--", "//<![CDATA[", "<![CDATA["].iter().find_map(|open| script.strip_prefix(open)) {
        script = inner.trim_start();
    }
    while let Some(inner) = ["-->", "//]]>", "]]>", ";"].iter().find_map(|close| script.strip_suffix(close)) {
        script = inner.trim_end();
    }
    serde_json::from_str(script).ok().or_else(|| {
        let spaced: String =
            script.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
        serde_json::from_str(&spaced).ok()
    })
}

/// All objects at the top, in lists and in graphs.
fn objects(values: &[Value]) -> Vec<&Map<String, Value>> {
    let mut objects = Vec::new();
    let mut open: Vec<&Value> = values.iter().rev().collect();
    while let Some(value) = open.pop() {
        if objects.len() >= OBJECTS {
            break;
        }
        match value {
            Value::Array(list) => open.extend(list.iter().rev()),
            Value::Object(object) => {
                objects.push(object);
                for name in ["mainEntity", "mainEntityOfPage", "@graph"] {
                    if let Some(inner @ (Value::Array(_) | Value::Object(_))) = object.get(name) {
                        open.push(inner);
                    }
                }
            }
            _ => {}
        }
    }
    objects
}

/// How surely an object is the page's article; none if it is something else.
fn rank(object: &Map<String, Value>) -> Option<u8> {
    let types = object.get("@type").map(strings).unwrap_or_default();
    types
        .iter()
        .filter_map(|name| {
            let name = name.rsplit(['/', ':']).next().unwrap_or(name);
            match name {
                "NewsArticle"
                | "ReportageNewsArticle"
                | "AnalysisNewsArticle"
                | "OpinionNewsArticle"
                | "BackgroundNewsArticle"
                | "ReviewNewsArticle" => Some(4),
                "LiveBlogPosting"
                | "BlogPosting"
                | "Article"
                | "TechArticle"
                | "ScholarlyArticle"
                | "MedicalScholarlyArticle"
                | "Report"
                | "AdvertiserContentArticle"
                | "SocialMediaPosting"
                | "DiscussionForumPosting" => Some(3),
                "Review" | "Recipe" | "HowTo" | "VideoObject" => Some(2),
                "WebPage" | "ItemPage" => Some(1),
                _ => None,
            }
        })
        .max()
}

fn is_type(object: &Map<String, Value>, names: &[&str]) -> bool {
    object.get("@type").map(strings).unwrap_or_default().iter().any(|name| names.contains(&name.as_str()))
}

/// The first text in a value: itself, the first of a list, or `@value`.
fn string(value: Option<&Value>) -> Option<String> {
    let text = match value? {
        Value::String(text) => normalise::line(text),
        Value::Array(list) => return string(list.first()),
        Value::Object(object) => return string(object.get("@value").or_else(|| object.get("name"))),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::Array(list) => list.iter().filter_map(|one| string(Some(one))).collect(),
        one => string(Some(one)).into_iter().collect(),
    }
}

/// Names of people or organisations: texts, objects, or references into the graph.
fn people(value: Option<&Value>, objects: &[&Map<String, Value>]) -> Vec<String> {
    let Some(value) = value else { return Vec::new() };
    let one = |value: &Value| -> Vec<String> {
        match value {
            Value::Object(object) => match object.get("name") {
                Some(name) => strings(name),
                None => {
                    let target = object.get("@id").and_then(Value::as_str);
                    let found = objects.iter().find(|other| {
                        target.is_some()
                            && other.get("@id").and_then(Value::as_str) == target
                            && other.contains_key("name")
                    });
                    string(found.and_then(|object| object.get("name"))).into_iter().collect()
                }
            },
            other => string(Some(other)).into_iter().collect(),
        }
    };
    match value {
        Value::Array(list) => list.iter().take(PEOPLE).flat_map(one).collect(),
        other => one(other),
    }
}

#[cfg(test)]
mod tests {
    use super::JsonLd;

    fn read(script: &str) -> JsonLd {
        JsonLd::of(&[script.to_owned()], None)
    }

    #[test]
    fn an_article_is_found_in_lists_and_graphs() {
        let data = read(
            r##"[{"@type":"WebSite","name":"The Example"},{"@graph":[{"@type":"WebPage","name":"Page"},
            {"@type":["NewsArticle"],"headline":"Prices &amp; wages","author":{"@id":"#jane"},"datePublished":"2024-03-05T08:30:00Z","articleSection":["World","Asia"],"keywords":"a, b"},
            {"@type":"Person","@id":"#jane","name":"Jane Doe"}]}]"##,
        );
        assert_eq!(data.headline.as_deref(), Some("Prices & wages"));
        assert_eq!(data.authors, ["Jane Doe"]);
        assert_eq!(data.published.as_deref(), Some("2024-03-05T08:30:00Z"));
        assert_eq!(data.section.as_deref(), Some("World"));
        assert_eq!(data.keywords, ["a, b"]);
        assert_eq!(data.publisher.as_deref(), Some("The Example"));
    }

    #[test]
    fn broken_strings_and_wrappings_are_read() {
        assert_eq!(
            read("<!-- {\"@type\":\"Article\",\"headline\":\"One\ntwo\"} -->;").headline.as_deref(),
            Some("One two")
        );
        assert_eq!(read("{not json").headline, None);
    }

    #[test]
    fn deep_nesting_is_refused_and_not_followed() {
        let deep = "[".repeat(100_000);
        assert_eq!(read(&deep).headline, None);
    }
}
