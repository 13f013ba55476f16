//! CPU time, for benches.

use std::time::Duration;

/// CPU time of this thread. Not that of `/proc/thread-self/schedstat`, which stands still between the ticks of the kernel's clock,
/// milliseconds apart.
pub fn thread_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}

/// A duration in milliseconds.
#[allow(dead_code, reason = "each bench uses its part")]
pub fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
