//! A town of ten streets, drawn for the tests, and its city pack.
//!
//! Five streets run north, five avenues east, a kilometre apart; a road of its own lies on an island
//! in the west. The cast's pickup is the corner of street 3 and avenue 1, so that what they drive
//! north goes along a street.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use wayfare_city::build::{BuildOrder, Built, Progress, Step, Stop, ZoneFile, build};
use wayfare_city::osm::PbfWriter;
use wayfare_core::city::Manifest;
use wayfare_core::geo::LatLng;

const STREETS: i64 = 5;
const SOUTH_E7: i64 = 411_410_000;
const WEST_E7: i64 = -86_460_000;
/// A kilometre is about 0.009 degrees north, and 0.012 degrees east at this latitude.
const NORTH_STEP_E7: i64 = 90_000;
const EAST_STEP_E7: i64 = 120_000;

/// The town's city pack in a folder of its own.
#[derive(Debug)]
pub(crate) struct Town {
    dir: TempDir,
    /// What the pack says of itself.
    pub(crate) manifest: Manifest,
}

impl Town {
    /// Without zones.
    pub(crate) fn build() -> Self {
        Self::build_with(&[])
    }

    /// With these zones, as features of GeoJSON.
    pub(crate) fn build_with(zones: &[Value]) -> Self {
        let dir = TempDir::new().unwrap();
        let osm = dir.path().join("ten-streets.osm.pbf");
        write_extract(&osm);
        let geojson = dir.path().join("zones.geojson");
        let collection = json!({"type": "FeatureCollection", "features": zones});
        std::fs::write(&geojson, collection.to_string()).unwrap();
        let order = BuildOrder {
            osm,
            out: dir.path().join("pack"),
            name: None,
            zones: vec![ZoneFile {
                path: geojson,
                kind: None,
            }],
            speed_profile: None,
            created_at: "2026-03-01T12:00:00Z".parse().unwrap(),
            stop: Stop::default(),
        };
        let Built { manifest, .. } = build(&order, &mut Silent).unwrap();
        Self { dir, manifest }
    }

    pub(crate) fn pack(&self) -> PathBuf {
        self.dir.path().join("pack")
    }
}

struct Silent;

impl Progress for Silent {
    fn advanced(&mut self, _step: Step, _share: f64) {}

    fn finished(&mut self, _step: Step, _took: Duration) {}
}

/// The corner of a street and an avenue, counted from 0 in the south-west.
pub(crate) fn corner(street: i64, avenue: i64) -> LatLng {
    let lat = SOUTH_E7 + avenue * NORTH_STEP_E7;
    let lng = WEST_E7 + street * EAST_STEP_E7;
    LatLng::from_e7(lat.try_into().unwrap(), lng.try_into().unwrap()).unwrap()
}

/// On the island, a kilometre in the west of the town.
pub(crate) fn island() -> LatLng {
    corner(-1, 2)
}

fn node_id(street: i64, avenue: i64) -> i64 {
    1 + street * 100 + avenue
}

/// Writes the town's extract.
pub(crate) fn write_extract(path: &Path) {
    let mut town = PbfWriter::new();
    for street in 0..STREETS {
        for avenue in 0..STREETS {
            town.node(node_id(street, avenue), corner(street, avenue), &[]);
        }
    }
    for n in 0..STREETS {
        let north: Vec<i64> = (0..STREETS).map(|avenue| node_id(n, avenue)).collect();
        let name = format!(
            "Rua {}",
            ["do Almada", "das Flores", "do Sol", "da Paz", "Nova"][index(n)]
        );
        town.way(
            1000 + n,
            &north,
            &[("highway", "residential"), ("name", &name)],
        );
        let east: Vec<i64> = (0..STREETS).map(|street| node_id(street, n)).collect();
        let name = format!(
            "Avenida {}",
            ["Sul", "do Mar", "Central", "da Ponte", "Norte"][index(n)]
        );
        town.way(
            2000 + n,
            &east,
            &[("highway", "secondary"), ("name", &name)],
        );
    }
    let at = |lat_e7: i32, lng_e7: i32| LatLng::from_e7(lat_e7, lng_e7).unwrap();
    let shore = island();
    town.node(9001, shore, &[]);
    town.node(9002, at(shore.lat_e7() + 20_000, shore.lng_e7()), &[]);
    town.way(
        3000,
        &[9001, 9002],
        &[("highway", "residential"), ("name", "Rua da Ilha")],
    );
    let near = corner(1, 1);
    town.node(
        9100,
        at(near.lat_e7() + 2_000, near.lng_e7() + 1_000),
        &[
            ("addr:street", "Rua das Flores"),
            ("addr:housenumber", "45"),
        ],
    );
    town.node(
        9101,
        at(near.lat_e7() + 3_000, near.lng_e7() + 2_000),
        &[("railway", "station"), ("name", "Estação Central")],
    );
    town.write(BufWriter::new(File::create(path).unwrap()))
        .unwrap();
}

fn index(n: i64) -> usize {
    n.try_into().unwrap()
}

/// A rectangle whose corners are these two, and a little more.
pub(crate) fn ring(south_west: LatLng, north_east: LatLng) -> Value {
    let more = 0.001;
    let (south, west) = (south_west.lat() - more, south_west.lng() - more);
    let (north, east) = (north_east.lat() + more, north_east.lng() + more);
    json!([[
        [west, south],
        [east, south],
        [east, north],
        [west, north],
        [west, south]
    ]])
}

/// A zone of GeoJSON.
pub(crate) fn zone(id: &str, kind: &str, polygon: Value) -> Value {
    json!({
        "type": "Feature",
        "properties": {"id": id, "kind": kind},
        "geometry": {"type": "Polygon", "coordinates": polygon},
    })
}

/// A toll line across all streets, half way between the second and the third avenue: some 1500 m
/// north of the pickup.
pub(crate) fn bridge(id: &str) -> Value {
    let lat = (corner(0, 2).lat() + corner(0, 3).lat()) / 2.0;
    json!({
        "type": "Feature",
        "properties": {"id": id, "kind": "toll_line"},
        "geometry": {"type": "LineString", "coordinates": [
            [corner(0, 0).lng() - 0.001, lat],
            [corner(4, 0).lng() + 0.001, lat],
        ]},
    })
}
