//! copydesk turns raw crawled pages into clean, deduplicated, structured article records.
//!
//! # Layout
//! The module order is the order in which a payload flows: a [`source`] gives deliveries, a delivery's [`payload`] becomes
//! a [`document`], a document an [`article`], an article a [`fingerprint`], a fingerprint meets the claims in the [`index`]
//! and gets a [`verdict`], and what is to be published, a [`record`], goes to a [`sink`]. The [`desk`] carries it there.

pub mod source;
pub mod payload;
pub mod document;
pub mod article;
pub mod fingerprint;
pub mod verdict;
pub mod index;
mod frames;
pub mod record;
pub mod rejection;
pub mod sink;
pub mod desk;
pub mod kafka;
pub mod telemetry;
pub mod config;
pub mod cli;
