//! Ends of what holds no markup: comments, scripts, styles.

/// Length of the comment that begins here, as the HTML standard ends comments.
pub(super) fn comment_length(text: &str) -> usize {
    for short in ["<!-->", "<!--->"] {
        if text.starts_with(short) {
            return short.len();
        }
    }
    let body = text.get(4..).unwrap_or_default();
    let mut from = 0;
    while let Some(offset) = body.get(from..).and_then(|rest| rest.find("--")) {
        let at = from + offset;
        let after = body.get(at + 2..).unwrap_or_default();
        if after.starts_with('>') {
            return 4 + at + 3;
        }
        if after.starts_with("!>") {
            return 4 + at + 4;
        }
        from = at + 1;
    }
    text.len()
}

/// The content of a raw-text element, which begins here, up to its end tag.
pub(super) fn raw_text<'h>(html: &'h str, name: &str) -> &'h str {
    let mut at = 0;
    // Within `<!-- <script> … </script>` the first end tag belongs to the inner script.
    let mut escaped = false;
    while let Some(offset) = html.get(at..).and_then(|rest| memchr::memchr(b'<', rest.as_bytes())) {
        let open = at + offset;
        let rest = html.get(open..).unwrap_or_default();
        if name == "script" && rest.starts_with("<!--") && inner_script_comes_first(rest) {
            escaped = true;
        }
        if is_end_tag(rest, name) {
            if escaped {
                escaped = false;
            } else {
                return html.get(..open).unwrap_or_default();
            }
        }
        at = open + 1;
    }
    html
}

/// Whether `<script` follows before the comment or the script ends.
fn inner_script_comes_first(comment: &str) -> bool {
    // Pages that use this old trick do so at once.
    let near = comment.get(..512).unwrap_or(comment);
    let inner = find_ignoring_case(near, "<script");
    let end = [find_ignoring_case(near, "</script"), near.find("-->")].into_iter().flatten().min();
    inner.is_some_and(|inner| end.is_none_or(|end| inner < end))
}

fn is_end_tag(text: &str, name: &str) -> bool {
    let Some(rest) = text.strip_prefix("</") else { return false };
    let named = rest.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name));
    named
        && rest
            .as_bytes()
            .get(name.len())
            .is_none_or(|next| matches!(next, b'>' | b'/' | b' ' | b'\t' | b'\n' | b'\r' | b'\x0c'))
}

/// Where a text of ASCII stands first, in any case.
pub(super) fn find_ignoring_case(text: &str, needle: &str) -> Option<usize> {
    let first = *needle.as_bytes().first()?;
    let mut from = 0;
    while let Some(offset) = memchr::memchr(first, text.get(from..)?.as_bytes()) {
        let at = from + offset;
        if text.get(at..at + needle.len()).is_some_and(|found| found.eq_ignore_ascii_case(needle)) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}
