//! Which keys identify an article: URL keys, else (publisher, title, day), else the text.

use url::Url;

use super::{IdentityKey, TextKey};
use crate::article::Article;

/// Parameters that tell where a reader came from, not what is read. Our own list of names that are documented by
/// the tools that set them.
const TRACKING: [&str; 55] = [
    "fbclid",
    "gclid",
    "gclsrc",
    "dclid",
    "gbraid",
    "wbraid",
    "msclkid",
    "yclid",
    "ysclid",
    "twclid",
    "ttclid",
    "igshid",
    "igsh",
    "mibextid",
    "li_fat_id",
    "srsltid",
    "gad_source",
    "gad_campaignid",
    "_gl",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "vero_id",
    "vero_conv",
    "_hsenc",
    "_hsmi",
    "oly_anon_id",
    "oly_enc_id",
    "wickedid",
    "s_cid",
    "cmpid",
    "ocid",
    "ncid",
    "icid",
    "ito",
    "smid",
    "cmp",
    "xtor",
    "ref_src",
    "ref_url",
    "wt_mc",
    "wt_zmc",
    "at_campaign",
    "at_medium",
    "__twitter_impression",
    "fb_action_ids",
    "fb_action_types",
    "fb_source",
    "sref",
    "guccounter",
    "guce_referrer",
    "guce_referrer_sig",
    "amp_js_v",
    "amp_gsa",
    "usqp",
];

/// The host under whose subdomains copies of AMP pages are kept, with the page's own address in their path.
const AMP_CACHE: &str = ".cdn.ampproject.org";

/// What identifies an article, in order of trust. Which of them count is decided by the adjudicator, who knows what is
/// claimed already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityKeys {
    /// The page's own canonical link, where it may count.
    pub canonical: Option<IdentityKey>,
    /// Where the crawler was sent, and where it ended; without repetition.
    pub delivered: Vec<IdentityKey>,
    /// Stands in where there is no URL: (publisher, title, day), else the text.
    pub fallback: IdentityKey,
    /// The registrable domain of the page's address.
    pub publisher: Option<String>,
    /// The canonical form of the best known address.
    pub url: Option<String>,
    /// The page's canonical link on another registrable domain: evidence of syndication.
    pub syndicated_from: Option<String>,
}

impl IdentityKeys {
    pub(super) fn of(
        article: &Article,
        url: Option<&str>,
        final_url: Option<&str>,
        title: Option<&str>,
        text: TextKey,
    ) -> Self {
        let delivered: Vec<Url> = [final_url, url].into_iter().flatten().filter_map(canonicalise).collect();
        let page = delivered.first();
        let domain = page.and_then(registrable_domain);
        let link = article.canonical_url.as_deref().and_then(canonicalise);
        let (canonical, elsewhere) = match link {
            // Without an address of its own the page's link is the only evidence there is.
            Some(link) if page.is_none() || registrable_domain(&link) == domain => (Some(link), None),
            other => (None, other),
        };
        // A home page, named as canonical by mistake, would make one article of a whole site.
        let canonical = canonical.filter(|link| link.path() != "/");
        let publisher = domain.or_else(|| canonical.as_ref().and_then(registrable_domain));
        let mut keys: Vec<IdentityKey> = delivered.iter().map(url_key).collect();
        keys.dedup();
        Self {
            url: canonical.as_ref().or(page).map(Url::to_string),
            canonical: canonical.as_ref().map(url_key),
            delivered: keys,
            fallback: fallback_key(publisher.as_deref(), title, article, text),
            publisher,
            syndicated_from: elsewhere.map(|link| link.to_string()),
        }
    }
}

fn fallback_key(publisher: Option<&str>, title: Option<&str>, article: &Article, text: TextKey) -> IdentityKey {
    match (publisher, title, article.published.as_ref()) {
        (Some(publisher), Some(title), Some(published)) => {
            IdentityKey::of(&[b"story", publisher.as_bytes(), title.as_bytes(), published.day().as_bytes()])
        }
        _ => IdentityKey::of(&[b"text", text.to_string().as_bytes()]),
    }
}

/// The key of an address: scheme and a leading `www.` do not tell articles apart.
fn url_key(url: &Url) -> IdentityKey {
    let host = url.host_str().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host);
    let port = url.port().map(|port| port.to_string()).unwrap_or_default();
    let query = url.query().unwrap_or_default();
    IdentityKey::of(&[b"url", host.as_bytes(), port.as_bytes(), url.path().as_bytes(), query.as_bytes()])
}

/// The key of an address, and its canonical form; `None` where it is no absolute http(s) address.
pub(crate) fn address_key(address: &str) -> Option<(IdentityKey, String)> {
    let url = canonicalise(address)?;
    Some((url_key(&url), url.to_string()))
}

/// The canonical form of an absolute http(s) address: no fragment, credentials, tracking parameters or trailing slash;
/// parameters sorted, because their order names nothing.
pub(crate) fn canonicalise(address: &str) -> Option<Url> {
    let url = Url::parse(address.trim()).ok()?;
    let mut url = behind_cache(&url).unwrap_or(url);
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(|host| !host.contains('.')) {
        return None;
    }
    url.set_fragment(None);
    // Neither can fail for a URL that has a host.
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    let mut kept: Vec<(String, String)> =
        url.query_pairs().into_owned().filter(|(name, _)| !is_tracking(name)).collect();
    kept.sort();
    if kept.is_empty() {
        url.set_query(None);
    } else {
        url.query_pairs_mut().clear().extend_pairs(kept);
    }
    let path = plainly_encoded(url.path());
    let path = path.trim_end_matches('/');
    url.set_path(if path.is_empty() { "/" } else { path });
    Some(url)
}

/// The page's own address in that of its copy: `https://example-org.cdn.ampproject.org/c/s/example.org/story`, where `c`
/// stands for a page, `v` for one in a viewer, and `s` for https.
fn behind_cache(copy: &Url) -> Option<Url> {
    copy.host_str()?.strip_suffix(AMP_CACHE)?;
    let path = ["/c/", "/v/"].iter().find_map(|kind| copy.path().strip_prefix(kind))?;
    let (scheme, rest) = path.strip_prefix("s/").map_or(("http", path), |rest| ("https", rest));
    let mut own = Url::parse(&format!("{scheme}://{rest}")).ok()?;
    own.set_query(copy.query());
    own.host_str().is_some_and(|host| host.contains('.')).then_some(own)
}

/// A path in the form of RFC 3986, 6.2.2: what needs no encoding stands plain, hexadecimal digits are capitals.
fn plainly_encoded(path: &str) -> String {
    let mut plain = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        let (head, tail) = rest.split_at_checked(at).unwrap_or((rest, ""));
        plain.push_str(head);
        let digits = tail.get(1..3).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') => {
                plain.push(char::from(byte));
            }
            Some(byte) => plain.push_str(&format!("%{byte:02X}")),
            None => {
                plain.push('%');
                rest = tail.get(1..).unwrap_or_default();
                continue;
            }
        }
        rest = tail.get(3..).unwrap_or_default();
    }
    plain.push_str(rest);
    plain
}

fn is_tracking(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("utm_") || name.starts_with("pk_") || name.starts_with("mtm_") || TRACKING.contains(&name.as_str())
}

/// The registrable domain of an absolute http(s) address, which names its publisher.
pub(crate) fn publisher_of(address: &str) -> Option<String> {
    registrable_domain(&canonicalise(address)?)
}

/// The part of a host that somebody registered ("bbc.co.uk"), by the public suffix list; for an address in digits, itself.
fn registrable_domain(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    match psl::domain_str(host) {
        Some(domain) => Some(domain.to_owned()),
        None => Some(host.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(canonical: Option<&str>, url: Option<&str>) -> IdentityKeys {
        let article =
            Article { canonical_url: canonical.map(str::to_owned), body: "text".into(), ..Article::default() };
        IdentityKeys::of(&article, url, None, Some("title"), TextKey::of(&[b"text"]))
    }

    #[test]
    fn tracking_fragment_scheme_www_and_slash_do_not_tell_articles_apart() {
        let plain = keys(None, Some("https://news.example.org/a/story?id=7&x=1"));
        let noisy = keys(None, Some("http://www.news.example.org/a/story/?x=1&utm_source=feed&id=7&fbclid=abc#top"));
        assert_eq!(plain.delivered, noisy.delivered);
        assert_ne!(plain.delivered, keys(None, Some("https://news.example.org/a/story?id=8&x=1")).delivered);
    }

    #[test]
    fn one_address_in_other_spellings_is_one_address() {
        let canonical = |address: &str| canonicalise(address).map(|url| url.to_string());
        for (one, other) in [
            ("https://example.org/caf%c3%a9", "https://example.org/caf%C3%A9"),
            ("https://example.org/café", "https://example.org/caf%c3%a9"),
            ("https://example.org/%7Ejane/%61-b", "https://example.org/~jane/a-b"),
            ("https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"),
            ("https://BÜCHER.example/x", "https://xn--bcher-kva.example/x"),
            ("https://example.org/x?q=%c3%a9", "https://example.org/x?q=é"),
            ("https://example-org.cdn.ampproject.org/c/s/example.org/story?id=7", "https://example.org/story?id=7"),
            ("https://example-org.cdn.ampproject.org/v/s/example.org/story?amp_js_v=1", "https://example.org/story"),
            ("http://example-org.cdn.ampproject.org/c/example.org/story", "http://example.org/story"),
        ] {
            assert_eq!(canonical(one), canonical(other), "{one}");
            assert!(canonical(one).is_some());
        }
        // What has a meaning of its own stays encoded, and so does what is no encoding.
        for (one, other) in [
            ("https://example.org/a%2Fb", "https://example.org/a/b"),
            ("https://example.org/a%3Fb", "https://example.org/a?b"),
            ("https://example.org/100%25", "https://example.org/100%"),
        ] {
            assert_ne!(canonical(one), canonical(other), "{one}");
        }
        let once = canonical("https://example.org/%zz/%e2%82%ac%").unwrap();
        assert_eq!(canonical(&once), Some(once));
        assert_eq!(canonical("https://www.ampproject.org/c/s/x"), Some("https://www.ampproject.org/c/s/x".to_owned()));
    }

    #[test]
    fn a_parameter_is_left_out_only_where_it_never_names_what_is_read() {
        let canonical = |query: &str| canonicalise(&format!("https://example.org/x?{query}")).unwrap().to_string();
        for name in ["srsltid", "gad_source", "XTOR", "wt_mc", "at_campaign", "mibextid", "_gl", "utm_term", "ref_src"]
        {
            assert_eq!(canonical(&format!("{name}=1&id=7")), "https://example.org/x?id=7", "{name}");
        }
        for name in ["id", "p", "page", "ref", "source", "article", "story", "c", "news"] {
            assert_eq!(canonical(&format!("{name}=1")), format!("https://example.org/x?{name}=1"));
        }
    }

    #[test]
    fn a_canonical_link_counts_on_the_same_registrable_domain_only() {
        let page = Some("https://m.example.co.uk/story?id=1");
        assert!(keys(Some("https://www.example.co.uk/story"), page).canonical.is_some());
        let elsewhere = keys(Some("https://other.co.uk/story"), page);
        assert_eq!(elsewhere.canonical, None);
        assert_eq!(elsewhere.syndicated_from.as_deref(), Some("https://other.co.uk/story"));
    }

    #[test]
    fn home_pages_and_relative_links_are_no_identity() {
        let page = Some("https://example.org/story");
        assert_eq!(keys(Some("https://example.org/"), page).canonical, None);
        assert_eq!(keys(Some("/story"), page).canonical, None);
        assert_eq!(keys(Some(""), page).canonical, None);
    }

    #[test]
    fn addresses_that_are_not_web_pages_are_no_identity() {
        for address in ["file:///etc/passwd", "mailto:a@example.org", "https://localhost/x", "not a url"] {
            assert!(keys(None, Some(address)).delivered.is_empty(), "{address}");
        }
    }
}
