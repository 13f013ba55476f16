//! A pass over the bytes before the parser sees them: what no article needs is cut, what could hurt is bounded.
//!
//! Scripts, styles, drawings and comments are some three fifths of a news page; the parser would tokenise them
//! all. Structured data in scripts is set aside. A tag keeps only so many attributes, because the tokeniser
//! compares each with all earlier ones.

mod names;
mod raw;

use std::collections::HashSet;

use names::{can_hide, is_boundary, is_formatting, is_read, is_resource};
use raw::{comment_length, find_ignoring_case, raw_text};

/// A page without the parts that hold no text.
#[derive(Debug)]
pub(super) struct Prepared<'h> {
    pub(super) html: String,
    /// Contents of `<script type="application/ld+json">`, in document order.
    pub(super) json_ld: Vec<String>,
    /// Other scripts that are long enough to hold an article.
    pub(super) scripts: Vec<Script<'h>>,
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

/// Cuts and bounds a page. `also_read` names attributes, in lower case, that somebody looks at besides extraction.
pub(super) fn run<'h>(html: &'h str, max_attributes: usize, also_read: &HashSet<String>) -> Prepared<'h> {
    let mut pass = Pass {
        html,
        at: 0,
        copied: 0,
        out: String::with_capacity(html.len() / 2),
        json_ld: Vec::new(),
        scripts: Vec::new(),
        svg_searches: 8,
        kept: Vec::new(),
        also_read,
        verbatim_until: 0,
        text: 0,
        opens_block: true,
    };
    while let Some(offset) = memchr::memchr(b'<', pass.rest().as_bytes()) {
        pass.at += offset;
        pass.markup(max_attributes);
    }
    pass.at = html.len();
    pass.copy_until(html.len());
    Prepared { html: pass.out, json_ld: pass.json_ld, scripts: pass.scripts }
}

struct Pass<'h, 'a> {
    html: &'h str,
    /// Where reading stands.
    at: usize,
    /// Everything before is in `out` or cut.
    copied: usize,
    out: String,
    json_ld: Vec<String>,
    scripts: Vec<Script<'h>>,
    /// Searches for the end of a drawing that may still fail; each reads the rest of the page.
    svg_searches: u8,
    /// Where the attributes stand that are read, of the tag that is being read.
    kept: Vec<(usize, usize)>,
    also_read: &'a HashSet<String>,
    /// Up to here stands text of an element that holds no elements, whatever it looks like.
    verbatim_until: usize,
    /// Where the text before the next markup begins.
    text: usize,
    /// Whether a block begins or has ended before that text.
    opens_block: bool,
}

/// A start tag as it stands in the bytes.
struct Tag<'h> {
    name: &'h str,
    name_end: usize,
    /// From `<` to after `>`.
    end: usize,
    /// Whether it has attributes that nothing reads.
    unread: bool,
    /// Where attributes above the limit begin, if there are any.
    surplus: Option<usize>,
    self_closing: bool,
    /// The value of `type`.
    kind: &'h str,
    /// The value of `id`.
    id: &'h str,
    /// The value of `rel`.
    rel: &'h str,
    /// Whether it states something of the page, by `itemprop` or `property`.
    states: bool,
}

impl<'h> Pass<'h, '_> {
    fn rest(&self) -> &'h str {
        self.html.get(self.at..).unwrap_or_default()
    }

    fn copy_until(&mut self, end: usize) {
        self.out.push_str(self.html.get(self.copied..end).unwrap_or_default());
        self.copied = end;
    }

    /// Leaves out everything from here to `end`.
    fn cut_until(&mut self, end: usize) {
        self.copy_until(self.at);
        self.copied = end;
        self.at = end;
    }

    /// Reads what begins with `<`.
    fn markup(&mut self, max_attributes: usize) {
        let rest = self.rest();
        if rest.starts_with("<!--") {
            let end = comment_length(rest);
            self.trim_text(false);
            self.cut_until(self.at + end);
            self.text = self.at;
            return;
        }
        let second = rest.as_bytes().get(1).copied().unwrap_or(0);
        let closes = second == b'/';
        let first_of_name = if closes { rest.as_bytes().get(2).copied().unwrap_or(0) } else { second };
        if !first_of_name.is_ascii_alphabetic() {
            self.at += 1;
            return;
        }
        // The attributes of an end tag mean nothing, and cost as much.
        let kept = if closes { 0 } else { max_attributes };
        let Some(tag) = read_tag(self.html, self.at, if closes { 2 } else { 1 }, kept, self.also_read, &mut self.kept)
        else {
            // The page ends within a tag; a parser drops it too.
            self.cut_until(self.html.len());
            return;
        };
        self.trim_text(is_boundary(tag.name));
        if closes {
            self.pass_tag(&tag)
        } else {
            self.start_tag(&tag)
        }
        self.text = self.at;
    }

    /// Leaves out the white space before a markup where a block begins or ends beside it: it separates no words, and the
    /// parser would make a node of each.
    fn trim_text(&mut self, closes_block: bool) {
        let Some(text) = self.html.get(self.text..self.at).filter(|_| self.text >= self.verbatim_until) else { return };
        let is_blank = text.bytes().all(|byte| byte.is_ascii_whitespace());
        if is_blank && !text.is_empty() && (self.opens_block || closes_block) {
            self.copy_until(self.text);
            self.copied = self.at;
        }
        self.opens_block = closes_block || (self.opens_block && is_blank);
    }

    fn start_tag(&mut self, tag: &Tag<'h>) {
        let lower = tag.name.to_ascii_lowercase();
        match lower.as_str() {
            "script" => {
                let (content, end) = raw_text(self.html, tag.end, "script");
                let structured = tag.kind.to_ascii_lowercase().contains("ld+json");
                if structured {
                    self.json_ld.push(content.to_owned());
                } else if content.len() >= SCRIPT {
                    self.scripts.push(Script { id: tag.id, kind: tag.kind, content });
                }
                self.cut_until(end);
            }
            "style" => {
                let (_, end) = raw_text(self.html, tag.end, "style");
                self.cut_until(end);
            }
            "svg" if tag.self_closing => self.cut_until(tag.end),
            "svg" => match self.svg_end(tag.end) {
                Some(end) => self.cut_until(end),
                None => self.pass_tag(tag),
            },
            "noscript" | "iframe" | "textarea" | "title" | "xmp" | "noembed" | "noframes" => {
                self.pass_tag(tag);
                if self.at >= self.verbatim_until {
                    let end = find_ignoring_case(self.rest(), &format!("</{lower}"));
                    self.verbatim_until = end.map_or(self.html.len(), |end| self.at + end);
                }
            }
            "link" if !tag.states && !tag.rel.is_empty() && tag.rel.split_ascii_whitespace().all(is_resource) => {
                self.cut_until(tag.end);
            }
            // White space means something there.
            "pre" => {
                self.pass_tag(tag);
                self.opens_block = false;
            }
            _ => self.pass_tag(tag),
        }
    }

    fn pass_tag(&mut self, tag: &Tag<'_>) {
        if tag.unread && !is_formatting(tag.name) && self.at >= self.verbatim_until {
            self.copy_until(tag.name_end);
            for (from, to) in &self.kept {
                self.out.push(' ');
                self.out.push_str(self.html.get(*from..*to).unwrap_or_default());
            }
            self.out.push_str(if tag.self_closing { " />" } else { ">" });
            self.copied = tag.end;
        } else if let Some(surplus) = tag.surplus {
            self.copy_until(surplus);
            self.out.push('>');
            self.copied = tag.end;
        }
        self.at = tag.end;
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

/// Reads a tag as the tokeniser would: `>` within a quoted value does not end it. `kept` takes the places of the attributes
/// that are read, within the limit.
fn read_tag<'h>(
    html: &'h str,
    start: usize,
    name_offset: usize,
    max_attributes: usize,
    also_read: &HashSet<String>,
    kept: &mut Vec<(usize, usize)>,
) -> Option<Tag<'h>> {
    kept.clear();
    let bytes = html.as_bytes();
    let byte = |at: usize| bytes.get(at).copied();
    let space = |byte: u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c');
    let mut at = start + name_offset;
    while byte(at).is_some_and(|byte| !space(byte) && byte != b'/' && byte != b'>') {
        at += 1;
    }
    let name = html.get(start + name_offset..at)?;
    let mut tag = Tag {
        name,
        name_end: at,
        end: 0,
        unread: false,
        surplus: None,
        self_closing: false,
        kind: "",
        id: "",
        rel: "",
        states: false,
    };
    let mut attributes = 0;
    loop {
        let between = at;
        while byte(at).is_some_and(|byte| space(byte) || byte == b'/') {
            at += 1;
        }
        if byte(at)? == b'>' {
            // A slash at the end of a value without quotes is the value's.
            tag.self_closing = at > between && byte(at - 1) == Some(b'/');
            tag.end = at + 1;
            return Some(tag);
        }
        attributes += 1;
        if attributes > max_attributes && tag.surplus.is_none() {
            tag.surplus = Some(at);
        }
        let attribute = at;
        // The first character may be `=`; it belongs to the name.
        at += 1;
        while byte(at).is_some_and(|byte| !space(byte) && !matches!(byte, b'/' | b'>' | b'=')) {
            at += 1;
        }
        let attribute_name = html.get(attribute..at).unwrap_or_default();
        let keeps = attributes <= max_attributes && is_read(name, attribute_name, also_read);
        tag.unread |= !keeps;
        let mut value_at = at;
        while byte(value_at).is_some_and(space) {
            value_at += 1;
        }
        if byte(value_at) != Some(b'=') {
            if keeps {
                kept.push((attribute, at));
            }
            continue;
        }
        at = value_at + 1;
        while byte(at).is_some_and(space) {
            at += 1;
        }
        let (value, after) = match byte(at)? {
            quote @ (b'"' | b'\'') => {
                let close = at + 1 + html.get(at + 1..)?.find(char::from(quote))?;
                (html.get(at + 1..close)?, close + 1)
            }
            _ => {
                let end = (at..bytes.len()).find(|end| byte(*end).is_none_or(|byte| space(byte) || byte == b'>'))?;
                (html.get(at..end)?, end)
            }
        };
        if attribute_name.eq_ignore_ascii_case("type") {
            tag.kind = value;
        } else if attribute_name.eq_ignore_ascii_case("id") {
            tag.id = value;
        } else if attribute_name.eq_ignore_ascii_case("rel") {
            tag.rel = value;
        }
        tag.states |= ["itemprop", "property"].iter().any(|name| attribute_name.eq_ignore_ascii_case(name));
        let is_idle = attribute_name.eq_ignore_ascii_case("style") && !can_hide(value) && !also_read.contains("style");
        tag.unread |= is_idle;
        if keeps && !is_idle {
            kept.push((attribute, after));
        }
        at = after;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::run;

    fn cut(html: &str) -> String {
        run(html, 3, &HashSet::new()).html
    }

    #[test]
    fn scripts_styles_drawings_and_comments_go() {
        assert_eq!(
            cut("a<script>if (a<b) {}</script>b<style>p{}</style>c<svg a='>'><title>x</title></svg>d<!-- <p> -->e"),
            "abcde"
        );
        assert_eq!(cut("a<SCRIPT src=x></SCRIPT >b<svg/>c<!-->d"), "abcd");
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
            "<div><p><b>a</b> <i>b</i></p></div> c <ul> "
        );
        assert_eq!(cut("<p>a <script>x</script> <b>b</b> <!-- x --> c"), "<p>a  <b>b</b>  c");
        assert_eq!(cut("<div> <script>x</script> <!-- x --> <b>b"), "<div><b>b");
        assert_eq!(cut("<pre> <b>a</b>\n <b>b"), "<pre> <b>a</b>\n <b>b");
        assert_eq!(cut("<textarea> <p> </textarea> <P> a"), "<textarea> <p> </textarea><P> a");
    }

    #[test]
    fn structured_data_is_set_aside() {
        let prepared = run("<script type='application/ld+json'>{\"a\":1}</script><p>x", 3, &HashSet::new());
        assert_eq!(prepared.html, "<p>x");
        assert_eq!(prepared.json_ld, ["{\"a\":1}"]);
    }

    #[test]
    fn markup_within_attributes_is_not_markup() {
        let html = "<a href='<script>'>text</a><p id=\"<!--\">b</p>";
        assert_eq!(cut(html), html);
    }

    #[test]
    fn attributes_above_the_limit_are_dropped() {
        assert_eq!(cut("<b a=1 b='2' c d=4 e=\">\">x"), "<b a=1 b='2' c >x");
        assert_eq!(cut("<p id=1 a=2 class='3' name=4 rel=\">\">x"), "<p id=1 class='3'>x");
        assert_eq!(cut("x</p a=1 b='2'>y"), "x</p>y");
    }

    #[test]
    fn attributes_that_nothing_reads_are_dropped() {
        assert_eq!(cut("<a data-x='>' HREF = /a/ onclick=f()>"), "<a HREF = /a/>");
        assert_eq!(cut("<p a=1 hidden title>x<img src=/a.jpg/><br data-x />"), "<p hidden>x<img src=/a.jpg/><br />");
        assert_eq!(cut("<p class=\"a\"id='b'>x<p class=a / id=b>"), "<p class=\"a\"id='b'>x<p class=a / id=b>");
        assert_eq!(cut("<font color=red>x"), "<font color=red>x");
        let text = "<noscript><img src=a alt=b></noscript>";
        assert_eq!(cut(&format!("{text}<img src=a alt=b>")), format!("{text}<img src=a>"));
    }

    #[test]
    fn attributes_that_mounted_rules_name_are_kept() {
        let also_read = HashSet::from(["data-x".to_owned()]);
        assert_eq!(run("<a Data-X='1' data-y=2>x", 3, &also_read).html, "<a Data-X='1'>x");
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
