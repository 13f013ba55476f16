//! What stands beside names in bylines and is no author: who did something else, credentials, what one is called after.

use super::bare_word;
use super::words::{JOINTS, MANNERS, PREPOSITIONS, ROLES, Words};

/// Words of the longest credential.
const CREDENTIAL_WORDS: usize = 3;

/// A byline up to where it goes on with who did something else: "Jane Doe. Reviewed by John Roe, MD".
pub(super) fn without_other_roles(byline: &str) -> &str {
    role_in(byline).map_or(byline, |(start, _)| byline.get(..start).unwrap_or(byline).trim_end_matches([' ', '.', ',']))
}

/// Whether a text ends by naming what somebody other than the author did: "Medically reviewed by", "Photos:".
pub(crate) fn names_another_role(text: &str) -> bool {
    let text = text.trim_end_matches([' ', ':', '：']);
    let last = text.rsplit_once(['.', '|', '·', '•']).map_or(text, |(_, last)| last);
    role_in(last).is_some_and(|(_, end)| last.get(end..).is_some_and(|rest| rest.trim().is_empty()))
}

/// Where the first role other than an author's begins, with how it was done, and where its preposition ends.
fn role_in(text: &str) -> Option<(usize, usize)> {
    let starts = text.split(' ').scan(0, |next, word| {
        let start = *next;
        *next += word.len() + 1;
        Some((start, word))
    });
    let words: Vec<(usize, &str)> = starts.filter(|(_, word)| !word.is_empty()).collect();
    let role = (0..words.len()).find(|at| {
        let is = |at: usize, list: &Words| words.get(at).is_some_and(|(_, word)| list.contains(&bare_word(word)));
        // "Text and photos by Jane Doe" names an author.
        let joined = at.checked_sub(1).is_some_and(|before| is(before, &JOINTS));
        is(*at, &ROLES) && is(at + 1, &PREPOSITIONS) && !joined
    })?;
    let (after, preposition) = words.get(role + 1)?;
    let mut first = role;
    while first
        .checked_sub(1)
        .and_then(|before| words.get(before))
        .is_some_and(|(_, word)| MANNERS.contains(&bare_word(word)))
    {
        first -= 1;
    }
    Some((words.get(first)?.0, after + preposition.len()))
}

/// Whether a part of a byline is what the last name is called after: "Jr.", "III".
pub(super) fn is_suffix(part: &str) -> bool {
    matches!(part.trim_end_matches('.'), "Jr" | "Sr" | "II" | "III" | "IV")
}

/// Whether a part of a byline says what the one before it is entitled to: "Ph.D.", "MD", "CFP®", "E-RYT 200".
///
/// Where the name is in capitals itself, capitals say nothing; behind a single word ("Reuters, AFP") stands another name.
pub(super) fn is_credential(part: &str, name: &str) -> bool {
    if name.split(' ').count() < 2 {
        return false;
    }
    let shouted = !name.chars().any(char::is_lowercase);
    let part = part.split('(').next().unwrap_or(part);
    let words: Vec<&str> = part.split_whitespace().collect();
    let is_one = |word: &&str| {
        let bare = word.trim_end_matches(['®', '™', ',', '.']);
        let letters = bare.chars().filter(|character| character.is_alphabetic()).count();
        let capitals = bare.chars().filter(char::is_ascii_uppercase).count();
        let rest = bare.chars().all(|character| character.is_ascii_alphanumeric() || "-.+&".contains(character));
        let dotted = bare.contains('.') && bare.split('.').all(|piece| (1..=2).contains(&piece.chars().count()));
        let short = matches!(bare, "PhD" | "MSc" | "BSc" | "Esq" | "LLM" | "PharmD" | "DPhil" | "EdD" | "MPhil");
        rest && (short || dotted || (!shouted && letters == capitals && bare.len() <= 6))
    };
    (1..=CREDENTIAL_WORDS).contains(&words.len())
        && words.iter().all(is_one)
        && words.first().is_some_and(|word| word.chars().any(char::is_alphabetic))
}

/// Whether a part of a byline is where the one before it writes from, or for whom: one word with a capital behind a full name.
pub(super) fn is_place(part: &str, name: &str) -> bool {
    name.contains(' ') && part.split_whitespace().count() == 1 && part.trim().starts_with(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::super::split;
    use super::names_another_role;

    #[test]
    fn who_did_something_else_is_no_author() {
        assert_eq!(split("By Jane Doe, DVM. Reviewed by John Roe, DVM"), ["Jane Doe"]);
        assert_eq!(split("Jane Doe Medically reviewed by Dr John Roe"), ["Jane Doe"]);
        assert_eq!(split("Reviewed by John Roe Expert Reviewer"), Vec::<String>::new());
        assert_eq!(split("Von Jan Müller, übersetzt von Eva Schmidt"), ["Jan Müller"]);
        assert_eq!(split("Text und Fotos von Eva Schmidt"), ["Eva Schmidt"]);
        assert_eq!(split("Peer Steiner"), ["Peer Steiner"]);
    }

    #[test]
    fn a_label_of_another_role_is_told() {
        for label in
            ["Reviewed by", "Peer reviewed by:", "By Jane Doe. Reviewed by", "Contributions From:", "Fotos von"]
        {
            assert!(names_another_role(label), "{label}");
        }
        for label in ["Written by", "By", "Reviewed by John Roe", "The book was reviewed", ""] {
            assert!(!names_another_role(label), "{label}");
        }
    }

    #[test]
    fn credentials_are_no_authors_and_suffixes_belong_to_their_name() {
        assert_eq!(split("Jane Doe, Ph.D."), ["Jane Doe"]);
        assert_eq!(split("Jane Doe, MS, RD, FAND"), ["Jane Doe"]);
        assert_eq!(split("Jane Doe, CFP®"), ["Jane Doe"]);
        assert_eq!(split("Jane Doe, E-RYT 200"), ["Jane Doe"]);
        assert_eq!(split("Jane Doe, DVM, and John Roe, M.P.H., R.D."), ["Jane Doe", "John Roe"]);
        assert_eq!(split("John Roe, Jr., Jane Doe"), ["John Roe Jr.", "Jane Doe"]);
        assert_eq!(split("JANE DOE, JOHN ROE, BO LI"), ["JANE DOE", "JOHN ROE", "BO LI"]);
        assert_eq!(split("Jane Doe, Bo Li"), ["Jane Doe", "Bo Li"]);
        assert_eq!(split("Jane Doe, London, John Roe"), ["Jane Doe", "John Roe"]);
        assert_eq!(split("Anna, Bo"), ["Anna", "Bo"]);
    }
}
