//! The text in a page's data, for pages that are an empty shell until their scripts have run.

use super::blocks::Block;
use super::body::{self, Reason};
use super::mounted::Mounted;
use super::tree::Tree;
use super::{Deadline, furniture, parse, prepass, split, state};
use crate::article::boilerplate::Rules;
use crate::article::{BlockKind, ExtractLimits, prose};
use crate::rejection::Rejection;

/// A page that shows this many words shows an article, if a short one: data may be another's.
const SHOWN_WORDS: usize = 50;

/// Data with fewer words is a summary.
const DATA_WORDS: usize = 100;

/// Whether a page shows next to nothing.
pub(super) fn is_shell(blocks: &[Block], reasons: &[Option<Reason>]) -> bool {
    let kept = blocks.iter().zip(reasons).filter(|(_, reason)| reason.is_none());
    kept.map(|(block, _)| block.words).sum::<usize>() < SHOWN_WORDS
}

/// The text that the data has, and the rule that takes it: the description of the article, else the state of the page.
pub(super) fn text(article_body: Option<&str>, scripts: &[prepass::Script<'_>]) -> Option<(String, &'static str)> {
    let is_long = |text: &String| prose::words(text) >= DATA_WORDS;
    let described = article_body.map(str::to_owned).filter(is_long).map(|text| (text, "data:article_body"));
    described.or_else(|| Some((state::text(scripts).filter(is_long)?, "data:page_state")))
}

/// The paragraphs of the data, with why some of them are no part of the article. Lines are paragraphs; where it is
/// markup, the elements are.
pub(super) fn blocks(
    data: &str,
    rules: &Rules,
    limits: &ExtractLimits,
    deadline: Deadline,
) -> Result<Vec<(Block, Option<Reason>)>, Rejection> {
    let html: String = data.lines().map(|line| format!("<p>{line}")).collect();
    let (dom, _) = parse::parse(&html, rules.mounted.attributes(), limits, deadline)?;
    let tree = Tree::flatten(&dom);
    let marks = furniture::mark(&tree, &mut rules.selectors.names(), &Mounted::default());
    let blocks = split::split(&tree, &marks);
    let reason = |block: &Block| {
        let by_words = || body::by_words(rules.phrases.verdict(&block.text));
        let placeholder = || is_placeholder(&block.text).then(|| (BlockKind::Embed, "data:placeholder".to_owned()));
        marks.reason(block.mark).cloned().or_else(placeholder).or_else(by_words)
    };
    let reasons: Vec<Option<Reason>> = blocks.iter().map(reason).collect();
    Ok(blocks.into_iter().zip(reasons).collect())
}

/// Whether a text is the name of what a page's application would put there: `$$AD$$`, `{{image-1}}`, `[[video]]`.
fn is_placeholder(text: &str) -> bool {
    [("$$", "$$"), ("%%", "%%"), ("@@", "@@"), ("{{", "}}"), ("[[", "]]")].into_iter().any(|(open, close)| {
        let name = text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        name.is_some_and(|name| !name.is_empty() && !name.contains(char::is_whitespace))
    })
}

/// Puts the text of the data in the place of what the page shows.
pub(super) fn replace(blocks: &mut Vec<Block>, reasons: &mut Vec<Option<Reason>>, found: Vec<(Block, Option<Reason>)>) {
    for reason in reasons.iter_mut().filter(|reason| reason.is_none()) {
        *reason = Some((BlockKind::OutsideArticle, "data:instead".to_owned()));
    }
    for (block, reason) in found {
        blocks.push(block);
        reasons.push(reason);
    }
}

#[cfg(test)]
mod tests {
    use super::is_placeholder;

    #[test]
    fn a_placeholder_is_one_name_between_its_signs() {
        for text in ["$$AD$$", "{{image-1}}", "[[video:3]]", "%%AD%%"] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["", "$$", "$$$$", "$$$", "[1]", "[[two words]]", "$$ for everyone", "**bold**", "{{open]]"] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
