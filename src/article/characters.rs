//! What most characters of most texts are, without Unicode's tables.

/// The same as [`char::is_alphanumeric`].
pub(crate) fn is_alphanumeric(character: char) -> bool {
    match character {
        _ if character.is_ascii() => character.is_ascii_alphanumeric(),
        // Typographic quotes and dashes.
        '\u{2010}'..='\u{2027}' | '×' | '÷' => false,
        'À'..='\u{2c1}' | 'Ѐ'..='\u{481}' | '一'..='\u{9fff}' => true,
        _ => character.is_alphanumeric(),
    }
}

/// Whether a character is in normal form C whatever stands beside it; not all that are answer so.
pub(crate) fn is_composed(character: char) -> bool {
    matches!(character, '\0'..='\u{2ff}' | '\u{2010}'..='\u{2027}' | 'Ѐ'..='\u{481}' | '一'..='\u{9fff}')
}

/// Whether a letter is Chinese, Japanese or Korean.
pub(crate) fn is_east_asian(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

/// The last bytes of a text, at most so many, from where a character begins.
pub(crate) fn tail(text: &str, bytes: usize) -> &str {
    (text.len().saturating_sub(bytes)..=text.len()).find_map(|start| text.get(start..)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use unicode_normalization::char::canonical_combining_class;
    use unicode_normalization::{IsNormalized, is_nfc_quick};

    use super::{is_alphanumeric, is_composed, tail};

    #[test]
    fn the_short_way_says_what_the_tables_say() {
        for character in '\0'..=char::MAX {
            assert_eq!(is_alphanumeric(character), character.is_alphanumeric(), "{character:?}");
            if is_composed(character) {
                let quick = is_nfc_quick(std::iter::once(character));
                assert_eq!((quick, canonical_combining_class(character)), (IsNormalized::Yes, 0), "{character:?}");
            }
        }
    }

    #[test]
    fn a_tail_begins_with_a_whole_character() {
        let of = |bytes| tail("été", bytes);
        assert_eq!([of(0), of(1), of(2), of(3), of(4), of(5)], ["", "", "é", "té", "té", "été"]);
        assert_eq!((of(9), tail("", 9)), ("été", ""));
    }
}
