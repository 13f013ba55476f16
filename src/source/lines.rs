//! Lines in bounded memory.

use std::io::{self, BufRead, Read};

/// One line without its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// From 0, every line counted.
    pub(crate) number: u64,
    /// Of a line above the limit, limit + 1 bytes.
    pub(crate) bytes: Vec<u8>,
}

/// Reads lines that end in LF or CRLF; the last one may lack its end.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    input: R,
    limit: usize,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(input: R, limit: usize) -> Self {
        Self { input, limit, number: 0 }
    }

    /// Passes over lines, or to the end.
    pub(crate) fn skip(&mut self, lines: u64) -> io::Result<()> {
        for _ in 0..lines {
            if self.input.skip_until(b'\n')? == 0 {
                break;
            }
            self.number += 1;
        }
        Ok(())
    }

    /// Lines read or passed over.
    pub(crate) fn read(&self) -> u64 {
        self.number
    }

    /// The next line; `None` at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line>> {
        let mut bytes = Vec::new();
        // Room for a line of the limit's length with its CRLF.
        let most = self.limit.saturating_add(2);
        let read = self.input.by_ref().take(most as u64).read_until(b'\n', &mut bytes)?;
        if read == 0 {
            return Ok(None);
        }
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
            if bytes.last() == Some(&b'\r') {
                bytes.pop();
            }
        } else if read == most {
            self.input.skip_until(b'\n')?;
        }
        bytes.truncate(self.limit.saturating_add(1));
        let line = Line { number: self.number, bytes };
        self.number += 1;
        Ok(Some(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8], limit: usize) -> Vec<(u64, Vec<u8>)> {
        let mut lines = Lines::new(text, limit);
        std::iter::from_fn(|| lines.next().unwrap()).map(|line| (line.number, line.bytes)).collect()
    }

    #[test]
    fn ends_of_lines_are_no_part_of_them_and_the_last_may_lack_one() {
        let lines = read(b"one\r\n\ntwo\xff\n\rthree\r", 100);
        let expected = [&b"one"[..], b"", b"two\xff", b"\rthree\r"];
        assert_eq!(lines, (0..).zip(expected.map(<[u8]>::to_vec)).collect::<Vec<_>>());
    }

    #[test]
    fn a_line_above_the_limit_is_cut_one_byte_behind_it_and_the_next_is_whole() {
        for end in ["\n", "\r\n", ""] {
            for (length, kept) in [(3, 3), (4, 4), (5, 5), (6, 5), (7, 5), (100, 5)] {
                let text = format!("{}{end}", "x".repeat(length));
                assert_eq!(read(text.as_bytes(), 4), [(0, vec![b'x'; kept])], "{length} and {end:?}");
            }
            if !end.is_empty() {
                let text = format!("{}{end}next", "x".repeat(50));
                assert_eq!(read(text.as_bytes(), 4), [(0, vec![b'x'; 5]), (1, b"next".to_vec())]);
            }
        }
    }

    #[test]
    fn skipped_lines_are_counted() {
        let mut lines = Lines::new(&b"a\n\nb\nc"[..], 10);
        lines.skip(2).unwrap();
        assert_eq!(lines.next().unwrap(), Some(Line { number: 2, bytes: b"b".to_vec() }));
        lines.skip(9).unwrap();
        assert_eq!(lines.next().unwrap(), None);
    }
}
