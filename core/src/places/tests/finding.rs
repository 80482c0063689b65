//! What is found by what is typed.

use super::town::{at, house, open, poi, street, town};
use crate::geo::LatLng;
use crate::places::{FoundPlace, NewPlace, PlaceIndex, PlaceKind};

fn names(index: &PlaceIndex, typed: &str) -> Vec<String> {
    let found = index.search(typed, Some(at(0.0, 0.0)), 10);
    found.into_iter().map(|place| place.name).collect()
}

#[track_caller]
fn assert_first(index: &PlaceIndex, cases: &[(&str, &str)]) {
    for (typed, meant) in cases {
        let names = names(index, typed);
        assert_eq!(
            names.first().map(String::as_str),
            Some(*meant),
            "{typed:?} finds {names:?}"
        );
    }
}

#[test]
fn names_are_found_however_they_are_typed() {
    assert_first(
        &open(&town()),
        &[
            ("Rua de Santa Catarina", "Rua de Santa Catarina"),
            ("santa catarina", "Rua de Santa Catarina"),
            ("catarina santa rua", "Rua de Santa Catarina"),
            ("R. Sta. Catarina", "Rua de Santa Catarina"),
            ("SANTA CAT", "Rua de Santa Catarina"),
            ("santa catrina", "Rua de Santa Catarina"),
            ("snata catarina", "Rua de Santa Catarina"),
            ("av boavista", "Avenida da Boavista"),
            ("bovista", "Avenida da Boavista"),
            ("königstrasse", "Königstraße"),
            ("konigstr", "Königstraße"),
            ("koenigstr.", "Königstraße"),
            ("König Straße", "Königstraße"),
            ("haupt str", "Hauptstraße"),
            ("sao bento", "Porto - São Bento"),
            ("São\u{a0}Bento", "Porto - São Bento"),
            ("saobento", "Porto - São Bento"),
            ("estacao sao bento", "Porto - São Bento"),
            ("majestik", "Café Majestic"),
            ("mcdonalds", "McDonald's"),
            ("mcdonald", "McDonald's"),
            ("paranos", "Paranhos"),
        ],
    );
}

#[test]
fn places_are_found_by_other_names_and_by_what_they_are() {
    assert_first(
        &open(&town()),
        &[
            ("airport", "Aeroporto Francisco Sá Carneiro"),
            ("flughafen", "Aeroporto Francisco Sá Carneiro"),
            ("porto airport", "Aeroporto Francisco Sá Carneiro"),
            ("OPO", "Aeroporto Francisco Sá Carneiro"),
            ("hospital", "Hospital de São João"),
            ("krankenhaus", "Hospital de São João"),
            ("station", "Porto - São Bento"),
            ("bahnhof", "Porto - São Bento"),
            ("pharmacy", "Farmácia Almada"),
        ],
    );
}

#[test]
fn house_numbers_are_found_before_and_behind_the_street() {
    let index = open(&town());
    assert_first(
        &index,
        &[
            ("Rua do Almada 45", "Rua do Almada 45"),
            ("45 rua do almada", "Rua do Almada 45"),
            ("almada 45", "Rua do Almada 45"),
            ("Rua do Almada, n.º 45, Vila", "Rua do Almada 45"),
            ("almda 45", "Rua do Almada 45"),
            ("almada 60b", "Rua do Almada 60B"),
            ("almada 60 b", "Rua do Almada 60B"),
            ("almada 45a", "Rua do Almada 45"),
            ("almada 12-14", "Rua do Almada 12"),
            ("santa catarina 202", "Rua de Santa Catarina 200-204"),
            ("santa catarina 200-204", "Rua de Santa Catarina 200-204"),
            ("31 de janeiro", "Rua de 31 de Janeiro"),
            ("31 de janeiro 31", "Rua de 31 de Janeiro 31"),
        ],
    );
    let found = index.search("Rua do Almada 45", None, 1);
    assert_eq!(found[0].kind, PlaceKind::Address);
    assert_eq!(found[0].context, "Centro, Vila");
    assert!(found[0].at.distance_m(at(450.0, -8.0)) < 1.5);
    assert_eq!(found[0].distance_m, None);
}

#[test]
fn a_number_that_the_map_does_not_have_finds_the_street_there() {
    let index = open(&town());
    let found = index.search("rua do almada 37", None, 1);
    assert_eq!(
        (found[0].kind, found[0].name.as_str()),
        (PlaceKind::Street, "Rua do Almada")
    );
    assert!(
        found[0].at.distance_m(at(370.0, -8.0)) < 25.0,
        "beside its neighbours"
    );
    let found = index.search("rua do almada 900", None, 1);
    assert_eq!(
        (found[0].kind, found[0].name.as_str()),
        (PlaceKind::Street, "Rua do Almada")
    );
    assert!(
        found[0].at.distance_m(at(300.0, 0.0)) < 1.5,
        "in the middle"
    );
}

#[test]
fn the_number_goes_where_the_country_puts_it() {
    let index = open(&[
        street("Main Street", (0.0, 0.0), 100.0),
        house("Main St", "12", at(50.0, 5.0)),
    ]);
    assert_first(
        &index,
        &[
            ("main st 12", "12 Main Street"),
            ("12 main", "12 Main Street"),
        ],
    );
}

#[test]
fn streets_of_one_name_are_told_apart_by_context_and_nearness() {
    let index = open(&town());
    let contexts = |typed: &str, near: LatLng| -> Vec<String> {
        let found = index.search(typed, Some(near), 10);
        let churches = found
            .into_iter()
            .filter(|place| place.name == "Rua da Igreja");
        churches.map(|place| place.context).collect()
    };
    let (north, south) = (at(3_000.0, 0.0), at(-3_000.0, 0.0));
    assert_eq!(
        contexts("rua da igreja", north),
        ["Norte, Vila", "Sul, Vila"]
    );
    assert_eq!(
        contexts("rua da igreja", south),
        ["Sul, Vila", "Norte, Vila"]
    );
    assert_eq!(
        contexts("rua da igreja norte", south)[0],
        "Norte, Vila",
        "what is typed counts more than what is near"
    );
}

#[test]
fn near_places_come_first_and_tell_how_far_they_are() {
    let cafes: Vec<NewPlace> = (0..20_u32)
        .map(|i| poi("Nata Lisboa", "cafe", at(f64::from(i) * 300.0, 0.0)))
        .collect();
    let found = open(&cafes).search("nata lisb", Some(at(3_000.0, 0.0)), 5);
    let distances: Vec<f64> = found.iter().filter_map(|place| place.distance_m).collect();
    assert_eq!(distances.len(), 5);
    assert!(distances[0] < 2.0 && distances.is_sorted(), "{distances:?}");
}

#[test]
fn one_place_is_one_result() {
    let index = open(&[
        street("Rua Longa", (0.0, 0.0), 300.0),
        street("Rua Longa", (700.0, 0.0), 300.0),
    ]);
    assert_eq!(names(&index, "rua longa"), ["Rua Longa"]);
}

#[test]
fn what_means_nothing_finds_nothing() {
    let index = open(&town());
    for typed in [
        "",
        "   ",
        "?!,.",
        "🚕🚕🚕",
        "qwertyuiop",
        "\u{202e}\u{200f}",
        "xx yy zz",
        "\0",
    ] {
        assert_eq!(names(&index, typed), [""; 0], "{typed:?}");
    }
    assert!(index.search("rua", None, 0).is_empty());
    assert!(open(&[]).search("rua", None, 10).is_empty());
}

#[test]
fn no_query_is_slow_or_finds_more_than_asked() {
    // 20,000 places of few words: the most that one letter can answer to.
    let places: Vec<NewPlace> = (0..20_000_u32)
        .map(|i| {
            let word = |n: u32| {
                format!(
                    "{}{}",
                    ["ab", "ac", "aab", "abba", "azul"][(n % 5) as usize],
                    n % 331
                )
            };
            let name = format!("Rua {} {} {}", word(i), word(i / 7), word(i / 31));
            street(
                &name,
                (f64::from(i % 200) * 50.0, f64::from(i / 200) * 50.0),
                40.0,
            )
        })
        .collect();
    let index = open(&places);
    let typed = [
        "a".repeat(5_000),
        "a b c d e f g h i j k l m n o p q r s t".to_owned(),
        "a a a a a a a a a a a a a a a a".to_owned(),
        "rua rua rua rua rua rua rua rua rua rua rua rua rua rua rua rua".to_owned(),
        "ab1 ac2 aab3 abba4 azul5 ab6 ac7 aab8 abba9 azul10 rua ab ac aab abba azul".to_owned(),
        "aabbaabb abbaabba aazulazul abazulab ".repeat(8),
        "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16".to_owned(),
        "r".to_owned(),
        "مرحبا بالعالم شارع".to_owned(),
    ];
    for typed in &typed {
        let started = std::time::Instant::now();
        let found = index.search(typed, Some(at(0.0, 0.0)), 1_000);
        let took = started.elapsed();
        assert!(found.len() <= PlaceIndex::LIMIT_MAX);
        // 20 ms is what a release build must keep to; a debug build is some thirty times slower.
        let most_ms = if cfg!(debug_assertions) { 3_000 } else { 20 };
        assert!(took.as_millis() < most_ms, "{typed:.40} took {took:?}");
    }
}

#[test]
fn everything_that_was_packed_is_found_by_its_name() {
    let index = open(&town());
    let is_found = |place: &NewPlace, found: &FoundPlace| {
        let name = place.name.replace("R. ", "Rua ");
        match &place.number {
            Some(number) => found.name == format!("{name} {number}"),
            None => found.name == name && found.category == place.category,
        }
    };
    for place in town() {
        let number = place.number.clone().unwrap_or_default();
        let typed = format!("{} {number}", place.name);
        let found = index.search(&typed, Some(place.at), 5);
        assert!(
            found.iter().any(|f| is_found(&place, f)),
            "{typed:?}: {found:?}"
        );
    }
    let owners = town().iter().filter(|place| place.number.is_none()).count();
    let houses = town().len() - owners;
    assert_eq!(index.len(), owners + houses);
}
