//! The index in memory: rebuilt from the changelog at each start.

use super::{Answers, ChangelogPositions, ClaimTable, DedupIndex, IndexError, IndexSize};
use crate::sink::VouchedClaims;
use crate::verdict::Day;

/// Claims in memory.
#[derive(Debug, Default)]
pub struct MemoryIndex {
    claims: ClaimTable,
    restored_to: ChangelogPositions,
}

impl DedupIndex for MemoryIndex {
    fn answers(&self) -> &dyn Answers {
        &self.claims
    }

    fn apply(&mut self, claims: VouchedClaims) -> Result<(), IndexError> {
        for claim in claims.claims() {
            self.claims.insert(claim)?;
        }
        if let Some(reached) = claims.changelog() {
            self.restored_to.advance(reached);
        }
        Ok(())
    }

    fn expire(&mut self, oldest: Day) -> Result<(), IndexError> {
        self.claims.expire(oldest);
        Ok(())
    }

    fn restored_to(&self) -> &ChangelogPositions {
        &self.restored_to
    }

    fn size(&self) -> IndexSize {
        self.claims.size()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::conformance;

    #[test]
    fn conforms() {
        conformance::check(&mut || Box::new(MemoryIndex::default()));
    }
}
