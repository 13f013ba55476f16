//! JSON as pages write it: within comments, with line breaks in strings, commas too many, several values in a row.

use serde_json::{Deserializer, Value};

/// The values of a script; those before a place that cannot be read.
pub(super) fn parse(script: &str) -> Vec<Value> {
    let script = bare(script);
    if let Ok(value) = serde_json::from_str(script) {
        return vec![value];
    }
    let mended = mend(script);
    Deserializer::from_str(&mended).into_iter::<Value>().map_while(Result::ok).collect()
}

/// The script without the comments that once hid it from old browsers.
fn bare(script: &str) -> &str {
    let mut script = script.trim();
    while let Some(inner) =
        ["<!--", "//<![CDATA[", "/*<![CDATA[*/", "<![CDATA["].iter().find_map(|open| script.strip_prefix(open))
    {
        script = inner.trim_start();
    }
    while let Some(inner) = ["-->", "//]]>", "/*]]>*/", "]]>", ";"].iter().find_map(|close| script.strip_suffix(close))
    {
        script = inner.trim_end();
    }
    script
}

/// Changes that cannot alter what is meant: controls become spaces, a comma before a bracket goes, and so does the
/// backslash before a character that needs none.
fn mend(script: &str) -> String {
    let mut mended = String::with_capacity(script.len());
    let mut within_string = false;
    let mut characters = script.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' if within_string => match characters.next() {
                Some(escaped @ ('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u')) => {
                    mended.push('\\');
                    mended.push(escaped);
                }
                Some(escaped) if escaped.is_control() => mended.push(' '),
                Some(escaped) => mended.push(escaped),
                None => {}
            },
            '"' => {
                within_string = !within_string;
                mended.push('"');
            }
            _ if character.is_control() => mended.push(' '),
            ',' if !within_string => {
                while characters.peek().is_some_and(|next| next.is_whitespace() || *next == ',') {
                    characters.next();
                }
                if !matches!(characters.peek(), Some('}' | ']') | None) {
                    mended.push(',');
                }
            }
            _ => mended.push(character),
        }
    }
    mended
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn mended(script: &str) -> String {
        parse(script).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn wrappings_controls_and_surplus_commas_are_taken_off() {
        assert_eq!(mended("<!-- {\"a\":\"one\ntwo\",} -->;"), r#"{"a":"one two"}"#);
        assert_eq!(mended("/*<![CDATA[*/[1,,2,]/*]]>*/"), "[1,2]");
        assert_eq!(mended(r#"{"a":"it\'s, ]"}"#), r#"{"a":"it's, ]"}"#);
    }

    #[test]
    fn several_values_are_read_up_to_the_first_that_is_broken() {
        assert_eq!(mended("{\"a\":1}\n{\"b\":2} {broken"), r#"{"a":1} {"b":2}"#);
        assert_eq!(mended("{not json"), "");
    }
}
