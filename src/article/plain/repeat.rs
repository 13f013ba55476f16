//! Lines that stand in the text already: doubled bodies, titles repeated over an image.

use std::collections::HashSet;

use super::lines::Lines;
use crate::article::{BlockKind, prose};

/// Shorter lines may repeat on purpose: refrains, "Yes.", subheads of a list.
const SHORTEST: usize = 40;

/// Removes every later copy of a line.
pub(super) fn mark(lines: &mut Lines) {
    let mut seen: HashSet<String> = HashSet::new();
    for line in lines.0.iter_mut().filter(|line| line.is_kept()) {
        if prose::weight(&line.key) < SHORTEST {
            continue;
        }
        if !seen.insert(line.key.clone()) {
            line.remove(BlockKind::Repeated, "repeat:line");
        }
    }
}
