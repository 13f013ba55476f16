//! Characters that carry no text: controls, zero-width and direction marks, icons of private fonts.

/// The text without them; all kinds of line breaks become `\n`, all kinds of spaces a plain space.
pub(super) fn visible(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\n' => kept.push('\n'),
            '\r' => {
                if characters.peek() != Some(&'\n') {
                    kept.push('\n');
                }
            }
            '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => kept.push('\n'),
            // Joiners belong to the spelling of some scripts, and to no word of the others.
            '\u{200c}' | '\u{200d}' => {
                let joins = kept.chars().next_back().is_some_and(is_joined)
                    && characters.peek().copied().is_some_and(is_joined);
                if joins {
                    kept.push(character);
                }
            }
            _ if is_removed(character) => {}
            _ if character.is_whitespace() => kept.push(' '),
            _ => kept.push(character),
        }
    }
    kept
}

/// Whether a character stays as it is wherever it stands.
pub(super) fn is_plain(character: char) -> bool {
    match character {
        // What most texts are made of.
        '\n'
        | ' '..='~'
        | '\u{a1}'..='\u{ac}'
        | '\u{ae}'..='\u{34e}'
        | '\u{2010}'..='\u{2027}'
        | '\u{3041}'..='\u{d7ff}' => true,
        '\u{200c}' | '\u{200d}' => false,
        _ => !character.is_whitespace() && !is_removed(character),
    }
}

fn is_joined(character: char) -> bool {
    character >= '\u{590}'
        && !character.is_whitespace()
        && !is_removed(character)
        && !matches!(character, '\u{200c}' | '\u{200d}')
}

fn is_removed(character: char) -> bool {
    if character.is_whitespace() {
        return false;
    }
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffc}'
            | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::{is_plain, is_removed, visible};

    #[test]
    fn what_is_plain_stays() {
        for character in '\0'..=char::MAX {
            if is_plain(character) {
                assert!(!is_removed(character), "{character:?}");
                assert_eq!(visible(&format!("a{character}b")), format!("a{character}b"));
            }
        }
        assert!(!is_plain('\u{a0}') && !is_plain('\u{3000}') && !is_plain('\u{200d}'));
    }
}
