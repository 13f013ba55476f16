//! `copydesk explain`: every block of a page, kept or removed, and why.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use super::overrides::ConfigArgs;
use super::{CliError, decode_limits, extractor, sniff, unwritten};
use crate::article::{ExplainedBlock, Explanation};
use crate::payload::{self, Payload};
use crate::rejection::Rejection;

/// Shows every block of a page, or line of a plain text, in order: `+` is kept, `-` removed; what it is; the rule or the
/// model's probability that it is the article's; its text.
///
/// In colour on a terminal, unless `NO_COLOR` is set. The exit code is 0 also where what is kept would be rejected.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  copydesk explain page.html\n  curl -s https://news.example.org/a | copydesk explain --json - | jq '.blocks[] | select(.kept)'"
)]
pub(crate) struct Args {
    /// A payload, as on the input topic; `-` is standard input.
    #[arg(value_name = "FILE|-")]
    file: PathBuf,
    /// A header of the message; may be given several times.
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = sniff::header)]
    headers: Vec<(String, String)>,
    /// The key of the message.
    #[arg(long)]
    key: Option<String>,
    /// Write one JSON object: `title`, `rejected`, and `blocks` of `text`, `kept`, `kind`, `rule`, `score`, `shape`.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Widest name of a kind, a shape or a rule that lines up.
const NAME: usize = 16;
const RULE: usize = 34;

pub(super) fn run(args: &Args) -> Result<(), CliError> {
    let config = args.config.load()?;
    let limits = decode_limits(&config.limits);
    let file = || args.file.display().to_string();
    let payload = sniff::read(&args.file, &limits).map_err(|error| CliError::Io { name: file(), error })?;
    let rejected = |rejection: Rejection| CliError::Rejected { file: file(), rejection };
    let delivery = sniff::delivery(payload, args.key.as_deref(), &args.headers);
    let document = match payload::decode(&delivery, &limits).map_err(rejected)? {
        Payload::Document(decoded) => decoded.document,
        Payload::Retraction(_) => return Err(CliError::Retraction(file())),
    };
    let explanation = extractor(&config)?.explain(&document).map_err(rejected)?;
    let mut output = io::stdout().lock();
    let text = if args.json {
        super::extract::to_json(&explanation) + "\n"
    } else {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        for_people(&explanation, output.is_terminal() && !no_color)
    };
    output.write_all(text.as_bytes()).map_err(unwritten)
}

fn for_people(explanation: &Explanation, in_colour: bool) -> String {
    let mut text = String::new();
    if let Some(title) = &explanation.title {
        text += &format!("title: {title}\n");
    }
    if let Some(reason) = explanation.rejected {
        text += &format!("rejected: {reason}\n");
    }
    for block in &explanation.blocks {
        let line = line(block);
        text += &match (in_colour, block.kept) {
            (false, _) => line,
            (true, true) => format!("\x1b[32m{line}\x1b[0m"),
            (true, false) => format!("\x1b[2;31m{line}\x1b[0m"),
        };
        text.push('\n');
    }
    text
}

fn line(block: &ExplainedBlock) -> String {
    let mark = if block.kept { '+' } else { '-' };
    let what = block.kind.map_or(block.shape, |kind| kind.label());
    let score = block.score.map(|score| format!("{score:.2}"));
    let why = [score, block.rule.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    format!("{mark} {what:<NAME$} {why:<RULE$} {}", block.text.replace('\n', " "))
}

#[cfg(test)]
mod tests {
    use super::for_people;
    use crate::article::{BlockKind, ExplainedBlock, Explanation};

    fn explanation() -> Explanation {
        let block = |text: &str, kind: Option<BlockKind>, rule: Option<&str>, score| ExplainedBlock {
            text: text.to_owned(),
            kept: kind.is_none(),
            kind,
            rule: rule.map(str::to_owned),
            score,
            shape: "paragraph",
        };
        Explanation {
            title: Some("Ferry runs again".to_owned()),
            rejected: None,
            blocks: vec![
                block("Home", Some(BlockKind::Navigation), Some("selector:tag:nav"), Some(0.01)),
                block("The ferry\nruns again.", None, None, Some(0.9)),
            ],
        }
    }

    #[test]
    fn people_read_a_line_for_each_block() {
        assert_eq!(
            for_people(&explanation(), false),
            "title: Ferry runs again\n\
             - navigation       0.01 selector:tag:nav              Home\n\
             + paragraph        0.90                               The ferry runs again.\n"
        );
    }

    #[test]
    fn colour_tells_what_is_kept_from_what_is_removed() {
        let text = for_people(&explanation(), true);
        assert!(text.contains("\x1b[2;31m- navigation"), "{text:?}");
        assert!(text.contains("\x1b[32m+ paragraph"), "{text:?}");
    }
}
