//! What a job took: wall time, its own CPU time, its broker's, and what of the machine nobody used.

use std::time::{Duration, Instant};

/// `/proc/PID/stat` counts in these, whatever the kernel's own tick.
const TICKS_PER_SECOND: f64 = 100.0;

/// Field of `/proc/PID/stat` behind the command's name, which may hold spaces.
fn ticks(process: &str, first: usize) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    fields.split(' ').skip(first).take(2).map(|field| field.parse::<f64>().unwrap()).sum::<f64>() / TICKS_PER_SECOND
}

/// User and system seconds of a process that runs, with all its threads.
fn of_process(id: u32) -> f64 {
    ticks(&id.to_string(), 11)
}

/// User and system seconds of the children of this process that have ended and were waited for.
fn of_children() -> f64 {
    ticks("self", 13)
}

/// Seconds in which cores had nothing to do, over all cores, since the machine started.
fn idle() -> f64 {
    let stat = std::fs::read_to_string("/proc/stat").unwrap();
    // user, nice, system, idle, iowait, …
    stat.lines().next().unwrap().split_whitespace().skip(4).take(2).map(|n| n.parse::<f64>().unwrap()).sum::<f64>()
        / TICKS_PER_SECOND
}

/// One row.
#[derive(Debug, Clone)]
pub struct Spent {
    pub items: usize,
    pub wall: Duration,
    /// Seconds.
    pub cpu: f64,
    /// Seconds.
    pub broker_cpu: f64,
    /// Seconds, over all cores.
    pub idle: f64,
}

impl Spent {
    /// Items a second by the clock.
    pub fn rate(&self) -> f64 {
        self.items as f64 / self.wall.as_secs_f64()
    }

    /// Milliseconds of the job's own CPU time for one item.
    pub fn cpu_ms(&self) -> f64 {
        self.cpu * 1_000.0 / self.items as f64
    }

    /// Items a second for each core that the broker, and whatever else ran, left to the job.
    pub fn rate_of_a_core(&self) -> f64 {
        self.items as f64 / (self.cpu + self.idle)
    }

    pub fn row(&self, name: &str) -> String {
        format!(
            "| {name} | {} | {:.1} | {:.1} | {:.1} | {:.1} | {:.0} | {:.2} | {:.0} |",
            self.items,
            self.wall.as_secs_f64(),
            self.cpu,
            self.broker_cpu,
            self.idle,
            self.rate(),
            self.cpu_ms(),
            self.rate_of_a_core()
        )
    }
}

/// The header of the rows.
pub fn head(item: &str) -> String {
    format!(
        "| job | {item}s | wall s | CPU s | broker's CPU s | idle s | {item}s/s | CPU ms a {item} | {item}s/s a core |\n\
         |---|---|---|---|---|---|---|---|---|"
    )
}

/// A measurement under way.
pub struct Stopwatch {
    began: Instant,
    jobs: Vec<u32>,
    broker: Option<u32>,
    /// CPU time of the jobs, of children that have ended, of the broker; idle time.
    at_first: [f64; 4],
}

impl Stopwatch {
    /// From now on, for these processes and for children that end meanwhile.
    pub fn start(jobs: &[u32], broker: Option<u32>) -> Self {
        Self { began: Instant::now(), jobs: jobs.to_vec(), broker, at_first: read(jobs, broker) }
    }

    /// Until now.
    pub fn stop(self, items: usize) -> Spent {
        let now = read(&self.jobs, self.broker);
        let [jobs, children, broker_cpu, idle] = std::array::from_fn(|at| now[at] - self.at_first[at]);
        Spent { items, wall: self.began.elapsed(), cpu: jobs + children, broker_cpu, idle }
    }
}

fn read(jobs: &[u32], broker: Option<u32>) -> [f64; 4] {
    [jobs.iter().copied().map(of_process).sum(), of_children(), broker.map_or(0.0, of_process), idle()]
}
