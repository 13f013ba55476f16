//! Lines of an article stand in runs: the likeliest runs, given what a classifier thinks of each line.

/// What it costs to begin or to end a run, in log odds of a line of [`USUAL`] weight: a short line between paragraphs is judged by
/// them, a long one by itself.
const SWITCH: f32 = 0.5;

/// Log odds that speak for a line beforehand: a line that is missing from an article does more harm than one too much, as
/// most of the line's neighbours share its fate.
const FAVOUR: f32 = 0.2;

/// Weight of a line that counts once, and the most that counts.
const USUAL: f32 = 40.0;
const MOST: f32 = 200.0;

/// Which lines stay, of lines with weights and log odds: the path of greatest sum through two states (Viterbi, "Error bounds for
/// convolutional codes", 1967).
pub(super) fn likeliest(lines: impl Iterator<Item = (f32, f32)>) -> Vec<bool> {
    // The best sum of a path that ends outside a run, and inside one; for each line whether each came from the other state.
    let (mut outside, mut inside) = (0.0_f32, -SWITCH);
    let mut switched: Vec<(bool, bool)> = Vec::new();
    for (weight, odds) in lines {
        let gain = (odds + FAVOUR) * (weight.min(MOST) / USUAL).sqrt();
        let (ends, begins) = (inside - SWITCH, outside - SWITCH);
        switched.push((ends > outside, begins > inside));
        (outside, inside) = (outside.max(ends), inside.max(begins) + gain);
    }
    let mut is_inside = inside - SWITCH > outside;
    let mut kept: Vec<bool> = Vec::with_capacity(switched.len());
    for (ended, began) in switched.into_iter().rev() {
        kept.push(is_inside);
        is_inside ^= if is_inside { began } else { ended };
    }
    kept.reverse();
    kept
}

#[cfg(test)]
mod tests {
    use super::likeliest;

    #[test]
    fn a_short_line_follows_its_neighbours_and_a_long_one_its_odds() {
        let of = |lines: &[(f32, f32)]| likeliest(lines.iter().copied());
        assert_eq!(of(&[(300.0, 3.0), (20.0, -0.8), (300.0, 3.0)]), [true, true, true]);
        assert_eq!(of(&[(300.0, 3.0), (200.0, -2.0), (300.0, 3.0)]), [true, false, true]);
        assert_eq!(of(&[(20.0, -3.0), (20.0, 0.5), (20.0, -3.0)]), [false, false, false]);
        assert_eq!(of(&[(300.0, -3.0), (300.0, 2.0)]), [false, true]);
        assert!(of(&[]).is_empty());
    }
}
