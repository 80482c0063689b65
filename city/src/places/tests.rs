//! Small towns, drawn by hand.

use wayfare_core::geo::LatLng;
use wayfare_core::places::{NewPlace, PlaceKind};

use super::collect;
use crate::osm::{ExtractBuilder, NewMember};

/// Metres north and east of the town's middle.
fn at(north_m: f64, east_m: f64) -> LatLng {
    LatLng::from_degrees(48.0 + north_m / 111_195.0, 9.0 + east_m / 74_400.0).unwrap()
}

type Tags<'a> = &'a [(&'a str, &'a str)];

/// Draws things and gives them ids.
#[derive(Default)]
struct Town {
    builder: ExtractBuilder,
    last_id: i64,
}

impl Town {
    fn id(&mut self) -> i64 {
        self.last_id += 1;
        self.last_id
    }

    fn node(&mut self, north_m: f64, east_m: f64, tags: Tags<'_>) -> i64 {
        let id = self.id();
        let tags = tags.iter().copied();
        self.builder.node(id, at(north_m, east_m), tags);
        id
    }

    fn way(&mut self, nodes: &[i64], tags: Tags<'_>) -> i64 {
        let id = self.id();
        let tags = tags.iter().copied();
        self.builder.way(id, nodes.iter().copied(), tags);
        id
    }

    fn line(&mut self, spots: &[(f64, f64)], tags: Tags<'_>) -> i64 {
        let nodes: Vec<i64> = spots.iter().map(|(n, e)| self.node(*n, *e, &[])).collect();
        self.way(&nodes, tags)
    }

    /// A square area around a spot.
    fn area(&mut self, (north, east): (f64, f64), half_m: f64, tags: Tags<'_>) -> i64 {
        let corners = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)];
        let mut nodes: Vec<i64> = corners
            .iter()
            .map(|(n, e)| self.node(north + n * half_m, east + e * half_m, &[]))
            .collect();
        nodes.push(nodes[0]);
        self.way(&nodes, tags)
    }

    fn street(&mut self, name: &str, spots: &[(f64, f64)]) -> i64 {
        self.line(spots, &[("highway", "residential"), ("name", name)])
    }

    fn house(&mut self, north_m: f64, east_m: f64, number: &str, street: &str) {
        let tags = [("addr:housenumber", number), ("addr:street", street)];
        self.node(north_m, east_m, &tags);
    }

    fn places(self) -> Vec<NewPlace> {
        collect(&self.builder.build())
    }
}

fn of_kind(places: &[NewPlace], kind: PlaceKind) -> Vec<&NewPlace> {
    places.iter().filter(|place| place.kind == kind).collect()
}

/// Street and number of the addresses, sorted.
fn addresses(places: &[NewPlace]) -> Vec<String> {
    let mut addresses: Vec<String> = of_kind(places, PlaceKind::Address)
        .into_iter()
        .map(|place| format!("{} {}", place.name, place.number.clone().unwrap()))
        .collect();
    addresses.sort();
    addresses
}

#[test]
fn pieces_of_one_name_are_one_street_with_its_middle_on_its_line() {
    let mut town = Town::default();
    let nodes = [0.0, 100.0, 250.0].map(|north| town.node(north, 0.0, &[]));
    let tags: Tags<'_> = &[("highway", "residential"), ("name", "Langgasse")];
    town.way(&nodes[..2], tags);
    town.way(&[nodes[2], nodes[1]], tags);
    town.street("Langgasse", &[(450.0, 10.0), (600.0, 10.0)]);
    town.street("Langgasse", &[(5_000.0, 0.0), (5_100.0, 0.0)]);
    let places = town.places();
    let streets = of_kind(&places, PlaceKind::Street);
    assert_eq!(streets.len(), 2, "the one 5 km away is another street");
    assert!(streets[0].at.distance_m(at(125.0, 0.0)) < 1.0);
    assert_eq!(streets[0].shape.len(), 2);
    assert_eq!(
        streets[0].shape[0].len(),
        2,
        "a straight line has two corners"
    );
}

#[test]
fn a_second_carriageway_adds_no_line() {
    let mut town = Town::default();
    town.street("Allee", &[(0.0, 0.0), (500.0, 0.0)]);
    town.street("Allee", &[(495.0, 15.0), (5.0, 15.0)]);
    let places = town.places();
    assert_eq!(places.len(), 1);
    assert_eq!(places[0].shape.len(), 1);
}

#[test]
fn a_square_is_shown_in_its_middle() {
    let mut town = Town::default();
    let tags: Tags<'_> = &[
        ("highway", "pedestrian"),
        ("area", "yes"),
        ("name", "Marktplatz"),
    ];
    town.area((0.0, 0.0), 40.0, tags);
    let places = town.places();
    assert_eq!(places[0].category, "square");
    assert!(places[0].at.distance_m(at(0.0, 0.0)) < 1.0);
}

#[test]
fn what_is_no_street_or_has_no_name_is_left_out() {
    let mut town = Town::default();
    let line = [(0.0, 0.0), (100.0, 0.0)];
    town.line(&line, &[("highway", "residential")]);
    town.line(&line, &[("highway", "proposed"), ("name", "Neue Straße")]);
    town.line(&line, &[("highway", "residential"), ("name", "  ")]);
    town.line(&line, &[("highway", "motorway"), ("ref", "A 81")]);
    let places = town.places();
    let names: Vec<&str> = places.iter().map(|place| place.name.as_str()).collect();
    assert_eq!(names, ["A 81"], "main roads are known by their number");
}

#[test]
fn houses_name_their_street_by_tag_by_relation_or_by_being_beside_it() {
    let mut town = Town::default();
    town.street("Hauptstraße", &[(0.0, 0.0), (400.0, 0.0)]);
    town.street("Seitenweg", &[(200.0, 30.0), (200.0, 300.0)]);
    town.house(10.0, 10.0, "1", "Hauptstraße");
    town.house(20.0, 10.0, "3;5", "Hauptstraße");
    let number = |number: &'static str| [("addr:housenumber", number)];
    let building = town.area((50.0, 20.0), 8.0, &number("7"));
    let node = town.node(70.0, 20.0, &number("9"));
    let members = [
        NewMember::Way(building, "house"),
        NewMember::Node(node, "house"),
    ];
    let tags = [("type", "associatedStreet"), ("name", "Hauptstraße")];
    town.builder.relation(9_000, members, tags);
    town.node(120.0, 15.0, &number("11"));
    town.node(203.0, 17.0, &number("13"));
    town.node(2_000.0, 0.0, &number("15"));
    town.node(
        900.0,
        0.0,
        &[("addr:housenumber", "4"), ("addr:place", "Weiler")],
    );
    let expected = [
        "Hauptstraße 1",
        "Hauptstraße 11",
        "Hauptstraße 3",
        "Hauptstraße 5",
        "Hauptstraße 7",
        "Hauptstraße 9",
        "Weiler 4",
    ];
    assert_eq!(
        addresses(&town.places()),
        expected,
        "13 may be of either, 15 of none"
    );
}

#[test]
fn lines_between_numbers_stand_for_the_numbers_between() {
    let mut town = Town::default();
    let tags = |number| [("addr:housenumber", number), ("addr:street", "Weg")];
    let first = town.node(0.0, 0.0, &tags("2"));
    let last = town.node(30.0, 0.0, &tags("8"));
    town.way(&[first, last], &[("addr:interpolation", "even")]);
    let far = town.node(60.0, 0.0, &tags("90000"));
    town.way(&[last, far], &[("addr:interpolation", "all")]);
    let places = town.places();
    assert_eq!(
        addresses(&places),
        ["Weg 2", "Weg 4", "Weg 6", "Weg 8", "Weg 90000"]
    );
    let four = places.iter().find(|p| p.number.as_deref() == Some("4"));
    assert!(four.unwrap().at.distance_m(at(10.0, 0.0)) < 0.5);
}

#[test]
fn a_point_that_is_drawn_twice_comes_once() {
    let mut town = Town::default();
    town.area(
        (0.0, 0.0),
        100.0,
        &[("amenity", "hospital"), ("name", "Klinikum")],
    );
    town.node(30.0, 30.0, &[("amenity", "hospital"), ("name", "Klinikum")]);
    town.area(
        (0.0, 5.0),
        20.0,
        &[("building", "hospital"), ("name", "Klinikum")],
    );
    let station: Tags<'_> = &[
        ("railway", "station"),
        ("name", "Nordbahnhof"),
        ("iata", "XYZ"),
    ];
    town.node(1_000.0, 0.0, station);
    town.node(
        1_100.0,
        0.0,
        &[("highway", "bus_stop"), ("name", "Nordbahnhof")],
    );
    let cafe: Tags<'_> = &[("amenity", "cafe"), ("name", "Eck")];
    town.node(0.0, 2_000.0, cafe);
    town.node(0.0, 2_500.0, cafe);
    town.node(0.0, 2_000.0, &[("amenity", "bench"), ("name", "Bank")]);
    let places = town.places();
    let shown: Vec<(&str, &str)> = places
        .iter()
        .map(|place| (place.name.as_str(), place.category.as_str()))
        .collect();
    let expected = [
        ("Eck", "cafe"),
        ("Eck", "cafe"),
        ("Klinikum", "hospital"),
        ("Nordbahnhof", "station"),
    ];
    assert_eq!(shown, expected);
    assert!(
        places[2].shape[0].len() >= 4,
        "a large area keeps its outline"
    );
    assert_eq!(places[3].also, ["XYZ"]);
    assert!(places[3].importance > places[0].importance);
}

#[test]
fn places_are_told_apart_by_district_and_town() {
    let mut town = Town::default();
    let boundary: Tags<'_> = &[
        ("boundary", "administrative"),
        ("admin_level", "8"),
        ("name", "Hofheim"),
    ];
    town.area((0.0, 0.0), 3_000.0, boundary);
    town.node(0.0, 0.0, &[("place", "town"), ("name", "Hofheim")]);
    town.node(1_000.0, 0.0, &[("place", "suburb"), ("name", "Nordend")]);
    town.node(12_000.0, 0.0, &[("place", "village"), ("name", "Weit")]);
    town.street("Gasse", &[(1_000.0, 0.0), (1_100.0, 0.0)]);
    town.street("Gasse", &[(-2_500.0, 0.0), (-2_600.0, 0.0)]);
    town.street("Gasse", &[(12_000.0, 0.0), (12_100.0, 0.0)]);
    town.street("Gasse", &[(30_000.0, 0.0), (30_100.0, 0.0)]);
    let places = town.places();
    let mut contexts: Vec<&str> = of_kind(&places, PlaceKind::Street)
        .iter()
        .map(|street| street.context.as_str())
        .collect();
    contexts.sort_unstable();
    assert_eq!(contexts, ["", "Hofheim", "Nordend, Hofheim", "Weit"]);
    let mut areas: Vec<(&str, &str)> = of_kind(&places, PlaceKind::Area)
        .iter()
        .map(|area| (area.name.as_str(), area.context.as_str()))
        .collect();
    areas.sort_unstable();
    let expected = [("Hofheim", ""), ("Nordend", "Hofheim"), ("Weit", "")];
    assert_eq!(areas, expected, "node and boundary are one");
}

#[test]
fn a_boundary_that_the_extract_cuts_says_nothing() {
    let mut town = Town::default();
    let nodes = [(-900.0, -900.0), (900.0, -900.0), (900.0, 900.0)];
    let half = town.line(&nodes, &[]);
    let tags = [
        ("type", "boundary"),
        ("boundary", "administrative"),
        ("admin_level", "8"),
        ("name", "Halb"),
    ];
    town.builder
        .relation(9_000, [NewMember::Way(half, "outer")], tags);
    town.street("Gasse", &[(0.0, 0.0), (100.0, 0.0)]);
    let places = town.places();
    assert_eq!(places.len(), 1);
    assert_eq!(places[0].context, "");
}

#[test]
fn other_names_are_kept_and_bounded() {
    let mut town = Town::default();
    let many = (0..50)
        .map(|i| format!("Name {i}"))
        .collect::<Vec<_>>()
        .join(";");
    let long = "ä".repeat(5_000);
    town.node(
        0.0,
        0.0,
        &[
            ("place", "town"),
            ("name", "Stadt"),
            ("name:en", "Town"),
            ("old_name", "Stadt; Altstadt"),
            ("alt_name", &many),
        ],
    );
    town.node(9_000.0, 0.0, &[("place", "town"), ("name", &long)]);
    let places = town.places();
    let town = places.iter().find(|place| place.name == "Stadt").unwrap();
    assert_eq!(town.also[..2], ["Town", "Altstadt"]);
    assert!(town.also.len() <= 12);
    assert!(places.iter().all(|place| place.name.chars().count() <= 200));
}

#[test]
fn nothing_gives_nothing() {
    assert!(Town::default().places().is_empty());
}
