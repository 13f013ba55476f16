//! Where the links of a block lead.

use url::Url;

use super::blocks::Block;
use super::tree::Tree;

/// Whether all links of a block lead to other sites than the page's, as those to sources and shops do. Lists of further articles, and of
/// the parts of a page, lead to the site itself. Of a page whose address nobody knows no link leads away.
pub(super) fn lead_away(tree: &Tree<'_>, block: &Block, page: Option<&Url>) -> bool {
    let Some(page) = page else { return false };
    let end = tree.get(block.owner).map_or(0, |node| node.end);
    let within = tree.nodes.get(block.owner..end).unwrap_or_default();
    let mut links = within.iter().filter(|node| node.tag() == "a").filter_map(|node| node.attribute("href")).peekable();
    links.peek().is_some() && links.all(|link| leads_away(link, page))
}

fn leads_away(link: &str, page: &Url) -> bool {
    let target = page.join(link.trim()).ok();
    target.is_some_and(|target| target.has_host() && site(&target) != site(page))
}

/// The domain that somebody registered: what all hosts of a site have in common.
fn site(url: &Url) -> Option<&str> {
    let host = url.host_str()?;
    Some(psl::domain_str(host).unwrap_or(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_one_registered_domain_are_one_site() {
        let page = Url::parse("https://www.example.co.uk/news/offers?page=2").unwrap();
        for link in ["https://other.co.uk/", " //shop.example.org/lamps", "http://192.0.2.7/"] {
            assert!(leads_away(link, &page), "{link}");
        }
        for link in [
            "/news/lamps",
            "lamps",
            "",
            "#lamps",
            "?page=3",
            "https://shop.example.co.uk/lamps",
            "//EXAMPLE.co.uk",
            "mailto:news@other.co.uk",
            "javascript:void(0)",
            "https://[",
        ] {
            assert!(!leads_away(link, &page), "{link}");
        }
    }
}
