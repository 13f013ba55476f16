//! Bounds the bytes in flight (invariant I7).

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A pool of bytes.
#[derive(Debug, Clone)]
pub(crate) struct Permits(Arc<Pool>);

#[derive(Debug)]
struct Pool {
    size: usize,
    held: Mutex<usize>,
    returned: Condvar,
}

/// Bytes taken from the pool, given back on drop.
#[derive(Debug)]
pub(crate) struct Permit {
    bytes: usize,
    pool: Arc<Pool>,
}

impl Permits {
    pub(crate) fn new(size: usize) -> Self {
        Self(Arc::new(Pool { size, held: Mutex::default(), returned: Condvar::new() }))
    }

    /// Takes bytes, waiting at most `timeout`. More than the whole pool is clamped to it: such a delivery then goes
    /// alone, instead of never.
    pub(crate) fn acquire(&self, bytes: usize, timeout: Duration) -> Option<Permit> {
        let size = self.0.size;
        let bytes = bytes.min(size);
        let has_room = |held: usize| held.checked_add(bytes).is_some_and(|sum| sum <= size);
        let (mut held, _) = self
            .0
            .returned
            .wait_timeout_while(self.0.held(), timeout, |held| !has_room(*held))
            .unwrap_or_else(PoisonError::into_inner);
        if !has_room(*held) {
            return None;
        }
        *held += bytes;
        Some(Permit { bytes, pool: Arc::clone(&self.0) })
    }

    /// Bytes that are taken. May be more than the pool has: see [`Permit::settle_at`].
    pub(crate) fn held(&self) -> usize {
        *self.0.held()
    }
}

impl Permit {
    /// Holds as many bytes as are needed indeed. More than were taken are not waited for, because they are there already;
    /// but nothing else is let in until the pool has room again.
    pub(crate) fn settle_at(&mut self, bytes: usize) {
        let mut held = self.pool.held();
        *held = held.saturating_sub(self.bytes).saturating_add(bytes);
        self.bytes = bytes;
        self.pool.returned.notify_one();
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.settle_at(0);
    }
}

impl Pool {
    fn held(&self) -> MutexGuard<'_, usize> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_given_back() {
        let permits = Permits::new(100);
        let mut first = permits.acquire(80, Duration::ZERO).unwrap();
        assert!(permits.acquire(30, Duration::ZERO).is_none());
        first.settle_at(60);
        let second = permits.acquire(30, Duration::ZERO).unwrap();
        assert_eq!(permits.held(), 90);
        drop((first, second));
        assert_eq!(permits.held(), 0);
    }

    #[test]
    fn a_delivery_larger_than_the_pool_goes_alone() {
        let permits = Permits::new(100);
        let small = permits.acquire(1, Duration::ZERO).unwrap();
        assert!(permits.acquire(1000, Duration::ZERO).is_none());
        drop(small);
        let whole = permits.acquire(1000, Duration::ZERO).unwrap();
        assert!(permits.acquire(1, Duration::ZERO).is_none());
        drop(whole);
        assert_eq!(permits.held(), 0);
    }

    #[test]
    fn what_turns_out_larger_keeps_others_out_until_it_is_gone() {
        let permits = Permits::new(100);
        let mut larger = permits.acquire(40, Duration::ZERO).unwrap();
        larger.settle_at(120);
        assert_eq!(permits.held(), 120);
        assert!(permits.acquire(1, Duration::ZERO).is_none());
        drop(larger);
        assert!(permits.acquire(100, Duration::ZERO).is_some());
    }

    #[test]
    fn a_waiter_is_woken_by_what_comes_back() {
        let permits = Permits::new(10);
        let held = permits.acquire(10, Duration::ZERO).unwrap();
        let waiting = permits.clone();
        let waiter = std::thread::spawn(move || waiting.acquire(5, Duration::from_secs(60)).is_some());
        drop(held);
        assert!(waiter.join().unwrap());
    }
}
