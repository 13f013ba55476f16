//! Text as the phrase matcher sees it: lower case, white space folded, one form of each quote and dash.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use crate::article::characters::is_alphanumeric;

/// Folded text, and where words may begin or end in it.
///
/// Scraped buttons lose the space between them ("Tout AccepterTout refuser"), so a change from lower to
/// upper case counts as a boundary, and so does any edge of a script that is written without spaces.
#[derive(Debug)]
pub(crate) struct Folded {
    text: String,
    /// One flag for each byte of `text`, and one for its end.
    boundaries: Vec<bool>,
}

impl Folded {
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a phrase may start or end at this byte.
    pub(crate) fn is_boundary(&self, at: usize) -> bool {
        self.boundaries.get(at).copied().unwrap_or(false)
    }

    /// The bytes at which a phrase may start. None starts with a space.
    pub(crate) fn starts(&self) -> impl Iterator<Item = usize> {
        let places = self.text.bytes().zip(&self.boundaries).enumerate();
        places.filter_map(|(at, (byte, boundary))| (*boundary && byte != b' ').then_some(at))
    }

    /// Whether a phrase may stand at a place: between boundaries, or up to within a number, of which a phrase may have the first digits
    /// alone, as those of a year.
    pub(crate) fn holds(&self, place: Range<usize>) -> bool {
        let digit = |at: usize| self.text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
        let within_number = digit(place.end) && place.end.checked_sub(1).is_some_and(digit);
        self.is_boundary(place.start) && (self.is_boundary(place.end) || within_number)
    }
}

/// Folds a text.
pub(crate) fn fold(text: &str) -> Folded {
    fold_within(text, usize::MAX)
}

/// Folds a text up to so many bytes of the outcome, or a few more.
pub(super) fn fold_within(text: &str, bytes: usize) -> Folded {
    let room = text.len().min(bytes);
    let mut folded = Folded { text: String::with_capacity(room), boundaries: Vec::with_capacity(room + 1) };
    let mut previous: Option<Class> = None;
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if folded.text.len() > bytes {
            break;
        }
        // Most letters of most texts.
        if character.is_ascii_lowercase() && matches!(previous, Some(Class::Word { numeric: false, .. })) {
            let end = rest.bytes().position(|byte| !byte.is_ascii_lowercase()).unwrap_or(rest.len());
            let (letters, behind) = rest.split_at(end);
            folded.text.push_str(letters);
            folded.boundaries.resize(folded.text.len(), false);
            previous = Some(class_of('a'));
            rest = behind;
            continue;
        }
        rest = rest.get(character.len_utf8()..).unwrap_or_default();
        let class = class_of(character);
        match class {
            Class::Ignored => continue,
            Class::Space => {
                if !folded.text.is_empty() && !folded.text.ends_with(' ') {
                    push(&mut folded, ' ', true);
                }
            }
            _ => {
                let boundary = previous.is_none_or(|before| is_break(before, class));
                push_folded(&mut folded, character, boundary);
            }
        }
        previous = Some(class);
    }
    if folded.text.ends_with(' ') {
        folded.text.pop();
        folded.boundaries.pop();
    }
    folded.boundaries.push(true);
    folded
}

/// The letters and digits of the folded text alone.
pub(crate) fn letters(text: &str) -> String {
    let mut letters = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii() {
            if character.is_ascii_alphanumeric() {
                letters.push(character.to_ascii_lowercase());
            }
        } else if !is_ignored(character) && !matches!(character, '\u{2010}'..='\u{2027}') {
            in_folded_form(character, |folded| {
                if is_alphanumeric(folded) {
                    letters.push(folded);
                }
            });
        }
    }
    letters
}

fn push_folded(folded: &mut Folded, character: char, boundary: bool) {
    let mut first = boundary;
    let is_ellipsis = character == '…';
    in_folded_form(character, |form| {
        push(folded, form, first);
        first = is_ellipsis;
    });
}

/// The characters that one becomes.
fn in_folded_form(character: char, mut take: impl FnMut(char)) {
    match character {
        _ if character.is_ascii() && character != '`' => take(character.to_ascii_lowercase()),
        '’' | 'ʼ' | '‘' | '´' | '`' | '′' | 'ʹ' | '＇' => take('\''),
        '«' | '»' | '“' | '”' | '„' | '‟' | '「' | '」' | '『' | '』' | '＂' => take('"'),
        '‐' | '‑' | '‒' | '–' | '—' | '―' => take('-'),
        '：' => take(':'),
        '…' => (0..3).for_each(|_| take('.')),
        // Lower-casing gives an i with a combining dot, which no written phrase has.
        'İ' => take('i'),
        'ς' => take('σ'),
        _ => character.to_lowercase().for_each(|lower| take(if lower == 'ς' { 'σ' } else { lower })),
    }
}

fn push(folded: &mut Folded, character: char, boundary: bool) {
    folded.text.push(character);
    folded.boundaries.push(boundary);
    if !character.is_ascii() {
        folded.boundaries.resize(folded.text.len(), false);
    }
}

/// What decides where words begin and end.
#[derive(Debug, Clone, Copy)]
enum Class {
    Ignored,
    Space,
    /// No part of a word, or of a script that puts no space between words, or attaches particles to them.
    Edge,
    Word {
        lower: bool,
        upper: bool,
        numeric: bool,
    },
}

fn class_of(character: char) -> Class {
    match character {
        'a'..='z' => Class::Word { lower: true, upper: false, numeric: false },
        ' ' => Class::Space,
        'A'..='Z' => Class::Word { lower: false, upper: true, numeric: false },
        '0'..='9' => Class::Word { lower: false, upper: false, numeric: true },
        '!'..='~' | '\u{2010}'..='\u{2027}' => Class::Edge,
        _ if is_ignored(character) => Class::Ignored,
        _ if character.is_whitespace() => Class::Space,
        _ if is_unspaced(character) => Class::Edge,
        _ if is_alphanumeric(character) || is_combining_mark(character) => Class::Word {
            lower: character.is_lowercase(),
            upper: character.is_uppercase(),
            numeric: character.is_numeric(),
        },
        _ => Class::Edge,
    }
}

fn is_break(before: Class, after: Class) -> bool {
    match (before, after) {
        (Class::Word { lower, numeric: one, .. }, Class::Word { upper, numeric: other, .. }) => {
            (lower && upper) || one != other
        }
        _ => true,
    }
}

fn is_unspaced(character: char) -> bool {
    matches!(u32::from(character),
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x9FFF
        | 0xAC00..=0xD7AF | 0xF900..=0xFAFF | 0x20000..=0x2FFFF)
}

fn is_ignored(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{fold, letters};

    proptest! {
        #[test]
        fn letters_are_those_of_the_folded_text(text in "(\\PC|[a-zA-Z0-9 `’…İςΣß²ⅷ\u{301}\u{ad}\u{a0}大「]){0,40}") {
            let folded: String = fold(&text).as_str().chars().filter(|character| character.is_alphanumeric()).collect();
            prop_assert_eq!(letters(&text), folded);
        }
    }

    #[test]
    fn quotes_dashes_case_and_space_take_one_form() {
        assert_eq!(fold(" L’Été\u{a0}—  «\u{200b}İSTANBUL…» ").as_str(), "l'été - \"istanbul...\"");
    }

    #[test]
    fn a_change_of_case_is_a_boundary_and_the_middle_of_a_word_is_not() {
        let folded = fold("surTelegram");
        assert!(folded.is_boundary(0));
        assert!(folded.is_boundary(3));
        assert!(!folded.is_boundary(4));
        assert!(folded.is_boundary(11));
    }

    #[test]
    fn every_edge_between_ideographs_is_a_boundary() {
        let folded = fold("分享到");
        assert!(folded.is_boundary(3) && folded.is_boundary(6));
        assert!(!folded.is_boundary(1));
    }
}
