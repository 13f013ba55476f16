//! Names of people in bylines and metadata.

use crate::article::normalise;

/// Words in the longest name.
const NAME_WORDS: usize = 6;

/// The names in a byline, in its order.
pub(crate) fn split(byline: &str) -> Vec<String> {
    let byline = normalise::line(byline);
    let mut text = byline.as_str();
    for opening in [
        "by ", "By ", "BY ", "von ", "Von ", "par ", "Par ", "por ", "Por ", "di ", "Di ", "Door ", "door ", "Av ",
        "Af ",
    ] {
        text = text.strip_prefix(opening).unwrap_or(text);
    }
    let mut spaced = text.to_owned();
    for joint in [" and ", " und ", " et ", " y ", " e ", " og ", " och ", " en ", " & ", " with ", " ja "] {
        spaced = spaced.replace(joint, " ; ");
    }
    let mut names: Vec<String> = Vec::new();
    for part in spaced.split([';', ',', '|', '/', '·', '•', '、', '،']) {
        let name = part.trim().trim_matches(['-', '–', '—', '.', ':', '(', ')', '"']).trim();
        if is_name(name) && !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            names.push(name.to_owned());
        }
    }
    names
}

/// Whether a text can be the name of an author: few words, no address, no sentence.
pub(crate) fn is_name(name: &str) -> bool {
    let words = name.split_whitespace().count();
    let letters = name.chars().filter(|character| character.is_alphabetic()).count();
    let digits = name.chars().filter(char::is_ascii_digit).count();
    letters >= 2
        && (1..=NAME_WORDS).contains(&words)
        && name.chars().count() <= 60
        && digits <= 2
        // A number of its own is part of a date.
        && !name.split_whitespace().any(|word| word.bytes().all(|byte| byte.is_ascii_digit()))
        && !name.contains("://")
        && !name.contains("www.")
        && !name.contains(['@', '{', '}', '<', '>', '=', '?', '!', '\\'])
        && !name.starts_with(|character: char| character.is_lowercase() && words == 1)
}

#[cfg(test)]
mod tests {
    use super::{is_name, split};

    #[test]
    fn a_byline_gives_its_names_in_order_once() {
        assert_eq!(split("By Jane Doe and John Roe, Ana Pérez"), ["Jane Doe", "John Roe", "Ana Pérez"]);
        assert_eq!(split("Von Jan Müller und Eva Schmidt"), ["Jan Müller", "Eva Schmidt"]);
        assert_eq!(split("Jane Doe; Jane Doe"), ["Jane Doe"]);
    }

    #[test]
    fn addresses_and_sentences_are_no_names() {
        assert!(!is_name("https://www.facebook.com/example"));
        assert!(!is_name("jane@example.org"));
        assert!(!is_name("Dec 24"));
        assert!(!is_name("This is the page where all of our stories are"));
        assert!(is_name("Jean-Luc de la Tour"));
        assert!(is_name("山田太郎"));
    }
}
