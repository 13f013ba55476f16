//! What kind of bytes these are.

/// Media that hold no page, by their first bytes.
const MAGIC: [(&[u8], &str); 12] = [
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xFF\xD8\xFF", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"PK\x03\x04", "a ZIP archive or office document"),
    (b"\x1F\x8B", "gzip data"),
    (b"\x28\xB5\x2F\xFD", "zstd data"),
    (b"OggS", "an Ogg stream"),
    (b"ID3", "an MP3 stream"),
    (b"\x7FELF", "a program"),
    (b"wOF", "a web font"),
];

/// Tags that stand in pages, and hardly in prose.
const TAGS: [&str; 14] =
    ["<p", "<div", "<a ", "<br", "<span", "<h1", "<h2", "<ul", "<li", "<table", "<section", "<article", "<img", "</"];

/// What the bytes are, if they cannot hold an article.
pub(super) fn unsupported_media(bytes: &[u8]) -> Option<&'static str> {
    let is_webp = bytes.get(..4) == Some(b"RIFF".as_slice()) && bytes.get(8..12) == Some(b"WEBP".as_slice());
    let is_video = bytes.get(4..8) == Some(b"ftyp".as_slice());
    match MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        Some((_, media)) => Some(media),
        None if is_webp => Some("a WebP image"),
        None if is_video => Some("a video"),
        None => None,
    }
}

/// `text/html` of `Text/HTML; charset=…`; only the letters that matter are expected in lower case already by most.
pub(super) fn media_type(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

/// Whether the payload is JSON around something.
pub(super) fn is_json(bytes: &[u8], content_type: Option<&str>) -> bool {
    let media = content_type.map(media_type);
    if media.is_some_and(|media| media.starts_with("text/html")) {
        return false;
    }
    let body = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    // `{"` or `{ "`: prose that opens with a brace is not taken for JSON.
    let opens_object = body.strip_prefix(b"{").is_some_and(|rest| {
        let rest = rest.trim_ascii_start();
        rest.starts_with(b"\"") || rest.starts_with(b"}")
    });
    opens_object || media.is_some_and(|media| media == "application/json" || media.ends_with("+json"))
}

/// Whether text is markup: a document's head, or three different tags near the beginning.
pub(super) fn is_html(text: &str) -> bool {
    let end = text.len().min(64 << 10);
    let head = text.as_bytes().get(..end).unwrap_or_default().to_ascii_lowercase();
    let start = head.trim_ascii_start();
    if start.starts_with(b"<!doctype html")
        || start.starts_with(b"<html")
        || start.starts_with(b"<head")
        || start.starts_with(b"<body")
    {
        return true;
    }
    let contains = |needle: &str| head.windows(needle.len()).any(|window| window == needle.as_bytes());
    if !contains("<") {
        return false;
    }
    contains("<html") || TAGS.iter().filter(|tag| contains(tag)).count() >= 3
}
