//! What kind of bytes these are.

use crate::rejection::Rejection;

/// Bytes that are searched for tags.
const HEAD_BYTES: usize = 64 << 10;

/// The three reasons for which bytes of a known kind hold no article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Media {
    Pdf,
    Image,
    Other,
}

/// Media that hold no page: where their mark stands, the mark, and what it is of. Marks that prose could begin with are
/// long enough to hold a byte that prose does not.
const MAGIC: [(usize, &[u8], Media, &str); 46] = [
    (0, b"%PDF-", Media::Pdf, "a PDF document"),
    (0, b"\x89PNG\r\n", Media::Image, "a PNG image"),
    (0, b"\xFF\xD8\xFF", Media::Image, "a JPEG image"),
    (0, b"GIF87a", Media::Image, "a GIF image"),
    (0, b"GIF89a", Media::Image, "a GIF image"),
    (8, b"WEBPVP8", Media::Image, "a WebP image"),
    (4, b"ftypavif", Media::Image, "an AVIF image"),
    (4, b"ftypheic", Media::Image, "a HEIC image"),
    (4, b"ftypmif1", Media::Image, "a HEIF image"),
    (0, b"II*\0", Media::Image, "a TIFF image"),
    (0, b"MM\0*", Media::Image, "a TIFF image"),
    (0, b"\0\0\x01\0", Media::Image, "an icon"),
    (4, b"jP  \r\n\x87\n", Media::Image, "a JPEG 2000 image"),
    (4, b"JXL \r\n\x87\n", Media::Image, "a JPEG XL image"),
    (0, b"8BPS\0", Media::Image, "a Photoshop image"),
    (4, b"ftyp", Media::Other, "a video"),
    (0, b"\x1A\x45\xDF\xA3", Media::Other, "a Matroska or WebM video"),
    (0, b"\0\0\x01\xBA", Media::Other, "an MPEG video"),
    (0, b"\0\0\x01\xB3", Media::Other, "an MPEG video"),
    (0, b"FLV\x01", Media::Other, "a Flash video"),
    (8, b"AVI LIST", Media::Other, "an AVI video"),
    (8, b"WAVEfmt ", Media::Other, "WAVE audio"),
    (0, b"OggS\0", Media::Other, "an Ogg stream"),
    (0, b"ID3\x02", Media::Other, "MP3 audio"),
    (0, b"ID3\x03", Media::Other, "MP3 audio"),
    (0, b"ID3\x04", Media::Other, "MP3 audio"),
    (0, b"\xFF\xFB", Media::Other, "MP3 audio"),
    (0, b"fLaC\0", Media::Other, "FLAC audio"),
    (0, b"PK\x03\x04", Media::Other, "a ZIP archive or an office document"),
    (0, b"PK\x05\x06", Media::Other, "a ZIP archive"),
    (0, b"Rar!\x1A\x07", Media::Other, "a RAR archive"),
    (0, b"7z\xBC\xAF\x27\x1C", Media::Other, "a 7z archive"),
    (0, b"\xFD7zXZ\0", Media::Other, "xz data"),
    (4, b"1AY&SY", Media::Other, "bzip2 data"),
    (0, b"\x04\x22\x4D\x18", Media::Other, "LZ4 data"),
    (257, b"ustar", Media::Other, "a tar archive"),
    (0, b"\xD0\xCF\x11\xE0", Media::Other, "an office document"),
    (0, b"{\\rtf", Media::Other, "an RTF document"),
    (0, b"%!PS", Media::Other, "a PostScript document"),
    (0, b"wOFF\0", Media::Other, "a web font"),
    (0, b"wOF2\0", Media::Other, "a web font"),
    (0, b"OTTO\0", Media::Other, "a font"),
    (0, b"\0\x01\0\0\0", Media::Other, "a font"),
    (0, b"\x7FELF", Media::Other, "a program"),
    (0, b"MZ\x90\0", Media::Other, "a program"),
    (0, b"\0asm", Media::Other, "a WebAssembly module"),
];

/// Roots of XML that is no page.
const XML_ROOTS: [(&str, Media, &str); 6] = [
    ("<svg", Media::Image, "an SVG image"),
    ("<rss", Media::Other, "a news feed"),
    ("<feed", Media::Other, "a news feed"),
    ("<rdf:rdf", Media::Other, "a news feed"),
    ("<urlset", Media::Other, "a sitemap"),
    ("<sitemapindex", Media::Other, "a sitemap"),
];

/// Tags that stand in pages, and hardly in prose.
const TAGS: [&str; 14] =
    ["<p", "<div", "<a ", "<br", "<span", "<h1", "<h2", "<ul", "<li", "<table", "<section", "<article", "<img", "</"];

/// The reason against bytes that cannot hold an article, told by their mark or by the root of their XML.
pub(super) fn foreign_media(bytes: &[u8]) -> Option<Rejection> {
    let magic = MAGIC
        .iter()
        .find(|(at, magic, ..)| bytes.get(*at..).is_some_and(|rest| rest.starts_with(magic)))
        .map(|(.., media, name)| (*media, *name));
    magic.or_else(|| xml_root(bytes)).map(|(media, name)| rejection(media, name))
}

fn xml_root(bytes: &[u8]) -> Option<(Media, &'static str)> {
    let head = lower_head(bytes, 1024);
    let mut rest = head.trim_ascii_start();
    // Prolog, document type and comments come before the root.
    while rest.starts_with(b"<?") || rest.starts_with(b"<!") {
        let end = if rest.starts_with(b"<!--") { b"-->".as_slice() } else { b">".as_slice() };
        rest = after(rest, end)?.trim_ascii_start();
    }
    XML_ROOTS.iter().find(|(root, ..)| rest.starts_with(root.as_bytes())).map(|(_, media, name)| (*media, *name))
}

fn rejection(media: Media, name: &'static str) -> Rejection {
    match media {
        Media::Pdf => Rejection::Pdf,
        Media::Image => Rejection::Image { media: name },
        Media::Other => Rejection::UnsupportedMedia { media: name },
    }
}

/// The reason against a declared media type that holds no article. Bytes that are markup after all have the last word.
pub(super) fn foreign_media_type(media_type: &str) -> Option<Rejection> {
    let (family, kind) = media_type.split_once('/')?;
    let (media, name) = match (family, kind) {
        ("application", "pdf") => (Media::Pdf, ""),
        ("image", _) => (Media::Image, "an image by its content type"),
        ("audio", _) => (Media::Other, "audio by its content type"),
        ("video", _) => (Media::Other, "a video by its content type"),
        ("font", _) => (Media::Other, "a font by its content type"),
        ("text", "css") => (Media::Other, "a style sheet by its content type"),
        ("text" | "application", "javascript" | "x-javascript" | "ecmascript") => {
            (Media::Other, "a script by its content type")
        }
        _ => return None,
    };
    Some(rejection(media, name))
}

/// `text/html` of `Text/HTML; charset=…`.
pub(super) fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether a media type says that a page follows.
pub(super) fn is_page_type(media_type: &str) -> bool {
    matches!(media_type, "text/html" | "application/xhtml+xml")
}

/// Whether a media type says that Markdown follows.
pub(super) fn is_markdown_type(media_type: &str) -> bool {
    matches!(media_type, "text/markdown" | "text/x-markdown")
}

/// Whether a content type says that JSON follows.
pub(super) fn declares_json(content_type: &str) -> bool {
    let media_type = media_type(content_type);
    matches!(media_type.as_str(), "application/json" | "text/json" | "application/x-ndjson" | "application/jsonl")
        || media_type.ends_with("+json")
}

/// Whether bytes open like JSON around something: `{"`, `[{` or `"<`. Prose that opens with a brace, a bracket or a
/// quotation is not taken for it.
pub(super) fn opens_json(bytes: &[u8]) -> bool {
    let body = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii();
    let opens_object = |text: &[u8]| {
        text.strip_prefix(b"{").map(<[u8]>::trim_ascii_start).is_some_and(|rest| matches!(rest, [b'"' | b'}', ..]))
    };
    let mut inner = body;
    while let Some(rest) = inner.strip_prefix(b"[") {
        inner = rest.trim_ascii_start();
    }
    let opens_list = inner.len() < body.len() && (opens_object(inner) || inner.iter().all(|byte| *byte == b']'));
    let is_markup_string = (body.starts_with(b"\"<") || body.starts_with(b"\"\\u003c") || body.starts_with(b"\"\\n"))
        && body.ends_with(b">\"");
    opens_object(body) || opens_list || is_markup_string
}

/// Whether text is a whole page.
pub(super) fn is_document(text: &[u8]) -> bool {
    let head = lower_head(text, 1024);
    let start = head.trim_ascii_start();
    [b"<!doctype html".as_slice(), b"<html", b"<head", b"<body"].iter().any(|opening| start.starts_with(opening))
        || (start.starts_with(b"<?xml") && contains(start, "<html"))
}

/// Whether text is markup: a document's head, or three different tags near the beginning.
pub(super) fn is_html(text: &[u8]) -> bool {
    if is_document(text) {
        return true;
    }
    let head = lower_head(text, HEAD_BYTES);
    head.contains(&b'<') && (contains(&head, "<html") || TAGS.iter().filter(|tag| contains(&head, tag)).count() >= 3)
}

/// Whether text is one line of a crawler's log: time, status, size, address.
pub(super) fn is_crawl_log_line(text: &str) -> bool {
    let line = text.trim();
    let mut fields = line.split_ascii_whitespace();
    let mut next = || fields.next().unwrap_or_default();
    let (time, status, size, address) = (next(), next(), next(), next());
    !line.contains('\n')
        && time.parse::<jiff::Timestamp>().is_ok()
        && status.parse::<i32>().is_ok()
        && (size == "-" || size.parse::<u64>().is_ok())
        && (address.contains("://") || address.starts_with("dns:"))
}

fn lower_head(bytes: &[u8], length: usize) -> Vec<u8> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    bytes.get(..length).unwrap_or(bytes).to_ascii_lowercase()
}

fn contains(text: &[u8], needle: &str) -> bool {
    text.windows(needle.len()).any(|window| window == needle.as_bytes())
}

/// What follows the first occurrence of `end`.
fn after<'a>(text: &'a [u8], end: &[u8]) -> Option<&'a [u8]> {
    let at = text.windows(end.len()).position(|window| window == end)?;
    text.get(at + end.len()..)
}
