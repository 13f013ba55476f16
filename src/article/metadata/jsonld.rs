//! schema.org data in JSON-LD: one object, a list of them, or a graph.

mod repair;
mod values;

use serde_json::Value;

use super::address;
use super::title::same;
use crate::article::about::{ArticleKind, Author, Image};
use crate::article::normalise;
use crate::json::Budget;
use values::{Object, boolean, each, images, is_type, people, string, strings, types};

/// What the page's article object says.
#[derive(Debug, Default)]
pub(super) struct JsonLd {
    pub(super) headline: Option<String>,
    pub(super) authors: Vec<Author>,
    pub(super) published: Option<String>,
    pub(super) modified: Option<String>,
    /// The date of the page, or of a video on it, where no article is described.
    pub(super) page_published: Option<String>,
    pub(super) description: Option<String>,
    pub(super) section: Option<String>,
    pub(super) keywords: Vec<String>,
    pub(super) language: Option<String>,
    pub(super) publisher: Option<String>,
    pub(super) images: Vec<Image>,
    pub(super) is_free: Option<bool>,
    pub(super) license: Option<String>,
    /// Names of the levels above the article, the highest first.
    pub(super) breadcrumbs: Vec<String>,
    pub(super) dateline: Option<String>,
    pub(super) kind: Option<ArticleKind>,
    /// `articleBody`: the text, or the part of it that the publisher gives away.
    pub(super) body: Option<String>,
}

/// What is larger, all scripts together, is data of an application, not a description of the page.
const READ: Budget = Budget { bytes: 1 << 20, values: 50_000 };

/// Most objects that are looked at.
const OBJECTS: usize = 2_000;

/// Objects of this rank describe an article.
const ARTICLE: u8 = 3;

impl JsonLd {
    /// Reads all scripts. `title` is the page's visible title and `page` its address, to tell its article from others
    /// that it lists.
    pub(super) fn of(scripts: &[&str], title: Option<&str>, page: Option<&str>) -> Self {
        let mut left = READ;
        let read = scripts.iter().filter(|script| left.takes(script));
        let values: Vec<Value> = read.flat_map(|script| repair::parse(script)).collect();
        let objects = objects(&values);
        let named = |types: &[&str]| {
            objects.iter().find(|object| is_type(object, types)).and_then(|object| string(object.get("name")))
        };
        let publisher = named(&["NewsMediaOrganization", "Organization", "WebSite"]);
        let breadcrumbs = objects.iter().find(|object| is_type(object, &["BreadcrumbList"])).map(|list| crumbs(list));
        let breadcrumbs = breadcrumbs.unwrap_or_default();
        let found = choose(&objects, title, page);
        let Some((rank, article)) = found else { return Self { publisher, breadcrumbs, ..Self::default() } };
        let list = |name: &str| article.get(name).map(strings).unwrap_or_default();
        let text = |name: &str| string(article.get(name));
        let date = text("datePublished").or_else(|| text("dateCreated")).or_else(|| text("uploadDate"));
        let is_article = rank >= ARTICLE || is_type(article, &["Review", "Recipe", "HowTo"]);
        let (published, page_published) = if is_article { (date, None) } else { (None, date) };
        let hidden_part = each(article.get("hasPart"))
            .filter_map(Value::as_object)
            .any(|part| boolean(part.get("isAccessibleForFree")) == Some(false));
        Self {
            headline: text("headline").or_else(|| text("name")),
            authors: people(article.get("author").or_else(|| article.get("creator")), &objects, page),
            published,
            modified: text("dateModified"),
            page_published,
            description: text("description"),
            section: list("articleSection").into_iter().next(),
            keywords: list("keywords"),
            language: article.get("inLanguage").and_then(|language| match language {
                Value::Object(object) => string(object.get("alternateName").or_else(|| object.get("name"))),
                other => string(Some(other)),
            }),
            body: article
                .get("articleBody")
                .and_then(Value::as_str)
                .map(normalise::text)
                .filter(|body| !body.is_empty()),
            publisher: people(article.get("publisher"), &objects, page)
                .into_iter()
                .next()
                .map(|one| one.name)
                .or(publisher),
            images: images(article.get("image").or_else(|| article.get("thumbnailUrl")), &objects),
            is_free: boolean(article.get("isAccessibleForFree")).or(hidden_part.then_some(false)),
            license: text("license"),
            breadcrumbs,
            dateline: text("dateline"),
            kind: kind(article),
        }
    }
}

/// The object that describes the page's article: by its title, by its address, by its type, and the first of equals.
fn choose<'v>(objects: &[&'v Object], title: Option<&str>, page: Option<&str>) -> Option<(u8, &'v Object)> {
    let page = page.and_then(address::bare);
    let is_titled = |object: &Object| {
        title.is_some_and(|title| string(object.get("headline")).is_some_and(|headline| same(&headline, title)))
    };
    let is_addressed = |object: &Object| {
        let named = ["url", "mainEntityOfPage", "@id"].iter().any(|name| {
            let value = object.get(*name);
            let text = value.and_then(|value| value.as_str().or_else(|| value.get("@id").and_then(Value::as_str)));
            text.and_then(address::bare) == page
        });
        page.is_some() && named
    };
    let mut best: Option<((bool, bool, u8), &Object)> = None;
    for object in objects {
        let Some(rank) = rank(object) else { continue };
        let key = (is_titled(object), is_addressed(object) && rank >= ARTICLE, rank);
        if best.is_none_or(|(known, _)| key > known) {
            best = Some((key, object));
        }
    }
    best.map(|((_, _, rank), object)| (rank, object))
}

/// The names of a breadcrumb list, in its order.
fn crumbs(list: &Object) -> Vec<String> {
    let items = each(list.get("itemListElement")).filter_map(Value::as_object);
    let mut named: Vec<(u64, String)> = items
        .enumerate()
        .filter_map(|(at, item)| {
            let name = string(item.get("name")).or_else(|| string(item.get("item")?.get("name")))?;
            let position = item.get("position").and_then(|position| {
                position.as_u64().or_else(|| position.as_str().and_then(|text| text.trim().parse().ok()))
            });
            Some((position.unwrap_or(at as u64), name))
        })
        .collect();
    named.sort_by_key(|(position, _)| *position);
    named.into_iter().map(|(_, name)| name).filter(|name| name.chars().count() <= 100).take(12).collect()
}

/// The form of an article, by its type.
fn kind(object: &Object) -> Option<ArticleKind> {
    types(object).iter().find_map(|name| match name.as_str() {
        "LiveBlogPosting" => Some(ArticleKind::LiveBlog),
        "OpinionNewsArticle" => Some(ArticleKind::Opinion),
        "ImageGallery" | "MediaGallery" => Some(ArticleKind::Gallery),
        "VideoObject" => Some(ArticleKind::Video),
        "CollectionPage" => Some(ArticleKind::Listing),
        _ => None,
    })
}

/// All objects at the top, in lists and in graphs.
fn objects(values: &[Value]) -> Vec<&Object> {
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
                for name in ["mainEntity", "mainEntityOfPage", "breadcrumb", "@graph"] {
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
fn rank(object: &Object) -> Option<u8> {
    let rank = |name: &String| match name.as_str() {
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
        | "DiscussionForumPosting"
        | "ImageGallery"
        | "MediaGallery" => Some(ARTICLE),
        "Review" | "Recipe" | "HowTo" | "VideoObject" => Some(2),
        "WebPage" | "ItemPage" | "CollectionPage" => Some(1),
        _ => None,
    };
    types(object).iter().filter_map(rank).max()
}

#[cfg(test)]
mod tests {
    use super::JsonLd;

    fn read(script: &str) -> JsonLd {
        JsonLd::of(&[script], None, None)
    }

    #[test]
    fn an_article_is_found_in_lists_and_graphs() {
        let data = read(
            r##"[{"@type":"WebSite","name":"The Example"},{"@graph":[{"@type":"WebPage","name":"Page"},
            {"@type":["NewsArticle"],"headline":"Prices &amp; wages","author":{"@id":"#jane"},"datePublished":"2024-03-05T08:30:00Z","articleSection":["World","Asia"],"keywords":"a, b"},
            {"@type":"Person","@id":"#jane","name":"Jane Doe"}]}]"##,
        );
        assert_eq!(data.headline.as_deref(), Some("Prices & wages"));
        assert_eq!(data.authors.first().map(|author| author.name.as_str()), Some("Jane Doe"));
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
