//! The drawn town becomes a city pack: cars find their way in it, and people find its streets.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{DateTime, Utc};
use wayfare_city::build::{self, BuildOrder, Progress, Stop, ZoneFile};
use wayfare_core::geo::LatLng;
use wayfare_core::places::PlaceKind;

use crate::chance::{Stream, chance};
use crate::city::{City, town};

fn pack(folder: &Path) -> City {
    let town = town::draw(1);
    let (osm, zones) = (folder.join("town.osm.pbf"), folder.join("zones.geojson"));
    town::write(&town.sheet, &osm).unwrap();
    std::fs::write(&zones, town::zones().unwrap().to_string()).unwrap();
    let order = BuildOrder {
        osm,
        out: folder.join("pack"),
        name: Some(town.name.to_owned()),
        zones: vec![ZoneFile {
            path: zones,
            kind: None,
        }],
        speed_profile: None,
        created_at: DateTime::<Utc>::UNIX_EPOCH,
        stop: Stop::default(),
    };
    let built = build::build(&order, &mut Quiet).unwrap();
    for (step, took) in &built.steps {
        println!("{step}: {:.2} s", took.as_secs_f64());
    }
    println!(
        "{:.2} s, {:?}",
        built.took.as_secs_f64(),
        built.manifest.counts
    );
    City::open(&order.out).unwrap()
}

struct Quiet;

impl Progress for Quiet {
    fn advanced(&mut self, _step: build::Step, _share: f64) {}
    fn finished(&mut self, _step: build::Step, _took: std::time::Duration) {}
}

#[test]
fn the_drawn_town_is_a_city_to_drive_and_search_in() {
    let folder = tempfile::tempdir().unwrap();
    let city = pack(folder.path());
    trips_can_be_driven(&city);
    streets_are_found_by_their_names(&city);
    queues_and_landmarks_draw_people(&city);
}

fn trips_can_be_driven(city: &City) {
    let mut chance = chance(3, Stream::Demand);
    for _ in 0..150 {
        let (pickup, dropoff) = city.draw_trip(&mut chance);
        let route = city.route(pickup, dropoff).unwrap();
        let kmh = route.length_mm as f64 * 3.6 / route.duration_ms as f64;
        let detour = route.length_mm as f64 / 1000.0 / pickup.distance_m(dropoff);
        assert!(
            (12.0..90.0).contains(&kmh) && (0.99..4.0).contains(&detour),
            "{pickup:?} {dropoff:?}: {kmh} km/h, {detour} times the straight line"
        );
    }
}

fn streets_are_found_by_their_names(city: &City) {
    let near = city.zones[0].centre;
    let streets: BTreeSet<String> = (0..city.roads.arc_count())
        .filter_map(|arc| city.roads.arc(wayfare_core::roads::ArcId(arc)))
        .map(|arc| city.roads.name(arc.name).to_owned())
        .filter(|name| name.contains(' '))
        .collect();
    let is_found = |name: &&String| {
        let found = city.places.search(name, Some(near), 10);
        found
            .iter()
            .any(|place| place.kind == PlaceKind::Street && place.name == **name)
    };
    let found = streets.iter().filter(is_found).count();
    assert!(streets.len() > 400, "{}", streets.len());
    assert!(
        found * 100 >= streets.len() * 98,
        "{found} of {} streets are found",
        streets.len()
    );
}

fn queues_and_landmarks_draw_people(city: &City) {
    let names: Vec<&str> = city.zones.iter().map(|zone| zone.name.as_str()).collect();
    println!("{names:?}");
    for wanted in ["Aeroporto", "Estação Central", "Universidade"] {
        assert!(names.contains(&wanted), "{wanted} is not in {names:?}");
    }
    let queue = city.zones.iter().find(|zone| zone.name == "Aeroporto");
    let at: LatLng = queue.unwrap().centre;
    assert!(city.roads.nearest(at, true).unwrap().point.distance_m < 300.0);
}
