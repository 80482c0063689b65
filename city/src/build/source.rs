//! What a build is made from, besides the content of the extract.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};
use wayfare_core::city::{Source, hex};
use wayfare_core::roads::SpeedProfile;

use super::error::BuildError;

const CHUNK_BYTES: usize = 1 << 20;
/// What extracts are called after the name of the city.
const ENDINGS: [&str; 3] = [".osm.pbf", ".pbf", ".osm"];
/// What they are called before that.
const LATEST: &str = "-latest";

/// The extract, as the manifest describes it.
pub(super) fn describe(osm: &Path) -> Result<Source, BuildError> {
    let (bytes, sha256) = hash_file(osm).map_err(|source| {
        let path = osm.to_owned();
        BuildError::Unreadable { path, source }
    })?;
    Ok(Source {
        file: file_name(osm),
        bytes,
        sha256,
    })
}

/// Size and SHA-256 of a file.
pub(super) fn hash_file(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut bytes = 0;
    loop {
        let read = file.read(&mut chunk)?;
        if read == 0 {
            return Ok((bytes, hex(&hash.finalize())));
        }
        hash.update(chunk.get(..read).unwrap_or_default());
        bytes += read as u64;
    }
}

/// A name for people from that of the extract: `state-college.osm.pbf` is State College.
pub(super) fn name_of(osm: &Path) -> String {
    let file = file_name(osm);
    let ending = ENDINGS.iter().find(|ending| file.ends_with(*ending));
    let stem = file.strip_suffix(ending.unwrap_or(&"")).unwrap_or(&file);
    let stem = stem.strip_suffix(LATEST).unwrap_or(stem);
    let words = stem.split(['-', '_', ' ']).filter(|word| !word.is_empty());
    let words: Vec<String> = words
        .map(|word| {
            let mut letters = word.chars();
            let first = letters.next().into_iter().flat_map(char::to_uppercase);
            first.chain(letters).collect()
        })
        .collect();
    words.join(" ")
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

pub(super) fn read_speed_profile(path: Option<&Path>) -> Result<SpeedProfile, BuildError> {
    let Some(path) = path else {
        return Ok(SpeedProfile::default());
    };
    let path = path.to_owned();
    let json = match fs::read(&path) {
        Ok(json) => json,
        Err(source) => return Err(BuildError::Unreadable { path, source }),
    };
    serde_json::from_slice(&json).map_err(|source| BuildError::SpeedProfile { path, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_city_is_called_like_its_extract() {
        for (file, name) in [
            ("/maps/state-college.osm.pbf", "State College"),
            ("porto-latest.osm.pbf", "Porto"),
            ("évora_velha.pbf", "Évora Velha"),
            ("Baden.map", "Baden.map"),
        ] {
            assert_eq!(name_of(Path::new(file)), name, "{file}");
        }
    }
}
