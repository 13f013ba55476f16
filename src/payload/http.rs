//! A response as it went over the wire: head, then the body, perhaps in chunks.

use std::borrow::Cow;

use crate::document::{Hints, Served};
use crate::rejection::Rejection;

/// Header lines of one response, at most.
const MAX_HEADERS: usize = 200;
/// Where the body of a response must have begun.
const MAX_HEAD_BYTES: usize = 256 << 10;

/// The parts of a response that matter for its page.
#[derive(Debug)]
pub(super) struct Response<'b> {
    pub(super) status: u16,
    pub(super) content_type: Option<String>,
    pub(super) content_encoding: Option<String>,
    pub(super) content_language: Option<String>,
    pub(super) served: Served,
    /// The body, without chunks, still compressed.
    pub(super) body: Cow<'b, [u8]>,
}

impl<'b> Response<'b> {
    /// Parses head and body.
    pub(super) fn parse(bytes: &'b [u8]) -> Result<Self, Rejection> {
        let invalid = Rejection::InvalidWarc { what: "the HTTP head is not valid" };
        let (head_bytes, body) = split_head(bytes).ok_or_else(|| invalid.clone())?;
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut head = httparse::Response::new(&mut headers);
        let mut config = httparse::ParserConfig::default();
        // Archives keep what servers sent, and servers send worse than the standard allows.
        config
            .allow_spaces_after_header_name_in_responses(true)
            .allow_obsolete_multiline_headers_in_responses(true)
            .ignore_invalid_headers_in_responses(true);
        if !matches!(config.parse_response(&mut head, &head_bytes), Ok(httparse::Status::Complete(_))) {
            return Err(invalid);
        }
        let header = |name: &str| {
            let header = head.headers.iter().rev().find(|header| header.name.eq_ignore_ascii_case(name));
            header.map(|header| String::from_utf8_lossy(header.value).trim().to_owned())
        };
        let all = |name: &str| -> Vec<String> {
            let lines = head.headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name));
            lines.map(|header| String::from_utf8_lossy(header.value).trim().to_owned()).collect()
        };
        let is_chunked =
            header("transfer-encoding").is_some_and(|value| value.to_ascii_lowercase().contains("chunked"));
        Ok(Self {
            status: head.code.unwrap_or_default(),
            content_type: header("content-type"),
            content_encoding: header("content-encoding"),
            content_language: header("content-language"),
            served: Served {
                last_modified: header("last-modified"),
                robots: all("x-robots-tag"),
                tdm_reservation: header("tdm-reservation"),
                tdm_policy: header("tdm-policy"),
            },
            // Many archives keep the header and store the body joined.
            body: match is_chunked.then(|| chunk_head(body)).flatten() {
                Some(_) => Cow::Owned(join_chunks(body)?),
                None => Cow::Borrowed(body),
            },
        })
    }
}

impl Response<'_> {
    /// What is known of the page, with what the head of the response says.
    pub(super) fn hints(&self, known: Hints) -> Hints {
        Hints {
            language: self.content_language.clone().or(known.language),
            served: Box::new(self.served.clone()),
            ..known
        }
    }
}

/// Head and body. Archives write `HTTP/2` over heads of the old form, which the parser knows as `HTTP/1.1`.
fn split_head(bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let end_of = |mark: &[u8]| {
        let head = bytes.get(..MAX_HEAD_BYTES).unwrap_or(bytes);
        head.windows(mark.len()).position(|window| window == mark).map(|at| at + mark.len())
    };
    let end = [end_of(b"\r\n\r\n"), end_of(b"\n\n")].into_iter().flatten().min()?;
    let (head, body) = bytes.split_at_checked(end)?;
    let version = head.iter().position(u8::is_ascii_whitespace)?;
    let (name, rest) = head.split_at_checked(version)?;
    name.starts_with(b"HTTP/").then(|| ([b"HTTP/1.1", rest].concat(), body))
}

/// The size that a chunk's first line gives, and what follows that line.
fn chunk_head(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let end = bytes.iter().take(1024).position(|byte| *byte == b'\n')?;
    let line = std::str::from_utf8(bytes.get(..end)?).ok()?;
    let digits = line.split(';').next()?.trim();
    Some((usize::from_str_radix(digits, 16).ok()?, bytes.get(end + 1..)?))
}

/// The chunks as one body, which is never larger than they are.
fn join_chunks(mut bytes: &[u8]) -> Result<Vec<u8>, Rejection> {
    let cut_off = || Rejection::InvalidWarc { what: "the chunked body is cut off" };
    let mut body = Vec::with_capacity(bytes.len());
    loop {
        let (size, rest) = chunk_head(bytes).ok_or_else(cut_off)?;
        if size == 0 {
            return Ok(body);
        }
        let (chunk, rest) = rest.split_at_checked(size).ok_or_else(cut_off)?;
        body.extend_from_slice(chunk);
        let rest = rest.strip_prefix(b"\r").unwrap_or(rest);
        bytes = rest.strip_prefix(b"\n").ok_or_else(cut_off)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined_and_bodies_without_them_are_kept() {
        let head = "HTTP/1.1 200 OK\r\nContent-Type : text/html\r\nTransfer-Encoding: chunked\r\n\r\n";
        let parsed = |body: &str| {
            let bytes = format!("{head}{body}").into_bytes();
            Response::parse(&bytes).map(|response| String::from_utf8_lossy(&response.body).into_owned())
        };
        assert_eq!(parsed("4\r\nWiki\r\n6;x=y\r\npedia \r\n0\r\n\r\n").unwrap(), "Wikipedia ");
        assert_eq!(parsed("<p>stored joined</p>").unwrap(), "<p>stored joined</p>");
        assert_eq!(parsed("4\r\nWi").unwrap_err().reason(), "invalid_warc");
        assert_eq!(parsed("ffffffffffffffff\r\nWi").unwrap_err().reason(), "invalid_warc");
        let newer = Response::parse(b"HTTP/2 200\nContent-Type: text/plain\n\nA line.\n\nAnother.").unwrap();
        assert_eq!((newer.status, newer.body.as_ref()), (200, b"A line.\n\nAnother.".as_slice()));
        assert_eq!(Response::parse(b"HTTP/1.1").unwrap_err().reason(), "invalid_warc");
    }
}
