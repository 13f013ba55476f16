//! One record of a web archive (WARC 0.17 to 1.1): head and block, from bytes.

use crate::rejection::Rejection;

/// Lines of one head, at most.
const MAX_LINES: usize = 200;

/// What a record holds, by its `WARC-Type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RecordType {
    /// An HTTP response.
    Response,
    /// A page without its HTTP head.
    Resource,
    /// Text taken from a page (WET).
    Conversion,
    /// Anything that holds no page, by its name.
    Other(&'static str),
}

impl RecordType {
    fn named(name: &str) -> Self {
        const OTHERS: [&str; 5] = ["request", "metadata", "warcinfo", "revisit", "continuation"];
        match name.to_ascii_lowercase().as_str() {
            "response" => Self::Response,
            "resource" => Self::Resource,
            "conversion" => Self::Conversion,
            name => Self::Other(OTHERS.into_iter().find(|other| *other == name).unwrap_or("unknown")),
        }
    }
}

/// One record: the fields of its head that matter, and its block.
#[derive(Debug)]
pub(super) struct Record<'b> {
    pub(super) record_type: RecordType,
    pub(super) target_uri: Option<&'b str>,
    /// `WARC-Date`, as written.
    pub(super) date: Option<&'b str>,
    /// Of the block: `application/http; msgtype=response`, `text/plain`.
    pub(super) content_type: Option<&'b str>,
    /// The language that a WET tool found, as written.
    pub(super) language: Option<&'b str>,
    pub(super) block: &'b [u8],
}

/// Whether bytes are a record.
pub(super) fn is_record(bytes: &[u8]) -> bool {
    bytes.starts_with(b"WARC/0.") || bytes.starts_with(b"WARC/1.")
}

impl<'b> Record<'b> {
    /// Parses one record; what follows it is returned beside it.
    pub(super) fn parse(bytes: &'b [u8]) -> Result<(Self, &'b [u8]), Rejection> {
        let invalid = |what| Rejection::InvalidWarc { what };
        let (_version, mut rest) = line(bytes).ok_or_else(|| invalid("the head is cut off"))?;
        let mut record = Self {
            record_type: RecordType::Other("unknown"),
            target_uri: None,
            date: None,
            content_type: None,
            language: None,
            block: b"",
        };
        let mut length = None;
        for _ in 0..MAX_LINES {
            let (field, after) = line(rest).ok_or_else(|| invalid("the head is cut off"))?;
            rest = after;
            if field.is_empty() {
                let length: usize = length.ok_or_else(|| invalid("the head has no valid Content-Length"))?;
                let (block, after) =
                    rest.split_at_checked(length).ok_or_else(|| invalid("the block is shorter than its head says"))?;
                record.block = block;
                return Ok((record, after.trim_ascii_start()));
            }
            // Lines that are no fields, and those that continue a field, say nothing that is needed.
            let Some((name, value)) = std::str::from_utf8(field).ok().and_then(|field| field.split_once(':')) else {
                continue;
            };
            let value = value.trim();
            match name.trim().to_ascii_lowercase().as_str() {
                "warc-type" => record.record_type = RecordType::named(value),
                // WARC 1.0 was long written with the angle brackets of its grammar.
                "warc-target-uri" => record.target_uri = Some(value.trim_matches(['<', '>'])),
                "warc-date" => record.date = Some(value),
                "warc-identified-content-language" => record.language = Some(value),
                "content-type" => record.content_type = Some(value),
                "content-length" => length = value.parse().ok(),
                _ => {}
            }
        }
        Err(invalid("the head has too many lines"))
    }
}

/// The first line without its end, and what follows.
fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = (bytes.get(..end)?, bytes.get(end + 1..)?);
    Some((line.strip_suffix(b"\r").unwrap_or(line), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(bytes: &[u8]) -> &'static str {
        Record::parse(bytes).unwrap_err().reason()
    }

    #[test]
    fn a_head_is_read_with_any_line_ends_and_a_block_by_its_length() {
        let bytes = b"WARC/1.0\nWARC-Type: Response\nwarc-target-uri: <https://a.example.org/>\nContent-Length: 3\n\nabc\r\n\r\nWARC/";
        let (record, rest) = Record::parse(bytes).unwrap();
        assert_eq!(record.record_type, RecordType::Response);
        assert_eq!(
            (record.target_uri, record.block, rest),
            (Some("https://a.example.org/"), &b"abc"[..], &b"WARC/"[..])
        );
    }

    #[test]
    fn what_is_cut_off_is_invalid() {
        assert_eq!(reason(b"WARC/1.0"), "invalid_warc");
        assert_eq!(reason(b"WARC/1.0\r\nWARC-Type: response\r\n"), "invalid_warc");
        assert_eq!(reason(b"WARC/1.0\r\nWARC-Type: response\r\n\r\nabc"), "invalid_warc");
        assert_eq!(reason(b"WARC/1.0\r\nContent-Length: 9\r\n\r\nabc"), "invalid_warc");
        assert_eq!(reason("WARC/1.0\r\n".repeat(500).as_bytes()), "invalid_warc");
    }
}
