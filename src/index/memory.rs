//! The index in memory: rebuilt from the changelog at each start.

use std::sync::Arc;

use super::{ChangelogPositions, ClaimTable, DedupIndex, IndexError, Query};
use crate::sink::VouchedClaims;
use crate::verdict::Claim;

/// Claims in memory.
#[derive(Debug, Default)]
pub struct MemoryIndex {
    claims: ClaimTable,
    restored_to: ChangelogPositions,
}

impl DedupIndex for MemoryIndex {
    fn lookup(&self, query: Query<'_>) -> Result<Option<Arc<Claim>>, IndexError> {
        Ok(self.claims.find(query).cloned())
    }

    fn apply(&mut self, claims: VouchedClaims) -> Result<(), IndexError> {
        for claim in claims.claims() {
            self.claims.insert(claim);
        }
        if let Some(reached) = claims.changelog() {
            self.restored_to.advance(reached);
        }
        Ok(())
    }

    fn restored_to(&self) -> &ChangelogPositions {
        &self.restored_to
    }

    fn len(&self) -> usize {
        self.claims.len()
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
