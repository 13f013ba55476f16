//! Sums over the blocks of a page.

use super::Page;
use crate::article::html::blocks::Block;

/// Prefix sums over the blocks of a page.
pub(super) struct Sums {
    pub(super) weight: Vec<usize>,
    pub(super) prose: Vec<usize>,
    pub(super) links: Vec<usize>,
    pub(super) kept: Vec<usize>,
}

impl Sums {
    pub(super) fn of(page: &Page<'_, '_>) -> Self {
        let sum = |value: &dyn Fn(usize, &Block) -> usize| {
            let mut sums = Vec::with_capacity(page.blocks.len() + 1);
            let mut sum = 0;
            sums.push(sum);
            for (at, block) in page.blocks.iter().enumerate() {
                sum += value(at, block);
                sums.push(sum);
            }
            sums
        };
        Self {
            weight: sum(&|_, block| block.weight),
            prose: sum(&|_, block| if block.prose { block.weight } else { 0 }),
            links: sum(&|_, block| block.weight * block.links / 100),
            kept: sum(&|at, block| if page.is_kept(at) { block.weight } else { 0 }),
        }
    }

    pub(super) fn between(sums: &[usize], from: usize, to: usize) -> usize {
        sums.get(to).copied().unwrap_or(0).saturating_sub(sums.get(from).copied().unwrap_or(0))
    }

    pub(super) fn all(sums: &[usize]) -> usize {
        sums.last().copied().unwrap_or(0)
    }
}

/// Blocks between each block and the nearest that the rules keep, on each side.
pub(super) struct Gaps {
    pub(super) since: Vec<usize>,
    pub(super) until: Vec<usize>,
}

impl Gaps {
    pub(super) fn of(page: &Page<'_, '_>) -> Self {
        let count = |places: &mut dyn Iterator<Item = usize>| {
            let mut gap = 0;
            places
                .map(|at| {
                    let own = gap;
                    gap = if page.is_kept(at) { 0 } else { gap + 1 };
                    own
                })
                .collect::<Vec<usize>>()
        };
        let since = count(&mut (0..page.blocks.len()));
        let mut until = count(&mut (0..page.blocks.len()).rev());
        until.reverse();
        Self { since, until }
    }
}
