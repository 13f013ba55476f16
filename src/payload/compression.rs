//! Taking off compression: which layer there is, and no more output than the limits allow.

use std::borrow::Cow;
use std::io::Read;

use brotli_decompressor::Decompressor as BrotliDecoder;
use encoding_rs::Encoding;
use flate2::read::MultiGzDecoder;

use super::DecodeLimits;
use crate::rejection::Rejection;

/// Layers of compression in one payload, at most.
const MAX_LAYERS: usize = 2;
/// Output below this is never judged by its ratio: a small page of one repeated line is no bomb.
const RATIO_FREE_BYTES: usize = 1 << 20;
/// Output is taken and counted in pieces of this size.
const PIECE_BYTES: usize = 32 << 10;
const GZIP_MAGIC: &[u8] = b"\x1F\x8B";
const ZSTD_MAGIC: &[u8] = b"\x28\xB5\x2F\xFD";

/// A way of compressing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    Deflate,
    Zstd,
    Brotli,
}

impl Coding {
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Zstd => "zstd",
            Self::Brotli => "brotli",
        }
    }

    /// What the first bytes tell; deflate and brotli have no mark.
    pub(super) fn by_magic(bytes: &[u8]) -> Option<Self> {
        match () {
            () if bytes.starts_with(GZIP_MAGIC) => Some(Self::Gzip),
            () if bytes.starts_with(ZSTD_MAGIC) => Some(Self::Zstd),
            () => None,
        }
    }

    /// Whether bytes may be of a coding that was declared. Crawlers pass on the server's header with a body that their
    /// client has decompressed already: such a body starts with what can be read.
    fn may_hold(self, bytes: &[u8]) -> bool {
        Self::by_magic(bytes) == Some(self) || !starts_readable(bytes)
    }
}

/// Whether the first bytes are printable ASCII, which those of a compressed stream are not but by rare chance.
fn starts_readable(bytes: &[u8]) -> bool {
    let head = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let head = head.get(..16).unwrap_or(head);
    head.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace())
}

/// The compression of one payload: how much has been taken off, and what that may still cost.
#[derive(Debug)]
pub(super) struct Layers<'l> {
    limits: &'l DecodeLimits,
    taken: usize,
    /// Size of the outermost compressed layer: a bomb in a bomb is judged by both.
    compressed_bytes: Option<usize>,
}

impl<'l> Layers<'l> {
    pub(super) fn new(limits: &'l DecodeLimits) -> Self {
        Self { limits, taken: 0, compressed_bytes: None }
    }

    /// Takes off what a `content-encoding` declares, then what the bytes themselves show; `found` hears of each layer.
    pub(super) fn take_off<'b>(
        &mut self,
        bytes: &'b [u8],
        declared: Option<&str>,
        mut found: impl FnMut(&'static str, Coding),
    ) -> Result<Cow<'b, [u8]>, Rejection> {
        let mut bytes = Cow::Borrowed(bytes);
        for coding in declared.map(codings).transpose()?.unwrap_or_default() {
            if coding.may_hold(&bytes) {
                bytes = Cow::Owned(self.inflate(coding, &bytes)?);
                found("declared", coding);
            } else {
                found("declared and not there", coding);
            }
        }
        while let Some(coding) = Coding::by_magic(&bytes) {
            bytes = Cow::Owned(self.inflate(coding, &bytes)?);
            found("by magic", coding);
        }
        Ok(bytes)
    }

    fn inflate(&mut self, coding: Coding, bytes: &[u8]) -> Result<Vec<u8>, Rejection> {
        if self.taken == MAX_LAYERS {
            return Err(Rejection::UnsupportedEncoding { what: "compressed more than twice" });
        }
        self.taken += 1;
        let compressed = *self.compressed_bytes.get_or_insert(bytes.len());
        let read = |reader: &mut dyn Read| read_bounded(reader, coding, compressed, self.limits);
        match coding {
            Coding::Gzip => read(&mut MultiGzDecoder::new(bytes)),
            Coding::Deflate => inflate_deflate(bytes, read),
            Coding::Brotli => read(&mut BrotliDecoder::new(bytes, PIECE_BYTES)),
            Coding::Zstd => {
                if zstd::zstd_safe::get_frame_content_size(bytes)
                    .is_ok_and(|size| size.is_some_and(|size| size > self.limits.decoded_bytes as u64))
                {
                    return Err(Rejection::TooLargeDecoded { limit: self.limits.decoded_bytes });
                }
                let corrupt = |_| Rejection::CorruptCompression { coding: coding.label() };
                let mut decoder = zstd::stream::read::Decoder::with_buffer(bytes).map_err(corrupt)?;
                decoder.window_log_max(window_log(self.limits.decoded_bytes)).map_err(corrupt)?;
                read(&mut decoder)
            }
        }
    }
}

/// The window that a zstd frame within the limit may ask for, as a power of two.
fn window_log(decoded_bytes: usize) -> u32 {
    decoded_bytes.max(1).ilog2().saturating_add(1).clamp(10, 27)
}

/// `deflate` is zlib's format by the standard, and bare deflate from servers that took the name at its word.
fn inflate_deflate(
    bytes: &[u8],
    read: impl Fn(&mut dyn Read) -> Result<Vec<u8>, Rejection>,
) -> Result<Vec<u8>, Rejection> {
    let is_zlib = match bytes {
        [method, flags, ..] => method & 0x0F == 8 && u16::from_be_bytes([*method, *flags]).is_multiple_of(31),
        _ => false,
    };
    let mut unread = bytes;
    let mut stream = flate2::Decompress::new(is_zlib);
    read(&mut DeflateReader { unread: &mut unread, stream: &mut stream, is_ended: false })
}

/// A deflate stream that says so when it is cut off; `flate2`'s own readers take that for an end.
struct DeflateReader<'a, 'b> {
    unread: &'a mut &'b [u8],
    stream: &'a mut flate2::Decompress,
    is_ended: bool,
}

impl Read for DeflateReader<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.is_ended || buffer.is_empty() {
            return Ok(0);
        }
        let (read, written) = (self.stream.total_in(), self.stream.total_out());
        let status = self.stream.decompress(self.unread, buffer, flate2::FlushDecompress::None)?;
        let consumed = usize::try_from(self.stream.total_in() - read).unwrap_or(usize::MAX);
        *self.unread = self.unread.get(consumed..).unwrap_or_default();
        self.is_ended = status == flate2::Status::StreamEnd;
        match usize::try_from(self.stream.total_out() - written).unwrap_or(usize::MAX) {
            0 if !self.is_ended => Err(std::io::ErrorKind::UnexpectedEof.into()),
            count => Ok(count),
        }
    }
}

/// Reads to the end, or to the limit that comes first.
fn read_bounded(
    reader: &mut dyn Read,
    coding: Coding,
    compressed: usize,
    limits: &DecodeLimits,
) -> Result<Vec<u8>, Rejection> {
    let mut output = Vec::new();
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let count = reader.read(&mut piece).map_err(|_| Rejection::CorruptCompression { coding: coding.label() })?;
        if count == 0 {
            return Ok(output);
        }
        let total = output.len() + count;
        if total > limits.decoded_bytes {
            return Err(Rejection::TooLargeDecoded { limit: limits.decoded_bytes });
        }
        if total > RATIO_FREE_BYTES && total / compressed.max(1) >= limits.ratio as usize {
            return Err(Rejection::CompressionRatio { limit: limits.ratio });
        }
        if output.capacity() < total {
            // Doubling, but never beyond the limit.
            let capacity = total.max(output.capacity().saturating_mul(2)).min(limits.decoded_bytes);
            output.reserve_exact(capacity - output.len());
        }
        output.extend_from_slice(piece.get(..count).unwrap_or_default());
    }
}

/// The codings of a `content-encoding`, the outermost (the last one written) first.
fn codings(declared: &str) -> Result<Vec<Coding>, Rejection> {
    let mut codings = Vec::new();
    for name in declared.rsplit(',').map(|name| name.trim().to_ascii_lowercase()) {
        match name.as_str() {
            "" | "identity" | "none" => {}
            "gzip" | "x-gzip" => codings.push(Coding::Gzip),
            "deflate" => codings.push(Coding::Deflate),
            "zstd" => codings.push(Coding::Zstd),
            "br" => codings.push(Coding::Brotli),
            // Some clients write the charset here.
            name if Encoding::for_label(name.as_bytes()).is_some() => {}
            _ => {
                return Err(Rejection::UnsupportedEncoding {
                    what: "of a coding other than gzip, deflate, zstd or br",
                });
            }
        }
        if codings.len() > MAX_LAYERS {
            return Err(Rejection::UnsupportedEncoding { what: "compressed more than twice" });
        }
    }
    Ok(codings)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    const LIMITS: DecodeLimits =
        DecodeLimits { payload_bytes: 8 << 20, decoded_bytes: 32 << 20, ratio: 200, json_depth: 64 };

    fn taken_off(bytes: &[u8], declared: Option<&str>) -> Result<Vec<u8>, Rejection> {
        Layers::new(&LIMITS).take_off(bytes, declared, |_, _| {}).map(Cow::into_owned)
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// Zeros, compressed without ever holding them.
    fn bomb(mut encoder: impl Write, mebibytes: u64) {
        std::io::copy(&mut std::io::repeat(0).take(mebibytes << 20), &mut encoder).unwrap();
    }

    #[test]
    fn output_stops_at_the_limits_however_much_would_come() {
        struct Counted<'c>(&'c Cell<usize>);
        impl Read for Counted<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                buffer.fill(b'0');
                self.0.set(self.0.get() + buffer.len());
                Ok(buffer.len())
            }
        }
        let produced = Cell::new(0);
        let large = read_bounded(&mut Counted(&produced), Coding::Gzip, LIMITS.decoded_bytes, &LIMITS);
        assert_eq!(large, Err(Rejection::TooLargeDecoded { limit: LIMITS.decoded_bytes }));
        assert!(produced.get() <= LIMITS.decoded_bytes + PIECE_BYTES, "{} bytes", produced.get());
        produced.set(0);
        let steep = read_bounded(&mut Counted(&produced), Coding::Gzip, 6000, &LIMITS);
        assert_eq!(steep, Err(Rejection::CompressionRatio { limit: 200 }));
        assert!(produced.get() <= 6000 * 200 + PIECE_BYTES, "{} bytes", produced.get());
    }

    #[test]
    fn bombs_are_refused_whatever_they_are_made_of() {
        let mut zeros = Vec::new();
        bomb(GzEncoder::new(&mut zeros, Compression::best()), 64);
        assert_eq!(taken_off(&zeros, None), Err(Rejection::CompressionRatio { limit: 200 }));
        assert_eq!(taken_off(&gzip(&zeros), None), Err(Rejection::CompressionRatio { limit: 200 }));
        let mut zeros = Vec::new();
        bomb(zstd::Encoder::new(&mut zeros, 3).unwrap().auto_finish(), 64);
        assert_eq!(taken_off(&zeros, None), Err(Rejection::CompressionRatio { limit: 200 }));
        // A frame that says how large it is, is not even begun.
        let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
        encoder.set_pledged_src_size(Some(1 << 26)).unwrap();
        bomb(&mut encoder, 64);
        let honest = encoder.finish().unwrap();
        assert_eq!(taken_off(&honest, None), Err(Rejection::TooLargeDecoded { limit: LIMITS.decoded_bytes }));
        // Less than a mebibyte is no bomb, however well it compresses.
        let page = b"<p>All quiet.</p>".repeat(30_000);
        assert_eq!(taken_off(&gzip(&gzip(&page)), None).unwrap(), page);
    }

    #[test]
    fn layers_are_taken_off_in_their_order_and_two_at_most() {
        let page = b"<p>The ferry sails.</p>".as_slice();
        let twice = zstd::encode_all(gzip(page).as_slice(), 1).unwrap();
        assert_eq!(taken_off(&twice, Some("gzip, zstd")).unwrap(), page);
        assert_eq!(taken_off(&twice, None).unwrap(), page);
        let unsupported = |result: Result<Vec<u8>, Rejection>| result.unwrap_err().reason();
        assert_eq!(unsupported(taken_off(&gzip(&twice), None)), "unsupported_encoding");
        assert_eq!(unsupported(taken_off(&twice, Some("gzip, gzip, gzip"))), "unsupported_encoding");
        assert_eq!(unsupported(taken_off(page, Some("compress"))), "unsupported_encoding");
        assert_eq!(taken_off(page, Some("identity, UTF-8")).unwrap(), page);
        // The server's header, passed on with a body that the crawler's client had decompressed.
        for declared in ["gzip", "x-gzip", "deflate", "zstd", "br"] {
            assert_eq!(taken_off(page, Some(declared)).unwrap(), page, "{declared}");
        }
        let members = [gzip(b"<p>one</p>"), gzip(b"<p>two</p>")].concat();
        assert_eq!(taken_off(&members, Some("x-gzip")).unwrap(), b"<p>one</p><p>two</p>");
    }

    #[test]
    fn deflate_is_read_with_and_without_its_head_and_cut_off_data_is_refused() {
        let page = (0..2000).flat_map(|n: u32| format!("<p>{}</p>", n.wrapping_mul(2_654_435_761)).into_bytes());
        let page: Vec<u8> = page.collect();
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(&page).unwrap();
        let mut bare = DeflateEncoder::new(Vec::new(), Compression::fast());
        bare.write_all(&page).unwrap();
        let zstandard = zstd::encode_all(page.as_slice(), 1).unwrap();
        for (coding, bytes) in [
            ("deflate", zlib.finish().unwrap()),
            ("deflate", bare.finish().unwrap()),
            ("gzip", gzip(&page)),
            ("zstd", zstandard),
        ] {
            assert_eq!(taken_off(&bytes, Some(coding)).unwrap(), page, "{coding}");
            let corrupt = Err(Rejection::CorruptCompression { coding });
            for length in [bytes.len() - 1, bytes.len() / 2, 12] {
                let is_checksum = coding == "deflate" && length == bytes.len() - 1;
                let cut = taken_off(&bytes[..length], Some(coding));
                assert!(cut == corrupt || is_checksum, "{coding} cut to {length}");
            }
            let mut damaged = bytes.clone();
            damaged[20..40].fill(0xAA);
            assert!(taken_off(&damaged, Some(coding)) != Ok(page.clone()), "{coding}");
        }
    }
}
