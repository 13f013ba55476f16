//! What separates sentences from labels, in any script.

use super::characters;

/// Weight from which on a sentence is running text.
const SENTENCE: usize = 50;

/// Length of a text, where a character of a script without spaces counts as much as it says.
pub(crate) fn weight(text: &str) -> usize {
    // Bytes that begin a character of three or four, but those of typographic quotes and dashes.
    let may_be_unspaced = text.bytes().fold(false, |any, byte| any | (byte >= 0xe0 && byte != 0xe2));
    if !may_be_unspaced {
        return text.chars().count();
    }
    text.chars().map(|character| if is_unspaced(character) { 5 } else { 2 }).sum::<usize>() / 2
}

/// Number of words; scripts without spaces count two characters a word.
pub(crate) fn words(text: &str) -> usize {
    let (mut count, mut unspaced) = (0, 0);
    let mut has_letter = false;
    for character in text.chars() {
        if character.is_ascii() {
            let is_space = matches!(character, '\t'..='\r' | ' ');
            count += usize::from(has_letter & is_space);
            has_letter = (has_letter | character.is_ascii_alphanumeric()) & !is_space;
        } else if characters::is_alphanumeric(character) {
            if is_unspaced(character) {
                unspaced += 1;
            } else {
                has_letter = true;
            }
        } else if has_letter && character.is_whitespace() {
            count += 1;
            has_letter = false;
        }
    }
    count + usize::from(has_letter) + unspaced / 2
}

/// Whether the text ends as a sentence does; closing quotes and brackets after the mark are allowed.
pub(crate) fn ends_sentence(text: &str) -> bool {
    text.trim_end_matches(is_closing)
        .ends_with(['.', '!', '?', '…', '。', '！', '？', '؟', '।', '۔', '．', '｡', '։', '።'])
}

/// Whether a line is running text: long enough, made of words, and a sentence or far too long for a label.
pub(crate) fn is_prose(line: &str) -> bool {
    let weight = weight(line);
    weight >= SENTENCE && is_prose_of(line, weight, words(line))
}

/// The same where its weight and its words are known.
pub(crate) fn is_prose_of(line: &str, weight: usize, words: usize) -> bool {
    words >= 6 && (weight >= 160 || (weight >= SENTENCE && ends_sentence(line)))
}

fn is_closing(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '"' | '\'' | '»' | '«' | '”' | '’' | '“' | ')' | ']' | '」' | '』' | '）' | '】' | '›' | '‹'
        )
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
        assert!(ends_sentence("Sie sagte: »Nein.«"));
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
        assert_eq!(words(" it's\t- a\n3rd—one . "), 3);
        assert_eq!(words(" it's\t- a\n3rd-one . "), 3);
        assert_eq!(words("政府発表"), 2);
    }
}
