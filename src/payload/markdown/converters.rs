//! Markdown as the converters of crawlers write it, made readable by the standard: links over several paragraphs or to addresses with
//! spaces, lists that begin as deep as code, and emphasis that begins or ends beside a space.

use std::borrow::Cow;

/// Longest text of a link, and longest address with its title, in bytes.
const LONGEST: usize = 4_000;

/// Columns from which an indented line is code.
const CODE: usize = 4;

/// The indentation of a list that is none.
const LIST: &str = "  ";

/// The text with its links and lists mended.
pub(super) fn mended(markdown: &str) -> String {
    with_links(&with_lists(markdown))
}

/// Lists that begin four columns in or deeper, as what stands below a heading in a nested list of the page does.
fn with_lists(markdown: &str) -> Cow<'_, str> {
    if !markdown.contains("\n    ") {
        return Cow::Borrowed(markdown);
    }
    let mut text = String::with_capacity(markdown.len());
    let (mut is_fenced, mut may_be_code) = (false, true);
    for line in markdown.split_inclusive('\n') {
        let inner = line.trim_start_matches(' ');
        is_fenced ^= inner.starts_with("```") || inner.starts_with("~~~");
        let indentation = line.len() - inner.len();
        let is_item = is_item(inner);
        if indentation >= CODE && is_item && may_be_code && !is_fenced {
            text.push_str(LIST);
            text.push_str(inner);
        } else {
            text.push_str(line);
        }
        // What is indented below an item belongs to it.
        if !inner.trim().is_empty() {
            may_be_code = indentation == 0 && !is_item;
        }
    }
    Cow::Owned(text)
}

/// Whether a line without its indentation is an item of a list.
fn is_item(line: &str) -> bool {
    let number = line.trim_start_matches(|character: char| character.is_ascii_digit());
    let is_numbered = number.len() < line.len() && number.starts_with(". ");
    is_numbered || ["* ", "- ", "+ "].iter().any(|sign| line.starts_with(sign))
}

/// Links whose text holds blank lines, put on one line; and addresses with spaces, put in angle brackets, as the standard has them.
fn with_links(markdown: &str) -> String {
    let mut text = String::with_capacity(markdown.len());
    // Where brackets are open in what is written so far.
    let mut open: Vec<usize> = Vec::new();
    let mut rest = markdown;
    while let Some(at) = rest.find(['[', ']', '\\', '`']) {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        let taken = match from.as_bytes().first() {
            Some(b'[') => {
                open.push(text.len());
                1
            }
            Some(b']') => {
                let start = open.pop();
                match start.zip(address(from.get(1..).unwrap_or_default())) {
                    Some((start, (end, address))) => {
                        join_paragraphs(&mut text, start + 1);
                        text.push(']');
                        text.push_str(&address);
                        rest = from.get(1 + end..).unwrap_or_default();
                        continue;
                    }
                    None => 1,
                }
            }
            Some(b'\\') => 1 + from.chars().nth(1).map_or(0, char::len_utf8),
            _ => code(from),
        };
        let (taken, behind) = from.split_at(taken.min(from.len()));
        text.push_str(taken);
        rest = behind;
    }
    text.push_str(rest);
    text
}

/// The bytes of the code that a text begins with; those of the marks alone where it does not end in its paragraph.
fn code(text: &str) -> usize {
    let marks = text.len() - text.trim_start_matches('`').len();
    let inner = text.get(marks..).unwrap_or_default();
    let fence = text.get(..marks).unwrap_or_default();
    let end = inner.find(fence).filter(|end| marks >= 3 || !inner.get(..*end).unwrap_or_default().contains("\n\n"));
    end.map_or(marks, |end| marks + end + marks)
}

/// The address in parentheses that a text begins with: the bytes that it takes, and how it is to be written.
fn address(text: &str) -> Option<(usize, Cow<'_, str>)> {
    let inner = text.strip_prefix('(')?;
    // What would hold another link is no address.
    let most = inner.find("](").unwrap_or(LONGEST).min(LONGEST);
    let (mut depth, mut quoted, mut before) = (0_usize, false, ' ');
    let end = inner.char_indices().take_while(|(at, _)| *at < most).find_map(|(at, character)| {
        let ends = character == ')' && depth == 0 && !quoted && before != '\\';
        match character {
            '(' if !quoted && before != '\\' => depth += 1,
            ')' if !quoted && before != '\\' => depth = depth.saturating_sub(1),
            '"' if !quoted && before.is_whitespace() => quoted = true,
            '"' if quoted => quoted = !inner.get(at + 1..).unwrap_or_default().trim_start().starts_with(')'),
            _ => {}
        }
        before = character;
        ends.then_some(at)
    })?;
    let inside = inner.get(..end)?;
    let written = text.get(..end + 2)?;
    let target = inside.find(" \"").map_or(inside, |title| inside.get(..title).unwrap_or_default()).trim();
    let is_standard = target.starts_with('<') || !(target.is_empty() || target.contains(char::is_whitespace));
    let is_bracketed = !target.contains(['<', '>', '\n']);
    Some((end + 2, if is_standard || !is_bracketed { Cow::Borrowed(written) } else { format!("(<{target}>)").into() }))
}

/// Joins the paragraphs of a link's text, from a place on, without their marks.
fn join_paragraphs(text: &mut String, from: usize) {
    let Some(own) = text.get(from..).filter(|own| own.len() <= LONGEST && own.contains('\n')) else { return };
    let lines = own.lines().map(|line| line.trim().trim_start_matches(['#', '>']).trim_start());
    let joined = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    text.truncate(from);
    text.push_str(&joined);
}

/// A text outside of code without the marks of emphasis that are left in it: two to four asterisks at the edge of a word, four also
/// apart (the end of one and the beginning of the next), and underscores between spaces. "f**k" and "2 ** 3" stay.
pub(super) fn without_stray_emphasis(text: &str) -> Cow<'_, str> {
    if !text.contains("**") && !text.contains("_") {
        return Cow::Borrowed(text);
    }
    let mut cleaned = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['*', '_']) {
        let (before, from) = rest.split_at(at);
        cleaned.push_str(before);
        let mark = if from.starts_with('*') { '*' } else { '_' };
        let behind = from.trim_start_matches(mark);
        let marks = from.get(..from.len() - behind.len()).unwrap_or_default();
        let (left, right) = (cleaned.chars().next_back(), behind.chars().next());
        let within = |beside: Option<char>| beside.is_some_and(char::is_alphanumeric);
        let apart = |beside: Option<char>| beside.is_some_and(char::is_whitespace);
        let is_stray = match (mark, marks.len()) {
            ('*', 2..=3) => !((within(left) && within(right)) || (apart(left) && apart(right))),
            ('*', 4) => !(within(left) && within(right)),
            ('_', 1..=2) => apart(left) && apart(right),
            _ => false,
        };
        if !is_stray {
            cleaned.push_str(marks);
        }
        rest = behind;
    }
    cleaned.push_str(rest);
    Cow::Owned(cleaned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(text: &str) -> String {
        text.chars().filter(|character| character.is_alphanumeric()).collect()
    }

    proptest::proptest! {
        #[test]
        fn no_letter_is_lost(text in "[a-cé1\\[\\]()`<> \n#*_\\\\.-]{0,80}") {
            proptest::prop_assert_eq!(letters(&mended(&text)), letters(&text));
            proptest::prop_assert_eq!(letters(&without_stray_emphasis(&text)), letters(&text));
        }
    }

    #[test]
    fn links_over_paragraphs_become_one_line() {
        for (written, read) in [
            ("[\n\n### Bells\n\nMoved by forty.\n\n](/bells)", "[Bells Moved by forty.](/bells)"),
            ("[![Logo](/logo.svg)\n\nHome](/)", "[![Logo](/logo.svg) Home](/)"),
            ("[a](/a) [sic] and [b](/b)", "[a](/a) [sic] and [b](/b)"),
            ("\\[no\\](/a) and `[\n](/b)`", "\\[no\\](/a) and `[\n](/b)`"),
            ("```\nx[1\n\n](2)\n```\n[a\n\nb](/c)", "```\nx[1\n\n](2)\n```\n[a b](/c)"),
            ("An open [ bracket\n\nand an end](of none", "An open [ bracket\n\nand an end](of none"),
        ] {
            assert_eq!(mended(written), read);
        }
    }

    #[test]
    fn addresses_with_spaces_and_titles_are_read() {
        for (written, read) in [
            (
                "[a](https://e.example/#:~:text=Forty people moved it.)",
                "[a](<https://e.example/#:~:text=Forty people moved it.>)",
            ),
            ("![a]( \"Bells (old)\")", "![a](<>)"),
            ("[a](/b \"The (old) bells\") x)", "[a](/b \"The (old) bells\") x)"),
            ("[a](/b_(c)) d", "[a](/b_(c)) d"),
            ("[a](</b c>)", "[a](</b c>)"),
        ] {
            assert_eq!(mended(written), read);
        }
    }

    #[test]
    fn a_list_that_begins_deep_is_a_list_and_code_is_code() {
        let deep = "Heading\n\n    * one\n      * two\n\n    * three\n";
        assert_eq!(mended(deep), "Heading\n\n  * one\n      * two\n\n    * three\n");
        for code in ["Text\n\n    let x = 1;\n", "* one\n\n    * two\n", "```\n    * one\n```\n"] {
            assert_eq!(mended(code), code);
        }
    }

    #[test]
    fn stray_marks_go_and_those_that_are_meant_stay() {
        for (written, read) in [
            ("for their work** Starry Night** in Vienna", "for their work Starry Night in Vienna"),
            ("**", ""),
            ("what it exposed**** broadly", "what it exposed broadly"),
            ("***Optilli,***Balmond", "Optilli,Balmond"),
            ("f**k, 2 ** 3, D****ay and 4*", "f**k, 2 ** 3, D****ay and 4*"),
            ("Zelda __ in snake_case, __init__ and _ b", "Zelda  in snake_case, __init__ and  b"),
        ] {
            assert_eq!(without_stray_emphasis(written), read);
        }
    }
}
