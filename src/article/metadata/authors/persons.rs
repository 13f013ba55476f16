//! One person's name in its forms: in order, in short, with something more.

use super::{bare_word, is_suffix};

/// A name that has its surname first, as libraries write it ("Doe, Jane R."), in the order in which it is said.
pub(crate) fn in_order(name: &str) -> String {
    let is_surname = |part: &str| part.split(' ').filter(|word| word.starts_with(char::is_uppercase)).count() == 1;
    // "J. R." and "Jane", not "AFP"
    let is_given = |part: &str| {
        part.starts_with(char::is_uppercase)
            && part.chars().nth(1).is_none_or(|second| second.is_lowercase() || second == '.')
    };
    let parts = name.split_once(',').map(|(last, first)| (last.trim(), first.trim()));
    match parts
        .filter(|(last, first)| is_surname(last) && is_given(first) && !first.contains([',', ';']) && !is_suffix(first))
    {
        Some((last, first)) => format!("{first} {last}"),
        None => name.to_owned(),
    }
}

/// Whether a name is another one, of two words at least, with something more: "Jane Doe Example Staff".
pub(super) fn goes_on(name: &str, known: &str) -> bool {
    let more = || {
        name.strip_prefix(known).is_some_and(|rest| rest.starts_with(' '))
            || name.strip_suffix(known).is_some_and(|rest| rest.ends_with(' '))
    };
    known.contains(' ') && more()
}

/// Whether a name of one word is the same person's as a full one: a first name, or the name of a login.
pub(crate) fn is_short_for(short: &str, full: &str) -> bool {
    if short.contains(' ') || !full.contains(' ') {
        return false;
    }
    let words: Vec<String> = full.split(' ').map(bare_word).filter(|word| !word.is_empty()).collect();
    let short = short.to_lowercase();
    let [first, .., last] = words.as_slice() else { return false };
    let initial: String = first.chars().take(1).collect();
    short == *first || short.contains(&words.concat()) || short == format!("{initial}{last}")
}
