//! Addresses of pages, as far as metadata compares and completes them.

use url::Url;

/// The part of an address that tells pages of a site apart: host without `www.` and path, in lower case.
pub(super) fn bare(address: &str) -> Option<String> {
    let url = Url::parse(address.trim()).ok()?;
    let host = url.host_str()?;
    let path = url.path().trim_end_matches('/');
    // Home pages name no article.
    (!path.is_empty()).then(|| format!("{}{path}", without_www(host)).to_lowercase())
}

/// The absolute form of a link on a page.
pub(super) fn absolute(link: &str, page: Option<&str>) -> Option<String> {
    let link = link.trim();
    let url = match Url::parse(link) {
        Ok(url) => url,
        Err(url::ParseError::RelativeUrlWithoutBase) if !link.is_empty() => Url::parse(page?).ok()?.join(link).ok()?,
        Err(_) => return None,
    };
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then(|| url.to_string())
}

/// The words of the last part of a path that is made of words, in lower case: what a newsroom first called its article.
pub(crate) fn slug(address: &str) -> Vec<String> {
    let Ok(url) = Url::parse(address.trim()) else { return Vec::new() };
    let words = |segment: &str| -> Vec<String> {
        let decoded = percent_decoded(segment);
        decoded
            .split(|character: char| !character.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect()
    };
    let letters = |words: &Vec<String>| {
        words.iter().filter(|word| word.chars().filter(|one| one.is_alphabetic()).count() >= 2).count()
    };
    let segments = url.path_segments().into_iter().flatten().map(words);
    // The later of equals.
    segments.max_by_key(letters).filter(|words| words.len() >= 3).unwrap_or_default()
}

fn percent_decoded(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let [first, after @ ..] = rest {
        let pair = after.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The host of an address.
pub(crate) fn host(address: &str) -> Option<String> {
    Url::parse(address).ok()?.host_str().map(str::to_owned)
}

/// A host as people write it.
pub(super) fn without_www(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::{absolute, bare, slug};

    #[test]
    fn scheme_www_query_and_slash_tell_no_pages_apart() {
        assert_eq!(bare("https://www.example.org/a/B/?x=1#top"), bare("http://example.org/a/b"));
        assert_eq!(bare("https://example.org/"), None);
        assert_eq!(bare("/a/b"), None);
    }

    #[test]
    fn links_are_completed_by_the_page_and_only_to_the_web() {
        let page = Some("https://example.org/a/b");
        assert_eq!(absolute("../amp/b", page).as_deref(), Some("https://example.org/amp/b"));
        assert_eq!(absolute("//cdn.example.org/i.jpg", page).as_deref(), Some("https://cdn.example.org/i.jpg"));
        assert_eq!(absolute("javascript:void(0)", page), None);
        assert_eq!(absolute("/a", None), None);
        assert_eq!(absolute("https://bücher.example/ä", None).as_deref(), Some("https://xn--bcher-kva.example/%C3%A4"));
    }

    #[test]
    fn a_slug_is_the_part_with_the_most_words() {
        assert_eq!(
            slug("https://example.org/news/world/article12-prices-rise-again.html"),
            ["article12", "prices", "rise", "again", "html"]
        );
        assert_eq!(
            slug(
                "https://example.org/%D1%86%D0%B5%D0%BD%D1%8B-%D1%81%D0%BD%D0%BE%D0%B2%D0%B0-%D1%80%D0%B0%D1%81%D1%82%D1%83%D1%82"
            ),
            ["цены", "снова", "растут"]
        );
        assert!(slug("https://example.org/12345").is_empty());
    }
}
