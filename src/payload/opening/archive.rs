//! From a record of a web archive to its page.

use super::{Opening, Read};
use crate::document::Hints;
use crate::payload::carrier::Carrier;
use crate::payload::http::Response;
use crate::payload::warc::{self, Record, RecordType};
use crate::payload::{Envelope, Payload, PayloadKind, envelope, instant, sniff};
use crate::rejection::Rejection;

impl Opening<'_> {
    /// A WARC record, the only one of its payload.
    pub(super) fn warc(&mut self, bytes: &[u8], mut hints: Hints) -> Result<Payload, Rejection> {
        self.note_envelope(Envelope::Warc, "WARC record");
        let (Record { head, block }, rest) = Record::parse(bytes)?;
        if warc::is_record(rest) {
            return Err(Rejection::SeveralDocuments { shape: "WARC records" });
        }
        // The record is the page's own account: it was made when the page was fetched, and its address is the one fetched.
        hints.url = head.target_uri.map(str::to_owned).or(hints.url);
        hints.fetched_at_ms = head.date.and_then(instant::parse_ms).or(hints.fetched_at_ms);
        let (read, kind) = match head.record_type {
            RecordType::Other(record_type) => return Err(Rejection::UnsupportedWarc { record_type }),
            RecordType::Response => match head.content_type.map(sniff::media_type).as_deref() {
                Some("application/http") | None => {
                    let response = Response::parse(block)?;
                    hints = response.hints(hints);
                    (self.response(&response)?, PayloadKind::Warc)
                }
                Some(_) => return Err(Rejection::UnsupportedWarc { record_type: "response without HTTP" }),
            },
            RecordType::Resource => (self.block(block, head.content_type, None)?, PayloadKind::Warc),
            RecordType::Conversion => {
                hints.language = head.language.map(str::to_owned).or(hints.language);
                (self.block(block, head.content_type, None)?, PayloadKind::Wet)
            }
        };
        Ok(self.finish(read, hints, Some(kind)))
    }

    /// The page of an HTTP response.
    pub(super) fn response(&mut self, response: &Response<'_>) -> Result<Read, Rejection> {
        envelope::reject_error_page(Some(response.status))?;
        self.block(&response.body, response.content_type.as_deref(), response.content_encoding.clone())
    }

    /// The body of an archived page.
    fn block(
        &mut self,
        bytes: &[u8],
        content_type: Option<&str>,
        content_encoding: Option<String>,
    ) -> Result<Read, Rejection> {
        let carrier = Carrier { content_encoding, ..Carrier::default() };
        let bytes = self.decompressed(bytes, &carrier)?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(Rejection::Empty);
        }
        if content_type.is_some_and(sniff::declares_json) {
            return Err(Rejection::UnsupportedMedia { media: "JSON data in an archive" });
        }
        self.text(&bytes, content_type)
    }
}
