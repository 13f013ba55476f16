//! Who wrote the article of a page and when, by the lines around its title.

use foldhash::HashSet;

use super::dates::Reader;
use super::title::same;
use super::{authors, bylines};
use crate::article::boilerplate::{Field, Rules};
use crate::article::features::MOST_WORDS;
use crate::article::{DateSource, Published, prose};

/// Lines below a title, and above it, that may name its author and date.
const BELOW: usize = 12;
const ABOVE: usize = 4;

/// Longest line that does, in characters of weight.
const SHORT: usize = 160;

/// Words of a line that is a date, and of one that ends as a sentence does ("4:04 p.m.").
const DATE_WORDS: usize = 16;
const DATE_SENTENCE: usize = 9;

/// Words of a name.
const NAME_WORDS: std::ops::RangeInclusive<usize> = 2..=4;

/// Words of a line that ends with the title of a reporter.
const SIGNED_WORDS: usize = 6;

/// Words of a line on which a name of one word may be the author's.
const NAME_ALONE: usize = 3;

/// Lines between a date and a name that says nothing of itself.
const BESIDE: usize = 2;

/// Lines below the title where a name needs nothing else to be the author's.
const FIRST: usize = 1;

/// Words of what somebody does.
const JOB_WORDS: usize = 8;

/// Words of what stands behind a name on its line.
const BEHIND_WORDS: usize = 5;

/// Bytes of a word from which on a capital within it begins another; "McDonald" and "DeSantis" are one.
const LONG_WORD: usize = 4;

/// A line of a page as a reader sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ShownLine<'l> {
    pub(crate) text: &'l str,
    /// Whether it reads as running text.
    pub(crate) prose: bool,
}

/// What the lines around a title say.
#[derive(Debug, Default)]
pub(crate) struct Around {
    pub(crate) authors: Vec<String>,
    pub(crate) published: Option<Published>,
    pub(crate) modified: Option<Published>,
    /// The lines that say so.
    pub(crate) said: Vec<(usize, Field)>,
}

/// What a line around a title says.
#[derive(Debug, Default)]
struct Said {
    at: usize,
    date: Option<Published>,
    /// Whether the date is that of a change.
    is_change: bool,
    /// Names that a word, a label or a date on the line introduces.
    names: Vec<String>,
    /// Names that make up the line, or stand before an employer.
    bare: Vec<String>,
}

/// Reads author and date from the lines around the title, which is one of them.
pub(crate) fn read(lines: &[ShownLine<'_>], title: usize, rules: &Rules, reader: Reader<'_>) -> Around {
    let common = small_words(lines);
    let below = title + 1..(title + 1 + BELOW).min(lines.len());
    let above = title.saturating_sub(ABOVE)..title;
    let is_title =
        |at: usize| lines.get(at).zip(lines.get(title)).is_some_and(|(one, title)| same(one.text, title.text));
    let others = above.chain(below).filter(|at| !is_title(*at));
    let said: Vec<Said> = others.filter_map(|at| said(lines, at, &common, rules, reader)).collect();
    let nearest = |is: &dyn Fn(&Said) -> bool| {
        // Below the title before above it.
        let found = said.iter().filter(|one| is(one)).map(|one| one.at);
        found.min_by_key(|at| (*at < title, at.abs_diff(title)))
    };
    let is_beside_date = |at: usize| said.iter().any(|one| one.date.is_some() && one.at.abs_diff(at) <= BESIDE);
    let author = nearest(&|one| !one.names.is_empty()).or_else(|| {
        nearest(&|one| {
            let at = one.at;
            !one.bare.is_empty()
                && at > title
                && (at - title <= FIRST || is_beside_date(at) || introduces(lines, at, rules))
        })
    });
    let published = nearest(&|one| one.date.is_some() && !one.is_change);
    let modified = nearest(&|one| one.date.is_some() && one.is_change);
    let mut around = Around::default();
    for one in said {
        // "Jane Doe," and the next name on the next line.
        let goes_on = around.said.last() == Some(&(one.at.wrapping_sub(1), Field::Author))
            && lines.get(one.at - 1).is_some_and(|above| above.text.ends_with(','));
        if Some(one.at) == author {
            around.authors = if one.names.is_empty() { one.bare } else { one.names };
            around.said.push((one.at, Field::Author));
        } else if goes_on && !one.bare.is_empty() {
            around.authors.extend(one.bare);
            around.said.push((one.at, Field::Author));
        }
        if Some(one.at) == published {
            around.published = one.date;
            around.said.push((one.at, Field::Published));
        } else if Some(one.at) == modified {
            around.modified = one.date;
            around.said.push((one.at, Field::Modified));
        }
    }
    around
}

/// What a line says; nothing where it is too long for it.
fn said(lines: &[ShownLine<'_>], at: usize, common: &HashSet<&str>, rules: &Rules, reader: Reader<'_>) -> Option<Said> {
    let line = lines.get(at)?;
    let runs_on = line.prose && prose::ends_sentence(line.text);
    if runs_on || prose::weight(line.text) > SHORT {
        return None;
    }
    let text = unglued(line.text);
    let text = text.as_str();
    let words = prose::words(text);
    let dates = words <= if prose::ends_sentence(text) { DATE_SENTENCE } else { DATE_WORDS };
    let date = Some(text).filter(|_| dates && !line.prose).and_then(|text| reader.past(text, DateSource::Text));
    let label = text.split(|character: char| character.is_ascii_digit()).next().unwrap_or_default();
    let is_change = rules.vocabulary.field(label.trim_matches([' ', ':', '|', '•', '-'])) == Some(Field::Modified);
    let is_name = |name: &str| reads_as_name(name, common, rules);
    let labelled =
        at.checked_sub(1).and_then(|above| lines.get(above)).is_some_and(|above| authors::is_label(above.text));
    // A word alone is a name where little else stands: "By Ramona", not "By March the council had decided".
    let is_enough = |names: &Vec<String>| {
        words <= NAME_ALONE || date.is_some() || names.iter().all(|name| prose::words(name) > 1 || !name.is_ascii())
    };
    let mut names = bylines::of_line(text, rules).filter(is_enough).unwrap_or_default();
    let titled = words <= SIGNED_WORDS && authors::ends_with_reporter(text);
    if names.is_empty() && (titled || (labelled && !prose::ends_sentence(text))) {
        names = authors::split(bylines::before_date(text, rules));
    }
    // "Jane Doe - May 5, 2024", "May 5, 2024 / 3 min / Jane Doe", "Jane Doe 2 months ago"
    if names.is_empty() && date.is_some() {
        let parts = text.split(['|', '•', '·', '/', ',', '–', '—']).flat_map(|part| part.split(" - "));
        let parts = parts.map(|part| bylines::before_date(part, rules)).filter(|part| is_name(part));
        names = parts.map(str::to_owned).take(3).collect();
    }
    let mut bare = Vec::new();
    if names.is_empty() && date.is_none() && !line.prose {
        let whole = authors::split(text);
        let is_whole = whole.iter().map(|name| prose::words(name)).sum::<usize>() + whole.len() > words;
        if is_whole && whole.iter().all(|name| is_name(name) || rules.vocabulary.is_agency(name)) {
            bare = whole;
        } else {
            bare.extend(leading_name(text, common, rules));
        }
    }
    let says = date.is_some() || !names.is_empty() || !bare.is_empty();
    says.then_some(Said { at, date, is_change, names, bare })
}

/// The name before an employer, a job, a handle or a time: "Jane Doe EXAMPLE TODAY", "Jane Doe • The Example", "Jane Doe 2 months".
fn leading_name(text: &str, common: &HashSet<&str>, rules: &Rules) -> Option<String> {
    let begins_another = |word: &str| {
        let letters = word.chars().filter(|character| character.is_alphabetic()).count();
        let shouted = letters >= 3 && !word.chars().any(char::is_lowercase);
        shouted || word.starts_with(|first: char| !first.is_alphabetic()) || authors::names_a_job(word)
    };
    let words: Vec<&str> = text.split(' ').collect();
    let end = words.iter().skip(1).position(|word| begins_another(word))? + 1;
    let name = words.get(..end)?.join(" ");
    let name = name.trim_end_matches([',', ' ']);
    (words.len() - end <= BEHIND_WORDS && reads_as_name(name, common, rules)).then(|| name.to_owned())
}

/// A line with spaces where elements were run together: "Jane DoePublished", "ByJane Doe", "Jane Doe@janedoe".
fn unglued(line: &str) -> String {
    const OPENINGS: [&str; 4] = ["By", "Von", "Par", "Por"];
    let mut text = String::with_capacity(line.len() + 4);
    let mut word = 0;
    let mut before = ' ';
    for character in line.chars() {
        let own = text.get(word..).unwrap_or_default();
        let long = own.len() >= LONG_WORD || OPENINGS.contains(&own);
        let turns = before.is_lowercase() && (character.is_uppercase() || character == '@') && long
            || before.is_lowercase() && character.is_ascii_digit() && own.len() >= LONG_WORD;
        if turns {
            text.push(' ');
        }
        if turns || character == ' ' {
            word = text.len() + usize::from(character == ' ');
        }
        text.push(character);
        before = character;
    }
    text
}

/// Whether the line below a name says what the person does, or how to reach it.
fn introduces(lines: &[ShownLine<'_>], at: usize, rules: &Rules) -> bool {
    let below = lines.get(at + 1).map(|line| line.text);
    let is_job = |text: &str| {
        prose::words(text) <= JOB_WORDS
            && authors::names_a_job(text)
            && !prose::ends_sentence(text)
            && !rules.vocabulary.is_section(text)
    };
    below.is_some_and(|text| text.starts_with('@') || is_job(text))
}

/// Whether a text is a name as people have it: two to four words that begin with capitals, none of which the page writes small.
fn reads_as_name(text: &str, common: &HashSet<&str>, rules: &Rules) -> bool {
    const PARTICLES: [&str; 18] = [
        "de", "da", "di", "do", "dos", "del", "della", "la", "le", "van", "von", "der", "den", "zu", "bin", "al", "el",
        "y",
    ];
    let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    let is_word = |(at, word): (usize, &&str)| {
        let is_particle = at > 0 && at + 1 < words.len() && PARTICLES.contains(word);
        let begins = word.starts_with(char::is_uppercase);
        let small = word.chars().skip(1).any(char::is_lowercase) || word.ends_with('.');
        let plain = word.chars().all(|character| character.is_alphabetic() || "'’.-".contains(character));
        is_particle || (begins && small && plain && !common.contains(word.to_lowercase().as_str()))
    };
    NAME_WORDS.contains(&words.len())
        && words.iter().enumerate().all(is_word)
        && !rules.vocabulary.is_section(text)
        && authors::split(text) == [text]
}

/// The words that the page's running text writes in small letters.
fn small_words<'l>(lines: &[ShownLine<'l>]) -> HashSet<&'l str> {
    let running = lines.iter().filter(|line| line.prose);
    let words = running.flat_map(|line| line.text.split(|character: char| !character.is_alphabetic()));
    words.filter(|word| word.starts_with(char::is_lowercase)).take(MOST_WORDS).collect()
}
