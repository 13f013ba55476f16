use super::*;
use crate::verdict::{Named, Retraction, retract};

/// STORY at a third publisher.
const THIRD: Page =
    Page { url: Some("c.example/copy"), title: Some("third title"), publisher: Some("c.example"), ..STORY };

fn address(url: &str) -> Named {
    Named::Address(key(url))
}

impl Stream {
    fn judge_retraction(&self, offset: u64, event_time_ms: i64, named: &Named) -> Decision {
        let delivery = coordinate(offset);
        let payload = PayloadHash::of_payload(Some(&offset.to_le_bytes()));
        let retraction = Retraction { delivery: &delivery, event_time_ms, payload, named };
        retract(retraction, &self.index, self.policy).unwrap()
    }

    pub(super) fn retract(&mut self, named: &Named) -> Decision {
        let offset = self.next;
        self.next += 1;
        let decision = self.judge_retraction(offset, i64::try_from(offset).unwrap() * 1_000, named);
        let claims = vec![Arc::clone(&decision.claim)];
        self.index.apply(VouchedClaims::read_back(claims, ChangelogPositions::default())).unwrap();
        decision
    }
}

#[test]
fn an_article_is_taken_back_once_as_its_next_revision() {
    let mut stream = Stream::default();
    stream.deliver(STORY);
    stream.deliver(Page { text: "the story, corrected", ..STORY });
    let taken_back = stream.retract(&address("a.example/story"));
    assert_eq!(outcome(&taken_back), (Verdict::Retracted, 3, true));
    assert_eq!(taken_back.claim.article, id("a.example/story"));
    assert_eq!(outcome(&stream.retract(&address("a.example/story"))), (Verdict::Retracted, 3, false));
}

#[test]
fn an_id_and_every_address_of_an_article_name_it() {
    let page = Page { url: Some("m.a.example/story"), canonical: Some("a.example/story"), ..STORY };
    let article = id("a.example/story");
    for named in
        [address("m.a.example/story"), address("a.example/story"), Named::Id(article.clone(), key("a.example/story"))]
    {
        let mut stream = Stream::default();
        stream.deliver(page);
        let taken_back = stream.retract(&named);
        assert_eq!((outcome(&taken_back), &taken_back.claim.article), ((Verdict::Retracted, 2, true), &article));
    }
}

#[test]
fn only_a_page_newer_than_its_retraction_brings_an_article_back() {
    let mut stream = Stream::default();
    stream.deliver(STORY);
    stream.retract(&address("a.example/story"));
    // Event times are a second an offset: this one is as old as the retraction, at a coordinate of its own.
    let late = {
        let fingerprint = STORY.fingerprint(77);
        let delivery = coordinate(500);
        let question = Question { delivery: &delivery, event_time_ms: 1_000, fingerprint: &fingerprint };
        adjudicate(question, &stream.index, Policy { mode: Mode::Annotate, ..stream.policy }).unwrap()
    };
    assert_eq!(outcome(&late), (Verdict::Retracted, 2, false), "in every mode");
    let back = stream.deliver(STORY);
    assert_eq!(outcome(&back), (Verdict::Revision, 3, true), "although its text is as before");
    assert_eq!(outcome(&stream.deliver(STORY)), (Verdict::Unchanged, 3, false));
}

#[test]
fn a_retraction_of_something_unknown_holds_for_older_pages_that_come_later() {
    let mut stream = Stream { next: 10, ..Stream::default() };
    for (url, named) in [
        ("a.example/story", address("a.example/story")),
        ("b.example/copy", Named::Id(id("b.example/copy"), key("b.example/copy"))),
    ] {
        assert_eq!(outcome(&stream.retract(&named)), (Verdict::Retracted, 0, false));
        let older = stream.deliver_at(stream.next - 10, 99, Page { url: Some(url), ..STORY });
        assert_eq!(outcome(&older), (Verdict::Retracted, 0, false), "{url}");
    }
    assert_eq!(outcome(&stream.deliver(STORY)), (Verdict::Unique, 1, true), "a newer page is published");
}

#[test]
fn copies_of_what_was_taken_back_become_one_article() {
    let mut stream = Stream::default();
    stream.deliver(STORY);
    assert_eq!(stream.deliver(COPY).verdict, Verdict::Exact);
    stream.retract(&address("a.example/story"));
    let heir = stream.deliver(THIRD);
    assert_eq!(outcome(&heir), (Verdict::Unique, 1, true));
    assert_eq!(heir.claim.succeeds, Some(id("a.example/story")));
    let copy = stream.deliver(COPY);
    assert_eq!((copy.verdict, copy.claim.of.clone()), (Verdict::Exact, Some(heir.claim.article.clone())));

    stream.retract(&address("c.example/copy"));
    assert_eq!(outcome(&stream.deliver(COPY)), (Verdict::Unique, 1, true), "and again when the heir goes too");
}

#[test]
fn a_ring_of_successors_ends() {
    // Two instances that do not see each other's claims, and then do.
    let [mut one, mut other] = [Stream::default(), Stream { next: 100, ..Stream::default() }];
    for (stream, first, second) in [(&mut one, STORY, COPY), (&mut other, COPY, STORY)] {
        stream.deliver(first);
        stream.retract(&address(first.url.unwrap()));
        stream.deliver(second);
        stream.retract(&address(second.url.unwrap()));
    }
    let mut both = Stream { next: 200, ..Stream::default() };
    let claims = [&one, &other].into_iter().flat_map(|stream| {
        let offsets = stream.next - 4..stream.next;
        offsets.map(|offset| stream.index.lookup(Query::Coordinate(&coordinate(offset))).unwrap().unwrap())
    });
    let claims = claims.collect();
    both.index.apply(VouchedClaims::read_back(claims, ChangelogPositions::default())).unwrap();
    assert_eq!(both.deliver(THIRD).verdict, Verdict::Exact, "the rule gives up, and answers");
}

#[test]
fn a_retraction_delivered_again_is_replayed_or_repeated_by_the_guarantee() {
    let mut stream = Stream::default();
    stream.deliver(STORY);
    stream.retract(&address("a.example/story"));
    let again = |stream: &Stream| stream.judge_retraction(1, 1_000, &address("a.example/story"));
    assert_eq!((again(&stream).verdict, again(&stream).publish), (Verdict::Replayed, false));
    stream.policy.redelivery = Redelivery::NoEvidence;
    assert_eq!(outcome(&again(&stream)), (Verdict::Retracted, 2, true));
    assert!(!again(&stream).is_new);
}
