//! What stands below a text about those who made it.

use super::blocks::Block;
use super::body::Reason;
use crate::article::BlockKind;
use crate::article::boilerplate::{Verdict, letters};
use crate::article::metadata::PageFields;

/// Paragraphs below the text that begin with the full name of an author: what is said about them.
pub(super) fn remove_authors(blocks: &[Block], reasons: &mut [Option<Reason>], page: &PageFields) {
    let names: Vec<&str> = page.author_names().filter(|name| name.contains(' ')).collect();
    let names_author = |text: &str| {
        let behind = names.iter().find_map(|name| text.strip_prefix(name)?.strip_prefix(' '));
        behind.is_some_and(|rest| rest.starts_with(char::is_alphabetic))
    };
    let mut text_seen = false;
    for (block, reason) in blocks.iter().zip(reasons).filter(|(block, reason)| reason.is_none() && block.prose) {
        if text_seen && names_author(&block.text) {
            *reason = Some((BlockKind::Metadata, "author:box".to_owned()));
        }
        text_seen = true;
    }
}

/// The rule that says that a publisher describes itself.
pub(super) const PUBLISHER: &str = "about:publisher";

/// Shorter names begin too many sentences; in letters.
const PUBLISHER_NAME: usize = 4;

/// What a publisher says about itself at the end of a text: the last paragraph of a press release.
pub(super) fn remove_publisher(
    blocks: &[Block],
    verdicts: &[Option<Verdict>],
    reasons: &mut [Option<Reason>],
    page: &PageFields,
) {
    let names: Vec<String> = page.publisher_names.iter().map(|name| letters(name)).collect();
    let begins_with_name = |text: &str| {
        let text = letters(text);
        let bare = text.strip_prefix("the").unwrap_or(&text);
        names.iter().any(|name| name.len() >= PUBLISHER_NAME && (text.starts_with(name) || bare.starts_with(name)))
    };
    let running =
        blocks.iter().zip(verdicts).zip(reasons).filter(|((block, _), reason)| reason.is_none() && block.prose);
    for ((block, verdict), reason) in running.rev() {
        let describes = verdict.is_some_and(|verdict| verdict.kind == BlockKind::Disclaimer && verdict.beside_only);
        if !describes || !begins_with_name(&block.text) {
            break;
        }
        *reason = Some((BlockKind::Disclaimer, PUBLISHER.to_owned()));
    }
}
