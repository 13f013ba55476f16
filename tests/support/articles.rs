//! Payloads for tests: our own texts, and pages of the corpus where it is here.

#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

/// Folder of the corpus. `None` says so, unless the corpus is required.
pub fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("COPYDESK_CORPUS").map(PathBuf::from);
    let required = std::env::var("COPYDESK_REQUIRE_CORPUS").is_ok_and(|value| value == "1");
    assert!(folder.is_some() || !required, "the corpus is required: set COPYDESK_CORPUS");
    if folder.is_none() {
        eprintln!("corpus tests not run: set COPYDESK_CORPUS");
    }
    folder
}

/// A page of the corpus.
pub struct Page {
    pub url: String,
    pub html: String,
}

/// Pages of one set whose markup is at most `max_bytes` long.
pub fn pages(corpus: &std::path::Path, set: &str, max_bytes: usize) -> Vec<Page> {
    let file = std::fs::File::open(corpus.join(format!("pages/{set}.jsonl.zst"))).unwrap();
    let lines = BufReader::new(zstd::Decoder::new(file).unwrap()).lines();
    lines
        .filter_map(|line| {
            // Python writes what is not there as a number that JSON does not have.
            let line = line.unwrap().replace("\": NaN", "\": null");
            let page: serde_json::Value = serde_json::from_str(&line).unwrap();
            let (url, html) = (page["url"].as_str()?, page["html"].as_str()?);
            (html.len() <= max_bytes).then(|| Page { url: url.to_owned(), html: html.to_owned() })
        })
        .collect()
}

/// A text of several paragraphs that is like no other number's: not of one form, with other numbers in it.
pub fn story(number: usize) -> String {
    const WORDS: &str = "harbour school tram library farm museum council bridge winter market road ship river reporter \
        resident music garden factory doctor teacher window letter engine forest village kitchen painter soldier minister \
        hospital railway orchestra mountain island captain valley student newspaper theatre cathedral airport baker blanket \
        candle carpenter copper cotton desert dragon feather fisherman furniture glacier hammer hotel insurance jacket \
        journey keyboard ladder lantern leather magnet meadow mirror monument mushroom needle novel orchard parcel peasant \
        pepper pigeon pillow planet pocket potato quarry rabbit saddle sailor shoulder silver sparrow sugar tailor tunnel \
        turbine umbrella vessel volcano waiter whistle willow workshop";
    const LINKS: [&str; 8] =
        ["beside the", "against a", "without its", "under the", "near another", "before the", "for every", "after a"];
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut state = number as u64 + 1;
    let mut pick = move |limit: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % limit
    };
    let mut sentence = |part: usize| {
        let mut chosen = |_| format!("{} {}", LINKS[pick(LINKS.len())], words[pick(words.len())]);
        let said: Vec<String> = (0..7).map(&mut chosen).collect();
        format!(
            "In part {part} of story {number} somebody stood {}, and nobody there had expected that.",
            said.join(" ")
        )
    };
    (1..=4).map(|part| format!("{} {}", sentence(part), sentence(part))).collect::<Vec<_>>().join("\n\n")
}

/// A JSON envelope around a text.
pub fn envelope(url: &str, text: &str) -> Vec<u8> {
    serde_json::to_vec(&serde_json::json!({"v": 1, "url": url, "text": text})).unwrap()
}

/// A page of 40 KB, unlike any other.
pub fn generated_page(number: usize) -> Vec<u8> {
    let mut html = format!(
        "<!doctype html><html><head><title>Story {number}</title></head><body><article><h1>Story {number}</h1>"
    );
    let mut word = number as u64 * 2_654_435_761 + 1;
    for _ in 0..24 {
        html.push_str("<p>");
        for _ in 0..160 {
            word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            write!(html, "w{:x} ", word >> 44).unwrap();
        }
        html.push_str("</p>\n");
    }
    html.push_str("</article></body></html>");
    serde_json::to_vec(
        &serde_json::json!({"v": 1, "url": format!("https://n{}.example.org/{number}", number % 97), "html": html}),
    )
    .unwrap()
}

/// A page of some length: navigation, an article, teasers and scripts, all of them longer in a longer one.
pub fn news_page(bytes: usize, number: usize) -> String {
    let mut html = format!(
        "<!doctype html><html lang=en><head><title>Story {number} | Paper</title><style>p {{ margin: 0 }}</style></head>\
         <body><nav><ul><li><a href=/>Home</a></ul></nav><main><article><h1>Story {number}</h1>"
    );
    let mut part = number * 1_000;
    while html.len() < bytes {
        part += 1;
        write!(html, "<p class=\"text t{part}\" data-part={part}>{}</p>", sentences(part)).unwrap();
        if part.is_multiple_of(3) {
            write!(html, "<script>show({part}, '<p>')</script><div class=ad-slot><a href=/x{part}>More</a></div>")
                .unwrap();
        }
        if part.is_multiple_of(5) {
            write!(html, "<h2>Part {part}</h2><ul><li>One of {part} things <b>here</b>.</li></ul>").unwrap();
        }
    }
    html + "</article></main><footer><p>All rights reserved.</p></footer></body></html>"
}

/// A paragraph that shares next to nothing with that of another number.
fn sentences(number: usize) -> String {
    const SYLLABLES: [&str; 16] =
        ["ka", "ro", "men", "til", "sa", "ver", "du", "lin", "po", "gar", "est", "ni", "bo", "hal", "cer", "u"];
    const LINKS: [&str; 8] = ["the", "of", "and", "to", "in", "that", "was", "for"];
    let mut state = number as u64 * 2_654_435_761 + 1;
    let mut next = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let mut sentence = || {
        let words: Vec<String> = (0..14 + next(8))
            .map(|at| match at % 3 {
                2 => LINKS[next(LINKS.len())].to_owned(),
                _ => (0..2 + next(2)).map(|_| SYLLABLES[next(SYLLABLES.len())]).collect(),
            })
            .collect();
        format!("It was said that {}.", words.join(" "))
    };
    (0..8).map(|_| sentence()).collect::<Vec<_>>().join(" ")
}
