//! The parser, fed in pieces so that its work can be bounded between them.

use html5ever::driver::{self, ParseOpts};
use html5ever::tendril::{StrTendril, TendrilSink};
use scraper::{Html, HtmlTreeSink};

use super::Deadline;
use crate::article::ExtractLimits;
use crate::rejection::Rejection;

/// Bytes between two checks. One piece can open at most a third as many elements.
const PIECE: usize = 4096;

/// Parses a page, within the limits.
pub(super) fn parse(html: &str, limits: &ExtractLimits, deadline: Deadline) -> Result<Html, Rejection> {
    let mut parser = driver::parse_document(HtmlTreeSink::new(Html::new_document()), ParseOpts::default());
    let mut rest = html;
    while !rest.is_empty() {
        let mut end = rest.len().min(PIECE);
        while !rest.is_char_boundary(end) {
            end += 1;
        }
        let (piece, after) = rest.split_at(end);
        parser.process(StrTendril::from(piece));
        rest = after;
        check(&parser.tokenizer.sink.sink.0.borrow(), limits)?;
        deadline.check()?;
    }
    Ok(parser.finish())
}

/// The newest node stands where the parser is: its depth is the number of elements open there.
fn check(page: &Html, limits: &ExtractLimits) -> Result<(), Rejection> {
    if page.tree.values().len() > limits.max_nodes {
        return Err(Rejection::TooManyNodes { limit: limits.max_nodes });
    }
    let newest = page.tree.nodes().next_back();
    let depth = newest.map_or(0, |node| node.ancestors().take(limits.max_depth + 1).count());
    if depth > limits.max_depth {
        return Err(Rejection::TooDeep { limit: limits.max_depth });
    }
    Ok(())
}
