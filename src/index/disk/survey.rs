//! Looking at the files of an index without opening it: also while the service writes them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::first::FirstMark;
use super::segment::{self, Read, Reader};
use crate::frames;
use crate::index::{ChangelogPositions, IndexError};
use crate::verdict::{Claim, Day};

/// What one file holds.
#[derive(Debug)]
pub struct FileSurvey {
    /// The file.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// Bytes behind the last good frame: the torn tail of a crash, which the next start cuts off, or a frame on its way.
    pub torn_bytes: u64,
    /// Claims in it.
    pub claims: u64,
    /// First and last day of its claims.
    pub days: Option<(Day, Day)>,
    /// Where it is damaged in front of good data, or does not follow the file before.
    pub damage: Option<IndexError>,
}

/// What a folder holds.
#[derive(Debug, Default)]
pub struct Survey {
    /// Its files, oldest first.
    pub files: Vec<FileSurvey>,
    /// What is missing in front of them.
    pub missing: Option<IndexError>,
    /// The changelog that it copies.
    pub changelog: String,
    /// How far that has been applied.
    pub positions: ChangelogPositions,
}

/// Reads all files of an index, and shows every claim that is whole.
///
/// # Errors
/// Of the file system, or of `visit`.
pub fn survey(dir: &Path, visit: &mut dyn FnMut(&Arc<Claim>) -> Result<(), IndexError>) -> Result<Survey, IndexError> {
    let files = segment::list(dir)?;
    let mut survey = Survey { missing: FirstMark::new(dir).examine(&files)?, ..Survey::default() };
    let mut expected = None;
    for path in files {
        let mut reader = Reader::new(&path, expected);
        let (mut claims, mut days) = (0, None::<(Day, Day)>);
        let scanned = frames::scan(&path, |at, payload| {
            match reader.next(at, payload)? {
                Read::Head(head) => {
                    survey.changelog = head.changelog;
                    survey.positions.advance(&head.positions);
                }
                Read::Applied(applied) => {
                    for (claim, _, _) in &applied.claims {
                        let day = claim.held_on();
                        days = Some(days.map_or((day, day), |(first, last)| (first.min(day), last.max(day))));
                        visit(claim)?;
                    }
                    claims += applied.claims.len() as u64;
                    survey.positions.advance(&applied.positions);
                }
            }
            Ok(())
        });
        let (end, bytes, damage) = match scanned {
            Ok((end, bytes)) => (end, bytes, None),
            Err(error @ IndexError::Corrupt { at, .. }) => {
                let bytes = std::fs::metadata(&path).map_or(at, |metadata| metadata.len());
                (bytes, bytes, Some(error))
            }
            Err(error) => return Err(error),
        };
        expected = damage.is_none().then(|| reader.end().1.end);
        survey.files.push(FileSurvey { path, bytes, torn_bytes: bytes - end, claims, days, damage });
    }
    Ok(survey)
}
