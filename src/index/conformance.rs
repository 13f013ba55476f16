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

use super::{ChangelogPositions, DedupIndex, Query};
use crate::fingerprint::{IdentityKey, PayloadHash, PublisherKey, TextKey, TitleKey};
use crate::sink::VouchedClaims;
use crate::source::{Coordinate, Offset, Partition};
use crate::verdict::{ArticleId, Claim, Verdict};

/// Opens an index with nothing in it; each call gives another.
pub(crate) type Fresh<'a> = &'a mut dyn FnMut() -> Box<dyn DedupIndex>;

/// The whole suite.
pub(crate) fn check(fresh: Fresh<'_>) {
    unknown_queries_have_no_answer(fresh());
    the_first_claim_of_a_text_and_the_newest_of_an_article_answer(fresh());
    a_recreated_input_keeps_both_claims_and_the_newer_answers_for_the_coordinate(fresh);
    positions_never_go_back(fresh());
    answers_are_a_function_of_the_set_of_claims(fresh);
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

const ARTICLES: u8 = 4;
const TEXTS: u8 = 5;
const DELIVERIES: u64 = 20;

/// Few articles and texts over many deliveries, with equal event times and recreated coordinates among them.
pub(crate) fn sample_claims() -> Vec<Arc<Claim>> {
    (0..DELIVERIES + 4)
        .map(|at| {
            let small = u8::try_from(at).unwrap();
            let recreated = u8::from(at >= DELIVERIES);
            let (of_article, of_text) = (small * 7 % ARTICLES, small * 3 % TEXTS);
            let claim = claim(at % DELIVERIES, recreated, i64::from(small * 5 % 8) * 1_000, of_article, of_text);
            let succeeds = (small % 6 == 5).then(|| article(small % ARTICLES));
            let text = claim.text.filter(|_| small % 7 != 6);
            Arc::new(Claim { revision: u32::from(small % 3), succeeds, text, ..claim })
        })
        .collect()
}

/// The answer to every query that any sample claim could change.
fn answers(index: &dyn DedupIndex) -> Vec<Option<Arc<Claim>>> {
    let mut answers = Vec::new();
    for at in (0..DELIVERIES).map(coordinate) {
        answers.push(index.lookup(Query::Coordinate(&at)).unwrap());
        answers.extend([0, 1].map(|bytes| index.lookup(Query::Delivery(&at, payload(bytes))).unwrap()));
    }
    for name in 0..ARTICLES {
        answers.push(index.lookup(Query::Article(&article(name))).unwrap());
        answers.push(index.lookup(Query::Identity(alias(name))).unwrap());
        answers.push(index.lookup(Query::Successor(&article(name))).unwrap());
    }
    answers.extend((0..TEXTS).map(|name| index.lookup(Query::Text(text(name))).unwrap()));
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
        succeeds: None,
        title: Some(TitleKey::of(&[&[of_text]])),
        publisher: Some(PublisherKey::of(&[&[of_article]])),
        of: None,
        first: None,
    }
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
