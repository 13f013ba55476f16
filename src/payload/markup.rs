//! Text that nobody declared as more, and that is markup in part: fragments of pages, stray tags, Markdown. What is about
//! markup shows its tags on purpose, and keeps them.

use std::collections::HashMap;

/// Tags that stand around paragraphs.
const BLOCKS: [&str; 16] = [
    "p",
    "div",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "li",
    "blockquote",
    "table",
    "section",
    "article",
    "figure",
];

/// Tags that stand within them.
const INLINE: [&str; 19] = [
    "a", "abbr", "b", "big", "br", "center", "cite", "em", "font", "hr", "i", "img", "mark", "small", "span", "strong",
    "sub", "sup", "u",
];

/// Longest tag.
const LONGEST: usize = 2_000;

/// A tag in a text.
#[derive(Debug)]
struct Tag<'t> {
    /// In lower case.
    name: String,
    closes: bool,
    has_attributes: bool,
    start: usize,
    end: usize,
    text: &'t str,
}

impl Tag<'_> {
    fn is_block(&self) -> bool {
        BLOCKS.contains(&self.name.as_str())
    }

    fn before(&self) -> &str {
        self.text.get(..self.start).unwrap_or_default()
    }

    fn after(&self) -> &str {
        self.text.get(self.end..).unwrap_or_default()
    }

    /// Whether it stands as it would in markup: at the beginning, behind a tag, a sentence or a line.
    fn is_placed(&self) -> bool {
        let before = self.before().trim_end();
        let mut backwards = before.chars().rev();
        let quoted = |character: char| matches!(character, '`' | '"' | '\'' | '“' | '«' | '„' | '‘' | '(');
        let on_new_line = self.before().get(before.len()..).is_some_and(|gap| gap.contains('\n'));
        match backwards.next() {
            None | Some('>' | '.' | '!' | '?' | '…' | '。' | '！' | '？' | ';') => true,
            Some('"' | '”' | '»' | ')' | '」') => {
                backwards.next().is_some_and(|last| matches!(last, '.' | '!' | '?' | '…'))
            }
            Some(':' | ',') => false,
            Some(last) => on_new_line && !quoted(last),
        }
    }

    /// Whether it stands between spaces, as a word does.
    fn stands_alone(&self) -> bool {
        let spaced = |next: Option<char>| next.is_none_or(char::is_whitespace);
        !self.has_attributes && spaced(self.before().chars().next_back()) && spaced(self.after().chars().next())
    }

    /// Whether it is put in quotes.
    fn is_quoted(&self) -> bool {
        let (before, after) = (self.before().chars().next_back(), self.after().chars().next());
        matches!(
            (before, after),
            (Some('`'), Some('`'))
                | (Some('"'), Some('"'))
                | (Some('\''), Some('\''))
                | (Some('“'), Some('”'))
                | (Some('«'), Some('»'))
                | (Some('„'), Some('“'))
        )
    }
}

/// The tags of HTML in a text.
fn tags(text: &str) -> impl Iterator<Item = Tag<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + memchr::memchr(b'<', text.get(at..)?.as_bytes())?;
            at = start + 1;
            if let Some(tag) = tag(text, start) {
                at = tag.end;
                return Some(tag);
            }
        }
    })
}

fn tag(text: &str, start: usize) -> Option<Tag<'_>> {
    let bytes = text.as_bytes();
    let near = bytes.get(start + 1..bytes.len().min(start + LONGEST))?;
    let length = memchr::memchr2(b'>', b'<', near).filter(|at| near.get(*at) == Some(&b'>'))?;
    let inside = text.get(start + 1..start + 1 + length)?;
    let (closes, inside) = inside.strip_prefix('/').map_or((false, inside), |rest| (true, rest));
    let name = inside
        .find(|next: char| !next.is_ascii_alphanumeric())
        .map_or(inside, |end| inside.get(..end).unwrap_or_default());
    let attributes = inside.get(name.len()..)?.trim_matches(|next: char| next == '/' || next.is_whitespace());
    // `a <b and c> d` is no tag.
    if !(attributes.is_empty() || (attributes.contains('=') && !closes)) {
        return None;
    }
    let name = name.to_ascii_lowercase();
    (BLOCKS.contains(&name.as_str()) || INLINE.contains(&name.as_str())).then_some(Tag {
        name,
        closes,
        has_attributes: !attributes.is_empty(),
        start,
        end: start + length + 2,
        text,
    })
}

/// Whether a text speaks of markup: it may well show some.
fn speaks_of_markup(text: &str) -> bool {
    const WORDS: [&str; 6] = ["html", "xhtml", "css", "markup", "javascript", "php"];
    text.contains("```") || text.contains("`<") || {
        let mut words = text.split(|next: char| !next.is_alphanumeric());
        words.any(|word| word.len() <= 10 && WORDS.iter().any(|known| known.eq_ignore_ascii_case(word)))
    }
}

/// Whether a text is a fragment of a page: its paragraphs stand in tags.
pub(super) fn is_fragment(text: &str) -> bool {
    let (mut placed, mut misplaced, mut closed) = (0_usize, 0_usize, 0_usize);
    for tag in tags(text).filter(Tag::is_block) {
        match () {
            () if tag.is_quoted() => return false,
            () if tag.closes => closed += 1,
            () if tag.is_placed() => placed += 1,
            () => misplaced += 1,
        }
    }
    let trimmed = text.trim();
    let is_whole = tag(trimmed, 0).is_some_and(|first| first.is_block() && !first.closes) && trimmed.ends_with('>');
    if is_whole {
        return closed >= 1 && placed + closed > 2 * misplaced;
    }
    placed >= 2 && misplaced == 0 && (closed >= 1 || placed >= 3) && !speaks_of_markup(text)
}

/// Whether a text that has tags is not markup all the same: it shows them, or has a few amid lines of its own.
pub(super) fn is_text_with_tags(text: &str) -> bool {
    if text.trim_start().starts_with('<') {
        return false;
    }
    let has_blocks = tags(text).any(|tag| tag.is_block());
    let shows_tags = || tags(text).any(|tag| tag.is_quoted() || (tag.is_block() && !tag.closes && !tag.is_placed()));
    if has_blocks { speaks_of_markup(text) && shows_tags() } else { text.trim().matches('\n').nth(1).is_some() }
}

/// A text without the tags that strayed into it; none where it has none, or shows them.
pub(super) fn without_stray_tags(text: &str) -> Option<String> {
    let mut open: HashMap<String, isize> = HashMap::new();
    let mut any = false;
    for tag in tags(text) {
        if tag.is_quoted() {
            return None;
        }
        any = true;
        *open.entry(tag.name.clone()).or_default() += if tag.closes { -1 } else { 1 };
    }
    if !any || speaks_of_markup(text) {
        return None;
    }
    let mut cleaned = String::with_capacity(text.len());
    let mut from = 0;
    for tag in tags(text) {
        let is_void = matches!(tag.name.as_str(), "br" | "hr" | "img");
        // One that stands there like a word, and is never closed, is meant as one.
        if !is_void && tag.stands_alone() && open.get(&tag.name) != Some(&0) {
            return None;
        }
        cleaned.push_str(text.get(from..tag.start).unwrap_or_default());
        cleaned.push_str(match tag.name.as_str() {
            "br" => "\n",
            "hr" => "\n\n",
            _ if tag.is_block() => "\n\n",
            _ => "",
        });
        from = tag.end;
    }
    cleaned.push_str(text.get(from..).unwrap_or_default());
    Some(cleaned)
}

/// Whether a text is Markdown: headings that stand alone, and links, emphasis or lists as well; or several links. A text with only
/// one of these may be anything, and code has comments that look like headings.
pub(super) fn is_markdown(text: &str) -> bool {
    /// Links that need no heading.
    const LINKS: usize = 3;
    // Most texts have no line that could be a heading, and no link.
    if !(text.trim_start().starts_with('#') || text.contains("\n#") || text.contains("](")) {
        return false;
    }
    let Signs { headings, items, links, strong, is_code } = Signs::of(text);
    !is_code && (links >= LINKS || (headings >= 1 && links + strong >= 1) || (headings >= 2 && items >= 2))
}

/// Whether a heading of Markdown stands alone in a text.
pub(super) fn has_heading(text: &str) -> bool {
    let signs = Signs::of(text);
    signs.headings >= 1 && !signs.is_code
}

/// What in a text looks like Markdown, outside of its code.
struct Signs {
    /// Headings that stand alone.
    headings: usize,
    items: usize,
    links: usize,
    strong: usize,
    is_code: bool,
}

impl Signs {
    fn of(text: &str) -> Self {
        /// Of the lines, one in so many may end as those of code do.
        const CODE: usize = 8;
        let mut signs = Self { headings: 0, items: 0, links: 0, strong: 0, is_code: false };
        let mut lines = text.lines().map(str::trim_end).peekable();
        let mut before = "";
        let (mut filled, mut code, mut fenced) = (0_usize, 0_usize, false);
        while let Some(line) = lines.next() {
            let after_blank = std::mem::replace(&mut before, line).is_empty();
            filled += usize::from(!line.is_empty());
            if line.starts_with("```") || line.starts_with("~~~") {
                fenced = !fenced;
            }
            if fenced {
                continue;
            }
            let level = line.bytes().take_while(|byte| *byte == b'#').count();
            if (1..=6).contains(&level)
                && line.get(level..).is_some_and(|rest| rest.starts_with(' ') && rest.len() > 1)
                && after_blank
                && lines.peek().is_none_or(|line| line.is_empty())
            {
                signs.headings += 1;
            }
            signs.items += usize::from(["- ", "* ", "+ "].iter().any(|sign| line.trim_start().starts_with(sign)));
            signs.links += links(line);
            signs.strong += strong(line);
            code += usize::from(line.ends_with(['{', '}', ';']));
        }
        signs.is_code = code * CODE > filled;
        signs
    }
}

/// `[text](address)` in a line.
fn links(line: &str) -> usize {
    let mut links = 0;
    for (at, _) in line.match_indices("](") {
        let address = line.get(at + 2..).unwrap_or_default();
        let is_address = ["http://", "https://", "/", "#", "mailto:"].iter().any(|start| address.starts_with(start));
        links +=
            usize::from(is_address && address.contains(')') && line.get(..at).is_some_and(|text| text.contains('[')));
    }
    links
}

/// `**text**` in a line.
fn strong(line: &str) -> usize {
    let parts: Vec<&str> = line.split("**").collect();
    let is_set = |part: &&&str| !part.is_empty() && !part.starts_with(' ') && !part.ends_with(' ');
    // Every other part stands between two signs; the last one stands behind the last.
    parts.iter().skip(1).step_by(2).take(parts.len().saturating_sub(1) / 2).filter(is_set).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_in_tags_are_a_fragment_of_a_page() {
        for text in [
            "<p>One.</p><p>Two.</p>",
            "<p>Only one.</p>",
            "<DIV class=\"x\">\n<p>One.</p>\n</DIV>",
            "The lead of the story.<p>Its second paragraph.</p>\n<p>Its third.</p>",
            "Ferry runs again\n<p>The ferry left on time.</p>\n<ul><li>One</li><li>Two</li></ul>",
            "<h2>Heading</h2>Text<p>and more <b>text</b></p>",
            "He said: \"We go.\"<p>Then he went.<p>Nobody followed.<p>So it ended.",
        ] {
            assert!(is_fragment(text), "{text}");
        }
    }

    #[test]
    fn text_about_markup_is_none() {
        for text in [
            "The <div> tag and the <p> tag are the ones that everybody knows. A <p> is closed by </p>.",
            "Write this in your HTML file.\n\n<p>First</p>\n<p>Second</p>\n\nThen reload the page.",
            "Quote it as \"<p>\" or '</p>', and \"<div>\" alike.",
            "Use `<p>` and `</p>` twice: `<p>`.",
            "A plain text. With a < sign and a > sign.",
            "If a <b and c> d, then p <q.",
        ] {
            assert!(!is_fragment(text), "{text}");
            assert_eq!(without_stray_tags(text), None, "{text}");
        }
    }

    #[test]
    fn stray_tags_go_and_lines_stay() {
        for (text, expected) in [
            ("The <b>ferry</b> left.<br>It was <i>late</i>.", "The ferry left.\nIt was late."),
            ("See <a href=\"https://x.example/?a=1\">the map</a> of the port.", "See the map of the port."),
            ("It left.</p>\nIt came back.", "It left.\n\n\nIt came back."),
            ("Wide <FONT color=red> words </FONT> here.", "Wide  words  here."),
        ] {
            assert_eq!(without_stray_tags(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn tags_that_are_meant_as_words_stay() {
        for text in [
            "The <b> sign is the oldest of them.",
            "In HTML you write <b>bold</b> so.",
            "Vec<a> is no tag here, and x<y neither",
            "No tags at all & no entities.",
        ] {
            let cleaned = without_stray_tags(text);
            assert!(cleaned.is_none() || text.starts_with("Vec"), "{text} {cleaned:?}");
        }
    }

    #[test]
    fn text_with_a_few_inline_tags_on_its_own_lines_is_text() {
        assert!(is_text_with_tags("One.\n\nTwo <b>x</b> <a href=\"/\">y</a>.\n\nThree."));
        assert!(is_text_with_tags("In HTML the <div> tag, the <p> tag and the <ul> tag differ: </p> may be left out."));
        assert!(!is_text_with_tags("<p>One.\n\n<p>Two.\n\n"));
        assert!(!is_text_with_tags("Lead.\n<p>One.</p>\n<div>Two.</div>\n"));
    }

    #[test]
    fn headings_with_links_emphasis_or_lists_are_markdown() {
        for text in [
            "# Bells\n\nThe bells were **never** moved.",
            "# Bells\n\nA neighbour offered [his trailer](https://example.org/trailer).",
            "Intro.\n\n## One\n\n- a\n- b\n\n## Two\n\nText.",
            "[One](/1) and [two](/2)\n\nThe bells were moved by [forty people](https://example.org/bells).",
        ] {
            assert!(is_markdown(text), "{text}");
        }
        for text in [
            "# One\n\nText.\n\n## Two\n\nText.",
            "- a\n- b\n\n**bold** and [x](https://example.org/).",
            "# set up\n\nx = 1;\n\n# **done**\n\ny = 2;",
            "#harbour\n\n**#sea**",
            "# 1 of the charts\n\nFour stars: * * * *, or 2 ** 3 ** 4.",
            "```\n# one\n\n**x**\n```\nText.",
            "# a comment\nkey: **value**\n",
            "[One](/1) and [two](/2)",
            "let x = a[1](2) + b[3](4) + c[5](6)",
        ] {
            assert!(!is_markdown(text), "{text}");
        }
    }
}
