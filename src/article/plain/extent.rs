//! Whether a text is an article, or a page with what stands around its article there.

use super::lines::{Line, Lines};
use crate::article::BlockKind;

/// Lines below which a text is short enough to be an article with a little furniture.
pub(super) const PAGE_LINES: usize = 30;

/// Labels above the first running text from which on they are the menus of a page: title, section, byline and date are fewer.
const MENU: usize = 10;

/// Last lines of a page, among which its footer is.
const FOOTER: usize = 5;

/// Lines of furniture amid a text, and one of how many lines they must be, from which on it is a page that begins and ends with
/// sentences.
const AMID: (usize, usize) = (5, 12);

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// An article with little else, however many labels it holds: a recipe, an interview, a list.
    Article,
    /// A page of which most lines are running text.
    Passage,
    /// A page of which most lines are labels.
    Page,
}

/// What these lines are, once furniture is known by its words. A page has menus above its article, or furniture around it that
/// says what it is; an article that somebody sends alone has neither.
pub(super) fn of(lines: &Lines) -> Extent {
    let count = lines.0.len();
    if count < PAGE_LINES {
        return Extent::Article;
    }
    let first = lines.first_prose();
    let below = lines.last_prose().map_or(count, |last| last + 1).min(count - FOOTER);
    let holds_furniture = |part: &[Line]| part.iter().any(tells_a_page);
    let (head, _) = lines.0.split_at(first.unwrap_or(count));
    let (_, foot) = lines.0.split_at(below);
    let furniture = lines.0.iter().filter(|line| tells_a_page(line)).count();
    let is_page = holds_furniture(head)
        || holds_furniture(foot)
        || first.is_some_and(|first| first >= MENU)
        || (furniture >= AMID.0 && furniture * AMID.1 >= count);
    let labels = lines.0.iter().filter(|line| !line.prose).count();
    match is_page {
        false => Extent::Article,
        true if labels * 2 > count => Extent::Page,
        true => Extent::Passage,
    }
}

/// Whether a line was removed as something that stands around articles.
pub(super) fn is_furniture(line: &Line) -> bool {
    line.removed
        .as_ref()
        .is_some_and(|(kind, _)| !matches!(kind, BlockKind::Title | BlockKind::Metadata | BlockKind::Repeated))
}

/// Whether it is what only pages have: "35 minutes", a photographer, or where an article appeared first may be the article's own.
fn tells_a_page(line: &Line) -> bool {
    use BlockKind::{Counter, Disclaimer, ImageCredit, MachineTranslation};
    let accompanies_articles = [Counter, Disclaimer, ImageCredit, MachineTranslation];
    is_furniture(line) && !accompanies_articles.into_iter().any(|kind| line.is_removed_as(kind))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;

    const SENTENCE: &str =
        "The council has decided on Monday evening that the bridge over the river will be built again by spring.";

    /// The extent of these lines, of which those that begin with "×" are known for furniture.
    fn extent(lines: &[String]) -> Extent {
        let mut lines = Lines::split(&lines.join("\n\n"), 10_000).unwrap();
        for line in lines.0.iter_mut().filter(|line| line.text.starts_with('×')) {
            line.remove(BlockKind::Share, "phrase:share");
        }
        of(&lines)
    }

    fn labels(name: &str, count: usize) -> Vec<String> {
        (0..count).map(|n| format!("{name} {n}")).collect()
    }

    fn sentences(count: usize) -> Vec<String> {
        (0..count).map(|n| format!("{n}: {SENTENCE}")).collect()
    }

    fn furniture(count: usize) -> Vec<String> {
        labels("× Share", count)
    }

    #[test]
    fn an_article_of_many_labels_is_no_page_until_something_stands_around_it() {
        let recipe = [sentences(2), labels("Spoons of flour", 40), sentences(2), labels("Note", 6)].concat();
        assert_eq!(extent(&recipe), Extent::Article);
        assert_eq!(extent(&[labels("Title", 9), recipe.clone()].concat()), Extent::Article);
        assert_eq!(extent(&[labels("Menu", 10), recipe.clone()].concat()), Extent::Page);
        assert_eq!(extent(&[furniture(1), recipe.clone()].concat()), Extent::Page);
        assert_eq!(extent(&[recipe.clone(), furniture(1)].concat()), Extent::Page);
        // Sentences below it, as of a notice of rights.
        assert_eq!(extent(&[recipe.clone(), furniture(1), sentences(4)].concat()), Extent::Page);
        assert_eq!(extent(&[recipe, furniture(1), sentences(5)].concat()), Extent::Article);
    }

    #[test]
    fn furniture_amid_sentences_tells_a_page_where_there_is_much_of_it() {
        let amid = |furnished, sentenced| extent(&[sentences(20), furniture(furnished), sentences(sentenced)].concat());
        assert_eq!(amid(4, 20), Extent::Article);
        assert_eq!(amid(5, 20), Extent::Passage);
        assert_eq!(amid(5, 36), Extent::Article);
    }

    #[test]
    fn few_lines_are_no_page_and_neither_are_verses() {
        assert_eq!(extent(&[furniture(9), sentences(20)].concat()), Extent::Article);
        assert_eq!(extent(&[furniture(10), sentences(20)].concat()), Extent::Passage);
        assert_eq!(extent(&labels("A verse", 60)), Extent::Article);
        assert_eq!(extent(&[labels("A headline", 60), furniture(1)].concat()), Extent::Page);
    }
}
