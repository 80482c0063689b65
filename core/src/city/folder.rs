//! Opens a pack's folder. This is the only file of the pack's code that does I/O.
//!
//! Every file is mapped into memory, so that opening costs milliseconds however large the city is,
//! and stays mapped: a folder that is replaced while it is open does not disturb who uses the old
//! content. Opening checks that each file is there and as long as the manifest says, and the form of
//! roads, places and zones. [`PackFolder::verify`] reads everything and compares the hashes.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use memmap2::Mmap;
use sha2::{Digest, Sha256};

use super::bytes::PackBytes;
use super::manifest::{
    MANIFEST_FILE, Manifest, ManifestError, PLACES_FILE, ROADS_FILE, ZONES_FILE, hex,
};
use super::pack::CityPack;
use crate::places::{PlaceIndex, PlacesError};
use crate::roads::{RoadNetwork, RoadsError};
use crate::zones::{Zones, ZonesError};

/// A manifest is some kilobytes.
const MANIFEST_BYTES_MAX: u64 = 16 << 20;

/// Why a folder cannot be used as a pack. The text says which file it is and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// There is no folder.
    #[error("{} is not a folder; `wayfare city build` makes a pack", .0.display())]
    NoFolder(PathBuf),
    /// There is no manifest in it.
    #[error(
        "{} is no city pack: it has no {MANIFEST_FILE}; `wayfare city build` makes one",
        .0.display()
    )]
    NoPack(PathBuf),
    /// The system does not let it be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The manifest cannot be used.
    #[error("{} cannot be used; build the pack again", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// Why.
        #[source]
        source: ManifestError,
    },
    /// A file is longer or shorter than the manifest says.
    #[error(
        "{} has {found} bytes and should have {expected}: it is damaged or of another pack; copy or \
         build the pack again",
        path.display()
    )]
    Size {
        /// The file.
        path: PathBuf,
        /// Its size.
        found: u64,
        /// What the manifest says.
        expected: u64,
    },
    /// A file has other bytes than the manifest says.
    #[error("{} is damaged: its bytes are not those of the manifest; copy or build the pack again", .0.display())]
    Hash(PathBuf),
    /// The roads cannot be used.
    #[error("{} cannot be used; build the pack again", path.display())]
    Roads {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: RoadsError,
    },
    /// The places cannot be used.
    #[error("{} cannot be used; build the pack again", path.display())]
    Places {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: PlacesError,
    },
    /// The zones cannot be used.
    #[error("{} cannot be used; build the pack again", path.display())]
    Zones {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: ZonesError,
    },
}

/// The files of a pack, mapped into memory.
#[derive(Debug, Clone)]
pub struct PackFolder {
    path: PathBuf,
    manifest: Manifest,
    files: BTreeMap<String, PackBytes>,
}

impl PackFolder {
    /// Maps the files of a pack into memory and checks their sizes.
    pub fn open(path: &Path) -> Result<Self, PackError> {
        let manifest = read_manifest(path)?;
        let files = manifest
            .files
            .iter()
            .map(|file| {
                let bytes = map(&path.join(&file.name), file.bytes)?;
                Ok((file.name.clone(), bytes))
            })
            .collect::<Result<_, PackError>>()?;
        Ok(Self {
            path: path.to_owned(),
            manifest,
            files,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it says of itself.
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The bytes of a file; none if the manifest does not name it.
    pub fn file(&self, name: &str) -> Option<&PackBytes> {
        self.files.get(name)
    }

    /// Reads everything and compares it with the hashes of the manifest. Takes about a second per
    /// gigabyte, so opening leaves it out.
    pub fn verify(&self) -> Result<(), PackError> {
        for file in &self.manifest.files {
            let bytes = self.files.get(&file.name);
            let found = bytes.map(|bytes| hex(&Sha256::digest(&**bytes)));
            if found.as_ref() != Some(&file.sha256) {
                return Err(PackError::Hash(self.path.join(&file.name)));
            }
        }
        Ok(())
    }

    /// Makes roads, places and zones ready for use.
    pub fn load(&self) -> Result<CityPack, PackError> {
        let path = |name: &str| self.path.join(name);
        let roads = RoadNetwork::open(self.always(ROADS_FILE)?).map_err(|source| {
            let path = path(ROADS_FILE);
            PackError::Roads { path, source }
        })?;
        let places = PlaceIndex::open(self.always(PLACES_FILE)?).map_err(|source| {
            let path = path(PLACES_FILE);
            PackError::Places { path, source }
        })?;
        let geojson = self.always(ZONES_FILE)?;
        let geojson = std::str::from_utf8(&geojson).map_err(|error| {
            let source = ZonesError::NotGeoJson(error.to_string());
            let path = path(ZONES_FILE);
            PackError::Zones { path, source }
        })?;
        let zones = Zones::parse(geojson).map_err(|source| {
            let path = path(ZONES_FILE);
            PackError::Zones { path, source }
        })?;
        Ok(CityPack {
            manifest: self.manifest.clone(),
            roads: Arc::new(roads),
            places,
            zones,
        })
    }

    /// A file that the manifest was checked to name.
    fn always(&self, name: &'static str) -> Result<PackBytes, PackError> {
        self.file(name).cloned().ok_or_else(|| PackError::Manifest {
            path: self.path.join(MANIFEST_FILE),
            source: ManifestError::Missing(name),
        })
    }
}

impl CityPack {
    /// Opens the pack in a folder.
    pub fn open(path: &Path) -> Result<Self, PackError> {
        PackFolder::open(path)?.load()
    }
}

fn read_manifest(folder: &Path) -> Result<Manifest, PackError> {
    if !folder.is_dir() {
        return Err(PackError::NoFolder(folder.to_owned()));
    }
    let path = folder.join(MANIFEST_FILE);
    let found = match fs::metadata(&path) {
        Ok(found) => found.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(PackError::NoPack(folder.to_owned()));
        }
        Err(source) => return Err(PackError::Unreadable { path, source }),
    };
    if found > MANIFEST_BYTES_MAX {
        let expected = MANIFEST_BYTES_MAX;
        return Err(PackError::Size {
            path,
            found,
            expected,
        });
    }
    let json = match fs::read(&path) {
        Ok(json) => json,
        Err(source) => return Err(PackError::Unreadable { path, source }),
    };
    Manifest::parse(&json).map_err(|source| PackError::Manifest { path, source })
}

fn map(path: &Path, expected: u64) -> Result<PackBytes, PackError> {
    let unreadable = |source| {
        let path = path.to_owned();
        PackError::Unreadable { path, source }
    };
    let file = File::open(path).map_err(unreadable)?;
    let found = file.metadata().map_err(unreadable)?.len();
    if found != expected {
        let path = path.to_owned();
        return Err(PackError::Size {
            path,
            found,
            expected,
        });
    }
    if found == 0 {
        return Ok(PackBytes::new(Vec::new()));
    }
    #[expect(
        unsafe_code,
        reason = "files of a pack are replaced, never changed, so mapped bytes stay as they are"
    )]
    // SAFETY: nothing writes into a file of a pack. A build writes a new folder and renames it.
    let map = unsafe { Mmap::map(&file) }.map_err(unreadable)?;
    Ok(PackBytes::new(map))
}

#[cfg(test)]
mod tests;
