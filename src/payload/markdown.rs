//! Markdown as the page that it was made from: headings, lists and links are read better as markup than as text.

mod converters;

use std::fmt;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, TextMergeStream, html};

use crate::rejection::Rejection;

/// Text that refuses to grow beyond its limit.
struct Bounded {
    text: String,
    limit: usize,
}

impl fmt::Write for Bounded {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        if self.text.len() + piece.len() > self.limit {
            return Err(fmt::Error);
        }
        self.text.push_str(piece);
        Ok(())
    }
}

/// Of what may come out, the part that may go in: the parser holds some fifty times the bytes of what it reads.
const PART: usize = 16;

/// Bytes of Markdown that may be rendered where so many may come out.
pub(super) fn most(limit: usize) -> usize {
    limit / PART
}

/// Renders Markdown as HTML, also where a converter did not write it by the standard.
pub(super) fn render(markdown: &str, limit: usize) -> Result<String, Rejection> {
    if markdown.len() > most(limit) {
        return Err(Rejection::TooLargeDecoded { limit: most(limit) });
    }
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let markdown = converters::mended(markdown);
    let mut is_code = false;
    let events = TextMergeStream::new(Parser::new_ext(&markdown, options)).map(|event| {
        match &event {
            Event::Start(Tag::CodeBlock(_)) => is_code = true,
            Event::End(TagEnd::CodeBlock) => is_code = false,
            _ => {}
        }
        match event {
            Event::Text(text) if !is_code => Event::Text(converters::without_stray_emphasis(&text).into_owned().into()),
            other => other,
        }
    });
    let mut page = Bounded { text: String::with_capacity(markdown.len().min(limit)), limit };
    html::write_html_fmt(&mut page, events).map_err(|_| Rejection::TooLargeDecoded { limit })?;
    Ok(page.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_converters_write_is_read_and_code_is_left_alone() {
        let page =
            render("**Bells: **moved [\n\nby forty\n\n](/f g)\n\n    **x** = [a\n\n```\n** _ __\n```\n", 1 << 20)
                .unwrap();
        assert!(page.contains("<p>Bells: moved <a href=\"/f%20g\">by forty</a></p>"), "{page}");
        assert!(page.contains("**x** = [a") && page.contains("** _ __"), "{page}");
    }

    #[test]
    fn headings_lists_and_links_become_markup_and_growth_is_bounded() {
        let page = render("# Harvest\n\nThe *last* [vats](https://example.org/).\n\n- one\n- two\n", 1 << 20).unwrap();
        assert!(page.contains("<h1>Harvest</h1>") && page.contains("<li>two</li>"), "{page}");
        assert_eq!(render(&">".repeat(2000), 32_000), Err(Rejection::TooLargeDecoded { limit: 32_000 }));
        assert_eq!(render(&"a\n".repeat(1001), 32_000), Err(Rejection::TooLargeDecoded { limit: 2_000 }));
    }
}
