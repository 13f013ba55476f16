//! Where the input resumes once a batch is committed.

use crate::source::{Coordinate, Positions};

/// Takes a delivery into the positions of its batch.
///
/// Deliveries come in offset order per partition and a batch leaves none out, so that the highest offset covers all
/// before it (invariant I5). A lower one would move a commit backwards: it is refused, and has a batch of its own.
pub(super) fn cover(positions: &mut Positions, delivery: &Coordinate) -> bool {
    let next = delivery.offset.next();
    match positions.get_mut(&delivery.partition) {
        Some(known) if next <= *known => false,
        Some(known) => {
            *known = next;
            true
        }
        None => {
            positions.insert(delivery.partition.clone(), next);
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::source::{NextOffset, Offset, Partition};

    #[test]
    fn positions_point_one_past_the_last_delivery_and_never_back() {
        let at = |number, offset| Coordinate {
            partition: Partition { topic: Arc::from("raw"), number },
            offset: Offset(offset),
        };
        let mut positions = Positions::new();
        // Gaps are usual: transactional input topics have markers in their offsets.
        for delivery in [at(0, 5), at(1, 0), at(0, 9)] {
            assert!(cover(&mut positions, &delivery));
        }
        assert!(!cover(&mut positions, &at(0, 9)));
        assert!(!cover(&mut positions, &at(0, 7)));
        assert_eq!(positions.values().copied().collect::<Vec<_>>(), [NextOffset(10), NextOffset(1)]);
    }
}
