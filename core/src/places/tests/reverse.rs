//! What is found by where it is.

use super::town::{at, house, open, place, poi, street, town};
use crate::places::{PlaceIndex, PlaceKind};

fn names(index: &PlaceIndex, north_m: f64, east_m: f64) -> Vec<String> {
    let found = index.reverse(at(north_m, east_m), 150.0, 10);
    found.into_iter().map(|place| place.name).collect()
}

#[test]
fn a_house_nearby_names_a_position_then_its_street() {
    let index = open(&town());
    let found = index.reverse(at(451.0, -10.0), 100.0, 10);
    assert_eq!(found[0].name, "Rua do Almada 45");
    assert_eq!(found[0].kind, PlaceKind::Address);
    assert!(found[0].distance_m.unwrap() < 4.0);
    assert!(
        found
            .iter()
            .any(|f| f.kind == PlaceKind::Street && f.name == "Rua do Almada")
    );
}

#[test]
fn a_street_is_as_near_as_its_line() {
    let index = open(&town());
    let found = index.reverse(at(2_500.0, -920.0), 50.0, 10);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].name, "Avenida da Boavista");
    assert!((found[0].distance_m.unwrap() - 20.0).abs() < 4.0);
    assert!(
        found[0].at.distance_m(at(2_500.0, -900.0)) < 5.0,
        "on the street"
    );
}

#[test]
fn a_far_house_comes_after_the_street_at_hand() {
    let index = open(&[
        street("Rua Nova", (0.0, 0.0), 200.0),
        house("Rua Nova", "1", at(190.0, 5.0)),
    ]);
    assert_eq!(names(&index, 100.0, 3.0), ["Rua Nova", "Rua Nova 1"]);
}

#[test]
fn inside_a_large_place_one_is_at_it() {
    let mut airport = poi("Airport", "airport", at(0.0, 0.0));
    airport.shape = vec![vec![
        at(-800.0, -800.0),
        at(800.0, -800.0),
        at(800.0, 800.0),
        at(-800.0, 800.0),
        at(-800.0, -800.0),
    ]];
    let index = open(&[
        airport,
        place(PlaceKind::Area, "Maia", "town", at(0.0, 10.0)),
    ]);
    let found = index.reverse(at(700.0, 700.0), 30.0, 5);
    assert_eq!(found.len(), 1, "areas are no answer: {found:?}");
    assert_eq!(
        (found[0].name.as_str(), found[0].distance_m),
        ("Airport", Some(0.0))
    );
    assert!(index.reverse(at(900.0, 900.0), 30.0, 5).is_empty());
    assert_eq!(names(&index, 900.0, 0.0), ["Airport"], "outside but near");
}

#[test]
fn nowhere_is_nothing() {
    let index = open(&town());
    assert!(index.reverse(at(0.0, 20_000.0), 100.0, 10).is_empty());
    assert!(index.reverse(at(0.0, 0.0), f64::NAN, 10).len() <= 10);
    assert!(index.reverse(at(0.0, 0.0), -1.0, 10).is_empty());
    assert!(index.reverse(at(0.0, 0.0), f64::INFINITY, 1_000).len() <= PlaceIndex::LIMIT_MAX);
    assert!(open(&[]).reverse(at(0.0, 0.0), 100.0, 10).is_empty());
}
