//! The bound that a configuration puts on resident memory (ARCHITECTURE.md, "Memory").

#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(clippy::expect_used, reason = "tests fail by panicking")]

pub const MIB: f64 = 1024.0 * 1024.0;
/// Of one node of a tree with what is known of it, its text apart.
const NODE_BYTES: f64 = 320.0;
/// Of the data that a page describes itself with, parsed: at most 100,000 values.
const DATA_MIB: f64 = 32.0;
/// Code, rules, runtime and allocator.
const BASE_MIB: f64 = 96.0;
/// Fetch queues of the input and the changelog.
const CLIENTS_MIB: f64 = 2.0 * 16.0;
const CLAIM_BYTES: f64 = 1_200.0;

/// The keys that bound what a page holds.
#[derive(Debug, Clone, Copy)]
pub struct PageLimits {
    pub decoded_mib: f64,
    pub html_nodes: f64,
}

impl PageLimits {
    /// The bound for one page while it is extracted, beside its payload, in MiB.
    pub fn bound_mib(&self) -> f64 {
        // Its text is there decoded, in its tree and in its blocks, and one block a fourth time while it is looked at.
        4.0 * self.decoded_mib + self.html_nodes * NODE_BYTES / MIB + DATA_MIB
    }
}

/// The keys that bound memory.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub in_flight_mib: f64,
    pub page: PageLimits,
    pub record_mib: f64,
    pub batch_mib: f64,
    pub threads: f64,
}

impl Limits {
    /// The bound for so many claims in the index, in MiB.
    pub fn bound_mib(&self, claims: f64) -> f64 {
        let extraction = self.threads * self.page.bound_mib();
        // Outputs are there in the open batch, in the one under way, and in the producer's queue.
        let outputs = 3.0 * (self.batch_mib + self.record_mib);
        BASE_MIB + self.in_flight_mib + extraction + outputs + CLIENTS_MIB + claims * CLAIM_BYTES / MIB
    }

    /// As settings of the service; a payload may be as large as a record.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let mib = |mib: f64| format!("{mib}MiB");
        vec![
            ("limits.in_flight_bytes", mib(self.in_flight_mib)),
            ("limits.payload_bytes", mib(self.record_mib)),
            ("limits.record_bytes", mib(self.record_mib)),
            ("limits.article_bytes", "256KiB".to_owned()),
            ("limits.decoded_bytes", mib(self.page.decoded_mib)),
            ("limits.html_nodes", self.page.html_nodes.to_string()),
            ("batch.max_bytes", mib(self.batch_mib)),
            ("extract.threads", self.threads.to_string()),
        ]
    }
}

/// A size that `/proc/self/status` names, in MiB.
pub fn own_mib(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells a process its sizes");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a size of that name");
    let kib = line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).expect("a size in KiB");
    kib / 1024.0
}
