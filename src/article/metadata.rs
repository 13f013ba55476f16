//! What a page says about its article: title, dates, authors, section, tags, links.
//!
//! No source is best for every field, so each field asks the sources in its own order.

pub(crate) mod address;
pub(crate) mod around;
pub(crate) mod authors;
pub(crate) mod bylines;
pub(crate) mod dateline;
pub(crate) mod dates;
mod images;
mod jsonld;
mod marked;
mod meta;
mod published;
pub(crate) mod rights;
mod shown;
mod tags;
pub(crate) mod title;
mod visible;

pub(crate) use tags::{TAGS, of_carrier as tags_of_carrier};

use url::Url;

use super::about::{ArticleKind, Author, AuthorKind, FieldSource};
use super::boilerplate::{Names, Rules};
use super::html::Tree;
use super::{Article, normalise};
use crate::document::{Document, Hints};
use dates::Reader;
use jsonld::JsonLd;
use marked::Marked;
use meta::Meta;
use published::{Dates, Times};
use shown::Shown;
use title::Site;

/// Most authors of one article; each new name is compared with all.
const AUTHORS: usize = 100;

/// Names under which `<meta>` elements have the authors, the surest first.
const AUTHOR_NAMES: [&str; 22] = [
    "author",
    "article:author",
    "article:author_name",
    "article.author",
    "articleauthor",
    "og:article:author",
    "parsely-author",
    "sailthru.author",
    "cxenseparse:author",
    "dc.creator",
    "dc:creator",
    "dcterms.creator",
    "dc.contributor",
    "byl",
    "byline",
    "citation_author",
    "twitter:misc:written by",
    "vr:author",
    "rbauthors",
    "creator",
    "og:author",
    "book:author",
];

/// Names under which `<meta>` elements have the section, the surest first.
const SECTION_NAMES: [&str; 5] =
    ["article:section", "section", "parsely-section", "cxenseparse:recs:category", "og:article:section"];

/// Names under which `<meta>` elements have the summary, the surest first.
const DESCRIPTION_NAMES: [&str; 6] = [
    "og:description",
    "description",
    "twitter:description",
    "dc.description",
    "dcterms.description",
    "sailthru.description",
];

/// The fields of a page, each absent where the page does not say.
#[derive(Debug, Default)]
pub(crate) struct PageFields {
    /// The title as the page shows it: what its text may repeat.
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    /// The text as the page's structured data has it: often cut short.
    pub(crate) article_body: Option<String>,
    /// As the page claims it.
    pub(crate) language: Option<String>,
    /// Where the page stands: where it was fetched, else where it says that it stands.
    pub(crate) address: Option<Url>,
    /// What the publisher calls itself: its name, and the longest part of its host's.
    pub(crate) publisher_names: Vec<String>,
    tags: tags::Sources,
    /// Everything else.
    stated: Article,
}

impl PageFields {
    /// The title of the article, which the page may show otherwise.
    pub(crate) fn article_title(&self) -> Option<&str> {
        self.stated.title.as_deref()
    }

    /// The names of the authors.
    pub(crate) fn author_names(&self) -> impl Iterator<Item = &str> {
        self.stated.authors.iter().map(|author| author.name.as_str())
    }

    /// The host that the page stands on.
    pub(crate) fn host(&self) -> Option<&str> {
        self.address.as_ref().and_then(Url::host_str)
    }

    /// The article that the page describes, with this body.
    pub(crate) fn into_article(self, body: String, claimed: Option<&str>, rules: &Rules) -> Article {
        let language = normalise::detect(&body, claimed.or(self.language.as_deref()));
        let dateline = self.stated.dateline.clone().or_else(|| dateline::of_body(&body, rules));
        let tags = self.tags.choose(self.stated.title.as_deref(), &body);
        Article { body, language, dateline, tags, description: self.description, ..self.stated }
    }
}

/// Reads the fields of a page.
pub(crate) fn of_page<'d>(
    tree: &Tree<'d>,
    json_ld: &[&str],
    document: &Document,
    rules: &Rules,
    names: &mut Names<'_, 'd>,
) -> PageFields {
    let meta = Meta::of(tree);
    let hints = &document.hints;
    let headings = visible::headings(tree, rules);
    let lower_headings = if headings.is_empty() { visible::lower_headings(tree, rules) } else { Vec::new() };
    let heading = headings.first().map(String::as_str);
    let canonical_url = visible::canonical(tree);
    let addresses = [document.url(), canonical_url.as_deref(), meta.first(&["og:url"])].into_iter().flatten();
    let page_address = addresses.filter_map(|address| Url::parse(address.trim()).ok()).find(Url::has_host);
    let address = page_address.as_ref().map(Url::as_str);
    let data = JsonLd::of(json_ld, heading.or_else(|| meta.first(&["og:title"])), address);
    let marked = Marked::of(tree, &headings);
    let site_name = meta
        .first(&["og:site_name", "application-name"])
        .map(normalise::line)
        .or_else(|| data.publisher.clone())
        .or_else(|| marked.publisher.clone())
        .or_else(|| meta.first(&["dc.publisher", "dcterms.publisher"]).map(normalise::line))
        .filter(|name| !name.is_empty());
    let host = page_address.as_ref().and_then(Url::host_str);
    let stated = data.section.as_deref().or_else(|| meta.first(&SECTION_NAMES)).or(marked.section.as_deref());
    let section = normalise::stated(stated.or(hints.extracted.section.as_deref()));
    let site = Site { name: site_name.as_deref(), host, section: section.as_deref() };
    let slug = address.map(address::slug).unwrap_or_default();
    let titles = title::choose(&title::Candidates {
        headline: data.headline.as_deref(),
        social: meta.first(&["og:title"]).or_else(|| meta.first(&["twitter:title"])),
        tweet: meta.first(&["twitter:title"]),
        headings: &headings,
        lower_headings: &lower_headings,
        page: visible::page_title(tree).as_deref(),
        carrier: hints.title.as_deref(),
        marked: marked.headline.as_deref(),
        further: meta.first(&["parsely-title", "sailthru.title", "dc.title", "dcterms.title", "citation_title"]),
        slug: &slug,
        site,
    });
    let titled = titles.title.as_ref().map(|(title, _)| title.as_str());
    let shown = Shown::of(tree, [titles.shown.as_deref(), titled]);
    let declared = visible::language(tree)
        .or_else(|| data.language.clone())
        .or_else(|| meta.first(&["content-language", "language", "og:locale", "dc.language"]).map(str::to_owned));
    let reader = Reader::of_page(&rules.vocabulary, declared.as_deref(), host).seen_by(hints.seen_by_ms());
    let times = Dates { meta: &meta, data: &data, tree, shown: &shown, address, hints, rules, reader }.times();
    let (mut authors, mut authors_source) = page_authors(&data, &meta, tree, &shown, rules, site, hints);
    // Elsewhere who has no name in the markup has none; here the markup has no names.
    if authors.is_empty() && tree.is_bare {
        authors = authors::of_names(shown.around_heading(rules, reader).authors, &rules.vocabulary);
        authors_source = (!authors.is_empty()).then_some(FieldSource::Text);
    }
    for author in authors.iter_mut().filter(|author| author.url.is_none()) {
        author.url = bylines::page_of(&author.name, tree, &shown, address);
    }
    let (title, title_source) = titles.title.unzip();
    let longest = host.and_then(|host| host.split('.').max_by_key(|part| part.len()).map(str::to_owned));
    let Times { published, modified } = times;
    let heading = shown.heading.and_then(|line| shown.lines.get(line)).map_or(0, |line| line.at);
    let linked = tags::linked(tree, names, heading);
    let tags = tags::Sources::of(&data, &meta, &marked, linked, hints, tags::no_tags(&authors, host));
    let description =
        data.description.as_deref().or_else(|| meta.first(&DESCRIPTION_NAMES)).or(marked.description.as_deref());
    PageFields {
        title: titles.shown,
        description: normalise::stated(description.or(hints.extracted.description.as_deref())),
        article_body: data.body.clone(),
        language: declared,
        tags,
        publisher_names: site_name.clone().into_iter().chain(longest).collect(),
        stated: Article {
            title,
            title_source,
            authors_source,
            authors,
            published,
            modified,
            kind: kind(&data, &meta),
            images: images::of_page(tree, &shown, &meta, &data, marked.image.as_deref(), address, rules),
            breadcrumbs: data.breadcrumbs.clone(),
            is_accessible_for_free: data.is_free.or_else(|| tier(meta.first(&["article:content_tier"])?)),
            rights: rights::of_page(tree, &meta, &data, hints),
            amp_url: rights::link(tree, "amphtml").and_then(|link| address::absolute(&link, address)),
            dateline: data.dateline.clone().filter(|dateline| dateline.chars().count() <= 120),
            canonical_url,
            section,
            site_name,
            ..Article::default()
        },
        address: page_address,
    }
}

/// Whether everyone may read it, by the tier that the page names.
fn tier(name: &str) -> Option<bool> {
    match name.trim().to_ascii_lowercase().as_str() {
        "free" => Some(true),
        "locked" | "paid" => Some(false),
        _ => None,
    }
}

/// The form of the article: what its structured data says, else what the page says of itself.
fn kind(data: &JsonLd, meta: &Meta<'_>) -> Option<ArticleKind> {
    let by_page = || match meta.first(&["og:type"])?.trim().to_ascii_lowercase().as_str() {
        "article" | "news" | "blog" | "newsarticle" => Some(ArticleKind::Article),
        "video" | "video.other" | "video.episode" | "video.movie" => Some(ArticleKind::Video),
        _ => None,
    };
    let opinion = meta.first(&["article:opinion"]).is_some_and(|value| value.trim().eq_ignore_ascii_case("true"));
    if opinion { Some(ArticleKind::Opinion) } else { data.kind.or_else(by_page) }
}

/// The authors and where they are named: the first source that names people, else the first that names anyone. Of one that has
/// only a first name or a login, the next that has the same person's full name.
fn page_authors(
    data: &JsonLd,
    meta: &Meta<'_>,
    tree: &Tree<'_>,
    shown: &Shown,
    rules: &Rules,
    site: Site<'_>,
    hints: &Hints,
) -> (Vec<Author>, Option<FieldSource>) {
    let known = |named: &[Author]| authors::known(named, site, data.publisher.as_deref(), &rules.vocabulary);
    let unknown = |names: Vec<String>| -> Vec<Author> {
        names.into_iter().map(|name| Author { name, kind: AuthorKind::Person, url: None }).collect()
    };
    let byline = std::cell::OnceCell::new();
    let shown_names = |marked: bool| -> Vec<String> {
        let (names, is_marked) = byline.get_or_init(|| bylines::names(tree, shown, rules));
        if *is_marked == marked { names.clone() } else { Vec::new() }
    };
    let (mut organisations, mut short) = (None, None::<(Author, FieldSource)>);
    let mut sources = [
        (FieldSource::Jsonld, Box::new(|| data.authors.clone()) as Box<dyn Fn() -> Vec<Author> + '_>),
        (FieldSource::Meta, Box::new(|| unknown(meta_authors(meta, &known)))),
        (FieldSource::Microdata, Box::new(|| unknown(shown_names(true)))),
        (FieldSource::Text, Box::new(|| unknown(shown_names(false)))),
        (FieldSource::Envelope, Box::new(|| unknown(hints.extracted.authors.clone()))),
    ]
    .into_iter();
    let people = sources.find_map(|(source, names)| {
        let found = known(&names());
        if let Some((one, _)) = &short {
            return found.iter().any(|full| authors::is_short_for(&one.name, &full.name)).then_some((found, source));
        }
        match found.as_slice() {
            [one] if one.kind == AuthorKind::Person && !one.name.contains(' ') => {
                short = Some((one.clone(), source));
                None
            }
            [one, ..] if one.kind == AuthorKind::Person => Some((found, source)),
            [] => None,
            _ => {
                organisations.get_or_insert((found, source));
                None
            }
        }
    });
    drop(sources);
    let (authors, source) = people.or(short.map(|(one, source)| (vec![one], source))).or(organisations).unzip();
    (authors.unwrap_or_default(), source)
}

/// The names of the first `<meta>` name that has people, else of the first.
fn meta_authors(meta: &Meta<'_>, known: &dyn Fn(&[Author]) -> Vec<Author>) -> Vec<String> {
    let labels = [("twitter:label1", "twitter:data1"), ("twitter:label2", "twitter:data2")];
    let labelled = labels.iter().find_map(|(label, value)| {
        let says = meta.first(&[label]).is_some_and(|label| authors::is_opening(label.trim()));
        meta.first(&[value]).filter(|_| says)
    });
    let named = AUTHOR_NAMES.iter().map(|name| {
        let inverts = *name == "citation_author" || name.starts_with("dc");
        let written = |value: &str| if inverts { authors::in_order(value) } else { value.to_owned() };
        meta.all(&[name]).map(written).collect::<Vec<_>>()
    });
    let mut first = Vec::new();
    for names in named.chain([labelled.map(str::to_owned).into_iter().collect()]) {
        let authors: Vec<Author> =
            names.iter().map(|name| Author { name: name.clone(), kind: AuthorKind::Person, url: None }).collect();
        if known(&authors).iter().any(|author| author.kind == AuthorKind::Person) {
            return names;
        }
        if first.is_empty() {
            first = names;
        }
    }
    first
}
