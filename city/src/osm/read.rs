//! Reads an `.osm.pbf` file.

use std::path::{Path, PathBuf};

use super::extract::Extract;

/// Why a file is no extract.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file cannot be opened.
    #[error("cannot open {path}: {source}")]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

/// Everything that a city needs of a file.
pub fn read(path: &Path) -> Result<Extract, ReadError> {
    let _ = path;
    Ok(Extract::default()) // Stub
}
