//! What programs on the way did to a text, undone: escapes that were written out, and UTF-8 that was read as windows-1252.

use encoding_rs::Encoding;

use crate::misread::byte_of;

/// A text that is escaped as in JSON or in a programming language, without its escapes; none where it is not. Nobody writes
/// `\n` between paragraphs and not a single line break; a page is escaped where all its attributes are, or what stands between its
/// tags while no script could hold it.
pub(super) fn without_escapes(text: &str, is_page: bool) -> Option<String> {
    let is_escaped = if is_page {
        let by_attributes = !text.contains("=\"") && text.contains("=\\\"");
        let by_breaks = || !text.contains(['\n', '=']) && text.matches(">\\n").nth(1).is_some();
        by_attributes || by_breaks()
    } else {
        !text.contains('\n') && {
            // `\nabla` and `\neq` are no line breaks.
            let breaks = text.match_indices("\\n").map(|(at, written)| text.get(at + written.len()..));
            let (mut all, mut real) = (0_usize, 0_usize);
            for after in breaks {
                all += 1;
                real += usize::from(!after.unwrap_or_default().starts_with(|next: char| next.is_ascii_lowercase()));
            }
            real >= 2 && real * 2 > all
        }
    };
    is_escaped.then(|| unescaped(text))
}

fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        let (character, length) = escape(after).unwrap_or(('\\', 0));
        plain.push(character);
        rest = after.get(length..).unwrap_or_default();
    }
    plain.push_str(rest);
    plain
}

/// The character that an escape stands for, and the length of what stands behind its backslash.
fn escape(after: &str) -> Option<(char, usize)> {
    let simple = |character| Some((character, 1));
    match after.bytes().next()? {
        b'n' => simple('\n'),
        b'r' => simple('\r'),
        b't' => simple('\t'),
        b'"' => simple('"'),
        b'\'' => simple('\''),
        b'/' => simple('/'),
        b'\\' => simple('\\'),
        b'u' => {
            let unit = |at: usize| u16::from_str_radix(after.get(at..at + 4)?, 16).ok();
            let first = unit(1)?;
            let second = if after.get(5..7) == Some("\\u") { unit(7) } else { None };
            let pair = second.and_then(|second| char::decode_utf16([first, second]).next()?.ok());
            match char::from_u32(u32::from(first)) {
                Some(character) => Some((character, 5)),
                // Half of a pair.
                None => Some((pair?, 11)),
            }
        }
        _ => None,
    }
}

/// What is left of `à`, whose second byte is a space that does not break, once a program made it a space like others.
const BARE_A: &str = "Ã ";

/// Characters beyond ASCII that are looked at before a text is taken for what it is.
const LOOK: usize = 60;

/// A text that was UTF-8 and was read as windows-1252 (`â€™` for `’`, `Ã©` for `é`), as it was; none where it was not. Most of what is
/// not ASCII must be such a run: `Å”` alone ends a Swedish quotation. A text about encodings shows them on purpose. What is misread throughout
/// within an article that is not, such as a title, its own normal form puts right.
pub(super) fn without_mojibake(text: &str) -> Option<String> {
    /// Read so twice.
    const TIMES: usize = 2;
    let mut repaired: Option<String> = None;
    for _ in 0..TIMES {
        match without_one(repaired.as_deref().unwrap_or(text)) {
            Some(better) => repaired = Some(better),
            None => break,
        }
    }
    repaired
}

fn without_one(text: &str) -> Option<String> {
    if text.is_ascii() || !is_mojibake(text) || speaks_of_encodings(text) {
        return None;
    }
    let mut repaired = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (character, length) = match run(rest) {
            Some(run) => run,
            None if rest.starts_with(BARE_A) => ('à', first.len_utf8()),
            None => (first, first.len_utf8()),
        };
        repaired.push(character);
        rest = rest.get(length..).unwrap_or_default();
    }
    Some(repaired)
}

/// Whether most of what is not ASCII are runs that are UTF-8.
fn is_mojibake(text: &str) -> bool {
    let (mut runs, mut long, mut alone) = (0_usize, 0_usize, 0_usize);
    let mut rest = text;
    loop {
        rest = rest.get(Encoding::ascii_valid_up_to(rest.as_bytes())..).unwrap_or_default();
        if rest.is_empty() {
            break;
        }
        let length = match run(rest) {
            Some((_, length)) => {
                runs += 1;
                long += usize::from(rest.chars().nth(1).is_some_and(|second| second == '€') || length > 4);
                length
            }
            None => {
                alone += usize::from(!rest.starts_with(BARE_A));
                rest.chars().next().map_or(1, char::len_utf8)
            }
        };
        if runs + alone >= LOOK {
            break;
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    (runs >= 3 || long >= 1) && runs > 2 * alone
}

/// Whether a text is about how characters are written.
fn speaks_of_encodings(text: &str) -> bool {
    const WORDS: [&str; 6] = ["utf", "unicode", "mojibake", "charset", "encoding", "iso"];
    let mut words = text.split(|next: char| !next.is_ascii_alphabetic());
    words.any(|word| WORDS.iter().any(|known| known.eq_ignore_ascii_case(word)))
}

/// The character whose bytes a text begins with, each read as a character of its own, and their length in the text.
fn run(text: &str) -> Option<(char, usize)> {
    let mut characters = text.char_indices();
    let (_, first) = characters.next()?;
    let first = byte_of(first)?;
    let count = match first {
        0xC2..=0xDF => 1,
        0xE0..=0xEF => 2,
        0xF0..=0xF4 => 3,
        _ => return None,
    };
    let mut bytes = [first, 0, 0, 0];
    let mut end = 0;
    for at in 1..=count {
        let next = characters.next().and_then(|(at, character)| Some((at + character.len_utf8(), byte_of(character)?)));
        let Some((behind, next)) = next.filter(|(_, byte)| (0x80..=0xBF).contains(byte)) else {
            // The last byte of `”` is no character in windows-1252, and is lost.
            return (bytes == [0xE2, 0x80, 0, 0]).then_some(('”', end));
        };
        *bytes.get_mut(at)? = next;
        end = behind;
    }
    let written = std::str::from_utf8(bytes.get(..=count)?).ok()?;
    Some((written.chars().next()?, end))
}

#[cfg(test)]
mod tests {
    use encoding_rs::WINDOWS_1252;
    use proptest::prelude::*;

    use super::*;

    fn misread(text: &str) -> String {
        let (read, _) = WINDOWS_1252.decode_without_bom_handling(text.as_bytes());
        read.into_owned()
    }

    #[test]
    fn escapes_of_a_text_without_lines_are_read() {
        let escaped = r#"A title\n\nIt said: \"no\".\r\n\tNext \u00e9t\u00e9 \ud83d\ude00 C:\temp\x \/ end"#;
        let expected = "A title\n\nIt said: \"no\".\r\n\tNext été 😀 C:\temp\\x / end";
        assert_eq!(without_escapes(escaped, false).as_deref(), Some(expected));
        assert_eq!(without_escapes(r"One\n\nTwo \ud83d alone", false).as_deref(), Some("One\n\nTwo \\ud83d alone"));
        for text in
            [r"One\nTwo.", "A line\nand \\n\\n escapes", r"$a \neq b$, $\nabla f$, $\nu$, $\nexists$", "No escapes."]
        {
            assert_eq!(without_escapes(text, false), None, "{text}");
        }
    }

    #[test]
    fn escaped_pages_are_known_by_their_attributes() {
        let page = r#"<p class=\"a\">One.<\/p>\n<p class=\"b\">Two.<\/p>"#;
        assert_eq!(without_escapes(page, true).as_deref(), Some("<p class=\"a\">One.</p>\n<p class=\"b\">Two.</p>"));
        let bare = "<p>One.</p>\\n<p>Two.</p>\\n<p>Three.</p>";
        assert_eq!(without_escapes(bare, true).as_deref(), Some("<p>One.</p>\n<p>Two.</p>\n<p>Three.</p>"));
        for page in [r#"<p class="a">One.</p><script>x("\n\n<p class=\"b\">")</script>"#, r"<p>One\n\nTwo</p>"] {
            assert_eq!(without_escapes(page, true), None, "{page}");
        }
    }

    #[test]
    fn utf_8_that_was_read_as_windows_1252_is_read_again() {
        for text in [
            "The council’s “clear” decision — at last…",
            "Les élèves ont été reçus à l’école.",
            "Совет решил построить мост.",
            "市議会は橋の建設を決めた。",
            "Çocuklar köprüyü gördü, ağaç büyüdü.",
            "Ærlig talt: blåbærsyltetøy på brødet",
        ] {
            assert_eq!(without_mojibake(&misread(text)).as_deref(), Some(text));
            assert_eq!(without_mojibake(&misread(&misread(text))).as_deref(), Some(text), "twice");
            assert_eq!(without_mojibake(text), None, "{text}");
        }
        assert_eq!(without_mojibake("It was â€œclearâ€, he said.").as_deref(), Some("It was “clear”, he said."));
        assert_eq!(without_mojibake("Il a Ã©tÃ© Ã BrÃ©han, dÃ©jÃ .").as_deref(), Some("Il a été à Bréhan, déjà ."));
    }

    #[test]
    fn text_that_only_looks_so_stays() {
        for text in [
            "”HEJ PÅ” stod det på skylten, och ”GÅ” på en annan, där åar och älvar möts.",
            "Â£ is rare.",
            "A page in the wrong encoding shows â€™ and Ã© and Ã¨ instead of what was written.",
            "Été à l’école, déjà. Ã©tÃ© Ã©",
            "NÃO É ASSIM, disse ele à rádio: «não é».",
            "plain",
            "",
        ] {
            assert_eq!(without_mojibake(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(\\PC|[Ãâ€™©\\\\nu0-9a-f]){0,60}") {
            let _ = (without_escapes(&text, false), without_escapes(&text, true), without_mojibake(&text));
        }
    }
}
