//! Zones from several GeoJSON files.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use wayfare_core::zones::{ZoneKind, Zones};

use super::error::BuildError;

/// A GeoJSON file with zones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneFile {
    /// The file.
    pub path: PathBuf,
    /// What features are that do not say it: for files that somebody else made. Those without an id
    /// get one from the name of the file.
    pub kind: Option<ZoneKind>,
}

/// Reads and checks all files, each by itself and then together: an id is used once in a city.
pub(super) fn read(files: &[ZoneFile]) -> Result<Zones, BuildError> {
    let mut parts = Vec::new();
    for file in files {
        let path = &file.path;
        let geojson = read_text(path).map_err(|source| {
            let path = path.clone();
            BuildError::Unreadable { path, source }
        })?;
        let prefix = file.kind.map(|_| id_of(path));
        let part = Zones::parse_as(&geojson, file.kind, prefix.as_deref());
        parts.push(part.map_err(|source| {
            let path = path.clone();
            BuildError::Zones { path, source }
        })?);
    }
    Zones::merge(parts).map_err(|source| BuildError::Zones {
        path: files
            .last()
            .map(|file| file.path.clone())
            .unwrap_or_default(),
        source,
    })
}

/// No more of a file than zones may have, and a byte to see that it is more.
fn read_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?
        .take(Zones::BYTES_MAX as u64 + 1)
        .read_to_string(&mut text)?;
    Ok(text)
}

/// An id that tariffs can use from the name of a file: `Porto boundary.geojson` is `porto_boundary`.
fn id_of(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let letters = stem.chars().map(|c| {
        let c = c.to_ascii_lowercase();
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            c
        } else {
            '_'
        }
    });
    letters.take(30).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tempfile::TempDir;
    use wayfare_core::zones::ZonesError;

    use super::*;

    fn file(dir: &TempDir, name: &str, properties: serde_json::Value) -> ZoneFile {
        let ring = [[8.0, 50.0], [8.1, 50.0], [8.1, 50.1], [8.0, 50.0]];
        let geojson = json!({"type": "FeatureCollection", "features": [{
            "type": "Feature",
            "properties": properties,
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }]});
        let path = dir.path().join(name);
        std::fs::write(&path, geojson.to_string()).unwrap();
        ZoneFile { path, kind: None }
    }

    #[test]
    fn files_are_put_together() {
        let dir = TempDir::new().unwrap();
        let airport = file(
            &dir,
            "a.geojson",
            json!({"id": "airport", "kind": "airport_queue"}),
        );
        let foreign = ZoneFile {
            kind: Some(ZoneKind::CityBoundary),
            ..file(&dir, "Porto boundary.geojson", json!({"admin_level": 7}))
        };
        let zones = read(&[airport, foreign]).unwrap();
        let ids: Vec<_> = zones.all().iter().map(|zone| zone.id.as_str()).collect();
        assert_eq!(ids, ["airport", "porto_boundary"]);
    }

    #[test]
    fn what_is_wrong_is_told_with_file_and_feature() {
        let dir = TempDir::new().unwrap();
        let first = file(
            &dir,
            "a.geojson",
            json!({"id": "airport", "kind": "airport_queue"}),
        );
        let second = file(
            &dir,
            "b.geojson",
            json!({"id": "airport", "kind": "geofence"}),
        );
        let error = read(&[first.clone(), second]).unwrap_err();
        assert!(
            matches!(&error, BuildError::Zones { source: ZonesError::Feature { feature, .. }, .. } if feature == "airport"),
            "{error:?}"
        );
        let broken = file(&dir, "c.geojson", json!({"id": "queue", "kind": "carpark"}));
        let told = read(&[first, broken]).unwrap_err().to_string();
        assert!(
            told.contains("c.geojson") && told.contains("queue"),
            "{told}"
        );
        let absent = ZoneFile {
            path: dir.path().join("absent"),
            kind: None,
        };
        assert!(matches!(
            read(&[absent]),
            Err(BuildError::Unreadable { .. })
        ));
        assert_eq!(read(&[]).unwrap(), Zones::default());
    }
}
