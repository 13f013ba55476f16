//! Which fields are read: one table for each shape of JSON, the most particular first. A dot leads into an object, and a
//! list of one stands for its element. What a shape does not name is looked for under the names of the last table.

use super::Envelope;

/// What a content field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A page.
    Page,
    /// A page or a text: the content tells.
    Either,
    /// Text; a whole page where it begins like one.
    Text,
    /// Markdown.
    Markdown,
    /// Bytes of a page, in base64.
    PageBase64,
    /// Bytes of a page or a text, in base64.
    Base64,
}

use Role::{Base64, Either, Markdown, Page, PageBase64, Text};

/// Paths of fields, in order of preference.
pub(super) type Paths = &'static [&'static str];

/// One shape of JSON.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) envelope: Envelope,
    /// Who sends it.
    pub(super) of: &'static str,
    /// Objects in which its fields may stand; "" is the payload itself.
    pub(super) within: Paths,
    /// It is recognised where all fields of one of these groups are there, and one of its content fields.
    pub(super) marks: &'static [Paths],
    /// Content, in order of preference: pages before text.
    pub(super) content: &'static [(&'static str, Role)],
    pub(super) url: Paths,
    pub(super) final_url: Paths,
    pub(super) title: Paths,
    pub(super) published: Paths,
    pub(super) modified: Paths,
    /// Names: texts, lists of them, or objects that have names.
    pub(super) authors: Paths,
    pub(super) tags: Paths,
    pub(super) section: Paths,
    pub(super) description: Paths,
    pub(super) language: Paths,
    pub(super) fetched_at: Paths,
    pub(super) status: Paths,
    pub(super) content_type: Paths,
}

/// A shape without anything, from which tables name what they have.
const NOTHING: Shape = Shape {
    envelope: Envelope::Json,
    of: "",
    within: &[""],
    marks: &[],
    content: &[],
    url: &[],
    final_url: &[],
    title: &[],
    published: &[],
    modified: &[],
    authors: &[],
    tags: &[],
    section: &[],
    description: &[],
    language: &[],
    fetched_at: &[],
    status: &[],
    content_type: &[],
};

/// The crawlers' shapes, the most particular first.
pub(super) const CRAWLERS: [Shape; 9] = [
    Shape {
        envelope: Envelope::Crawl4ai,
        of: "Crawl4AI: a `CrawlResult`",
        marks: &[&["markdown.raw_markdown"], &["cleaned_html"], &["fit_html"], &["redirected_url", "html"]],
        content: &[
            ("html", Page),
            ("cleaned_html", Page),
            ("fit_html", Page),
            ("markdown.raw_markdown", Markdown),
            ("markdown", Markdown),
        ],
        url: &["url"],
        final_url: &["redirected_url"],
        title: &["metadata.title", "metadata.og:title"],
        published: &["metadata.article:published_time"],
        modified: &["metadata.article:modified_time"],
        authors: &["metadata.author", "metadata.article:author"],
        tags: &["metadata.article:tag", "metadata.keywords"],
        section: &["metadata.article:section"],
        description: &["metadata.description", "metadata.og:description"],
        status: &["status_code"],
        content_type: &["response_headers.content-type", "response_headers.Content-Type"],
        ..NOTHING
    },
    Shape {
        envelope: Envelope::Firecrawl,
        of: "Firecrawl: a scrape, a line of a crawl, or its webhook",
        within: &["data", ""],
        marks: &[
            &["metadata.sourceURL"],
            &["metadata", "markdown"],
            &["metadata", "rawHtml"],
            &["metadata.statusCode"],
        ],
        content: &[("rawHtml", Page), ("html", Page), ("markdown", Markdown)],
        url: &["metadata.sourceURL"],
        final_url: &["metadata.url"],
        title: &["metadata.title", "metadata.ogTitle"],
        published: &["metadata.publishedTime", "metadata.article:published_time"],
        modified: &["metadata.modifiedTime", "metadata.article:modified_time"],
        authors: &["metadata.author", "metadata.article:author"],
        tags: &["metadata.articleTag", "metadata.article:tag", "metadata.keywords"],
        section: &["metadata.articleSection", "metadata.article:section"],
        description: &["metadata.description", "metadata.ogDescription"],
        language: &["metadata.language", "metadata.ogLocale"],
        status: &["metadata.statusCode"],
        content_type: &["metadata.contentType"],
        ..NOTHING
    },
    Shape {
        envelope: Envelope::ScrapyCluster,
        of: "Scrapy-Cluster: a `RawResponseItem`",
        marks: &[&["body", "response_url", "status_code"], &["body", "crawlid", "appid"]],
        content: &[("body", Either)],
        url: &["url"],
        final_url: &["response_url"],
        fetched_at: &["timestamp"],
        status: &["status_code"],
        content_type: &["response_headers.Content-Type"],
        ..NOTHING
    },
    Shape {
        envelope: Envelope::Zyte,
        of: "Zyte API: a response, or its `article`",
        within: &["", "article"],
        marks: &[&["httpResponseBody"], &["browserHtml"], &["articleBodyHtml"], &["articleBody", "headline"]],
        content: &[
            ("browserHtml", Page),
            ("httpResponseBody", Base64),
            ("articleBodyHtml", Page),
            ("articleBody", Text),
        ],
        url: &["url"],
        title: &["headline", "article.headline"],
        published: &["datePublished", "article.datePublished"],
        modified: &["dateModified", "article.dateModified"],
        authors: &["authors", "article.authors"],
        description: &["description", "article.description"],
        language: &["inLanguage", "article.inLanguage"],
        fetched_at: &["metadata.dateDownloaded", "article.metadata.dateDownloaded"],
        status: &["statusCode"],
        ..NOTHING
    },
    Shape {
        envelope: Envelope::Diffbot,
        of: "Diffbot: an answer of the Article API, or one of its `objects`",
        within: &["objects", ""],
        marks: &[&["diffbotUri"], &["pageUrl", "html"], &["pageUrl", "text"]],
        content: &[("html", Page), ("text", Text)],
        url: &["pageUrl"],
        final_url: &["resolvedPageUrl"],
        title: &["title"],
        published: &["date", "estimatedDate"],
        authors: &["authors", "author"],
        tags: &["tags"],
        language: &["humanLanguage"],
        ..NOTHING
    },
    Shape {
        envelope: Envelope::NewsPlease,
        of: "news-please: an article",
        marks: &[&["maintext"], &["date_publish", "title_page"]],
        content: &[("html", Page), ("maintext", Text), ("text", Text)],
        url: &["url"],
        title: &["title", "title_page"],
        published: &["date_publish"],
        modified: &["date_modify"],
        authors: &["authors"],
        description: &["description"],
        language: &["language"],
        fetched_at: &["date_download"],
        ..NOTHING
    },
    Shape {
        envelope: Envelope::Trafilatura,
        of: "trafilatura: its JSON output",
        marks: &[&["source-hostname"], &["raw_text"], &["hostname", "fingerprint"]],
        content: &[("text", Text), ("raw_text", Text)],
        url: &["source", "url"],
        title: &["title"],
        published: &["date"],
        authors: &["author"],
        tags: &["tags"],
        description: &["excerpt", "description"],
        language: &["language"],
        fetched_at: &["filedate"],
        ..NOTHING
    },
    Shape {
        envelope: Envelope::Browsertrix,
        of: "Browsertrix: a line of `pages.jsonl`",
        marks: &[&["ts", "url", "text"]],
        content: &[("text", Text)],
        url: &["url"],
        title: &["title"],
        fetched_at: &["ts"],
        status: &["status"],
        ..NOTHING
    },
    Shape {
        envelope: Envelope::Frontera,
        of: "scrapy-kafka, Frontera: a fetched page",
        marks: &[&["url", "meta", "body"]],
        content: &[("body", Either)],
        url: &["url"],
        final_url: &["response_url"],
        status: &["status_code"],
        content_type: &["headers.Content-Type"],
        ..NOTHING
    },
];

/// The documented envelope, and the names that items of any crawler usually have.
pub(super) const DOCUMENTED: Shape = Shape {
    envelope: Envelope::Json,
    of: "the documented envelope, Scrapy items, and JSON with the usual names",
    within: &["", "data", "item", "article", "document", "page", "payload", "record", "result", "_source"],
    marks: &[&[]],
    content: &[
        ("rawHtml", Page),
        ("raw_html", Page),
        ("html", Page),
        ("body_html", Page),
        ("articleBodyHtml", Page),
        ("cleaned_html", Page),
        ("content_html", Page),
        ("html_content", Page),
        ("page_html", Page),
        ("page_source", Page),
        ("html_base64", PageBase64),
        ("body_base64", Base64),
        ("body", Either),
        ("content", Either),
        ("response_body", Either),
        ("response.body", Either),
        ("markdown", Markdown),
        ("maintext", Text),
        ("articleBody", Text),
        ("text", Text),
        ("plain_text", Text),
        ("content_text", Text),
        ("full_text", Text),
        ("article_text", Text),
        ("article_body", Text),
    ],
    url: &["url", "uri", "page_url", "pageUrl", "link"],
    final_url: &["final_url", "response_url", "redirected_url", "resolved_url"],
    title: &["title", "headline"],
    published: &[
        "published_at",
        "published",
        "date_publish",
        "date_published",
        "datePublished",
        "publishedAt",
        "publish_date",
        "publication_date",
        "pub_date",
        "pubDate",
        "date",
    ],
    modified: &[
        "modified_at",
        "modified",
        "updated_at",
        "date_modify",
        "date_modified",
        "dateModified",
        "modifiedAt",
        "updatedAt",
    ],
    authors: &["authors", "author", "byline"],
    tags: &["tags", "keywords"],
    section: &["section", "articleSection", "category"],
    description: &["description", "summary", "excerpt"],
    language: &["lang", "language", "inLanguage"],
    fetched_at: &["fetched_at", "crawled_at", "retrieved_at", "scraped_at", "fetchedAt", "crawledAt", "scrapedAt"],
    status: &["status", "status_code", "statusCode", "http_status"],
    content_type: &["content_type", "contentType", "mime_type"],
};

/// The version of the documented envelope: where it stands, no crawler's shape is looked for.
pub(super) const VERSION: &str = "v";
/// How the content is written: "base64".
pub(super) const ENCODING: &str = "encoding";
/// The charset of content in base64.
pub(super) const CHARSET: &str = "charset";
/// The compression of content in base64.
pub(super) const CONTENT_ENCODING: &str = "content_encoding";

/// Fields by which JSON without content is known as a line of a crawler's log (Heritrix, UKWA, Browsertrix).
pub(super) const CRAWL_LOG_MARKS: Paths =
    &["hop", "isSeed", "parentUrl", "hop_path", "warc_filename", "content_digest", "loadState"];
