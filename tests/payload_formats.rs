//! One golden case for each format of `docs/formats.md`, one provocation for each reason, and any bytes at all.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod support {
    pub mod service;
}

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use copydesk::document::Content;
use copydesk::payload::{self, DecodeLimits, Decoded, Envelope, Payload, PayloadKind, Target};
use copydesk::rejection::{Rejection, Stage};
use copydesk::source::{Coordinate, Delivery, Epoch, Header, Offset, Partition};
use proptest::prelude::*;

const LIMITS: DecodeLimits =
    DecodeLimits { payload_bytes: 1 << 20, decoded_bytes: 4 << 20, ratio: 200, json_depth: 64 };

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/payload")
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn delivery(payload: Option<Vec<u8>>, headers: &[(&str, &str)], key: Option<&str>) -> Delivery {
    let header =
        |(name, value): &(&str, &str)| Header { name: (*name).to_owned(), value: Some(value.as_bytes().to_vec()) };
    Delivery {
        coordinate: Coordinate { partition: Partition { topic: Arc::from("raw"), number: 0 }, offset: Offset(0) },
        epoch: Epoch(1),
        event_time_ms: 0,
        key: key.map(|key| key.as_bytes().to_vec()),
        headers: headers.iter().map(header).collect(),
        payload,
    }
}

fn decode(payload: Vec<u8>, headers: &[(&str, &str)]) -> Result<Payload, Rejection> {
    payload::decode(&delivery(Some(payload), headers, None), &LIMITS)
}

fn document(name: &str, payload: Vec<u8>, headers: &[(&str, &str)]) -> Decoded {
    match decode(payload, headers) {
        Ok(Payload::Document(decoded)) => decoded,
        other => panic!("{name} gives {other:?}"),
    }
}

fn text(decoded: &Decoded) -> &str {
    match &decoded.document.content {
        Content::Html(text) | Content::Plain(text) => text,
    }
}

/// What a fixture must be taken for.
struct Golden {
    file: &'static str,
    headers: &'static [(&'static str, &'static str)],
    kind: PayloadKind,
    envelope: Envelope,
    is_page: bool,
    charset: &'static str,
    url: Option<&'static str>,
    title: Option<&'static str>,
    /// Stands in the text.
    text: &'static str,
    /// Stands in the line that says why.
    why: &'static str,
}

#[rustfmt::skip]
const GOLDENS: [Golden; 36] = [
    Golden { file: "page.html", headers: &[("url", "https://news.example.org/ferry")], kind: PayloadKind::Html, envelope: Envelope::Raw, is_page: true, charset: "UTF-8", url: Some("https://news.example.org/ferry"), title: None, text: "<p>The night ferry to Sandholm sailed again", why: "page by its tags" },
    Golden { file: "page.html.br", headers: &[("content-encoding", "br")], kind: PayloadKind::Html, envelope: Envelope::Raw, is_page: true, charset: "UTF-8", url: None, title: None, text: "<p>Forty passengers", why: "brotli declared" },
    Golden { file: "text.txt", headers: &[], kind: PayloadKind::Text, envelope: Envelope::Raw, is_page: false, charset: "UTF-8", url: None, title: None, text: "premier sac de blé noir", why: "text without tags" },
    Golden { file: "note.md", headers: &[("content-type", "text/markdown")], kind: PayloadKind::Markdown, envelope: Envelope::Raw, is_page: true, charset: "UTF-8", url: None, title: None, text: "<h1>O farol de Pedra Alta volta a acender</h1>", why: "Markdown by content type" },
    Golden { file: "envelope.json", headers: &[], kind: PayloadKind::JsonHtml, envelope: Envelope::Json, is_page: true, charset: "UTF-8", url: Some("https://nachrichten.example.org/moor?id=4"), title: Some("Moor wird wieder nass"), text: "<p>Im Lehener Moor", why: "json; field html" },
    Golden { file: "envelope-base64.json", headers: &[], kind: PayloadKind::JsonHtml, envelope: Envelope::Json, is_page: true, charset: "windows-1250", url: Some("https://zpravy.example.org/most"), title: None, text: "Řidiči mohou", why: "field body; base64 declared; charset by content type" },
    Golden { file: "escaped.json", headers: &[], kind: PayloadKind::JsonHtml, envelope: Envelope::Json, is_page: true, charset: "UTF-8", url: Some("https://news.example.org/well"), title: None, text: "<p>The well at Aldmoor &amp; its pump", why: "markup unescaped" },
    Golden { file: "scrapy-item.json", headers: &[], kind: PayloadKind::JsonText, envelope: Envelope::Json, is_page: false, charset: "UTF-8", url: Some("https://krant.example.org/polder"), title: Some("Polder krijgt een tweede gemaal"), text: "tweede gemaal.\n\nHet eerste", why: "field text" },
    Golden { file: "scrapy-cluster.json", headers: &[], kind: PayloadKind::JsonHtml, envelope: Envelope::ScrapyCluster, is_page: true, charset: "UTF-8", url: Some("https://gazeta.example.org/sad"), title: None, text: "<p>Jabłonie posadzone", why: "scrapy_cluster; field body" },
    Golden { file: "frontera.json", headers: &[], kind: PayloadKind::JsonHtml, envelope: Envelope::Frontera, is_page: true, charset: "windows-1251", url: Some("https://vesti.example.org/lyzhi"), title: None, text: "Новый участок", why: "base64 by its letters; charset by meta" },
    Golden { file: "firecrawl.json", headers: &[], kind: PayloadKind::JsonHtml, envelope: Envelope::Firecrawl, is_page: true, charset: "UTF-8", url: Some("https://diario.example.org/trasvase"), title: Some("El trasvase se aplaza"), text: "<p>La obra del trasvase", why: "field rawHtml" },
    Golden { file: "firecrawl-markdown.json", headers: &[], kind: PayloadKind::Markdown, envelope: Envelope::Firecrawl, is_page: true, charset: "UTF-8", url: Some("https://jornal.example.org/ponte"), title: Some("A ponte pênsil reabre"), text: "<strong>reabriu</strong>", why: "field markdown" },
    Golden { file: "crawl4ai.json", headers: &[], kind: PayloadKind::JsonHtml, envelope: Envelope::Crawl4ai, is_page: true, charset: "UTF-8", url: Some("https://corriere.example.org/funivia"), title: Some("La funivia riparte a giugno"), text: "cabine nuove", why: "field html" },
    Golden { file: "crawl4ai-markdown.json", headers: &[], kind: PayloadKind::Markdown, envelope: Envelope::Crawl4ai, is_page: true, charset: "UTF-8", url: Some("https://avisa.example.org/tunnel"), title: Some("Tunnelen åpner mandag"), text: "Tunnelen under Storskaret", why: "field markdown.raw_markdown" },
    Golden { file: "news-please.json", headers: &[], kind: PayloadKind::JsonText, envelope: Envelope::NewsPlease, is_page: false, charset: "UTF-8", url: Some("https://tidning.example.org/is"), title: Some("Isen bär igen"), text: "Kommunen öppnade", why: "field maintext" },
    Golden { file: "browsertrix.jsonl", headers: &[], kind: PayloadKind::JsonText, envelope: Envelope::Browsertrix, is_page: false, charset: "UTF-8", url: Some("https://lehti.example.org/silta"), title: Some("Silta suljetaan kesäksi"), text: "Liikenne ohjataan", why: "browsertrix; field text" },
    Golden { file: "trafilatura.json", headers: &[], kind: PayloadKind::JsonText, envelope: Envelope::Trafilatura, is_page: false, charset: "UTF-8", url: Some("https://zpravy.example.org/mlyn"), title: Some("Skanzen otevře mlýn"), text: "Kolo má čtyři metry", why: "trafilatura; field text" },
    Golden { file: "zyte.json", headers: &[], kind: PayloadKind::JsonHtml, envelope: Envelope::Zyte, is_page: true, charset: "Shift_JIS", url: Some("https://shimbun.example.org/onsen"), title: None, text: "駅前の足湯を十年ぶりに再開", why: "field httpResponseBody; base64 declared; charset by meta" },
    Golden { file: "zyte-article.json", headers: &[], kind: PayloadKind::JsonText, envelope: Envelope::Zyte, is_page: false, charset: "UTF-8", url: Some("https://sinmun.example.org/doseogwan"), title: Some("산골 도서관, 밤 열 시까지 연다"), text: "군은 3월부터", why: "field articleBody" },
    Golden { file: "diffbot.json", headers: &[], kind: PayloadKind::JsonHtml, envelope: Envelope::Diffbot, is_page: true, charset: "UTF-8", url: Some("https://gazete.example.org/iskele"), title: Some("İskele yeniden açıldı"), text: "<p>Kıyıköy iskelesi", why: "diffbot; field html" },
    Golden { file: "cloudevents.json", headers: &[("content-type", "application/cloudevents+json; charset=utf-8")], kind: PayloadKind::JsonHtml, envelope: Envelope::CloudEvents, is_page: true, charset: "UTF-8", url: Some("https://avis.example.org/havn"), title: None, text: "begynder i maj", why: "CloudEvents JSON; data" },
    Golden { file: "cloudevents-json.json", headers: &[], kind: PayloadKind::JsonText, envelope: Envelope::CloudEvents, is_page: false, charset: "UTF-8", url: Some("https://eidisi.example.org/faros"), title: Some("Ο φάρος ανοίγει για το κοινό"), text: "κάθε Κυριακή", why: "CloudEvents JSON; json; field text" },
    Golden { file: "cloudevents-base64.json", headers: &[], kind: PayloadKind::JsonHtml, envelope: Envelope::CloudEvents, is_page: true, charset: "ISO-8859-2", url: Some("https://hirek.example.org/komp"), title: None, text: "délelőtt és délután", why: "data_base64; charset by content type" },
    Golden { file: "page.html", headers: &[("ce_specversion", "1.0"), ("ce_id", "1"), ("ce_type", "fetched"), ("ce_source", "https://crawler.example.org/3"), ("ce_subject", "https://news.example.org/ferry"), ("content-type", "text/html")], kind: PayloadKind::Html, envelope: Envelope::CloudEvents, is_page: true, charset: "UTF-8", url: Some("https://news.example.org/ferry"), title: None, text: "brass band", why: "CloudEvents headers" },
    Golden { file: "firecrawl.json", headers: &[("ce_specversion", "1.0"), ("content-type", "application/json")], kind: PayloadKind::JsonHtml, envelope: Envelope::Firecrawl, is_page: true, charset: "UTF-8", url: Some("https://diario.example.org/trasvase"), title: Some("El trasvase se aplaza"), text: "otoño", why: "JSON by content type; firecrawl" },
    Golden { file: "response.warc", headers: &[("content-type", "application/warc")], kind: PayloadKind::Warc, envelope: Envelope::Warc, is_page: true, charset: "UTF-8", url: Some("https://diari.example.org/celler"), title: None, text: "<p>El celler cooperatiu de Vallfosca obre les portes dissabte.</p>\n</article>\n</body>\n</html>\n", why: "WARC record" },
    Golden { file: "resource.warc", headers: &[], kind: PayloadKind::Warc, envelope: Envelope::Warc, is_page: true, charset: "UTF-8", url: Some("https://ziare.example.org/pod"), title: None, text: "Podul de lemn din Valea Albă", why: "WARC record" },
    Golden { file: "conversion.warc.wet", headers: &[], kind: PayloadKind::Wet, envelope: Envelope::Warc, is_page: false, charset: "UTF-8", url: Some("https://viesti.example.org/muuli"), title: None, text: "Grad je obnovio stari mul", why: "WARC record" },
    Golden { file: "fragment-in-text.json", headers: &[], kind: PayloadKind::JsonHtml, envelope: Envelope::Json, is_page: true, charset: "UTF-8", url: Some("https://news.example.org/kiln"), title: Some("The kiln at Orrin is lit"), text: "1931.</p><p>Forty", why: "field text; fragment of a page by its tags" },
    Golden { file: "stray-tags-in-text.json", headers: &[], kind: PayloadKind::JsonText, envelope: Envelope::Json, is_page: false, charset: "UTF-8", url: Some("https://noticias.example.org/molino"), title: None, text: "a moler trigo.\nLo anunció el alcalde en la plaza del pueblo.\n\nLa primera", why: "field text; stray tags taken out" },
    Golden { file: "escaped-twice.json", headers: &[], kind: PayloadKind::JsonText, envelope: Envelope::Json, is_page: false, charset: "UTF-8", url: Some("https://aviso.example.org/faro"), title: None, text: "dijo el puerto: \"por fin\".\n\nLa lámpara", why: "escapes that were written out, read" },
    Golden { file: "misread.json", headers: &[], kind: PayloadKind::JsonText, envelope: Envelope::Json, is_page: false, charset: "UTF-8", url: Some("https://avis.example.org/phare"), title: None, text: "s’est rallumé lundi soir.\n\nLa lampe a été réparée à Bréhan", why: "UTF-8 that was read as windows-1252, read again" },
    Golden { file: "tags-as-subject-in-text.json", headers: &[], kind: PayloadKind::JsonText, envelope: Envelope::Json, is_page: false, charset: "UTF-8", url: Some("https://lernen.example.org/html"), title: None, text: "das Element <p> einen Absatz, und <div> steht", why: "json; field text" },
    Golden { file: "untyped.md", headers: &[], kind: PayloadKind::Markdown, envelope: Envelope::Raw, is_page: true, charset: "UTF-8", url: None, title: None, text: "<li>La lanterne sera", why: "Markdown by its signs" },
    Golden { file: "front-matter.md", headers: &[], kind: PayloadKind::Markdown, envelope: Envelope::Raw, is_page: true, charset: "UTF-8", url: Some("https://xornal.example.org/muino"), title: Some("O muíño de Vilar: outra vez en marcha"), text: "O muíño de Vilar volve moer", why: "text without tags; front matter" },
    Golden { file: "reader.md", headers: &[], kind: PayloadKind::Markdown, envelope: Envelope::Raw, is_page: true, charset: "UTF-8", url: Some("https://avisa.example.org/kvern"), title: Some("Kvernen i Holmby maler igjen"), text: "<h1>Kvernen i Holmby maler igjen</h1>", why: "text without tags; Jina Reader" },
];

fn check(golden: &Golden, payload: Vec<u8>) {
    let name = golden.file;
    let decoded = document(name, payload, golden.headers);
    let hints = &decoded.document.hints;
    assert_eq!((decoded.found.kind, decoded.found.envelope), (golden.kind, golden.envelope), "{name}");
    assert_eq!(matches!(decoded.document.content, Content::Html(_)), golden.is_page, "{name}");
    assert_eq!(decoded.found.charset, golden.charset, "{name}");
    assert_eq!((hints.url.as_deref(), hints.title.as_deref()), (golden.url, golden.title), "{name}");
    assert!(text(&decoded).contains(golden.text), "{name}: {}", text(&decoded));
    assert!(decoded.found.why.contains(golden.why), "{name}: {}", decoded.found.why);
}

#[test]
fn every_format_is_taken_for_what_it_is() {
    for golden in &GOLDENS {
        check(golden, fixture(golden.file));
    }
    let seen: BTreeSet<Envelope> = GOLDENS.iter().map(|golden| golden.envelope).collect();
    assert_eq!(seen, Envelope::ALL.into_iter().collect(), "a golden for each envelope");
    let seen: BTreeSet<PayloadKind> = GOLDENS.iter().map(|golden| golden.kind).collect();
    assert_eq!(seen.len() + 1, PayloadKind::ALL.len(), "a golden for each kind but retractions");
}

#[test]
fn every_format_is_the_same_when_it_is_compressed() {
    for golden in GOLDENS.iter().filter(|golden| !golden.file.ends_with(".br")) {
        check(golden, gzip(&fixture(golden.file)));
        check(golden, zstd::encode_all(fixture(golden.file).as_slice(), 3).unwrap());
    }
}

#[test]
fn every_json_format_is_the_same_behind_a_schema_registrys_head_and_in_a_list_of_one() {
    for golden in GOLDENS.iter().filter(|golden| golden.file.ends_with(".json")) {
        check(golden, [b"\0\0\0\x01\x2A".as_slice(), &fixture(golden.file)].concat());
        check(golden, [b"[".as_slice(), &fixture(golden.file), b"]"].concat());
        check(golden, [b"\xEF\xBB\xBF".as_slice(), &fixture(golden.file)].concat());
    }
}

#[test]
fn instants_of_every_form_are_hints() {
    let fetched = |name: &str| document(name, fixture(name), &[]).document.hints.fetched_at_ms;
    assert_eq!(fetched("envelope.json"), Some(1_770_791_400_000));
    assert_eq!(fetched("news-please.json"), Some(1_772_518_360_000));
    assert_eq!(fetched("scrapy-cluster.json"), Some(1_772_439_300_125));
    for name in ["browsertrix.jsonl", "cloudevents.json", "response.warc"] {
        assert_eq!(fetched(name), Some(1_772_359_200_000), "{name}");
    }
    let published = |name: &str| document(name, fixture(name), &[]).document.hints.published.unwrap();
    assert_eq!(published("news-please.json"), "2026-03-02 18:00:00");
    assert_eq!(published("firecrawl.json"), "2026-02-20T09:00:00+01:00");
    let language = |name: &str| document(name, fixture(name), &[]).document.hints.language.unwrap();
    assert_eq!((language("diffbot.json").as_str(), language("conversion.warc.wet").as_str()), ("tr", "hrv"));
}

#[test]
fn what_crawlers_extracted_is_hinted() {
    type Said = (
        &'static str,
        &'static [&'static str],
        &'static [&'static str],
        Option<&'static str>,
        Option<&'static str>,
        Option<&'static str>,
    );
    let cases: [Said; 9] = [
        (
            "envelope.json",
            &["Jana Moor", "Tim Torf"],
            &["Moor", "Klima"],
            Some("Umwelt"),
            Some("2026-02-12"),
            Some("Das Moor."),
        ),
        ("news-please.json", &["Elsa Nordin"], &[], None, Some("2026-03-03 05:00:00"), Some("Kommunen har mätt isen.")),
        (
            "zyte-article.json",
            &["김하늘"],
            &[],
            None,
            Some("2026-02-28T12:00:00+09:00"),
            Some("3월부터 밤 열 시까지 연다."),
        ),
        ("diffbot.json", &["Deniz Kaya", "Ece Su"], &["Kıyıköy", "iskele"], None, None, None),
        ("trafilatura.json", &["Jan Kaliba; Eva Malá"], &["skanzen; mlýn"], None, None, Some("V dubnu.")),
        (
            "firecrawl.json",
            &["Ana Ruiz"],
            &["agua, trasvase"],
            Some("Región"),
            Some("2026-02-20T10:00:00+01:00"),
            Some("Se aplaza."),
        ),
        (
            "crawl4ai.json",
            &["Lia Conti"],
            &["funivia, giugno"],
            Some("Valle"),
            Some("2026-03-02T10:00:00+01:00"),
            Some("A giugno."),
        ),
        ("scrapy-item.json", &["Piet Polder"], &["polder, gemaal"], Some("Regio"), None, None),
        ("browsertrix.jsonl", &[], &[], None, None, None),
    ];
    for (name, authors, tags, section, modified, description) in cases {
        let hints = *document(name, fixture(name), &[]).document.hints.extracted;
        assert_eq!((hints.authors, hints.tags), (owned(authors), owned(tags)), "{name}");
        let said = (hints.section.as_deref(), hints.modified.as_deref(), hints.description.as_deref());
        assert_eq!(said, (section, modified, description), "{name}");
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn http(head: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 {head}\r\n\r\n").as_bytes(), body].concat()
}

fn warc(record_type: &str, content_type: &str, block: &[u8]) -> Vec<u8> {
    let head = format!(
        "WARC/1.0\r\nWARC-Type: {record_type}\r\nWARC-Target-URI: https://a.example.org/\r\nContent-Type: {content_type}\r\n\
         Content-Length: {}\r\n\r\n",
        block.len()
    );
    [head.as_bytes(), block, b"\r\n\r\n"].concat()
}

#[test]
fn compression_is_taken_off_within_base64_and_within_archives() {
    let page = fixture("page.html");
    let found = |payload: Vec<u8>| {
        let decoded = document("compressed", payload, &[]);
        assert!(text(&decoded).contains("brass band"), "{decoded:?}");
        (decoded.found.kind, decoded.found.why)
    };
    let undeclared = format!(r#"{{"url":"https://a.example.org/","content":"{}"}}"#, base64(&gzip(&page)));
    let (kind, why) = found(undeclared.into_bytes());
    assert!(kind == PayloadKind::JsonHtml && why.contains("base64 by its letters; gzip by magic"), "{why}");
    let brotli = base64(&fixture("page.html.br"));
    let declared = format!(r#"{{"v":1,"encoding":"base64","content_encoding":"br","body":"{brotli}"}}"#);
    assert!(found(declared.into_bytes()).1.contains("base64 declared; brotli declared"));
    let response = http("200 OK\r\nContent-Encoding: gzip\r\nContent-Type: text/html", &gzip(&page));
    let record = warc("response", "application/http; msgtype=response", &response);
    let (kind, why) = found(gzip(&record));
    assert!(kind == PayloadKind::Warc && why.contains("gzip by magic; WARC record; gzip declared"), "{why}");
    // An archive that keeps the header and stores the body decompressed; and a response without an archive.
    let response = http("200 OK\r\nContent-Encoding: br\r\nContent-Type: text/html", &page);
    assert!(found(warc("response", "application/http", &response)).1.contains("brotli declared and not there"));
    assert_eq!(found(response).0, PayloadKind::Html);
}

#[test]
fn a_page_as_a_json_string_is_opened() {
    let string = serde_json::to_vec(std::str::from_utf8(&fixture("page.html")).unwrap().trim()).unwrap();
    let decoded = document("string", string, &[]);
    assert_eq!((decoded.found.kind, decoded.found.envelope), (PayloadKind::JsonHtml, Envelope::Json));
    assert_eq!(document("prose", b"\"<3\" she wrote, \"and more\"".to_vec(), &[]).found.kind, PayloadKind::Text);
}

#[test]
fn what_is_said_of_a_payload_gives_way_to_what_it_is() {
    let envelope = fixture("envelope.json");
    let kind = |payload: &[u8], content_type: &str| {
        document(content_type, payload.to_vec(), &[("content-type", content_type)]).found.kind
    };
    assert_eq!(kind(&envelope, "text/html"), PayloadKind::JsonHtml);
    assert_eq!(kind(&fixture("page.html"), "application/json"), PayloadKind::Html);
    assert_eq!(kind(&fixture("page.html"), "image/jpeg"), PayloadKind::Html);
    assert_eq!(kind(b"HTTP/1.1 turned twenty-five this week.", "text/plain"), PayloadKind::Text);
    let utf_16: Vec<u8> = String::from_utf8(envelope).unwrap().encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(kind(&utf_16, "application/octet-stream"), PayloadKind::JsonHtml);
    assert_eq!(kind(&[b"\xFE\xFF".as_slice(), &utf_16].concat(), "text/plain"), PayloadKind::JsonHtml);
    let nested = format!(r#"{{"data":{{"encoding":"base64","body":"{}"}}}}"#, base64(b"Two words and a third."));
    assert_eq!(text(&document("nested", nested.into_bytes(), &[])), "Two words and a third.");
}

#[test]
fn sniff_prints_the_decision_and_its_exit_code_tells_it() {
    let sniff = |arguments: &[&str]| {
        let mut command = support::service::copydesk();
        let output = command.arg("sniff").args(arguments).current_dir(folder()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, shown, _) = sniff(&["firecrawl.json"]);
    assert_eq!(code, Some(0));
    for line in ["firecrawl.json: understood", "kind       json_html", "envelope   firecrawl", "field rawHtml"] {
        assert!(shown.contains(line), "{shown}");
    }
    let (code, shown, errors) = sniff(&["--json", "page.html", "crawl-feed.json", "retraction.json"]);
    assert_eq!((code, errors.as_str()), (Some(1), "copydesk: 1 of 3 payloads would be rejected\n"));
    let shown: Vec<serde_json::Value> = shown.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(shown[0]["kind"], "html");
    assert_eq!((&shown[1]["understood"], &shown[1]["reason"]), (&false.into(), &"crawl_log".into()));
    assert_eq!(shown[2]["retracts"], "https://news.example.org/withdrawn");
    let headers = ["--header", "Content-Encoding: br", "--header", "http-status:404", "page.html.br"];
    assert!(sniff(&headers).1.contains("reason     http_error"));
    let (code, shown, _) = sniff(&["--key", "https://news.example.org/ferry", headers[0], headers[1], "page.html.br"]);
    assert!(code == Some(0) && shown.contains("url        https://news.example.org/ferry"), "{shown}");
}

#[test]
fn a_documented_envelope_is_no_crawlers_and_a_wrong_status_is_none() {
    let envelope =
        br#"{"v":1,"url":"https://a.example.org/","status":0,"body":"A line of text.","meta":{},"title":"T"}"#.to_vec();
    let decoded = document("envelope", envelope, &[("http-status", "unknown")]);
    assert_eq!(decoded.found.envelope, Envelope::Json);
    assert_eq!(decoded.document.hints.title.as_deref(), Some("T"));
}

#[test]
fn retractions_name_their_article() {
    let target = |payload: Option<&str>, key: Option<&str>, headers: &[(&str, &str)]| {
        let delivery = delivery(payload.map(|text| text.as_bytes().to_vec()), headers, key);
        match payload::decode(&delivery, &LIMITS) {
            Ok(Payload::Retraction(retraction)) => {
                assert_eq!(retraction.found.kind, PayloadKind::Retraction);
                assert!(!retraction.found.why.is_empty());
                Ok((retraction.target, retraction.found.envelope))
            }
            Ok(Payload::Document(decoded)) => panic!("{decoded:?}"),
            Err(rejection) => Err(rejection.reason()),
        }
    };
    let url = || Target::Url("https://news.example.org/withdrawn".to_owned());
    let fixture = String::from_utf8(fixture("retraction.json")).unwrap();
    assert_eq!(target(Some(&fixture), None, &[]), Ok((url(), Envelope::Json)));
    assert_eq!(target(None, Some("https://news.example.org/withdrawn"), &[]), Ok((url(), Envelope::Raw)));
    let id = "a1-0123456789abcdef0123456789abcdef";
    let by_id = format!(r#"{{"op":"retract","id":"{id}","url":"https://news.example.org/withdrawn"}}"#);
    assert_eq!(target(Some(&by_id), None, &[]), Ok((Target::Id(id.to_owned()), Envelope::Json)));
    let event = format!(r#"{{"specversion":"1.0","id":"1","source":"/desk","type":"retract","data":{by_id}}}"#);
    assert_eq!(target(Some(&event), None, &[]), Ok((Target::Id(id.to_owned()), Envelope::CloudEvents)));
    let binary = [("ce_specversion", "1.0"), ("content-type", "application/json")];
    assert_eq!(target(Some(&fixture), None, &binary), Ok((url(), Envelope::CloudEvents)));
    for bad in [
        r#"{"op":"retract"}"#,
        r#"{"op":"retract","url":"/withdrawn"}"#,
        r#"{"op":"retract","url":"ftp://news.example.org/a"}"#,
        r#"{"op":"retract","id":"a1-0123"}"#,
        r#"{"op":"retract","id":"A1-0123456789ABCDEF0123456789ABCDEF"}"#,
    ] {
        assert_eq!(target(Some(bad), None, &[]), Err("invalid_retraction"), "{bad}");
    }
    assert_eq!(target(None, Some("article 7"), &[]), Err("empty"));
    assert_eq!(target(None, None, &[]), Err("empty"));
}

/// A server that is asked for a page may answer with anything, also with a request in our own words.
#[test]
fn a_page_takes_back_no_article_but_its_own() {
    let own = "https://hostile.example.org/";
    let hostile = String::from_utf8(fixture("retraction.json")).unwrap();
    let of_own = hostile.replace("https://news.example.org/withdrawn", own);
    let event = |payload: &str, subject: &str| {
        let data = serde_json::Value::from(payload);
        format!(r#"{{"specversion":"1.0","id":"1","source":"/c","type":"page"{subject},"data":{data}}}"#)
    };
    let reason = |payload: &str, key: Option<&str>, headers: &[(&str, &str)]| {
        let delivery = delivery(Some(payload.as_bytes().to_vec()), headers, key);
        match payload::decode(&delivery, &LIMITS) {
            Ok(Payload::Retraction(_)) => "retraction",
            Ok(Payload::Document(_)) => "document",
            Err(rejection) => rejection.reason(),
        }
    };
    assert_eq!(reason(&hostile, Some(own), &[]), "invalid_retraction");
    assert_eq!(reason(&of_own, Some(own), &[]), "retraction");
    for headers in [("url", own), ("final-url", own), ("http-status", "200"), ("content-type", "text/html")] {
        assert_eq!(reason(&hostile, None, &[headers]), "invalid_retraction", "{headers:?}");
        assert_eq!(reason(&hostile, Some("host-7"), &[headers]), "invalid_retraction", "{headers:?}");
    }
    assert_eq!(reason(&hostile, None, &[("ce_specversion", "1.0"), ("ce_subject", own)]), "invalid_retraction");
    assert_eq!(reason(&event(&hostile, ""), None, &[]), "invalid_retraction");
    assert_eq!(
        reason(&event(&hostile, r#","subject":"https://hostile.example.org/""#), None, &[]),
        "invalid_retraction"
    );
    assert_eq!(reason(&hostile, Some("host-7"), &[("content-type", "application/json")]), "retraction");
}

#[test]
fn json_under_the_address_of_a_page_does_not_pass_for_another_publishers() {
    let json =
        r#"{"url":"https://news.example.com/story","final_url":"https://news.example.com/story","text":"Mine."}"#;
    let address = |headers: &[(&str, &str)], key: Option<&str>| match payload::decode(
        &delivery(Some(json.as_bytes().to_vec()), headers, key),
        &LIMITS,
    )
    .unwrap()
    {
        Payload::Document(decoded) => decoded.document.url().map(str::to_owned),
        Payload::Retraction(retraction) => panic!("{retraction:?}"),
    };
    let theirs = Some("https://news.example.com/story".to_owned());
    assert_eq!(address(&[], None), theirs);
    assert_eq!(address(&[], Some("https://short.example.org/x")), theirs, "a key may be where the crawler was sent");
    let own = "https://hostile.example.org/";
    assert_eq!(address(&[("url", own)], None).as_deref(), Some(own));
    assert_eq!(address(&[("final-url", own)], None).as_deref(), Some(own));
    assert_eq!(address(&[("url", "https://m.example.com/story")], None), theirs, "where a redirect ended");
}

type Headers = Vec<(&'static str, &'static str)>;

/// A payload for each reason of stage `decode`, and its headers.
fn provocations() -> Vec<(&'static str, Vec<u8>, Headers)> {
    let page = fixture("page.html");
    let json = |text: &str| text.as_bytes().to_vec();
    let zeros = |count: usize| gzip(&vec![b' '; count]);
    let incompressible: Vec<u8> = (0..1 << 19).flat_map(|n: u32| format!("{:x} ", n * 97).into_bytes()).collect();
    vec![
        ("empty", Vec::new(), vec![]),
        ("empty", b" \r\n".to_vec(), vec![]),
        ("empty", gzip(b""), vec![]),
        ("empty", json("[]"), vec![]),
        ("empty", json(r#"{"url":"https://a.example.org/","status":301}"#), vec![]),
        ("empty", warc("response", "application/http", &http("302 Found\r\nLocation: /b", b"")), vec![]),
        ("empty", json(r#"{"specversion":"1.0","id":"1","source":"/c","type":"t"}"#), vec![]),
        ("too_large", vec![b'x'; (1 << 20) + 1], vec![]),
        (
            "too_large_decoded",
            zstd::encode_all([incompressible.clone(), incompressible].concat().as_slice(), 9).unwrap(),
            vec![],
        ),
        ("compression_ratio", zeros(3 << 20), vec![]),
        ("compression_ratio", gzip(&zeros(3 << 20)), vec![]),
        ("corrupt_compression", gzip(&page)[..200].to_vec(), vec![]),
        ("corrupt_compression", fixture("page.html.br")[..100].to_vec(), vec![("content-encoding", "br")]),
        ("corrupt_compression", b"\x28\xB5\x2F\xFDnot zstd at all".to_vec(), vec![]),
        ("unsupported_encoding", page.clone(), vec![("content-encoding", "compress")]),
        ("unsupported_encoding", gzip(&gzip(&gzip(&page))), vec![]),
        ("pdf", b"%PDF-1.7\n%\xE2\xE3".to_vec(), vec![]),
        ("pdf", b"not what it says".to_vec(), vec![("content-type", "application/pdf")]),
        ("pdf", json(&format!(r#"{{"encoding":"base64","body":"{}"}}"#, base64(b"%PDF-1.4 ..."))), vec![]),
        ("image", b"\x89PNG\r\n\x1A\n....".to_vec(), vec![]),
        ("image", b"GIF89a....".to_vec(), vec![("content-type", "application/json")]),
        ("image", b"\0\0\0\x1CftypavifXXXX".to_vec(), vec![]),
        ("image", b"<?xml version=\"1.0\"?><!-- a --><svg xmlns=\"x\"><text>a</text></svg>".to_vec(), vec![]),
        ("unsupported_media", b"PK\x03\x04....".to_vec(), vec![]),
        ("unsupported_media", b"\0\0\0\x18ftypmp42....".to_vec(), vec![]),
        ("unsupported_media", b"<?xml version=\"1.0\"?>\n<rss version=\"2.0\"></rss>".to_vec(), vec![]),
        ("unsupported_media", b"body { color: red }".to_vec(), vec![("content-type", "text/css")]),
        ("undecodable", (0..=255).cycle().take(999).map(|n: u8| n.wrapping_mul(7) % 31).collect(), vec![]),
        ("undecodable", json(r#"{"encoding":"base64","body":"not base64!"}"#), vec![]),
        ("invalid_json", json(r#"{"html": "<p>"#), vec![]),
        ("invalid_json", json("plain"), vec![("content-type", "application/json")]),
        ("json_too_deep", format!("{{\"a\":{}", "[".repeat(100_000)).into_bytes(), vec![]),
        ("json_too_deep", b"[".repeat(100_000), vec![]),
        ("json_too_large", format!("[{{}}{}]", ",0".repeat(200_001)).into_bytes(), vec![]),
        ("no_content_field", json(r#"{"url":"https://a.example.org/"}"#), vec![]),
        ("no_content_field", json(r#"{"body":"{\"answer\":42}"}"#), vec![]),
        ("crawl_log", fixture("crawl-feed.json"), vec![]),
        ("crawl_log", fixture("crawl-line.log"), vec![]),
        ("crawl_header", fixture("browsertrix-header.jsonl"), vec![]),
        ("several_documents", json(r#"[{"text":"a"},{"text":"b"}]"#), vec![]),
        ("several_documents", json("{\"text\":\"a\"}\n{\"text\":\"b\"}\n"), vec![]),
        (
            "several_documents",
            json(r#"{"objects":[{"diffbotUri":"a","text":"a"},{"diffbotUri":"b","text":"b"}]}"#),
            vec![],
        ),
        ("several_documents", [fixture("resource.warc"), fixture("resource.warc")].concat(), vec![]),
        ("schema_encoded", b"\0\0\0\x01\x2A\x02\x0Cferry\x02".to_vec(), vec![]),
        ("unsupported_warc", warc("request", "application/http", b"GET / HTTP/1.1\r\n\r\n"), vec![]),
        ("unsupported_warc", warc("revisit", "application/http", b""), vec![]),
        ("unsupported_warc", warc("response", "text/dns", b"20260301 a.example.org"), vec![]),
        ("invalid_warc", b"WARC/1.0\r\nWARC-Type: response\r\n".to_vec(), vec![]),
        ("invalid_warc", warc("response", "application/http", b"no head"), vec![]),
        ("http_error", page.clone(), vec![("http-status", "404")]),
        ("http_error", json(r#"{"status":"503","html":"<p>Sorry</p>"}"#), vec![]),
        ("http_error", json(r#"{"url":"https://a.example.org/","status_code":500}"#), vec![]),
        (
            "http_error",
            warc("response", "application/http", &http("410 Gone\r\nContent-Type: text/html", &page)),
            vec![],
        ),
        ("http_error", json(r##"{"data":{"markdown":"# Not found","metadata":{"statusCode":404}}}"##), vec![]),
        ("invalid_retraction", json(r#"{"op":"retract"}"#), vec![]),
    ]
}

#[test]
fn every_reason_is_given_and_quotes_nothing() {
    let mut given = BTreeSet::new();
    for (reason, payload, headers) in provocations() {
        let opening = String::from_utf8_lossy(&payload[..payload.len().min(60)]).into_owned();
        match decode(payload, &headers) {
            Err(rejection) => {
                assert_eq!((rejection.reason(), rejection.stage()), (reason, Stage::Decode), "{opening}");
                let message = rejection.to_string();
                assert!(!message.contains("example.org") && !message.contains("answer"), "{message}");
            }
            Ok(payload) => panic!("{reason}: {payload:?}"),
        }
        given.insert(reason);
    }
    let decode_reasons = Rejection::REASONS.iter().filter(|(_, stage)| *stage == Stage::Decode);
    assert_eq!(given, decode_reasons.map(|(reason, _)| *reason).collect(), "a provocation for each reason");
}

#[test]
fn batch_lines_go_through_the_same_tables() {
    let decoded = payload::decode_line(&fixture("news-please.json"), &LIMITS).unwrap();
    assert_eq!(decoded.found.envelope, Envelope::NewsPlease);
    let reason = |line: &[u8]| payload::decode_line(line, &LIMITS).unwrap_err().reason();
    assert_eq!(reason(&fixture("retraction.json")), "no_content_field");
    assert_eq!(reason(b"[1, 2]"), "several_documents");
    assert_eq!(reason(b"\xFF\xFE"), "empty");
}

#[test]
fn the_documentation_holds_the_tables_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/formats.md");
    let documented = std::fs::read_to_string(path).unwrap();
    let (_, rest) = documented.split_once("<!-- fields: written by `copydesk sniff --formats` -->\n").unwrap();
    let (fields, _) = rest.split_once("<!-- end of fields -->").unwrap();
    assert_eq!(fields.trim(), payload::field_tables().trim(), "put the output of `copydesk sniff --formats` there");
    let reasons: BTreeSet<&str> = documented
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | rejected:").map(|(reason, _)| reason))
        .collect();
    let decode_reasons = Rejection::REASONS.iter().filter(|(_, stage)| *stage == Stage::Decode);
    assert_eq!(reasons, decode_reasons.map(|(reason, _)| *reason).collect());
    for label in PayloadKind::ALL.map(PayloadKind::label).into_iter().chain(Envelope::ALL.map(Envelope::label)) {
        assert!(documented.contains(&format!("`{label}`")), "{label} is not documented");
    }
}

fn known_openings() -> Vec<Vec<u8>> {
    let mut openings: Vec<Vec<u8>> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
        .chain(provocations().into_iter().map(|(_, payload, _)| payload))
        .filter(|payload| payload.len() < 8192)
        .collect();
    openings.sort();
    openings
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Known payloads that are cut off, damaged and followed by anything, under any mix of headers.
    #[test]
    fn any_bytes_end_as_an_outcome_within_the_limits(
        opening in prop::sample::select(known_openings()),
        cut in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        tail in prop::collection::vec(any::<u8>(), 0..200),
        is_compressed in any::<bool>(),
        headers in prop::sample::subsequence(vec![
            ("content-type", "text/html; charset=shift_jis"), ("content-type", "application/json"),
            ("content-type", "application/cloudevents+json"), ("content-type", "text/markdown"),
            ("content-encoding", "gzip"), ("content-encoding", "br"), ("content-encoding", "deflate, zstd"),
            ("ce_specversion", "1.0"), ("http-status", "301"), ("url", "not an address"),
        ], 0..5),
    ) {
        let limits = DecodeLimits { payload_bytes: 1 << 16, decoded_bytes: 1 << 15, ratio: 20, json_depth: 20 };
        let mut bytes = opening;
        bytes.truncate(cut.index(bytes.len() + 1));
        for (at, byte) in damage {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
        }
        bytes.extend(tail);
        let bytes = if is_compressed { gzip(&bytes) } else { bytes };
        match payload::decode(&delivery(Some(bytes.clone()), &headers, None), &limits) {
            Ok(Payload::Document(decoded)) => {
                prop_assert!(!text(&decoded).trim().is_empty() && text(&decoded).len() <= limits.decoded_bytes);
                prop_assert!(decoded.found.why.len() < 400, "{}", decoded.found.why);
            }
            Ok(Payload::Retraction(_)) => {}
            Err(rejection) => prop_assert!(Rejection::REASONS.contains(&(rejection.reason(), Stage::Decode))),
        }
        if let Err(rejection) = payload::decode_line(&bytes, &limits) {
            prop_assert!(Rejection::REASONS.contains(&(rejection.reason(), Stage::Decode)));
        }
    }
}
