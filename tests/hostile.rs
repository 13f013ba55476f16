//! Pages made to hurt end within the limits: an article, or the rejection that names the limit.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use copydesk::article::{ExtractLimits, Extraction, Extractor};
use copydesk::document::{Content, Document, Hints};
use copydesk::payload::{self, DecodeLimits, Payload};
use copydesk::rejection::Rejection;
use copydesk::source::{Coordinate, Delivery, Epoch, Header, Offset, Partition};

/// The default limits, but for the time, which test machines have less of: linear work on these pages takes seconds,
/// quadratic work hours.
static EXTRACTOR: LazyLock<Extractor> = LazyLock::new(|| {
    Extractor::new(ExtractLimits { deadline: Duration::from_secs(120), ..ExtractLimits::default() }).unwrap()
});

const TEXT: &str = "<p>The ferry between Port Merrow and Sorrel Island left on time on Monday, for the first time since the storm of last March.</p>\
    <p>About ninety passengers were aboard, among them a class of schoolchildren and the mayor, who paid for her own ticket.</p>";

fn extract(html: String) -> Result<Extraction, Rejection> {
    EXTRACTOR.extract(&Document { content: Content::Html(html), hints: Hints::default() })
}

/// The page gives the two paragraphs and nothing else.
fn assert_article(html: String) {
    let body = extract(html).unwrap().article.body;
    assert!(body.starts_with("The ferry between"), "{:.400}", body);
    assert!(body.ends_with("paid for her own ticket."), "{:.400}", body);
}

fn reason(html: String) -> String {
    match extract(html) {
        Ok(extraction) => format!("article of {} bytes", extraction.article.body.len()),
        Err(rejection) => rejection.reason().to_owned(),
    }
}

/// The page is judged to its end: whether it is an article is open, but no other limit was hit.
fn assert_judged(html: String) {
    let outcome = reason(html);
    let judged = outcome.starts_with("article of") || outcome == "article_too_large" || outcome == "no_text";
    assert!(judged, "{outcome}");
}

#[test]
fn elements_within_elements_end_at_the_depth_limit() {
    for tag in ["div", "b", "ul><li", "table><tr><td", "blockquote", "article"] {
        assert_eq!(reason(format!("{}{TEXT}", format!("<{tag}>").repeat(100_000))), "too_deep", "{tag}");
    }
}

#[test]
fn a_million_attributes_cost_what_the_limit_allows() {
    let attributes: String = (0..1_000_000).map(|at| format!(" a{at}=x")).collect();
    assert_article(format!("<body><div{attributes}></div{attributes}><article>{TEXT}</article>"));
}

/// Those pages that end in less than the default time even in this build, on a busy machine, are given no more.
#[test]
fn the_default_limits_hold() {
    let limits = ExtractLimits::default();
    assert!(limits.deadline <= Duration::from_secs(10));
    let extractor = Extractor::new(limits).unwrap();
    let reason =
        |html: String| match extractor.extract(&Document { content: Content::Html(html), hints: Hints::default() }) {
            Ok(extraction) => extraction.article.body,
            Err(rejection) => rejection.reason().to_owned(),
        };
    for tag in ["div", "b", "article"] {
        assert_eq!(reason(format!("{}{TEXT}", format!("<{tag}>").repeat(100_000))), "too_deep", "{tag}");
    }
    let attributes: String = (0..100_000).map(|at| format!(" a{at}=x")).collect();
    let nested = format!("&{}lt;", "amp;".repeat(100_000));
    for before in [
        format!("<div{attributes}></div{attributes}>"),
        format!("<div>{nested}</div>"),
        "<div></div><p> </p>".repeat(10_000),
    ] {
        let body = reason(format!("<body>{before}<article>{TEXT}</article>"));
        assert!(body.ends_with("paid for her own ticket."), "{body:.400}");
    }
    assert_eq!(reason("x".repeat(5_000_000)), "no_text");
}

#[test]
fn too_many_nodes_are_refused() {
    assert_eq!(reason("<i></i>".repeat(1_100_000)), "too_many_nodes");
}

#[test]
fn too_many_lines_of_a_text_are_refused() {
    let lines =
        |text: String| match EXTRACTOR.extract(&Document { content: Content::Plain(text), hints: Hints::default() }) {
            Ok(extraction) => extraction.article.body,
            Err(rejection) => rejection.reason().to_owned(),
        };
    let story =
        "The ferry between Port Merrow and Sorrel Island left on time on Monday, for the first time since March.";
    for line in ["a\n", "\n", "&#10;"] {
        assert_eq!(lines(format!("{story}{}", line.repeat(1_100_000))), "too_many_nodes", "{line:?}");
    }
    assert_eq!(lines(format!("{story}{}", "\n".repeat(900_000))), story);
}

#[test]
fn one_enormous_text_is_too_large_an_article() {
    let text = "Rain fell on the lake all night. ".repeat(50_000_000 / 33);
    assert_eq!(reason(format!("<article><p>{text}</p></article>")), "article_too_large");
    // One word is no running text, however long.
    assert_eq!(reason("x".repeat(50_000_000)), "no_text");
}

#[test]
fn control_characters_do_not_end_up_in_an_article() {
    let page = format!("<body>\0\0<article>{}</article>\0", TEXT.replace(' ', " \0\u{1}\u{fffd}"));
    let body = extract(page).unwrap().article.body;
    assert!(!body.chars().any(|character| character.is_control() && character != '\n'), "{body:?}");
    assert!(body.contains("Port") && body.contains("ticket."), "{body:?}");
}

#[test]
fn bytes_that_are_no_text_of_their_charset_are_replaced() {
    let mut page = b"<html><head><meta charset=utf-8></head><body>\xff\xfe\xc3\x28\xed\xa0\x80<article>".to_vec();
    page.extend(TEXT.replace("Monday,", "Mo@day,").bytes().map(|byte| if byte == b'@' { 0xff } else { byte }));
    page.extend(b"</article>\xf0\x9f");
    let limits = DecodeLimits { payload_bytes: 1 << 20, decoded_bytes: 1 << 20, ratio: 200, json_depth: 64 };
    let payload = payload::decode(&delivery(page), &limits).unwrap();
    let Payload::Document(decoded) = payload else { panic!("{payload:?}") };
    let body = EXTRACTOR.extract(&decoded.document).unwrap().article.body;
    assert!(body.starts_with("The ferry between Port Merrow"), "{body:?}");
    assert!(body.ends_with("paid for her own ticket."), "{body:?}");
}

fn delivery(payload: Vec<u8>) -> Delivery {
    Delivery {
        coordinate: Coordinate { partition: Partition { topic: Arc::from("hostile"), number: 0 }, offset: Offset(0) },
        epoch: Epoch::default(),
        event_time_ms: 0,
        key: None,
        headers: vec![Header { name: "content-type".to_owned(), value: Some(b"text/html; charset=utf-8".to_vec()) }],
        payload: Some(payload),
    }
}

#[test]
fn floods_of_entities_are_text() {
    assert_article(format!("<body><div>{}</div><article>{TEXT}</article>", "&nbsp;&amp;nbsp;".repeat(500_000)));
    assert_article(format!("<body><div>{}</div><article>{TEXT}</article>", "&".repeat(2_000_000)));
    let nested = format!("&{}lt;", "amp;".repeat(500_000));
    assert_article(format!("<body><div>{nested}</div><article>{TEXT}</article>"));
}

#[test]
fn empty_blocks_are_no_text() {
    assert_article(format!("<body>{}<article>{TEXT}</article>", "<div></div><p> </p>".repeat(100_000)));
    assert_eq!(reason("<div><p></p></div>".repeat(100_000)), "no_text");
}

/// To compare each with all before would take many minutes.
#[test]
fn lists_of_many_names_end() {
    let letter = |at: usize| char::from(b'a' + u8::try_from(at % 26).unwrap());
    let word =
        |at: usize| [letter(at), letter(at / 26), letter(at / 676), letter(at / 17_576)].iter().collect::<String>();
    let names: Vec<String> = (0..150_000).map(|at| format!("N{} S{}", word(at), word(at * 7 + 3))).collect();
    let names = names.join(", ");
    for head in [
        format!("<meta name=author content='{names}'><meta name=keywords content='{names}'>"),
        format!(
            "<script type=application/ld+json>{{\"@type\":\"NewsArticle\",\"author\":\"{}\"}}</script>",
            names.get(..900_000).unwrap()
        ),
    ] {
        let article = extract(format!("<head>{head}</head><article>{TEXT}</article>")).unwrap().article;
        assert_eq!((article.authors.len(), article.tags.len()), (100, if head.contains("keywords") { 50 } else { 0 }));
    }
    let text =
        "The ferry between Port Merrow and Sorrel Island left on time on Monday, for the first time since March.";
    let lines = names.split(", ").map(|name| format!("Tags: {name}\n")).collect::<String>();
    for tags in [format!("Tags: {names}"), lines] {
        let content = Content::Plain(format!("{text}\n\n{tags}"));
        let article = EXTRACTOR.extract(&Document { content, hints: Hints::default() }).unwrap().article;
        assert_eq!((article.tags.len(), article.body.as_str()), (50, text));
    }
}

#[test]
fn many_lists_of_tags_end() {
    let list = "<div class=tags><a href=/f>ferry</a> <a href=/x>nothing</a></div><p class=post-tag><a rel=tag href=/m>March</a></p>";
    let deep = format!("{}<a rel=tag href=/p>Monday</a>{}", "<span>".repeat(200), "</span>".repeat(200));
    let page =
        format!("<h1>The ferry was on time</h1><article>{TEXT}</article>{}{}", deep.repeat(50), list.repeat(40_000));
    let article = extract(page).unwrap().article;
    assert!(article.tags.len() <= 3, "{:?}", article.tags);
}

#[test]
fn a_page_in_one_line_ends() {
    let sentence = |day: usize| {
        format!(
            "The ferry between the port and the island left on time on day {day}, for the first time since it was built."
        )
    };
    let body = (0..60).map(sentence).collect::<Vec<_>>().join(" ");
    let page = format!("{} {body} {}", "Home News Sport ".repeat(200_000), "About Us Contact ".repeat(1_000));
    let content = Content::Plain(page);
    let article = EXTRACTOR.extract(&Document { content, hints: Hints::default() }).unwrap().article;
    assert!(body.contains(&article.body) && article.body.contains("day 30,"), "{}", article.body);
}

#[test]
fn many_short_paragraphs_end() {
    let words = ["storm", "ferry", "island", "ticket", "mayor", "harbour", "stone"];
    let word = |at: usize| words.get(at % words.len()).unwrap();
    let paragraphs: String = (0..100_000).map(|at| format!("<p>{} {} {at}</p>", word(at), word(at / 7))).collect();
    let page = format!("<body><main>{TEXT}{paragraphs}</main>");
    assert_judged(page);
}

#[test]
fn many_headings_are_read_once_each() {
    let headings: String = (0..100_000).map(|at| format!("<h2><a href=/{at}>Story {at}</a></h2>")).collect();
    assert_article(format!("<body><article>{TEXT}</article><div><div>{headings}</div></div>"));
}

#[test]
fn wrappers_around_many_blocks_are_walked_once() {
    let open = "<div class=wrap>".repeat(400);
    let paragraphs: String = (0..100_000).map(|at| format!("<p>Line {at}</p><header></header>")).collect();
    assert_judged(format!("<body>{open}{TEXT}{paragraphs}"));
}

#[test]
fn lists_with_text_at_each_level_end() {
    let lists: String = (0..5_000).map(|at| format!("<ul><li>Level {at} of the list")).collect();
    assert_eq!(reason(format!("<body><article>{TEXT}</article>{lists}")), "too_deep");
    let shallow: String = (0..200).map(|at| format!("<ul><li>Level {at} of the list")).collect();
    assert_article(format!("<body><article>{TEXT}</article>{shallow}"));
}

#[test]
fn data_of_a_page_is_bounded_too() {
    let authors = "{\"@id\":\"#x\"},".repeat(40_000);
    let people = "{\"@type\":\"Person\",\"@id\":\"#y\",\"name\":\"A\"},".repeat(3_000);
    let json = format!("[{people}{{\"@type\":\"Article\",\"author\":[{authors}0]}}]");
    assert_article(format!("<script type=application/ld+json>{json}</script><article>{TEXT}</article>"));
    let names: String = (0..100_000).map(|at| format!("<meta name=author content=\"Ann Name{at}\">")).collect();
    assert_article(format!("{names}<article>{TEXT}</article>"));
}
