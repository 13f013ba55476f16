//! Copies that are not equal, by real sketches.

use std::time::Duration;

use super::*;
use crate::article::Article;
use crate::fingerprint::Sketching;
use crate::fingerprint::near::compare;
use crate::verdict::{Timing, Updates, Window};

const DAY_MS: i64 = 86_400_000;

/// An article of our own making: so many sentences, in words that no other subject has but for the smallest.
fn story(subject: usize, sentences: std::ops::Range<usize>) -> String {
    const SYLLABLES: [&str; 16] = [
        "bar", "del", "fin", "gor", "hal", "kem", "lun", "mor", "nis", "pel", "qua", "ros", "sel", "tam", "vor", "wen",
    ];
    let word = |n: usize| {
        let mut mixed = (n as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        mixed ^= mixed >> 29;
        (0..3).map(|at| SYLLABLES[(mixed >> (20 + 4 * at)) as usize % 16]).collect::<String>()
    };
    let sentence = |at: usize| {
        let [a, b, c, d, e, f, g] = [0, 1, 2, 3, 4, 5, 6].map(|nth| word(subject * 100_000 + at * 7 + nth));
        format!("The {a} {b} of {c} {d} the {e}, and {f} said that {g} was in it.")
    };
    sentences.map(sentence).collect::<Vec<_>>().join("\n\n")
}

/// A page with a text of its own.
struct Written<'a> {
    url: &'a str,
    title: &'a str,
    text: String,
}

impl Written<'_> {
    fn fingerprint(&self, payload: u64) -> Fingerprint {
        static SKETCHING: std::sync::LazyLock<Sketching> = std::sync::LazyLock::new(|| Sketching::new("a seed", 20));
        let article = Article { title: Some(self.title.into()), body: self.text.clone(), ..Article::default() };
        let payload = PayloadHash::of_payload(Some(&payload.to_le_bytes()));
        Fingerprint::of(&article, Some(self.url), None, payload).sketched(&article, &SKETCHING)
    }
}

impl Stream {
    fn read_at(&mut self, event_time_ms: i64, page: &Written<'_>) -> Decision {
        let offset = self.next;
        self.next += 1;
        let fingerprint = page.fingerprint(offset);
        let delivery = coordinate(offset);
        let question = Question { delivery: &delivery, event_time_ms, fingerprint: &fingerprint };
        let decision = adjudicate(question, &self.index, self.policy).unwrap();
        let claims = vec![Arc::clone(&decision.claim)];
        self.index.apply(VouchedClaims::read_back(claims, ChangelogPositions::default())).unwrap();
        decision
    }

    fn read(&mut self, url: &str, text: String) -> Decision {
        self.read_at(
            i64::try_from(self.next).unwrap() * 1_000,
            &Written { url, title: "A headline of some length", text },
        )
    }
}

const FIRST: &str = "https://first.example.org/story";
const ELSEWHERE: &str = "https://second.example.net/other";

#[test]
fn a_cut_copy_elsewhere_is_near_and_says_how_near() {
    let mut stream = Stream::default();
    let first = stream.read(FIRST, story(1, 0..20));
    assert_eq!(outcome(&first), (Verdict::Unique, 1, true));
    assert!(first.claim.sketch.is_some());
    let copy = stream.read(ELSEWHERE, story(1, 0..16));
    assert_eq!(outcome(&copy), (Verdict::Near, 0, false));
    assert_eq!((&copy.claim.of, &copy.claim.first), (&Some(first.claim.article.clone()), &Some(coordinate(0))));
    let likeness = copy.claim.likeness.as_ref().unwrap();
    assert_eq!(likeness.to, coordinate(0));
    assert!(likeness.similarity() >= f64::from(stream.policy.bands.copy) && likeness.change() < 0.2, "{likeness:?}");
    assert_eq!(copy.nearest.as_ref().unwrap().claim, first.claim);
    // The same copy once more, at its own address.
    assert_eq!(outcome(&stream.read(ELSEWHERE, story(1, 0..16))), (Verdict::Unchanged, 0, false));
    // Another story is none.
    let other = stream.read("https://third.example.com/x", story(2, 0..20));
    assert_eq!(outcome(&other), (Verdict::Unique, 1, true));
    assert_eq!(other.claim.likeness, None);
}

#[test]
fn a_sketch_of_another_version_counts_as_none_and_spoils_nothing_else() {
    use base64::Engine as _;
    let written = Stream::default().read(FIRST, story(1, 0..20)).claim;
    let json = serde_json::to_value(&*written).unwrap();
    assert_eq!(serde_json::from_value::<Claim>(json.clone()).unwrap(), *written);
    let base64 = base64::engine::general_purpose::STANDARD_NO_PAD;
    let mut bytes = written.sketch.as_ref().unwrap().as_bytes().to_vec();
    bytes[0] += 1;
    let without = Claim { sketch: None, ..Claim::clone(&written) };
    for other in [base64.encode(&bytes), base64.encode(&bytes[..40]), "no base64!".into(), String::new()] {
        let mut json = json.clone();
        json["sketch"] = other.clone().into();
        assert_eq!(serde_json::from_value::<Claim>(json).unwrap(), without, "{other}");
    }
    // Another version's may not even be a string.
    for other in [serde_json::json!(null), serde_json::json!({"bins": [1, 2]})] {
        let mut json = json.clone();
        json["sketch"] = other;
        assert_eq!(serde_json::from_value::<Claim>(json).unwrap(), without);
    }
    // Equality still finds its copies.
    let mut stream = Stream::default();
    stream.index.apply(VouchedClaims::read_back(vec![Arc::new(without)], ChangelogPositions::default())).unwrap();
    stream.next = 1;
    assert_eq!(stream.read(ELSEWHERE, story(1, 0..20)).verdict, Verdict::Exact);
    assert_eq!(stream.read("https://third.example.com/x", story(1, 0..16)).verdict, Verdict::Unique);
}

#[test]
fn annotate_publishes_near_copies_and_off_finds_none() {
    let mut annotating = Stream::with(Mode::Annotate);
    annotating.read(FIRST, story(1, 0..20));
    let copy = annotating.read(ELSEWHERE, story(1, 0..16));
    assert_eq!(outcome(&copy), (Verdict::Near, 1, true));
    let mut off = Stream::with(Mode::Off);
    off.read(FIRST, story(1, 0..20));
    assert_eq!(outcome(&off.read(ELSEWHERE, story(1, 0..16))), (Verdict::Unique, 1, true));
}

#[test]
fn a_publishers_own_near_text_that_comes_later_is_a_revision_of_its_article() {
    let mut stream = Stream::default();
    let first = stream.read(FIRST, story(1, 0..20));
    let moved = "https://first.example.org/story-with-another-headline";
    let again = stream.read(moved, story(1, 0..21));
    assert_eq!(outcome(&again), (Verdict::Revision, 2, true));
    assert_eq!(again.claim.article, first.claim.article);
    // Both addresses lead to it from now on, and each page is as it was.
    assert_eq!(outcome(&stream.read(FIRST, story(1, 0..20))), (Verdict::Unchanged, 2, false));
    assert_eq!(outcome(&stream.read(moved, story(1, 0..21))), (Verdict::Unchanged, 2, false));
    let third = stream.read(moved, story(1, 0..24));
    assert_eq!((outcome(&third), &third.claim.article), ((Verdict::Revision, 3, true), &first.claim.article));
    // Without a time of its own after the article's, it is a copy.
    let mut stream = Stream::default();
    stream.read_at(5_000, &Written { url: FIRST, title: "A headline of some length", text: story(1, 0..20) });
    let older = Written { url: moved, title: "A headline of some length", text: story(1, 0..19) };
    assert_eq!(stream.read_at(4_000, &older).verdict, Verdict::Near);
}

#[test]
fn a_live_page_grows_by_revisions_and_its_clock_is_no_change() {
    let mut stream = Stream::default();
    let page = |sentences, views: u32, clock: &str| {
        format!("{views} views\n\n{}\n\nUpdated at {clock}", story(3, 0..sentences))
    };
    assert_eq!(outcome(&stream.read(FIRST, page(10, 12, "10:02"))), (Verdict::Unique, 1, true));
    assert_eq!(outcome(&stream.read(FIRST, page(10, 4_711, "10:09"))), (Verdict::Unchanged, 1, false));
    assert_eq!(outcome(&stream.read(FIRST, page(11, 5_000, "10:30"))), (Verdict::Revision, 2, true));
    assert_eq!(outcome(&stream.read(FIRST, page(12, 5_001, "10:31"))), (Verdict::Revision, 3, true));
    assert_eq!(outcome(&stream.read(FIRST, page(12, 9_999, "11:59"))), (Verdict::Unchanged, 3, false));
    // A copy of a later state is one of the article.
    let copy = stream.read(ELSEWHERE, story(3, 0..12));
    assert_eq!((copy.verdict, copy.claim.first.clone()), (Verdict::Near, Some(coordinate(0))));
}

#[test]
fn where_updates_are_suppressed_they_are_known_all_the_same() {
    let mut stream = Stream::default();
    stream.policy.updates = Updates::Suppress;
    stream.read(FIRST, story(1, 0..20));
    let changed = stream.read(FIRST, story(1, 5..25));
    assert_eq!(outcome(&changed), (Verdict::Revision, 1, false));
    assert_eq!(outcome(&stream.read(FIRST, story(1, 5..25))), (Verdict::Unchanged, 1, false));
    let copy = stream.read(ELSEWHERE, story(1, 6..25));
    assert_eq!((copy.verdict, copy.claim.first.clone()), (Verdict::Near, Some(coordinate(0))));
}

#[test]
fn a_chain_of_small_edits_does_not_swallow_another_article() {
    let mut stream = Stream::default();
    let mut cluster = Vec::new();
    let mut broke_at = None;
    // Each copy drops its first sentence and gains one at its end: neighbours are near, the ends have nothing in common.
    for step in 0..24 {
        let url = format!("https://paper-{step}.example/story");
        let decision = stream.read(&url, story(5, step..step + 20));
        match decision.verdict {
            Verdict::Near => cluster.push(decision.claim.of.clone()),
            Verdict::Unique if step > 0 => {
                broke_at = Some(step);
                break;
            }
            Verdict::Unique => {}
            other => panic!("{other:?} at {step}"),
        }
    }
    let broke_at = broke_at.expect("the chain ends before nothing is left of its first article");
    assert!((2..=20).contains(&broke_at), "{broke_at}");
    assert!(cluster.iter().all(|of| *of == cluster[0]));
    let sketch = |step: usize| {
        let page = Written { url: FIRST, title: "A headline of some length", text: story(5, step..step + 20) };
        page.fingerprint(0).sketch.unwrap()
    };
    let alike = |earlier: usize, later: usize| compare(&sketch(earlier), &sketch(later)).probability;
    // The last copy alone would have swallowed the article that broke the chain.
    assert!(alike(broke_at - 1, broke_at) >= stream.policy.bands.copy);
    // What is a copy is like what was published; copies of copies alone would have gone on.
    assert!((1..broke_at).all(|step| alike(0, step) >= stream.policy.bands.related));
    let members = (1..broke_at as u64)
        .filter_map(|at| stream.index.lookup(Query::Coordinate(&coordinate(at))).unwrap())
        .filter(|claim| claim.sketch.is_some());
    // Those that still share a band with a text count against it: in a chain that has moved on there may be a few more.
    let members = members.count();
    assert!(members > 0 && members < 10, "{members} copies represent an article");
}

#[test]
fn below_the_threshold_articles_are_related() {
    let mut stream = Stream::default();
    let first = stream.read(FIRST, story(7, 0..20));
    // Bands that any overlap falls into, so that the model does not decide what is tested.
    stream.policy.bands = crate::verdict::Bands { copy: 1.0, related: 1e-6 };
    let other = stream.read(ELSEWHERE, format!("{}\n\n{}", story(8, 0..12), story(7, 0..12)));
    assert_eq!(outcome(&other), (Verdict::Unique, 1, true));
    assert_eq!(other.claim.related, std::slice::from_ref(&first.claim.article));
    assert!(other.nearest.unwrap().comparison.probability < 1.0);
}

#[test]
fn short_texts_need_equality() {
    let mut stream = Stream::default();
    let short = "Neighbours rebuilt the lighthouse near Skerry.";
    stream.read(FIRST, short.into());
    let copy = stream.read(ELSEWHERE, format!("{short} Again."));
    assert_eq!((copy.verdict, copy.search.candidates), (Verdict::Unique, 0));
    assert_eq!(copy.claim.sketch, None);
}

#[test]
fn copies_of_what_was_taken_back_are_articles() {
    let mut stream = Stream::default();
    stream.read(FIRST, story(1, 0..20));
    let named = crate::fingerprint::address_key(FIRST).unwrap().0;
    stream.retract(&crate::verdict::Named::Address(named));
    let heir = stream.read(ELSEWHERE, story(1, 0..16));
    assert_eq!(outcome(&heir), (Verdict::Unique, 1, true));
    let copy = stream.read("https://third.example.com/x", story(1, 0..17));
    assert_eq!((copy.verdict, copy.claim.of.clone()), (Verdict::Near, Some(heir.claim.article.clone())));
}

#[test]
fn claims_go_with_their_day_and_late_pages_are_held_on_the_oldest() {
    let mut stream = Stream::default();
    stream.policy.window = Window::new(Duration::from_secs(2 * 86_400), None);
    let page = |url, sentences| Written { url, title: "A headline of some length", text: story(1, sentences) };
    stream.read_at(0, &page(FIRST, 0..20));
    assert_eq!(stream.read_at(2 * DAY_MS, &page(ELSEWHERE, 0..18)).verdict, Verdict::Near);
    // The first is out of the window now; its copy stood for it only where it was another enough.
    let after = stream.read_at(3 * DAY_MS, &page("https://third.example.com/x", 0..20));
    assert!(matches!(after.verdict, Verdict::Unique | Verdict::Near), "{:?}", after.verdict);
    assert_eq!(after.claim.first.is_none(), after.verdict == Verdict::Unique);
    // Its own address is forgotten too.
    let again = stream.read_at(20 * DAY_MS, &page(FIRST, 0..20));
    assert_eq!((outcome(&again), again.timing), ((Verdict::Unique, 1, true), Timing::InTime));
    // A late page is looked up: it is a copy of what is newer than itself.
    let late = stream.read_at(DAY_MS, &page("https://fourth.example.com/x", 0..19));
    assert_eq!((late.verdict, late.timing), (Verdict::Near, Timing::Late));
    assert_eq!(late.claim.held_on(), Day::of(18 * DAY_MS));
    assert_eq!(late.claim.event_time_ms, DAY_MS);
}

#[test]
fn one_page_from_the_future_does_not_end_the_window_of_the_others() {
    let mut stream = Stream::default();
    stream.policy.window = Window::new(Duration::from_secs(30 * 86_400), Some(Duration::from_secs(3_600)));
    let page = |url, sentences| Written { url, title: "A headline of some length", text: story(1, sentences) };
    stream.read_at(0, &page(FIRST, 0..20));
    let future =
        stream.read_at(900 * DAY_MS, &Written { text: story(2, 0..20), ..page("https://clock.example.com/", 0..1) });
    assert_eq!((future.verdict, future.timing), (Verdict::Unique, Timing::FutureDated));
    assert_eq!(future.claim.event_time_ms, 3_600_000);
    assert_eq!(stream.read_at(60_000, &page(ELSEWHERE, 0..16)).verdict, Verdict::Near);
}

#[test]
fn a_hundred_thousand_articles_in_one_bucket_cost_no_more_than_a_few() {
    let mut stream = Stream::default();
    let base = Written { url: FIRST, title: "A headline of some length", text: story(1, 0..20) }.fingerprint(0);
    // Claims as a crafted flood would leave them: one sketch under a hundred thousand addresses and texts.
    for at in 0..100_000_u64 {
        let url = IdentityKey::of(&[b"flood", &at.to_le_bytes()]);
        let claim = Claim {
            delivery: coordinate(at),
            payload: PayloadHash::of_payload(Some(&at.to_le_bytes())),
            event_time_ms: i64::try_from(at).unwrap(),
            day: None,
            article: ArticleId::of(url),
            revision: 1,
            verdict: Verdict::Unique,
            published: true,
            aliases: vec![url],
            text: Some(TextKey::of(&[b"flood", &at.to_le_bytes()])),
            substance: None,
            sketch: base.sketch.clone(),
            likeness: None,
            related: Vec::new(),
            title: None,
            publisher: None,
            of: None,
            first: None,
            succeeds: None,
        };
        stream.index.apply(VouchedClaims::read_back(vec![Arc::new(claim)], ChangelogPositions::default())).unwrap();
    }
    stream.next = 100_000;
    let decision = stream.read(ELSEWHERE, story(1, 0..19));
    assert_eq!(decision.verdict, Verdict::Near);
    assert!(decision.search.comparisons <= 49, "{:?}", decision.search);
    let bands = base.sketch.as_ref().unwrap().bands().count() as u64;
    assert!(stream.index.size().overflowed >= bands * (100_000 - 24), "{:?}", stream.index.size());
}
