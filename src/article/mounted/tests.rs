//! Mounted rules over whole pages.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use super::{FilterList, MountedRules, PublisherRules, PublisherTest, RuleFault};
use crate::article::{BlockKind, ExtractLimits, Extraction, Extractor};
use crate::document::{Content, Document, Hints};

const FERRY: &str = "The ferry between Port Merrow and Sorrel Island left on time on Monday, for the first time since the storm of last March.";
const MAYOR: &str = "About ninety passengers were aboard, among them a class of schoolchildren and the mayor, who paid for her own ticket.";
const PROMO: &str =
    "Readers of this paper travel at half the price until the end of the year if they show the front page of the day.";

fn list(text: &str) -> FilterList {
    FilterList { file: "lists/own.txt".to_owned(), name: "own".to_owned(), text: text.to_owned() }
}

fn extractor(lists: &str, publishers: &[PublisherRules]) -> Extractor {
    let rules = MountedRules::new(&[list(lists)], publishers).unwrap();
    Extractor::new(ExtractLimits::default()).unwrap().with_rules(rules)
}

fn page(html: &str, url: &str) -> Document {
    let html = format!("<html lang=en><title>Ferry runs again</title><body>{html}");
    Document { content: Content::Html(html), hints: Hints { url: Some(url.to_owned()), ..Hints::default() } }
}

fn article(promo: &str) -> String {
    format!("<article><h1>Ferry runs again</h1><p>{FERRY}</p><div {promo}><p>{PROMO}</p></div><p>{MAYOR}</p></article>")
}

fn extract(lists: &str, html: &str, url: &str) -> Extraction {
    extractor(lists, &[]).extract(&page(html, url)).unwrap()
}

/// The rule that took the promotion; none where it is in the body.
fn rule(lists: &str, promo: &str, url: &str) -> Option<String> {
    let extraction = extract(lists, &article(promo), url);
    assert!(extraction.article.body.contains(FERRY) && extraction.article.body.contains(MAYOR), "{extraction:?}");
    let removed = extraction.removed.into_iter().find(|block| block.text == PROMO);
    assert_eq!(removed.is_none(), extraction.article.body.contains(PROMO));
    removed.map(|block| block.rule)
}

const URL: &str = "https://www.courier.example/ferry";

#[test]
fn selectors_of_all_forms_hide_what_they_match() {
    for (line, promo) in [
        ("##.zzz", "class='y zzz'"),
        ("###zzz", "id=zzz"),
        ("##div[data-zzz=\"x\"]", "data-zzz=x"),
        ("##[DATA-Zzz]", "data-zzz"),
        ("##article > .zzz", "class=zzz"),
        ("##.a, .zzz:not(.b)", "class=zzz"),
        ("##article > div:nth-of-type(1)", ""),
        ("##div:has(> p)", ""),
        ("##h1 ~ div", ""),
        ("courier.example##.zzz", "class=zzz"),
        ("x.example,courier.*##.zzz", "class=zzz"),
        ("~x.example##.zzz", "class=zzz"),
    ] {
        let lists = format!("! title: x\n[Adblock Plus 2.0]\n\n{line}\n");
        assert_eq!(rule(&lists, promo, URL).as_deref(), Some("selector:list:own:4"), "{line}");
    }
}

#[test]
fn what_is_for_other_hosts_or_an_exception_lets_be() {
    for lines in [
        "x.example##.zzz",
        "~courier.example##.zzz",
        "courier.example,~www.courier.example##.zzz",
        "##.zzz\ncourier.example#@#.zzz",
        "##.zzz\n#@#.zzz",
        "||ads.example^$third-party\n/banner/*\n@@||x.example^\n##.zz",
        "courier.example#?#.zzz:has-text(Ferry)\n##+js(nowebrtc)\n##.zzz:has-text(x)\n#$#.zzz { color: red }",
    ] {
        assert_eq!(rule(lines, "class=zzz", URL), None, "{lines}");
    }
}

#[test]
fn lines_are_counted_by_what_they_say() {
    let lists = "! x\n##.a\n#@#.b\n||ads.example^\nx.example#?#.c\n";
    let extractor = extractor(lists, &[]);
    let summary = &extractor.lists()[0];
    assert_eq!((summary.hiding, summary.exceptions, summary.ignored), (1, 1, 2));
}

#[test]
fn the_host_is_what_the_page_says_where_nobody_else_does() {
    let html = format!("<link rel=canonical href='{URL}'>{}", article("class=zzz"));
    let mut document = page(&html, URL);
    document.hints.url = None;
    let extraction = extractor("courier.example##.zzz", &[]).extract(&document).unwrap();
    assert!(!extraction.article.body.contains(PROMO));
}

#[test]
fn lists_may_take_most_of_a_page_and_nothing_brings_it_back() {
    let html = format!(
        "<article><h1>Ferry runs again</h1><p>{PROMO}</p><div class=zzz><p>{FERRY}</p><p>{MAYOR}</p></div></article>"
    );
    let extraction = extract("##.zzz", &html, URL);
    assert_eq!(extraction.article.body, PROMO);
    assert!(extraction.removed.iter().any(|block| block.kind == BlockKind::Advertisement && block.text == FERRY));
}

#[test]
fn broken_lines_are_told_all_at_once() {
    let faults = MountedRules::new(
        &[list("##.a\n##div[\nx.example##..b\n")],
        &[PublisherRules {
            host: "https://x.example".to_owned(),
            body: Some("p[".to_owned()),
            ..PublisherRules::default()
        }],
    )
    .unwrap_err();
    let lines: Vec<usize> = faults
        .iter()
        .filter_map(|fault| match fault {
            RuleFault::List { line, .. } => Some(*line),
            RuleFault::Publisher { .. } => None,
        })
        .collect();
    assert_eq!((lines, faults.len()), (vec![2, 3], 4), "{faults:?}");
}

#[test]
fn a_page_is_the_same_where_nothing_mounted_is_for_it() {
    let html = article("class=yyy data-x=1");
    let plain = Extractor::new(ExtractLimits::default()).unwrap().extract(&page(&html, URL)).unwrap();
    assert_eq!(extract("x.example##.yyy\n##[data-y]", &html, URL), plain);
}

fn courier(body: Option<&str>, title: Option<&str>, remove: &[&str]) -> PublisherRules {
    PublisherRules {
        host: "courier.example".to_owned(),
        body: body.map(str::to_owned),
        title: title.map(str::to_owned),
        remove: remove.iter().map(|&selector| selector.to_owned()).collect(),
        test: Vec::new(),
    }
}

const PARTS: &str = "class=top";

fn in_parts() -> String {
    format!(
        "<p {PARTS}>Ferry <b>runs</b> again at last</p><aside class=story><p>{FERRY}</p></aside>\
         <article><h1>Something else</h1><p>{PROMO}</p><p>{PROMO} It was said on Monday.</p></article>\
         <div hidden><div class=story><p>{MAYOR}</p><p class=box>The last ferry of the day leaves at eight.</p></div></div>"
    )
}

#[test]
fn what_a_publisher_names_is_the_body_wherever_it_stands() {
    let extractor = extractor("", &[courier(Some(".story"), Some("p.top"), &[".box"])]);
    let document = page(&in_parts(), URL);
    let extraction = extractor.extract(&document).unwrap();
    assert_eq!(extraction.article.body, format!("{FERRY}\n\n{MAYOR}"));
    assert_eq!(extraction.article.title.as_deref(), Some("Ferry runs again at last"));
    let rule = |text: &str| extraction.removed.iter().find(|block| block.text == text).unwrap().rule.clone();
    assert_eq!(rule(PROMO), "publisher:outside");
    assert_eq!(rule("The last ferry of the day leaves at eight."), "publisher:remove:.box");
    let explanation = extractor.explain(&document).unwrap();
    assert_eq!(explanation.title, extraction.article.title);
    let kept: Vec<&str> =
        explanation.blocks.iter().filter(|block| block.kept).map(|block| block.text.as_str()).collect();
    assert_eq!(kept, [FERRY, MAYOR]);
}

#[test]
fn the_rules_of_the_nearest_host_count() {
    let mut below = courier(None, None, &[]);
    below.host = "www.courier.example".to_owned();
    let rules = [courier(Some(".story"), None, &[]), below];
    let body = |url: &str| extractor("", &rules).extract(&page(&in_parts(), url)).unwrap().article.body;
    assert!(body("https://news.courier.example/a").contains(MAYOR));
    assert!(!body(URL).contains(MAYOR));
    assert!(!body("https://notcourier.example/a").contains(MAYOR));
}

#[test]
fn a_publisher_whose_body_is_not_there_is_read_as_any_other() {
    let plain = Extractor::new(ExtractLimits::default()).unwrap().extract(&page(&in_parts(), URL)).unwrap();
    let extraction = extractor("", &[courier(Some(".no-such"), None, &[])]).extract(&page(&in_parts(), URL)).unwrap();
    assert_eq!(extraction, plain);
}

#[test]
fn tests_of_a_publisher_tell_what_comes_out_otherwise() {
    let mut rules = courier(Some(".story"), Some("p.top"), &[".box"]);
    let document = page(&in_parts(), URL);
    let Content::Html(html) = document.content else { return };
    let test = PublisherTest { html, ..PublisherTest::default() };
    rules.test = vec![
        PublisherTest {
            title: Some("Ferry runs again at last".to_owned()),
            body: Some(format!("{FERRY}\n\n{MAYOR}\n")),
            contains: vec![MAYOR.to_owned()],
            lacks: vec![PROMO.to_owned()],
            ..test.clone()
        },
        PublisherTest {
            title: Some("Ferry".to_owned()),
            body: Some(String::new()),
            contains: vec![PROMO.to_owned()],
            lacks: vec![MAYOR.to_owned()],
            ..test
        },
        PublisherTest { html: "<p>".to_owned(), ..PublisherTest::default() },
    ];
    let failures = rules.failures(&extractor("", std::slice::from_ref(&rules)));
    assert_eq!(failures.len(), 5, "{failures:#?}");
    assert!(failures[..4].iter().all(|failure| failure.starts_with("test 2: ")), "{failures:#?}");
    assert!(failures[4].starts_with("test 3: no article"), "{failures:#?}");
}

/// Time grows with the page, not with its square, whatever the selector looks at.
#[test]
fn many_rules_over_a_large_page_take_bounded_work() {
    use std::fmt::Write;
    let mut lists = String::new();
    for number in 0..20_000 {
        writeln!(lists, "##.c{number}\n##.d{number} > .e{number}\nhost{number}.example##div").unwrap();
    }
    lists.push_str("##p:nth-child(2n+9999999)\n##p:has(> b > i)\n");
    let mut html = article("class=zzz");
    for number in 0..5_000 {
        write!(html, "<p class=\"x{number} e{number}\">Item {number}</p>").unwrap();
    }
    assert!(extract(&lists, &html, URL).article.body.contains(FERRY));
}
