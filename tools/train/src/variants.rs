//! Pages as another publisher might have written them: the same text in the same structure under other names. A model that learns
//! from them too leans less on the names that it has met, and more on what the page shows.

use copydesk::document::Content;

use crate::corpus::{Page, hash};

/// Names of ids and classes that another publisher would have chosen otherwise, in percent.
const OTHER_NAMES: u32 = 90;

/// Tags that say what an element is for, each of which half of the publishers do not use.
const TAGS: [&str; 8] = ["nav", "footer", "aside", "header", "article", "main", "section", "figcaption"];

/// The page under other names; none if it is not there as HTML. Each name is replaced on the whole page or nowhere, always by
/// the same one, which means nothing.
pub fn of(page: &Page) -> Option<Page> {
    let document = page.html.as_ref()?;
    let Content::Html(html) = &document.content else { return None };
    let seed = hash(page.id.as_bytes(), 0);
    let mut html = renamed(html, seed);
    for tag in TAGS.into_iter().filter(|tag| hash(tag.as_bytes(), seed).is_multiple_of(2)) {
        for (begin, end) in [("<", ">"), ("<", " "), ("</", ">")] {
            html = html.replace(&format!("{begin}{tag}{end}"), &format!("{begin}div{end}"));
        }
    }
    let mut document = document.clone();
    document.content = Content::Html(html);
    Some(Page { html: Some(document), bare: None, plain: None, ..page.clone() })
}

/// Markup with other names in its attributes `class` and `id`, where double quotes are around them, as nearly always.
fn renamed(html: &str, seed: u32) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = [" class=\"", " id=\""].iter().filter_map(|name| Some(rest.find(name)? + name.len())).min() {
        let (before, after) = rest.split_at(at);
        let (names, behind) = after.split_at(after.find('"').unwrap_or(after.len()));
        out.push_str(before);
        for (number, name) in names.split_ascii_whitespace().enumerate() {
            if number > 0 {
                out.push(' ');
            }
            let other = hash(name.as_bytes(), seed);
            if other % 100 < OTHER_NAMES { out.push_str(&format!("x{other:x}")) } else { out.push_str(name) }
        }
        rest = behind;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::renamed;

    #[test]
    fn a_name_is_replaced_everywhere_or_nowhere() {
        let names: Vec<String> = (0..200).map(|number| format!("name-{number}")).collect();
        let html = format!("<p class=\"{0}\">class=\"a\"</p><p id=\"top {0}\"", names.join(" "));
        let other = renamed(&html, 7);
        let listed = |html: &str, from: &str| -> Vec<String> {
            let names = html.split(from).nth(1).and_then(|rest| rest.split('"').next());
            names.unwrap_or_default().split(' ').map(str::to_owned).collect()
        };
        let (first, second) = (listed(&other, " class=\""), listed(&other, " id=\""));
        assert_eq!(first.len(), 200);
        assert_eq!(first.as_slice(), &second[1..]);
        let kept = first.iter().zip(&names).filter(|(new, old)| new == old).count();
        assert!((5..40).contains(&kept), "{kept} of 200 names are kept");
        assert!(other.contains("\">class=\"a\"</p><p"), "text is no name");
        assert_eq!(renamed("<p id=\"", 7), "<p id=\"");
    }
}
