//! What two sketches have in common, in numbers.

use super::code;
use super::layout::{BITMAP, LEAD, NUMBERS, Sketch, TITLE};
use super::pairs::Pairs;

/// How many features there are.
pub const FEATURES: usize = NAMES.len();

/// Their names. `short` and `long` tell the two texts apart, whichever came first.
pub const NAMES: [&str; 35] = [
    "pairs_jaccard",
    "pairs_short_in_long",
    "pairs_long_in_short",
    "short_lead_covered",
    "short_middle_covered",
    "short_tail_covered",
    "long_lead_covered",
    "long_middle_covered",
    "long_tail_covered",
    "moved",
    "rare_short_in_long",
    "rare_long_in_short",
    "other_short_in_long",
    "other_long_in_short",
    "short_lead_in_lead",
    "long_lead_in_lead",
    "short_lead_in_text",
    "long_lead_in_text",
    "short_first_in_text",
    "long_first_in_text",
    "first_in_first",
    "short_lead_rare_missing",
    "long_lead_rare_missing",
    "numbers_short_in_long",
    "numbers_long_in_short",
    "numbers_least",
    "lead_numbers_short_in_long",
    "lead_numbers_long_in_short",
    "lead_numbers_missing",
    "title_jaccard",
    "title_contained",
    "title_rare_missing",
    "short_title_in_text",
    "long_title_in_text",
    "length_ratio",
];

/// The features of two sketches, as [`NAMES`] has them.
pub fn features(earlier: &Sketch, later: &Sketch) -> [f32; FEATURES] {
    features_and_overlap(earlier, later).0
}

/// The same, and the greater share of pairs of words that one text has of the other.
pub(super) fn features_and_overlap(earlier: &Sketch, later: &Sketch) -> ([f32; FEATURES], f32) {
    let (short, long) = if order(earlier) <= order(later) { (earlier, later) } else { (later, earlier) };
    let pairs = Pairs::of(short, long);
    (of(short, long, &pairs), pairs.overlap())
}

fn of(short: &Sketch, long: &Sketch, pairs: &Pairs) -> [f32; FEATURES] {
    let [short_covered, long_covered] = pairs.covered();
    let [short_regions, long_regions] = pairs.regions();
    let (rare_short, rare_long) = contained(short, long, 0);
    let (other_short, other_long) = contained(short, long, 1);
    let short_lead = short.list(LEAD);
    let long_lead = long.list(LEAD);
    let short_first = head(&short_lead, short.first()[0]);
    let long_first = head(&long_lead, long.first()[0]);
    let short_numbers = short.list(NUMBERS);
    let long_numbers = long.list(NUMBERS);
    let short_lead_numbers = head(&short_numbers, short.first()[1]);
    let long_lead_numbers = head(&long_numbers, long.first()[1]);
    let short_title = short.list(TITLE);
    let long_title = long.list(TITLE);
    let (title_jaccard, title_contained) = titles(&short_title, &long_title);
    [
        pairs.jaccard(),
        short_covered,
        long_covered,
        short_regions[0],
        short_regions[1],
        short_regions[2],
        long_regions[0],
        long_regions[1],
        long_regions[2],
        pairs.moved(),
        rare_short,
        rare_long,
        other_short,
        other_long,
        in_list(&short_lead, &long_lead),
        in_list(&long_lead, &short_lead),
        in_text(&short_lead, long),
        in_text(&long_lead, short),
        in_text(short_first, long),
        in_text(long_first, short),
        in_list(short_first, long_first),
        missing(&short_lead, &long_lead, long),
        missing(&long_lead, &short_lead, short),
        in_list(&short_numbers, &long_numbers),
        in_list(&long_numbers, &short_numbers),
        short_numbers.len().min(long_numbers.len()) as f32,
        in_list(short_lead_numbers, &long_numbers),
        in_list(long_lead_numbers, &short_numbers),
        (lacking(short_lead_numbers, &long_numbers) + lacking(long_lead_numbers, &short_numbers)) as f32,
        title_jaccard,
        title_contained,
        (rare_lacking(&short_title, &long_title) + rare_lacking(&long_title, &short_title)) as f32,
        in_text(&short_title, long),
        in_text(&long_title, short),
        short.tokens().max(1) as f32 / long.tokens().max(1) as f32,
    ]
}

fn order(sketch: &Sketch) -> (u32, &[u8]) {
    (sketch.tokens(), sketch.as_bytes())
}

fn head(list: &[u16], count: usize) -> &[u16] {
    list.get(..count).unwrap_or(list)
}

/// Shares of the words in one half of the bitmaps that the other text has too, each way, by linear counting (Whang et
/// al., 1990).
fn contained(short: &Sketch, long: &Sketch, half: usize) -> (f32, f32) {
    let bits = |bytes: &[u8]| bytes.iter().map(|byte| byte.count_ones()).sum::<u32>() as f32;
    let part =
        |sketch: &Sketch| -> Vec<u8> { sketch.bitmap().chunks(BITMAP / 2).nth(half).unwrap_or_default().to_vec() };
    let (left, right) = (part(short), part(long));
    let union: Vec<u8> = left.iter().zip(&right).map(|(left, right)| left | right).collect();
    let all = (BITMAP * 4) as f32;
    let count = |set: f32| -all * (1.0 - (set / all).min(0.998)).ln();
    let (left, right, union) = (count(bits(&left)), count(bits(&right)), count(bits(&union)));
    let both = (left + right - union).max(0.0);
    (((both + 0.5) / (left + 1.0)).min(1.0), ((both + 0.5) / (right + 1.0)).min(1.0))
}

/// Share of a list's weight that another list has.
fn in_list(list: &[u16], other: &[u16]) -> f32 {
    let (mut found, mut all) = (0.0, 0.0);
    for code in list {
        let weight = code::weight(*code);
        all += weight;
        found += if other.contains(code) { weight } else { 0.0 };
    }
    (found + 1.0) / (all + 2.0)
}

/// Share of a list's weight that is among the words of a text, less what would be by chance.
fn in_text(list: &[u16], text: &Sketch) -> f32 {
    let bitmap = text.bitmap();
    let fill = bitmap.iter().map(|byte| byte.count_ones()).sum::<u32>() as f32 / (BITMAP * 8) as f32;
    let (mut found, mut all) = (0.0, 0.0);
    for code in list {
        let weight = code::weight(*code);
        all += weight;
        found += if is_set(bitmap, *code) { weight } else { 0.0 };
    }
    let share = (found + 1.0) / (all + 2.0);
    ((share - fill) / (1.0 - fill).max(0.05)).max(0.0)
}

fn is_set(bitmap: &[u8], code: u16) -> bool {
    let bit = code::bit(code);
    bitmap.get(bit / 8).is_some_and(|byte| byte >> (bit % 8) & 1 == 1)
}

/// How many rare words of a lead are in neither the other lead nor the other text.
fn missing(lead: &[u16], other: &[u16], text: &Sketch) -> f32 {
    let bitmap = text.bitmap();
    lead.iter().filter(|code| code::class(**code) >= 6 && !other.contains(code) && !is_set(bitmap, **code)).count()
        as f32
}

fn lacking(list: &[u16], other: &[u16]) -> usize {
    list.iter().filter(|code| !other.contains(code)).count()
}

fn rare_lacking(list: &[u16], other: &[u16]) -> usize {
    list.iter().filter(|code| code::class(**code) >= 5 && !other.contains(code)).count()
}

fn titles(left: &[u16], right: &[u16]) -> (f32, f32) {
    let weight = |codes: &[u16]| codes.iter().map(|code| code::weight(*code)).sum::<f32>();
    let both: f32 = left.iter().filter(|code| right.contains(code)).map(|code| code::weight(*code)).sum();
    let (left, right) = (weight(left), weight(right));
    ((both + 1.0) / (left + right - both + 2.0), (both + 1.0) / (left.min(right) + 2.0))
}
