//! What separates sentences from labels, in any script.

/// Length of a text, where a character of a script without spaces counts as much as it says.
pub(crate) fn weight(text: &str) -> usize {
    text.chars().map(|character| if is_unspaced(character) { 5 } else { 2 }).sum::<usize>() / 2
}

/// Number of words; scripts without spaces count two characters a word.
pub(crate) fn words(text: &str) -> usize {
    let mut count = 0;
    let mut unspaced = 0;
    for word in text.split_whitespace() {
        let letters = word.chars().filter(|character| character.is_alphanumeric());
        let (mut spaced, mut dense) = (0, 0);
        for letter in letters {
            if is_unspaced(letter) { dense += 1 } else { spaced += 1 }
        }
        unspaced += dense;
        count += usize::from(spaced > 0);
    }
    count + unspaced / 2
}

/// Whether the text ends as a sentence does; closing quotes and brackets after the mark are allowed.
pub(crate) fn ends_sentence(text: &str) -> bool {
    text.trim_end_matches(is_closing)
        .ends_with(['.', '!', '?', '…', '。', '！', '？', '؟', '।', '۔', '．', '｡', '։', '።'])
}

/// Whether a line is running text: long enough, made of words, and a sentence or far too long for a label.
pub(crate) fn is_prose(line: &str) -> bool {
    let weight = weight(line);
    let words = words(line);
    if words < 6 {
        return false;
    }
    (weight >= 50 && ends_sentence(line)) || weight >= 160
}

fn is_closing(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '"' | '\'' | '»' | '”' | '’' | '“' | ')' | ']' | '」' | '』' | '）' | '】' | '›')
}

pub(crate) fn is_unspaced(character: char) -> bool {
    matches!(u32::from(character),
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x2FFFF)
}

#[cfg(test)]
mod tests {
    use super::{ends_sentence, is_prose, words};

    #[test]
    fn a_sentence_may_close_with_quotes_and_brackets() {
        assert!(ends_sentence("Il a dit : « Non. »"));
        assert!(ends_sentence("(See below.)"));
        assert!(ends_sentence("大雨が続いている。」"));
        assert!(!ends_sentence("The latest headlines"));
    }

    #[test]
    fn labels_and_headlines_are_no_prose() {
        assert!(!is_prose("Share on Facebook. Share on Twitter."));
        assert!(!is_prose("Government announces new measures for companies after prices rise"));
        assert!(is_prose("The government announced new measures for companies on Tuesday."));
        assert!(is_prose("政府は火曜日、物価高の影響を受ける企業を支援する一連の対策を発表した。"));
    }

    #[test]
    fn words_are_counted_in_scripts_without_spaces() {
        assert_eq!(words("two words"), 2);
        assert_eq!(words("政府発表"), 2);
    }
}
