//! What Python's serialiser writes and the standard does not allow: `NaN`, `Infinity`, and halves of surrogate pairs.

/// Numbers that JSON does not have, the longest first.
const NO_NUMBERS: [&str; 3] = ["-Infinity", "Infinity", "NaN"];

/// The text with `null` for numbers that are none, and U+FFFD for halves of pairs; `None` where there are no such.
pub(super) fn repaired(text: &str) -> Option<String> {
    let mut repaired = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((outside, from)) = rest.split_once('"') {
        push_values(&mut repaired, outside);
        repaired.push('"');
        rest = push_string(&mut repaired, from);
    }
    push_values(&mut repaired, rest);
    (repaired != text).then_some(repaired)
}

/// What stands between strings.
fn push_values(repaired: &mut String, outside: &str) {
    if NO_NUMBERS.iter().any(|name| outside.contains(name)) {
        repaired.push_str(&NO_NUMBERS.iter().fold(outside.to_owned(), |text, name| text.replace(name, "null")));
    } else {
        repaired.push_str(outside);
    }
}

/// A string up to its closing quotation mark; what follows it is returned.
fn push_string<'t>(repaired: &mut String, mut rest: &'t str) -> &'t str {
    while let Some(at) = rest.find(['"', '\\'])
        && let Some((before, from)) = rest.split_at_checked(at)
    {
        repaired.push_str(before);
        if let Some(after) = from.strip_prefix('"') {
            repaired.push('"');
            return after;
        }
        let length = match (unit(from), from.get(6..).and_then(unit)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => 0,
            (Some(_), _) => 6,
            // A backslash and what it escapes, of any length.
            (None, _) => 1 + from.chars().nth(1).map_or(0, char::len_utf8),
        };
        let (escape, after) = match length {
            0 => ("\\uFFFD", from.get(6..)),
            _ => (from.get(..length).unwrap_or_default(), from.get(length..)),
        };
        repaired.push_str(escape);
        rest = after.unwrap_or_default();
    }
    repaired.push_str(rest);
    ""
}

/// The UTF-16 unit of an escape at the beginning.
fn unit(text: &str) -> Option<u32> {
    u32::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_none_become_null_outside_strings() {
        let written = r#"{"date":NaN,"low":-Infinity,"high":[Infinity],"text":"NaN \"Infinity\" \\"}"#;
        let expected = r#"{"date":null,"low":null,"high":[null],"text":"NaN \"Infinity\" \\"}"#;
        assert_eq!(repaired(written).as_deref(), Some(expected));
        assert_eq!(repaired(expected), None);
    }

    #[test]
    fn halves_of_pairs_become_replacement_characters() {
        assert_eq!(
            repaired(r#"["\ud83d\ude00 \udce9t\u00e9 \ud83d"]"#).unwrap(),
            r#"["\ud83d\ude00 \uFFFDt\u00e9 \uFFFD"]"#
        );
        assert_eq!(repaired(r#"["\\ud83d"]"#), None);
        for cut_off in ["\"\\", "\"\\u", "\"\\ud8", "\"\\é", "\""] {
            assert_eq!(repaired(cut_off), None, "{cut_off}");
        }
    }
}
