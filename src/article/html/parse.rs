//! The parser: tokens go from the pass over the page to html5ever's tree builder, within the limits.

use std::cell::Cell;
use std::collections::HashSet;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, CharacterTokens, EndTag, StartTag, TagToken, Token, TokenSink, TokenSinkResult, Tokenizer,
    TokenizerOpts,
};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts, TreeSink as _};
use html5ever::{QualName, TokenizerResult, ns};
use scraper::{Html, HtmlTreeSink, Node};

use super::Deadline;
use super::prepass::{self, Scripts, Sink, Tag, holds_text};
use super::references::{self, Place};
use crate::article::ExtractLimits;
use crate::rejection::Rejection;

/// Bytes between two checks. One piece can open at most a third as many elements.
const PIECE: usize = 4096;

/// Bytes of a page for each of its nodes, and most nodes that room is made for beforehand.
const NODE_BYTES: usize = 64;
const MOST_NODES: usize = 1 << 14;

/// Parses a page, within the limits; what its scripts hold is set aside. `also_read` is for [`prepass::run`].
pub(super) fn parse<'h>(
    html: &'h str,
    also_read: &HashSet<String>,
    limits: &ExtractLimits,
    deadline: Deadline,
) -> Result<(Html, Scripts<'h>), Rejection> {
    let mut parser = Parser::new(html.len(), limits, deadline);
    let scripts = prepass::run(html, limits.max_attributes, also_read, &mut parser)?;
    Ok((parser.finish()?, scripts))
}

/// A tree builder that takes most tokens straight from the pass. What needs the standard's tokeniser goes through html5ever's:
/// references, text-only elements, doctypes, and characters that it replaces.
struct Parser<'l> {
    tokenizer: Tokenizer<Builder>,
    input: BufferQueue,
    /// Whether the tokeniser may wait for more: the text that it got ends within a reference, or with a carriage return.
    waits: bool,
    /// Bytes since the last check.
    unchecked: usize,
    limits: &'l ExtractLimits,
    deadline: Deadline,
}

impl<'l> Parser<'l> {
    fn new(bytes: usize, limits: &'l ExtractLimits, deadline: Deadline) -> Self {
        let mut page = Html::new_document();
        page.tree = ego_tree::Tree::with_capacity(Node::Document, (bytes / NODE_BYTES).min(MOST_NODES));
        let tree = TreeBuilder::new(HtmlTreeSink::new(page), TreeBuilderOpts::default());
        let builder = Builder { tree, in_raw_text: Cell::new(false) };
        Self {
            tokenizer: Tokenizer::new(builder, TokenizerOpts::default()),
            input: BufferQueue::default(),
            waits: false,
            unchecked: 0,
            limits,
            deadline,
        }
    }

    fn finish(self) -> Result<Html, Rejection> {
        self.check()?;
        self.tokenizer.end();
        Ok(self.tokenizer.sink.tree.sink.finish())
    }

    /// Hands a token straight to the tree builder, which may be done only while the tokeniser waits for nothing.
    fn token(&mut self, token: Token, bytes: usize) -> Result<(), Rejection> {
        let result = self.tokenizer.sink.process_token(token, 1);
        debug_assert!(
            !matches!(result, TokenSinkResult::RawData(_) | TokenSinkResult::Plaintext | TokenSinkResult::Script(_)),
            "the tokeniser has to know of elements that hold text: those are not sent this way"
        );
        self.count(bytes)
    }

    fn tokenise(&mut self, mut part: &str) -> Result<(), Rejection> {
        while !part.is_empty() {
            let mut end = part.len().min(PIECE);
            while !part.is_char_boundary(end) {
                end += 1;
            }
            let (piece, rest) = part.split_at(end);
            self.input.push_back(StrTendril::from(piece));
            while !matches!(self.tokenizer.feed(&self.input), TokenizerResult::Done) {}
            self.count(piece.len())?;
            part = rest;
        }
        Ok(())
    }

    fn count(&mut self, bytes: usize) -> Result<(), Rejection> {
        self.unchecked += bytes;
        if self.unchecked >= PIECE {
            self.unchecked = 0;
            self.check()?;
        }
        Ok(())
    }

    /// The newest node stands where the parser is: its depth is the number of elements open there.
    fn check(&self) -> Result<(), Rejection> {
        let page = self.tokenizer.sink.tree.sink.0.borrow();
        if page.tree.values().len() > self.limits.max_nodes {
            return Err(Rejection::TooManyNodes { limit: self.limits.max_nodes });
        }
        let newest = page.tree.nodes().next_back();
        let depth = newest.map_or(0, |node| node.ancestors().take(self.limits.max_depth + 1).count());
        if depth > self.limits.max_depth {
            return Err(Rejection::TooDeep { limit: self.limits.max_depth });
        }
        self.deadline.check()
    }
}

impl Sink for Parser<'_> {
    fn text(&mut self, text: &str) -> Result<(), Rejection> {
        if !self.waits
            && let Some(decoded) = references::decode(text, Place::Text)
        {
            return self.token(CharacterTokens(decoded), text.len());
        }
        // The tokeniser would take what comes next for the rest of a tag.
        let (before, ends_in_sign) = text.strip_suffix('<').map_or((text, false), |before| (before, true));
        self.tokenise(before)?;
        self.tokenise(if ends_in_sign { "&lt;" } else { "" })?;
        let reference = match before.rfind('&') {
            Some(at) => before.get(at + 1..),
            None => self.waits.then_some(before),
        };
        // It looks for longer names even behind a semicolon.
        let goes_on = |part: &str| {
            let name = part.strip_suffix(';').unwrap_or(part);
            name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'#')
        };
        self.waits = ends_in_sign || text.ends_with('\r') || reference.is_some_and(goes_on);
        Ok(())
    }

    fn tag(&mut self, tag: &Tag<'_>) -> Result<(), Rejection> {
        let attribute = |attribute: &prepass::Attribute<'_>| {
            let value = references::decode(attribute.value, Place::Attribute).filter(|_| is_plain(&attribute.name))?;
            let name = QualName::new(None, ns!(), attribute.name.clone());
            Some(html5ever::Attribute { name, value })
        };
        let is_plain = !self.waits && !holds_text(&tag.name) && is_plain(&tag.name);
        let attributes = is_plain.then(|| tag.attributes.iter().map(attribute).collect()).flatten();
        let Some(attrs) = attributes else { return self.verbatim(&tag.markup()) };
        let token = html5ever::tokenizer::Tag {
            kind: if tag.closes { EndTag } else { StartTag },
            name: tag.name.clone(),
            self_closing: tag.self_closing,
            attrs,
            had_duplicate_attributes: false,
        };
        self.token(TagToken(token), tag.length)
    }

    fn verbatim(&mut self, part: &str) -> Result<(), Rejection> {
        self.tokenise(part)?;
        self.waits = false;
        Ok(())
    }

    fn is_in_raw_text(&self) -> bool {
        self.tokenizer.sink.in_raw_text.get()
    }

    fn is_in_foreign_content(&self) -> bool {
        self.tokenizer.sink.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// Whether the tokeniser would hand on a name as it is.
fn is_plain(name: &str) -> bool {
    !name.bytes().any(|byte| matches!(byte, b'&' | b'\r' | b'\0'))
}

/// The tree builder, with an eye on the state that it puts the tokeniser in.
struct Builder {
    tree: TreeBuilder<<HtmlTreeSink as html5ever::tree_builder::TreeSink>::Handle, HtmlTreeSink>,
    /// Set by the start tag of an element that holds text alone. The tokeniser sees no tag until its end tag.
    in_raw_text: Cell<bool>,
}

impl TokenSink for Builder {
    type Handle = <HtmlTreeSink as html5ever::tree_builder::TreeSink>::Handle;

    fn process_token(&self, token: Token, line_number: u64) -> TokenSinkResult<Self::Handle> {
        let is_tag = matches!(token, TagToken(_));
        let result = self.tree.process_token(token, line_number);
        if is_tag {
            self.in_raw_text.set(matches!(result, TokenSinkResult::RawData(_) | TokenSinkResult::Plaintext));
        }
        result
    }

    fn end(&self) {
        self.tree.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.tree.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::disallowed_methods,
        reason = "html5ever alone is what the tree is compared with; the pages are small"
    )]
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use std::collections::HashSet;
    use std::time::Duration;

    use proptest::prelude::*;
    use scraper::Html;

    use super::parse;
    use crate::article::ExtractLimits;
    use crate::article::html::Deadline;

    /// What the tree holds but for white space, which the pass leaves out where it means nothing.
    fn written(page: &Html) -> String {
        page.html().chars().filter(|one| !one.is_whitespace()).collect()
    }

    fn parsed(html: &str) -> String {
        let limits = ExtractLimits::default();
        let deadline = Deadline::starting_now(Duration::from_secs(60));
        written(&parse(html, &HashSet::new(), &limits, deadline).unwrap().0)
    }

    #[track_caller]
    fn is_as_the_standard_has_it(html: &str) {
        assert_eq!(parsed(html), written(&Html::parse_document(html)), "{html:?}");
    }

    #[test]
    fn the_tree_is_that_of_the_standard() {
        for html in [
            "<!DOCTYPE html PUBLIC \"-//W3C//DTD HTML 4.01//EN\"><title>a</b>&amp;b</title><p>x",
            "\u{feff}<p>x<? x ?>y</ z>z</>",
            "<p class='a&amp;b' id=c&lt ID=d>x&ampy&#x41<b>&#66</b>&copy",
            "<p>a&am<b>p;c</b> 1 < 2 <3 << & <",
            "a < b &amp; <<p>c",
            "<p>a\0b\rc<b id='d\0'>d\r\n</b>\r",
            "<b class=1>x<i>y</b>z</i><p><b class=1>x<p><b class=1>y<p><b class=1>z<p>a",
            "<table><tr><td>a<p>b</table>c<table>x<tr>y",
            "<textarea>\n</p><!-- x --> &amp; </textareas></textarea a='>'>b<select><option>a<p>b</select>",
            "<math><mi><![CDATA[a<b>]]></mi><annotation-xml encoding='text/html'><p>x</math><![CDATA[b]]>c",
            "<xmp><p>a</xmp>b<noscript>",
            "<p>a<noscript></noscript b='>'>c<p>d<iframe></iframe/>e",
            "<frameset><frame></frameset>",
            "<p>a<plaintext>b</p>c",
            "<a href=/b/>x</a/><br/><div/>y",
        ] {
            is_as_the_standard_has_it(html);
        }
    }

    proptest! {
        #[test]
        fn the_tree_is_that_of_the_standard_for_any_markup(
            parts in proptest::collection::vec(
                proptest::sample::select(vec![
                    "<p>", "</p>", "<b class=x>", "</b>", "<i>", "</i>", "<a href='/?a=1&amp;b&copy=2'>", "</a>", "<div id=a>",
                    "</div>", "<table>", "<tr>", "<td>", "</table>", "<ul>", "<li>", "<h1>", "<select>", "<option>", "</select>",
                    "<textarea>", "</textarea>", "<title>", "</title>", "<xmp>", "</xmp>", "<math>", "<mtext>", "</math>",
                    "<![CDATA[x]]>", "<!doctype html>", "<?x?>", "</>", "</ x>", "<head>", "<body class=b>", "<template>",
                    "</template>", "<br/>", "<hr>", "<pre>", "<form>", "</form>", "<button>", "&", "&amp", ";", "&lt;", "&#x41",
                    "&notit;", "#", "x", "text", "1 ", "\na", "b\r", "\r\nc", "\0", "<<p>", "&<</p>", "<1", "< ", "é",
                    "&copy=", "&#10;", "&#32;", "&#8217;", "&#x1F600;", "&#128;", "&#0;", "&#xD800;", "&#99999999;", "&ngE;", "&shy;",
                    "&;", "Q&A", "&& ", "&#;", "&#x;", "&nbsp", "<i class='&lt&gt;&b=1&amp=&c&#65;&ngE;'>", "<b id=&amp;&z;>",
                ]),
                0..40,
            )
        ) {
            let html = parts.concat();
            prop_assert_eq!(parsed(&html), written(&Html::parse_document(&html)), "{:?}", html);
        }
    }
}
