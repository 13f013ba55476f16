//! Which letters are meant.

use super::Letter;

/// What a letter must be like; what is empty or absent admits all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Any of these reasons.
    pub reasons: Vec<String>,
    /// This stage.
    pub stage: Option<String>,
    /// Rejected at this moment or later, in milliseconds since the epoch.
    pub since_ms: Option<i64>,
    /// Rejected before this moment, in milliseconds since the epoch.
    pub until_ms: Option<i64>,
    /// A page of this host, or of a host below it.
    pub host: Option<String>,
}

impl Selection {
    /// Whether it is one of those.
    pub fn admits(&self, letter: &Letter) -> bool {
        let rejected_at = letter.rejected_at_ms();
        (self.reasons.is_empty() || self.reasons.iter().any(|reason| reason == letter.reason()))
            && self.stage.as_deref().is_none_or(|stage| stage == letter.stage())
            && self.since_ms.is_none_or(|since| rejected_at >= since)
            && self.until_ms.is_none_or(|until| rejected_at < until)
            && self.host.as_deref().is_none_or(|wanted| letter.host().is_some_and(|host| is_within(&host, wanted)))
    }
}

fn is_within(host: &str, wanted: &str) -> bool {
    let wanted = wanted.trim_end_matches('.').to_ascii_lowercase();
    let above = host.strip_suffix(&wanted);
    above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{delivery, rejected};
    use super::*;
    use crate::rejection::Rejection;

    fn letter(key: Option<&str>, url: Option<&str>) -> Letter {
        let headers: Vec<(&str, &str)> = url.map(|url| ("url", url)).into_iter().collect();
        rejected(&delivery(("raw", 0, 0), key, &headers), &Rejection::NoText, 0)
    }

    #[test]
    fn every_condition_must_hold_and_any_of_the_reasons() {
        let letter = letter(Some("https://www.example.org/a"), None);
        let at = letter.rejected_at_ms();
        let all = Selection {
            reasons: vec!["empty".into(), "no_text".into()],
            stage: Some("extract".into()),
            since_ms: Some(at),
            until_ms: Some(at + 1),
            host: Some("example.org".into()),
        };
        assert!(all.admits(&letter) && Selection::default().admits(&letter));
        for other in [
            Selection { reasons: vec!["empty".into()], ..all.clone() },
            Selection { stage: Some("decode".into()), ..all.clone() },
            Selection { since_ms: Some(at + 1), ..all.clone() },
            Selection { until_ms: Some(at), ..all.clone() },
            Selection { host: Some("example.com".into()), ..all.clone() },
        ] {
            assert!(!other.admits(&letter), "{other:?}");
        }
    }

    #[test]
    fn a_host_is_that_of_the_url_header_before_the_key_and_holds_those_below_it() {
        let of =
            |host: &str, letter: &Letter| Selection { host: Some(host.into()), ..Selection::default() }.admits(letter);
        let by_header = letter(Some("https://proxy.example.com/"), Some("https://News.Example.org/a"));
        assert!(of("example.org", &by_header) && of("NEWS.example.org", &by_header));
        assert!(
            !of("example.com", &by_header) && !of("ample.org", &by_header) && !of("a.news.example.org", &by_header)
        );
        assert!(!of("example.org", &letter(Some("42"), None)) && !of("example.org", &letter(None, None)));
    }
}
