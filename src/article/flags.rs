//! What a reader of records should know about an article before trusting it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::about::ArticleKind;
use super::boilerplate::{RuleError, fold};
use super::{Article, BlockKind, RemovedBlock, prose};

/// What may be wrong with a page as an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// The body has few words, see `quality.short_words`.
    Short,
    /// The page shows a consent notice, and beside it no more than labels.
    ConsentWall,
    /// The page says that it is for subscribers, or invites to subscribe in order to read on: the body may be its beginning.
    Paywall,
    /// Headlines of other pages rather than running text.
    Listing,
    /// What a server says in place of an article: an error, a check of the browser.
    NotArticle,
}

impl Flag {
    /// All of them, for metrics that start at 0.
    pub const ALL: [Self; 5] = [Self::Short, Self::ConsentWall, Self::Paywall, Self::Listing, Self::NotArticle];

    /// The name used in records, metrics and reasons of rejection.
    pub fn label(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::ConsentWall => "consent_wall",
            Self::Paywall => "paywall",
            Self::Listing => "listing",
            Self::NotArticle => "not_article",
        }
    }
}

/// What flags mean to this service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QualityPolicy {
    /// Articles with one of these are rejected.
    pub reject: Vec<Flag>,
    /// Bodies with fewer words are short; scripts without spaces count two characters a word.
    pub short_words: usize,
}

impl Default for QualityPolicy {
    fn default() -> Self {
        Self { reject: vec![Flag::ConsentWall, Flag::NotArticle], short_words: 40 }
    }
}

/// A body below this, in characters of weight, beside a longer consent notice is what the notice left over.
const WALL_REST: usize = 140;

/// A line with fewer words is a label: a menu beside the notice is no article, however long.
const LABEL_WORDS: usize = 8;

/// Lines from which a text may be a list of headlines.
const LISTING_LINES: usize = 6;

/// Words a line, on average, from which lines without a sentence are headlines, and not verses or rows of a table.
const HEADLINE_WORDS: usize = 6;

/// Share of links in the body, in percent, from which it is a list of them.
const LISTING_LINKS: usize = 60;

/// Words of a body above which it is no page of an error, whatever its title says.
const ERROR_WORDS: usize = 60;

/// Words that may stand beside the phrase of an error in its line: the name of a site, a politeness.
const BESIDE_ERROR: usize = 4;

/// The phrases of pages that stand in for articles, folded.
#[derive(Debug)]
pub(crate) struct ErrorPages(Vec<String>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    phrases: BTreeMap<String, Vec<String>>,
}

impl ErrorPages {
    pub(super) const TEXT: &'static str = include_str!("../../config/boilerplate/not_article.toml");

    pub(super) fn compiled_in() -> Result<Self, RuleError> {
        let file: File = toml::from_str(Self::TEXT)
            .map_err(|error| RuleError::Invalid { file: "not_article".to_owned(), detail: error.to_string() })?;
        Ok(Self(file.phrases.into_values().flatten().map(|phrase| fold(&phrase).as_str().to_owned()).collect()))
    }

    /// Whether a line says no more than that there is no article.
    fn says(&self, line: &str) -> bool {
        let words = prose::words(line);
        let folded = fold(line);
        self.0.iter().any(|phrase| {
            words <= prose::words(phrase) + BESIDE_ERROR
                && folded
                    .as_str()
                    .find(phrase.as_str())
                    .is_some_and(|at| folded.is_boundary(at) && folded.is_boundary(at + phrase.len()))
        })
    }

    fn is_one(&self, article: &Article, words: usize) -> bool {
        if words > ERROR_WORDS {
            return false;
        }
        article.title.as_deref().is_some_and(|title| self.says(title))
            || article.body.lines().any(|line| self.says(line))
    }
}

/// The flags of an article whose body has so many words; `linked` is the share of its text that is links, in percent, where that
/// is known.
pub(super) fn of(
    article: &Article,
    words: usize,
    removed: &[RemovedBlock],
    linked: usize,
    errors: &ErrorPages,
    policy: &QualityPolicy,
) -> Vec<Flag> {
    let has = |flag: &Flag| match flag {
        Flag::Short => words < policy.short_words,
        Flag::ConsentWall => is_consent_wall(&article.body, removed),
        Flag::Paywall => article.is_accessible_for_free == Some(false) || removed.iter().any(is_invitation),
        Flag::Listing => {
            article.kind == Some(ArticleKind::Listing)
                || is_listing(&article.body, words, linked)
                || (words < 2 && is_index(removed))
        }
        Flag::NotArticle => errors.is_one(article, words),
    };
    Flag::ALL.into_iter().filter(has).collect()
}

/// Whether a block asks readers to subscribe, in a sentence: buttons to do so stand on every page of many papers.
fn is_invitation(block: &RemovedBlock) -> bool {
    block.kind == BlockKind::Paywall && block.rule.starts_with("phrase:") && !block.rule.ends_with(":label")
}

fn is_consent_wall(body: &str, removed: &[RemovedBlock]) -> bool {
    let notice: usize =
        removed.iter().filter(|block| block.kind == BlockKind::Consent).map(|block| prose::weight(&block.text)).sum();
    if notice == 0 {
        return false;
    }
    let rest = prose::weight(body);
    let labels_only = body.lines().all(|line| prose::words(line) < LABEL_WORDS);
    rest == 0 || (notice > rest && (rest < WALL_REST || labels_only))
}

fn is_listing(body: &str, words: usize, linked: usize) -> bool {
    let lines = || body.lines().filter(|line| !line.trim().is_empty());
    let count = lines().count();
    if count < LISTING_LINES {
        return false;
    }
    let sentences = lines().filter(|line| prose::ends_sentence(line)).count();
    linked >= LISTING_LINKS || (sentences * 10 < count && words >= count * HEADLINE_WORDS)
}

/// Whether what was removed of a page is in the main a list of linked headlines.
fn is_index(removed: &[RemovedBlock]) -> bool {
    let words = |block: &RemovedBlock| prose::words(&block.text);
    let headlines: Vec<usize> = removed
        .iter()
        .filter(|block| block.rule == "links:item")
        .map(words)
        .filter(|own| *own >= HEADLINE_WORDS)
        .collect();
    let shown = removed.iter().filter(|block| block.kind != BlockKind::Hidden).map(words).sum::<usize>();
    headlines.len() >= LISTING_LINES && headlines.iter().sum::<usize>() * 2 > shown
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::*;

    fn flags(title: &str, body: &str, removed: &[(BlockKind, &str)], linked: usize) -> Vec<Flag> {
        let article = Article { title: Some(title.to_owned()), body: body.to_owned(), ..Article::default() };
        let removed: Vec<RemovedBlock> = removed
            .iter()
            .map(|(kind, text)| RemovedBlock {
                kind: *kind,
                rule: format!("phrase:{}:phrase", kind.label()),
                text: (*text).to_owned(),
            })
            .collect();
        of(
            &article,
            prose::words(body),
            &removed,
            linked,
            &ErrorPages::compiled_in().unwrap(),
            &QualityPolicy::default(),
        )
    }

    const TEXT: &str = "The harbour of Merrow opened again on Monday, two years after the storm. Boats had waited outside \
        since dawn, and the first of them carried the mayor, who had promised to row in herself and did so to the cheers \
        of those who stood on the quay.";

    #[test]
    fn an_article_has_none() {
        assert_eq!(flags("Harbour opens", TEXT, &[(BlockKind::Consent, "We use cookies.")], 3), []);
    }

    #[test]
    fn what_servers_say_is_no_article() {
        for title in [
            "404 Not Found",
            "Page not found | The Merrow Post",
            "Seite nicht gefunden",
            "Just a moment...",
            "ページが見つかりません",
            "页面不存在 - 新闻网",
        ] {
            assert!(flags(title, "Go back to the front page.", &[], 0).contains(&Flag::NotArticle), "{title}");
        }
        let body = "Please enable JavaScript to continue.";
        assert!(flags("The Merrow Post", body, &[], 0).contains(&Flag::NotArticle));
    }

    #[test]
    fn an_article_about_errors_is_one() {
        assert_eq!(flags("Page not found: how an old web address became art", TEXT, &[], 0), []);
        assert_eq!(flags("404 people rescued", "They are safe.", &[], 0), [Flag::Short]);
        assert_eq!(
            flags("Access denied as the council locks reporters out of its chamber", "It voted.", &[], 0),
            [Flag::Short]
        );
    }

    #[test]
    fn headlines_are_a_listing_and_verses_are_none() {
        let headlines = "Council votes to build a second bridge\n\n".repeat(8);
        assert!(flags("News", &headlines, &[], 0).contains(&Flag::Listing));
        let verses = "The tide goes out\n\nand leaves the boats\n\n".repeat(8);
        assert!(!flags("Low water", &verses, &[], 0).contains(&Flag::Listing));
        assert!(flags("News", &format!("{TEXT}\n\n").repeat(8), &[], 90).contains(&Flag::Listing));
    }

    #[test]
    fn a_page_without_text_whose_links_are_headlines_is_a_listing() {
        let link = |text: &str| RemovedBlock {
            kind: BlockKind::Related,
            rule: "links:item".to_owned(),
            text: text.to_owned(),
        };
        let headlines = vec![link("Council votes to build a second bridge"); LISTING_LINES];
        assert!(is_index(&headlines));
        assert!(!is_index(headlines.get(1..).unwrap()), "too few");
        assert!(!is_index(&vec![link("Town news"); 20]), "labels");
        let other = |kind| RemovedBlock { kind, rule: "model:block".to_owned(), text: TEXT.to_owned() };
        let with = |kind| headlines.iter().cloned().chain([other(kind)]).collect::<Vec<_>>();
        assert!(!is_index(&with(BlockKind::OutsideArticle)), "beside more of another kind");
        assert!(is_index(&with(BlockKind::Hidden)), "what is hidden is not shown");
    }

    #[test]
    fn an_invitation_to_subscribe_is_a_paywall() {
        assert_eq!(flags("Harbour opens", TEXT, &[(BlockKind::Paywall, "Subscribe to read on.")], 0), [Flag::Paywall]);
    }

    #[test]
    fn a_notice_with_labels_is_a_wall() {
        let notice = "We and our partners store and access information on a device, such as cookies. ".repeat(5);
        assert!(
            flags("Merrow Post", "Home\n\nSport", &[(BlockKind::Consent, &notice)], 0).contains(&Flag::ConsentWall)
        );
    }
}
