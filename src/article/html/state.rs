//! The article in the state that a page's application is handed: JSON in a shape of its own on every site.

use serde_json::Value;

use crate::article::{normalise, prose};

/// Larger states are not read.
const LARGEST: usize = 4 << 20;

/// Under these names articles have their text: a string, or a list of parts.
const BODIES: [&str; 10] =
    ["articleBody", "body", "content", "contents", "blocks", "elements", "components", "paragraphs", "html", "text"];

/// Under these names a part has its text.
const TEXTS: [&str; 8] = ["text", "html", "content", "value", "body", "paragraph", "children", "data"];

/// The longest text of a state, its parts a line each; of a text and the list around it the text.
pub(super) fn text(state: &str) -> Option<String> {
    if state.len() > LARGEST {
        return None;
    }
    let state: Value = serde_json::from_str(state).ok()?;
    let mut best: Option<(usize, String)> = None;
    let mut open = vec![&state];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(object) => {
                for (name, inner) in object {
                    if BODIES.contains(&name.as_str()) {
                        let found = parts(inner);
                        let words = prose::words(&found);
                        if best.as_ref().is_none_or(|(most, _)| words >= *most) {
                            best = Some((words, found));
                        }
                    }
                    open.push(inner);
                }
            }
            Value::Array(list) => open.extend(list.iter().rev()),
            _ => {}
        }
    }
    best.map(|(_, text)| normalise::text(&text))
}

/// The texts within a value, in order.
fn parts(value: &Value) -> String {
    let mut text = String::new();
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Value::String(part) => {
                text.push_str(part);
                text.push('\n');
            }
            Value::Array(list) => open.extend(list.iter().rev()),
            Value::Object(object) => open.extend(TEXTS.iter().rev().filter_map(|name| object.get(*name))),
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn the_longest_body_is_found_in_any_shape() {
        let state = r#"{"props":{"teasers":[{"body":"A short one."}],"story":{"body":[{"type":"p","text":"One sentence."},
            {"type":"image","src":"x.jpg"},{"type":"p","text":"Another sentence, a little longer."}]}}}"#;
        assert_eq!(text(state).as_deref(), Some("One sentence.\nAnother sentence, a little longer.\n"));
        assert_eq!(text(r#"{"a":{"html":"<p>One.</p>"}}"#).as_deref(), Some("<p>One.</p>\n"));
        assert_eq!(text(r#"{"a":[1,2]}"#), None);
        assert_eq!(text(&"[".repeat(100_000)), None);
    }
}
