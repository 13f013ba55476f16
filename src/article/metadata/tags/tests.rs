#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::{Sources, split, tidied};

fn owned(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

fn tidy(values: &[&str]) -> Vec<String> {
    tidied(&split(&owned(values)), ["Jane Doe", "paper.example.org"].into_iter())
}

fn chosen(stated: &[&[&str]], linked: &[&[&str]], text: &str) -> Vec<String> {
    let lists = |lists: &[&[&str]]| lists.iter().map(|list| owned(list)).collect();
    Sources { stated: lists(stated), linked: lists(linked) }.choose(Some("A title"), text)
}

#[test]
fn one_value_is_a_list_and_several_are_tags() {
    assert_eq!(tidy(&["Prices, wages; Ekonomie、賃金"]), ["Prices", "wages", "Ekonomie", "賃金"]);
    assert_eq!(tidy(&["Doe, John", "Wages"]), ["Doe, John", "Wages"]);
    assert_eq!(tidy(&["Business, Finance, & Economics"]), ["Business, Finance, & Economics"]);
    assert_eq!(tidy(&["", "Prices, wages"]), ["Prices", "wages"]);
    assert_eq!(tidy(&["a, b, c, d", "e"]), ["a", "b", "c", "d", "e"]);
}

#[test]
fn what_is_for_machines_or_known_otherwise_is_no_tag() {
    let values = [
        "26157981-b4f7-4929-adc1-e860c6f03636",
        "paper.example.org",
        "jane doe",
        "_prio_3",
        "newsticker_security",
        "20240117",
        "https://example.org/tag",
        "desk@example.org",
        "---",
        "Node.js",
        "2024",
        "Deface",
    ];
    assert_eq!(tidy(&values), ["Node.js", "2024", "Deface"]);
}

#[test]
fn labels_before_tags_go_and_notes_go_with_what_they_note() {
    assert_eq!(
        tidy(&[
            "Category: Travel",
            "sections/Sport",
            "Page Type: Article",
            "Word Count: 700",
            "Day: Friday",
            "Star Wars: Andor",
            "AC/DC"
        ]),
        ["Travel", "Sport", "Star Wars: Andor", "AC/DC"],
    );
}

#[test]
fn slugs_are_written_as_words_where_all_are() {
    assert_eq!(tidy(&["new-york-city", "housing", "rent-control"]), ["new york city", "housing", "rent control"]);
    assert_eq!(tidy(&["covid-19", "Health", "long-covid"]), ["covid-19", "Health", "long-covid"]);
    assert_eq!(tidy(&["#Klima", "„Klima“", "klima,"]), ["Klima"]);
    assert_eq!(tidy(&["#city_hall", "#GTA", "U.S."]), ["city hall", "GTA", "U.S."]);
}

#[test]
fn the_first_source_is_taken_that_the_article_mentions() {
    let general = ["News", "Sport", "Weather"];
    let own = ["Lighthouse", "Harbour"];
    assert_eq!(chosen(&[&general, &own], &[], "The lighthouse was lit."), own);
    assert_eq!(chosen(&[&own, &general], &[], "The lighthouse was lit."), own);
    // Where none is mentioned, the surest source is right as often as any.
    assert_eq!(chosen(&[&general, &own], &[], "Nothing of the kind."), general);
    // The beginning of a word is not enough behind its first letter, its ending may differ.
    assert_eq!(chosen(&[&["Art"], &["Preis"]], &[], "Der Start der Preise"), ["Preis"]);
    assert_eq!(chosen(&[&["無関係"], &["地震"]], &[], "強い地震がありました。"), ["地震"]);
}

#[test]
fn links_are_tags_where_the_article_is_about_half_of_them() {
    let read_most = ["Football", "Elections", "Weather"];
    let own = ["Lighthouse", "Harbour"];
    assert_eq!(chosen(&[], &[&read_most, &own], "The lighthouse was lit."), own);
    assert_eq!(chosen(&[], &[&read_most], "The lighthouse was lit."), [""; 0]);
    assert_eq!(chosen(&[&["News"]], &[&own], "The lighthouse was lit."), own);
    // All that the data says, and more.
    assert_eq!(chosen(&[&["lighthouse"]], &[&own], "The lighthouse was lit."), own);
    assert_eq!(chosen(&[&["Beacons", "lighthouse"]], &[&own], "The lighthouse was lit."), ["Beacons", "lighthouse"]);
}

#[test]
fn the_source_that_separates_the_words_is_taken() {
    let separated = ["Tyson Fury", "Boxen"];
    assert_eq!(chosen(&[&["Boxen Tyson Fury"], &separated], &[], "Tyson Fury liegt am Boden."), separated);
    assert_eq!(chosen(&[&["Tyson Fury"], &["Boxen", "Tyson", "Fury"]], &[], "Tyson Fury"), ["Tyson Fury"]);
}
