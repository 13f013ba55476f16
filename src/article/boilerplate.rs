//! Knowledge about furniture: phrase packs and selector rules, compiled in as data, and the one matcher over them.

mod folded;
mod matcher;
mod openings;
mod pack;
mod selectors;
mod vocabulary;

use thiserror::Error;

use super::flags::ErrorPages;
use super::model::ModelError;
use super::mounted::MountedRules;

pub(crate) use folded::{fold, letters};
pub(crate) use matcher::{PhraseMatcher, Verdict};
pub(crate) use selectors::{Attributes, Names, SelectorRules};
pub(crate) use vocabulary::{Field, Vocabulary};

/// The compiled-in phrase packs: a name for errors, and the text. Order decides between kinds that claim one label.
const PACKS: [(&str, &str); 19] = [
    ("consent", include_str!("../../config/boilerplate/consent.toml")),
    ("comments", include_str!("../../config/boilerplate/comments.toml")),
    ("share", include_str!("../../config/boilerplate/share.toml")),
    ("related", include_str!("../../config/boilerplate/related.toml")),
    ("newsletter", include_str!("../../config/boilerplate/newsletter.toml")),
    ("paywall", include_str!("../../config/boilerplate/paywall.toml")),
    ("navigation", include_str!("../../config/boilerplate/navigation.toml")),
    ("counter", include_str!("../../config/boilerplate/counter.toml")),
    ("advertisement", include_str!("../../config/boilerplate/advertisement.toml")),
    ("app_promotion", include_str!("../../config/boilerplate/app_promotion.toml")),
    ("image_credit", include_str!("../../config/boilerplate/image_credit.toml")),
    ("copyright", include_str!("../../config/boilerplate/copyright.toml")),
    ("machine_translation", include_str!("../../config/boilerplate/machine_translation.toml")),
    ("disclaimer", include_str!("../../config/boilerplate/disclaimer.toml")),
    ("donation", include_str!("../../config/boilerplate/donation.toml")),
    ("affiliate", include_str!("../../config/boilerplate/affiliate.toml")),
    ("company", include_str!("../../config/boilerplate/company.toml")),
    ("contact", include_str!("../../config/boilerplate/contact.toml")),
    ("author", include_str!("../../config/boilerplate/author.toml")),
];

const SELECTORS: &str = include_str!("../../config/boilerplate/selectors.toml");
const FIELDS: &str = include_str!("../../config/boilerplate/fields.toml");

/// Hash of the rules that ship with the program, 12 hexadecimal digits: tells builds with other rules apart.
pub(crate) fn version() -> String {
    let texts = PACKS.iter().map(|(_, text)| *text).chain([SELECTORS, FIELDS, ErrorPages::TEXT]);
    let mut hasher = blake3::Hasher::new();
    texts.for_each(|text| {
        hasher.update(text.as_bytes());
    });
    hasher.finalize().to_hex().chars().take(12).collect()
}

/// A rule file that cannot be used.
#[derive(Debug, Error)]
pub enum RuleError {
    /// The file is not what its schema asks for.
    #[error("rule file {file} is not valid: {detail}")]
    Invalid {
        /// Name of the file, without its extension.
        file: String,
        /// What the parser said.
        detail: String,
    },
    /// The phrases do not fit one automaton.
    #[error("phrases cannot be compiled: {detail}")]
    Automaton {
        /// What the builder said.
        detail: String,
    },
    /// A model cannot be used.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// All rules, compiled.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) phrases: PhraseMatcher,
    pub(crate) selectors: SelectorRules,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) errors: ErrorPages,
    /// What the user adds.
    pub(crate) mounted: MountedRules,
}

impl Rules {
    /// The rules that ship with the program.
    pub(crate) fn compiled_in() -> Result<Self, RuleError> {
        let packs = PACKS.iter().map(|(name, text)| pack::parse(name, text)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            phrases: PhraseMatcher::new(&packs)?,
            selectors: SelectorRules::parse("selectors", SELECTORS)?,
            vocabulary: Vocabulary::parse("fields", FIELDS)?,
            errors: ErrorPages::compiled_in()?,
            mounted: MountedRules::default(),
        })
    }
}

#[cfg(test)]
mod tests;
