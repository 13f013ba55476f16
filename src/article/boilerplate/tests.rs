//! The packs test themselves: each brings sentences that must and must not be recognised.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::collections::BTreeSet;

use super::{PACKS, Rules, pack};
use crate::article::BlockKind;

#[test]
fn every_pack_recognises_its_positive_sentences() {
    let rules = Rules::compiled_in().unwrap();
    let mut failures = Vec::new();
    for (name, text) in PACKS {
        let (kind, pack) = pack::parse(name, text).unwrap();
        assert!(!pack.positive.is_empty() && !pack.negative.is_empty(), "{name} has no tests");
        for (language, sentence) in
            pack.positive.iter().flat_map(|(language, list)| list.iter().map(move |one| (language, one)))
        {
            let verdict = rules.phrases.verdict(sentence);
            if verdict.is_none_or(|verdict| verdict.kind != kind && !same_furniture(verdict.kind, kind)) {
                failures.push(format!("{name}/{language}: {sentence:?} gives {verdict:?}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The languages that a newspaper of ours may be in.
const LANGUAGES: [&str; 23] = [
    "en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "no", "fi", "cs", "hu", "ro", "el", "tr", "ru", "uk",
    "ja", "zh", "ko", "ar",
];

#[test]
fn every_pack_knows_every_language_and_shows_it() {
    let mut failures = Vec::new();
    for (name, text) in PACKS {
        let (_, pack) = pack::parse(name, text).unwrap();
        let tables =
            [&pack.labels, &pack.beside, &pack.starts, &pack.phrases, &pack.cues, &pack.actions, &pack.objects];
        let known: BTreeSet<&str> = tables.iter().flat_map(|table| table.keys()).map(String::as_str).collect();
        let unknown = LANGUAGES.into_iter().filter(|language| !known.contains(language));
        failures.extend(unknown.map(|language| format!("{name} knows no {language}")));
        let unshown = known.iter().filter(|language| **language != "any" && !pack.positive.contains_key(**language));
        failures.extend(unshown.map(|language| format!("{name} shows no {language}")));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Kinds whose words overlap: a button to subscribe may be either's.
fn same_furniture(one: BlockKind, other: BlockKind) -> bool {
    let pair = |a, b| (one, other) == (a, b) || (one, other) == (b, a);
    pair(BlockKind::Newsletter, BlockKind::Paywall)
        || pair(BlockKind::Navigation, BlockKind::Related)
        || pair(BlockKind::MachineTranslation, BlockKind::Disclaimer)
        || pair(BlockKind::Counter, BlockKind::Comments)
        || pair(BlockKind::Counter, BlockKind::Share)
}

#[test]
fn no_pack_takes_a_negative_sentence() {
    let rules = Rules::compiled_in().unwrap();
    let mut failures = Vec::new();
    for (name, text) in PACKS {
        let (_, pack) = pack::parse(name, text).unwrap();
        for (language, sentence) in
            pack.negative.iter().flat_map(|(language, list)| list.iter().map(move |one| (language, one)))
        {
            if let Some(verdict) = rules.phrases.verdict(sentence).filter(|verdict| !verdict.beside_only) {
                failures.push(format!("{name}/{language}: {sentence:?} gives {verdict:?}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn a_button_without_its_notice_is_only_a_candidate() {
    let rules = Rules::compiled_in().unwrap();
    let verdict = rules.phrases.verdict("OK").unwrap();
    assert_eq!(verdict.kind, BlockKind::Consent);
    assert!(verdict.beside_only);
}

#[test]
fn phrases_match_at_word_boundaries_only() {
    let rules = Rules::compiled_in().unwrap();
    assert_eq!(rules.phrases.verdict("Shareholders"), None);
    assert_eq!(rules.phrases.verdict("Tweety"), None);
}

#[test]
fn the_first_digits_of_a_year_stand_for_all_its_years() {
    let rules = Rules::compiled_in().unwrap();
    let kind = |text: &str| rules.phrases.verdict(text).map(|verdict| verdict.kind);
    assert_eq!(kind("Copyright 2031 Example Press"), Some(BlockKind::Copyright));
    assert_eq!(kind("2031 was a good year for apples in the valley"), None);
    assert_eq!(kind("In 2031, 20 of them were planted"), None);
    assert_eq!(kind("The Example Gazette, copyright 1987 by its makers"), Some(BlockKind::Copyright));
    assert_eq!(kind("The Copyright 3000 campaign begins today"), None);
}

#[test]
fn a_block_that_is_not_read_has_nothing_to_say() {
    let rules = Rules::compiled_in().unwrap();
    let packs: Vec<_> = PACKS.iter().map(|(name, text)| pack::parse(name, text).unwrap().1).collect();
    let tables = packs.iter().flat_map(|pack| {
        [
            &pack.positive,
            &pack.negative,
            &pack.labels,
            &pack.beside,
            &pack.starts,
            &pack.phrases,
            &pack.cues,
            &pack.actions,
            &pack.objects,
        ]
    });
    let sentences: Vec<&String> = tables.flat_map(|table| table.values().flatten()).collect();
    let filler = "The harbour of Merrow opened again on Monday, two years after the storm. ".repeat(3);
    // As long as a block may be of which something can be said, and longer.
    let (long, longer) = (filler.repeat(12), "Гавань Мерроу снова открылась. ".repeat(400));
    let mut telling = 0;
    for pair in sentences.windows(2) {
        let (one, other) = (pair[0], pair[1]);
        for block in [
            one.clone(),
            format!("12 · {one}"),
            format!("1 2 3 4 5 6 7 8 9 10 {one}"),
            format!("{one} | {other}"),
            format!("{filler}{one}"),
            format!("{one} {filler}"),
            format!("{filler}{one} {other}"),
            format!("{long}{one}"),
            format!("{one} {longer}{other}"),
        ] {
            let read = rules.phrases.read(&block).verdict();
            assert_eq!(rules.phrases.verdict(&block), read, "{block}");
            telling += usize::from(read.is_some());
        }
    }
    assert!(telling > sentences.len(), "{telling} of {} told", sentences.len() * 9);
}
