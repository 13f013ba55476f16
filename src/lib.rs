//! copydesk turns raw crawled pages into clean, deduplicated, structured article records.
//!
//! # Layout
//! The module order is the order in which a payload flows: a [`source`] gives deliveries, a delivery's [`payload`] becomes
//! a [`document`], a document an [`article`], an article a [`fingerprint`], a fingerprint meets the claims in the [`index`]
//! and gets a [`verdict`], and what is to be published, a [`record`], goes to a [`sink`]. The [`desk`] carries it there.

pub mod article;
pub mod cli;
pub mod config;
pub mod dead_letter;
pub mod desk;
pub mod document;
pub mod fingerprint;
mod frames;
pub mod index;
mod json;
pub mod kafka;
mod lock;
mod misread;
pub mod payload;
pub mod quarantine;
pub mod record;
pub mod rejection;
pub mod sink;
pub mod source;
pub mod telemetry;
pub mod verdict;

/// Pages are trees of many small parts, which jemalloc hands out and takes back in less time than the system's allocator does. It is
/// set here and not in the program, so that what the benches measure is what runs.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
