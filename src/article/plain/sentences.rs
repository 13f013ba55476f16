//! Where sentences begin within a line.

/// Words that a full stop follows within a sentence, in lower case and without it.
const SHORTENED: [&str; 39] = [
    "mr", "mrs", "ms", "dr", "st", "prof", "gen", "sen", "rep", "gov", "lt", "col", "sgt", "capt", "vs", "nr", "inc",
    "ltd", "co", "corp", "jr", "sr", "u.s", "u.k", "u.n", "a.m", "p.m", "dec", "nov", "oct", "sept", "aug", "jan",
    "feb", "mme", "mlle", "sra", "ca", "bzw",
];

/// Whether a sentence may end with a mark.
pub(super) fn ends(mark: char) -> bool {
    matches!(mark, '.' | '!' | '?' | '…' | '。' | '！' | '？')
}

/// Where sentences begin, in bytes: behind a mark that ends one, and a space where the script has spaces.
pub(super) fn starts(text: &str) -> Vec<usize> {
    let mut starts = vec![0];
    let mut characters = text.char_indices().peekable();
    while let Some((at, mark)) = characters.next() {
        if !ends(mark) {
            continue;
        }
        let is_wide = matches!(mark, '。' | '！' | '？');
        let is_closing = |next: char| matches!(next, '"' | '”' | '»' | '’' | '\'' | ')' | ']' | '」' | '』' | '）');
        while characters.next_if(|(_, next)| is_closing(*next)).is_some() {}
        let mut is_spaced = false;
        while characters.next_if(|(_, next)| *next == ' ').is_some() {
            is_spaced = true;
        }
        let Some((start, next)) = characters.peek().copied() else { break };
        let begins = !next.is_lowercase() && !ends(next);
        let is_end = || mark != '.' || !is_shortened(text.get(..at).unwrap_or_default());
        if begins && (is_spaced || is_wide) && is_end() {
            starts.push(start);
        }
    }
    starts
}

/// Whether the full stop behind a text is of its last word: an initial, a day of the month, an abbreviation.
fn is_shortened(before: &str) -> bool {
    let word = before.rsplit(|next: char| next.is_whitespace() || matches!(next, '(' | '[' | '"' | '“' | '„')).next();
    let word = word.unwrap_or_default();
    let is_day = word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit());
    let is_initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    is_day || is_initial || SHORTENED.iter().any(|known| known.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::starts;

    fn sentences(text: &str) -> Vec<&str> {
        let starts = starts(text);
        let ends = starts.iter().skip(1).copied().chain([text.len()]);
        starts.iter().zip(ends).filter_map(|(start, end)| text.get(*start..end)).collect()
    }

    #[test]
    fn marks_end_sentences_and_abbreviations_do_not() {
        assert_eq!(
            sentences("Mr. Doe said: \"No.\" It was 5 p.m. on Monday! Was it? On 18. Dezember, J. Roe came… And left."),
            [
                "Mr. Doe said: \"No.\" ",
                "It was 5 p.m. on Monday! ",
                "Was it? ",
                "On 18. Dezember, J. Roe came… ",
                "And left."
            ],
        );
        assert_eq!(
            sentences("橋が開いた。「長かった。」市長は言った。"),
            ["橋が開いた。", "「長かった。」", "市長は言った。"]
        );
        assert_eq!(
            sentences("Version 1.2 of example.org is out. e.g. this"),
            ["Version 1.2 of example.org is out. e.g. this"]
        );
        assert_eq!(sentences(""), [""]);
    }
}
