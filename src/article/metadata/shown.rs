//! What the page shows, line by line, and where its main heading stands among the lines.

use super::around::{self, Around, ShownLine};
use super::dates::Reader;
use crate::article::boilerplate::Rules;
use crate::article::html::{Node, Tree, What};
use crate::article::{normalise, prose};

/// Most lines that are read.
const LINES: usize = 2_000;

/// Ancestors among which the block of a text is looked for.
const ANCESTORS: usize = 24;

/// Nodes before an element that are read for what introduces it.
const BEFORE: usize = 40;

/// A line as a reader sees it.
#[derive(Debug)]
pub(super) struct Line {
    /// Place of its first text in the tree.
    pub(super) at: usize,
    pub(super) text: String,
    /// The time that an element of the line states.
    pub(super) time: Option<String>,
    /// Whether it is said of a picture.
    pub(super) in_figure: bool,
}

/// The lines of a page.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) lines: Vec<Line>,
    /// The line of the main heading, or the one above the first running text.
    pub(super) heading: Option<usize>,
    /// Parts of the tree that were passed over.
    skipped: Vec<(usize, usize)>,
}

impl Shown {
    /// Reads the lines of a page; `titles` are the heading that it shows and the title of the article.
    pub(super) fn of(tree: &Tree<'_>, titles: [Option<&str>; 2]) -> Self {
        let mut shown = Self { lines: Vec::new(), heading: None, skipped: Vec::new() };
        let mut open: Option<(usize, usize)> = None;
        let mut figure_ends = 0;
        let mut at = 0;
        while let Some(node) = tree.get(at) {
            if shown.lines.len() >= LINES {
                break;
            }
            if is_skipped(node) && (node.end - at) * 3 <= tree.nodes.len() {
                shown.skipped.push((at, node.end));
                at = node.end.max(at + 1);
                open = None;
                continue;
            }
            match node.tag() {
                "br" => open = None,
                "figure" => figure_ends = figure_ends.max(node.end),
                _ => {}
            }
            if let Some(text) = text_of(node) {
                let block = block_of(tree, at);
                match open {
                    Some((known, line)) if known == block => {
                        if let Some(line) = shown.lines.get_mut(line) {
                            // What stands in elements of their own are words of their own.
                            line.text.push(' ');
                            line.text.push_str(text);
                        }
                    }
                    _ => {
                        open = Some((block, shown.lines.len()));
                        let in_figure = at < figure_ends;
                        shown.lines.push(Line { at, text: text.to_owned(), time: None, in_figure });
                    }
                }
                if let (Some(time), Some(line)) = (time_of(tree, at), shown.lines.last_mut()) {
                    line.time.get_or_insert(time);
                }
            }
            at += 1;
        }
        for line in &mut shown.lines {
            line.text = normalise::line(&line.text);
        }
        shown.heading = shown.find_heading(tree, titles);
        shown
    }

    fn find_heading(&self, tree: &Tree<'_>, titles: [Option<&str>; 2]) -> Option<usize> {
        let is_title = |line: &&Line| titles.iter().flatten().any(|title| super::title::same(&line.text, title));
        let headed = |line: &&Line| {
            let inner = tree.ancestors(line.at).take(4).filter_map(|at| tree.get(at));
            inner.map(Node::tag).any(|tag| matches!(tag, "h1" | "h2" | "h3" | "h4" | "h5" | "h6"))
        };
        let place = |line: &Line| self.lines.partition_point(|other| other.at < line.at);
        let titled = self.lines.iter().filter(is_title).find(headed).or_else(|| self.lines.iter().find(is_title));
        titled
            .or_else(|| {
                let (first, _) = tree.tagged("h1").find(|(at, _)| !self.is_skipped(*at))?;
                self.lines.iter().find(|line| line.at >= first)
            })
            .map(place)
            .or_else(|| {
                let first = self.lines.iter().position(|line| prose::is_prose(&line.text))?;
                Some(first.saturating_sub(1))
            })
    }

    /// What the lines around the main heading say without any word or mark that introduces it: nothing where there is no heading.
    pub(super) fn around_heading(&self, rules: &Rules, reader: Reader<'_>) -> Around {
        let lines = self.lines.iter().map(|line| ShownLine { text: &line.text, prose: prose::is_prose(&line.text) });
        let lines: Vec<ShownLine<'_>> = lines.collect();
        self.heading.map(|heading| around::read(&lines, heading, rules, reader)).unwrap_or_default()
    }

    /// Whether a place of the tree was passed over.
    pub(super) fn is_skipped(&self, at: usize) -> bool {
        let next = self.skipped.partition_point(|(from, _)| *from <= at);
        next.checked_sub(1).and_then(|known| self.skipped.get(known)).is_some_and(|(_, end)| at < *end)
    }

    /// What a reader reads just before an element: its line up to there, or the line above where it begins one.
    pub(super) fn before(&self, tree: &Tree<'_>, at: usize) -> String {
        let first = (at..tree.nodes.len()).find(|at| tree.get(*at).and_then(text_of).is_some()).unwrap_or(at);
        let place = self.lines.partition_point(|line| line.at <= first);
        let line = place.checked_sub(1).and_then(|place| self.lines.get(place));
        match line.filter(|line| line.at < at) {
            Some(line) => {
                let texts =
                    (line.at.max(at.saturating_sub(BEFORE))..at).filter_map(|at| tree.get(at).and_then(text_of));
                normalise::line(&texts.collect::<Vec<_>>().join(" "))
            }
            None => place
                .checked_sub(2)
                .and_then(|above| self.lines.get(above))
                .map_or_else(String::new, |line| line.text.clone()),
        }
    }

    /// How many lines below the heading a place of the tree stands; less than none above it.
    pub(super) fn below_heading(&self, at: usize) -> Option<isize> {
        let line = self.lines.partition_point(|line| line.at <= at).saturating_sub(1);
        Some(isize::try_from(line).ok()? - isize::try_from(self.heading?).ok()?)
    }
}

/// Whether nothing in an element is about the article: menus, forms, comments.
fn is_skipped(node: &Node<'_>) -> bool {
    let names_comments = |name: &str| {
        let starts = |with: &str| name.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
        let ends = |with: &str| {
            let start = name.len().checked_sub(with.len());
            start.and_then(|start| name.get(start..)).is_some_and(|end| end.eq_ignore_ascii_case(with))
        };
        starts("comment") || ends("-comments") || name.eq_ignore_ascii_case("disqus_thread")
    };
    match node.tag() {
        "" | "html" | "body" | "main" | "article" => false,
        "head" | "script" | "style" | "noscript" | "nav" | "form" | "select" | "button" | "svg" | "iframe"
        | "textarea" | "dialog" | "object" => true,
        "a" | "span" | "time" => false,
        _ => {
            let names = [node.attribute("id"), node.attribute("class")];
            names.into_iter().flatten().flat_map(str::split_ascii_whitespace).any(names_comments)
        }
    }
}

fn text_of<'d>(node: &Node<'d>) -> Option<&'d str> {
    match node.what {
        What::Text(text) if !text.trim().is_empty() => Some(text),
        _ => None,
    }
}

/// Whether a line ends where an element begins or ends.
fn is_block(tag: &str) -> bool {
    matches!(
        tag,
        "html"
            | "body"
            | "div"
            | "p"
            | "li"
            | "ul"
            | "ol"
            | "dl"
            | "dt"
            | "dd"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "td"
            | "th"
            | "tr"
            | "table"
            | "tbody"
            | "section"
            | "article"
            | "header"
            | "footer"
            | "main"
            | "aside"
            | "figure"
            | "figcaption"
            | "blockquote"
            | "address"
            | "details"
            | "center"
            | "pre"
    )
}

fn block_of(tree: &Tree<'_>, at: usize) -> usize {
    let mut ancestors = tree.ancestors(at).take(ANCESTORS);
    ancestors.find(|at| tree.get(*at).is_some_and(|node| is_block(node.tag()))).unwrap_or(0)
}

/// The time that an element around a text states.
fn time_of(tree: &Tree<'_>, at: usize) -> Option<String> {
    tree.ancestors(at).take(4).filter_map(|at| tree.get(at)).find_map(|node| {
        let stated = node.attribute("datetime").or_else(|| {
            let title = node.attribute("title").filter(|title| title.contains(|one: char| one.is_ascii_digit()))?;
            let stated = node.tag() == "abbr" || (matches!(node.tag(), "time" | "span") && title.contains('T'));
            (stated && title.len() >= 10).then_some(title)
        });
        stated.map(str::to_owned)
    })
}
