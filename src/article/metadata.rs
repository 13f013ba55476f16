//! What a page says about its article: title, dates, authors, section, tags, links.
//!
//! No source is best for every field, so each field asks the sources in its own order.

pub(crate) mod authors;
pub(crate) mod dates;
mod jsonld;
mod meta;
pub(crate) mod title;
mod visible;

use super::boilerplate::Rules;
use super::html::Tree;
use super::{DateSource, Published, normalise};
use crate::document::Document;
use jsonld::JsonLd;
use meta::Meta;
use title::Site;

/// Most authors of one article; each new name is compared with all.
const AUTHORS: usize = 100;

/// The fields of a page, each absent where the page does not say.
#[derive(Debug, Default)]
pub(crate) struct PageFields {
    pub(crate) title: Option<String>,
    pub(crate) authors: Vec<String>,
    pub(crate) published: Option<Published>,
    pub(crate) modified: Option<Published>,
    pub(crate) description: Option<String>,
    pub(crate) section: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) canonical_url: Option<String>,
    pub(crate) site_name: Option<String>,
    /// As the page claims it.
    pub(crate) language: Option<String>,
    /// The text as the page's structured data has it: often cut short.
    pub(crate) article_body: Option<String>,
}

/// Reads the fields of a page.
pub(crate) fn of_page(tree: &Tree<'_>, json_ld: &[String], document: &Document, rules: &Rules) -> PageFields {
    let meta = Meta::of(tree);
    let headings = visible::headings(tree, rules);
    let heading = headings.first().map(String::as_str);
    let data = JsonLd::of(json_ld, heading.or_else(|| meta.first(&["og:title"])));
    let site_name = meta
        .first(&["og:site_name", "application-name"])
        .map(normalise::line)
        .or_else(|| data.publisher.clone())
        .filter(|name| !name.is_empty());
    let canonical_url = visible::canonical(tree);
    let address = document.url().or(canonical_url.as_deref()).or_else(|| meta.first(&["og:url"]));
    let host = address.and_then(|url| url::Url::parse(url).ok()).and_then(|url| url.host_str().map(str::to_owned));
    let site = Site { name: site_name.as_deref(), host: host.as_deref() };
    let title = title::choose(&title::Candidates {
        headline: data.headline.as_deref(),
        social: meta.first(&["og:title", "twitter:title"]),
        headings: &headings,
        page: visible::page_title(tree).as_deref(),
        carrier: document.hints.title.as_deref(),
        site,
    });
    let dates = Dates { meta: &meta, data: &data, tree, address, document, rules };
    PageFields {
        title,
        authors: page_authors(&data, &meta, tree, rules, site),
        published: dates.published(),
        modified: dates.modified(),
        description: text(
            data.description
                .as_deref()
                .or_else(|| meta.first(&["og:description", "description", "twitter:description"])),
        ),
        section: text(
            data.section.as_deref().or_else(|| {
                meta.first(&["article:section", "section", "parsely-section", "cxenseparse:recs:category"])
            }),
        ),
        tags: tags(&data, &meta),
        canonical_url,
        language: data
            .language
            .clone()
            .or_else(|| meta.first(&["content-language", "language", "og:locale"]).map(str::to_owned))
            .filter(|_| visible::language(tree).is_none())
            .or_else(|| visible::language(tree)),
        site_name,
        article_body: data.body,
    }
}

fn text(raw: Option<&str>) -> Option<String> {
    raw.map(normalise::line).filter(|text| !text.is_empty())
}

fn page_authors(data: &JsonLd, meta: &Meta<'_>, tree: &Tree<'_>, rules: &Rules, site: Site<'_>) -> Vec<String> {
    let by_data = clean(data.authors.iter().map(String::as_str), site);
    if !by_data.is_empty() {
        return by_data;
    }
    let by_meta = clean(
        meta.all(&[
            "author",
            "article:author",
            "parsely-author",
            "dc.creator",
            "sailthru.author",
            "byl",
            "citation_author",
            "dcterms.creator",
            "article.author",
        ]),
        site,
    );
    if !by_meta.is_empty() {
        return by_meta;
    }
    clean(visible::bylines(tree, rules).iter().map(String::as_str), site)
}

/// Names of people: split, without repetition, and without the site's own name.
fn clean<'a>(raw: impl IntoIterator<Item = &'a str>, site: Site<'_>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in raw.into_iter().flat_map(authors::split) {
        if names.len() >= AUTHORS {
            break;
        }
        let own = site.name.is_some_and(|site| site.eq_ignore_ascii_case(&name));
        if !own && !names.iter().any(|known| known.to_lowercase() == name.to_lowercase()) {
            names.push(name);
        }
    }
    names
}

fn tags(data: &JsonLd, meta: &Meta<'_>) -> Vec<String> {
    let split = |raw: &str| raw.split([',', ';', '，', '、']).map(normalise::line).collect::<Vec<_>>();
    let by_property: Vec<String> = meta.all(&["article:tag"]).flat_map(split).collect();
    let raw = if !data.keywords.is_empty() {
        data.keywords.iter().flat_map(|one| split(one)).collect()
    } else if !by_property.is_empty() {
        by_property
    } else {
        meta.all(&["news_keywords", "keywords", "parsely-tags"]).next().map(split).unwrap_or_default()
    };
    let mut tags: Vec<String> = Vec::new();
    for tag in raw {
        if !tag.is_empty() && tag.chars().count() <= 80 && !tags.contains(&tag) && tags.len() < 50 {
            tags.push(tag);
        }
    }
    tags
}

/// Where the dates of a page may stand.
struct Dates<'a, 't, 'd> {
    meta: &'a Meta<'d>,
    data: &'a JsonLd,
    tree: &'t Tree<'d>,
    address: Option<&'a str>,
    document: &'a Document,
    rules: &'a Rules,
}

impl Dates<'_, '_, '_> {
    fn parse(&self, raw: Option<&str>, source: DateSource) -> Option<Published> {
        dates::parse(raw?, source, &self.rules.vocabulary)
    }

    fn published(&self) -> Option<Published> {
        const NAMES: [&str; 20] = [
            "article:published_time",
            "article:published",
            "og:published_time",
            "og:article:published_time",
            "datepublished",
            "parsely-pub-date",
            "sailthru.date",
            "dc.date.issued",
            "dc.date",
            "dcterms.date",
            "dcterms.created",
            "date",
            "pubdate",
            "publishdate",
            "publish-date",
            "publish_date",
            "article.published",
            "cxenseparse:recs:publishtime",
            "citation_publication_date",
            "dc.date.created",
        ];
        self.parse(self.data.published.as_deref(), DateSource::Jsonld)
            .or_else(|| self.meta.all(&NAMES).find_map(|raw| self.parse(Some(raw), DateSource::Meta)))
            .or_else(|| self.shown())
            .or_else(|| self.parse(self.document.hints.published.as_deref(), DateSource::Envelope))
            .or_else(|| visible::written_date(self.tree, self.rules))
    }

    /// The day in the address, or the time shown for it. A shown time of another day may be the hour of the visit,
    /// or another article's.
    fn shown(&self) -> Option<Published> {
        let by_url =
            self.address.and_then(|url| dates::in_url(url, &self.rules.vocabulary)).map(dates::UrlDate::into_published);
        let times = visible::times(self.tree, self.rules);
        match by_url {
            Some(by_url) => Some(times.into_iter().find(|time| time.day() == by_url.day()).unwrap_or(by_url)),
            None => times.into_iter().next(),
        }
    }

    fn modified(&self) -> Option<Published> {
        const NAMES: [&str; 7] = [
            "article:modified_time",
            "og:updated_time",
            "datemodified",
            "last-modified",
            "dcterms.modified",
            "lastmod",
            "article:modified",
        ];
        self.parse(self.data.modified.as_deref(), DateSource::Jsonld)
            .or_else(|| self.meta.all(&NAMES).find_map(|raw| self.parse(Some(raw), DateSource::Meta)))
    }
}
