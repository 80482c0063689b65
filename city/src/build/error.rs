//! Why there is no pack.

use std::io;
use std::path::{Path, PathBuf};

use wayfare_core::city::PackError;
use wayfare_core::places::PlacesError;
use wayfare_core::roads::RoadsError;
use wayfare_core::zones::ZonesError;

use crate::map::MapError;
use crate::osm::ReadError;

/// Why there is no pack. Nothing was left behind, and an older pack is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The extract cannot be read.
    #[error(transparent)]
    Extract(#[from] ReadError),
    /// The extract has nothing that a car may drive on.
    #[error("the extract has no road that a car may drive on; is it the right one?")]
    NoRoads,
    /// A file with zones cannot be used.
    #[error("the zones in {}: {source}", path.display())]
    Zones {
        /// The file; the last one if it is their combination that is wrong.
        path: PathBuf,
        /// What is wrong.
        source: ZonesError,
    },
    /// A file with speeds cannot be used.
    #[error("the speed profile in {}: {source}", path.display())]
    SpeedProfile {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// A file that was named cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is something else where the pack is to be.
    #[error("{} {problem}; choose another folder with --out", path.display())]
    Occupied {
        /// Where the pack is to be.
        path: PathBuf,
        /// What is there.
        problem: &'static str,
    },
    /// The roads do not fit.
    #[error("the roads cannot be packed: {0}")]
    Roads(#[from] RoadsError),
    /// The places do not fit.
    #[error("the places cannot be packed: {0}")]
    Places(#[from] PlacesError),
    /// The map cannot be drawn.
    #[error("the map cannot be drawn: {0}")]
    Map(MapError),
    /// The manifest cannot be written.
    #[error("the manifest cannot be written: {0}")]
    Manifest(#[source] serde_json::Error),
    /// The disk is full.
    #[error("there is no room left for {}; nothing was kept of the new pack", .0.display())]
    NoRoom(PathBuf),
    /// A file of the pack cannot be written.
    #[error("{} cannot be written: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// What was built does not open.
    #[error("the new pack does not open: {0}")]
    Broken(#[from] PackError),
    /// A thread of the build ended in another way than by an answer.
    #[error("a part of the build failed")]
    ThreadFailed,
    /// It was asked to stop.
    #[error("the build was stopped")]
    Stopped,
}

impl BuildError {
    /// A failure to write.
    pub(super) fn write(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => Self::NoRoom(path),
            _ => Self::Write { path, source },
        }
    }

    /// Whether it is what was given that is wrong, and not the machine.
    pub const fn is_wrong_input(&self) -> bool {
        matches!(
            self,
            Self::Extract(_)
                | Self::NoRoads
                | Self::Zones { .. }
                | Self::SpeedProfile { .. }
                | Self::Unreadable { .. }
                | Self::Occupied { .. }
        )
    }
}

impl From<MapError> for BuildError {
    fn from(error: MapError) -> Self {
        match error {
            MapError::Write { path, source } => Self::write(&path, source),
            error => Self::Map(error),
        }
    }
}
