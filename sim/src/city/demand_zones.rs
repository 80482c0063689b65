//! Where people of a city come from and go to, told from its map: to where streets are densest, to
//! the airport, to stations, hospitals and the like.

use std::collections::{BTreeMap, BTreeSet};

use wayfare_core::geo::LatLng;
use wayfare_core::places::{FoundPlace, PlaceIndex, PlaceKind};
use wayfare_core::roads::RoadNetwork;
use wayfare_core::zones::{ZoneKind, Zones};

use super::{Plane, Zone, is_street, stretches};

/// Side of the squares in which streets are counted.
const SQUARE_M: f64 = 500.0;
/// Squares with a name of their own, and how far they are from each other.
const QUARTERS: usize = 7;
const QUARTERS_APART_M: f64 = 1400.0;
/// A quarter with fewer streets than this share of the centre's is none.
const QUARTER_SHARE: f64 = 0.3;
/// A place farther than this from any road is not of this map.
const OFF_ROAD_M: f64 = 1500.0;
/// A name is looked for this far around.
const NAME_M: f64 = 1500.0;
/// How far around a street it is looked for what stands there.
const LOOK_M: f64 = 700.0;
/// Two of one kind nearer than this are one, such as two entrances.
const SAME_M: f64 = 900.0;
/// So many of one kind at most.
const OF_A_KIND: usize = 3;

/// Areas that are a part of a city.
const PARTS: [&str; 7] = [
    "suburb",
    "quarter",
    "neighbourhood",
    "borough",
    "district",
    "village",
    "hamlet",
];

/// What draws people: the category of the place, weights of pickups and dropoffs, and
/// how far around people stop.
const DRAWS: [(&str, f64, f64, f64); 6] = [
    ("airport", 9.0, 10.0, 200.0),
    ("station", 8.0, 7.0, 150.0),
    ("hospital", 4.0, 5.0, 150.0),
    ("university", 5.0, 5.0, 250.0),
    ("mall", 4.0, 4.0, 150.0),
    ("marketplace", 4.0, 4.0, 150.0),
];

/// The zones of a city. Never empty.
pub(super) fn of(roads: &RoadNetwork, places: &PlaceIndex, zones: &Zones) -> Vec<Zone> {
    let squares = Squares::count(roads);
    let centre = squares.densest(&[]);
    let mut found = vec![
        zone("Centre".to_owned(), centre, 800.0, 26.0, 25.0),
        zone("Inner city".to_owned(), centre, 2300.0, 22.0, 22.0),
    ];
    let mut taken = vec![centre];
    let most = squares.around(centre);
    for _ in 0..QUARTERS {
        let quarter = squares.densest(&taken);
        let share = squares.around(quarter) / most.max(1.0);
        if share < QUARTER_SHARE || taken.contains(&quarter) {
            break;
        }
        taken.push(quarter);
        let name = name_of(quarter, centre, places);
        // What is called as the last one belongs to it.
        if found.iter().all(|zone| zone.name != name) {
            found.push(zone(name, quarter, 450.0, 6.0 * share, 6.0 * share));
        }
    }
    let mut draws = queues(zones);
    let others = landmarks(roads, places, &taken).into_iter();
    let is_new = |other: &Zone| {
        let apart = |zone: &Zone| zone.centre.distance_m(other.centre) > SAME_M;
        draws.iter().all(apart)
    };
    let others: Vec<Zone> = others.filter(is_new).collect();
    draws.extend(others);
    let near = |zone: &Zone| {
        let nearest = roads.nearest(zone.centre, true);
        nearest.is_some_and(|snapped| snapped.point.distance_m < OFF_ROAD_M)
    };
    found.extend(draws.into_iter().filter(near));
    found
}

fn zone(name: String, centre: LatLng, spread_m: f64, pickups: f64, dropoffs: f64) -> Zone {
    Zone {
        name,
        centre,
        spread_m,
        pickup_weight: pickups,
        dropoff_weight: dropoffs,
    }
}

/// The queues of drivers that the operator drew.
fn queues(zones: &Zones) -> Vec<Zone> {
    let queue = |found: &wayfare_core::zones::Zone| {
        let weight = match found.kind {
            ZoneKind::AirportQueue => 9.0,
            ZoneKind::StationQueue => 7.0,
            ZoneKind::CityBoundary | ZoneKind::TollLine | ZoneKind::Geofence => return None,
        };
        let ring = found.polygons.first()?.first()?;
        let name = found.name.clone();
        Some(zone(name, middle(ring)?, 120.0, weight, weight))
    };
    zones.all().iter().filter_map(queue).collect()
}

fn middle(ring: &[LatLng]) -> Option<LatLng> {
    let plane = Plane::around(*ring.first()?);
    let count = ring.len() as f64;
    let (east_m, north_m) = ring
        .iter()
        .map(|corner| plane.metres(*corner))
        .fold((0.0, 0.0), |(east_m, north_m), corner| {
            (east_m + corner.0 / count, north_m + corner.1 / count)
        });
    Some(plane.at(east_m, north_m))
}

/// What the places of the map say draws people. They are looked for around streets of every square.
fn landmarks(roads: &RoadNetwork, places: &PlaceIndex, taken: &[LatLng]) -> Vec<Zone> {
    if places.is_empty() {
        return Vec::new();
    }
    let (south_west, _) = roads.bounds();
    let plane = Plane::around(south_west);
    let mut looked: BTreeSet<(i32, i32)> = BTreeSet::new();
    let mut found: Vec<(usize, FoundPlace)> = Vec::new();
    for (id, _) in stretches(roads) {
        let Some(at) = roads.shape(id).first().copied() else {
            continue;
        };
        if !looked.insert(square_of(&plane, at)) {
            continue;
        }
        for place in places.reverse(at, LOOK_M, PlaceIndex::LIMIT_MAX) {
            let is_draw = |(category, ..): &(&str, f64, f64, f64)| place.category == *category;
            if place.kind == PlaceKind::Poi
                && let Some(draw) = DRAWS.iter().position(is_draw)
            {
                found.push((draw, place));
            }
        }
    }
    let centre = taken.first().copied().unwrap_or(south_west);
    found.sort_by(|a, b| {
        let distance_m = |place: &FoundPlace| place.at.distance_m(centre);
        (a.0.cmp(&b.0)).then(distance_m(&a.1).total_cmp(&distance_m(&b.1)))
    });
    let mut zones: Vec<(usize, Zone)> = Vec::new();
    for (draw, place) in found {
        let of_a_kind = zones.iter().filter(|(kind, _)| *kind == draw);
        let is_known = of_a_kind
            .clone()
            .any(|(_, zone)| zone.centre.distance_m(place.at) < SAME_M);
        if let Some((_, pickups, dropoffs, spread_m)) = DRAWS.get(draw)
            && !is_known
            && of_a_kind.count() < OF_A_KIND
        {
            let new = zone(place.name, place.at, *spread_m, *pickups, *dropoffs);
            zones.push((draw, new));
        }
    }
    zones.into_iter().map(|(_, zone)| zone).collect()
}

/// What people call a quarter: its name on the map, else where it lies.
fn name_of(quarter: LatLng, centre: LatLng, places: &PlaceIndex) -> String {
    let around = places.reverse(quarter, NAME_M, PlaceIndex::LIMIT_MAX);
    let named = around
        .into_iter()
        .find(|place| place.kind == PlaceKind::Area && PARTS.contains(&place.category.as_str()));
    named.map_or_else(
        || {
            let bearing_deg = centre.bearing_deg(quarter);
            let side = match bearing_deg {
                45.0..135.0 => "East Side",
                135.0..225.0 => "South Side",
                225.0..315.0 => "West Side",
                _ => "North Side",
            };
            side.to_owned()
        },
        |place| place.name,
    )
}

/// How many streets begin in each square of the map.
struct Squares {
    plane: Plane,
    counts: BTreeMap<(i32, i32), f64>,
}

fn square_of(plane: &Plane, at: LatLng) -> (i32, i32) {
    let (east_m, north_m) = plane.metres(at);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "squares of half a kilometre fit 32 bits"
    )]
    let square = (
        (east_m / SQUARE_M).floor() as i32,
        (north_m / SQUARE_M).floor() as i32,
    );
    square
}

impl Squares {
    fn count(roads: &RoadNetwork) -> Self {
        let (south_west, _) = roads.bounds();
        let plane = Plane::around(south_west);
        let mut counts: BTreeMap<(i32, i32), f64> = BTreeMap::new();
        for (id, arc) in stretches(roads) {
            if let Some(at) = roads.shape(id).first()
                && is_street(&arc)
            {
                *counts.entry(square_of(&plane, *at)).or_default() += 1.0;
            }
        }
        Self { plane, counts }
    }

    /// Streets in a square and in those around it.
    fn around(&self, at: LatLng) -> f64 {
        let (east, north) = square_of(&self.plane, at);
        (east - 1..=east + 1)
            .flat_map(|east| (north - 1..=north + 1).map(move |north| (east, north)))
            .filter_map(|square| self.counts.get(&square))
            .sum()
    }

    /// The middle of the square with the most streets around it, far from some places; the first
    /// of those places if there is none.
    fn densest(&self, far_from: &[LatLng]) -> LatLng {
        let middle_m = |index: i32| (f64::from(index) + 0.5) * SQUARE_M;
        let middles = self
            .counts
            .keys()
            .map(|(east, north)| self.plane.at(middle_m(*east), middle_m(*north)));
        let densest = middles
            .filter(|middle| {
                far_from
                    .iter()
                    .all(|other| other.distance_m(*middle) > QUARTERS_APART_M)
            })
            .max_by(|a, b| self.around(*a).total_cmp(&self.around(*b)));
        densest
            .or_else(|| far_from.first().copied())
            .unwrap_or_else(|| self.plane.at(0.0, 0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::testing;

    #[test]
    fn people_go_where_streets_are_densest() {
        let city = testing::city();
        let centre = city.zones[0].centre;
        let nearest = city.roads.nearest(centre, true).unwrap();
        assert!(nearest.point.distance_m < 400.0, "{nearest:?}");
        let names: BTreeSet<&str> = city.zones.iter().map(|zone| zone.name.as_str()).collect();
        assert_eq!(names.len(), city.zones.len(), "{names:?}");
        assert!(names.len() > 4, "{names:?}");
    }

    #[test]
    fn queues_that_the_operator_drew_draw_people() {
        let city = testing::city();
        let (south_west, _) = city.roads.bounds();
        let (lat, lng) = (south_west.lat(), south_west.lng());
        let ring = format!(
            "[[{lng},{lat}],[{e},{lat}],[{e},{n}],[{lng},{n}],[{lng},{lat}]]",
            e = lng + 0.004,
            n = lat + 0.003
        );
        let geojson = format!(
            r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","id":"field",
                "properties":{{"name":"The Field","kind":"airport_queue"}},
                "geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}]}}"#
        );
        let zones = Zones::parse(&geojson).unwrap();
        let found = of(&city.roads, &city.places, &zones);
        assert!(
            found.iter().any(|zone| zone.name == "The Field"),
            "{found:?}"
        );
    }
}
