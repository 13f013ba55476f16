//! The room as a whole: written fixtures with what must come out of them, and hostile input.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use proptest::prelude::*;
use serde::Deserialize;

use super::about::ContentKind;
use super::{ExtractLimits, Extraction, Extractor, Flag, Models, QualityPolicy};
use crate::document::{Content, Document, Hints};
use crate::rejection::Rejection;

/// What must come out of a fixture; what is not named must be absent, but for the description.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Gold {
    url: Option<String>,
    rejected: Option<String>,
    title: Option<String>,
    body: String,
    authors: Vec<String>,
    published: Option<String>,
    modified: Option<String>,
    section: Option<String>,
    tags: Vec<String>,
    dateline: Option<String>,
    source_url: Option<String>,
    language: Option<String>,
    site_name: Option<String>,
    canonical_url: Option<String>,
    /// Kinds of blocks that must be among those removed.
    removed: Vec<String>,
}

static EXTRACTOR: LazyLock<Extractor> = LazyLock::new(|| Extractor::new(ExtractLimits::default()).unwrap());

fn extract(content: Content, url: Option<&str>) -> Result<Extraction, Rejection> {
    EXTRACTOR.extract(&Document { content, hints: Hints { url: url.map(str::to_owned), ..Hints::default() } })
}

fn html(text: &str) -> Result<Extraction, Rejection> {
    extract(Content::Html(text.to_owned()), None)
}

fn plain(text: &str) -> Result<Extraction, Rejection> {
    extract(Content::Plain(text.to_owned()), None)
}

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/article");
    let mut payloads: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension != "json"))
        .collect();
    payloads.sort();
    payloads
}

#[test]
fn every_fixture_gives_exactly_its_gold() {
    let payloads = fixtures();
    assert!(payloads.len() >= 8, "{payloads:?}");
    for path in payloads {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let gold: Gold = serde_json::from_str(&std::fs::read_to_string(path.with_extension("json")).unwrap()).unwrap();
        let content = if name.ends_with(".html") { Content::Html(text) } else { Content::Plain(text) };
        let extraction = match extract(content, gold.url.as_deref()) {
            Ok(extraction) => extraction,
            Err(rejection) => {
                assert_eq!(Some(rejection.reason()), gold.rejected.as_deref(), "{name}");
                continue;
            }
        };
        let article = &extraction.article;
        assert_eq!(gold.rejected, None, "{name} gives {article:?}");
        assert_eq!(article.body, gold.body, "{name}: {:#?}", extraction.removed);
        assert_eq!(article.title, gold.title, "{name}");
        let authors: Vec<&str> = article.authors.iter().map(|author| author.name.as_str()).collect();
        assert_eq!(authors, gold.authors, "{name}");
        assert_eq!(article.published.as_ref().map(|date| date.value.clone()), gold.published, "{name}");
        assert_eq!(article.modified.as_ref().map(|date| date.value.clone()), gold.modified, "{name}");
        assert_eq!(article.section, gold.section, "{name}");
        assert_eq!(article.tags, gold.tags, "{name}");
        assert_eq!(article.dateline, gold.dateline, "{name}");
        assert_eq!(article.source_url, gold.source_url, "{name}");
        assert_eq!(article.language.as_ref().map(|language| language.tag.clone()), gold.language, "{name}");
        assert_eq!(article.site_name, gold.site_name, "{name}");
        assert_eq!(article.canonical_url, gold.canonical_url, "{name}");
        for kind in &gold.removed {
            assert!(
                article.removed.iter().any(|sum| sum.kind.label() == kind),
                "{name}: no {kind} in {:#?}",
                article.removed
            );
        }
    }
}

#[test]
fn the_summary_counts_every_removed_block_with_its_rule() {
    let extraction = html(include_str!("../../tests/fixtures/article/news.html")).unwrap();
    let blocks: u32 = extraction.article.removed.iter().map(|sum| sum.blocks).sum();
    assert_eq!(usize::try_from(blocks).unwrap(), extraction.removed.len());
    assert!(extraction.removed.iter().all(|block| !block.rule.is_empty() && !block.text.is_empty()));
    let chars: usize = extraction.removed.iter().map(|block| block.text.chars().count()).sum();
    assert_eq!(usize::try_from(extraction.article.removed.iter().map(|sum| sum.chars).sum::<u32>()).unwrap(), chars);
}

const FERRY: &str = "The ferry between Port Merrow and Sorrel Island left on time on Monday, for the first time since the storm of last March.";
const MAYOR: &str = "About ninety passengers were aboard, among them a class of schoolchildren and the mayor, who paid for her own ticket.";

/// By rules alone: which of the blocks a classifier likes is not asked.
fn by_rules(content: Content) -> Extraction {
    let extractor = Extractor::with_models(ExtractLimits::default(), Models::default()).unwrap().with_blocks(true);
    extractor.extract(&Document { content, hints: Hints::default() }).unwrap()
}

fn with_blocks(content: Content) -> super::Article {
    by_rules(content).article
}

#[test]
fn the_blocks_of_an_article_are_its_body_in_parts() {
    let page = format!(
        "<title>Ferry runs again</title><article><h1>Ferry runs again</h1><p>{FERRY}</p><h2>Who was aboard</h2><p>{MAYOR}</p>\
         <blockquote>We waited for this day longer than for any other, said one of those who live on the island all year.</blockquote>\
         <h3>What it costs</h3><ul><li>Adults pay four crowns for the crossing, children and their dogs pay nothing.</li>\
         <li>Bicycles are carried on the open deck, two crowns each, as long as there is room for them.</li></ul>\
         <table><caption>The first ferries of the week, as they hang in both offices of the harbour.</caption>\
         <tr><th>Day</th><th>First ferry</th></tr><tr><td>Monday</td><td>six in the morning</td></tr></table>\
         <pre>out   06:00  08:00\nback  07:00  09:00</pre><p>{FERRY} It was said that it would stay so.</p></article>"
    );
    let article = with_blocks(Content::Html(page.clone()));
    let texts: Vec<&str> = article.blocks.iter().map(|block| block.text.as_str()).collect();
    assert_eq!(texts.join("\n\n"), article.body);
    let kinds: Vec<(ContentKind, Option<u8>)> = article.blocks.iter().map(|block| (block.kind, block.level)).collect();
    let expected = [
        (ContentKind::Paragraph, None),
        (ContentKind::Heading, Some(2)),
        (ContentKind::Paragraph, None),
        (ContentKind::Quote, None),
        (ContentKind::Heading, Some(3)),
        (ContentKind::ListItem, None),
        (ContentKind::ListItem, None),
        (ContentKind::Caption, None),
        (ContentKind::TableRow, None),
        (ContentKind::TableRow, None),
        (ContentKind::Preformatted, None),
        (ContentKind::Paragraph, None),
    ];
    assert_eq!(kinds, expected, "{texts:#?}");
    assert!(texts.contains(&"Monday | six in the morning"), "{texts:#?}");
    assert!(texts.iter().any(|text| text.contains("06:00\n") || text.contains("08:00\n")), "{texts:#?}");
    assert_eq!(html(&page).unwrap().article.blocks, [], "only on request");
}

#[test]
fn the_blocks_of_a_plain_text_are_its_body_in_parts() {
    let text = format!(
        "# Ferry runs again\n\n{FERRY}\n\n## Who was aboard\n\n{MAYOR}\n\n• Adults pay four crowns for the crossing.\n\n\
         > We waited for this day longer than for any other, said one of them.\n\n- I was there, too, said another of them.\n\n{MAYOR} She said so."
    );
    let article = with_blocks(Content::Plain(text));
    let texts: Vec<&str> = article.blocks.iter().map(|block| block.text.as_str()).collect();
    assert_eq!(texts.join("\n\n"), article.body);
    let kinds: Vec<(ContentKind, Option<u8>)> = article.blocks.iter().map(|block| (block.kind, block.level)).collect();
    let expected = [
        (ContentKind::Paragraph, None),
        (ContentKind::Heading, Some(2)),
        (ContentKind::Paragraph, None),
        (ContentKind::ListItem, None),
        (ContentKind::Quote, None),
        // A line of speech, or of a list: nothing tells.
        (ContentKind::Paragraph, None),
        (ContentKind::Paragraph, None),
    ];
    assert_eq!(kinds, expected, "{texts:#?}");
}

#[test]
fn an_appended_article_goes_from_pages_too_long_for_the_classifier() {
    let paragraph = |name: &str, at: usize| {
        format!(
            "<p>In the {at}th year of {name} the fishermen of the island built another boat, larger than the one before, and sold it.</p>"
        )
    };
    let story = |title: &str, name: &str, paragraphs: usize| {
        let text: String = (0..paragraphs).map(|at| paragraph(name, at)).collect();
        format!("<article><h1>{title}</h1>{text}</article>")
    };
    let page = format!(
        "<title>The boats of Sorrel Island</title><body><main>{}{}</main>",
        story("The boats of Sorrel Island", "the harbour", 700),
        story("Another story altogether", "the lighthouse", 100)
    );
    let extraction = html(&page).unwrap();
    assert_eq!(extraction.assessment, None, "the page is too short for this test");
    assert!(!extraction.article.body.contains("the lighthouse"));
    assert!(extraction.article.body.contains("In the 699th year of the harbour"));
    let rules = extraction.removed.iter().filter(|block| block.rule == "article:appended").count();
    assert!(rules >= 100, "{rules}");
}

#[test]
fn an_explanation_has_the_title_of_the_article() {
    let page = format!(
        "<head><title>Ferry runs again | The Merrow Courier</title><meta property=og:title content='Ferry runs again'>\
         <script type=application/ld+json>{{\"@type\":\"NewsArticle\",\"headline\":\"Ferry to Sorrel Island runs again\"}}</script></head>\
         <article><h1>Ferry runs again!</h1><p>{FERRY}</p><p>{MAYOR}</p></article>"
    );
    let document = Document { content: Content::Html(page), hints: Hints::default() };
    let title = EXTRACTOR.extract(&document).unwrap().article.title;
    assert!(title.is_some());
    assert_eq!(EXTRACTOR.explain(&document).unwrap().title, title);
}

#[test]
fn an_article_from_the_data_of_a_page_has_no_confidence() {
    let page = include_str!("../../tests/fixtures/pages/article-only-in-page-state/input.html");
    let extraction = html(page).unwrap();
    assert_eq!((extraction.article.confidence, extraction.assessment), (None, None));
}

#[test]
fn documents_without_text_are_rejected_as_such() {
    for text in [
        "",
        " \n\t ",
        "<html></html>",
        "<script>var a = 'text that nobody sees';</script>",
        "<!-- -->",
        "<p>\u{200b}</p>",
        "…",
    ] {
        assert_eq!(html(text).unwrap_err(), Rejection::NoText, "{text:?}");
    }
    for text in ["", "\n\n", "\u{feff}", "---"] {
        assert_eq!(plain(text).unwrap_err(), Rejection::NoText, "{text:?}");
    }
}

#[test]
fn a_short_text_without_sentences_is_kept() {
    assert_eq!(plain("Hello world").unwrap().article.body, "Hello world");
}

#[test]
fn a_crawlers_title_is_kept_where_the_text_is_short() {
    let titled = |text: &str| {
        let hints = Hints { title: Some("Ice holds again".to_owned()), ..Hints::default() };
        EXTRACTOR.extract(&Document { content: Content::Plain(text.to_owned()), hints }).unwrap().article
    };
    let brief = titled("Ice holds again\nThe rink opened Tuesday.");
    assert_eq!((brief.title.as_deref(), brief.body.as_str()), (Some("Ice holds again"), "The rink opened Tuesday."));
    assert_eq!(titled("Ice holds again").body, "Ice holds again");
}

#[test]
fn markup_nested_too_deep_is_refused_early() {
    let nested = "<div>".repeat(40_000) + "text";
    assert_eq!(html(&nested).unwrap_err(), Rejection::TooDeep { limit: 512 });
    let formatting: String = (0..20_000).map(|number| format!("<b id=x{number}>")).collect();
    assert_eq!(html(&formatting).unwrap_err(), Rejection::TooDeep { limit: 512 });
}

#[test]
fn too_many_nodes_are_refused() {
    let limits = ExtractLimits { max_nodes: 1_000, ..ExtractLimits::default() };
    let document = Document { content: Content::Html("<p>a".repeat(5_000)), hints: Hints::default() };
    assert_eq!(
        Extractor::new(limits).unwrap().extract(&document).unwrap_err(),
        Rejection::TooManyNodes { limit: 1_000 }
    );
}

#[test]
fn a_passed_deadline_is_reported() {
    let limits = ExtractLimits { deadline: std::time::Duration::ZERO, ..ExtractLimits::default() };
    let document = Document { content: Content::Html("<p>text</p>".repeat(2_000)), hints: Hints::default() };
    assert_eq!(
        Extractor::new(limits).unwrap().extract(&document).unwrap_err(),
        Rejection::DeadlineExceeded { limit_ms: 0 }
    );
}

#[test]
fn a_body_above_the_limit_is_refused() {
    let limits = ExtractLimits { max_body_bytes: 20, ..ExtractLimits::default() };
    let document = Document {
        content: Content::Plain("A sentence that is longer than the limit allows.".to_owned()),
        hints: Hints::default(),
    };
    assert!(matches!(
        Extractor::new(limits).unwrap().extract(&document),
        Err(Rejection::ArticleTooLarge { limit: 20, .. })
    ));
}

/// Each of these takes a naive parser or pre-pass time that grows with the square of the input.
#[test]
fn hostile_repetition_ends() {
    let attributes: String = (0..200_000).map(|number| format!(" a{number}=1")).collect();
    let article = "<p>The council voted on Monday to build a barrier, members said after the debate.</p>";
    assert!(html(&format!("<div{attributes}>{article}")).unwrap().article.body.starts_with("The council"));
    assert!(html(&format!("{article}</div{attributes}>")).unwrap().article.body.starts_with("The council"));
    for unit in [
        "<svg><p>x",
        "<!--",
        "<script><!--<script>",
        "<a href='",
        "<a><table>",
        "</p>",
        "<p><b>x",
        "&amp;amp;",
        "<svg",
        "<li><ul>",
        "<h1>a",
        "<form><select><option>",
        "<!-- --",
        "<style>",
        "<div><p>He said so.<p><a href=x>Read more</a></div>",
        "<p>He said so.<div><p><a href=x>Read more</a><p><a href=x>Read more</a></div>",
    ] {
        let _outcome = html(&format!("{article}{}", unit.repeat(20_000)));
    }
    for unit in [
        "Lire aussi:\n",
        "a: b\n",
        "Tags:\n",
        "cookies ",
        "&am&shy;p;",
        "OK\n",
        "\u{200d}",
        "e\u{301}\u{327}",
        "2024-",
        "tout accepter",
    ] {
        let _outcome = plain(&unit.repeat(20_000));
    }
}

const ARTICLE: &str = "<p>The council voted on Monday to build a barrier, members said after a debate that lasted until midnight.</p>\
    <p>Work is to begin in autumn, and the barrier is to stand before the storms of the winter after next.</p>";

#[test]
fn teasers_with_linked_headings_are_no_part_of_the_article() {
    let teaser = "<div class=c><h3><a href=/x>Another story of the day</a></h3><p>A sentence that tells what the other story is about, and no more.</p></div>";
    let extraction =
        html(&format!("<main><h1>Council votes for barrier</h1>{ARTICLE}<div>{}</div></main>", teaser.repeat(4)))
            .unwrap();
    assert!(!extraction.article.body.contains("other story"), "{}", extraction.article.body);
    assert!(extraction.removed.iter().any(|block| block.rule == "card:linked_heading"));
}

#[test]
fn teasers_that_lead_on_are_no_part_of_the_article_however_long() {
    let teaser = |at: usize, link: &str| {
        format!(
            "<div><h4>Another story of the day, number {at}</h4><p>A sentence that tells what story {at} is about, and a second one that says \
             how it went on for those who were there. There was much more to tell.</p>{link}</div>"
        )
    };
    let page = |teasers: usize, link: &str| {
        let teasers: String = (0..teasers).map(|at| teaser(at, link)).collect();
        let more = format!("<p>{FERRY}</p><p>{MAYOR}</p>");
        by_rules(Content::Html(format!(
            "<main><h1>Council votes for barrier</h1>{ARTICLE}{more}<div>{teasers}</div></main>"
        )))
    };
    let link = "<a href=/x>Read more</a>";
    for (teasers, link, gone) in [
        (2, link, true),
        (2, "<p>Read more</p>", false),
        (2, "<a href=/x>By train</a>", false),
        (1, link, false),
        // Most of the page: an article in parts.
        (9, link, false),
    ] {
        let extraction = page(teasers, link);
        assert_eq!(
            !extraction.article.body.contains("what story 0"),
            gone,
            "{teasers} {link}: {}",
            extraction.article.body
        );
        assert!(extraction.article.body.contains(FERRY));
        let removed = extraction.removed.iter().filter(|block| block.rule == "card:leads_on").count();
        assert_eq!(removed, if gone { 2 * teasers } else { 0 }, "{:?}", extraction.removed);
    }
}

#[test]
fn a_name_does_not_take_the_whole_text() {
    for wrapper in ["paywall", "sidebar", "cookie-content", "related", "widget-area", "footer", "comments"] {
        let extraction =
            html(&format!("<body><div class={wrapper}><h1>Council votes for barrier</h1>{ARTICLE}</div>")).unwrap();
        assert!(extraction.article.body.starts_with("The council"), "{wrapper}");
        assert!(extraction.article.body.contains("Work is to begin"), "{wrapper}");
    }
}

#[test]
fn what_is_said_below_about_author_and_publisher_goes() {
    let data = r#"<script type="application/ld+json">{"@type":"NewsArticle","author":{"@type":"Person","name":"Jane Roe"},"publisher":{"@type":"Organization","name":"Acme Valves"}}</script>"#;
    let author =
        "<p>Jane Roe writes about harbours, rivers and the people who live on them, from an office in Leeds.</p>";
    let publisher = "<p>Acme Valves is a leading supplier of valves, and employs 300 people in eleven countries.</p>";
    let about_others =
        "<p>Bolt Brothers is a leading supplier of bolts, and employs 300 people in eleven countries.</p>";
    let page =
        |below: &str| format!("{data}<article><h1>Council votes for barrier</h1>{publisher}{ARTICLE}{below}</article>");
    let removed = |below: &str, rule: &str| {
        let removed = by_rules(Content::Html(page(below))).removed;
        removed.iter().filter(|block| block.rule == rule).count()
    };
    assert_eq!(removed(author, "author:box"), 1);
    assert_eq!(removed(publisher, "about:publisher"), 1, "not the one above");
    assert_eq!(removed(about_others, "about:publisher"), 0);
    assert_eq!(removed("<p>Jane Roe</p>", "author:box"), 0, "a byline is none");
}

#[test]
fn a_list_without_a_link_leads_to_no_other_article() {
    let marked = |item: &str| {
        let list = format!("<ul class=related-articles>{item}</ul>");
        let removed =
            html(&format!("<article><h1>Council votes for barrier</h1>{ARTICLE}{list}</article>")).unwrap().removed;
        removed.iter().any(|block| block.rule == "selector:token:related")
    };
    assert!(!marked("<li>Competence: experience, education and reputation</li>"));
    assert!(marked("<li><a href=/x>A bakery opens at the harbour</a></li>"));
}

#[test]
fn a_paragraph_goes_on_behind_what_stands_in_it() {
    let extraction = |inner: &str| {
        let paragraph = format!("<p>The harbour master counted{inner} boats in the outer basin that evening.</p>");
        by_rules(Content::Html(format!("<article><h1>Council votes for barrier</h1>{ARTICLE}{paragraph}</article>")))
    };
    for inner in [
        " <span style=\"display:none\">&#92;displaystyle N</span><b>forty</b>",
        " forty<span hidden>40</span>",
        " <a href=/forty class=tags>forty</a>",
        "<span class=share-button>Share this</span>forty",
        " <math><semantics><mi>forty</mi><annotation encoding=tex>&#92;forty</annotation></semantics></math>",
    ] {
        let body = extraction(inner).article.body;
        let whole = "\n\nThe harbour master counted forty boats in the outer basin that evening.";
        assert!(body.ends_with(whole), "{inner}: {body}");
    }
    let removed = extraction("<span class=share-button>Share this</span>forty").removed;
    assert!(removed.iter().any(|block| block.text == "Share this"), "{removed:?}");
    let body = extraction(" forty boats.<span class=share-button>Share this</span>He saw no").article.body;
    assert!(body.ends_with("counted forty boats.\n\nHe saw no boats in the outer basin that evening."), "{body}");
}

#[test]
fn readings_beside_ruby_text_are_not_read() {
    let ruby = "<ruby>虐待<rt>ぎゃくたい</rt></ruby>をなくすための<a href=/x><ruby><span>法律</span><rt>ほうりつ</rt></ruby></a>が";
    let text = format!(
        "<p>{ruby}国会で決まりました。来年の四月から始まる予定です。</p><p>新しい決まりを守るため、市は相談の窓口を増やすことにしました。</p>"
    );
    let article = html(&format!("<article><h1>{ruby}できました</h1>{text}</article>")).unwrap().article;
    assert!(article.body.starts_with("虐待をなくすための法律が国会で決まりました。"), "{}", article.body);
    assert_eq!(article.title.as_deref(), Some("虐待をなくすための法律ができました"));
    let bracketed = "韓国の<ruby><rb>尹錫悦</rb><rp>（</rp><rt>ユンソンニョル</rt><rp>）</rp></ruby>大統領は三日夜、緊急談話を出した。";
    let bracketed = html(&format!("<article><h1>大統領</h1><p>{bracketed}</p>{text}</article>")).unwrap().article.body;
    assert!(bracketed.contains("尹錫悦（ユンソンニョル）大統領"), "{bracketed}");
    let no_ruby = html(&format!("<article>{ARTICLE}<p>The <rt>mayor</rt> was asked to speak.</p></article>"));
    assert!(no_ruby.unwrap().article.body.contains("The mayor was asked"), "readings of nothing are text");
}

#[test]
fn hidden_blocks_and_templates_are_not_read() {
    let hidden = "<div hidden><p>A text that is hidden from every reader of the page.</p></div><template><p>A template that nobody sees, long as it may be.</p></template>";
    let body = html(&format!("<article>{ARTICLE}{hidden}</article>")).unwrap().article.body;
    assert!(!body.contains("hidden from") && !body.contains("template"), "{body}");
}

#[test]
fn a_whole_page_as_text_gives_its_article_and_title() {
    let menu = "Home\nWorld\nPolitics\nSport\nWeather\nSign in\nAll newsletters\nWatch the live channel\nCouncil votes for a barrier at the mouth of the valley\nBy Jane Doe\nMarch 5, 2024\nShare\n";
    let text = "The council voted on Monday to build a barrier, members said after a debate that lasted until midnight.\nWork is to begin in autumn, and the barrier is to stand before the storms of the winter after next.\n";
    let rest =
        "More from Politics\nStorm closes valley road\nCouncil elects a new head\nOld mill reopens\nTerms\nPrivacy\n"
            .repeat(4);
    let article = plain(&format!("{menu}{text}{rest}")).unwrap().article;
    assert_eq!(article.title.as_deref(), Some("Council votes for a barrier at the mouth of the valley"));
    assert_eq!(article.body, text.trim().replace('\n', "\n\n"));
    assert_eq!(article.authors.iter().map(|author| author.name.as_str()).collect::<Vec<_>>(), ["Jane Doe"]);
    assert_eq!(article.published.unwrap().value, "2024-03-05");
}

const PIECES: &[&str] = &[
    "<div>",
    "</div>",
    "<p>",
    "</p>",
    "<table>",
    "<tr>",
    "<td>",
    "</table>",
    "<a href=x>",
    "</a>",
    "<b>",
    "</b>",
    "<i>",
    "<ul>",
    "<li>",
    "</ul>",
    "<template>",
    "</template>",
    "<svg>",
    "</svg>",
    "<script>",
    "</script>",
    "<style>",
    "<!--",
    "-->",
    "<title>",
    "</title>",
    "<head>",
    "<body>",
    "</body>",
    "<frameset>",
    "<select>",
    "<option>",
    "<form>",
    "<h1>",
    "</h1>",
    "<h2>",
    "<br>",
    "<article>",
    "</article>",
    "<math>",
    "<textarea>",
    "<noscript>",
    "<![CDATA[",
    "<?x",
    "</",
    "<",
    ">",
    "\"",
    "'",
    "=",
    "&amp;",
    "&#x0;",
    "&",
    "<meta property=og:title content='A title'>",
    "<time datetime='2024-03-05'>",
    "<link rel=canonical href='/x'>",
    "<script type='application/ld+json'>{\"@type\":\"Article\",\"author\":[[]]}</script>",
    "The council voted on Monday to build a barrier, members said after the debate. ",
    "Tout AccepterTout refuser",
    "Lire aussi:",
    "Tags: a, b",
    "\n",
    "\n\n",
    " ",
    "é",
    "大雨",
    "\u{0}",
    "\u{200b}",
    "\u{202e}",
    "\r",
    "Source : https://example.org/a/20240305-x",
    "Moscou-Saba :",
    "We use cookies to improve your experience on our website.",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn random_markup_ends_in_an_article_or_a_rejection(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..120)) {
        let text = pieces.concat();
        for outcome in [html(&text), plain(&text)].into_iter().flatten() {
            let body = &outcome.article.body;
            prop_assert!(!body.is_empty());
            prop_assert_eq!(super::normalise::text(body), body.clone());
        }
    }

    #[test]
    fn random_bytes_end_in_an_article_or_a_rejection(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let text = String::from_utf8_lossy(&bytes);
        for outcome in [html(&text), plain(&text)].into_iter().flatten() {
            prop_assert!(!outcome.article.body.is_empty());
        }
    }
}

/// Sentences that differ, of words as common as any.
fn paragraphs(count: usize) -> Vec<String> {
    const WORDS: [&str; 24] = [
        "the", "council", "river", "said", "that", "bridge", "people", "of", "town", "had", "waited", "for", "years",
        "before", "rain", "came", "and", "fields", "were", "green", "again", "while", "ships", "returned",
    ];
    let mut state = 7_u64;
    let mut next = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let mut sentence = || {
        let words: Vec<&str> = (0..12 + next(10)).map(|_| WORDS[next(WORDS.len())]).collect();
        format!("They wrote that {}.", words.join(" "))
    };
    (0..count).map(|_| format!("{} {} {}", sentence(), sentence(), sentence())).collect()
}

#[test]
fn the_policy_says_which_flags_reject() {
    let wall = "We and our partners store and access information on a device, such as cookies. ".repeat(4);
    let page = |content: String| Document { content: Content::Html(content), hints: Hints::default() };
    let wall =
        page(format!("<body><nav>Merrow Post</nav><div id=onetrust-consent-sdk><p>{wall}</p></div><p>Front page</p>"));
    let missing =
        page("<title>Page not found</title><article><h1>Page not found</h1><p>Try our front page.</p>".to_owned());
    let reason = |document: &Document| EXTRACTOR.extract(document).unwrap_err().reason();
    assert_eq!((reason(&wall), reason(&missing)), ("consent_wall", "not_article"));

    let policy = |reject: &[Flag]| {
        let policy = QualityPolicy { reject: reject.to_vec(), ..QualityPolicy::default() };
        Extractor::with_models(ExtractLimits::default(), Models::default()).unwrap().with_policy(policy)
    };
    let flags = |document: &Document| policy(&[]).extract(document).unwrap().article.flags;
    assert_eq!(flags(&missing), [Flag::Short, Flag::NotArticle]);
    assert_eq!(
        policy(&[Flag::Short]).extract(&missing).unwrap_err().to_string(),
        "article is too short (quality.short_words)"
    );
}

#[test]
fn a_text_as_long_as_a_book_stays_whole() {
    let paragraphs = paragraphs(1_500);
    let text = paragraphs.join("\n");
    assert!(text.len() > 400_000);
    let page = format!(
        "<html><body><nav><a href=/>Home</a></nav><article><h1>A book</h1><p>{}</article><footer>All rights \
         reserved.</footer></body></html>",
        paragraphs.join("</p><p>")
    );
    for body in [html(&page).unwrap().article.body, plain(&format!("A book\n{text}\nShare this")).unwrap().article.body]
    {
        let kept = paragraphs.iter().filter(|paragraph| body.contains(paragraph.as_str())).count();
        assert_eq!(kept, paragraphs.len());
        assert!(!body.contains("All rights") && !body.contains("Share this"), "{body}");
    }
}
