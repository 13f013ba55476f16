//! The pages that every job of the bench works on, as JSON lines which are Kafka payloads too.

use std::fmt::Write as _;

use super::support::articles::{self, Page};

/// Sets of the corpus.
const SETS: [&str; 8] = ["scrapinghub", "andy", "fundus", "wcxb_art", "mozilla", "trafsnip", "htmldate", "n4k"];

/// So many payloads, whether they are real pages, and in words what they are made from. Any first part of them is about as long a page as the whole.
pub fn payloads(count: usize) -> (Vec<Vec<u8>>, bool, String) {
    let mut pages: Vec<Page> = match std::env::var_os("COPYDESK_CORPUS") {
        Some(folder) => SETS.iter().flat_map(|set| articles::pages(folder.as_ref(), set, usize::MAX)).collect(),
        None => Vec::new(),
    };
    let real = pages.len();
    if real == 0 {
        pages.extend((0..count).map(generated));
    }
    pages.sort_by_key(|page| page.html.len());
    // Steps of the golden ratio through the sizes: evenly spread after any number of steps.
    let mut order: Vec<usize> = (0..pages.len()).collect();
    order.sort_by(|a, b| (*a as f64 * 0.618_033_988_75).fract().total_cmp(&(*b as f64 * 0.618_033_988_75).fract()));
    let payloads = (0..count)
        .map(|number| {
            let page = &pages[order[number % order.len()]];
            let round = number / order.len();
            let (url, html) = match round {
                0 => (page.url.clone(), page.html.clone()),
                _ => (format!("{}/{round}", page.url.trim_end_matches('/')), altered(&page.html, round)),
            };
            serde_json::to_vec(&serde_json::json!({"v": 1, "id": number, "url": url, "html": html})).unwrap()
        })
        .collect();
    let origin = match real {
        0 => format!("{count} generated pages (no COPYDESK_CORPUS)"),
        _ if count > real => format!("{real} pages of the corpus, {} of them again with other words", count - real),
        _ => format!("{count} pages of the corpus"),
    };
    (payloads, real > 0, origin)
}

/// So many texts, made from these articles: each round over them has other words.
pub fn texts(articles: &[serde_json::Value], count: usize) -> Vec<Vec<u8>> {
    (0..count)
        .map(|number| {
            let (article, round) = (&articles[number % articles.len()], number / articles.len());
            let text = altered(article["text"].as_str().unwrap(), round);
            let url = format!("https://paper{}.example.org/story-{number}", number % 97);
            serde_json::to_vec(&serde_json::json!({"v": 1, "url": url, "text": text})).unwrap()
        })
        .collect()
}

/// The page with other words where its text is: a quarter of the longer ones has its letters turned round. Markup and scripts
/// stay.
fn altered(html: &str, round: usize) -> String {
    let mut bytes = html.as_bytes().to_vec();
    let (mut at, mut words) = (0, round);
    while at < bytes.len() {
        if bytes[at] == b'<' {
            let script = ["<script", "<style"].iter().find(|tag| {
                bytes.get(at..at + tag.len()).is_some_and(|opening| opening.eq_ignore_ascii_case(tag.as_bytes()))
            });
            let end: &[u8] = if script.is_some() { b"</" } else { b">" };
            let length = bytes[at..].windows(end.len()).skip(1).position(|window| window == end);
            at += length.map_or(bytes.len() - at, |length| length + 1 + usize::from(script.is_none()));
        } else if bytes[at].is_ascii_lowercase() {
            let length = bytes[at..].iter().take_while(|byte| byte.is_ascii_lowercase()).count();
            words += usize::from(length > 4);
            if length > 4 && words % 4 == 0 {
                bytes[at + 1..at + length].reverse();
            }
            at += length;
        } else {
            at += 1;
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// A page of 100 to 170 KB, most of it scripts, styles and links, as real ones are.
fn generated(number: usize) -> Page {
    let mut noise = number as u64 * 2_654_435_761 + 1;
    let mut next = move |below: usize| {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (noise >> 33) as usize % below
    };
    const SYLLABLES: [&str; 16] =
        ["ba", "ton", "re", "mi", "lan", "ver", "si", "ko", "der", "pa", "nel", "tu", "gra", "fo", "ris", "e"];
    const SMALL: [&str; 12] = ["the", "of", "and", "to", "in", "that", "was", "for", "on", "with", "as", "by"];
    let mut sentence = |words: usize| {
        let mut text = String::from("The");
        for _ in 0..words {
            text.push(' ');
            if next(5) < 2 {
                text.push_str(SMALL[next(SMALL.len())]);
            } else {
                (0..1 + next(3)).for_each(|_| text.push_str(SYLLABLES[next(SYLLABLES.len())]));
            }
        }
        text + "."
    };
    let title = sentence(8);
    let mut html = format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>{title} | Paper</title>\
         <meta property=\"og:title\" content=\"{title}\">\
         <script type=\"application/ld+json\">{{\"@type\":\"NewsArticle\",\"headline\":\"{title}\",\
         \"datePublished\":\"2026-03-0{}T08:00:00+01:00\",\"author\":{{\"@type\":\"Person\",\"name\":\"A. Writer\"}}}}</script>",
        1 + number % 9
    );
    for rule in 0..400 {
        let opening = if rule == 0 { "<style>" } else { "" };
        writeln!(html, "{opening}.c{rule} > div.inner:not(.x) {{ margin: 0 {rule}px; color: #a{rule:04x}; }}").unwrap();
    }
    html.push_str("</style>");
    for script in 0..12 + number % 16 {
        write!(html, "<script>window.q{script}=[").unwrap();
        for item in 0..60 {
            write!(html, "{{\"k\":{item},\"v\":\"{}\"}},", sentence(4)).unwrap();
        }
        html.push_str("0];</script>");
    }
    html.push_str("</head><body><nav><ul>");
    for link in 0..120 {
        write!(html, "<li class=\"item c{link}\"><a href=\"/s/{link}\"><span>{}</span></a></li>", sentence(2)).unwrap();
    }
    write!(html, "</ul></nav><main><article><h1>{title}</h1><p class=byline>By A. Writer</p>").unwrap();
    for paragraph in 0..10 + number % 12 {
        write!(html, "<p>{} {} <a href=\"/t\">{}</a></p>", sentence(30), sentence(24), sentence(3)).unwrap();
        if paragraph % 5 == 4 {
            html.push_str("<div class=\"ad-slot\"><div id=gpt><script>show();</script></div></div>");
        }
    }
    html.push_str("</article></main><aside>");
    for card in 0..80 {
        let teaser = sentence(9);
        write!(
            html,
            "<div class=\"card c{card}\"><a href=\"/a/{card}\"><img data-src=\"/i/{card}.jpg\" alt=\"{teaser}\">\
             <h3>{teaser}</h3></a><p>{}</p><time datetime=2026-03-01>1 March</time></div>",
            sentence(14)
        )
        .unwrap();
    }
    html.push_str("</aside><footer><p>All rights reserved.</p></footer></body></html>");
    Page { url: format!("https://paper{}.example.org/2026/03/story-{number}", number % 97), html }
}
