//! What a pack says of itself, in its `manifest.json`.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::roads::SpeedProfile;
use crate::wire::Point;

/// Name of the manifest in a pack's folder. It is written last: a folder without it is no pack.
pub const MANIFEST_FILE: &str = "manifest.json";
/// Name of the packed roads in a pack's folder.
pub const ROADS_FILE: &str = "roads.bin";
/// Name of the packed places in a pack's folder.
pub const PLACES_FILE: &str = "places.bin";
/// Name of the map's tiles in a pack's folder.
pub const MAP_FILE: &str = "map.pmtiles";
/// Name of the zones in a pack's folder.
pub const ZONES_FILE: &str = "zones.geojson";

/// What a pack says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the form of packs: [`Manifest::FORMAT`].
    pub format: u32,
    /// Names this content: packs of one version are alike. See [`Manifest::version_of`].
    pub version: String,
    /// Name of the city, for people.
    pub name: String,
    /// When it was built.
    pub created_at: DateTime<Utc>,
    /// The extract that it was built from.
    pub source: Source,
    /// What the roads cover.
    pub bounds: Bounds,
    /// Whom the map is by. It must be shown with the map.
    pub attribution: String,
    /// Under which licence the content may be used, as an SPDX id.
    pub licence: String,
    /// Where that licence is.
    pub licence_url: String,
    /// How much slower than free traffic the hours of the week are.
    pub speed_profile: SpeedProfile,
    /// What is in it.
    pub counts: Counts,
    /// Its files, without the manifest, by name.
    pub files: Vec<PackFile>,
}

/// The extract that a pack was built from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Name of the file, without folders.
    pub file: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
}

/// A rectangle on the map.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    /// Lower left corner.
    pub south_west: Point,
    /// Upper right corner.
    pub north_east: Point,
}

/// What is in a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Stretches of road in one direction each.
    pub road_arcs: u64,
    /// Streets, addresses and points of interest.
    pub places: u64,
    /// Tiles of the map.
    pub tiles: u64,
    /// Zones.
    pub zones: u64,
}

/// A file of a pack.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PackFile {
    /// Path in the pack's folder, with `/` between folders.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
}

/// What is wrong with a manifest.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// Not JSON, or a field is missing or wrong.
    #[error("it is not what it should be: {0}")]
    Form(#[from] serde_json::Error),
    /// Another version wrote it.
    #[error("the pack has format {found} and this program reads format {expected}")]
    Format {
        /// What the manifest says.
        found: u32,
        /// What this program reads.
        expected: u32,
    },
    /// A name that leads out of the folder, or is no name.
    #[error("{0:?} is not the name of a file in a pack")]
    FileName(String),
    /// A file that every pack has is not named.
    #[error("it does not name {0}")]
    Missing(&'static str),
    /// The version does not follow from the rest.
    #[error("its version is not that of its files")]
    Version,
}

impl Manifest {
    /// The form of packs that this program reads and writes.
    pub const FORMAT: u32 = 1;
    /// Whom every map is by.
    pub const ATTRIBUTION: &str = "© OpenStreetMap contributors";
    /// Its licence.
    pub const LICENCE: &str = "ODbL-1.0";
    /// Where that is.
    pub const LICENCE_URL: &str = "https://www.openstreetmap.org/copyright";

    /// Reads and checks a manifest.
    pub fn parse(json: &[u8]) -> Result<Self, ManifestError> {
        /// The one field that all formats have.
        #[derive(Deserialize)]
        struct AnyFormat {
            format: u32,
        }
        let AnyFormat { format } = serde_json::from_slice(json)?;
        if format != Self::FORMAT {
            return Err(ManifestError::Format {
                found: format,
                expected: Self::FORMAT,
            });
        }
        let manifest: Self = serde_json::from_slice(json)?;
        manifest.check()?;
        Ok(manifest)
    }

    fn check(&self) -> Result<(), ManifestError> {
        if let Some(file) = self.files.iter().find(|file| !is_file_name(&file.name)) {
            return Err(ManifestError::FileName(file.name.clone()));
        }
        let always = [ROADS_FILE, PLACES_FILE, ZONES_FILE];
        if let Some(name) = always.into_iter().find(|name| self.file(name).is_none()) {
            return Err(ManifestError::Missing(name));
        }
        if self.version != Self::version_of(&self.files, &self.speed_profile) {
            return Err(ManifestError::Version);
        }
        Ok(())
    }

    /// The version of a pack with these files and speeds: the first 16 digits of a SHA-256 over them.
    /// It does not depend on when or where the pack was built.
    pub fn version_of(files: &[PackFile], profile: &SpeedProfile) -> String {
        let mut hash = Sha256::new();
        for file in files {
            hash.update(format!("{}\0{}\0{}\n", file.name, file.bytes, file.sha256));
        }
        for bps in profile.weekday_bps.iter().chain(&profile.weekend_bps) {
            hash.update(bps.to_be_bytes());
        }
        let mut version = hex(&hash.finalize());
        version.truncate(16);
        version
    }

    /// A file by its name.
    pub fn file(&self, name: &str) -> Option<&PackFile> {
        self.files.iter().find(|file| file.name == name)
    }

    /// The size of all files together.
    pub fn bytes(&self) -> u64 {
        let sizes = self.files.iter().map(|file| file.bytes);
        sizes.fold(0, u64::saturating_add)
    }
}

/// Whether a name stays in the folder: no empty parts, no `.` or `..`, nothing that a file system or
/// an address reads in another way.
fn is_file_name(name: &str) -> bool {
    let harmless = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && !part
                .chars()
                .any(|c| c.is_control() || "\\:*?\"<>|%#".contains(c))
    };
    name != MANIFEST_FILE && name.split('/').all(harmless)
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        // Writing into a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

#[cfg(test)]
pub(in crate::city) mod tests;
