//! What every index must do. Run by the tests of each implementation.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::table::BUCKET;
use super::{ChangelogPositions, DedupIndex, Layers, Query};
use crate::fingerprint::near::{Sketch, Sketcher};
use crate::fingerprint::{IdentityKey, PayloadHash, PublisherKey, TextKey, TitleKey};
use crate::sink::VouchedClaims;
use crate::source::{Coordinate, Offset, Partition};
use crate::verdict::{ArticleId, Claim, Day, Evidence, Verdict};

/// Opens an index with nothing in it; each call gives another.
pub(crate) type Fresh<'a> = &'a mut dyn FnMut() -> Box<dyn DedupIndex>;

/// The whole suite.
pub(crate) fn check(fresh: Fresh<'_>) {
    unknown_queries_have_no_answer(fresh());
    the_first_claim_of_a_text_and_the_newest_of_an_article_answer(fresh());
    of_short_texts_the_first_claim_by_a_publisher_or_under_a_title_answers(fresh());
    a_recreated_input_keeps_both_claims_and_the_newer_answers_for_the_coordinate(fresh);
    positions_never_go_back(fresh());
    answers_are_a_function_of_the_set_of_claims(fresh);
    near_texts_are_found_by_their_bands(fresh());
    a_hot_bucket_holds_the_newest_whatever_the_order(fresh);
    dropping_days_leaves_what_the_rest_would_have_answered(fresh);
}

/// That an index which is closed and opened again answers as before.
pub(crate) fn check_reopen(open: &mut dyn FnMut() -> Box<dyn DedupIndex>) {
    let claims = sample_claims();
    let (first, second) = claims.split_at(claims.len() / 2);
    let mut index = open();
    index.apply(vouched(first.to_vec(), 3)).unwrap();
    let before = (answers(&*index), index.len(), index.restored_to().clone());
    drop(index);
    let mut index = open();
    assert_eq!((answers(&*index), index.len(), index.restored_to().clone()), before);
    index.apply(vouched(second.to_vec(), 5)).unwrap();
    let before = (answers(&*index), index.len(), index.restored_to().clone());
    drop(index);
    let index = open();
    assert_eq!((answers(&*index), index.len(), index.restored_to().clone()), before);
}

fn unknown_queries_have_no_answer(index: Box<dyn DedupIndex>) {
    assert!(index.is_empty());
    assert_eq!(*index.restored_to(), ChangelogPositions::default());
    assert!(answers(&*index).iter().all(Option::is_none));
}

fn of_short_texts_the_first_claim_by_a_publisher_or_under_a_title_answers(mut index: Box<dyn DedupIndex>) {
    let [first, by, under] = [(0, 1, 0), (1, 2, 0), (2, 1, 3)].map(|(offset, publisher, title)| {
        let (publisher, title) = (PublisherKey::of(&[&[publisher]]), TitleKey::of(&[&[title]]));
        let claim = claim(offset, 0, offset as i64 * 1_000, 0, 0);
        Arc::new(Claim { publisher: Some(publisher), title: Some(title), sketch: None, ..claim })
    });
    index.apply(vouched(vec![under.clone(), by.clone(), first.clone()], 1)).unwrap();
    let find = |query| index.lookup(query).unwrap();
    assert_eq!(find(Query::TextBy(text(0), PublisherKey::of(&[&[1]]))), Some(first.clone()));
    assert_eq!(find(Query::TextBy(text(0), PublisherKey::of(&[&[2]]))), Some(by));
    assert_eq!(find(Query::TextUnder(text(0), TitleKey::of(&[&[0]]))), Some(first));
    assert_eq!(find(Query::TextUnder(text(0), TitleKey::of(&[&[3]]))), Some(under));
    assert_eq!(find(Query::TextBy(text(1), PublisherKey::of(&[&[1]]))), None);
}

fn the_first_claim_of_a_text_and_the_newest_of_an_article_answer(mut index: Box<dyn DedupIndex>) {
    let second = Arc::new(Claim { revision: 2, verdict: Verdict::Revision, ..claim(1, 0, 2_000, 0, 1) });
    let first = Arc::new(claim(0, 0, 1_000, 0, 0));
    let copy = Arc::new(Claim { revision: 0, published: false, verdict: Verdict::Exact, ..claim(2, 0, 3_000, 1, 0) });
    index.apply(vouched(vec![copy.clone(), second.clone(), first.clone()], 1)).unwrap();
    assert_eq!(index.lookup(Query::Text(text(0))).unwrap().as_ref(), Some(&first));
    assert_eq!(index.lookup(Query::Text(text(1))).unwrap().as_ref(), Some(&second));
    assert_eq!(index.lookup(Query::Article(&article(0))).unwrap().as_ref(), Some(&second));
    assert_eq!(index.lookup(Query::Identity(alias(0))).unwrap().as_ref(), Some(&second));
    assert_eq!(index.lookup(Query::Delivery(&copy.delivery, copy.payload)).unwrap().as_ref(), Some(&copy));
    assert_eq!(index.lookup(Query::Coordinate(&copy.delivery)).unwrap().as_ref(), Some(&copy));
    assert_eq!(index.lookup(Query::Delivery(&copy.delivery, payload(9))).unwrap(), None);
    assert_eq!(index.lookup(Query::Coordinate(&coordinate(7))).unwrap(), None);
    assert_eq!(index.len(), 3);
}

fn a_recreated_input_keeps_both_claims_and_the_newer_answers_for_the_coordinate(fresh: Fresh<'_>) {
    let old = Arc::new(claim(0, 0, 1_000, 0, 0));
    let new = Arc::new(claim(0, 1, 2_000, 1, 1));
    for claims in [vec![old.clone(), new.clone()], vec![new.clone(), old.clone(), new.clone(), old.clone()]] {
        let mut index = fresh();
        for claim in claims {
            index.apply(vouched(vec![claim], 1)).unwrap();
        }
        assert_eq!(index.len(), 2);
        assert_eq!(index.lookup(Query::Coordinate(&coordinate(0))).unwrap().as_ref(), Some(&new));
        assert_eq!(index.lookup(Query::Delivery(&coordinate(0), new.payload)).unwrap().as_ref(), Some(&new));
        assert_eq!(index.lookup(Query::Delivery(&coordinate(0), old.payload)).unwrap().as_ref(), Some(&old));
        assert_eq!(index.lookup(Query::Text(text(0))).unwrap().as_ref(), Some(&old));
    }
}

fn positions_never_go_back(mut index: Box<dyn DedupIndex>) {
    index.apply(vouched(Vec::new(), 5)).unwrap();
    index.apply(vouched(vec![Arc::new(claim(0, 0, 0, 0, 0))], 3)).unwrap();
    let other = ChangelogPositions([(7, 1)].into());
    index.apply(VouchedClaims::read_back(Vec::new(), other)).unwrap();
    assert_eq!(*index.restored_to(), ChangelogPositions([(0, 5), (7, 1)].into()));
    assert_eq!(index.len(), 1);
}

fn answers_are_a_function_of_the_set_of_claims(fresh: Fresh<'_>) {
    let claims = sample_claims();
    let mut index = fresh();
    index.apply(vouched(claims.clone(), 1)).unwrap();
    let expected = (answers(&*index), index.len());
    // Any order, in portions of any size, some of them twice.
    let orders = (Just(claims.clone()).prop_shuffle(), 1..6usize, proptest::collection::vec(0..claims.len(), 0..20));
    let mut runner = TestRunner::new(Config { cases: 32, failure_persistence: None, ..Config::default() });
    let fresh = std::cell::RefCell::new(fresh);
    runner
        .run(&orders, |(claims, portion, again)| {
            let mut index = (*fresh.borrow_mut())();
            for portion in claims.chunks(portion) {
                index.apply(vouched(portion.to_vec(), 1)).unwrap();
            }
            index.apply(vouched(again.iter().map(|at| claims[*at].clone()).collect(), 1)).unwrap();
            prop_assert_eq!((answers(&*index), index.len()), expected.clone());
            Ok(())
        })
        .unwrap();
}

fn near_texts_are_found_by_their_bands(mut index: Box<dyn DedupIndex>) {
    let claims: Vec<Arc<Claim>> = (0..3).map(|at| Arc::new(claim(at, 0, 1_000, at as u8, at as u8))).collect();
    let bare = Arc::new(Claim { sketch: None, ..claim(3, 0, 1_000, 3, 0) });
    index.apply(vouched([claims.clone(), vec![bare]].concat(), 1)).unwrap();
    for claim in &claims {
        let near = sketcher().sketch(None, &format!("{} and a tail of its own", words(claim.delivery.offset.0 as u8)));
        let layers = Layers::new([Some(index.answers()), None, None]);
        assert_eq!(layers.candidates(&near, Day::FIRST).unwrap(), [Arc::clone(claim)]);
        assert_eq!(layers.candidates(&near, Day::of(86_400_000)).unwrap(), [], "of days that matter no more");
        // In two layers at once it is one claim.
        let twice = Layers::new([Some(index.answers()), Some(index.answers()), None]);
        assert_eq!(twice.candidates(&near, Day::FIRST).unwrap(), [Arc::clone(claim)]);
    }
}

fn a_hot_bucket_holds_the_newest_whatever_the_order(fresh: Fresh<'_>) {
    let claims: Vec<Arc<Claim>> =
        (0..90).map(|at| Arc::new(claim(at, 0, (at as i64 * 37 % 45) * 10_000_000, 0, 0))).collect();
    let found = |index: &dyn DedupIndex, layered: Option<&dyn DedupIndex>| {
        let layers = Layers::new([Some(index.answers()), layered.map(DedupIndex::answers), None]);
        layers.candidates(&sketch(0), Day::FIRST).unwrap()
    };
    let mut index = fresh();
    index.apply(vouched(claims.clone(), 1)).unwrap();
    let expected = found(&*index, None);
    assert_eq!(expected.len(), BUCKET);
    let oldest = expected.iter().map(|claim| claim.event_time_ms).min().unwrap();
    assert_eq!(claims.iter().filter(|claim| claim.event_time_ms > oldest).count(), BUCKET - 2, "two of each time");
    let mut backwards = fresh();
    for claim in claims.iter().rev() {
        backwards.apply(vouched(vec![Arc::clone(claim)], 1)).unwrap();
    }
    assert_eq!(found(&*backwards, None), expected);
    // Committed or in a batch still open: it makes no difference.
    let (mut committed, mut open) = (fresh(), fresh());
    let (left, right): (Vec<_>, Vec<_>) = claims.into_iter().partition(|claim| claim.delivery.offset.0 % 3 == 0);
    committed.apply(vouched(left, 1)).unwrap();
    open.apply(vouched(right, 1)).unwrap();
    assert_eq!(found(&*committed, Some(&*open)), expected);
}

fn dropping_days_leaves_what_the_rest_would_have_answered(fresh: Fresh<'_>) {
    let claims = sample_claims();
    for drop_before in 0..5_i64 {
        let oldest = Day::of(drop_before * 86_400_000);
        let mut index = fresh();
        index.apply(vouched(claims.clone(), 1)).unwrap();
        let seen = answers_since(&*index, oldest);
        index.expire(oldest).unwrap();
        assert_eq!(answers_since(&*index, Day::FIRST), seen, "dropped or not, it does not matter");
        let mut without = fresh();
        let rest: Vec<_> = claims.iter().filter(|claim| claim.held_on() >= oldest).cloned().collect();
        without.apply(vouched(rest.clone(), 1)).unwrap();
        assert_eq!(answers(&*without), seen, "as if there had been nothing else");
        assert_eq!(index.len(), rest.len());
        assert_eq!(index.size().oldest, rest.iter().map(|claim| claim.held_on()).min());
        // Numbers that became free are given again.
        index.apply(vouched(claims.clone(), 2)).unwrap();
        assert_eq!(answers_since(&*index, oldest), seen);
    }
}

const ARTICLES: u8 = 4;
const TEXTS: u8 = 5;
const DELIVERIES: u64 = 20;

/// Few articles and texts over many deliveries and four days, with equal event times and recreated coordinates among them.
pub(crate) fn sample_claims() -> Vec<Arc<Claim>> {
    (0..DELIVERIES + 4)
        .map(|at| {
            let small = u8::try_from(at).unwrap();
            let recreated = u8::from(at >= DELIVERIES);
            let (of_article, of_text) = (small * 7 % ARTICLES, small * 3 % TEXTS);
            let claim = claim(at % DELIVERIES, recreated, i64::from(small * 5 % 8) * 43_200_000, of_article, of_text);
            let succeeds = (small % 6 == 5).then(|| article(small % ARTICLES));
            let text = claim.text.filter(|_| small % 7 != 6);
            // Short texts among them.
            let sketch = claim.sketch.clone().filter(|_| small % 2 == 0);
            Arc::new(Claim { revision: u32::from(small % 3), succeeds, text, sketch, ..claim })
        })
        .collect()
}

fn answers(index: &dyn DedupIndex) -> Vec<Option<Arc<Claim>>> {
    answers_since(index, Day::FIRST)
}

/// The answer to every query that any sample claim could change.
fn answers_since(index: &dyn DedupIndex, since: Day) -> Vec<Option<Arc<Claim>>> {
    let layers = Layers::new([Some(index.answers()), None, None]);
    let mut answers = Vec::new();
    for name in 0..TEXTS {
        answers.extend(layers.candidates(&sketch(name), since).unwrap().into_iter().map(Some));
        answers.push(None);
    }
    for at in (0..DELIVERIES).map(coordinate) {
        answers.push(index.answers().find(Query::Coordinate(&at), since).unwrap());
        answers.extend([0, 1].map(|bytes| index.answers().find(Query::Delivery(&at, payload(bytes)), since).unwrap()));
    }
    for name in 0..ARTICLES {
        answers.push(index.answers().find(Query::Article(&article(name)), since).unwrap());
        answers.push(index.answers().find(Query::Identity(alias(name)), since).unwrap());
        answers.push(index.answers().find(Query::Successor(&article(name)), since).unwrap());
    }
    for of_text in 0..TEXTS {
        let mut ask = |query| answers.push(index.answers().find(query, since).unwrap());
        ask(Query::Text(text(of_text)));
        (0..ARTICLES).for_each(|publisher| ask(Query::TextBy(text(of_text), PublisherKey::of(&[&[publisher]]))));
        (0..TEXTS).for_each(|title| ask(Query::TextUnder(text(of_text), TitleKey::of(&[&[title]]))));
    }
    answers
}

fn vouched(claims: Vec<Arc<Claim>>, next: u64) -> VouchedClaims {
    VouchedClaims::read_back(claims, ChangelogPositions([(0, next)].into()))
}

fn claim(offset: u64, bytes: u8, event_time_ms: i64, of_article: u8, of_text: u8) -> Claim {
    Claim {
        delivery: coordinate(offset),
        payload: payload(bytes),
        event_time_ms,
        article: article(of_article),
        revision: 1,
        verdict: Verdict::Unique,
        published: true,
        aliases: vec![alias(of_article)],
        text: Some(text(of_text)),
        day: None,
        substance: None,
        sketch: Some(sketch(of_text)),
        likeness: None,
        related: Vec::new(),
        succeeds: None,
        title: Some(TitleKey::of(&[&[of_text]])),
        publisher: Some(PublisherKey::of(&[&[of_article]])),
        of: None,
        first: None,
    }
}

fn sketcher() -> &'static Sketcher {
    static SKETCHER: std::sync::LazyLock<Sketcher> = std::sync::LazyLock::new(|| Sketcher::new("conformance"));
    &SKETCHER
}

/// A text that no other name shares words with.
fn words(of_text: u8) -> String {
    (0..60).map(|at| format!("word{}of{of_text}", at)).collect::<Vec<_>>().join(" ")
}

fn sketch(of_text: u8) -> Sketch {
    sketcher().sketch(None, &words(of_text))
}

fn payload(bytes: u8) -> PayloadHash {
    PayloadHash::of_payload(Some(&[bytes]))
}

fn coordinate(offset: u64) -> Coordinate {
    Coordinate { partition: Partition { topic: "pages".into(), number: 0 }, offset: Offset(offset) }
}

fn alias(name: u8) -> IdentityKey {
    IdentityKey::of(&[&[name]])
}

fn article(name: u8) -> ArticleId {
    ArticleId::of(alias(name))
}

fn text(name: u8) -> TextKey {
    TextKey::of(&[&[name]])
}
