//! How near the texts of a set come to what is known of them, and the figures that they are held to.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use crate::corpus::{Input, Page};
use crate::furniture::{Furniture, fold, kinds};
use crate::peers;
use crate::tokens::{Overlap, macro_f1};

/// What is asked of a set: the best peer's figure on the same pages, and the least of ours.
struct Bar {
    set: &'static str,
    peer: f64,
    must: f64,
}

const HTML: [Bar; 5] = [
    Bar { set: "scrapinghub", peer: 0.976, must: 0.982 },
    Bar { set: "andy", peer: 0.920, must: 0.938 },
    Bar { set: "fundus", peer: 0.948, must: 0.962 },
    Bar { set: "wcxb_art", peer: 0.943, must: 0.955 },
    Bar { set: "trafsnip", peer: 0.931, must: 0.945 },
];

/// Of the same pages as Markdown. No peer reads it: the figures are of the best on the HTML.
const BARE: [Bar; 5] = [
    Bar { set: "scrapinghub", peer: 0.976, must: 0.955 },
    Bar { set: "andy", peer: 0.920, must: 0.915 },
    Bar { set: "fundus", peer: 0.948, must: 0.938 },
    Bar { set: "wcxb_art", peer: 0.943, must: 0.936 },
    Bar { set: "trafsnip", peer: 0.931, must: 0.930 },
];

const PLAIN: [Bar; 4] = [
    Bar { set: "scrapinghub", peer: 0.885, must: 0.925 },
    Bar { set: "andy", peer: 0.851, must: 0.895 },
    Bar { set: "fundus", peer: 0.851, must: 0.905 },
    Bar { set: "wcxb_art", peer: 0.894, must: 0.920 },
];

/// News sets, and the most of their pages that may show furniture: consent, share, related, navigation.
pub const NEWS: [&str; 3] = ["scrapinghub", "andy", "fundus"];

/// F1 of words below which a page's text is wrong, and the share of pages of HTML in a news set that stays below.
const BAD: f64 = 0.5;
const MOST_BAD: f64 = 0.01;

fn most(input: Input) -> [f64; 4] {
    match input {
        Input::Html => [0.0, 0.003, 0.015, 0.007],
        Input::Bare | Input::Plain => [0.0, 0.01, 0.03, 0.01],
    }
}

/// Snippets that are there and should be, that are not, and that are there and should not be.
#[derive(Default, Clone, Copy)]
struct Snippets {
    found: usize,
    missed: usize,
    surplus: usize,
}

/// Prints the table of a run over all pages; answers whether every bar is met. `peers` is the program that runs other extractors.
pub fn print(
    pages: &[Page],
    texts: &[String],
    input: Input,
    furniture: &Furniture,
    peers: Option<&Path>,
) -> Result<bool, Box<dyn Error>> {
    let mut met = true;
    let mut disputed = Vec::new();
    let bars: &[Bar] = match input {
        Input::Html => &HTML,
        Input::Bare => &BARE,
        Input::Plain => &PLAIN,
    };
    println!(
        "{:<14}{:>6}{:>8}{:>8}{:>8}{:>8}{:>8}{:>8}  leaks: {}, consent lost",
        input.label(),
        "pages",
        "F1",
        "P",
        "R",
        "bad",
        "peer",
        "must",
        kinds().join(", ")
    );
    for bar in bars {
        let own: Vec<(&Page, &String)> = pages.iter().zip(texts).filter(|(page, _)| page.set == bar.set).collect();
        let snippets = snippets(&own);
        let overlaps = overlaps(&own);
        let (precision, recall, f1) = if overlaps.is_empty() {
            let precision = share(snippets.found, snippets.found + snippets.surplus);
            let recall = share(snippets.found, snippets.found + snippets.missed);
            (precision, recall, 2.0 * precision * recall / (precision + recall).max(f64::MIN_POSITIVE))
        } else {
            macro_f1(&overlaps)
        };
        let is_bad = |(page, text): &&(&Page, &String)| {
            page.gold.as_ref().is_some_and(|gold| Overlap::of_words(gold, text).f1() < BAD)
        };
        let wrong: Vec<(&Page, &String)> = own.iter().filter(is_bad).copied().collect();
        let bad = share(wrong.len(), overlaps.len());
        let is_met = f1 >= bar.must;
        let mut is_sound = true;
        if input == Input::Html && NEWS.contains(&bar.set) {
            let cut = cut_short(&wrong, peers)?;
            is_sound = share(wrong.len() - cut, overlaps.len()) < MOST_BAD;
            disputed.push(format!("{} {cut} of {}", bar.set, wrong.len()));
        }
        met &= is_met && is_sound;
        print!(
            "{:<14}{:>6}{f1:>8.4}{precision:>8.4}{recall:>8.4}{bad:>8.4}{}{:>8.3}{:>8.3}{}",
            bar.set,
            own.len(),
            if is_sound { "" } else { " <" },
            bar.peer,
            bar.must,
            if is_met { "  " } else { " <" },
        );
        if !overlaps.is_empty() {
            let mut counts = [0_usize; 4];
            let mut lost = 0;
            for (page, text) in &own {
                let Some(gold) = &page.gold else { continue };
                for (count, leaks) in counts.iter_mut().zip(furniture.leaks(gold, text)) {
                    *count += usize::from(leaks);
                }
                lost += usize::from(furniture.consent_lost(gold, text));
            }
            for (count, most) in counts.iter().zip(most(input)) {
                let leaks = share(*count, overlaps.len());
                let is_met = leaks <= most || !NEWS.contains(&bar.set);
                met &= is_met;
                print!("{leaks:>8.4}{}", if is_met { "" } else { " <" });
            }
            met &= lost == 0;
            print!("{:>8.4}{}", share(lost, overlaps.len()), if lost == 0 { "" } else { " <" });
        }
        println!();
    }
    if peers.is_some() && input == Input::Html {
        println!("bad pages whose known text is cut short, for all extractors alike: {}", disputed.join(", "));
    }
    languages(pages, texts);
    Ok(met)
}

/// How many of these pages have a known text that is cut short for all extractors; none where there are no others to ask
/// (docs/decisions/011).
fn cut_short(pages: &[(&Page, &String)], peers: Option<&Path>) -> Result<usize, Box<dyn Error>> {
    let Some(peers) = peers.filter(|_| !pages.is_empty()) else { return Ok(0) };
    let asked: Vec<&Page> = pages.iter().map(|(page, _)| *page).collect();
    let found = peers::texts(peers, &asked)?;
    let is_cut = |((page, own), others): &(&(&Page, &String), Vec<String>)| {
        page.gold.as_ref().is_some_and(|gold| !others.is_empty() && is_cut_short(gold, others.iter().chain([*own])))
    };
    Ok(pages.iter().zip(found).filter(is_cut).count())
}

/// Whether all of these texts hold most of a known one, and each at least as much again: the known text is the beginning of the
/// article, say.
fn is_cut_short<'t>(gold: &str, mut found: impl Iterator<Item = &'t String>) -> bool {
    found.all(|text| {
        let overlap = Overlap::of_words(gold, text);
        overlap.f1() < BAD && overlap.recall() >= BAD
    })
}

/// What is delivered in another shape than its page's, and the least F1 of each set.
pub struct Shape {
    name: &'static str,
    bars: [(&'static str, f64); 4],
}

/// Pages whose line breaks a crawler took for spaces.
pub const ONE_LINE: Shape =
    Shape { name: "in one line", bars: [("scrapinghub", 0.84), ("andy", 0.80), ("fundus", 0.78), ("wcxb_art", 0.87)] };

/// Pages of HTML whose elements a sanitiser left without names.
pub const SANITISED: Shape = Shape {
    name: "sanitised HTML",
    bars: [("scrapinghub", 0.975), ("andy", 0.928), ("fundus", 0.955), ("wcxb_art", 0.945)],
};

/// Articles without the page around them.
pub const ALONE: Shape = Shape {
    name: "articles alone",
    bars: [("scrapinghub", 0.98), ("andy", 0.985), ("fundus", 0.985), ("wcxb_art", 0.99)],
};

/// Prints the F1 of what was delivered in a shape; answers whether every bar is met.
pub fn print_shape(shape: &Shape, pages: &[Page], texts: &[String]) -> bool {
    let mut met = true;
    let sets = shape.bars.map(|(set, must)| {
        let own: Vec<(&Page, &String)> = pages.iter().zip(texts).filter(|(page, _)| page.set == set).collect();
        let (precision, recall, f1) = macro_f1(&overlaps(&own));
        met &= f1 >= must;
        format!("{set} {f1:.4} ({precision:.4} {recall:.4}){}", if f1 < must { " <" } else { "" })
    });
    println!("{}, F1 (P R): {}", shape.name, sets.join(", "));
    met
}

fn overlaps(pages: &[(&Page, &String)]) -> Vec<Overlap> {
    pages.iter().filter_map(|(page, text)| Some(Overlap::of(page.gold.as_ref()?, text))).collect()
}

fn snippets(pages: &[(&Page, &String)]) -> Snippets {
    let mut sum = Snippets::default();
    for (page, text) in pages {
        let text = fold(text);
        let holds = |snippet: &&String| text.contains(&fold(snippet));
        let found = page.with.iter().filter(holds).count();
        sum.found += found;
        sum.missed += page.with.len() - found;
        sum.surplus += page.without.iter().filter(holds).count();
    }
    sum
}

/// Mean F1 of the pages of each language that has at least three.
fn languages(pages: &[Page], texts: &[String]) {
    let mut by_language: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (page, text) in pages.iter().zip(texts).filter(|(page, _)| page.is_measure()) {
        if let (Some(gold), Some(language)) = (&page.gold, page.language.as_deref()) {
            by_language.entry(language).or_default().push(Overlap::of(gold, text).f1());
        }
    }
    let mut rows: Vec<(&str, Vec<f64>)> = by_language.into_iter().filter(|(_, pages)| pages.len() >= 3).collect();
    rows.sort_by_key(|(_, pages)| usize::MAX - pages.len());
    let cells: Vec<String> = rows
        .iter()
        .map(|(language, pages)| {
            format!("{language} {:.3} ({})", pages.iter().sum::<f64>() / pages.len() as f64, pages.len())
        })
        .collect();
    println!("mean F1 by language: {}", cells.join(", "));
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_text_is_cut_short_where_everybody_finds_it_and_much_more() {
        let lead = "The bridge stays closed.";
        let article = format!("{lead} {}", "Ships pass below it, and nobody knows for how long. ".repeat(4));
        let is_cut = |texts: [&str; 2]| is_cut_short(lead, texts.map(str::to_owned).iter());
        assert!(is_cut([&article, &format!("{article} Menu")]));
        assert!(!is_cut([&article, lead]), "somebody finds what is known");
        assert!(!is_cut([&article, ""]), "nothing is no article");
        assert!(!is_cut([&article, &article.replace(lead, "")]), "another text is none either");
    }
}
