//! Markdown as the page that it was made from: headings, lists and links are read better as markup than as text.

use std::fmt;

use pulldown_cmark::{Options, Parser, html};

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

/// Renders Markdown as HTML.
pub(super) fn render(markdown: &str, limit: usize) -> Result<String, Rejection> {
    if markdown.len() > most(limit) {
        return Err(Rejection::TooLargeDecoded { limit: most(limit) });
    }
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut page = Bounded { text: String::with_capacity(markdown.len().min(limit)), limit };
    html::write_html_fmt(&mut page, Parser::new_ext(markdown, options))
        .map_err(|_| Rejection::TooLargeDecoded { limit })?;
    Ok(page.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_lists_and_links_become_markup_and_growth_is_bounded() {
        let page = render("# Harvest\n\nThe *last* [vats](https://example.org/).\n\n- one\n- two\n", 1 << 20).unwrap();
        assert!(page.contains("<h1>Harvest</h1>") && page.contains("<li>two</li>"), "{page}");
        assert_eq!(render(&">".repeat(2000), 32_000), Err(Rejection::TooLargeDecoded { limit: 32_000 }));
        assert_eq!(render(&"a\n".repeat(1001), 32_000), Err(Rejection::TooLargeDecoded { limit: 2_000 }));
    }
}
