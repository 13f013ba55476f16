//! Which cluster the changelog of an index is on.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::index::IndexError;

/// A file beside the claims that names the cluster. The name of the topic alone does not tell: every cluster may have one.
///
/// Apart from the claims' own files, because an index is opened before its cluster has answered.
#[derive(Debug)]
pub struct ClusterMark {
    dir: PathBuf,
}

impl ClusterMark {
    pub(super) fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// Holds the index to this cluster. One without a mark, as of a version that wrote none, is taken to be its own.
    ///
    /// # Errors
    /// Where the index is marked with another cluster, or the mark cannot be read or written.
    pub fn confirm(&self, cluster: &str) -> Result<(), IndexError> {
        let path = self.dir.join("cluster");
        let io = |error| IndexError::Io { path: path.clone(), error };
        let found = match std::fs::read_to_string(&path) {
            Ok(found) => found.trim().to_owned(),
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(io(error)),
        };
        if found == cluster {
            return Ok(());
        }
        if !found.is_empty() {
            let expected = cluster.to_owned();
            return Err(IndexError::ForeignCluster { path: self.dir.clone(), found, expected });
        }
        // In one step: half a name would be another cluster's.
        let part = self.dir.join("cluster.part");
        let mut file = std::fs::File::create(&part).map_err(io)?;
        file.write_all(cluster.as_bytes()).and_then(|()| file.sync_all()).map_err(io)?;
        std::fs::rename(&part, &path).map_err(io)
    }
}
