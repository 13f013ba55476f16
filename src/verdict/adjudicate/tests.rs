#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use super::*;
use crate::fingerprint::{IdentityKey, IdentityKeys, PayloadHash, PublisherKey, TextKey, TitleKey};
use crate::index::memory::MemoryIndex;
use crate::index::{ChangelogPositions, DedupIndex, Layers};
use crate::sink::VouchedClaims;
use crate::source::{Offset, Partition};

mod near;
mod retractions;

impl Evidence for MemoryIndex {
    fn find(&self, query: Query<'_>, since: Day) -> Result<Option<Arc<Claim>>, IndexError> {
        Layers::new([Some(self.answers()), None, None]).find(query, since)
    }

    fn candidates(&self, sketch: &Sketch, since: Day) -> Result<Vec<Arc<Claim>>, IndexError> {
        Layers::new([Some(self.answers()), None, None]).candidates(sketch, since)
    }

    fn watermark_ms(&self) -> Option<i64> {
        self.answers().watermark_ms()
    }
}

/// A page as the rule sees it.
#[derive(Debug, Clone, Copy)]
struct Page {
    url: Option<&'static str>,
    canonical: Option<&'static str>,
    text: &'static str,
    title: Option<&'static str>,
    publisher: Option<&'static str>,
    tokens: u32,
}

const STORY: Page = Page {
    url: Some("a.example/story"),
    canonical: None,
    text: "the story",
    title: Some("title"),
    publisher: Some("a.example"),
    tokens: 300,
};

/// The same text at another publisher, under another title.
const COPY: Page =
    Page { url: Some("b.example/copy"), title: Some("other title"), publisher: Some("b.example"), ..STORY };

impl Page {
    fn fingerprint(self, payload: u64) -> Fingerprint {
        let identity = IdentityKeys {
            canonical: self.canonical.map(key),
            delivered: self.url.map(key).into_iter().collect(),
            fallback: key(self.text),
            publisher: self.publisher.map(str::to_owned),
            url: self.url.map(str::to_owned),
            syndicated_from: None,
        };
        Fingerprint {
            payload: PayloadHash::of_payload(Some(&payload.to_le_bytes())),
            identity,
            text: TextKey::of(&[self.text.as_bytes()]),
            substance: TextKey::of(&[b"substance", self.text.as_bytes()]),
            sketch: None,
            tokens: self.tokens,
            title: self.title.map(|title| TitleKey::of(&[title.as_bytes()])),
            publisher: self.publisher.map(|domain| PublisherKey::of(&[domain.as_bytes()])),
        }
    }
}

fn key(name: &str) -> IdentityKey {
    IdentityKey::of(&[name.as_bytes()])
}

fn id(url: &str) -> ArticleId {
    ArticleId::of(key(url))
}

fn coordinate(offset: u64) -> Coordinate {
    Coordinate { partition: Partition { topic: "pages".into(), number: 0 }, offset: Offset(offset) }
}

/// Deliveries one after another, each claim committed before the next is judged.
#[derive(Default)]
struct Stream {
    index: MemoryIndex,
    policy: Policy,
    next: u64,
}

impl Stream {
    fn with(mode: Mode) -> Self {
        Self { policy: Policy { mode, ..Policy::default() }, ..Self::default() }
    }

    fn deliver(&mut self, page: Page) -> Decision {
        let offset = self.next;
        self.next += 1;
        self.deliver_at(offset, offset, page)
    }

    fn deliver_at(&mut self, offset: u64, payload: u64, page: Page) -> Decision {
        let decision = self.judge(offset, payload, page);
        let claims = vec![Arc::clone(&decision.claim)];
        self.index.apply(VouchedClaims::read_back(claims, ChangelogPositions::default())).unwrap();
        decision
    }

    fn judge(&self, offset: u64, payload: u64, page: Page) -> Decision {
        let fingerprint = page.fingerprint(payload);
        let delivery = coordinate(offset);
        let event_time_ms = i64::try_from(offset).unwrap() * 1_000;
        adjudicate(Question { delivery: &delivery, event_time_ms, fingerprint: &fingerprint }, &self.index, self.policy)
            .unwrap()
    }
}

/// Verdict, revision after it, and whether it is published.
fn outcome(decision: &Decision) -> (Verdict, u32, bool) {
    assert_eq!(decision.claim.published, decision.publish);
    (decision.verdict, decision.claim.revision, decision.publish)
}

#[test]
fn the_first_of_its_kind_is_unique() {
    let decision = Stream::default().deliver(STORY);
    assert_eq!(outcome(&decision), (Verdict::Unique, 1, true));
    assert_eq!(decision.claim.article, id("a.example/story"));
    assert_eq!((&decision.claim.of, &decision.claim.first), (&None, &None));
    assert!(decision.is_new && !decision.recreated);
}

#[test]
fn the_same_address_with_the_same_text_is_unchanged() {
    let mut stream = Stream::default();
    stream.deliver(STORY);
    let again = stream.deliver(Page { title: Some("a retouched title"), ..STORY });
    assert_eq!(outcome(&again), (Verdict::Unchanged, 1, false));
    assert_eq!(again.claim.article, id("a.example/story"));
    assert_eq!((&again.claim.of, &again.claim.first), (&None, &Some(coordinate(0))));
}

#[test]
fn the_same_address_with_another_text_is_the_next_revision() {
    let mut stream = Stream::default();
    stream.deliver(STORY);
    for (revision, text) in [(2, "the story, corrected"), (3, "the story"), (4, "the story, corrected")] {
        let decision = stream.deliver(Page { text, ..STORY });
        assert_eq!(outcome(&decision), (Verdict::Revision, revision, true));
        assert_eq!((&decision.claim.article, &decision.claim.first), (&id("a.example/story"), &Some(coordinate(0))));
    }
}

#[test]
fn the_text_of_a_revision_elsewhere_is_a_copy_of_the_article() {
    let mut stream = Stream::default();
    stream.deliver(STORY);
    stream.deliver(Page { text: "the story, corrected", ..STORY });
    for text in ["the story", "the story, corrected"] {
        let url = Some(if text == "the story" { "b.example/old" } else { "b.example/new" });
        let copy = stream.deliver(Page { url, text, ..COPY });
        assert_eq!(outcome(&copy), (Verdict::Exact, 0, false));
        assert_eq!((&copy.claim.of, &copy.claim.first), (&Some(id("a.example/story")), &Some(coordinate(0))));
    }
}

#[test]
fn a_copy_elsewhere_has_its_own_id_and_points_at_the_original() {
    let mut stream = Stream::default();
    stream.deliver(STORY);
    let copy = stream.deliver(COPY);
    assert_eq!(outcome(&copy), (Verdict::Exact, 0, false));
    assert_eq!(copy.claim.article, id("b.example/copy"));
    assert_eq!((&copy.claim.of, &copy.claim.first), (&Some(id("a.example/story")), &Some(coordinate(0))));

    let again = stream.deliver(COPY);
    assert_eq!(outcome(&again), (Verdict::Unchanged, 0, false));
    assert_eq!(again.claim.article, id("b.example/copy"));
    assert_eq!((&again.claim.of, &again.claim.first), (&Some(id("a.example/story")), &Some(coordinate(0))));

    let third = stream.deliver(Page { url: Some("c.example/copy"), publisher: Some("c.example"), ..COPY });
    assert_eq!(third.claim.of, Some(id("a.example/story")), "a copy of a copy is one of the original");
}

#[test]
fn a_copy_that_came_late_with_an_earlier_time_still_leads_to_the_original() {
    let mut stream = Stream { next: 5, ..Stream::default() };
    stream.deliver(STORY);
    stream.deliver_at(1, 1, COPY);
    let third = stream.deliver(Page { url: Some("c.example/copy"), publisher: Some("c.example"), ..COPY });
    assert_eq!(outcome(&third), (Verdict::Exact, 0, false));
    assert_eq!((&third.claim.of, &third.claim.first), (&Some(id("a.example/story")), &Some(coordinate(5))));
}

#[test]
fn a_copy_that_gets_a_text_of_its_own_is_published_for_the_first_time() {
    let mut stream = Stream::default();
    stream.deliver(STORY);
    stream.deliver(COPY);
    let own = stream.deliver(Page { text: "its own story", ..COPY });
    assert_eq!(outcome(&own), (Verdict::Unique, 1, true));
    assert_eq!(own.claim.article, id("b.example/copy"));
    assert_eq!((&own.claim.of, &own.claim.first), (&None, &None));
}

#[test]
fn a_copy_that_becomes_a_copy_of_another_article_says_so() {
    let mut stream = Stream::default();
    stream.deliver(STORY);
    stream.deliver(Page { url: Some("d.example/x"), text: "another story", publisher: Some("d.example"), ..STORY });
    stream.deliver(COPY);
    let moved = stream.deliver(Page { text: "another story", ..COPY });
    assert_eq!(outcome(&moved), (Verdict::Exact, 0, false));
    assert_eq!(moved.claim.of, Some(id("d.example/x")));
}

#[test]
fn a_canonical_link_joins_addresses_of_one_article() {
    let mut stream = Stream::default();
    let page = |url, text| Page { url: Some(url), canonical: Some("a.example/story"), text, ..STORY };
    stream.deliver(STORY);
    let mobile = stream.deliver(page("m.a.example/1", "the story"));
    assert_eq!(outcome(&mobile), (Verdict::Unchanged, 1, false));
    assert_eq!(mobile.claim.article, id("a.example/story"));
    // Known by its own address from now on, it may change text and title, and drop the link.
    let changed =
        stream.deliver(Page { url: Some("m.a.example/1"), text: "rewritten", title: Some("rewritten"), ..STORY });
    assert_eq!(outcome(&changed), (Verdict::Revision, 2, true));
    assert_eq!(changed.claim.article, id("a.example/story"));
    // The same title is enough to believe the link.
    let print = stream.deliver(page("a.example/print/1", "rewritten, for print"));
    assert_eq!(outcome(&print).0, Verdict::Unique, "the article has another title by now");
    let print =
        stream.deliver(Page { title: Some("rewritten"), ..page("a.example/print/2", "rewritten, for print again") });
    assert_eq!(outcome(&print), (Verdict::Revision, 3, true));
}

#[test]
fn a_canonical_link_that_another_text_and_title_hold_is_a_mistake() {
    let mut stream = Stream::default();
    let page = |url, text, title| Page {
        url: Some(url),
        canonical: Some("a.example/start"),
        text,
        title: Some(title),
        ..STORY
    };
    stream.deliver(page("a.example/1", "one story", "one"));
    let second = stream.deliver(page("a.example/2", "two stories", "two"));
    assert_eq!(outcome(&second), (Verdict::Unique, 1, true));
    assert_eq!(second.claim.article, id("a.example/2"));
    assert_eq!(second.claim.aliases, [key("a.example/2")], "the link leads to one article only");
    let first = stream.deliver(page("a.example/1", "one story", "one"));
    assert_eq!(outcome(&first), (Verdict::Unchanged, 1, false));
    let second = stream.deliver(page("a.example/2", "two stories", "two"));
    assert_eq!(outcome(&second), (Verdict::Unchanged, 1, false));
}

#[test]
fn without_an_address_the_fallback_key_identifies() {
    let mut stream = Stream::default();
    let page = Page { url: None, publisher: None, ..STORY };
    let first = stream.deliver(page);
    assert_eq!(outcome(&first), (Verdict::Unique, 1, true));
    assert_eq!((&first.claim.article, &*first.claim.aliases), (&id("the story"), &[key("the story")][..]));
    assert_eq!(outcome(&stream.deliver(page)), (Verdict::Unchanged, 1, false));
    // With an address it is a copy, because that address has never been seen.
    assert_eq!(outcome(&stream.deliver(COPY)).0, Verdict::Exact);
}

#[test]
fn short_texts_are_copies_only_with_the_same_publisher_or_title() {
    let short = Page { tokens: Policy::default().min_tokens - 1, ..STORY };
    let elsewhere = Page { tokens: short.tokens, ..COPY };
    let judge = |page| {
        let mut stream = Stream::default();
        stream.deliver(short);
        stream.deliver(page).verdict
    };
    assert_eq!(judge(elsewhere), Verdict::Unique);
    assert_eq!(judge(Page { publisher: None, title: None, ..elsewhere }), Verdict::Unique);
    assert_eq!(judge(Page { publisher: STORY.publisher, ..elsewhere }), Verdict::Exact);
    assert_eq!(judge(Page { title: STORY.title, ..elsewhere }), Verdict::Exact);
    assert_eq!(judge(Page { tokens: Policy::default().min_tokens, ..elsewhere }), Verdict::Exact);
}

#[test]
fn a_short_text_is_a_copy_of_the_first_with_its_publisher_or_title_whoever_had_the_text_before() {
    let short = Page { tokens: Policy::default().min_tokens - 1, ..STORY };
    let second = Page { tokens: short.tokens, ..COPY };
    for third in [
        Page { url: Some("b.example/again"), title: Some("a third title"), ..second },
        Page { url: Some("c.example/again"), publisher: Some("c.example"), ..second },
    ] {
        let mut stream = Stream::default();
        stream.deliver(short);
        assert_eq!(outcome(&stream.deliver(second)), (Verdict::Unique, 1, true));
        let copy = stream.deliver(third);
        assert_eq!(outcome(&copy), (Verdict::Exact, 0, false));
        assert_eq!((&copy.claim.of, &copy.claim.first), (&Some(id("b.example/copy")), &Some(coordinate(1))));
        assert_eq!(outcome(&stream.deliver(third)), (Verdict::Unchanged, 0, false));
        let other = Page { url: Some("d.example/x"), publisher: Some("d.example"), title: Some("a fourth"), ..second };
        assert_eq!(outcome(&stream.deliver(other)), (Verdict::Unique, 1, true));
    }
    // Of two that it could copy, the one that was first.
    let mut stream = Stream::default();
    stream.deliver(short);
    stream.deliver(second);
    let third = Page { url: Some("c.example/x"), publisher: Some("c.example"), title: Some("a third title"), ..second };
    assert_eq!(outcome(&stream.deliver(third)).0, Verdict::Unique);
    let both = Page { url: Some("c.example/y"), title: second.title, ..third };
    assert_eq!(stream.deliver(both).claim.of, Some(id("b.example/copy")));
}

#[test]
fn a_delivery_that_was_claimed_is_replayed_and_claims_nothing() {
    let mut stream = Stream::default();
    let pages = [STORY, COPY, Page { text: "the story, corrected", ..STORY }];
    let first: Vec<_> = pages.map(|page| stream.deliver(page)).into();
    for (redelivery, published) in [(Redelivery::Suppress, [false; 3]), (Redelivery::Reemit, [true, false, true])] {
        stream.policy.redelivery = redelivery;
        for (at, page) in (0..).zip(pages) {
            let before = &first[usize::try_from(at).unwrap()];
            let again = stream.judge(at, at, page);
            let expected = Decision {
                verdict: Verdict::Replayed,
                publish: published[usize::try_from(at).unwrap()],
                is_new: false,
                ..before.clone()
            };
            assert_eq!(again, expected);
        }
    }
}

#[test]
fn where_claims_prove_no_publication_a_redelivery_gets_the_same_outcome_again() {
    let mut stream = Stream::default();
    stream.policy.redelivery = Redelivery::NoEvidence;
    let pages = [STORY, COPY, Page { text: "the story, corrected", ..STORY }];
    let first = pages.map(|page| stream.deliver(page));
    for (at, (page, before)) in (0..).zip(pages.into_iter().zip(first)) {
        assert_eq!(stream.judge(at, at, page), Decision { is_new: false, ..before });
    }
}

#[test]
fn the_same_coordinate_with_other_bytes_is_a_new_delivery() {
    let mut stream = Stream::default();
    stream.deliver(STORY);
    let other = Page { url: Some("a.example/other"), text: "another story", ..STORY };
    let recreated = stream.deliver_at(0, 99, other);
    assert_eq!(outcome(&recreated), (Verdict::Unique, 1, true));
    assert!(recreated.recreated && recreated.is_new);
    // Both deliveries are known from now on.
    assert_eq!(stream.judge(0, 0, STORY).verdict, Verdict::Replayed);
    assert_eq!(stream.judge(0, 99, other).verdict, Verdict::Replayed);
}

#[test]
fn annotate_publishes_everything_under_the_next_revision() {
    let mut stream = Stream::with(Mode::Annotate);
    assert_eq!(outcome(&stream.deliver(STORY)), (Verdict::Unique, 1, true));
    assert_eq!(outcome(&stream.deliver(STORY)), (Verdict::Unchanged, 2, true));
    assert_eq!(outcome(&stream.deliver(Page { text: "corrected", ..STORY })), (Verdict::Revision, 3, true));
    let copy = stream.deliver(COPY);
    assert_eq!(outcome(&copy), (Verdict::Exact, 1, true));
    assert_eq!(copy.claim.of, Some(id("a.example/story")));
    let again = stream.deliver(COPY);
    assert_eq!(outcome(&again), (Verdict::Unchanged, 2, true));
    assert_eq!(again.claim.of, Some(id("a.example/story")));
    let replayed = stream.judge(0, 0, STORY);
    assert_eq!((replayed.verdict, replayed.publish), (Verdict::Replayed, false), "suppressed in every mode");
}

#[test]
fn off_finds_no_copies_but_keeps_revisions_apart() {
    let mut stream = Stream::with(Mode::Off);
    stream.deliver(STORY);
    let copy = stream.deliver(COPY);
    assert_eq!(outcome(&copy), (Verdict::Unique, 1, true));
    assert_eq!(copy.claim.of, None);
    assert_eq!(outcome(&stream.deliver(STORY)), (Verdict::Unchanged, 2, true));
    assert_eq!(outcome(&stream.deliver(Page { text: "corrected", ..STORY })), (Verdict::Revision, 3, true));
}
