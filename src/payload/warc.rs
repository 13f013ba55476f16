//! One record of a web archive (WARC 0.17 to 1.1): head and block, from bytes.

use crate::rejection::Rejection;

/// Media type of a record, whatever it holds.
pub(crate) const MEDIA: &str = "application/warc";
/// Lines of one head, at most.
const MAX_LINES: usize = 200;
/// Bytes of one head, at most.
pub(crate) const MAX_HEAD_BYTES: usize = 64 << 10;

/// What a record holds, by its `WARC-Type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecordType {
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

/// The fields of a record's head that matter.
#[derive(Debug)]
pub(crate) struct Head<'b> {
    pub(crate) record_type: RecordType,
    pub(crate) target_uri: Option<&'b str>,
    /// `WARC-Date`, as written.
    pub(crate) date: Option<&'b str>,
    /// Of the block: `application/http; msgtype=response`, `text/plain`.
    pub(crate) content_type: Option<&'b str>,
    /// The language that a WET tool found, as written.
    pub(super) language: Option<&'b str>,
    /// Bytes of the block.
    pub(crate) length: u64,
}

/// One record: its head and its block.
#[derive(Debug)]
pub(super) struct Record<'b> {
    pub(super) head: Head<'b>,
    pub(super) block: &'b [u8],
}

/// Whether bytes are a record.
pub(crate) fn is_record(bytes: &[u8]) -> bool {
    bytes.starts_with(b"WARC/0.") || bytes.starts_with(b"WARC/1.")
}

impl<'b> Head<'b> {
    /// Parses one head up to the empty line that ends it; the block and what follows are returned beside it.
    pub(crate) fn parse(bytes: &'b [u8]) -> Result<(Self, &'b [u8]), Rejection> {
        let invalid = |what| Rejection::InvalidWarc { what };
        if !is_record(bytes) {
            return Err(invalid("no record begins here"));
        }
        let (_version, mut rest) = line(bytes).ok_or_else(|| invalid("the head is cut off"))?;
        let mut head = Self {
            record_type: RecordType::Other("unknown"),
            target_uri: None,
            date: None,
            content_type: None,
            language: None,
            length: 0,
        };
        let mut length = None;
        for _ in 0..MAX_LINES {
            let (field, after) = line(rest).ok_or_else(|| invalid("the head is cut off"))?;
            rest = after;
            if field.is_empty() {
                head.length = length.ok_or_else(|| invalid("the head has no valid Content-Length"))?;
                return Ok((head, rest));
            }
            // Lines that are no fields, and those that continue a field, say nothing that is needed.
            let Some((name, value)) = std::str::from_utf8(field).ok().and_then(|field| field.split_once(':')) else {
                continue;
            };
            let value = value.trim();
            match name.trim().to_ascii_lowercase().as_str() {
                "warc-type" => head.record_type = RecordType::named(value),
                // WARC 1.0 was long written with the angle brackets of its grammar.
                "warc-target-uri" => head.target_uri = Some(value.trim_matches(['<', '>'])),
                "warc-date" => head.date = Some(value),
                "warc-identified-content-language" => head.language = Some(value),
                "content-type" => head.content_type = Some(value),
                "content-length" => length = value.parse().ok(),
                _ => {}
            }
        }
        Err(invalid("the head has too many lines"))
    }
}

impl<'b> Record<'b> {
    /// Parses one record; what follows it is returned beside it.
    pub(super) fn parse(bytes: &'b [u8]) -> Result<(Self, &'b [u8]), Rejection> {
        let (head, rest) = Head::parse(bytes)?;
        let block = usize::try_from(head.length).ok().and_then(|length| rest.split_at_checked(length));
        let (block, after) = block.ok_or(Rejection::InvalidWarc { what: "the block is shorter than its head says" })?;
        Ok((Self { head, block }, after.trim_ascii_start()))
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
        assert_eq!(record.head.record_type, RecordType::Response);
        assert_eq!(
            (record.head.target_uri, record.block, rest),
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
