//! Faults against a real Apache Kafka: real processes are killed, and a reader checks what became of every payload.
//!
//! `make test-faults` runs all of them, `make test` a short subset. Names given as arguments choose among them. The last
//! line counts; a fault that fails, a loss or a repetition makes the exit code 1.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

#[path = "../support"]
mod support {
    pub mod articles;
    pub mod desk;
    pub mod kafka;
    pub mod memory;
    pub mod service;
}

mod brokers;
mod group;
mod harness;
mod network;
mod pressure;
mod process;
mod sizes;
mod state;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Instant;

use harness::Tally;
use support::kafka::{Broker, wanted};

/// How much of a fault is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// What fits into `make test`.
    Short,
    /// Everything.
    Whole,
}

/// A fault: its name, whether `make test` tries it, and the trial.
type Fault = (&'static str, bool, fn(&Broker, Extent) -> Tally);

const FAULTS: &[Fault] = &[
    ("service_killed_at_random_moments", true, process::killed_at_random_moments),
    ("service_killed_while_restoring", false, process::killed_while_restoring),
    ("service_killed_at_least_once", false, process::killed_at_least_once),
    ("broker_restarted", false, brokers::restarted),
    ("broker_away_for_a_minute", false, brokers::away_for_a_minute),
    ("broker_frozen", false, brokers::frozen),
    ("members_come_and_go", false, group::members_come_and_go),
    ("zombie_thawed", true, group::zombie),
    ("instance_started_twice", false, group::instance_started_twice),
    ("static_member_restarted", false, group::static_member_restarted),
    ("input_partitions_added", false, group::partitions_added),
    ("topic_missing_at_start", false, group::topic_missing),
    ("index_deleted", true, state::index_deleted),
    ("index_without_room", true, state::index_without_room),
    ("changelog_made_again", false, state::changelog_made_again),
    ("index_of_another_cluster", false, state::index_of_another_cluster),
    ("rewound_and_suppressed", false, state::rewound_and_suppressed),
    ("rewound_and_reemitted", false, state::rewound_and_reemitted),
    ("record_of_2099", false, state::record_of_2099),
    ("clock_jumps", false, state::clock_jumps),
    ("record_too_large", false, sizes::record_too_large),
    ("dead_letter_too_large", false, sizes::dead_letter_too_large),
    ("dead_letters_refused", true, sizes::dead_letters_refused),
    ("dead_letters_deleted", false, sizes::dead_letters_deleted),
    ("dead_letter_storm", false, pressure::dead_letter_storm),
    ("flood", false, pressure::flood),
    ("offset_out_of_range", false, sizes::offset_out_of_range),
    ("input_made_again", false, sizes::input_made_again),
    ("input_made_again_under_load", false, sizes::input_made_again_under_load),
    ("connections_reset", false, network::connections_reset),
    ("black_hole", false, network::black_hole),
    ("answers_take_400_ms", false, network::slow),
    ("one_broker_of_three_killed", false, brokers::one_of_three_killed),
    ("one_broker_of_three_out_of_reach", false, network::one_of_three_out_of_reach),
    ("coordinators_move", false, brokers::coordinators_move),
];

fn main() -> ExitCode {
    for (name, ..) in FAULTS {
        assert!(
            include_str!("../../docs/operations.md").contains(&format!("`{name}`")),
            "{name} is not in docs/operations.md"
        );
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--list") || !wanted() {
        return ExitCode::SUCCESS;
    }
    let extent = match std::env::var("COPYDESK_FAULTS").as_deref() {
        Ok("all") => Extent::Whole,
        _ => Extent::Short,
    };
    let names: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    let is_chosen = |(name, is_short, _): &&Fault| {
        if names.is_empty() {
            extent == Extent::Whole || *is_short
        } else {
            names.iter().any(|part| name.contains(part.as_str()))
        }
    };
    let chosen: Vec<&Fault> = FAULTS.iter().filter(is_chosen).collect();
    // Tests that are asked for by name live in other binaries too.
    if chosen.is_empty() {
        return ExitCode::SUCCESS;
    }
    let broker = Broker::start();
    let mut total = Tally::default();
    let mut survived = 0;
    for (name, _, fault) in &chosen {
        let began = Instant::now();
        let result = catch_unwind(AssertUnwindSafe(|| fault(&broker, extent)));
        let seconds = began.elapsed().as_secs();
        match result {
            Ok(tally) => {
                total += tally;
                let is_survived = tally.lost == 0 && tally.twice == 0;
                survived += usize::from(is_survived);
                let Tally { checked, lost, twice } = tally;
                let verdict = if is_survived { "survived" } else { "FAILED" };
                println!("fault {name}: {verdict}, {checked} records checked, {lost} lost, {twice} twice, {seconds} s");
            }
            Err(_) => {
                println!("fault {name}: FAILED after {seconds} s");
                // What one fault leaves behind must not be another's.
                broker.control("start");
            }
        }
    }
    let Tally { checked, lost, twice } = total;
    println!("faults {survived}/{} survived, {checked} records checked, {lost} lost, {twice} twice", chosen.len());
    if survived == chosen.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
