//! Furniture among the lines: by its words, by the list that a label opens, by what it stands beside.

use super::extent::is_furniture;
use super::lines::{Line, Lines};
use crate::article::boilerplate::Rules;
use crate::article::{BlockKind, prose};

/// Longest headline of a list, in characters of weight.
const HEADLINE: usize = 200;

/// Most headlines that one label opens.
const LIST: usize = 20;

/// Paragraphs that mention consent or cookies, from which on that is what the article is about.
const SUBJECT: usize = 2;

/// Longest line that can be a button or a remnant of a notice, in characters of weight.
const REMNANT: usize = 60;

/// Looks up what the words of each line say, and removes the lines of which they tell what they are.
pub(super) fn mark_by_words(lines: &mut Lines, rules: &Rules) {
    for line in &mut lines.0 {
        line.verdict = rules.phrases.verdict(&line.text);
        if let Some(verdict) = line.verdict.filter(|verdict| !verdict.beside_only) {
            line.remove(verdict.kind, &verdict.rule_name());
        }
    }
}

/// Gives back the sentences of an article about consent: amid its running text, most of which is about that too.
pub(super) fn restore_subject(lines: &mut Lines, rules: &Rules) {
    let about = lines.kept().filter(|line| line.prose && rules.phrases.read(&line.text).mentions(BlockKind::Consent));
    if about.count() < SUBJECT {
        return;
    }
    let running = |lines: &Lines, at: usize| lines.0.get(at).is_some_and(|line| line.is_kept() && line.prose);
    for at in 1..lines.0.len() {
        let amid = running(lines, at - 1) && running(lines, at + 1);
        if let Some(line) = lines.0.get_mut(at).filter(|line| amid && line.prose) {
            line.removed.take_if(|(kind, _)| *kind == BlockKind::Consent);
        }
    }
}

/// Gives back the counts amid an article that has no other furniture: they are quantities ("35 minutes").
pub(super) fn restore_quantities(lines: &mut Lines) {
    let (Some(first), Some(last)) = (lines.first_prose(), lines.last_prose()) else { return };
    let furniture = || lines.0.iter().enumerate().filter(|(_, line)| is_furniture(line));
    let is_amid = |(at, line): (usize, &Line)| line.is_removed_as(BlockKind::Counter) && first < at && at < last;
    if furniture().all(is_amid) {
        lines.0.iter_mut().for_each(|line| drop(line.removed.take_if(|(kind, _)| *kind == BlockKind::Counter)));
    }
}

/// Removes the headlines below a label of related articles that stands on a line of its own.
pub(super) fn mark_lists(lines: &mut Lines) {
    let labels: Vec<usize> = (0..lines.0.len()).filter(|at| lines.0.get(*at).is_some_and(is_list_label)).collect();
    for label in labels {
        for (taken, at) in (label + 1..(label + 1 + LIST).min(lines.0.len())).enumerate() {
            let before_prose = lines.0.get(at + 1).is_some_and(|next| next.is_kept() && next.prose);
            let Some(line) = lines.0.get_mut(at) else { break };
            if !line.is_kept() || !is_headline(line) {
                break;
            }
            // A line on its own above running text is more likely a subhead than the last of the list.
            if taken > 0 && line.after_blank && before_prose {
                break;
            }
            line.remove(BlockKind::Related, "list:related");
        }
    }
}

fn is_list_label(line: &Line) -> bool {
    matches!(&line.removed, Some((BlockKind::Related, rule)) if rule.ends_with(":label"))
        || (line.is_removed_as(BlockKind::Related) && line.text.ends_with(':'))
}

fn is_headline(line: &Line) -> bool {
    prose::weight(&line.text) <= HEADLINE && !line.text.ends_with(['.', '…', '。', ':'])
}

/// Removes buttons and remnants that mean something only beside a block of their kind.
pub(super) fn mark_beside(lines: &mut Lines, rules: &Rules) {
    // Twice: a button beside a button beside a notice.
    for _ in 0..2 {
        for at in 0..lines.0.len() {
            let before = at.checked_sub(1).and_then(|before| removed_kind(lines, before));
            let after = removed_kind(lines, at + 1);
            let Some(line) = lines.0.get_mut(at) else { break };
            if !line.is_kept() || (before.is_none() && after.is_none()) || prose::weight(&line.text) > 4 * REMNANT {
                continue;
            }
            let reading = rules.phrases.read(&line.text);
            if let Some(verdict) = reading.verdict()
                && (before == Some(verdict.kind) || after == Some(verdict.kind))
            {
                line.remove(verdict.kind, &format!("beside:{}", verdict.kind.label()));
                continue;
            }
            let within_notice = before == Some(BlockKind::Consent) && after == Some(BlockKind::Consent);
            if within_notice && (prose::weight(&line.text) <= REMNANT || reading.mentions(BlockKind::Consent)) {
                line.remove(BlockKind::Consent, "between:consent");
            }
        }
    }
}

fn removed_kind(lines: &Lines, at: usize) -> Option<BlockKind> {
    lines.0.get(at)?.removed.as_ref().map(|(kind, _)| *kind)
}
