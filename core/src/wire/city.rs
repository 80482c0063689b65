//! The city's pack on the wire, and what is asked of it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::place::Point;

/// What is known of the city's pack. Its files are at `/v1/city/{version}/{name}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct CityView {
    /// Names the content: packs of one version are alike.
    pub version: String,
    /// Name of the city.
    pub name: String,
    /// When the pack was built.
    pub created_at: DateTime<Utc>,
    /// What the roads cover.
    pub bounds: CityBounds,
    /// Whom the map is by; to be shown with it.
    pub attribution: String,
    /// Under which licence the content may be used, as an SPDX id.
    pub licence: String,
    /// Where that licence is.
    pub licence_url: String,
    /// Size of all files together, in bytes.
    pub bytes: u64,
    /// The files.
    pub files: Vec<CityFile>,
}

/// A rectangle on the map.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct CityBounds {
    /// Lower left corner.
    pub south_west: Point,
    /// Upper right corner.
    pub north_east: Point,
}

/// A file of the city's pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct CityFile {
    /// Path in the pack.
    pub name: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
}

/// What way is looked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(deny_unknown_fields))]
#[serde(deny_unknown_fields)]
pub struct RouteQuery {
    /// The stops in driving order.
    #[cfg_attr(feature = "openapi", oai(validator(min_items = 2, max_items = 25)))]
    pub stops: Vec<Point>,
    /// When the drive begins: durations are those of that hour of the week. Absent: free traffic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(default, skip_serializing_if_is_none))]
    pub depart_at: Option<DateTime<Utc>>,
    /// Whether instructions are wanted.
    #[serde(default = "wanted")]
    #[cfg_attr(feature = "openapi", oai(default = "wanted"))]
    pub steps: bool,
    /// Whether the line along the roads is wanted.
    #[serde(default = "wanted")]
    #[cfg_attr(feature = "openapi", oai(default = "wanted"))]
    pub geometry: bool,
}

const fn wanted() -> bool {
    true
}

#[cfg(feature = "routing")]
mod from_pack {
    use super::{CityBounds, CityFile, CityView};
    use crate::city::{Bounds, Manifest, PackFile};

    impl From<&Manifest> for CityView {
        fn from(manifest: &Manifest) -> Self {
            let Bounds {
                south_west,
                north_east,
            } = manifest.bounds;
            Self {
                version: manifest.version.clone(),
                name: manifest.name.clone(),
                created_at: manifest.created_at,
                bounds: CityBounds {
                    south_west,
                    north_east,
                },
                attribution: manifest.attribution.clone(),
                licence: manifest.licence.clone(),
                licence_url: manifest.licence_url.clone(),
                bytes: manifest.bytes(),
                files: manifest.files.iter().map(CityFile::from).collect(),
            }
        }
    }

    impl From<&PackFile> for CityFile {
        fn from(file: &PackFile) -> Self {
            let PackFile {
                name,
                bytes,
                sha256,
            } = file.clone();
            Self {
                name,
                bytes,
                sha256,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_json_of_a_city() {
        let corner = |lat, lng| Point { lat, lng };
        let city = CityView {
            version: "0123456789abcdef".to_owned(),
            name: "Porto".to_owned(),
            created_at: "2026-03-01T12:00:00Z".parse().unwrap(),
            bounds: CityBounds {
                south_west: corner(41.1, -8.7),
                north_east: corner(41.2, -8.5),
            },
            attribution: "© OpenStreetMap contributors".to_owned(),
            licence: "ODbL-1.0".to_owned(),
            licence_url: "https://www.openstreetmap.org/copyright".to_owned(),
            bytes: 3,
            files: vec![CityFile {
                name: "map.pmtiles".to_owned(),
                bytes: 3,
                sha256: "ab".to_owned(),
            }],
        };
        let expected = json!({
            "version": "0123456789abcdef",
            "name": "Porto",
            "created_at": "2026-03-01T12:00:00Z",
            "bounds": {
                "south_west": {"lat": 41.1, "lng": -8.7},
                "north_east": {"lat": 41.2, "lng": -8.5},
            },
            "attribution": "© OpenStreetMap contributors",
            "licence": "ODbL-1.0",
            "licence_url": "https://www.openstreetmap.org/copyright",
            "bytes": 3,
            "files": [{"name": "map.pmtiles", "bytes": 3, "sha256": "ab"}],
        });
        assert_eq!(serde_json::to_value(&city).unwrap(), expected);
    }

    #[test]
    fn a_route_is_asked_for_with_everything_unless_less_is_wanted() {
        let stops = json!([{"lat": 41.1, "lng": -8.7}, {"lat": 41.2, "lng": -8.6}]);
        let read = |query| serde_json::from_value::<RouteQuery>(query);
        let query = read(json!({"stops": stops})).unwrap();
        assert!(query.steps && query.geometry && query.depart_at.is_none());
        let query = read(json!({"stops": stops, "steps": false, "geometry": false})).unwrap();
        assert!(!query.steps && !query.geometry);
        assert!(read(json!({"stops": stops, "avoid": "tolls"})).is_err());
    }
}
