//! `copydesk dlq show`.

use std::fmt::Write as _;
use std::io::Write as _;

use super::printable;
use crate::cli::overrides::ConfigArgs;
use crate::cli::{CliError, unwritten};
use crate::dead_letter::Letter;
use crate::kafka::dead_letters::DeadLetters;
use crate::record::rfc3339;
use crate::telemetry::log;

/// Bytes of a payload that is no text, and of one line of them.
const DUMPED: usize = 256;
const DUMPED_LINE: usize = 16;

/// Shows one letter: its headers, and its payload as text, or the first bytes of what is no text.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  copydesk dlq show 3@17\n  copydesk dlq show 3@17 --raw > payload")]
pub(super) struct Args {
    /// The letter's place in the topic of dead letters, as `dlq ls` prints it.
    #[arg(value_name = "PARTITION@OFFSET", value_parser = place)]
    letter: (i32, i64),
    /// Write the payload's bytes and nothing else.
    #[arg(long)]
    raw: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

fn place(written: &str) -> Result<(i32, i64), String> {
    let place = written.split_once('@').and_then(|(partition, offset)| {
        Some((partition.parse().ok()?, offset.parse().ok().filter(|offset| *offset >= 0)?))
    });
    place.ok_or_else(|| "write it as in 3@17: partition, @, offset".to_owned())
}

pub(super) fn run(args: &Args) -> Result<(), CliError> {
    let config = args.config.load()?;
    log::start(config.telemetry.log_format, &config.telemetry.log_filter);
    let (partition, offset) = args.letter;
    let letter = DeadLetters::open(&config)?.at(partition, offset)?;
    let letter = letter.ok_or_else(|| CliError::NoLetter(format!("{partition}@{offset}")))?;
    let payload = letter.read().payload.as_deref();
    let text = if args.raw { payload.unwrap_or_default().to_vec() } else { shown(&letter).into_bytes() };
    std::io::stdout().write_all(&text).map_err(unwritten)
}

fn shown(letter: &Letter) -> String {
    let read = letter.read();
    let mut text = format!("letter: {}\ntimestamp: {}\n", read.coordinate, rfc3339(read.event_time_ms));
    if let Some(key) = &read.key {
        text += &format!("key: {}\n", printable(key));
    }
    for header in &read.headers {
        let value = header.value.as_deref().map(printable).unwrap_or_default();
        text += &format!("{}: {value}\n", printable(header.name.as_bytes()));
    }
    text.push('\n');
    match read.payload.as_deref() {
        None => text += "no payload\n",
        Some(payload) => match as_text(payload) {
            Some(payload) => {
                text += payload;
                text += if payload.ends_with('\n') { "" } else { "\n" };
            }
            None => text += &dump(payload),
        },
    }
    text
}

/// The payload as text, if it is, and if no terminal would obey it.
fn as_text(payload: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(payload).ok()?;
    (!text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))).then_some(text)
}

fn dump(payload: &[u8]) -> String {
    let mut text = String::new();
    for (number, line) in payload.chunks(DUMPED_LINE).take(DUMPED / DUMPED_LINE).enumerate() {
        let hex: String = line.iter().map(|byte| format!("{byte:02x} ")).collect();
        let ascii: String =
            line.iter().map(|byte| if matches!(byte, 0x20..=0x7e) { char::from(*byte) } else { '.' }).collect();
        writeln!(text, "{:08x}  {hex:<48} {ascii}", number * DUMPED_LINE).unwrap_or_default();
    }
    text + &format!("{} bytes; --raw writes them\n", payload.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_partition_and_an_offset() {
        assert_eq!(place("3@17"), Ok((3, 17)));
        for written in ["3", "3@", "@1", "3@-1", "a@b"] {
            assert!(place(written).unwrap_err().contains("3@17"), "{written}");
        }
    }

    #[test]
    fn bytes_that_a_terminal_would_obey_are_dumped_and_text_is_not() {
        assert_eq!(as_text("é\r\n\tx".as_bytes()), Some("é\r\n\tx"));
        assert_eq!((as_text(b"\x1b[2J"), as_text(b"\xff")), (None, None));
        let dumped = dump(b"\x1bPK\x03abcdefghijklmnop");
        assert!(dumped.starts_with("00000000  1b 50 4b 03 61"), "{dumped}");
        assert!(
            dumped.contains(" .PK.abcdefghijkl\n00000010  6d") && dumped.ends_with("20 bytes; --raw writes them\n"),
            "{dumped}"
        );
        assert_eq!(dump(&[0; 5000]).lines().count(), 17);
        assert_eq!(printable(b"a\x1b\n"), "a\\u{1b}\\n");
    }
}
