//! An index that is damaged, or knows too much, is set aside and made anew from its changelog.

use std::path::Path;

use super::{DiskIndex, Origin, segment};
use crate::index::IndexError;

/// Folder within the index's own that keeps the files that were set aside last, for whoever wants to know what happened.
const ASIDE: &str = "damaged";

impl DiskIndex {
    /// As [`DiskIndex::open`]; where a file is damaged or missing, all are moved to the folder `damaged` within and the index begins
    /// empty, at the changelog's beginning: the changelog is the truth, and this a copy of it. A torn tail is no damage.
    ///
    /// # Errors
    /// As [`DiskIndex::open`], but not of damage.
    pub fn open_or_rebuild(dir: &Path, origin: Origin) -> Result<Self, IndexError> {
        match Self::open(dir, origin.clone()) {
            Err(error @ (IndexError::Corrupt { .. } | IndexError::Missing { .. })) => {
                tracing::error!(%error, aside = %dir.join(ASIDE).display(), "index set aside, it is rebuilt from the changelog");
                set_aside(dir)?;
                Self::open(dir, origin)
            }
            other => other,
        }
    }
}

/// Moves all files to the folder `damaged`: the index begins empty when it is opened next.
pub(super) fn set_aside(dir: &Path) -> Result<(), IndexError> {
    let aside = dir.join(ASIDE);
    let io = |error| IndexError::Io { path: aside.clone(), error };
    // Those of an earlier time would fill the disk in the end.
    match std::fs::remove_dir_all(&aside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(io(error)),
        _ => {}
    }
    std::fs::create_dir(&aside).map_err(io)?;
    // The newest first: a crash in between leaves a row without a gap, which is damaged still or rolled forward.
    for path in segment::list(dir)?.into_iter().rev() {
        if let Some(name) = path.file_name() {
            std::fs::rename(&path, aside.join(name)).map_err(|error| IndexError::Io { path: path.clone(), error })?;
        }
    }
    Ok(())
}
