use proptest::prelude::*;

use super::*;

const STORY: &str = "The harbour authority of Port Ellis said on Tuesday that it will close the northern basin for eleven weeks \
    while divers repair the wall that a storm damaged in January. Ferries will leave from the southern quay instead, \
    and fishermen were promised 420 euros a week for as long as the work takes.\n\nThe mayor, Anna Berg, said the town \
    had waited too long for the money and that the wall had been unsafe for years.";

fn sketch(title: &str, body: &str) -> Sketch {
    Sketcher::new("tests").sketch(Some(title), body)
}

proptest! {
    #[test]
    fn a_sketch_is_the_same_again_and_survives_its_bytes(title in ".{0,80}", body in "(\\PC|[a-z ]|\n){0,600}") {
        let own = sketch(&title, &body);
        prop_assert_eq!(&own, &sketch(&title, &body));
        prop_assert_eq!(&own, &Sketch::from_bytes(own.as_bytes()).unwrap());
        let json = serde_json::to_string(&own).unwrap();
        prop_assert_eq!(&own, &serde_json::from_str::<Sketch>(&json).unwrap());
        prop_assert!(own.as_bytes().len() <= 450, "{} bytes", own.as_bytes().len());
        prop_assert!(features(&own, &own).iter().all(|value| value.is_finite()));
    }

    #[test]
    fn what_is_no_sketch_is_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        if let Ok(read) = Sketch::from_bytes(&bytes) {
            prop_assert_eq!(read.as_bytes(), bytes.as_slice());
        }
    }
}

#[test]
fn a_text_is_its_own_copy() {
    let own = sketch("Basin closes", STORY);
    assert!(compare(&own, &own).probability > 0.97);
    assert_eq!(compare(&own, &own).overlap, 1.0);
}

#[test]
fn another_seed_gives_other_keys() {
    let keys: Vec<u32> = sketch("", STORY).bands().collect();
    assert!(keys.len() >= 16, "only {} keys", keys.len());
    let others: Vec<u32> = Sketcher::new("another").sketch(None, STORY).bands().collect();
    assert!(keys.iter().all(|key| !others.contains(key)));
}

#[test]
fn a_text_without_words_has_no_keys() {
    assert_eq!(sketch("", " — ").bands().count(), 0);
}
