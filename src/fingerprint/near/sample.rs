//! What an index keeps of each sketch in memory: enough to tell most texts that have nothing but chance in common.

use super::layout::{BINS, EMPTY, Sketch};

/// Texts of which less is in the other, each way, are not compared: by the made stream and the pairs that were read, what
/// the model then says is next to nothing.
const LEAST_COVERED: f32 = 0.2;

/// The sample of a text's pairs of words, without their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample([u16; BINS]);

impl Sample {
    /// Whether the two texts share so little that comparing their sketches is not worth reading them.
    pub fn is_unlike(&self, other: &Self) -> bool {
        let (mut both, mut left, mut right) = (0_u32, 0_u32, 0_u32);
        for (own, other) in self.0.iter().zip(&other.0) {
            both += u32::from(own == other && *own != EMPTY);
            left += u32::from(own < other);
            right += u32::from(other < own);
        }
        let both = both as f32;
        (both + 0.25) / (both + left.min(right) as f32 + 0.5) < LEAST_COVERED
    }
}

impl Sketch {
    /// Its part that is kept in memory.
    pub fn sample(&self) -> Sample {
        Sample(self.bins())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Sketcher, compare, features};

    const STORY: &str = "The harbour authority of Port Ellis said on Tuesday that it will close the northern basin for eleven \
        weeks while divers repair the wall that a storm damaged in January. Ferries will leave from the southern quay \
        instead, and fishermen were promised 420 euros a week for as long as the work takes.";
    const OTHER: &str = "A court in Lisbon has ordered the national railway to publish what it pays its contractors, after \
        a complaint by three newspapers that had asked for the figures since the spring of last year. The company may \
        still appeal, its lawyer said outside the building, and would decide by the end of the month.";

    #[test]
    fn texts_that_share_little_are_unlike_and_part_of_a_text_is_not() {
        let sketcher = Sketcher::new("tests");
        let sketch = |text: &str| sketcher.sketch(None, text);
        let (story, other) = (sketch(STORY), sketch(OTHER));
        assert!(story.sample().is_unlike(&other.sample()));
        assert!(compare(&story, &other).probability < 0.05);
        let long = sketch(&format!("{STORY} {OTHER} {OTHER}"));
        assert!(!story.sample().is_unlike(&long.sample()) && !long.sample().is_unlike(&story.sample()));
        assert!(!story.sample().is_unlike(&story.sample()));
    }

    #[test]
    fn it_is_what_the_model_sees_of_the_whole_texts() {
        let sketcher = Sketcher::new("tests");
        let words: Vec<&str> = STORY.split(' ').chain(OTHER.split(' ')).collect();
        for shared in 0..words.len() {
            let left = sketcher.sketch(None, STORY);
            let right = sketcher.sketch(None, &words.get(shared..).unwrap_or_default().join(" "));
            let features = features(&left, &right);
            assert_eq!(left.sample().is_unlike(&right.sample()), features[1].max(features[2]) < super::LEAST_COVERED);
        }
    }
}
