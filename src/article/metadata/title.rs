//! Headlines without the name of their site.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::address;
use crate::article::about::FieldSource;
use crate::article::characters::is_east_asian;
use crate::article::{is_alphanumeric, normalise, prose};

/// What separates a headline from the site's name in a page's title.
const SEPARATORS: [&str; 11] = [" | ", " — ", " – ", " - ", " :: ", " » ", " « ", " • ", " · ", " ‹ ", " / "];

/// What separates them without spaces; Korean writes a letter for a bar.
const BARS: [char; 5] = ['|', '｜', 'ㅣ', '丨', '_'];

/// What does so behind a letter of East Asia alone, since other scripts have it within words.
const DASHES: [char; 4] = ['-', '－', '–', '—'];

/// Words in the longest name of a site.
const SITE_WORDS: usize = 6;

/// What is known about the site whose name may follow the headline.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Site<'a> {
    /// As the page writes it.
    pub(crate) name: Option<&'a str>,
    /// Host of its address.
    pub(crate) host: Option<&'a str>,
    /// The section that the page says it is in.
    pub(crate) section: Option<&'a str>,
}

/// The texts that may be the article's title.
#[derive(Debug)]
pub(crate) struct Candidates<'a> {
    /// Of the structured data.
    pub(crate) headline: Option<&'a str>,
    /// What the page offers to social networks.
    pub(crate) social: Option<&'a str>,
    /// The same for one network alone.
    pub(crate) tweet: Option<&'a str>,
    /// Main headings, in order.
    pub(crate) headings: &'a [String],
    /// Others, of a page without main ones.
    pub(crate) lower_headings: &'a [String],
    /// Of the page itself.
    pub(crate) page: Option<&'a str>,
    /// What the carrier extracted.
    pub(crate) carrier: Option<&'a str>,
    /// What the headline that the page shows is marked as.
    pub(crate) marked: Option<&'a str>,
    /// Of programs that count readers and of catalogues.
    pub(crate) further: Option<&'a str>,
    /// The words of the address.
    pub(crate) slug: &'a [String],
    pub(crate) site: Site<'a>,
}

/// The titles of a page.
#[derive(Debug, Default)]
pub(crate) struct Titles {
    /// The title of the article, and where it stands.
    pub(crate) title: Option<(String, FieldSource)>,
    /// The title as the page shows it, which may be worded otherwise.
    pub(crate) shown: Option<String>,
}

/// How much it says for a text to be the title that it stands at a place: log odds of a logistic choice among the texts
/// of a page, fitted to 1,237 pages of four sets with known titles. Titles for search engines say less than nothing.
mod weight {
    pub(super) const HEADING: f64 = 1.35;
    pub(super) const HEADLINE: f64 = 1.6;
    pub(super) const SOCIAL: f64 = 1.5;
    pub(super) const TWEET: f64 = -0.7;
    pub(super) const PAGE: f64 = -0.9;
    /// For each word that it shares more with the address than the next text does, as a share of the words of both.
    pub(super) const SLUG: f64 = 1.5;
}

/// An address that shares fewer words with every text names something else.
const LEAST_LIKENESS: f64 = 0.5;

/// One wording, with the places where it stands.
struct Wording {
    key: String,
    text: String,
    source: FieldSource,
    score: f64,
    likeness: f64,
}

/// The title of the article. No place is always right: newsrooms give readers, search engines and networks different
/// wordings, and each place is now and then another's. So each place speaks for its wording, and so does the address.
pub(crate) fn choose(candidates: &Candidates<'_>) -> Titles {
    let shown_headings = || candidates.headings.iter().chain(candidates.lower_headings);
    let cut = |raw: &str| {
        let line = normalise::line(raw);
        let title = without_site(&line, candidates.site);
        let heading = shown_headings().find(|heading| is_extended(title, heading));
        heading.map_or(title, String::as_str).trim().to_owned()
    };
    let usable = |title: &String| !title.is_empty() && !is_site(title, candidates.site);
    let places = [
        (candidates.headline, FieldSource::Jsonld, weight::HEADLINE),
        (candidates.social, FieldSource::Meta, weight::SOCIAL),
        (candidates.page, FieldSource::PageTitle, weight::PAGE),
        (candidates.carrier, FieldSource::Envelope, 0.0),
        (candidates.marked, FieldSource::Microdata, 0.0),
        (candidates.further, FieldSource::Meta, 0.0),
    ];
    let others: Vec<(String, FieldSource, f64)> = places
        .into_iter()
        .filter_map(|(raw, source, weight)| Some((cut(raw?), source, weight)))
        .filter(|(text, ..)| usable(text))
        .collect();
    let agrees = |heading: &&String| others.iter().any(|(other, ..)| agree(heading, other));
    let confirmed = shown_headings().find(agrees).map(|heading| heading.trim().to_owned());
    // A page that says its title nowhere else may have it in any of its headings; the address tells.
    let unconfirmed = |headings: &[String]| {
        let mut headings = headings.iter().map(|heading| cut(heading)).filter(usable);
        let likely = headings.clone().map(|heading| (likeness(&heading, candidates.slug), heading));
        let likely = likely.filter(|(likeness, _)| *likeness > LEAST_LIKENESS);
        let likeliest = likely.reduce(|best, next| if next.0 > best.0 { next } else { best });
        likeliest.map(|(_, heading)| heading).or_else(|| headings.next())
    };
    let heading = confirmed.clone().or_else(|| unconfirmed(candidates.headings));
    // Below the main headings stand those of other things too, which say less than any other place.
    let heading = heading.or_else(|| others.is_empty().then(|| unconfirmed(candidates.lower_headings)).flatten());
    let shown = confirmed.or_else(|| others.first().map(|(text, ..)| text.clone())).or_else(|| heading.clone());

    let heading = heading.map(|text| (text, FieldSource::Heading, weight::HEADING));
    let mut wordings: Vec<Wording> = Vec::new();
    for (text, source, weight) in heading.into_iter().chain(others) {
        let key: String = key(&text).collect();
        match wordings.iter_mut().find(|known| known.key == key) {
            Some(known) => known.score += weight,
            None => {
                let likeness = likeness(&text, candidates.slug);
                wordings.push(Wording { key, text, source, score: weight, likeness });
            }
        }
    }
    if let Some(tweet) = candidates.tweet.map(|raw| key(&cut(raw)).collect::<String>())
        && let Some(known) = wordings.iter_mut().find(|known| known.key == tweet)
    {
        known.score += weight::TWEET;
    }
    let lead = |wording: &Wording| -> f64 {
        let others = wordings.iter().filter(|other| other.key != wording.key).map(|other| other.likeness);
        let next = others.fold(None, |most: Option<f64>, one| Some(most.map_or(one, |most| most.max(one))));
        next.map_or(0.0, |next| wording.likeness - next)
    };
    let told = wordings.iter().any(|wording| wording.likeness > LEAST_LIKENESS);
    let scored =
        wordings.iter().map(|wording| (wording.score + if told { weight::SLUG * lead(wording) } else { 0.0 }, wording));
    let best = scored.reduce(|best, next| if next.0 > best.0 { next } else { best });
    Titles { title: best.map(|(_, wording)| (wording.text.clone(), wording.source)), shown }
}

/// Whether a title is a heading with a few words after a separator: a site, a section, a kind of page.
fn is_extended(title: &str, heading: &str) -> bool {
    let rest = title.strip_prefix(heading.trim()).filter(|_| heading.split_whitespace().count() >= 2);
    let separated = rest.and_then(|rest| SEPARATORS.iter().find_map(|separator| rest.strip_prefix(separator)));
    separated.is_some_and(is_name)
}

/// Letters and digits alone, in lower case: what two writings of a title share.
fn key(title: &str) -> impl Iterator<Item = char> {
    title.chars().filter(|character| is_alphanumeric(*character)).flat_map(char::to_lowercase)
}

/// Whether two texts are the same title, whatever their punctuation.
pub(crate) fn same(one: &str, other: &str) -> bool {
    key(one).eq(key(other))
}

/// The share of their words that a title and an address have in common, 0 to 1 (Dice).
pub(crate) fn likeness(title: &str, slug: &[String]) -> f64 {
    let words = |spell: fn(&str) -> String| -> BTreeSet<String> {
        title
            .split(|character: char| !character.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(|word| spell(&word.to_lowercase()))
            .collect()
    };
    let slug: BTreeSet<String> = slug.iter().map(|word| without_marks(word)).collect();
    let share = |words: BTreeSet<String>| {
        let both = words.intersection(&slug).count();
        if words.is_empty() || slug.is_empty() { 0.0 } else { 2.0 * both as f64 / (words.len() + slug.len()) as f64 }
    };
    let plain = share(words(without_marks));
    if title.is_ascii() { plain } else { plain.max(share(words(spelt_out))) }
}

/// A word without accents, as most addresses write it.
fn without_marks(word: &str) -> String {
    if word.is_ascii() {
        return word.to_owned();
    }
    word.nfkd().filter(|character| !is_combining_mark(*character)).collect()
}

/// A word with umlauts spelt out, as addresses in German and its neighbours write it.
fn spelt_out(word: &str) -> String {
    let mut spelt = String::with_capacity(word.len());
    for character in word.nfc() {
        match character {
            'ä' | 'æ' => spelt.push_str("ae"),
            'ö' | 'œ' | 'ø' => spelt.push_str("oe"),
            'ü' => spelt.push_str("ue"),
            'ß' => spelt.push_str("ss"),
            'å' => spelt.push_str("aa"),
            _ => spelt.push(character),
        }
    }
    without_marks(&spelt)
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
        match cut_end(title, site).or_else(|| cut_run_on(title, site)).or_else(|| cut_start(title, site)) {
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
    let named =
        is_name(tail) && prose::words(head) >= if sure { 3 } else { 4 } && head.chars().count() > tail.chars().count();
    let likely = sure || (separator == " — " && name_words(tail) >= 2) || is_all_names(tail);
    // With the site's name known, a tail that is not it may belong to the headline.
    (named && likely && (site.name.is_none() || sure)).then_some(head)
}

/// "Headline|Site", and in scripts of East Asia "Headline-Site" and "Headline-Section-Site".
fn cut_run_on<'t>(title: &'t str, site: Site<'_>) -> Option<&'t str> {
    let (head, tail) = run_on_split(title)?;
    if !is_site(tail, site) && !is_section(tail, site) {
        return None;
    }
    let before = run_on_split(head).filter(|(headline, name)| {
        is_section(name, site)
            || ((2..=4).contains(&name.chars().count())
                && name.chars().all(is_east_asian)
                && prose::words(headline) >= 4)
    });
    Some(before.map_or(head, |(headline, _)| headline))
}

fn run_on_split(title: &str) -> Option<(&str, &str)> {
    let (at, separator) =
        title.char_indices().rfind(|(_, character)| BARS.contains(character) || DASHES.contains(character))?;
    let head = title.get(..at)?.trim_end();
    let tail = title.get(at + separator.len_utf8()..)?.trim_start();
    let is_separator = BARS.contains(&separator) || head.ends_with(is_east_asian);
    (is_separator && !head.is_empty() && !tail.is_empty()).then_some((head, tail))
}

fn cut_start<'t>(title: &'t str, site: Site<'_>) -> Option<&'t str> {
    let (head, tail) =
        SEPARATORS.iter().filter_map(|separator| title.split_once(separator)).min_by_key(|(head, _)| head.len())?;
    // "Politics | Headline".
    ((is_site(head, site) || is_section(head, site)) && !tail.trim().is_empty()).then(|| tail.trim())
}

fn last_split(title: &str) -> Option<(&str, &'static str, &str)> {
    let (at, separator) =
        SEPARATORS.iter().filter_map(|separator| Some((title.rfind(separator)?, *separator))).max()?;
    let head = title.get(..at)?.trim();
    let tail = title.get(at + separator.len()..)?.trim();
    (!head.is_empty() && !tail.is_empty()).then_some((head, separator, tail))
}

/// Whether a part of the title is the section that the page says it is in.
fn is_section(part: &str, site: Site<'_>) -> bool {
    site.section.is_some_and(|section| same(section, part))
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
    let host = address::without_www(host);
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
        let site = Site { name: Some("The Example"), host: Some("www.example.org"), section: None };
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
    fn a_site_is_cut_where_no_spaces_stand_around_what_separates_it() {
        let site = |name| Site { name: Some(name), host: None, section: None };
        for (title, name, headline) in [
            ("장마가 끝나고 무더위가 시작된다-사회ㅣ보기일보", "보기일보", "장마가 끝나고 무더위가 시작된다"),
            ("台风登陆后全市停课两天-社会-样例网", "样例网", "台风登陆后全市停课两天"),
            ("台风登陆后全市停课两天_样例财经_样例网", "样例网", "台风登陆后全市停课两天"),
            ("港の倉庫で火事、けが人なし｜見本新聞", "見本新聞", "港の倉庫で火事、けが人なし"),
            ("Prices rise again|Example Post", "Example Post", "Prices rise again"),
        ] {
            assert_eq!(without_site(title, site(name)), headline);
        }
        for (title, name) in [
            ("Ein Gespräch über den Anti-Spiegel", "Spiegel"),
            ("장마가 끝나고 한-일 회담이 시작된다", "보기일보"),
            ("台风登陆后全市停课两天-社会", "样例网"),
        ] {
            assert_eq!(without_site(title, site(name)), title, "another name, or a hyphen of a word");
        }
        let none = Site::default();
        assert_eq!(without_site("港の倉庫で火事、けが人なし | 見本新聞", none), "港の倉庫で火事、けが人なし");
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
