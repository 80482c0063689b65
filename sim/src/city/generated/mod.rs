//! A city that needs no map: drawn from a seed, the same for the same seed.
//!
//! About nine by nine kilometres. Avenues run through all of it, streets between them, and narrow
//! one-way lanes in the centre. A river flows through from west to east and few bridges cross it,
//! so that the fastest way is often not the straight one. A ring road goes round, and an airport
//! lies at the edge on a link road of its own.

use rand::RngExt;
use wayfare_core::geo::LatLng;
use wayfare_core::routing::BuildError;

use super::{City, CityError, Plane, Zone};
use crate::chance::{Stream, chance};
use plan::{Plan, River};

mod plan;

/// Where the middle of the city lies, in degrees.
const ORIGIN: (f64, f64) = (41.158, -8.629);
const AIRPORT_M: (f64, f64) = (5500.0, 2450.0);

const NAMES: [&str; 8] = [
    "Santa Vela",
    "Pontalva",
    "Ribeirinha",
    "Alta Serra",
    "Vila Clara",
    "Monte Azul",
    "Porto Novo",
    "Foz do Rio",
];

/// Zones: name, metres east and north of the middle, spread, weight of pickups and of dropoffs.
const ZONES: [(&str, f64, f64, f64, f64, f64); 11] = [
    ("Old Town", 0.0, 400.0, 450.0, 26.0, 25.0),
    ("Riverside", -300.0, -550.0, 350.0, 9.0, 11.0),
    ("Central Station", 900.0, 900.0, 120.0, 11.0, 9.0),
    ("University", -1500.0, 2300.0, 350.0, 8.0, 8.0),
    ("Hospital", 2100.0, -200.0, 200.0, 5.0, 6.0),
    ("Market", -900.0, 600.0, 250.0, 7.0, 7.0),
    ("South Bank", 300.0, -2300.0, 700.0, 9.0, 9.0),
    ("East Side", 2700.0, 900.0, 800.0, 8.0, 8.0),
    ("West End", -2900.0, 100.0, 800.0, 7.0, 7.0),
    ("Hillside", 600.0, 3200.0, 700.0, 5.0, 5.0),
    ("Airport", AIRPORT_M.0, AIRPORT_M.1, 60.0, 8.0, 9.0),
];

/// The city of a seed.
pub fn generated(seed: u64) -> Result<City, CityError> {
    let mut chance = chance(seed, Stream::Streets);
    let name = NAMES
        .get(chance.random_range(0..NAMES.len()))
        .copied()
        .unwrap_or("Wayfare");
    let (lat, lng) = ORIGIN;
    let graph_error = |source| CityError::Graph {
        name: name.to_owned(),
        source,
    };
    let origin = LatLng::from_degrees(lat, lng).map_err(|_| graph_error(BuildError::Empty))?;
    let plane = Plane::around(origin);
    let river = River {
        phase: chance.random::<f64>() * std::f64::consts::TAU,
    };
    let mut plan = Plan::new(plane, river, chance);
    plan.draw().map_err(graph_error)?;
    let graph = plan
        .builder
        .build()
        .and_then(|graph| graph.largest_strong_component())
        .map_err(graph_error)?;
    Ok(City {
        name: name.to_owned(),
        graph,
        zones: zones(plane),
        water: vec![river.water(plane)],
    })
}

fn zones(plane: Plane) -> Vec<Zone> {
    let zone = |&(name, east_m, north_m, spread_m, pickup_weight, dropoff_weight)| Zone {
        name: String::from(name),
        centre: plane.at(east_m, north_m),
        spread_m,
        pickup_weight,
        dropoff_weight,
    };
    ZONES.iter().map(zone).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::End;

    #[test]
    fn a_seed_draws_the_same_city_twice_and_another_seed_another() {
        let (one, two, other) = (
            generated(7).unwrap(),
            generated(7).unwrap(),
            generated(8).unwrap(),
        );
        assert_eq!(one.graph.nodes(), two.graph.nodes());
        assert_eq!(one.graph.edges(), two.graph.edges());
        assert_ne!(one.graph.nodes(), other.graph.nodes());
    }

    #[test]
    fn the_city_is_large_and_in_one_piece() {
        for seed in 0..8 {
            let city = generated(seed).unwrap();
            assert!(
                city.graph.nodes().len() > 900,
                "seed {seed}: {}",
                city.graph.nodes().len()
            );
            let bounds = city.graph.bounds();
            let diagonal_m = bounds.south_west.distance_m(bounds.north_east);
            assert!(
                (11_000.0..16_000.0).contains(&diagonal_m),
                "seed {seed}: {diagonal_m}"
            );
            for zone in &city.zones {
                let nearest = city.graph.nearest_node(zone.centre);
                assert!(
                    nearest.distance_m < 500.0,
                    "seed {seed}: {} {nearest:?}",
                    zone.name
                );
            }
        }
    }

    #[test]
    fn every_trip_that_is_drawn_can_be_driven() {
        let city = generated(3).unwrap();
        let mut chance = chance(3, Stream::Demand);
        for _ in 0..200 {
            let (pickup, dropoff) = city.draw_trip(&mut chance);
            let (from, to) = (
                city.graph.nearest_node(pickup),
                city.graph.nearest_node(dropoff),
            );
            let route = city.graph.route(from.node, to.node).unwrap();
            let kmh = route.distance_m as f64 * 3.6 / route.duration_s as f64;
            assert!(
                route.distance_m >= 800 && (15.0..80.0).contains(&kmh),
                "{route:?}"
            );
        }
    }

    #[test]
    fn only_bridges_cross_the_river() {
        let city = generated(5).unwrap();
        let river = &city.water[0].line;
        let is_north = |at: LatLng| {
            let nearest = river
                .iter()
                .min_by(|a, b| a.distance_m(at).total_cmp(&b.distance_m(at)))
                .unwrap();
            at.lat() > nearest.lat()
        };
        let crossings = city
            .graph
            .edges()
            .iter()
            .filter(|edge| is_north(city.position(edge.from)) != is_north(city.position(edge.to)))
            .count();
        assert!(
            (6..=16).contains(&crossings),
            "{crossings} edges cross the river"
        );
    }

    #[test]
    fn the_centre_and_the_airport_draw_more_than_their_share() {
        let city = generated(1).unwrap();
        let mut chance = chance(1, Stream::Demand);
        let places: Vec<LatLng> = (0..2000)
            .map(|_| city.position(city.draw_place(&mut chance, End::Pickup)))
            .collect();
        let near = |name: &str, radius_m: f64| {
            let zone = city.zones.iter().find(|zone| zone.name == name).unwrap();
            places
                .iter()
                .filter(|place| place.distance_m(zone.centre) < radius_m)
                .count()
        };
        assert!(
            (100..260).contains(&near("Airport", 400.0)),
            "{}",
            near("Airport", 400.0)
        );
        assert!(
            near("Old Town", 1000.0) > 500,
            "{}",
            near("Old Town", 1000.0)
        );
    }
}
