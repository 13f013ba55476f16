//! Headings of Markdown in a text that nobody declared as such: their signs are no part of them.

/// Headings from which on the signs are Markdown's.
const HEADINGS: usize = 2;

/// The lines, without the signs of headings where these are Markdown's: each alone between blank lines. A heading has its level.
pub(super) fn without_signs(lines: Vec<String>) -> Vec<(String, Option<u8>)> {
    let blank = |at: Option<usize>| at.and_then(|at| lines.get(at)).is_none_or(|line| line.trim().is_empty());
    let headings: Vec<(usize, (String, u8))> = lines
        .iter()
        .enumerate()
        .filter(|(at, _)| blank(at.checked_sub(1)) && blank(Some(at + 1)))
        .filter_map(|(at, line)| Some((at, heading(line)?)))
        .collect();
    let mut lines: Vec<(String, Option<u8>)> = lines.into_iter().map(|line| (line, None)).collect();
    if headings.len() >= HEADINGS {
        for (at, (heading, level)) in headings {
            if let Some(line) = lines.get_mut(at) {
                *line = (heading, Some(level));
            }
        }
    }
    lines
}

/// The text of a heading, and its level.
fn heading(line: &str) -> Option<(String, u8)> {
    let text = line.trim_start_matches('#');
    let level = u8::try_from(line.len() - text.len()).ok().filter(|signs| (1..=6).contains(signs))?;
    (text.starts_with(' ') && !text.trim().is_empty()).then(|| (text.trim().to_owned(), level))
}

#[cfg(test)]
mod tests {
    use super::without_signs;

    fn lines(text: &str) -> String {
        let lines = without_signs(text.split('\n').map(str::to_owned).collect());
        lines.into_iter().map(|(line, _)| line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn headings_between_blank_lines_lose_their_signs() {
        assert_eq!(lines("# One\n\nText.\n\n## Two\n\nText."), "One\n\nText.\n\nTwo\n\nText.");
    }

    #[test]
    fn comments_tags_and_a_single_sign_stay() {
        for text in ["# set up\nx = 1\n# done\ny = 2", "#harbour\n\n#sea", "# 1 of the charts\n\nText."] {
            assert_eq!(lines(text), text);
        }
    }
}
