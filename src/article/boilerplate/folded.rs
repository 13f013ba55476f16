//! Text as the phrase matcher sees it: lower case, white space folded, one form of each quote and dash.

use unicode_normalization::char::is_combining_mark;

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
}

/// Folds a text.
pub(crate) fn fold(text: &str) -> Folded {
    let mut folded = Folded { text: String::with_capacity(text.len()), boundaries: Vec::with_capacity(text.len() + 1) };
    let mut previous = None;
    for character in text.chars() {
        if is_ignored(character) {
            continue;
        }
        if character.is_whitespace() {
            if !folded.text.is_empty() && !folded.text.ends_with(' ') {
                push(&mut folded, ' ', true);
            }
            previous = Some(' ');
            continue;
        }
        let boundary = previous.is_none_or(|before| is_break(before, character));
        push_folded(&mut folded, character, boundary);
        previous = Some(character);
    }
    if folded.text.ends_with(' ') {
        folded.text.pop();
        folded.boundaries.pop();
    }
    folded.boundaries.push(true);
    folded
}

fn push_folded(folded: &mut Folded, character: char, boundary: bool) {
    match character {
        _ if character.is_ascii() && character != '`' => push(folded, character.to_ascii_lowercase(), boundary),
        '’' | 'ʼ' | '‘' | '´' | '`' | '′' | 'ʹ' | '＇' => push(folded, '\'', boundary),
        '«' | '»' | '“' | '”' | '„' | '‟' | '「' | '」' | '『' | '』' | '＂' => {
            push(folded, '"', boundary)
        }
        '‐' | '‑' | '‒' | '–' | '—' | '―' => push(folded, '-', boundary),
        '：' => push(folded, ':', boundary),
        '…' => {
            push(folded, '.', boundary);
            push(folded, '.', true);
            push(folded, '.', true);
        }
        // Lower-casing gives an i with a combining dot, which no written phrase has.
        'İ' => push(folded, 'i', boundary),
        'ς' => push(folded, 'σ', boundary),
        _ => {
            let mut first = boundary;
            for lower in character.to_lowercase() {
                push(folded, if lower == 'ς' { 'σ' } else { lower }, first);
                first = false;
            }
        }
    }
}

fn push(folded: &mut Folded, character: char, boundary: bool) {
    folded.text.push(character);
    folded.boundaries.push(boundary);
    if !character.is_ascii() {
        folded.boundaries.resize(folded.text.len(), false);
    }
}

fn is_break(before: char, after: char) -> bool {
    if !is_word(before) || !is_word(after) {
        return true;
    }
    (before.is_lowercase() && after.is_uppercase())
        || before.is_numeric() != after.is_numeric()
        || is_unspaced(before)
        || is_unspaced(after)
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || (!character.is_ascii() && is_combining_mark(character))
}

/// Characters of scripts that put no space between words, or attach particles to them.
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
    use super::fold;

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
