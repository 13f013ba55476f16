//! Reading within the permits.

use crate::source::Delivery;

/// A delivery with the permits for its bytes.
#[derive(Debug)]
pub(crate) struct Admitted {
    /// The delivery.
    pub delivery: Delivery,
}
