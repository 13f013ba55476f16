//! The article in the state that a page's application is handed: JSON in a shape of its own on every site.

use serde_json::Value;

use super::prepass::Script;
use crate::article::{normalise, prose};
use crate::json::Budget;

/// What is read of states, all together. Values take more memory than their text does.
const READ: Budget = Budget { bytes: 4 << 20, values: 100_000 };

/// Values that are looked at and bytes of text that are taken from them, those counted again that are referred to: what refers to
/// itself must end, and a long text that is referred to a thousand times.
const MOST_TAKEN: usize = 8 * READ.bytes;

/// Words of identifiers by which scripts of JSON say that they hold a state.
const IDS: [&str; 3] = ["data", "state", "props"];

/// Names to which scripts assign one.
const NAMES: [&str; 4] = ["__INITIAL_STATE__", "__PRELOADED_STATE__", "__APOLLO_STATE__", "__NEXT_DATA__"];

/// What scripts call to hand one on in pieces, each to be kept until the application runs.
const PUSH: &str = ".push(";

/// The script whose state is one list: numbers within it refer to other places of the list.
const LIST: &str = "__NUXT_DATA__";

/// Under these names, whatever their case and with or without `_` and `-`, articles have their text: a string, or a list of parts.
const BODIES: [&str; 16] = [
    "articlebody",
    "articlecontent",
    "articlehtml",
    "body",
    "bodyhtml",
    "bodytext",
    "content",
    "contenthtml",
    "contents",
    "blocks",
    "elements",
    "components",
    "fulltext",
    "paragraphs",
    "html",
    "text",
];

/// Under these names a part has its text.
const TEXTS: [&str; 8] = ["text", "html", "content", "value", "body", "paragraph", "children", "data"];

/// The longest text of the states among a page's scripts, its parts a line each; of a text and the list around it the text.
pub(super) fn text(scripts: &[Script<'_>]) -> Option<String> {
    let mut best: Option<(usize, String)> = None;
    let (mut left, mut to_take) = (READ, MOST_TAKEN);
    for script in scripts {
        let Some(json) = state(script).filter(|json| left.takes(json)) else { continue };
        // What follows the state, in a script, is code.
        let Some(Ok(state)) = serde_json::Deserializer::from_str(json).into_iter::<Value>().next() else { continue };
        // Some hand on their JSON as a text, so that browsers read it faster.
        let mut of_text = READ;
        let inner = state.as_str().filter(|text| of_text.takes(text));
        let inner = inner.and_then(|text| serde_json::from_str(text).ok());
        let state = inner.unwrap_or(state);
        let mut reader = Reader { list: state.as_array().filter(|_| script.id == LIST), left: to_take };
        reader.longest(&state, &mut best);
        to_take = reader.left;
    }
    best.map(|(_, text)| normalise::text(&text))
}

/// Where the state begins that a script holds, assigns or pushes.
fn state<'h>(script: &Script<'h>) -> Option<&'h str> {
    let content = script.content;
    if script.kind.to_ascii_lowercase().contains("json") {
        let id = script.id.to_ascii_lowercase();
        return IDS.iter().any(|word| id.contains(word)).then_some(content);
    }
    let assigned = NAMES.iter().find_map(|name| {
        let at = memchr::memmem::find(content.as_bytes(), name.as_bytes())?;
        let after = content.get(at + name.len()..)?.trim_start_matches(['"', '\'', ']']).trim_start();
        let value = after.strip_prefix('=')?.trim_start();
        let value = value.strip_prefix("JSON.parse(").map_or(value, str::trim_start);
        value.starts_with(['{', '[', '"']).then_some(value)
    });
    let pushes = || memchr::memmem::find_iter(content.as_bytes(), PUSH);
    assigned.or_else(|| pushes().find_map(|at| content.get(at + PUSH.len()..).filter(|value| value.starts_with('{'))))
}

/// Whether articles have their text under a name.
fn is_body(name: &str) -> bool {
    let letters = || name.bytes().filter(|byte| !matches!(byte, b'_' | b'-')).map(|byte| byte.to_ascii_lowercase());
    BODIES.iter().any(|body| letters().eq(body.bytes()))
}

struct Reader<'v> {
    /// The list within which numbers are references, where the state is one.
    list: Option<&'v Vec<Value>>,
    /// Of [`MOST_TAKEN`].
    left: usize,
}

impl<'v> Reader<'v> {
    fn longest(&mut self, state: &'v Value, best: &mut Option<(usize, String)>) {
        let mut open = vec![state];
        while let Some(value) = open.pop() {
            match value {
                Value::Object(object) => {
                    for (name, inner) in object {
                        if is_body(name) {
                            let found = self.parts(inner);
                            let words = prose::words(&found);
                            if best.as_ref().is_none_or(|(most, _)| words >= *most) {
                                *best = Some((words, found));
                            }
                        }
                        open.push(inner);
                    }
                }
                Value::Array(list) => open.extend(list.iter().rev()),
                _ => {}
            }
        }
    }

    /// What a value refers to.
    fn meant(&self, value: &'v Value) -> &'v Value {
        let referred = || self.list?.get(usize::try_from(value.as_u64()?).ok()?);
        referred().unwrap_or(value)
    }

    /// The texts within a value, in order.
    fn parts(&mut self, value: &'v Value) -> String {
        let mut text = String::new();
        let mut open = vec![value];
        while let Some(value) = open.pop() {
            let Some(left) = self.left.checked_sub(1) else { break };
            self.left = left;
            match self.meant(value) {
                Value::String(part) => {
                    let left = self.left.checked_sub(part.len());
                    let Some(left) = left.filter(|_| text.len() + part.len() <= READ.bytes) else { break };
                    self.left = left;
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(id: &str, kind: &str, content: &str) -> Option<String> {
        text(&[Script { id, kind, content }])
    }

    fn next(content: &str) -> Option<String> {
        of("__NEXT_DATA__", "application/json", content)
    }

    #[test]
    fn the_longest_body_is_found_in_any_shape() {
        let state = r#"{"props":{"teasers":[{"body":"A short one."}],"story":{"body":[{"type":"p","text":"One sentence."},
            {"type":"image","src":"x.jpg"},{"type":"p","text":"Another sentence, a little longer."}]}}}"#;
        assert_eq!(next(state).as_deref(), Some("One sentence.\nAnother sentence, a little longer.\n"));
        assert_eq!(next(r#"{"a":{"html":"<p>One.</p>"}}"#).as_deref(), Some("<p>One.</p>\n"));
        assert_eq!(next(r#"{"a":[1,2]}"#), None);
        assert_eq!(next(&"[".repeat(100_000)), None);
    }

    #[test]
    fn states_that_scripts_assign_are_read_up_to_their_end() {
        let json = r#"{"a":{"body":"One sentence; and another."}}"#;
        let quoted = serde_json::Value::from(json).to_string();
        for content in [
            format!("window.__INITIAL_STATE__ = {json};(function(){{}}())"),
            format!("window['__PRELOADED_STATE__']={json}\nvar x = 1"),
            format!("window.__APOLLO_STATE__=JSON.parse({quoted});"),
        ] {
            assert_eq!(of("", "", &content).as_deref(), Some("One sentence; and another.\n"), "{content}");
        }
        for content in ["var x = __INITIAL_STATE__.y", "window.__INITIAL_STATE__ = load()", "x = {\"body\":\"One.\"}"] {
            assert_eq!(of("", "", content), None, "{content}");
        }
        assert_eq!(of("tracking", "application/json", json), None);
    }

    #[test]
    fn states_that_scripts_push_are_read() {
        let json = r#"{"queries":[{"state":{"data":{"title":"Title","content_html":"One sentence; and another."}}}]}"#;
        let content = format!("window['q']=window['q']||[];window['q'].push('begin');window['q'].push({json});");
        assert_eq!(of("", "", &content).as_deref(), Some("One sentence; and another.\n"));
        for content in ["layer.push({event: 'view', body: text})", "layer.push([\"body\", \"One.\"])", "layer.push({"] {
            assert_eq!(of("", "", content), None, "{content}");
        }
    }

    #[test]
    fn names_are_written_in_many_ways() {
        for name in ["body", "bodyHtml", "body-html", "BODY_HTML", "contentHTML", "articleBody"] {
            assert!(is_body(name), "{name}");
        }
        for name in ["", "_", "bodyguard", "contentType", "htmlAttributes"] {
            assert!(!is_body(name), "{name}");
        }
    }

    #[test]
    fn numbers_in_a_state_that_is_a_list_are_references() {
        let state =
            r#"[{"story":1},{"title":2,"body":3},"Title",[4,5],"One sentence.",{"text":6},"Another.",{"body":7}]"#;
        assert_eq!(of("__NUXT_DATA__", "application/json", state).as_deref(), Some("One sentence.\nAnother.\n"));
        // One that refers to itself ends.
        assert_eq!(of("__NUXT_DATA__", "application/json", r#"[{"body":1},[1,1]]"#).as_deref(), Some(""));
    }

    #[test]
    fn states_beyond_the_bound_are_not_read() {
        let large = format!(r#"{{"body":"{}"}}"#, "word ".repeat(READ.bytes / 5));
        assert_eq!(next(&large), None);
        let many = |values: usize| format!(r#"{{"body":"One sentence.","other":[{}1]}}"#, "1,".repeat(values));
        assert!(next(&many(READ.values - 100)).is_some());
        assert_eq!(next(&many(READ.values)), None);
        assert_eq!(next(&serde_json::Value::from(many(READ.values)).to_string()), None);
        // Short as it is written, long as it is read.
        let text = "word ".repeat(1_000);
        let references = format!(r#"[{{"body":1}},[{}2],"{text}"]"#, "2,".repeat(50_000));
        let read = of("__NUXT_DATA__", "application/json", &references).unwrap_or_default();
        assert!(read.len() > text.len() && read.len() <= READ.bytes + 60_000, "{}", read.len());
    }
}
