//! What this program is made of.

use serde::Serialize;

/// Shown by `/version` and `copydesk_build_info`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Build {
    /// Version of copydesk.
    pub version: &'static str,
    /// Revision of its source; "unknown" unless `COPYDESK_REVISION` was set for the compiler.
    pub revision: &'static str,
    /// Version of librdkafka.
    pub librdkafka: String,
    /// Hash of the extraction rules that are compiled in.
    pub rules: String,
}

impl Build {
    /// This program, over that librdkafka.
    pub fn new(librdkafka: String) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            revision: option_env!("COPYDESK_REVISION").filter(|revision| !revision.is_empty()).unwrap_or("unknown"),
            librdkafka,
            rules: crate::article::rules_version(),
        }
    }
}
