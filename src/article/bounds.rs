//! What an article may say besides its body, and what it holds in memory.
//!
//! A page's own words about itself have no bound but the page's: one `<meta>` element may be as long as all of it.

use super::about::{Author, ContentBlock, Image, Rights};
use super::{Article, Published, RemovedSummary};

/// Longest text of one field besides the body, in bytes; what is longer is cut.
const LONGEST_TEXT: usize = 8 << 10;
/// Longest address; one that is longer is left out, because a part of it would lead elsewhere.
const LONGEST_ADDRESS: usize = 8 << 10;

impl Article {
    /// The same, with no field besides the body beyond its bound.
    pub(super) fn within_bounds(mut self) -> Self {
        let Rights { license, mining_policy, signals, ai_training: _ } = &mut self.rights;
        let texts =
            [&mut self.title, &mut self.description, &mut self.section, &mut self.dateline, &mut self.site_name];
        let dates = [&mut self.published, &mut self.modified].into_iter().flatten().map(|date| &mut date.raw);
        let names = self.authors.iter_mut().map(|author| &mut author.name);
        let below = self.images.iter_mut().flat_map(|image| [&mut image.caption, &mut image.credit]);
        texts
            .into_iter()
            .chain(below)
            // The name of a licence may stand for its address; cut, it still tells what was said.
            .chain([license])
            .flatten()
            .chain(dates)
            .chain(names)
            .chain(self.tags.iter_mut().chain(&mut self.breadcrumbs).chain(signals))
            .for_each(cut);
        let links = [&mut self.source_url, &mut self.canonical_url, &mut self.amp_url, mining_policy];
        for address in links.into_iter().chain(self.authors.iter_mut().map(|author| &mut author.url)) {
            address.take_if(|address| address.len() > LONGEST_ADDRESS);
        }
        self.images.retain(|image| image.url.len() <= LONGEST_ADDRESS);
        self
    }

    /// Bytes that it holds beside its own struct, about.
    pub(crate) fn heap_size(&self) -> usize {
        // Named one by one, so that a field that is added is not forgotten here.
        let Self {
            title,
            body,
            blocks,
            title_source: _,
            authors,
            authors_source: _,
            published,
            modified,
            language,
            description,
            section,
            tags,
            dateline,
            source_url,
            canonical_url,
            site_name,
            amp_url,
            kind: _,
            images,
            breadcrumbs,
            is_accessible_for_free: _,
            rights: Rights { license, ai_training: _, mining_policy, signals },
            confidence: _,
            flags,
            removed,
        } = self;
        let fields = [
            title,
            description,
            section,
            dateline,
            source_url,
            canonical_url,
            site_name,
            amp_url,
            license,
            mining_policy,
        ];
        let dates = [published, modified].into_iter().flatten();
        body.len()
            + fields.into_iter().map(length).sum::<usize>()
            + dates.map(Published::heap_size).sum::<usize>()
            + language.as_ref().map_or(0, |language| language.tag.len())
            + [tags, breadcrumbs, signals]
                .into_iter()
                .flatten()
                .map(|text| text.len() + size_of::<String>())
                .sum::<usize>()
            + blocks.iter().map(|block| block.text.len() + size_of::<ContentBlock>()).sum::<usize>()
            + authors.iter().map(|author| author.name.len() + length(&author.url) + size_of::<Author>()).sum::<usize>()
            + images.iter().map(image_size).sum::<usize>()
            + removed.iter().map(|sum| sum.rule.len() + size_of::<RemovedSummary>()).sum::<usize>()
            + size_of_val(flags.as_slice())
    }
}

impl Published {
    fn heap_size(&self) -> usize {
        self.value.len() + self.raw.len() + length(&self.local_day)
    }
}

fn image_size(image: &Image) -> usize {
    image.url.len() + length(&image.caption) + length(&image.credit) + size_of::<Image>()
}

fn length(text: &Option<String>) -> usize {
    text.as_ref().map_or(0, String::len)
}

/// Cuts a text to its bound, between characters.
fn cut(text: &mut String) {
    if text.len() > LONGEST_TEXT {
        let end = (0..=LONGEST_TEXT).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        text.truncate(end);
        text.truncate(text.trim_end().len());
        text.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::super::about::AuthorKind;
    use super::super::{DateSource, Precision};
    use super::*;

    #[test]
    fn texts_are_cut_between_characters_and_addresses_left_out() {
        let long = || Some("é".repeat(LONGEST_TEXT));
        let address = |bytes: usize| Some(format!("https://example.org/{}", "x".repeat(bytes)));
        let image = |url: Option<String>| Image { url: url.unwrap(), caption: long(), ..Image::default() };
        let article = Article {
            title: Some(format!("{} {}", "a".repeat(LONGEST_TEXT - 1), "b".repeat(9))),
            description: long(),
            body: "b".repeat(3 * LONGEST_TEXT),
            canonical_url: address(LONGEST_ADDRESS),
            amp_url: address(10),
            images: vec![image(address(LONGEST_ADDRESS)), image(address(10))],
            ..Article::default()
        }
        .within_bounds();
        assert_eq!(article.title.unwrap(), "a".repeat(LONGEST_TEXT - 1), "no white space is left at the end");
        assert_eq!(article.description.unwrap().len(), LONGEST_TEXT);
        assert_eq!(article.body.len(), 3 * LONGEST_TEXT);
        assert_eq!((article.canonical_url, article.amp_url), (None, address(10)));
        assert_eq!(article.images.len(), 1);
        assert_eq!(article.images[0].caption.as_ref().unwrap().len(), LONGEST_TEXT);
    }

    #[test]
    fn every_text_of_an_article_is_counted() {
        let text = || Some("x".repeat(1_000));
        let date = || {
            Some(Published {
                value: "x".repeat(1_000),
                raw: "x".repeat(1_000),
                precision: Precision::Day,
                source: DateSource::Meta,
                local_day: None,
            })
        };
        let list = || vec!["x".repeat(1_000)];
        let author = Author { name: "x".repeat(1_000), kind: AuthorKind::Person, url: text() };
        let article = Article {
            title: text(),
            body: "x".repeat(1_000),
            authors: vec![author],
            published: date(),
            modified: date(),
            description: text(),
            section: text(),
            tags: list(),
            dateline: text(),
            source_url: text(),
            canonical_url: text(),
            site_name: text(),
            amp_url: text(),
            images: vec![Image { url: "x".repeat(1_000), caption: text(), credit: text(), ..Image::default() }],
            breadcrumbs: list(),
            rights: Rights { license: text(), mining_policy: text(), signals: list(), ai_training: None },
            ..Article::default()
        };
        let size = article.heap_size();
        assert!((23_000..24_000).contains(&size), "{size} bytes of 23 texts");
        assert_eq!(Article::default().heap_size(), 0);
    }
}
