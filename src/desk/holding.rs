//! What a delivery holds in memory, about: what its permit is charged for.

use crate::record::{Candidate, Request, Withdrawal};
use crate::source::{Delivery, Header};

/// What a delivery costs whatever its size: itself on its way through queues, its outcome, the places where it is kept. Small
/// payloads would be free without it, and a topic of empty ones would fill the memory.
const EACH_BYTES: usize = 1 << 10;

/// Bytes that a delivery takes, with what has to be kept beside it.
pub(super) fn delivery(delivery: &Delivery) -> usize {
    EACH_BYTES + delivery.headers.len() * size_of::<Header>() + delivery.size()
}

/// Bytes that what was made of it takes.
pub(super) fn request(request: &Request) -> usize {
    match request {
        Request::Publish(candidate) => of_candidate(candidate),
        Request::Retract(withdrawal) => {
            withdrawal.url.as_ref().map_or(0, String::len) + withdrawal.found.why.len() + size_of::<Withdrawal>()
        }
    }
}

fn of_candidate(candidate: &Candidate) -> usize {
    let identity = &candidate.fingerprint.identity;
    let addresses = [&identity.publisher, &identity.url, &identity.syndicated_from].into_iter().flatten();
    candidate.article.heap_size()
        + addresses.map(String::len).sum::<usize>()
        + size_of_val(identity.delivered.as_slice())
        + candidate.fingerprint.sketch.as_ref().map_or(0, |sketch| sketch.as_bytes().len())
        + candidate.found.why.len()
        + size_of::<Candidate>()
}
