//! Keys of a normalised article: what makes two deliveries the same article, or copies of one text.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::article::Article;

mod eight;
pub mod identity;
pub mod near;
mod substance;
pub mod text;

pub use identity::IdentityKeys;
pub(crate) use identity::{address_key, publisher_of};
use near::{Sketch, Sketcher};

/// 128 bits of BLAKE3, hex in JSON. `D` tells the domains apart, so that no key of one kind is taken for another.
#[derive(PartialEq, Eq, Hash, PartialOrd, Ord, Clone, Copy)]
pub struct Key<D>(u128, std::marker::PhantomData<D>);

/// Marks the hash of a payload's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PayloadDomain {}
/// Marks a key that identifies an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IdentityDomain {}
/// Marks the hash of a normalised body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TextDomain {}
/// Marks the hash of a normalised title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TitleDomain {}
/// Marks the hash of a publisher's registrable domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PublisherDomain {}

/// Hash of the payload's bytes as delivered.
pub type PayloadHash = Key<PayloadDomain>;
/// A key that identifies an article: of a URL, of (publisher, title, day), or of a text.
pub type IdentityKey = Key<IdentityDomain>;
/// Hash of the normalised body.
pub type TextKey = Key<TextDomain>;
/// Hash of the normalised title.
pub type TitleKey = Key<TitleDomain>;
/// Hash of the publisher's registrable domain.
pub type PublisherKey = Key<PublisherDomain>;

impl<D> Key<D> {
    /// The key of these parts, which cannot run into one another.
    pub(crate) fn of(parts: &[&[u8]]) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        let mut first = [0u8; 16];
        hasher.finalize_xof().fill(&mut first);
        Self(u128::from_be_bytes(first), std::marker::PhantomData)
    }

    /// Its bytes.
    pub(crate) fn bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// Its first 64 bits.
    pub(crate) fn short(self) -> u64 {
        (self.0 >> 64) as u64
    }

    /// The key that 32 hexadecimal digits write.
    pub(crate) fn parse(hex: &str) -> Option<Self> {
        let digits = hex.len() == 32 && hex.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        let bits = u128::from_str_radix(hex, 16).ok().filter(|_| digits)?;
        Some(Self(bits, std::marker::PhantomData))
    }
}

impl PayloadHash {
    /// The hash of a delivery's bytes; a null value hashes like an empty one.
    pub fn of_payload(payload: Option<&[u8]>) -> Self {
        Self::of(&[payload.unwrap_or_default()])
    }
}

impl<D> fmt::Display for Key<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl<D> fmt::Debug for Key<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl<D> Serialize for Key<D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, D> Deserialize<'de> for Key<D> {
    fn deserialize<De: Deserializer<'de>>(deserializer: De) -> Result<Self, De::Error> {
        let hex = std::borrow::Cow::<str>::deserialize(deserializer)?;
        u128::from_str_radix(&hex, 16)
            .map(|bits| Self(bits, std::marker::PhantomData))
            .map_err(|_| de::Error::custom("a key is 32 hexadecimal digits"))
    }
}

/// Everything about an article that a verdict looks at.
#[derive(Debug, Clone, PartialEq)]
pub struct Fingerprint {
    /// The delivery's bytes.
    pub payload: PayloadHash,
    /// What identifies the article.
    pub identity: IdentityKeys,
    /// The normalised body.
    pub text: TextKey,
    /// The normalised body without clocks and counters: what a change in substance changes.
    pub substance: TextKey,
    /// What near copies are told by; none for a text that is too short, or where copies are not looked for.
    pub sketch: Option<Sketch>,
    /// Words in the normalised body, or characters in scripts without spaces.
    pub tokens: u32,
    /// The normalised title.
    pub title: Option<TitleKey>,
    /// The publisher.
    pub publisher: Option<PublisherKey>,
}

impl Fingerprint {
    /// The fingerprint of an article delivered from `url`.
    pub fn of(article: &Article, url: Option<&str>, final_url: Option<&str>, payload: PayloadHash) -> Self {
        let (body, substance) = substance::words_and_substance(&article.body);
        let title = article.title.as_deref().map(text::normalise).filter(|title| !title.is_empty());
        let text = TextKey::of(&[body.words()]);
        let substance = substance.map_or(text, |substance| TextKey::of(&[substance.words()]));
        let identity = IdentityKeys::of(article, url, final_url, title.as_deref(), text);
        Self {
            payload,
            text,
            substance,
            sketch: None,
            tokens: body.count_tokens(),
            title: title.map(|title| TitleKey::of(&[title.as_bytes()])),
            publisher: identity.publisher.as_ref().map(|domain| PublisherKey::of(&[domain.as_bytes()])),
            identity,
        }
    }

    /// The same with its sketch, where the text is long enough for one.
    #[must_use]
    pub fn sketched(mut self, article: &Article, sketching: &Sketching) -> Self {
        if self.tokens >= sketching.min_tokens {
            self.sketch = Some(sketching.sketcher.sketch(article.title.as_deref(), &article.body));
        }
        self
    }
}

/// How sketches are made. Shared by all extract threads.
#[derive(Debug)]
pub struct Sketching {
    sketcher: Sketcher,
    min_tokens: u32,
}

impl Sketching {
    /// Sketches by the seed of this deployment, for texts of at least so many tokens.
    pub fn new(seed: &str, min_tokens: u32) -> Self {
        Self { sketcher: Sketcher::new(seed), min_tokens }
    }
}
