//! Subtitles: their times and numbers are not spoken, their lines are.

use super::lines::Lines;
use crate::article::BlockKind;

/// Times from which on a text is one of subtitles.
const TIMES: usize = 2;

/// Removes the times of cues, the numbers above them, and the line that names the format.
pub(super) fn mark(lines: &mut Lines) {
    let times: Vec<usize> =
        (0..lines.0.len()).filter(|at| lines.0.get(*at).is_some_and(|line| is_time(&line.text))).collect();
    if times.len() < TIMES {
        return;
    }
    for at in times {
        if let Some(line) = lines.0.get_mut(at) {
            line.remove(BlockKind::Metadata, "subtitle:time");
        }
        let above = at.checked_sub(1).and_then(|above| lines.0.get_mut(above));
        if let Some(line) = above.filter(|line| line.text.chars().all(|character| character.is_ascii_digit())) {
            line.remove(BlockKind::Metadata, "subtitle:number");
        }
    }
    if let Some(line) = lines.0.first_mut().filter(|line| line.text == "WEBVTT" || line.text.starts_with("WEBVTT ")) {
        line.remove(BlockKind::Metadata, "subtitle:format");
    }
}

/// "00:01:02,500 --> 00:01:04,000", with or without hours, settings behind it or not.
fn is_time(line: &str) -> bool {
    let Some((from, to)) = line.split_once("-->") else { return false };
    let to = to.split_whitespace().next().unwrap_or_default();
    [from.trim(), to].iter().all(|time| {
        time.contains(':')
            && time
                .split([':', ',', '.'])
                .all(|part| !part.is_empty() && part.chars().all(|digit| digit.is_ascii_digit()))
    })
}
