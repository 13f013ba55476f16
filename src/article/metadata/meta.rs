//! The `<meta>` elements of a page.

use crate::article::html::Tree;

/// Whether microdata at a place is about a part of the page: a source that it cites, a comment, its publisher.
fn is_of_part(tree: &Tree<'_>, at: usize) -> bool {
    let mut scopes =
        tree.ancestors(at).filter_map(|at| tree.get(at)).filter(|node| node.attribute("itemscope").is_some());
    let part = scopes.next().and_then(|scope| scope.attribute("itemprop"));
    part.is_some_and(|name| !matches!(name, "mainEntity" | "mainEntityOfPage" | "mainContentOfPage"))
}

/// A name as the vocabularies' own pages write it: their full addresses are shortened.
fn known_name(name: &str) -> String {
    const VOCABULARIES: [(&str, &str); 6] = [
        ("schema:", ""),
        ("schema.org/", ""),
        ("purl.org/dc/terms/", "dcterms."),
        ("purl.org/dc/elements/1.1/", "dc."),
        ("ogp.me/ns/article#", "article:"),
        ("ogp.me/ns#", "og:"),
    ];
    let name = name.trim().to_ascii_lowercase();
    let bare = ["https://", "http://"].iter().find_map(|scheme| name.strip_prefix(scheme)).unwrap_or(&name);
    let short = VOCABULARIES.iter().find_map(|(long, short)| Some(format!("{short}{}", bare.strip_prefix(long)?)));
    short.unwrap_or(name)
}

/// Names (of `name`, `property` or `itemprop`, in lower case) and contents, in document order.
#[derive(Debug)]
pub(super) struct Meta<'d>(Vec<(String, &'d str)>);

impl<'d> Meta<'d> {
    pub(super) fn of(tree: &Tree<'d>) -> Self {
        let mut pairs = Vec::new();
        for (at, node) in tree.tagged("meta") {
            let Some(content) = node.attribute("content").map(str::trim).filter(|content| !content.is_empty()) else {
                continue;
            };
            let item = node.attribute("itemprop").filter(|_| !is_of_part(tree, at));
            let names = ["property", "name", "http-equiv"].into_iter().filter_map(|name| node.attribute(name));
            for name in names.chain(item) {
                pairs.push((known_name(name), content));
            }
        }
        Self(pairs)
    }

    /// The first content of the first name that has one.
    pub(super) fn first(&self, names: &[&str]) -> Option<&'d str> {
        self.all(names).next()
    }

    /// All contents, by the order of the names.
    pub(super) fn all<'s>(&'s self, names: &'s [&str]) -> impl Iterator<Item = &'d str> + 's {
        names
            .iter()
            .flat_map(move |name| self.0.iter().filter(move |(known, _)| known == name).map(|(_, content)| *content))
    }
}
