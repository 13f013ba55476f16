//! How large JSON of strangers is, before it is parsed.

/// What parsing a text would take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    /// Arrays and objects that are open at once.
    pub(crate) depth: usize,
    /// Values, and names of members. Each takes up to 300 bytes once parsed, by which it has three in the text.
    pub(crate) values: usize,
}

/// Counts brackets and commas outside strings: cheap for text that a parser would spend stack or memory on.
pub(crate) fn size(text: &str) -> Size {
    let (mut open, mut size) = (0_usize, Size { depth: 0, values: 1 });
    let mut bytes = text.as_bytes().iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => skip_string(&mut bytes),
            b'{' | b'[' => {
                open += 1;
                size.depth = size.depth.max(open);
                size.values += 1;
            }
            b'}' | b']' => open = open.saturating_sub(1),
            b',' => size.values += 1,
            _ => {}
        }
    }
    size
}

/// How much may be parsed in all.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    pub(crate) bytes: usize,
    pub(crate) values: usize,
}

impl Budget {
    /// Whether a text may be parsed; if so, as much less is left for others.
    pub(crate) fn takes(&mut self, text: &str) -> bool {
        let Some(bytes) = self.bytes.checked_sub(text.len()) else { return false };
        let Some(values) = self.values.checked_sub(size(text).values) else { return false };
        *self = Self { bytes, values };
        true
    }
}

/// Skips what is left of a string: up to its closing quote, over what a backslash takes with it.
fn skip_string(bytes: &mut std::slice::Iter<'_, u8>) {
    while let Some(at) = memchr::memchr2(b'"', b'\\', bytes.as_slice()) {
        if bytes.nth(at) == Some(&b'"') {
            return;
        }
        bytes.next();
    }
    *bytes = [].iter();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_strings_is_not_counted() {
        assert_eq!(size(r#"{"a":[1,2,{"b":"}],,\"{[,"}]}"#), Size { depth: 3, values: 6 });
        assert_eq!(size("1"), Size { depth: 0, values: 1 });
        assert_eq!(size("\"[[[\\"), Size { depth: 0, values: 1 });
        assert_eq!(size("]]][[").depth, 2);
    }

    #[test]
    fn what_is_too_large_leaves_room_for_others() {
        let mut budget = Budget { bytes: 10, values: 4 };
        assert!(!budget.takes("\"0123456789\""));
        assert!(!budget.takes("[1,2,3,4]"));
        assert!(budget.takes("[1,2]"));
        assert!(!budget.takes("[1]"), "one of three values is left");
        assert!(budget.takes("1"));
    }
}
