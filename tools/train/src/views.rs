//! Pages as crawlers hand them on that do not keep the markup: as Markdown, and as a sanitiser leaves them.

use ammonia::Builder;
use copydesk::document::{Content, Document};
use htmd::HtmlToMarkdown;

use crate::corpus::Page;

/// Elements that are shown nowhere, or by scripts alone.
const NOT_SHOWN: [&str; 8] = ["script", "style", "noscript", "title", "template", "svg", "iframe", "head"];

/// A page as Markdown, headings with number signs and links in place, as the converters of crawlers write it.
///
/// # Errors
/// Where the page cannot be read.
pub fn markdown(html: &str) -> std::io::Result<String> {
    HtmlToMarkdown::builder().skip_tags(NOT_SHOWN.to_vec()).build().convert(html)
}

/// A page whose elements have lost their names; none if it is not there as HTML.
pub fn sanitised(page: &Page) -> Option<Page> {
    let mut document = page.html.clone()?;
    let Content::Html(html) = &document.content else { return None };
    let mut sanitiser = Builder::default();
    sanitiser.clean_content_tags(NOT_SHOWN.into_iter().collect()).link_rel(None);
    document.content = Content::Html(sanitiser.clean(html).to_string());
    Some(Page { bare: Some(document), html: None, plain: None, ..page.clone() })
}

/// A text as markup, each line a paragraph.
pub fn paragraphs(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| format!("<p>{}</p>", ammonia::clean_text(line))).collect()
}

/// Longest line that is a label, in bytes.
const LABEL: usize = 200;

/// The article of a page in an element that says so, with the first and the last line of what the page shows around it; none where
/// neither of them is furniture. Learned from beside articles that come alone, it tells small pages from those.
pub fn among_labels(page: &Page) -> Option<Page> {
    let (gold, shown) = (page.gold.as_deref()?, page.plain.as_ref()?);
    let Content::Plain(text) = &shown.content else { return None };
    let label = |line: Option<&str>| {
        let line = line.map(str::trim).filter(|line| line.len() <= LABEL && !gold.contains(line))?;
        Some(format!("<div>{}</div>", ammonia::clean_text(line)))
    };
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    let (first, last) = (label(lines().next()), label(lines().next_back()));
    if first.is_none() && last.is_none() {
        return None;
    }
    let (first, last) = (first.unwrap_or_default(), last.unwrap_or_default());
    let html = format!("{first}<article>{}</article>{last}", paragraphs(gold));
    let document = Document { content: Content::Html(html), hints: page.html.as_ref()?.hints.clone() };
    Some(Page { bare: Some(document), html: None, plain: None, ..page.clone() })
}

#[cfg(test)]
mod tests {
    use copydesk::document::Hints;

    use super::*;

    const PAGE: &str = "<html><head><title>Harbour</title></head><body><nav class=\"menu\"><a href=\"/a\">News</a></nav>\
        <h1 id=\"top\">Harbour opens</h1><p class=\"lead\">The harbour opened.</p><script>track()</script></body></html>";

    fn page(html: &str, shown: &str, gold: &str) -> Page {
        let document = |content| Document { content, hints: Hints::default() };
        Page {
            set: "",
            id: String::new(),
            language: None,
            html: Some(document(Content::Html(html.to_owned()))),
            bare: None,
            plain: Some(document(Content::Plain(shown.to_owned()))),
            gold: Some(gold.to_owned()),
            title: None,
            authors: Vec::new(),
            date: None,
            topics: Vec::new(),
            with: Vec::new(),
            without: Vec::new(),
            fold: 0,
            owner: String::new(),
        }
    }

    fn markup(page: Option<Page>) -> Option<String> {
        match page?.bare?.content {
            Content::Html(html) => Some(html),
            Content::Plain(_) => None,
        }
    }

    #[test]
    fn markdown_has_what_a_page_shows() {
        assert_eq!(markdown(PAGE).unwrap(), "[News](/a)\n\n# Harbour opens\n\nThe harbour opened.");
    }

    #[test]
    fn a_sanitised_page_has_its_elements_without_their_names() {
        let html = markup(sanitised(&page(PAGE, "", ""))).unwrap();
        assert_eq!(html, "<nav><a href=\"/a\">News</a></nav><h1>Harbour opens</h1><p>The harbour opened.</p>");
    }

    #[test]
    fn an_article_among_labels_has_those_that_are_none_of_it() {
        let small = |shown| markup(among_labels(&page(PAGE, shown, "The harbour opened.")));
        let html = "<div>News</div><article><p>The harbour opened.</p></article><div>Terms &amp; conditions</div>";
        let unescaped = |html: String| html.replace("&#32;", " ");
        assert_eq!(small("News\n\nHarbour opens\nTerms & conditions\n").map(unescaped).as_deref(), Some(html));
        assert_eq!(small("The harbour opened."), None);
    }
}
