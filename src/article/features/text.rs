//! What a block's own text tells.

use super::Rows;
use crate::article::boilerplate::Verdict;
use crate::article::characters::is_alphanumeric;
use crate::article::{BlockKind, credits, prose};

/// Longer texts are judged by their beginning and their end alone; the counts saturate.
const MARKS: [char; 8] = ['.', '!', '?', '…', '。', '！', '？', '।'];

#[derive(Default)]
struct Counts {
    characters: usize,
    letters: usize,
    digits: usize,
    upper: usize,
    commas: usize,
    marks: usize,
    quotes: usize,
    separators: usize,
    spaced_words: usize,
    capitalised: usize,
    short_words: usize,
    /// Letters and digits of the word that is open, and whether the first is a capital.
    open: usize,
    opens_upper: bool,
}

impl Counts {
    fn of(text: &str) -> Self {
        let mut counts = Self::default();
        for character in text.chars() {
            counts.characters += 1;
            if character.is_ascii_lowercase() {
                counts.letters += 1;
                counts.open += 1;
                continue;
            }
            if character == ' ' {
                counts.end_word();
                continue;
            }
            if is_alphanumeric(character) {
                let is_upper = character.is_uppercase();
                counts.letters += usize::from(character.is_alphabetic());
                counts.digits += usize::from(character.is_numeric());
                counts.upper += usize::from(is_upper);
                counts.opens_upper |= counts.open == 0 && is_upper;
                counts.open += 1;
                continue;
            }
            if character.is_whitespace() {
                counts.end_word();
            }
            counts.commas += usize::from(matches!(character, ',' | '،' | '、' | '，' | ';'));
            counts.marks += usize::from(MARKS.contains(&character));
            counts.quotes +=
                usize::from(matches!(character, '"' | '«' | '»' | '“' | '”' | '„' | '「' | '」' | '『' | '』'));
            counts.separators += usize::from(matches!(character, '|' | '•' | '·' | '/' | '>' | '›' | '→' | '#' | '@'));
        }
        counts.end_word();
        counts
    }

    fn end_word(&mut self) {
        self.spaced_words += usize::from(self.open > 0);
        self.capitalised += usize::from(self.opens_upper);
        self.short_words += usize::from((1..=3).contains(&self.open));
        (self.open, self.opens_upper) = (0, false);
    }
}

/// Adds the features of a block's own text. `verdict` is what its words say; weight and words are counted as in [`prose`].
pub(crate) fn of_text(row: &mut Rows, text: &str, weight: usize, words: usize, verdict: Option<Verdict>) {
    let counts = Counts::of(text);
    row.count("weight", weight);
    row.count("words", words);
    row.count("lines", text.lines().count());
    row.flag("sentence_end", prose::ends_sentence(text));
    row.flag("prose", prose::is_prose_of(text, weight, words));
    row.count("marks", counts.marks);
    row.count("commas", counts.commas);
    row.count("quotes", counts.quotes);
    row.share("words_a_mark", words, counts.marks.max(1));
    row.share("comma_share", counts.commas, words);
    row.share("digit_share", counts.digits, counts.characters);
    row.share("upper_share", counts.upper, counts.letters);
    row.share("capitalised_share", counts.capitalised, counts.spaced_words);
    row.share("short_word_share", counts.short_words, counts.spaced_words);
    row.share("word_length", counts.letters, words);
    row.share("separator_share", counts.separators, counts.characters);
    row.share("letter_share", counts.letters, counts.characters);
    let trimmed = text.trim_end();
    row.flag("ends_colon", trimmed.ends_with([':', '：']));
    row.flag("ends_question", trimmed.ends_with(['?', '？', '؟']));
    row.flag("ends_dots", trimmed.ends_with(['…', '»', '>', '→']) || trimmed.ends_with("..."));
    let first = text.chars().next();
    row.flag("starts_lower", first.is_some_and(char::is_lowercase));
    row.flag("starts_letter", first.is_some_and(char::is_alphabetic));
    row.flag("starts_digit", first.is_some_and(char::is_numeric));
    row.flag("starts_quote", first.is_some_and(|first| "\"«“„「『'‘–—-•".contains(first)));
    let has_at = memchr::memchr(b'@', text.as_bytes()).is_some();
    row.flag("address", has_at || text.contains("http") || text.contains("www."));
    row.flag("copyright_sign", !text.is_ascii() && text.contains(['©', '®', '™']));
    row.flag("starts_arrow", first.is_some_and(|first| "»›>►▸▶→➔➤➡👉⏩+".contains(first)));
    row.flag("ends_credit", credits::ends_text(text));
    row.flag("ends_count", ends_with_count(trimmed));
    let shows_picture =
        text.contains("pic.") && ["pic.twitter.com/", "pic.x.com/"].iter().any(|sign| text.contains(sign));
    row.flag("social_post", shows_picture || (has_at && text.contains("(@")));
    row.push("words_kind", kind_code(verdict.map(|verdict| verdict.kind)));
    row.flag("words_label", verdict.is_some_and(|verdict| verdict.rule == "label"));
    row.flag("words_beside", verdict.is_some_and(|verdict| verdict.beside_only));
}

/// Whether a text ends with a number in parentheses, as an entry of a list of categories does: "Harbours (12)".
fn ends_with_count(text: &str) -> bool {
    let within = text.strip_suffix(')').and_then(|text| text.rsplit_once('('));
    within.is_some_and(|(_, number)| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A number for a kind, 0 for none. What is hardly ever the article's comes first.
pub(crate) fn kind_code(kind: Option<BlockKind>) -> f32 {
    let Some(kind) = kind else { return 0.0 };
    let code: u8 = match kind {
        BlockKind::Metadata => 1,
        BlockKind::ImageCredit => 2,
        BlockKind::Embed => 3,
        BlockKind::Advertisement => 4,
        BlockKind::Related => 5,
        BlockKind::Paywall => 6,
        BlockKind::Newsletter => 7,
        BlockKind::Share => 8,
        BlockKind::Comments => 9,
        BlockKind::Navigation => 10,
        BlockKind::Hidden => 11,
        BlockKind::Disclaimer => 12,
        BlockKind::Copyright => 13,
        BlockKind::MachineTranslation => 14,
        BlockKind::AppPromotion => 15,
        BlockKind::Counter => 16,
        BlockKind::Consent => 17,
        BlockKind::Repeated => 18,
        BlockKind::Title => 19,
        BlockKind::OutsideArticle => 20,
    };
    f32::from(code)
}
