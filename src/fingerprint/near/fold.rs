//! Characters as near-duplicates are compared by: compatibility forms, case, width and accents do not count.

use unicode_normalization::char::decompose_compatible;

use crate::article::is_alphanumeric;

/// Characters below are looked up in a table: all scripts that most texts with an alphabet are in, and punctuation.
const TABLE: u32 = 0x2100;

/// What a character is to a reader of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Ends a word.
    Gap,
    /// Stands inside a word and does not count: apostrophes, accents, joiners.
    Joined,
    /// A digit, 0 to 9, in whatever script.
    Digit(u8),
    /// Part of a word, folded.
    Letter(u32),
    /// A character of a script that writes without spaces.
    Unspaced(u32),
    /// Several characters once folded: see [`expand`].
    Several,
}

/// Folded forms of the characters that most texts are made of.
#[derive(Debug)]
pub(super) struct Folder {
    table: Vec<Class>,
}

impl Folder {
    pub(super) fn new() -> Self {
        Self { table: (0..TABLE).map(|code| char::from_u32(code).map_or(Class::Gap, classify)).collect() }
    }

    pub(super) fn class(&self, c: char) -> Class {
        match self.table.get(c as usize) {
            Some(class) => *class,
            None => match u32::from(c) {
                code @ (0x3400..=0x9FFF | 0x3041..=0x3096) => Class::Unspaced(code),
                _ => classify(c),
            },
        }
    }
}

impl Default for Folder {
    fn default() -> Self {
        Self::new()
    }
}

fn classify(c: char) -> Class {
    let mut count = 0;
    let mut only = None;
    expand(c, |part| {
        count += 1;
        only = Some(part);
    });
    match (count, only) {
        (0, _) => Class::Joined,
        (1, Some(part)) => classify_folded(part),
        _ => Class::Several,
    }
}

/// The class of a character that [`expand`] gave.
pub(super) fn classify_folded(c: char) -> Class {
    if let Some(digit) = digit(c) {
        Class::Digit(digit)
    } else if is_joined(c) {
        Class::Joined
    } else if !is_alphanumeric(c) {
        Class::Gap
    } else if super::super::text::is_unspaced(c) {
        Class::Unspaced(u32::from(c))
    } else {
        Class::Letter(u32::from(c))
    }
}

/// The parts of a character: decomposed for compatibility, in lower case, without accents.
pub(super) fn expand(c: char, mut part: impl FnMut(char)) {
    decompose_compatible(c, |decomposed| {
        decomposed.to_lowercase().filter(|lower| !is_joined(*lower)).for_each(&mut part);
    });
}

fn is_joined(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{02BC}' | '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{0300}'..='\u{036F}')
}

/// Zero in each script whose decimal digits are ten code points in order.
const ZEROS: [u32; 21] = [
    0x30, 0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xE50, 0xED0, 0xF20,
    0x1040, 0x17E0, 0x1810, 0x19D0, 0x1090,
];

fn digit(c: char) -> Option<u8> {
    let code = u32::from(c);
    ZEROS
        .iter()
        .find_map(|zero| code.checked_sub(*zero).filter(|value| *value < 10))
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_width_and_script_of_digits_fold() {
        let folder = Folder::new();
        assert_eq!(folder.class('É'), Class::Letter('e'.into()));
        assert_eq!(folder.class('Ｏ'), Class::Letter('o'.into()));
        assert_eq!(folder.class('й'), folder.class('И'));
        assert_eq!(folder.class('٣'), Class::Digit(3));
        assert_eq!(folder.class('๓'), Class::Digit(3));
        assert_eq!(folder.class('\u{0301}'), Class::Joined);
        assert_eq!(folder.class('’'), Class::Joined);
        assert_eq!(folder.class('—'), Class::Gap);
        assert_eq!(folder.class('北'), Class::Unspaced('北'.into()));
        assert_eq!(folder.class('ﬁ'), Class::Several);
    }
}
