//! Headlines without the name of their site.

use crate::article::normalise;

/// What separates a headline from the site's name in a page's title.
const SEPARATORS: [&str; 11] = [" | ", " — ", " – ", " - ", " :: ", " » ", " « ", " • ", " · ", " ‹ ", " / "];

/// Words in the longest name of a site.
const SITE_WORDS: usize = 6;

/// What is known about the site whose name may follow the headline.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Site<'a> {
    /// As the page writes it.
    pub(crate) name: Option<&'a str>,
    /// Host of its address.
    pub(crate) host: Option<&'a str>,
}

/// The texts that may be the article's title.
#[derive(Debug)]
pub(crate) struct Candidates<'a> {
    /// Of the structured data.
    pub(crate) headline: Option<&'a str>,
    /// What the page offers to social networks.
    pub(crate) social: Option<&'a str>,
    /// Main headings, in order.
    pub(crate) headings: &'a [String],
    /// Of the page itself.
    pub(crate) page: Option<&'a str>,
    /// What the carrier extracted.
    pub(crate) carrier: Option<&'a str>,
    pub(crate) site: Site<'a>,
}

/// The title of the article. A heading that another source confirms is what the reader sees, so it comes first;
/// search engines and networks are often given another wording.
pub(crate) fn choose(candidates: &Candidates<'_>) -> Option<String> {
    let cut = |raw: &str| {
        let line = normalise::line(raw);
        without_site(&line, candidates.site).to_owned()
    };
    let usable = |title: &String| !title.is_empty() && !is_site(title, candidates.site);
    let others: Vec<String> = [candidates.headline, candidates.social, candidates.page, candidates.carrier]
        .into_iter()
        .flatten()
        .map(cut)
        .filter(usable)
        .collect();
    let confirmed = candidates.headings.iter().find(|heading| others.iter().any(|other| agree(heading, other)));
    confirmed
        .map(|heading| heading.trim().to_owned())
        .or_else(|| others.first().cloned())
        .or_else(|| candidates.headings.iter().map(|heading| cut(heading)).find(usable))
}

/// Whether two titles share most of the words of the shorter.
fn agree(one: &str, other: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.to_lowercase()
            .split(|character: char| !character.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (one, other) = (words(one), words(other));
    let shorter = one.len().min(other.len());
    let shared = one.iter().filter(|word| other.contains(word)).count();
    shorter > 0 && shared * 10 >= shorter * 6 && (shorter >= 3 || one == other)
}

/// The headline of a page title: the name of the site, and of a section before it, cut from the end or the start.
pub(crate) fn without_site<'t>(title: &'t str, site: Site<'_>) -> &'t str {
    let mut title = title.trim();
    // "Headline | Section | Site": at most two names follow.
    for _ in 0..2 {
        match cut_end(title, site).or_else(|| cut_start(title, site)) {
            Some(shorter) => title = shorter,
            None => break,
        }
    }
    title
}

fn cut_end<'t>(title: &'t str, site: Site<'_>) -> Option<&'t str> {
    let (head, separator, tail) = last_split(title)?;
    if is_site(tail, site) {
        return Some(head);
    }
    let sure = matches!(separator, " | " | " :: " | " » " | " « " | " • " | " ‹ ");
    let named = is_name(tail)
        && head.split_whitespace().count() >= if sure { 3 } else { 4 }
        && head.chars().count() > tail.chars().count();
    let likely = sure || (separator == " — " && name_words(tail) >= 2) || is_all_names(tail);
    // With the site's name known, a tail that is not it may belong to the headline.
    (named && likely && (site.name.is_none() || sure)).then_some(head)
}

fn cut_start<'t>(title: &'t str, site: Site<'_>) -> Option<&'t str> {
    let (head, tail) =
        SEPARATORS.iter().filter_map(|separator| title.split_once(separator)).min_by_key(|(head, _)| head.len())?;
    (is_site(head, site) && !tail.trim().is_empty()).then(|| tail.trim())
}

fn last_split(title: &str) -> Option<(&str, &'static str, &str)> {
    let (at, separator) =
        SEPARATORS.iter().filter_map(|separator| Some((title.rfind(separator)?, *separator))).max()?;
    let head = title.get(..at)?.trim();
    let tail = title.get(at + separator.len()..)?.trim();
    (!head.is_empty() && !tail.is_empty()).then_some((head, separator, tail))
}

/// Whether a part of the title is the site: its name, or its host run together.
fn is_site(part: &str, site: Site<'_>) -> bool {
    let part = squashed(part);
    if part.is_empty() {
        return false;
    }
    if site.name.is_some_and(|name| squashed(name) == part) {
        return true;
    }
    let Some(host) = site.host else { return false };
    let host = host.strip_prefix("www.").unwrap_or(host);
    let labels = host.rsplit_once('.').map_or(host, |(labels, _)| labels);
    squashed(host) == part || labels.split('.').any(|label| label.len() >= 3 && squashed(label) == part)
}

fn squashed(text: &str) -> String {
    let lower = text.to_lowercase();
    let text = lower.strip_prefix("the ").unwrap_or(&lower);
    text.chars().filter(|character| character.is_alphanumeric()).collect()
}

/// Short, and begun with a capital or in a script without them.
fn is_name(part: &str) -> bool {
    let words = part.split_whitespace().count();
    words <= SITE_WORDS
        && part.chars().count() <= 45
        && !part.ends_with(['.', '!', '?', '…', ':'])
        && part.chars().next().is_some_and(|first| !first.is_lowercase())
}

fn name_words(part: &str) -> usize {
    part.split_whitespace().filter(|word| word.chars().next().is_some_and(char::is_uppercase)).count()
}

/// Three words at most, each with a capital: "The Daily Example", "Example News".
fn is_all_names(part: &str) -> bool {
    let words = part.split_whitespace().count();
    words <= 3 && name_words(part) == words
}

#[cfg(test)]
mod tests {
    use super::{Site, without_site};

    #[test]
    fn a_known_site_is_cut_from_either_end() {
        let site = Site { name: Some("The Example"), host: Some("www.example.org") };
        assert_eq!(without_site("Prices rise again - The Example", site), "Prices rise again");
        assert_eq!(without_site("Example: Prices rise | World | Example", site), "Example: Prices rise");
        assert_eq!(without_site("The Example | Prices rise again", site), "Prices rise again");
        assert_eq!(without_site("Prices rise again – and wages fall", site), "Prices rise again – and wages fall");
    }

    #[test]
    fn an_unknown_site_is_cut_where_its_form_tells() {
        let none = Site::default();
        assert_eq!(
            without_site("Les prix augmentent de nouveau, dit la banque — EX Suisse et Italie du Nord", none),
            "Les prix augmentent de nouveau, dit la banque"
        );
        assert_eq!(
            without_site("Prices rise again in the north | Daily Example", none),
            "Prices rise again in the north"
        );
        assert_eq!(
            without_site("Prices rise again in the north - Daily Example", none),
            "Prices rise again in the north"
        );
    }

    #[test]
    fn a_second_half_of_the_headline_stays() {
        let none = Site::default();
        for title in [
            "Prices rise again – and nobody knows why",
            "Rio - Paris",
            "Les prix augmentent de nouveau – le gouvernement réagit",
            "Preise steigen wieder — was nun?",
        ] {
            assert_eq!(without_site(title, none), title);
        }
    }
}
