//! A text of one endless line, with a notice glued to its end: cut where the notice begins.

use super::lines::{Line, Lines};
use super::sentences;
use crate::article::boilerplate::Rules;
use crate::article::{BlockKind, prose};

/// Shortest article before a notice, in characters of weight.
const ARTICLE: usize = 200;

/// Longest sentence of a notice that its own words do not tell, in characters of weight.
const REMNANT: usize = 160;

/// Cuts the notice off the end of a long line.
pub(super) fn cut(lines: &mut Lines, rules: &Rules) {
    if !lines.are_few() {
        return;
    }
    let whole = std::mem::take(&mut lines.0);
    for line in whole {
        let Some((article, notice)) = notice_start(&line.text, rules).and_then(|at| line.text.split_at_checked(at))
        else {
            lines.0.push(line);
            continue;
        };
        let mut notice = Line::new(notice.trim().to_owned(), false);
        notice.remove(BlockKind::Consent, "glued:consent");
        lines.0.push(Line::new(article.trim().to_owned(), line.after_blank));
        lines.0.push(notice);
    }
}

/// Where the last sentences begin that are a consent notice, behind an article.
fn notice_start(text: &str, rules: &Rules) -> Option<usize> {
    if prose::weight(text) <= ARTICLE {
        return None;
    }
    let starts = sentences::starts(text);
    let mut end = text.len();
    let mut notice = None;
    for start in starts.into_iter().rev() {
        let reading = rules.phrases.read(text.get(start..end)?);
        let remnant = reading.mentions(BlockKind::Consent) && prose::weight(text.get(start..end)?) <= REMNANT;
        match reading.verdict() {
            Some(verdict) if verdict.kind == BlockKind::Consent => notice = Some(start),
            _ if remnant => {}
            _ => break,
        }
        end = start;
    }
    notice.filter(|at| text.get(..*at).is_some_and(|article| prose::weight(article) >= ARTICLE))
}
