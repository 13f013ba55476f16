//! `make bench-memory`: what one page holds in memory at most, for pages that were made to hold as much as they can.
//!
//! Each page is decoded and extracted in a process of its own, after an ordinary one; what memory rises by is the page's. Prints
//! that beside the bound that the limits give it (ARCHITECTURE.md, "Memory"), and fails above it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a bench fails by panicking"
)]

#[path = "../tests/support/articles.rs"]
mod articles;
#[path = "../tests/support/memory.rs"]
mod memory;

use std::fs;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::Duration;

use copydesk::article::{ExtractLimits, Extractor};
use copydesk::payload::{self, DecodeLimits, Payload};
use copydesk::source::{Coordinate, Delivery, Epoch, Header, Offset, Partition};
use memory::PageLimits;

/// The first argument of a process that extracts one page.
const JOB: &str = "--job=page";
const LIMITS: PageLimits = PageLimits { decoded_mib: 16.0, html_nodes: 200_000.0 };
/// What a page is filled up to, in bytes and in nodes or lines, each a little below its limit.
const BYTES: usize = 16_700_000;
const NODES: usize = 198_000;

/// What a page begins with that is a text without markup.
const TEXT: &str = "A text.\n";
/// The same in Markdown.
const TEXT_MD: &str = "A *text*.\n\n# Part [1](/1)\n\n# Part 2\n\n- one\n- two\n\n";
const SENTENCE: &str = "The same sentence stands here again, as in a page that was made to be large. ";
/// Pages: a name, bytes at most, what stands before the parts that it is filled with, the part, and what stands behind them. Scripts
/// with more bytes are not read.
const PAGES: [(&str, usize, &str, &str, &str); 31] = [
    ("long paragraphs", BYTES, "<article>", "<p>{sentences}</p>", "</article>"),
    ("one paragraph of letters", BYTES, "<article><p>", "a b c d e f g h ", "</article>"),
    ("one paragraph without spaces", BYTES, "<article><p>", "这是一个很大的页面。", "</article>"),
    ("long furniture", BYTES, "<nav>", "<p>{sentences}</p>", "</nav><article><p>{sentences}</article>"),
    ("one link", BYTES, "<article><a href=/>", "{sentence}", "</a></article>"),
    ("paragraphs of 160 letters", BYTES, "<article>", "<p>{n} {sentence}{sentence}</p>", "</article>"),
    ("short paragraphs", BYTES, "<article>", "<p>One line of {n}.</p>", "</article>"),
    ("a paragraph with lines", BYTES, "<article><p>", "One line of {n}.<br>", "</article>"),
    (
        "links",
        BYTES,
        "<ul>",
        "<li><a class='item link' href='/{n}/of/a/page/that/is/large' id=l{n}>{sentence}</a>",
        "</ul>",
    ),
    (
        "attributes",
        BYTES,
        "<main>",
        "<b id=a class=b href=c src=d name=e content=f property=g itemprop=h rel=i type=j role=k></b>",
        "</main>",
    ),
    (
        "marked data",
        BYTES,
        "<main itemscope itemtype='https://schema.org/NewsArticle'>",
        "<b itemprop=author>Author {n}</b><i itemprop=keywords>{n}</i>",
        "<p>{sentences}</main>",
    ),
    ("formatted text", BYTES, "<main><p>", "<b>{n}</b>", "</main>"),
    ("a table", BYTES, "<table>", "<tr><td>{n}<td>{sentence}", "</table>"),
    ("a description", BYTES, "<head><meta name=description content=\"", "{sentence}", "\"></head><p>{sentences}"),
    ("keywords", BYTES, "<head><meta name=keywords content='", "a{n},", "'></head><p>{sentences}"),
    ("names", BYTES, "<head><meta name=author content='", "Anna Berg{n}, ", "'></head><p>{sentences}"),
    (
        "an article in data",
        1_040_000,
        "<script type=application/ld+json>{\"@type\":\"NewsArticle\",\"articleBody\":\"",
        "{sentence}",
        "\"}</script><p>{sentences}",
    ),
    (
        "data of many parts",
        BYTES,
        "<head>",
        "<script type=application/ld+json>{\"@type\":\"NewsArticle\",\"author\":{\"name\":\"{n}\"},\"keywords\":\"a,b\"}</script>",
        "<p>{sentences}",
    ),
    ("data of numbers", 1_040_000, "<script type=application/ld+json>[", "1,", "1]</script><p>{sentences}"),
    (
        "an application's data",
        4_190_000,
        "<div id=app></div><script id=__NEXT_DATA__ type=application/json>{\"a\":[",
        "{\"content\":\"<p>{n} {sentence}</p>\"},",
        "{}]}</script>",
    ),
    (
        "an application's numbers",
        4_190_000,
        "<div id=app></div><script id=__NEXT_DATA__ type=application/json>{\"a\":[",
        "1,",
        "1]}</script>",
    ),
    (
        "an application's objects",
        390_000,
        "<div id=app></div><script id=__NEXT_DATA__ type=application/json>{\"a\":[",
        "{\"a\":1},",
        "{}]}</script>",
    ),
    (
        "an application's references",
        200_000,
        "<div id=app></div><script id=__NUXT_DATA__ type=application/json>[{\"body\":2},\"{sentences}\",[",
        "1,",
        "1]]</script>",
    ),
    (
        "an envelope's text",
        BYTES,
        "{\"url\":\"https://paper.example.org/1\",\"html\":\"<article>",
        "<p>{sentences}</p>",
        "</article>\"}",
    ),
    ("an envelope's objects", 790_000, "{\"html\":\"<p>{sentences}\",\"data\":[", "{\"a\":1},", "{}]}"),
    ("a long text", BYTES, TEXT, "{sentences}\n\n", ""),
    ("a text of lines", BYTES, TEXT, "{n} {sentence}\n", ""),
    ("a text of short lines", BYTES, TEXT, "a\n", ""),
    ("preformatted lines", BYTES, "<article><pre>", "a\n", "</pre>"),
    ("Markdown", 1_048_000, TEXT_MD, "*a* ", ""),
    ("a text with many tags", BYTES, TEXT, "A line of <b>text</b> &amp; tags.\n", ""),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        // `cargo test --benches` asks for a list; there is nothing to list.
        Some("--list") => ExitCode::SUCCESS,
        Some(JOB) => {
            println!("{}", measured(&arguments[1]));
            ExitCode::SUCCESS
        }
        _ => compare(),
    }
}

fn compare() -> ExitCode {
    let bound = LIMITS.bound_mib();
    println!("| page | MiB | outcome | memory at most, MiB | of the bound of {bound:.0} MiB |\n|---|---|---|---|---|");
    let mut worst: f64 = 0.0;
    for (name, ..) in &PAGES {
        let output = Command::new(std::env::current_exe().unwrap()).args([JOB, name]).output().unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let row: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let (mib, rose) = (row["mib"].as_f64().unwrap(), row["rose_mib"].as_f64().unwrap());
        let outcome = row["outcome"].as_str().unwrap();
        println!("| {name} | {mib:.1} | {outcome} | {rose:.0} | {:.0} % |", 100.0 * rose / bound);
        worst = worst.max(rose / bound);
    }
    if worst > 1.0 {
        println!("FAILED: a page takes more than its bound");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// A page by its name.
fn page(name: &str) -> Delivery {
    let (_, most, opening, part, closing) = PAGES.iter().find(|(known, ..)| *known == name).unwrap();
    let written = |text: &str, number: usize| {
        let sentences = format!("{number} {}", SENTENCE.repeat(8));
        text.replace("{sentences}", &sentences).replace("{sentence}", SENTENCE).replace("{n}", &number.to_string())
    };
    // The others are texts, and JSON around a page.
    let is_page = opening.starts_with('<');
    // What a string left behind as it grew would be there for the extraction, and not be counted.
    let mut html = String::with_capacity(most + 4_000);
    html.push_str(if is_page { "<!doctype html>" } else { "" });
    html.push_str(&written(opening, 0));
    // Each element has a text as well.
    let nodes = match is_page {
        true => 2 * (part.matches('<').count() - part.matches("</").count()),
        false => part.matches('\n').count(),
    };
    for number in 0.. {
        if html.len() > most - 2_000 || number * nodes >= NODES {
            break;
        }
        html.push_str(&written(part, number));
    }
    html.push_str(&written(closing, 0));
    delivery(html.into_bytes(), if is_page { "text/html" } else { "" })
}

fn measured(name: &str) -> serde_json::Value {
    let limits = ExtractLimits {
        max_nodes: LIMITS.html_nodes as usize,
        deadline: Duration::from_secs(120),
        ..ExtractLimits::default()
    };
    let extractor = Extractor::new(limits).unwrap();
    let decoded_bytes = (LIMITS.decoded_mib * memory::MIB) as usize;
    let limits = DecodeLimits { payload_bytes: decoded_bytes, decoded_bytes, ratio: 200, json_depth: 64 };
    let outcome = |delivery: &Delivery| {
        let Payload::Document(decoded) = payload::decode(delivery, &limits)? else { panic!("no document") };
        let found = extractor.extract(&decoded.document)?;
        Ok::<usize, copydesk::rejection::Rejection>(found.article.body.len())
    };
    outcome(&delivery(articles::news_page(10_000, 1).into_bytes(), "text/html")).unwrap();
    let delivery = page(name);
    // From here on the highest value is that of this page; the payload is there already, and counts as in flight.
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let held = memory::own_mib("VmRSS:");
    let outcome = match outcome(&delivery) {
        Ok(bytes) => format!("article of {bytes} bytes"),
        Err(rejection) => rejection.reason().to_owned(),
    };
    let mib = delivery.payload.as_ref().unwrap().len() as f64 / memory::MIB;
    serde_json::json!({"mib": mib, "outcome": outcome, "rose_mib": memory::own_mib("VmHWM:") - held})
}

fn delivery(payload: Vec<u8>, media_type: &str) -> Delivery {
    let header = || Header { name: "content-type".to_owned(), value: Some(media_type.as_bytes().to_vec()) };
    Delivery {
        coordinate: Coordinate { partition: Partition { topic: Arc::from("pages"), number: 0 }, offset: Offset(0) },
        epoch: Epoch::default(),
        event_time_ms: 0,
        key: None,
        headers: if media_type.is_empty() { Vec::new() } else { vec![header()] },
        payload: Some(payload),
    }
}
