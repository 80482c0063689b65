//! The archive as a whole, read back byte by byte.

mod reader;

use std::collections::BTreeSet;
use std::path::Path;

use wayfare_core::geo::LatLng;

use super::encode::Spot;
use super::zoom::doubled_spots_area;
use super::{MapError, ZOOM_MAX, ZOOM_MIN, write_look, write_tiles};
use crate::osm::{self, Extract, ExtractBuilder, NewMember};
use reader::{Feature, Tiles, read_archive};

/// A town at the sea: a coast that runs south with the sea in the west, a park with a pond in it, a
/// long road through all of it, houses with numbers.
struct Town(ExtractBuilder);

const LAT: f64 = 41.15;
const LNG: f64 = -8.65;

fn at(north: f64, east: f64) -> LatLng {
    LatLng::from_degrees(LAT + north, LNG + east).unwrap()
}

impl Town {
    fn new() -> Self {
        Self(ExtractBuilder::new())
    }

    /// A way through places (north and east of the corner, in degrees); ids start at `first`.
    fn way(&mut self, first: i64, places: &[(f64, f64)], tags: &[(&str, &str)]) {
        let ids = first..;
        for (id, (north, east)) in ids.clone().zip(places) {
            self.0.node(id, at(*north, *east), []);
        }
        let refs = ids.take(places.len());
        self.0.way(first, refs, tags.iter().copied());
    }

    /// A closed square.
    fn square(&mut self, first: i64, corner: (f64, f64), size: f64, tags: &[(&str, &str)]) {
        let (n, e) = corner;
        let places = [(n, e), (n, e + size), (n + size, e + size), (n + size, e)];
        for (id, (north, east)) in (first..).zip(places) {
            self.0.node(id, at(north, east), []);
        }
        let refs = [first, first + 1, first + 2, first + 3, first];
        self.0.way(first, refs, tags.iter().copied());
    }

    fn built() -> Extract {
        let mut town = Self::new();
        let coast = [(0.06, 0.005), (0.03, 0.008), (0.0, 0.005)];
        town.way(100, &coast, &[("natural", "coastline")]);
        let road = [(0.001, 0.02), (0.03, 0.025), (0.059, 0.02)];
        town.way(
            200,
            &road,
            &[
                ("highway", "primary"),
                ("name", "Rua da Praia"),
                ("ref", "EN 1"),
            ],
        );
        let lane = [(0.03, 0.012), (0.03, 0.025), (0.03, 0.055)];
        let lane_tags = [
            ("highway", "residential"),
            ("name", "Travessa"),
            ("oneway", "-1"),
        ];
        town.way(300, &lane, &lane_tags);
        town.square(400, (0.035, 0.03), 0.01, &[]);
        town.square(500, (0.038, 0.033), 0.004, &[]);
        let members = [NewMember::Way(400, "outer"), NewMember::Way(500, "inner")];
        let tags = [
            ("type", "multipolygon"),
            ("leisure", "park"),
            ("name", "Jardim"),
        ];
        town.0.relation(1, members, tags);
        for house in 0..20_i32 {
            let east = 0.03 + f64::from(house) * 0.0005;
            let first = 1_000 + i64::from(house) * 10;
            let number = house.to_string();
            let tags = [("building", "yes"), ("addr:housenumber", number.as_str())];
            town.square(first, (0.0305, east), 0.0002, &tags);
        }
        town.0.node(
            900,
            at(0.031, 0.026),
            [("place", "town"), ("name", "Póvoa")],
        );
        town.0.node(901, at(0.031, 0.04), [("amenity", "fuel")]);
        town.0.build()
    }
}

fn archive(extract: &Extract) -> (Tiles, Vec<u8>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("map.pmtiles");
    write_tiles(extract, &path, &mut |_| {}).unwrap();
    (read_archive(&path), std::fs::read(&path).unwrap())
}

/// The features of a layer at a position, with the position in units of their tile.
fn around<'a>(tiles: &'a Tiles, zoom: u8, at: LatLng, layer: &str) -> Vec<(&'a Feature, Spot)> {
    let world = f64::from(1_u32 << zoom);
    let x = (at.lng() / 360.0 + 0.5) * world;
    let lat = at.lat().to_radians();
    let y = (0.5 - (lat.tan() + 1.0 / lat.cos()).ln() / std::f64::consts::TAU) * world;
    let whole = |value: f64| u32::try_from(super::plane::rounded(value.floor())).unwrap();
    let features = tiles.get(&(zoom, whole(x), whole(y)));
    let features = features.map(Vec::as_slice).unwrap_or_default();
    let found = features.iter().filter(|feature| feature.layer == layer);
    found
        .map(|feature| {
            let unit =
                |value: f64| super::plane::rounded(value.fract() * f64::from(feature.extent));
            (feature, (unit(x), unit(y)))
        })
        .collect()
}

/// Whether an area of a layer covers a position.
fn covers(tiles: &Tiles, zoom: u8, at: LatLng, layer: &str) -> bool {
    let areas = around(tiles, zoom, at, layer).into_iter();
    areas
        .filter(|(feature, _)| feature.kind == 3)
        .any(|(feature, spot)| {
            let inside = feature.paths.iter().filter(|ring| {
                let mut ring: Vec<_> = ring
                    .iter()
                    .map(|(x, y)| super::plane::Point { x: *x, y: *y })
                    .collect();
                ring.push(ring[0]);
                super::plane::ring_holds(
                    &ring,
                    super::plane::Point {
                        x: spot.0,
                        y: spot.1,
                    },
                )
            });
            inside.count() % 2 == 1
        })
}

#[test]
fn the_sea_is_wet_and_the_town_is_dry_at_every_zoom() {
    let (tiles, _) = archive(&Town::built());
    for zoom in ZOOM_MIN..=ZOOM_MAX {
        let wet = |north, east| covers(&tiles, zoom, at(north, east), "water");
        assert!(wet(0.02, 0.002), "the sea at zoom {zoom}");
        assert!(wet(0.02, 0.0), "the sea beyond the bounds at zoom {zoom}");
        assert!(!wet(0.02, 0.03), "the town at zoom {zoom}");
    }
}

#[test]
fn a_park_has_the_hole_that_its_relation_gives_it() {
    let (tiles, _) = archive(&Town::built());
    for zoom in 13..=ZOOM_MAX {
        let green = |north, east| covers(&tiles, zoom, at(north, east), "land");
        assert!(green(0.0365, 0.0315), "the park at zoom {zoom}");
        assert!(!green(0.040, 0.035), "its hole at zoom {zoom}");
        assert!(!green(0.020, 0.035), "outside at zoom {zoom}");
    }
}

#[test]
fn every_tile_that_a_road_passes_has_it() {
    let (tiles, _) = archive(&Town::built());
    for zoom in 9..=ZOOM_MAX {
        for step in 0..=100 {
            let along = 0.001 + 0.029 * f64::from(step) / 100.0;
            let east = 0.02 + 0.005 * f64::from(step) / 100.0;
            let roads = around(&tiles, zoom, at(along, east), "roads");
            let primary = roads
                .iter()
                .any(|(road, _)| road.tags.get("c").is_some_and(|c| c == "3"));
            assert!(primary, "no road at zoom {zoom}, step {step}");
        }
    }
}

#[test]
fn outer_rings_run_clockwise_and_holes_against_it() {
    let (tiles, _) = archive(&Town::built());
    let mut holes = 0;
    for features in tiles.values() {
        for area in features.iter().filter(|feature| feature.kind == 3) {
            assert!(
                doubled_spots_area(&area.paths[0]) > 0,
                "the first ring is an outer one"
            );
            for ring in &area.paths {
                assert!(ring.len() >= 3);
                holes += usize::from(doubled_spots_area(ring) < 0);
            }
        }
    }
    assert!(holes > 0, "the park's pond is a hole somewhere");
}

#[test]
fn names_and_numbers_are_told_where_they_are_drawn() {
    let (tiles, _) = archive(&Town::built());
    let said = |zoom: u8, layer: &str| -> BTreeSet<&str> {
        let all = tiles.iter().filter(|((z, ..), _)| *z == zoom);
        let features = all.flat_map(|(_, features)| features);
        let of_layer = features.filter(|feature| feature.layer == layer);
        of_layer
            .filter_map(|f| f.tags.get("n"))
            .map(String::as_str)
            .collect()
    };
    assert_eq!(said(13, "roads"), BTreeSet::from(["Rua da Praia"]));
    assert_eq!(
        said(15, "roads"),
        BTreeSet::from(["Rua da Praia", "Travessa"])
    );
    assert!(
        said(16, "roads").is_empty(),
        "close maps take names from the zoom before"
    );
    assert_eq!(said(16, "numbers").len(), 20);
    assert!(said(15, "numbers").is_empty());
    assert_eq!(said(10, "places"), BTreeSet::from(["Póvoa"]));
}

#[test]
fn a_one_way_street_runs_the_way_it_is_driven() {
    let (tiles, _) = archive(&Town::built());
    let mut seen = 0;
    for ((zoom, ..), features) in &tiles {
        for lane in features.iter().filter(|f| f.tags.contains_key("o")) {
            assert_eq!(*zoom, ZOOM_MAX, "arrows are for close maps");
            for path in &lane.paths {
                assert!(
                    path[0].0 > path[path.len() - 1].0,
                    "against its points, to the west"
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 3);
}

#[test]
fn no_point_lies_far_outside_of_its_tile() {
    let (tiles, _) = archive(&Town::built());
    for feature in tiles.values().flatten() {
        let slack = feature.extent / 64;
        for (x, y) in feature.paths.iter().flatten() {
            let inside = -slack..=feature.extent + slack;
            assert!(inside.contains(x) && inside.contains(y), "{feature:?}");
        }
    }
}

#[test]
fn equal_extracts_give_equal_bytes() {
    assert_eq!(archive(&Town::built()).1, archive(&Town::built()).1);
}

#[test]
fn an_extract_without_a_point_is_no_map() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("map.pmtiles");
    let answer = write_tiles(&Extract::default(), &path, &mut |_| {});
    assert!(matches!(answer, Err(MapError::Nothing)));
    assert!(!path.exists());
}

#[test]
fn progress_grows_to_one() {
    let dir = tempfile::tempdir().unwrap();
    let mut heard = Vec::new();
    let path = dir.path().join("map.pmtiles");
    write_tiles(&Town::built(), &path, &mut |part| heard.push(part)).unwrap();
    assert!(heard.windows(2).all(|pair| pair[0] <= pair[1]));
    assert_eq!(heard.last(), Some(&1.0));
}

#[test]
fn a_look_is_complete_and_names_nothing_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    let info = write_tiles(&Town::built(), &dir.path().join("map.pmtiles"), &mut |_| {}).unwrap();
    write_look(dir.path(), &info).unwrap();
    for look in ["day", "night"] {
        let text = std::fs::read_to_string(dir.path().join(format!("style-{look}.json"))).unwrap();
        let style: serde_json::Value = serde_json::from_str(&text).unwrap();
        let layers = style["layers"].as_array().unwrap();
        let ids: BTreeSet<&str> = layers.iter().map(|l| l["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), layers.len(), "ids are unique");
        for layer in layers.iter().filter(|layer| layer["type"] != "background") {
            let source = layer["source"].as_str().unwrap();
            assert!(style["sources"][source].is_object());
            for font in layer["layout"]["text-font"]
                .as_array()
                .into_iter()
                .flatten()
            {
                let face = dir.path().join("fonts").join(font.as_str().unwrap());
                assert!(face.join("0-255.pbf").is_file());
            }
        }
        let elsewhere = text.matches("://").count();
        let own = text.matches("pmtiles://{base}/map.pmtiles").count();
        let licence = text
            .matches("https://www.openstreetmap.org/copyright")
            .count();
        assert_eq!(
            elsewhere,
            own + licence,
            "all but the licence is below the base"
        );
        assert!(text.contains("© OpenStreetMap contributors"));
        for file in ["", "@2x"] {
            for kind in ["json", "png"] {
                let sprite = dir.path().join(format!("sprite-{look}{file}.{kind}"));
                assert!(sprite.is_file(), "{}", sprite.display());
            }
        }
        assert!(
            look == "day" || !text.contains("#ffffff"),
            "no pure white at night"
        );
    }
}

#[test]
fn a_real_city_is_small_and_its_harbour_is_wet() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/data/osm/monaco.osm.pbf"
    );
    let file = Path::new(file);
    if !file.exists() {
        eprintln!("skipped: {} is absent", file.display());
        return;
    }
    let extract = osm::read(file, &mut |_| {}).unwrap();
    let (tiles, bytes) = archive(&extract);
    let most = usize::try_from(std::fs::metadata(file).unwrap().len()).unwrap();
    assert!(bytes.len() < most, "{} bytes of tiles", bytes.len());
    let place = |lat, lng| LatLng::from_degrees(lat, lng).unwrap();
    for zoom in 12..=ZOOM_MAX {
        assert!(
            covers(&tiles, zoom, place(43.7347, 7.4262), "water"),
            "the harbour"
        );
        assert!(
            covers(&tiles, zoom, place(43.728, 7.435), "water"),
            "the open sea"
        );
        assert!(
            !covers(&tiles, zoom, place(43.7312, 7.4197), "water"),
            "the rock"
        );
    }
}
