//! Text that was broken at a fixed column, joined into paragraphs again.
//!
//! A program that breaks lines moves a word down only where it does not fit. So every line but a paragraph's last is
//! full: with the first word of the next it would be longer than the longest line. Verses, lists, subtitles and labels
//! are not like that.

use std::collections::HashSet;

use crate::article::prose;

/// Widths at which text is broken by hand or by mail programs, in characters.
const COLUMNS: std::ops::RangeInclusive<usize> = 60..=80;

/// Full lines from which on they are no chance.
const FULL: usize = 4;

/// Of this many full lines one may be followed by an unfinished line that is not full: a title, a label.
const EXCUSED: usize = 8;

/// A line that ends within a word is this near the width, in characters.
const BROKEN_WORD: usize = 10;

/// Words broken at line ends from which on the text is one that breaks words.
const BROKEN_WORDS: usize = 2;

/// Words before which a hyphen stands for a part left out ("Vor- und Nachteile").
const SHARED_PART: [&str; 16] =
    ["und", "oder", "bzw.", "sowie", "and", "or", "to", "et", "ou", "y", "en", "of", "och", "eller", "og", "i"];

/// A line as it stood, without the white space at its end.
#[derive(Debug, Clone, Copy)]
struct Written<'t> {
    text: &'t str,
    /// In characters, with its indent.
    width: usize,
    indent: usize,
}

/// The lines of a text, those of hard-wrapped paragraphs as one; blank lines stay.
pub(super) fn unwrapped(text: &str) -> Vec<String> {
    let lines: Vec<Written<'_>> = text.split('\n').map(Written::of).collect();
    let Some(column) = column(&lines) else { return text.split('\n').map(str::to_owned).collect() };
    let breaks_words = breaks_words(&lines, column);
    let hyphenated = hyphenated(&lines);
    let mut joined: Vec<String> = Vec::new();
    let mut before: Option<Written<'_>> = None;
    for line in lines {
        match (before.filter(|before| continues(*before, line, column)), joined.last_mut()) {
            (Some(_), Some(paragraph)) => join(paragraph, line.text.trim_start(), breaks_words, &hyphenated),
            _ => joined.push(line.text.to_owned()),
        }
        before = Some(line).filter(|line| fits(*line));
    }
    joined
}

impl<'t> Written<'t> {
    fn of(line: &'t str) -> Self {
        let text = line.trim_end();
        let indent = text.chars().take_while(|character| character.is_whitespace()).count();
        Self { text, width: text.chars().count(), indent }
    }

    fn first_word(self) -> &'t str {
        self.text.split_whitespace().next().unwrap_or_default()
    }

    fn begins_lower(self) -> bool {
        self.text.trim_start().starts_with(char::is_lowercase)
    }
}

/// A line that may be one of a hard-wrapped paragraph.
fn fits(line: Written<'_>) -> bool {
    line.width > 0 && line.width <= *COLUMNS.end() && !line.text.chars().any(prose::is_unspaced)
}

/// Lines that stand together, where all of them fit.
fn blocks<'l, 't>(lines: &'l [Written<'t>]) -> impl Iterator<Item = &'l [Written<'t>]> {
    lines.split(|line| line.width == 0).filter(|block| block.len() > 1 && block.iter().all(|line| fits(*line)))
}

/// The width at which a text was broken, if it surely was.
fn column(lines: &[Written<'_>]) -> Option<usize> {
    let column = blocks(lines).flatten().map(|line| line.width).max()?;
    if !COLUMNS.contains(&column) {
        return None;
    }
    let (mut full, mut continued, mut unfinished) = (0, 0, 0);
    for block in blocks(lines) {
        let pairs = || block.iter().zip(block.iter().skip(1));
        let is_full = |(line, next): &(&Written<'_>, &Written<'_>)| is_full(**line, **next, column);
        let full_here = pairs().filter(is_full).count();
        // A block without any is a list or a row of labels among the paragraphs.
        if full_here == 0 {
            continue;
        }
        full += full_here;
        continued += pairs().filter(is_full).filter(|(_, next)| next.begins_lower()).count();
        unfinished += pairs().filter(|pair| !is_full(pair) && !prose::ends_sentence(pair.0.text)).count();
    }
    (full >= FULL && continued * 5 >= full * 2 && unfinished * EXCUSED <= full).then_some(column)
}

/// Whether the next line's first word had no place on the line.
fn is_full(line: Written<'_>, next: Written<'_>, column: usize) -> bool {
    let broken = line.text.ends_with('-') && line.width + BROKEN_WORD >= column;
    broken || line.width + 1 + next.first_word().chars().count() > column
}

fn continues(line: Written<'_>, next: Written<'_>, column: usize) -> bool {
    fits(next) && next.indent <= line.indent && is_full(line, next, column) && !is_item(next.text)
}

/// Whether a line begins an item of a list.
fn is_item(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let mark = words.next().unwrap_or_default();
    let number = mark.strip_suffix(['.', ')']).is_some_and(|number| number.parse::<u8>().is_ok());
    words.next().is_some() && (matches!(mark, "*" | "-" | "•" | "·" | "+") || number)
}

/// The word that a line ends within, with what the next line gives of it.
fn broken_word<'t>(line: &'t str, next: &'t str) -> Option<(&'t str, &'t str)> {
    let start = line.split_whitespace().next_back()?.strip_suffix('-')?;
    let end = next.split_whitespace().next()?;
    let both_lower = start.ends_with(char::is_lowercase) && end.starts_with(char::is_lowercase);
    (both_lower && !SHARED_PART.contains(&end)).then_some((start, end))
}

/// Whether the text breaks words at line ends: where it does not, a hyphen there is the word's own.
fn breaks_words(lines: &[Written<'_>], column: usize) -> bool {
    let broken = lines.windows(2).filter(|pair| match pair {
        [line, next] => continues(*line, *next, column) && broken_word(line.text, next.text).is_some(),
        _ => false,
    });
    broken.count() >= BROKEN_WORDS
}

/// The words with a hyphen inside a line: they have theirs at its end too.
fn hyphenated(lines: &[Written<'_>]) -> HashSet<String> {
    let words = lines.iter().flat_map(|line| line.text.split_whitespace());
    words.map(bare).filter(|word| word.contains('-')).map(str::to_owned).collect()
}

fn bare(word: &str) -> &str {
    word.trim_matches(|character: char| !character.is_alphanumeric())
}

fn join(paragraph: &mut String, next: &str, breaks_words: bool, hyphenated: &HashSet<String>) {
    let first = next.split_whitespace().next().unwrap_or_default();
    let own = !paragraph.ends_with(" -") && paragraph.ends_with('-') && !SHARED_PART.contains(&first);
    match broken_word(paragraph, next) {
        Some((start, end)) if breaks_words && !hyphenated.contains(bare(&format!("{start}-{end}"))) => {
            paragraph.pop();
        }
        _ if own => {}
        _ => paragraph.push(' '),
    }
    paragraph.push_str(next);
}

#[cfg(test)]
mod tests {
    use super::unwrapped;

    const WRAPPED: &str = "\
The county has found the money to keep its travelling library on the
road for another three years. A van with some two thousand books stops
once a week in each of the villages, most of which have neither a shop
nor a school.

Lending had risen by a fifth since the bus was cut, according to
figures that the county released on Friday.";

    #[test]
    fn paragraphs_of_full_lines_are_joined() {
        let lines = unwrapped(WRAPPED);
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines[0].contains("library on the road for") && lines[0].ends_with("nor a school."), "{lines:?}");
        assert_eq!(lines[1], "");
    }

    #[test]
    fn joining_twice_changes_nothing_more() {
        let once = unwrapped(WRAPPED).join("\n");
        assert_eq!(unwrapped(&once).join("\n"), once);
    }

    #[test]
    fn a_line_that_is_not_full_or_an_indent_ends_a_paragraph() {
        let text = "   The old cinema in Tanner Street will open again in April, after some\n\
                    fifteen silent years. Of its six hundred seats two hundred are left,\n\
                    and they stand around a stage for musicians and for readers of poems\n\
                    and of plays.\n   The builders found a floor of blue and white tiles that nobody had\n\
                    seen since the war, and behind the screen a painting of the harbour at\n\
                    the break of day.";
        assert_eq!(unwrapped(text).len(), 2, "{:?}", unwrapped(text));
    }

    #[test]
    fn verses_lists_labels_and_code_stay() {
        let verses = "The tide goes out past Marlow Head, and all the lamps are burning low,\n\
                      and nobody sings.\nThe boats lie still as folded hands upon the water of the bay,\n\
                      and none will go.\nBring home, bring home my wandering boy, the sea has had enough,\n\
                      the bread is warm.";
        let list = "- a cup of flour from the mill, sifted twice and left to stand a while\n\
                    - two eggs\n- a pinch of salt\n- butter\n- three apples from the garden behind the house";
        let code = "fn main() {\n    let answer = the_answer_to(\"life, the universe and everything\");\n    \
                    print(answer);\n}\nfn the_answer_to(question: &str) -> u8 {\n    42\n}";
        for text in [verses, list, code, "Home\nNews\nSport\nWeather\nLog in"] {
            assert_eq!(unwrapped(text).join("\n"), text);
        }
    }

    #[test]
    fn labels_between_the_paragraphs_stay_as_they_are() {
        let text = format!("Share\nFacebook\nEmail\n\n{WRAPPED}\n\nRead also\nA bridge for the valley\nNo boats today");
        let lines = unwrapped(&text);
        assert_eq!(lines.iter().filter(|line| !line.is_empty()).count(), 8, "{lines:?}");
    }

    #[test]
    fn long_lines_stay_as_they_are() {
        let long = "A paragraph that was never broken at any column. ".repeat(4);
        let text = format!("{long}\n{long}\n{long}");
        assert_eq!(unwrapped(&text).join("\n"), text);
    }

    #[test]
    fn a_hyphen_goes_only_where_the_text_breaks_words() {
        let broken = "Die Gemeinde will ihre alte Volksschule am Ortsrand nun doch nicht ab-\n\
                      reißen. Nach einer Versammlung, zu der mehr als dreihundert Leute ge-\n\
                      kommen waren, zog der Rat den Beschluss zurück und wog die Vor- und\n\
                      Nachteile ab. Das deutsch-französische Büro prüft nun, was die deutsch-\n\
                      französische Stiftung zahlen kann und was am Ende übrig bleiben muss.";
        let text = unwrapped(broken).join("\n");
        for part in ["nicht abreißen", "gekommen", "Vor- und Nachteile", "die deutsch-französische Stiftung"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let own = "The bells of the church were never meant to leave their tower, a well-\n\
                   known landmark. When the frame began to lean, the parish had to decide\n\
                   within a week whether to take them down, or to let them fall into the\n\
                   nave. A neighbour offered his trailer, and some forty people came to\n\
                   help.";
        assert!(unwrapped(own).join("\n").contains("a well-known landmark"));
    }
}
