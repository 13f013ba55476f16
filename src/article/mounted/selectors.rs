//! Selectors, by what an element must have for them to be asked.

use std::collections::HashSet;

use scraper::Selector;

/// What an element needs before a selector is evaluated on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Key {
    Id(String),
    Class(String),
    Tag(String),
    Attribute(String),
    /// Nothing that could be looked up.
    Any,
}

/// One selector without commas.
#[derive(Debug)]
pub(crate) struct Pattern {
    pub(crate) key: Key,
    /// How to ask the element; without one the key is the whole selector.
    pub(crate) test: Option<Selector>,
    /// Whether it looks at siblings or within, where one pass over the page is cheaper than a question to each element.
    pub(crate) needs_pass: bool,
}

/// The selectors of a list with commas, and the attributes that they look at.
pub(crate) fn parse(text: &str, attributes: &mut HashSet<String>) -> Result<Vec<Pattern>, String> {
    let mut patterns = Vec::new();
    for part in top_level(text, |character| character == ',') {
        let part = part.trim();
        let selector = Selector::parse(part).map_err(|error| error.to_string())?;
        let key = key(part);
        let is_simple = match &key {
            Key::Id(name) => part.strip_prefix('#') == Some(name),
            Key::Class(name) => part.strip_prefix('.') == Some(name),
            _ => false,
        };
        let needs_pass = part.contains(":nth-") || part.contains(":has(") || part.contains("-of-type");
        patterns.push(Pattern { key, test: (!is_simple).then_some(selector), needs_pass });
    }
    attributes_of(text, attributes);
    Ok(patterns)
}

/// Notes the attributes that a selector names in brackets.
pub(crate) fn attributes_of(text: &str, attributes: &mut HashSet<String>) {
    let mut quote = None;
    for (at, character) in text.char_indices() {
        match (quote, character) {
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            (None, '[') => {
                let inside = text.get(at + 1..).unwrap_or_default().trim_start();
                let end = inside.find(|next: char| !is_name(next)).unwrap_or(inside.len());
                attributes.insert(inside.get(..end).unwrap_or_default().to_ascii_lowercase());
            }
            _ => {}
        }
    }
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '-' | '_')
}

/// The parts of a text between separators that stand in no bracket and no quotes.
fn top_level(text: &str, separates: impl Fn(char) -> bool) -> Vec<&str> {
    let (mut parts, mut from, mut depth, mut quote, mut escaped) = (Vec::new(), 0, 0_usize, None, false);
    for (at, character) in text.char_indices() {
        if std::mem::take(&mut escaped) {
            continue;
        }
        match (quote, character) {
            (_, '\\') => escaped = true,
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(character),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth = depth.saturating_sub(1),
            (None, _) if depth == 0 && separates(character) => {
                parts.push(text.get(from..at).unwrap_or_default());
                from = at + character.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text.get(from..).unwrap_or_default());
    parts
}

/// The surest part of what the element itself must be: its id, else a class, else an attribute, else its tag.
fn key(selector: &str) -> Key {
    let compounds = top_level(selector, |character| matches!(character, ' ' | '\t' | '>' | '+' | '~'));
    let Some(compound) = compounds.last().filter(|compound| !compound.contains('\\')) else { return Key::Any };
    // What stands in a pseudo-class says something else than that the element has it.
    let own = compound.split(':').next().unwrap_or_default();
    let (mut class, mut attribute) = (None, None);
    let mut rest = own;
    let end = |text: &str| text.find(|next: char| !is_name(next)).unwrap_or(text.len());
    let (tag, after) = rest.split_at(end(rest));
    rest = after;
    while let Some(first) = rest.chars().next() {
        let inside = rest.get(first.len_utf8()..).unwrap_or_default();
        let (name, after) = inside.split_at(end(inside));
        match first {
            '#' => return Key::Id(name.to_owned()),
            '.' => class = class.or(Some(name)),
            '[' => attribute = attribute.or(Some(name)),
            _ => {}
        }
        // What stands in brackets may hold anything; what follows them is not needed.
        if first == '[' {
            break;
        }
        rest = after;
    }
    let owned = |name: &str| name.to_owned();
    match (class, attribute.filter(|name| !name.is_empty()), tag) {
        (Some(class), _, _) => Key::Class(owned(class)),
        (None, Some(attribute), _) => Key::Attribute(attribute.to_ascii_lowercase()),
        (None, None, "") => Key::Any,
        (None, None, tag) => Key::Tag(tag.to_ascii_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::*;

    #[test]
    fn a_selector_is_looked_up_by_what_its_element_must_have() {
        let class = |name: &str| Key::Class(name.to_owned());
        for (selector, expected) in [
            (".ad-box", class("ad-box")),
            ("#promo", Key::Id("promo".to_owned())),
            ("div.a > p.b#c", Key::Id("c".to_owned())),
            ("#a .b", class("b")),
            ("div", Key::Tag("div".to_owned())),
            ("div[data-ad=\"x > .y\"]", Key::Attribute("data-ad".to_owned())),
            ("[Data-Ad]:not(.x)", Key::Attribute("data-ad".to_owned())),
            (":not(.x)", Key::Any),
            ("*", Key::Any),
            (".a\\:b", Key::Any),
            ("li:not(.x, .y)", Key::Tag("li".to_owned())),
        ] {
            assert_eq!(key(selector), expected, "{selector}");
        }
    }

    #[test]
    fn lists_are_split_at_their_own_commas_only() {
        let mut attributes = HashSet::new();
        let patterns = parse(".a, div:not(.b, .c), [title=\"x, [y]\"]", &mut attributes).unwrap();
        let keys: Vec<&Key> = patterns.iter().map(|pattern| &pattern.key).collect();
        assert_eq!(keys.len(), 3, "{keys:?}");
        let simple: Vec<bool> = patterns.iter().map(|pattern| pattern.test.is_none()).collect();
        assert_eq!(simple, [true, false, false]);
        assert_eq!(attributes, HashSet::from(["title".to_owned()]));
        assert!(parse(".a,", &mut attributes).is_err());
        assert!(parse("div[", &mut attributes).is_err());
    }
}
