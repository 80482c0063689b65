//! A town with one of everything.

use crate::city::PackBytes;
use crate::geo::LatLng;
use crate::places::{NewPlace, PlaceIndex, PlaceKind, encode};

/// Metres north and east of the town's middle.
pub(super) fn at(north_m: f64, east_m: f64) -> LatLng {
    LatLng::from_degrees(41.15 + north_m / 111_195.0, -8.61 + east_m / 83_730.0).unwrap()
}

pub(super) fn place(kind: PlaceKind, name: &str, category: &str, at: LatLng) -> NewPlace {
    NewPlace {
        kind,
        name: name.to_owned(),
        also: Vec::new(),
        number: None,
        category: category.to_owned(),
        context: "Centro, Vila".to_owned(),
        importance: 80,
        at,
        shape: Vec::new(),
    }
}

/// A street that runs north for some metres from a spot.
pub(super) fn street(name: &str, from: (f64, f64), length_m: f64) -> NewPlace {
    let (north, east) = from;
    let mut street = place(
        PlaceKind::Street,
        name,
        "street",
        at(north + length_m / 2.0, east),
    );
    street.shape = vec![vec![at(north, east), at(north + length_m, east)]];
    street
}

pub(super) fn house(street: &str, number: &str, at: LatLng) -> NewPlace {
    NewPlace {
        number: Some(number.to_owned()),
        ..place(PlaceKind::Address, street, "", at)
    }
}

pub(super) fn poi(name: &str, category: &str, at: LatLng) -> NewPlace {
    place(PlaceKind::Poi, name, category, at)
}

fn known_as(mut place: NewPlace, also: &[&str], importance: u8) -> NewPlace {
    place.also = also.iter().map(|name| (*name).to_owned()).collect();
    place.importance = importance;
    place
}

fn within(mut place: NewPlace, context: &str) -> NewPlace {
    place.context = context.to_owned();
    place
}

pub(super) fn town() -> Vec<NewPlace> {
    let mut places = vec![
        street("Rua do Almada", (0.0, 0.0), 600.0),
        street("Rua de Santa Catarina", (0.0, 400.0), 900.0),
        street("Rua de 31 de Janeiro", (0.0, 200.0), 200.0),
        street("Avenida da Boavista", (-300.0, -900.0), 3_000.0),
        street("Königstraße", (100.0, -300.0), 300.0),
        street("Hauptstraße", (150.0, -350.0), 300.0),
        within(
            street("Rua da Igreja", (3_000.0, 0.0), 150.0),
            "Norte, Vila",
        ),
        within(street("Rua da Igreja", (-3_000.0, 0.0), 150.0), "Sul, Vila"),
        known_as(
            poi("Porto - São Bento", "station", at(-50.0, 150.0)),
            &["Estação de São Bento"],
            190,
        ),
        known_as(
            poi("Hospital de São João", "hospital", at(900.0, 900.0)),
            &["HSJ"],
            180,
        ),
        known_as(
            poi(
                "Aeroporto Francisco Sá Carneiro",
                "airport",
                at(9_000.0, -6_000.0),
            ),
            &["Porto Airport", "OPO"],
            240,
        ),
        poi("Café Majestic", "cafe", at(60.0, 410.0)),
        poi("Farmácia Almada", "pharmacy", at(40.0, 10.0)),
        poi("McDonald's", "fast_food", at(20.0, 190.0)),
        known_as(
            place(PlaceKind::Area, "Vila", "town", at(0.0, 0.0)),
            &[],
            200,
        ),
        place(PlaceKind::Area, "Paranhos", "suburb", at(2_000.0, 500.0)),
    ];
    for number in 1..=60_u32 {
        let side = if number % 2 == 1 { -8.0 } else { 8.0 };
        let along = at(f64::from(number) * 10.0, side);
        if number != 37 {
            places.push(house("Rua do Almada", &number.to_string(), along));
        }
    }
    places.push(house("R. do Almada", "60B", at(602.0, 8.0)));
    places.push(house("Rua de Santa Catarina", "112", at(300.0, 408.0)));
    places.push(house("Rua de Santa Catarina", "200-204", at(500.0, 408.0)));
    places.push(house("Rua de 31 de Janeiro", "31", at(100.0, 206.0)));
    places
}

pub(super) fn open(places: &[NewPlace]) -> PlaceIndex {
    PlaceIndex::open(PackBytes::new(encode(places).unwrap())).unwrap()
}
