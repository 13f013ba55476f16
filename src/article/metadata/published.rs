//! When an article was published and changed: the places where a page says so, in the order of trust.

mod local;
mod names;

use super::dates::{Reader, UrlDate, may_name_a_day};
use super::jsonld::JsonLd;
use super::marked::properties;
use super::meta::Meta;
use super::shown::{Line, Shown};
use crate::article::boilerplate::{Field, Rules};
use crate::article::html::{Node, Tree};
use crate::article::{DateSource, Published, normalise, prose};
use crate::document::Hints;
use local::days_between;
use names::{CHANGED, SURE, UNSURE, is_of_change, is_of_publication};

/// Longest such sentence, in characters of weight.
const TELLS: usize = 400;

/// Lines below the heading among which its date stands.
const BELOW: usize = 30;

/// Lines above the heading among which its date may stand.
const ABOVE: usize = 8;

/// Paragraphs after which a date below the heading is part of the text.
const PARAGRAPHS: usize = 3;

/// Longest line that is a label, in characters of weight.
const LABEL: usize = 160;

/// How far from the start of a paragraph a date that opens it may begin, in bytes.
const OPENING: usize = 24;

/// Longest text before a separator that opens a paragraph, in bytes.
const HEAD: usize = 70;

/// When the first pages were shown to everyone.
const FIRST_PAGES: &str = "1991-08-06";

/// Where the dates of a page may stand.
pub(super) struct Dates<'a, 't, 'd> {
    pub(super) meta: &'a Meta<'d>,
    pub(super) data: &'a JsonLd,
    pub(super) tree: &'t Tree<'d>,
    pub(super) shown: &'a Shown,
    pub(super) address: Option<&'a str>,
    pub(super) hints: &'a Hints,
    pub(super) rules: &'a Rules,
    pub(super) reader: Reader<'a>,
}

/// The dates that the page shows.
#[derive(Debug, Default)]
struct Visible {
    /// Close below or above the heading.
    near: Option<Published>,
    changed: Option<Published>,
}

/// When a page says that its article was published, and changed.
#[derive(Debug, Default)]
pub(super) struct Times {
    pub(super) published: Option<Published>,
    pub(super) modified: Option<Published>,
}

impl Dates<'_, '_, '_> {
    pub(super) fn times(&self) -> Times {
        let visible = self.visible();
        let published = self.published(&visible).map(|date| self.with_local_day(date, &visible));
        let modified = self
            .parse(self.data.modified.as_deref(), DateSource::Jsonld)
            .or_else(|| self.of_meta(&CHANGED))
            .or_else(|| self.marked("dateModified"))
            .or_else(|| self.changed(&visible))
            .or_else(|| self.parse(self.hints.extracted.modified.as_deref(), DateSource::Envelope))
            .or_else(|| self.reader.served(self.hints));
        Times { published, modified }
    }

    /// The day of a change that the page shows, wherever it does.
    fn changed(&self, visible: &Visible) -> Option<Published> {
        visible.changed.clone().or_else(|| {
            let mut rest = Visible::default();
            let below = self.shown.lines.iter().skip(self.shown.heading.unwrap_or(0) + 1);
            let is_label = |line: &Line| prose::weight(&line.text) <= LABEL && is_of_change(&line.text);
            for line in below.filter(|line| may_tell(line) && is_label(line)) {
                self.note(line, &mut rest);
                if rest.changed.is_some() {
                    break;
                }
            }
            rest.changed
        })
    }

    fn published(&self, visible: &Visible) -> Option<Published> {
        let sure = self
            .parse(self.data.published.as_deref(), DateSource::Jsonld)
            .or_else(|| self.of_meta(&SURE))
            .or_else(|| self.confirmed(visible))
            .or_else(|| self.marked("datePublished"));
        if sure.is_some() {
            return sure;
        }
        let by_url = self.address.and_then(|url| self.reader.in_url(url)).map(UrlDate::into_published);
        let near = visible.near.clone();
        // What stands beside the heading is what the newsroom shows; an address names the day on which it was made.
        let shown = match (near, &by_url) {
            (Some(near), Some(by_url)) => {
                Some(if days_between(&near, by_url).is_some_and(|days| days <= 1) { near } else { by_url.clone() })
            }
            (near, by_url) => near.or_else(|| by_url.clone()),
        };
        shown
            .or_else(|| self.unsure(visible))
            .or_else(|| self.parse(self.data.page_published.as_deref(), DateSource::Jsonld))
            .or_else(|| self.parse(self.hints.published.as_deref(), DateSource::Envelope))
            .or_else(|| self.far())
            // A page that shows the day of a change alone was published by then, which is all it says.
            .or_else(|| self.changed(visible).map(of_change))
            .or_else(|| self.parse(self.meta.first(&["description", "og:description"]), DateSource::Meta))
            .or_else(|| self.parse(super::visible::page_title(self.tree).as_deref(), DateSource::Text))
            .or_else(|| self.of_image())
            .or_else(|| self.only())
    }

    /// The only day that the short lines of a page name.
    fn only(&self) -> Option<Published> {
        let short = self.shown.lines.iter().filter(|line| prose::weight(&line.text) <= LABEL);
        let mut dates = short.filter_map(|line| {
            let date = self.parse(Some(&line.text), DateSource::Text)?;
            Some(if is_of_change(&line.text) { of_change(date) } else { date })
        });
        let first = dates.next()?;
        dates.all(|date| date.day() == first.day()).then_some(first)
    }

    /// The day in the address of the main picture: a guess, which its source tells.
    fn of_image(&self) -> Option<Published> {
        let image = self.meta.first(&["og:image", "twitter:image"])?;
        let date = self.reader.in_url(image)?.into_published();
        Some(Published { source: DateSource::Image, ..date })
    }

    /// A date under an unsure name that stands beside the heading too.
    fn confirmed(&self, visible: &Visible) -> Option<Published> {
        let near = visible.near.as_ref()?;
        self.meta
            .all(&UNSURE)
            .find_map(|raw| self.parse(Some(raw), DateSource::Meta).filter(|date| date.day() == near.day()))
    }

    /// A date under a name that means now this and now that; none that is later than a change that the page shows.
    fn unsure(&self, visible: &Visible) -> Option<Published> {
        let date = self.of_meta(&UNSURE)?;
        let changed = visible.changed.clone().filter(|changed| changed.day() < date.day());
        Some(changed.map_or(date, of_change))
    }

    fn parse(&self, raw: Option<&str>, source: DateSource) -> Option<Published> {
        let date = self.reader.past(raw?, source)?;
        // What a page shows from before there were pages is what its text is about.
        (source != DateSource::Text || date.day() >= FIRST_PAGES).then_some(date)
    }

    fn of_meta(&self, names: &[&str]) -> Option<Published> {
        self.meta.all(names).find_map(|raw| self.parse(Some(raw), DateSource::Meta))
    }

    /// A date in an element that microdata or RDFa mark.
    fn marked(&self, name: &str) -> Option<Published> {
        let is_marked = |node: &Node<'_>| {
            let format = match name {
                "datePublished" => ["published", "dt-published"],
                _ => ["updated", "dt-updated"],
            };
            let by_class = matches!(node.tag(), "time" | "abbr")
                && node
                    .attribute("class")
                    .is_some_and(|class| class.split_ascii_whitespace().any(|one| format.contains(&one)));
            by_class || (name == "datePublished" && node.tag() == "time" && node.attribute("pubdate").is_some())
        };
        // A class is used for the dates of other articles too.
        let is_near = |at: usize| self.shown.below_heading(at).is_none_or(|lines| (-10..=40).contains(&lines));
        let found = self.tree.elements().filter(|(at, node)| {
            let named = self.tree.is_marked(*at);
            node.tag() != "meta"
                && ((named && properties(node).any(|property| property == name)) || is_marked(node))
                && !self.shown.is_skipped(*at)
                && (named || is_near(*at))
        });
        found.take(4).find_map(|(at, node)| {
            let stated = ["datetime", "content", "title"].iter().find_map(|name| node.attribute(name));
            self.parse(stated, DateSource::Microdata)
                .or_else(|| self.parse(Some(&normalise::line(&self.tree.text(at))), DateSource::Microdata))
        })
    }

    /// The dates of the lines: below the heading up to where the text has begun, then above it, then anywhere.
    fn visible(&self) -> Visible {
        let lines = &self.shown.lines;
        let heading = self.shown.heading.unwrap_or(0);
        // A title may name a day of its own.
        let below = self.shown.heading.map_or(0, |heading| heading + 1);
        let mut visible = Visible::default();
        let mut paragraphs = 0;
        for line in lines.iter().skip(below).take(BELOW) {
            if !line.in_figure {
                self.note(line, &mut visible);
            }
            paragraphs += usize::from(prose::is_prose(&line.text));
            if visible.near.is_some() || paragraphs >= PARAGRAPHS {
                break;
            }
        }
        if visible.near.is_none() {
            for line in lines.iter().skip(below).take(BELOW).filter(|line| line.in_figure) {
                self.note(line, &mut visible);
            }
        }
        if visible.near.is_none() {
            for line in lines.get(heading.saturating_sub(ABOVE)..heading).unwrap_or_default().iter().rev() {
                self.note(line, &mut visible);
                if visible.near.is_some() {
                    break;
                }
            }
        }
        visible
    }

    /// Takes the date of a line that is a label, or of what opens a paragraph.
    fn note(&self, line: &Line, visible: &mut Visible) {
        if !may_tell(line) {
            return;
        }
        let weight = prose::weight(&line.text);
        let is_label = weight <= LABEL;
        let tells = !is_label && weight <= TELLS && is_of_publication(&line.text);
        let text = if is_label || tells { line.text.as_str() } else { opening(&line.text) };
        let lower = text.to_lowercase();
        let change = names::change(&lower);
        // Lower case is as long as the text in all but a few letters; then the line is read as one.
        let (before, after) = match change.and_then(|at| text.split_at_checked(at)) {
            Some((before, after)) => (before, Some(after)),
            None => (text, None),
        };
        let time = line.time.as_deref().filter(|_| is_label);
        let stated = |written: &str| {
            let by_time = time.and_then(|time| self.parse(Some(time), DateSource::Time));
            let by_text = self.parse(Some(written), DateSource::Text);
            // Programs change the one that is not read.
            let agrees = |time: &Published| {
                by_text.as_ref().is_none_or(|text| days_between(time, text).is_some_and(|days| days <= 1))
            };
            by_time.filter(|time| agrees(time) && (by_text.is_none() || after.is_none())).or(by_text)
        };
        if let Some(date) = stated(before).filter(|_| !before.trim().is_empty()) {
            if change == Some(0) {
                visible.changed.get_or_insert(date);
            } else {
                visible.near.get_or_insert(date);
                if let Some(changed) = after.and_then(|after| self.parse(Some(after), DateSource::Text)) {
                    visible.changed.get_or_insert(changed);
                }
            }
        } else if let Some(date) = after.and_then(stated) {
            visible.changed.get_or_insert(date);
        }
    }

    /// A date further away: in a line that says it is the day of publication, in an element whose class says so, in a
    /// `<time>`.
    fn far(&self) -> Option<Published> {
        const WORDS: [&str; 12] = [
            "date",
            "time",
            "publish",
            "posted",
            "byline",
            "meta",
            "datum",
            "fecha",
            "created",
            "submitted",
            "author",
            "post-footer",
        ];
        let heading = self.shown.heading.unwrap_or(0);
        let tells = |line: &&Line| {
            prose::weight(&line.text) <= TELLS && is_of_publication(&line.text) && !is_of_change(&line.text)
        };
        let labelled =
            self.shown.lines.iter().skip(heading).filter(|line| prose::weight(&line.text) <= LABEL).find_map(|line| {
                let label = line.text.split(|character: char| character.is_numeric()).next()?;
                let field = self.rules.vocabulary.field(label.trim_end_matches([':', '：', ' ']))?;
                (field == Field::Published).then(|| self.parse(Some(&line.text), DateSource::Text)).flatten()
            });
        let labelled = labelled.or_else(|| {
            self.shown.lines.iter().filter(tells).find_map(|line| self.parse(Some(&line.text), DateSource::Text))
        });
        let below = |line: &&Line| prose::weight(&line.text) <= LABEL;
        labelled
            .or_else(|| {
                self.shown.lines.iter().filter(below).find_map(|line| {
                    let mut around = self.tree.ancestors(line.at).take(2).filter_map(|at| self.tree.get(at));
                    let named = around.any(|node| {
                        let class =
                            node.attribute("class").or_else(|| node.attribute("id")).map(str::to_ascii_lowercase);
                        class.is_some_and(|class| WORDS.iter().any(|word| class.contains(word)))
                    });
                    if named { self.parse(Some(&line.text), DateSource::Text) } else { None }
                })
            })
            .or_else(|| {
                let timed = self.shown.lines.iter().filter_map(|line| line.time.as_deref()).take(8);
                timed.into_iter().find_map(|time| self.parse(Some(time), DateSource::Time))
            })
    }
}

/// Whether a line may have a date at all.
fn may_tell(line: &Line) -> bool {
    line.time.is_some() || may_name_a_day(&line.text)
}

/// A day of change that stands in for one of publication, which its source tells.
fn of_change(date: Published) -> Published {
    Published { source: DateSource::Change, ..date }
}

/// The start of a paragraph, if a date may open it: "(5 March 2024) …", "Press release of 5 March 2024 | Berlin – …".
fn opening(text: &str) -> &str {
    let first =
        [" | ", " – ", " — "].iter().filter_map(|mark| text.split_once(mark)).min_by_key(|(head, _)| head.len());
    if let Some((head, _)) = first.filter(|(head, _)| head.len() <= HEAD) {
        return head;
    }
    let start = text.trim_start_matches(['(', '[', ' ']);
    let opens = start.chars().next().is_some_and(|first| first.is_ascii_digit());
    let end = (0..=OPENING.min(start.len())).rev().find(|end| start.is_char_boundary(*end)).unwrap_or(0);
    if opens { start.get(..end).unwrap_or_default() } else { "" }
}
