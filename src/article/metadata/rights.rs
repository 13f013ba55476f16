//! What a page and its server say about the use of the article.

use super::jsonld::JsonLd;
use super::meta::Meta;
use crate::article::about::{AiTraining, Rights};
use crate::article::html::Tree;
use crate::article::normalise;
use crate::document::Hints;

/// Directives of robots that are about the use of the text, not about its place in an index.
const DIRECTIVES: [&str; 9] =
    ["noai", "noimageai", "noarchive", "nosnippet", "noindex", "nocache", "notranslate", "none", "noml"];

/// Most statements that are kept.
const SIGNALS: usize = 20;

/// The rights that are stated; what is not stated stays unknown.
pub(super) fn of_page(tree: &Tree<'_>, meta: &Meta<'_>, data: &JsonLd, hints: &Hints) -> Rights {
    let mut signals: Vec<String> = Vec::new();
    let mut note = |signal: String| {
        if signals.len() < SIGNALS && !signals.contains(&signal) {
            signals.push(signal);
        }
    };
    for content in meta.all(&["robots", "googlebot", "googlebot-news"]) {
        directives(content).for_each(|one| note(format!("meta:{one}")));
    }
    for content in hints.served.robots.iter() {
        directives(content).for_each(|one| note(format!("header:{one}")));
    }
    let mut reserved = None;
    for (place, value) in
        [("meta", meta.first(&["tdm-reservation"])), ("header", hints.served.tdm_reservation.as_deref())]
    {
        let Some(value) = value.map(str::trim).filter(|value| matches!(*value, "0" | "1")) else { continue };
        note(format!("{place}:tdm-reservation={value}"));
        reserved = reserved.max(Some(value == "1"));
    }
    let no_ai = signals.iter().any(|signal| matches!(signal.rsplit(':').next(), Some("noai" | "noml")));
    let ai_training = match (no_ai, reserved) {
        (true, _) | (_, Some(true)) => Some(AiTraining::Reserved),
        (false, Some(false)) => Some(AiTraining::Allowed),
        (false, None) => None,
    };
    let policy = meta.first(&["tdm-policy"]).or(hints.served.tdm_policy.as_deref());
    let license = data.license.clone().or_else(|| link(tree, "license"));
    let license =
        license.or_else(|| meta.first(&["dc.rights.license", "dcterms.license", "license"]).map(str::to_owned));
    Rights {
        license: license.map(|text| normalise::line(&text)).filter(|text| !text.is_empty() && text.len() <= 500),
        ai_training,
        mining_policy: policy.map(normalise::line).filter(|text| !text.is_empty() && text.len() <= 500),
        signals,
    }
}

/// The directives of a robots statement that are about use; one for a named robot ("bot: noindex") is not for us.
fn directives(content: &str) -> impl Iterator<Item = &'static str> {
    let named: Vec<String> = content.split([',', ';', ' ']).map(|one| one.trim().to_ascii_lowercase()).collect();
    DIRECTIVES.into_iter().filter(move |known| named.iter().any(|one| one == known))
}

/// The first link of a relation.
pub(super) fn link(tree: &Tree<'_>, relation: &str) -> Option<String> {
    let is_one = |rel: &str| rel.split_ascii_whitespace().any(|one| one.eq_ignore_ascii_case(relation));
    let mut links = tree.elements().filter(|(_, node)| matches!(node.tag(), "link" | "a"));
    // A licence beside a picture is the picture's: only what the head links is the article's.
    links
        .find(|(_, node)| node.tag() == "link" && node.attribute("rel").is_some_and(is_one))
        .and_then(|(_, node)| node.attribute("href"))
        .map(|href| href.trim().to_owned())
        .filter(|href| !href.is_empty())
}
