//! Which words of a block stand elsewhere on the page.

use super::Page;
use crate::article::features::{PageWords, Rows, TextWords};
use crate::article::html::blocks::Block;
use crate::article::html::classify::Asked;

/// The words of the blocks, of the container, and of what the page says about itself.
pub(super) struct Words {
    blocks: Vec<TextWords>,
    title: PageWords,
    description: PageWords,
    data: PageWords,
    authors: PageWords,
    container: PageWords,
    /// Blocks within the container.
    within: std::ops::Range<usize>,
}

impl Words {
    /// `blocks` are the words of the running text, which is always asked about.
    pub(super) fn of(page: &Page<'_, '_>, asked: &Asked, mut blocks: Vec<TextWords>) -> Self {
        let (from, to) = page.spans.of(page.container);
        for (at, (block, words)) in page.blocks.iter().zip(&mut blocks).enumerate() {
            if asked.is(at) && !block.prose {
                *words = TextWords::of(&block.text);
            }
        }
        let mut container = PageWords::default();
        for (block, words) in page.blocks.iter().zip(&blocks).take(to).skip(from) {
            if is_counted(block) {
                container.add(words);
            }
        }
        let text = |text: &Option<String>| text.as_deref().map(PageWords::of).unwrap_or_default();
        Self {
            title: text(&page.fields.title),
            description: text(&page.fields.description),
            data: text(&page.fields.article_body),
            authors: PageWords::of(&page.fields.authors()),
            container,
            blocks,
            within: from..to,
        }
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
