//! What a page and its server say about the use of the article.

use super::jsonld::JsonLd;
use super::meta::Meta;
use crate::article::about::{AiTraining, Rights};
use crate::article::html::Tree;
use crate::article::normalise;
use crate::document::{Hints, Served};

/// Directives of robots that are about the use of the text, not about its place in an index.
const DIRECTIVES: [&str; 9] =
    ["noai", "noimageai", "noarchive", "nosnippet", "noindex", "nocache", "notranslate", "none", "noml"];

/// Most statements that are kept.
const SIGNALS: usize = 20;

/// What the page itself says in its head.
#[derive(Debug, Default)]
struct Stated<'a> {
    robots: Vec<&'a str>,
    reservation: Option<&'a str>,
    policy: Option<&'a str>,
    license: Option<String>,
}

/// The rights that page and server state; what is not stated stays unknown.
pub(super) fn of_page(tree: &Tree<'_>, meta: &Meta<'_>, data: &JsonLd, hints: &Hints) -> Rights {
    let named = || meta.first(&["dc.rights.license", "dcterms.license", "license"]).map(str::to_owned);
    let page = Stated {
        robots: meta.all(&["robots"]).collect(),
        reservation: meta.first(&["tdm-reservation"]),
        policy: meta.first(&["tdm-policy"]),
        license: data.license.clone().or_else(|| link(tree, "license")).or_else(named),
    };
    stated(page, &hints.served)
}

/// The rights that the server states for a text that says nothing itself.
pub(crate) fn of_served(served: &Served) -> Rights {
    stated(Stated::default(), served)
}

fn stated(page: Stated<'_>, served: &Served) -> Rights {
    let mut signals: Vec<String> = Vec::new();
    let mut note = |signal: String| {
        if signals.len() < SIGNALS && !signals.contains(&signal) {
            signals.push(signal);
        }
    };
    for content in page.robots {
        directives(content).into_iter().for_each(|one| note(format!("meta:{one}")));
    }
    for content in &served.robots {
        directives(content).into_iter().for_each(|one| note(format!("header:{one}")));
    }
    let mut reserved = None;
    for (place, value) in [("meta", page.reservation), ("header", served.tdm_reservation.as_deref())] {
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
    let policy = page.policy.or(served.tdm_policy.as_deref());
    Rights {
        license: page.license.map(|text| normalise::line(&text)).filter(|text| !text.is_empty() && text.len() <= 500),
        ai_training,
        mining_policy: policy.map(normalise::line).filter(|text| !text.is_empty() && text.len() <= 500),
        signals,
    }
}

/// Rules of robots that have a value behind a colon, where others have the name of a robot before it.
const VALUED: [&str; 4] = ["max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"];

/// The directives of a robots statement that are about use. A statement may name a robot, and what follows is for that one
/// alone until another is named ("noindex, otherbot: noai, nosnippet"): it is not for us.
fn directives(content: &str) -> Vec<&'static str> {
    let mut found: Vec<&'static str> = Vec::new();
    let mut is_ours = true;
    for part in content.split([',', ';']) {
        let part = part.trim().to_ascii_lowercase();
        let rules = match part.split_once(':') {
            Some((name, _)) if VALUED.contains(&name.trim()) => continue,
            Some((robot, rules)) if !robot.trim().contains(char::is_whitespace) => {
                is_ours = matches!(robot.trim(), "*" | "robots");
                rules
            }
            _ => part.as_str(),
        };
        let known = rules.split_whitespace().filter_map(|rule| DIRECTIVES.into_iter().find(|known| *known == rule));
        found.extend(known.filter(|_| is_ours));
    }
    found
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

#[cfg(test)]
mod tests {
    use super::directives;

    #[test]
    fn what_is_said_to_another_robot_is_not_said_to_us() {
        for (content, expected) in [
            ("noindex, noai", vec!["noindex", "noai"]),
            ("noindex noarchive", vec!["noindex", "noarchive"]),
            ("bot: noindex", vec![]),
            ("GPTBot: noai, noimageai", vec![]),
            ("noarchive, otherbot: noai, *: nosnippet", vec!["noarchive", "nosnippet"]),
            ("*: noai", vec!["noai"]),
            ("max-snippet:-1, noml, unavailable_after: 25 Jun 2030 15:00:00 GMT, noai", vec!["noml", "noai"]),
            ("unavailable_after: Tuesday, 25-Jun-30 15:00:00 GMT; noai", vec!["noai"]),
        ] {
            assert_eq!(directives(content), expected, "{content}");
        }
    }
}
