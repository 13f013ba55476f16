//! copydesk turns raw crawled pages into clean, deduplicated, structured article records.
//!
//! # Layout
//! The module order is the order in which a payload flows.

pub mod document;
pub mod article;
pub mod rejection;
