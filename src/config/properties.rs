//! librdkafka properties: passed through, but for those that a correct result depends on; secrets stay hidden.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

/// What stands for a secret wherever it would be shown.
pub(super) const REDACTED: &str = "[redacted]";

/// Properties that a correct result depends on, with what to use instead.
const OWN: [(&str, &str); 26] = [
    ("bootstrap.servers", "use kafka.bootstrap_servers"),
    ("metadata.broker.list", "use kafka.bootstrap_servers"),
    ("group.id", "use kafka.group_id"),
    ("group.protocol", "leave it out"),
    ("group.instance.id", "use kafka.static_membership"),
    ("session.timeout.ms", "use kafka.session_timeout"),
    ("auto.offset.reset", "use kafka.auto_offset_reset"),
    ("enable.auto.commit", "leave it out: offsets are committed with their outcomes"),
    ("enable.auto.offset.store", "leave it out: offsets are committed with their outcomes"),
    ("isolation.level", "leave it out: only committed records may be read"),
    ("enable.partition.eof", "leave it out"),
    ("partition.assignment.strategy", "leave it out: assignments are cooperative-sticky"),
    ("transactional.id", "leave it out: it is made of kafka.group_id and kafka.instance"),
    ("transaction.timeout.ms", "use delivery.transaction_timeout"),
    ("enable.idempotence", "leave it out"),
    ("acks", "leave it out: every replica in sync must have a record"),
    ("request.required.acks", "leave it out: every replica in sync must have a record"),
    ("message.timeout.ms", "use delivery.transaction_timeout"),
    ("delivery.timeout.ms", "use delivery.transaction_timeout"),
    ("message.max.bytes", "use limits.payload_bytes and limits.record_bytes"),
    ("message.copy.max.bytes", "leave it out"),
    ("fetch.max.bytes", "use limits.payload_bytes and limits.record_bytes"),
    ("receive.message.max.bytes", "use limits.payload_bytes and limits.record_bytes"),
    ("batch.size", "leave it out"),
    ("log.queue", "leave it out"),
    ("statistics.interval.ms", "use telemetry.statistics_interval"),
];

/// What to do instead of setting a property that is copydesk's own; `None` for all that pass through.
#[must_use]
pub fn own_property(name: &str) -> Option<&'static str> {
    OWN.iter().find(|(own, _)| *own == name).map(|(_, instead)| *instead)
}

/// Whether what has this name is never shown. Rather too many names than one too few.
pub(super) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_location = name.ends_with(".location");
    let words = ["password", "passwd", "secret", "pem", "token", "seed", "credential", "oauthbearer.config", "jaas"];
    !is_location && words.iter().any(|word| name.contains(word))
}

/// Why a property asks for more than this build has; `None` where it has all that is asked.
pub(super) fn beyond_this_build(name: &str, value: &str) -> Option<&'static str> {
    if cfg!(feature = "tls") {
        return None;
    }
    let value = value.to_ascii_uppercase();
    let needs_tls = match name {
        "security.protocol" => value.ends_with("SSL"),
        // Plain passwords are the one mechanism that needs no cryptography.
        "sasl.mechanism" | "sasl.mechanisms" => value != "PLAIN",
        _ => name.starts_with("ssl.") || name.starts_with("sasl.oauthbearer."),
    };
    needs_tls.then_some("this copydesk was built without TLS")
}

/// Why librdkafka does not take a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PropertyRefusal {
    /// It knows none of this name.
    Unknown,
    /// The value does not fit.
    Value,
}

impl fmt::Display for PropertyRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "librdkafka knows no such property",
            Self::Value => "librdkafka does not take this value",
        })
    }
}

/// librdkafka properties by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<String, Written>")]
pub struct Properties(BTreeMap<String, PropertyValue>);

/// The value of a property. Where it is a secret, neither `Debug` nor `Serialize` shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct PropertyValue {
    text: String,
    is_secret: bool,
}

impl Properties {
    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &PropertyValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The value of a property itself.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(PropertyValue::expose)
    }

    /// Marks a value as a secret whatever its name is, as one that came from a file.
    pub(super) fn hide(&mut self, name: &str) {
        if let Some(value) = self.0.get_mut(name) {
            value.is_secret = true;
        }
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Properties {
    fn from_iter<T: IntoIterator<Item = (N, V)>>(properties: T) -> Self {
        let value = |name: &str, text| PropertyValue { text, is_secret: is_secret(name) };
        let named = properties.into_iter().map(|(name, text)| (name.into(), text.into()));
        Self(named.map(|(name, text)| (name.clone(), value(&name, text))).collect())
    }
}

impl PropertyValue {
    /// The value itself, for the client that it is meant for.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The value, or what stands for a secret.
    fn shown(&self) -> &str {
        if self.is_secret { REDACTED } else { &self.text }
    }
}

impl fmt::Debug for PropertyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shown().fmt(f)
    }
}

impl Serialize for PropertyValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.shown())
    }
}

/// A property as people write it; librdkafka takes text.
#[derive(Deserialize)]
#[serde(untagged, expecting = "neither text nor a number, true or false")]
enum Written {
    Flag(bool),
    Number(i64),
    Fraction(f64),
    Text(String),
}

impl From<BTreeMap<String, Written>> for Properties {
    fn from(written: BTreeMap<String, Written>) -> Self {
        let text = |value| match value {
            Written::Flag(flag) => flag.to_string(),
            Written::Number(number) => number.to_string(),
            Written::Fraction(fraction) => fraction.to_string(),
            Written::Text(text) => text,
        };
        written.into_iter().map(|(name, value)| (name, text(value))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_name_and_locations_are_none() {
        for name in [
            "sasl.password",
            "ssl.key.password",
            "ssl.key.pem",
            "ssl.keystore.password",
            "sasl.oauthbearer.client.secret",
            "sasl.oauthbearer.client.credentials.client.secret",
            "sasl.oauthbearer.config",
            "SASL.Password",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["security.protocol", "sasl.username", "ssl.key.location", "ssl.ca.location", "compression.type"] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn a_secret_is_in_no_debug_output_and_in_no_serialised_one() {
        let mut properties: Properties =
            [("sasl.password", "hunter2"), ("sasl.username", "hunter3"), ("client.rack", "a")].into_iter().collect();
        properties.hide("sasl.username");
        let shown = format!("{properties:?} {properties:#?} {}", serde_json::to_string(&properties).unwrap());
        assert!(!shown.contains("hunter"), "{shown}");
        assert!(shown.contains("\"client.rack\":\"a\""), "{shown}");
        let exposed: Vec<_> = properties.iter().map(|(_, value)| value.expose()).collect();
        assert_eq!(exposed, ["a", "hunter2", "hunter3"]);
    }

    #[test]
    fn only_a_build_with_tls_takes_properties_of_tls() {
        for (name, value) in [
            ("security.protocol", "SASL_SSL"),
            ("security.protocol", "ssl"),
            ("ssl.ca.location", "/ca.pem"),
            ("sasl.mechanisms", "SCRAM-SHA-512"),
            ("sasl.oauthbearer.method", "oidc"),
        ] {
            assert_eq!(beyond_this_build(name, value).is_none(), cfg!(feature = "tls"), "{name}");
        }
        for (name, value) in [
            ("security.protocol", "SASL_PLAINTEXT"),
            ("sasl.mechanisms", "PLAIN"),
            ("sasl.password", "x"),
            ("client.rack", "ssl"),
        ] {
            assert_eq!(beyond_this_build(name, value), None, "{name}");
        }
    }
}
