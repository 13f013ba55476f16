//! A pass over the bytes that hands the parser what it has to know: what no article needs is cut, what could hurt is bounded.
//!
//! Scripts, styles, drawings and comments are some three fifths of a news page; the parser would tokenise them
//! all. Structured data in scripts is set aside. A tag keeps only the attributes that are read, and only so many of them.

mod names;
mod raw;
mod tag;

use std::collections::HashSet;

use html5ever::local_name;

use super::blocks::is_block_level;
use crate::rejection::Rejection;
pub(super) use names::holds_text;
use names::{hides_text, is_resource};
use raw::{comment_length, find_ignoring_case, raw_text};
pub(super) use tag::{Attribute, Tag};

/// Where a page goes, part after part in document order.
pub(super) trait Sink {
    /// Takes text with its references, and with any `<` that begins no markup.
    fn text(&mut self, text: &str) -> Result<(), Rejection>;

    /// Takes a tag.
    fn tag(&mut self, tag: &Tag<'_>) -> Result<(), Rejection>;

    /// Takes anything else as it stands in the page.
    fn verbatim(&mut self, part: &str) -> Result<(), Rejection>;

    /// Whether the last tag began an element that holds text alone; whether that is so depends on where it stands.
    fn is_in_raw_text(&self) -> bool;

    /// Whether what comes next stands in a drawing or a formula.
    fn is_in_foreign_content(&self) -> bool;
}

/// What was set aside of a page.
#[derive(Debug, Default)]
pub(super) struct Scripts<'h> {
    /// Contents of `<script type="application/ld+json">`, in document order.
    pub(super) json_ld: Vec<&'h str>,
    /// Other scripts that are long enough to hold an article.
    pub(super) others: Vec<Script<'h>>,
}

/// A script as it stands in the page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Script<'h> {
    /// The value of `id`.
    pub(super) id: &'h str,
    /// The value of `type`.
    pub(super) kind: &'h str,
    pub(super) content: &'h str,
}

/// Shorter scripts hold no article, in bytes.
const SCRIPT: usize = 500;

/// Cuts and bounds a page. `also_read` names attributes, in lower case, that somebody looks at besides extraction. Fails
/// where the sink does.
pub(super) fn run<'h>(
    html: &'h str,
    max_attributes: usize,
    also_read: &HashSet<String>,
    sink: &mut impl Sink,
) -> Result<Scripts<'h>, Rejection> {
    let html = html.strip_prefix('\u{feff}').unwrap_or(html);
    let scripts = Scripts::default();
    let mut pass =
        Pass { html, at: 0, text: 0, max_attributes, also_read, sink, scripts, svg_searches: 8, opens_block: true };
    while let Some(offset) = memchr::memchr(b'<', pass.rest().as_bytes()) {
        pass.at += offset;
        pass.markup()?;
    }
    pass.at = html.len();
    pass.end_text(false)?;
    Ok(pass.scripts)
}

struct Pass<'h, 'a, S> {
    html: &'h str,
    /// Where reading stands.
    at: usize,
    /// Where the text before the next markup begins.
    text: usize,
    max_attributes: usize,
    also_read: &'a HashSet<String>,
    sink: &'a mut S,
    scripts: Scripts<'h>,
    /// Searches for the end of a drawing that may still fail; each reads the rest of the page.
    svg_searches: u8,
    /// Whether a block begins or has ended before that text.
    opens_block: bool,
}

impl<'h, S: Sink> Pass<'h, '_, S> {
    fn rest(&self) -> &'h str {
        self.html.get(self.at..).unwrap_or_default()
    }

    /// Goes on behind markup.
    fn go_on_at(&mut self, at: usize) {
        self.at = at;
        self.text = at;
    }

    /// Reads what begins with `<`.
    fn markup(&mut self) -> Result<(), Rejection> {
        let rest = self.rest();
        let byte = |at: usize| rest.as_bytes().get(at).copied().unwrap_or(0);
        match (byte(1), byte(2)) {
            (b'!', b'-') if rest.starts_with("<!--") => {
                self.end_text(false)?;
                self.go_on_at(self.at + comment_length(rest));
            }
            (b'/', first) | (first, _) if first.is_ascii_alphabetic() => self.tag()?,
            (b'!' | b'?' | b'/', _) => {
                self.end_text(false)?;
                let is_data = rest.starts_with("<![CDATA[") && self.sink.is_in_foreign_content();
                let end = if is_data { rest.find("]]>").map(|end| end + 3) } else { rest.find('>').map(|end| end + 1) };
                let (markup, _) = rest.split_at(end.unwrap_or(rest.len()));
                self.sink.verbatim(markup)?;
                self.go_on_at(self.at + markup.len());
            }
            _ => self.at += 1,
        }
        Ok(())
    }

    /// Hands on the text that ends here. White space is left out where a block begins or ends beside it: it separates no words,
    /// and the parser would make a node of each.
    fn end_text(&mut self, closes_block: bool) -> Result<(), Rejection> {
        let text = self.html.get(self.text..self.at).unwrap_or_default();
        let is_blank = text.bytes().all(|byte| byte.is_ascii_whitespace());
        if !text.is_empty() && !(is_blank && (self.opens_block || closes_block)) {
            self.sink.text(text)?;
        }
        self.opens_block = closes_block || (self.opens_block && is_blank);
        Ok(())
    }

    /// Reads the tag that begins here. Where the page ends within the tag, it is dropped as a parser drops it.
    fn tag(&mut self) -> Result<(), Rejection> {
        let Some(tag) = Tag::read(self.rest(), self.max_attributes, self.also_read) else {
            self.end_text(false)?;
            self.go_on_at(self.html.len());
            return Ok(());
        };
        self.end_text(is_block_level(&tag.name))?;
        self.go_on_at(self.at + tag.length);
        match tag.name {
            _ if tag.closes => self.sink.tag(&tag)?,
            local_name!("script") => {
                let content = self.skip_raw_text("script").0;
                let kind = tag.value(&local_name!("type"));
                if kind.to_ascii_lowercase().contains("ld+json") {
                    self.scripts.json_ld.push(content);
                } else if content.len() >= SCRIPT {
                    self.scripts.others.push(Script { id: tag.value(&local_name!("id")), kind, content });
                }
            }
            local_name!("style") => {
                self.skip_raw_text("style");
            }
            local_name!("svg") if tag.self_closing => {}
            local_name!("svg") => match self.svg_end(self.at) {
                Some(end) => self.go_on_at(end),
                None => self.sink.tag(&tag)?,
            },
            local_name!("link") if is_for_browsers(&tag) => {}
            _ => {
                self.sink.tag(&tag)?;
                // White space means something there.
                self.opens_block &= tag.name != local_name!("pre");
                self.raw_text(&tag)?;
            }
        }
        Ok(())
    }

    /// Hands on an element that holds text alone.
    fn raw_text(&mut self, tag: &Tag<'h>) -> Result<(), Rejection> {
        while self.sink.is_in_raw_text() && self.at < self.html.len() {
            let (content, end_tag) = self.skip_raw_text(&tag.name);
            if !hides_text(&tag.name) {
                self.sink.verbatim(content)?;
            }
            self.sink.verbatim(end_tag)?;
        }
        Ok(())
    }

    /// The text that an element holds from here on, and its end tag; goes on behind both.
    fn skip_raw_text(&mut self, name: &str) -> (&'h str, &'h str) {
        let content = raw_text(self.rest(), name);
        let rest = self.rest().get(content.len()..).unwrap_or_default();
        let length = Tag::read(rest, 0, self.also_read).map_or(rest.len(), |tag| tag.length);
        self.go_on_at(self.at + content.len() + length);
        (content, rest.get(..length).unwrap_or_default())
    }

    /// Where a drawing ends; none if it is never closed or text of the page stands before its end.
    fn svg_end(&mut self, from: usize) -> Option<usize> {
        if self.svg_searches == 0 {
            return None;
        }
        let Some(offset) = find_ignoring_case(self.html.get(from..)?, "</svg") else {
            self.svg_searches = 0;
            return None;
        };
        let inside = self.html.get(from..from + offset)?;
        let close = from + offset + self.html.get(from + offset..)?.find('>')? + 1;
        let foreign = find_ignoring_case(inside, "<foreignobject").is_some();
        let broken = ["<p>", "<p ", "<div", "<article", "<h1", "<h2"]
            .iter()
            .any(|tag| find_ignoring_case(inside, tag).is_some());
        if foreign || !broken {
            return Some(close);
        }
        self.svg_searches -= 1;
        None
    }
}

/// Whether a link says something to browsers alone, and nothing of the page.
fn is_for_browsers(link: &Tag<'_>) -> bool {
    let states = link.attributes.iter().any(|attribute| matches!(&*attribute.name, "itemprop" | "property"));
    let relations = link.value(&local_name!("rel"));
    !states && !relations.is_empty() && relations.split_ascii_whitespace().all(is_resource)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{Scripts, Sink, Tag, holds_text, run};
    use crate::rejection::Rejection;

    /// Writes down what it gets.
    #[derive(Default)]
    struct Written {
        html: String,
        is_in_raw_text: bool,
    }

    impl Sink for Written {
        fn text(&mut self, text: &str) -> Result<(), Rejection> {
            self.html.push_str(text);
            Ok(())
        }

        fn tag(&mut self, tag: &Tag<'_>) -> Result<(), Rejection> {
            self.is_in_raw_text = holds_text(&tag.name) && !tag.closes;
            self.html.push_str(&tag.markup());
            Ok(())
        }

        fn verbatim(&mut self, part: &str) -> Result<(), Rejection> {
            self.is_in_raw_text &= !part.starts_with("</");
            self.html.push_str(part);
            Ok(())
        }

        fn is_in_raw_text(&self) -> bool {
            self.is_in_raw_text
        }

        fn is_in_foreign_content(&self) -> bool {
            false
        }
    }

    fn pass<'h>(html: &'h str, also_read: &[&str]) -> (String, Scripts<'h>) {
        let mut written = Written::default();
        let also_read = also_read.iter().map(|name| (*name).to_owned()).collect::<HashSet<String>>();
        let scripts = run(html, 3, &also_read, &mut written).unwrap();
        (written.html, scripts)
    }

    fn cut(html: &str) -> String {
        pass(html, &[]).0
    }

    #[test]
    fn scripts_styles_drawings_and_comments_go() {
        assert_eq!(
            cut("a<script>if (a<b) {}</script>b<style>p{}</style>c<svg a='>'><title>x</title></svg>d<!-- <p> -->e"),
            "abcde"
        );
        assert_eq!(cut("a<SCRIPT src=x></SCRIPT >b<svg/>c<!-->d"), "abcd");
        assert_eq!(cut("a<script>x</script y='>'>b<style>x</style y='>'>c"), "abc");
    }

    #[test]
    fn what_is_for_browsers_alone_goes() {
        let kept = "<link rel=canonical href=/a><link itemprop=url rel=icon href=/b><link href=/c>";
        assert_eq!(cut(&format!("<link REL='Shortcut icon' href=/d>{kept}<link rel=stylesheet>")), kept);
        assert_eq!(
            cut("<p style='color:red' class=a>x<p style='Display: NONE'>y"),
            "<p class=a>x<p style='Display: NONE'>y"
        );
    }

    #[test]
    fn white_space_beside_blocks_goes() {
        assert_eq!(
            cut("<div>\n <p> <b>a</b> <i>b</i>\n</p>\n\n</div> c <ul> "),
            "<div><p><b>a</b> <i>b</i></p></div> c <ul>"
        );
        assert_eq!(cut("<p>a <script>x</script> <b>b</b> <!-- x --> c"), "<p>a  <b>b</b>  c");
        assert_eq!(cut("<div> <script>x</script> <!-- x --> <b>b"), "<div><b>b");
        assert_eq!(cut("<pre> <b>a</b>\n <b>b"), "<pre> <b>a</b>\n <b>b");
        assert_eq!(cut("<textarea> <p> </textarea> <P> a"), "<textarea> <p> </textarea><p> a");
    }

    #[test]
    fn structured_data_is_set_aside() {
        let (html, scripts) = pass("<script type='Application/LD+json'>{\"a\":1}</script><p>x", &[]);
        assert_eq!(html, "<p>x");
        assert_eq!(scripts.json_ld, ["{\"a\":1}"]);
        assert_eq!(scripts.others.len(), 0);
    }

    #[test]
    fn markup_within_attributes_is_not_markup() {
        let html = "<a href='<script>'>text</a><p id=\"<!--\">b</p>";
        assert_eq!(cut(html), html);
    }

    #[test]
    fn attributes_above_the_limit_are_dropped() {
        assert_eq!(cut("<b a=1 b='2' c d=4 e=\">\">x"), "<b a=1 b='2' c>x");
        assert_eq!(cut("<p id=1 a=2 class='3' name=4 rel=\">\">x"), "<p id=1 class='3'>x");
        assert_eq!(cut("x</p a=1 b='2'>y"), "x</p>y");
    }

    #[test]
    fn attributes_that_nothing_reads_are_dropped() {
        assert_eq!(cut("<a data-x='>' HREF = /a/ onclick=f()>"), "<a HREF = /a/>");
        assert_eq!(cut("<p a=1 hidden title>x<img src=/a.jpg/><br data-x />"), "<p hidden>x<img src=/a.jpg/><br />");
        assert_eq!(cut("<p class=\"a\"id='b'>x<p class=a / id=b>"), "<p class=\"a\" id='b'>x<p class=a id=b>");
        assert_eq!(cut("<font color=red>x"), "<font color=red>x");
    }

    #[test]
    fn attributes_that_mounted_rules_name_are_kept() {
        assert_eq!(pass("<a Data-X='1' data-y=2>x", &["data-x"]).0, "<a Data-X='1'>x");
    }

    #[test]
    fn a_script_within_a_commented_script_does_not_end_it() {
        assert_eq!(cut("a<script><!-- document.write('<script>x</script>') --></script>b"), "ab");
    }

    #[test]
    fn an_unclosed_drawing_keeps_the_text_behind_it() {
        assert_eq!(cut("<svg><path><p>text</p><svg></svg>"), "<svg><path><p>text</p>");
        assert_eq!(cut("<svg><p>text"), "<svg><p>text");
    }

    #[test]
    fn unfinished_markup_ends_the_page() {
        assert_eq!(cut("text<a href='x"), "text");
        assert_eq!(cut("text<!-- x"), "text");
        assert_eq!(cut("text<script>x"), "text");
        assert_eq!(cut("a < b & c"), "a < b & c");
    }
}
