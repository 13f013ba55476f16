//! The bytes of an archive: as they stand, or out of gzip members that follow one another.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};

use flate2::bufread::GzDecoder;

use crate::payload::warc;

const BUFFER: usize = 1 << 18;
const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];
/// Of a member that gives nothing, so many bytes stand for it.
const SPECIMEN: u64 = 64 << 10;

/// Reads on over the ends of members.
#[derive(Debug)]
pub(super) struct Unpacked {
    stream: Stream,
    /// Where the gzip member stands that is being read.
    member: u64,
    /// Within a block: a member that begins with a record of its own is not what the block goes on with.
    in_block: bool,
}

#[derive(Debug)]
enum Stream {
    Plain(BufReader<File>),
    Gzip(Box<BufReader<GzDecoder<BufReader<File>>>>),
    Ended,
}

impl Unpacked {
    pub(super) fn new(file: File) -> io::Result<Self> {
        let mut file = BufReader::with_capacity(BUFFER, file);
        let stream = if file.fill_buf()?.starts_with(&MAGIC) { member(file) } else { Stream::Plain(file) };
        Ok(Self { stream, member: 0, in_block: false })
    }

    /// Where the next byte stands in the file; for gzip, where its member does.
    pub(super) fn at(&mut self) -> io::Result<u64> {
        match &mut self.stream {
            Stream::Plain(file) => file.stream_position(),
            Stream::Gzip(_) | Stream::Ended => Ok(self.member),
        }
    }

    /// A block begins or ends.
    pub(super) fn in_block(&mut self, is_in: bool) {
        self.in_block = is_in;
    }

    /// Whether reading failed because gzip data is damaged or cut off, not because of the disk.
    pub(super) fn is_damage(&self, error: &io::Error) -> bool {
        matches!(self.stream, Stream::Gzip(_))
            && matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof)
    }

    /// The first bytes of the member that is being read, as they stand in the file.
    pub(super) fn specimen(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        if let Stream::Gzip(reader) = &mut self.stream {
            // The position is not kept: a damaged member is never read on.
            let file = reader.get_mut().get_mut();
            file.seek(SeekFrom::Start(self.member))?;
            file.take(SPECIMEN).read_to_end(&mut bytes)?;
        }
        Ok(bytes)
    }

    /// Goes on with the next member after a damaged one that begins with a record; at the end of the file there is none.
    pub(super) fn next_member(&mut self) -> io::Result<()> {
        let Stream::Gzip(reader) = &mut self.stream else { return Ok(()) };
        let file = reader.get_mut().get_mut();
        let mut at = file.seek(SeekFrom::Start(self.member + 1))?;
        loop {
            let ahead = file.fill_buf()?;
            if ahead.is_empty() {
                break;
            }
            // The magic may lie over the end of what is buffered: its first byte is enough to look.
            let to_first = memchr::memchr(MAGIC[0], ahead);
            let passed = to_first.unwrap_or(ahead.len());
            file.consume(passed);
            at += passed as u64;
            if to_first.is_some() {
                if begins_record(file, at)? {
                    break;
                }
                file.consume(1);
                at += 1;
            }
        }
        self.begin_member()
    }

    /// Whether the member that follows the one that has ended begins with a record.
    fn next_begins_record(&mut self) -> io::Result<bool> {
        let Stream::Gzip(reader) = &mut self.stream else { return Ok(false) };
        let file = reader.get_mut().get_mut();
        let at = file.stream_position()?;
        begins_record(file, at)
    }

    /// Begins a member where the file stands now.
    fn begin_member(&mut self) -> io::Result<()> {
        match std::mem::replace(&mut self.stream, Stream::Ended) {
            Stream::Gzip(reader) => {
                let mut file = reader.into_inner().into_inner();
                self.member = file.stream_position()?;
                if !file.fill_buf()?.is_empty() {
                    self.stream = member(file);
                }
            }
            other => self.stream = other,
        }
        Ok(())
    }
}

impl BufRead for Unpacked {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        // A member may be empty, and a file of them may end with zeros that fill a block of the disk.
        while let Stream::Gzip(reader) = &mut self.stream
            && reader.fill_buf()?.is_empty()
        {
            if self.in_block && self.next_begins_record()? {
                return Ok(&[]);
            }
            self.begin_member()?;
        }
        match &mut self.stream {
            Stream::Plain(file) => file.fill_buf(),
            Stream::Gzip(reader) => reader.fill_buf(),
            Stream::Ended => Ok(&[]),
        }
    }

    fn consume(&mut self, amount: usize) {
        match &mut self.stream {
            Stream::Plain(file) => file.consume(amount),
            Stream::Gzip(reader) => reader.consume(amount),
            Stream::Ended => {}
        }
    }
}

impl Read for Unpacked {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(out)?;
        self.consume(read);
        Ok(read)
    }
}

/// Whether a member stands here whose first bytes begin a record. The position stays as it is.
fn begins_record(file: &mut BufReader<File>, at: u64) -> io::Result<bool> {
    let mut magic = Vec::with_capacity(MAGIC.len());
    file.by_ref().take(MAGIC.len() as u64).read_to_end(&mut magic)?;
    file.seek_relative(-i64::try_from(magic.len()).unwrap_or_default())?;
    if magic != MAGIC {
        return Ok(false);
    }
    let mut first = Vec::new();
    // What cannot be read begins no record; that it is damaged shows where it is read.
    let _damaged = GzDecoder::new(&mut *file).take(8).read_to_end(&mut first);
    file.seek(SeekFrom::Start(at))?;
    Ok(warc::is_record(&first))
}

fn member(file: BufReader<File>) -> Stream {
    Stream::Gzip(Box::new(BufReader::with_capacity(32 << 10, GzDecoder::new(file))))
}
