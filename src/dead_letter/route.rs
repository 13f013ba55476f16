//! Where a letter goes back to, and which letters stay.

use super::{Letter, Lineage};

/// Why a letter is not sent back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Held {
    /// The payload was sent back and rejected again: its later letter counts.
    Superseded,
    /// The payload was sent back as often as is allowed.
    Ceiling,
    /// The payload, or its key and headers, did not fit the letter.
    NotWhole,
    /// It does not say which topic it came from.
    NoOrigin,
    /// It came from a topic that copydesk writes.
    OwnOutput,
}

impl Held {
    /// The reason in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Superseded => "were sent back before and rejected again: their later letter counts",
            Self::Ceiling => "were sent back --max-retries times",
            Self::NotWhole => "cannot be sent back: the payload, or its key and headers, did not fit the letter",
            Self::NoOrigin => "do not name the topic that they came from: name one with --to",
            Self::OwnOutput => "came from a topic that copydesk writes: name another with --to",
        }
    }
}

/// How letters go back.
#[derive(Debug)]
pub struct Route {
    /// Where all of them go; absent: each to the topic that it came from.
    pub to: Option<String>,
    /// Topics that copydesk writes, to which nothing goes.
    pub outputs: Vec<String>,
    /// Letters that were sent back so often stay.
    pub max_retries: u32,
    /// The last letter of each payload.
    pub lineage: Lineage,
}

impl Route {
    /// The topic for a letter.
    ///
    /// # Errors
    /// [`Held`]: it stays.
    pub fn of(&self, letter: &Letter) -> Result<String, Held> {
        if self.lineage.is_superseded(letter) {
            return Err(Held::Superseded);
        }
        if letter.retries() >= self.max_retries {
            return Err(Held::Ceiling);
        }
        if !letter.is_whole() {
            return Err(Held::NotWhole);
        }
        let origin = || letter.original().map(|original| original.partition.topic.to_string());
        let topic = self.to.clone().or_else(origin).ok_or(Held::NoOrigin)?;
        if self.outputs.contains(&topic) { Err(Held::OwnOutput) } else { Ok(topic) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{delivery, rejected};
    use super::*;
    use crate::rejection::Rejection;
    use crate::source::Header;

    fn route(to: Option<&str>) -> Route {
        let outputs = vec!["records".to_owned(), "dead".to_owned()];
        Route { to: to.map(str::to_owned), outputs, max_retries: 2, lineage: Lineage::default() }
    }

    fn letter(topic: &str, headers: &[(&str, &str)]) -> Letter {
        rejected(&delivery((topic, 0, 0), None, headers), &Rejection::NoText, 0)
    }

    #[test]
    fn a_letter_goes_where_it_came_from_or_where_it_is_told() {
        assert_eq!(route(None).of(&letter("raw", &[])), Ok("raw".to_owned()));
        assert_eq!(route(Some("other")).of(&letter("raw", &[])), Ok("other".to_owned()));
        assert_eq!(route(Some("other")).of(&letter("records", &[])), Ok("other".to_owned()));
    }

    #[test]
    fn what_may_not_go_back_stays_and_says_why() {
        let of = |letter: &Letter| route(None).of(letter).unwrap_err();
        assert_eq!(of(&letter("records", &[])), Held::OwnOutput);
        assert_eq!(of(&Letter::new(delivery(("dead", 0, 0), None, &[]))), Held::NoOrigin);
        assert_eq!(route(None).of(&letter("raw", &[("x-copydesk-retries", "1")])), Ok("raw".to_owned()));
        assert_eq!(of(&letter("raw", &[("x-copydesk-retries", "2")])), Held::Ceiling);
        for omitted in ["x-copydesk-payload-omitted", "x-copydesk-headers-omitted"] {
            let mut read = letter("raw", &[]).read().clone();
            read.headers.push(Header::text(omitted, "too large"));
            assert_eq!(of(&Letter::new(read)), Held::NotWhole);
        }
    }
}
