//! Bounds the bytes in flight (invariant I7).

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// A pool of bytes.
#[derive(Debug, Clone)]
pub(crate) struct Permits(Arc<Pool>);

#[derive(Debug)]
struct Pool {
    size: usize,
    free: Mutex<usize>,
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
        Self(Arc::new(Pool { size, free: Mutex::new(size), returned: Condvar::new() }))
    }

    /// Takes bytes, waiting at most `timeout`. More than the whole pool is clamped to it: such a delivery then goes
    /// alone, instead of never.
    pub(crate) fn acquire(&self, bytes: usize, timeout: Duration) -> Option<Permit> {
        let bytes = bytes.min(self.0.size);
        let free = self.0.free.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut free, _) = self
            .0
            .returned
            .wait_timeout_while(free, timeout, |free| *free < bytes)
            .unwrap_or_else(PoisonError::into_inner);
        *free = free.checked_sub(bytes)?;
        Some(Permit { bytes, pool: Arc::clone(&self.0) })
    }

    /// Bytes that nobody holds.
    pub(crate) fn free(&self) -> usize {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// Gives back what is not needed beyond `bytes`.
    pub(crate) fn shrink_to(&mut self, bytes: usize) {
        let surplus = self.bytes.saturating_sub(bytes);
        self.bytes -= surplus;
        self.pool.give_back(surplus);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.pool.give_back(self.bytes);
    }
}

impl Pool {
    fn give_back(&self, bytes: usize) {
        *self.free.lock().unwrap_or_else(PoisonError::into_inner) += bytes;
        self.returned.notify_one();
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
        first.shrink_to(60);
        let second = permits.acquire(30, Duration::ZERO).unwrap();
        assert_eq!(permits.free(), 10);
        drop((first, second));
        assert_eq!(permits.free(), 100);
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
        assert_eq!(permits.free(), 100);
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
