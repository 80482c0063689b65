//! Zones from several GeoJSON files.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use wayfare_core::zones::{Zones, ZonesError};

use super::error::BuildError;

/// Reads and checks all files, each by itself and then together: an id is used once in a city.
pub(super) fn read(paths: &[PathBuf]) -> Result<Zones, BuildError> {
    let mut features = Vec::new();
    for path in paths {
        let path = path.clone();
        let geojson = match fs::read_to_string(&path) {
            Ok(geojson) => geojson,
            Err(source) => return Err(BuildError::Unreadable { path, source }),
        };
        if let Err(source) = Zones::parse(&geojson) {
            return Err(BuildError::Zones { path, source });
        }
        features.extend(features_of(&geojson, &path)?);
    }
    let all = json!({"type": "FeatureCollection", "features": features});
    Zones::parse(&all.to_string()).map_err(|source| BuildError::Zones {
        path: paths.last().cloned().unwrap_or_default(),
        source,
    })
}

fn features_of(geojson: &str, path: &Path) -> Result<Vec<Value>, BuildError> {
    let mut collection: Value =
        serde_json::from_str(geojson).map_err(|error| BuildError::Zones {
            path: path.to_owned(),
            source: ZonesError::NotGeoJson(error.to_string()),
        })?;
    match collection.get_mut("features").map(Value::take) {
        Some(Value::Array(features)) => Ok(features),
        _ => Ok(Vec::new()),
    }
}
