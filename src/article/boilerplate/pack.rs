//! The schema of a phrase pack: one TOML file a kind, phrases by language.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::RuleError;
use crate::article::BlockKind;

/// Phrases by BCP-47 language; `any` holds those that belong to no language (names of networks).
pub(super) type ByLanguage = BTreeMap<String, Vec<String>>;

/// One kind of furniture and how it is recognised. Phrases are matched on folded text, at word boundaries.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pack {
    /// What a matching block is.
    pub(super) kind: Option<BlockKind>,
    /// Whether what matches is no proof: it is told to the classifier, and to rules that know more.
    #[serde(default)]
    pub(super) evidence: bool,
    /// Longest block, in characters, that `starts` may remove.
    #[serde(default = "default_start_chars")]
    pub(super) start_chars: usize,
    /// Longest block, in characters, that `phrases` may remove.
    #[serde(default = "default_phrase_chars")]
    pub(super) phrase_chars: usize,
    /// Longest block, in characters, that cues, actions and objects together may remove.
    #[serde(default = "default_score_chars")]
    pub(super) score_chars: usize,
    /// A block made of labels alone, run together or not, is removed. A trailing `*` lets a name follow.
    #[serde(default)]
    pub(super) labels: ByLanguage,
    /// Labels that say nothing alone ("OK"): they count beside a block of the same kind.
    #[serde(default)]
    pub(super) beside: ByLanguage,
    /// Beginnings of blocks.
    #[serde(default)]
    pub(super) starts: ByLanguage,
    /// Sentences that tell by themselves.
    #[serde(default)]
    pub(super) phrases: ByLanguage,
    /// Together with an action and an object of the same language: what it is about.
    #[serde(default)]
    pub(super) cues: ByLanguage,
    /// What the reader is asked to do.
    #[serde(default)]
    pub(super) actions: ByLanguage,
    /// The address to the reader, or what the action is for.
    #[serde(default)]
    pub(super) objects: ByLanguage,
    /// Blocks that must be recognised: the pack's own tests.
    #[serde(default)]
    #[cfg_attr(not(test), allow(dead_code, reason = "read by the pack tests"))]
    pub(super) positive: ByLanguage,
    /// Blocks that must not.
    #[serde(default)]
    #[cfg_attr(not(test), allow(dead_code, reason = "read by the pack tests"))]
    pub(super) negative: ByLanguage,
}

fn default_start_chars() -> usize {
    160
}

fn default_phrase_chars() -> usize {
    400
}

fn default_score_chars() -> usize {
    200
}

/// A pack from its TOML text.
pub(super) fn parse(name: &str, text: &str) -> Result<(BlockKind, Pack), RuleError> {
    let invalid = |detail: String| RuleError::Invalid { file: name.to_owned(), detail };
    let pack: Pack = toml::from_str(text).map_err(|error| invalid(error.to_string()))?;
    let kind = pack.kind.ok_or_else(|| invalid("kind is missing".to_owned()))?;
    Ok((kind, pack))
}
