//! Which words of a block stand elsewhere on the page.

use std::ops::Range;

use foldhash::HashSet;

use super::Page;
use crate::article::features::{MOST_WORDS, PageWords, Rows, TextWords};
use crate::article::html::blocks::Block;
use crate::article::html::classify::Asked;
use crate::article::metadata::PageFields;

/// The words of the blocks, of the container, and of what the page says about itself.
pub(in crate::article::html) struct Words {
    blocks: Vec<TextWords>,
    title: PageWords,
    description: PageWords,
    data: PageWords,
    authors: PageWords,
    publisher: PageWords,
    container: PageWords,
    /// Blocks within the container.
    within: Range<usize>,
    /// Words of further blocks that may be looked at.
    left: usize,
}

impl Words {
    /// Those of the running text and of what the page says; there is no container yet.
    pub(in crate::article::html) fn of(blocks: &[Block], fields: &PageFields) -> Self {
        let mut left = MOST_WORDS;
        let mut words = |block: &Block| {
            if block.prose { TextWords::of(&block.text, &mut left) } else { TextWords::default() }
        };
        let blocks = blocks.iter().map(&mut words).collect();
        let text = |text: &Option<String>| text.as_deref().map(PageWords::of).unwrap_or_default();
        Self {
            blocks,
            title: text(&fields.title),
            description: text(&fields.description),
            data: text(&fields.article_body),
            authors: PageWords::of(&fields.author_names().collect::<Vec<_>>().join(" ")),
            publisher: PageWords::of(&fields.publisher_names.join(" ")),
            container: PageWords::default(),
            within: 0..0,
            left,
        }
    }

    /// How many different longer words of a block of running text the title or the description has too.
    pub(in crate::article::html) fn about(&self, at: usize) -> usize {
        let telling = self.blocks.get(at).into_iter().flat_map(TextWords::telling);
        telling.filter(|word| self.title.has(*word) || self.description.has(*word)).collect::<HashSet<u64>>().len()
    }

    /// Adds those of the container, and of all blocks that are asked about.
    pub(super) fn with_container(mut self, page: &Page<'_, '_>, asked: &Asked) -> Self {
        let (from, to) = page.spans.of(page.container);
        for (at, (block, words)) in page.blocks.iter().zip(&mut self.blocks).enumerate() {
            if asked.is(at) && !block.prose {
                *words = TextWords::of(&block.text, &mut self.left);
            }
        }
        for (block, words) in page.blocks.iter().zip(&self.blocks).take(to).skip(from) {
            if is_counted(block) {
                self.container.add(words);
            }
        }
        self.within = from..to;
        self
    }

    pub(super) fn describe(&self, row: &mut Rows, at: usize, block: &Block) {
        let Some(words) = self.blocks.get(at) else { return };
        let title = self.title.likeness(words, false);
        row.push("title_words", title.words);
        row.push("title_covered", title.covered);
        let description = self.description.likeness(words, false);
        row.push("description_words", description.words);
        row.push("description_covered", description.covered);
        let data = self.data.likeness(words, false);
        row.push("data_words", if self.data.is_empty() { -1.0 } else { data.words });
        row.push("data_runs", if self.data.is_empty() { -1.0 } else { self.data.shared_runs(words, false) });
        let authors = self.authors.likeness(words, false);
        row.push("author_words", if self.authors.is_empty() { -1.0 } else { authors.words });
        row.push("author_covered", authors.covered);
        row.flag("begins_with_author", words.first().is_some_and(|first| self.authors.has(first)));
        let publisher = self.publisher.likeness(words, false);
        row.push("publisher_words", publisher.words);
        row.push("publisher_covered", publisher.covered);
        row.flag("begins_with_publisher", words.first().is_some_and(|first| self.publisher.has(first)));
        let own = self.within.contains(&at) && is_counted(block);
        let container = self.container.likeness(words, own);
        row.push("container_words", container.telling);
        row.push("container_runs", self.container.shared_runs(words, own));
    }
}

/// Whether the words of a block are those of the container.
fn is_counted(block: &Block) -> bool {
    block.prose && block.mark == 0
}
