//! Bytes that are not what was packed.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::town::{at, open, place, poi, town};
use crate::city::PackBytes;
use crate::geo::LatLng;
use crate::places::encode::seal;
use crate::places::{PlaceIndex, PlaceKind, PlacesError, encode};

static PACKED: LazyLock<Vec<u8>> = LazyLock::new(|| encode(&town()).unwrap());
static TOWN: LazyLock<PlaceIndex> = LazyLock::new(|| open_bytes(&PACKED).unwrap());

fn open_bytes(bytes: &[u8]) -> Result<PlaceIndex, PlacesError> {
    PlaceIndex::open(PackBytes::new(bytes.to_vec()))
}

/// Asks for everything that reads bytes.
fn ask(index: &PlaceIndex) {
    for typed in [
        "rua do almada 45",
        "sao bneto",
        "a",
        "hospital",
        "31 de janeiro 3",
        "vila",
    ] {
        let _ = index.search(typed, Some(at(0.0, 0.0)), 50);
    }
    let _ = index.reverse(at(100.0, 0.0), 1_000.0, 50);
    let _ = index.len();
}

#[test]
fn other_bytes_are_refused_with_the_reason() {
    let good = PACKED.clone();
    assert_eq!(open_bytes(b"").unwrap_err(), PlacesError::NotPlaces);
    assert_eq!(
        open_bytes(b"PMTiles\x03").unwrap_err(),
        PlacesError::NotPlaces
    );
    let mut newer = good.clone();
    newer[8] = 9;
    let version = PlacesError::Version {
        found: 9,
        expected: 1,
    };
    assert_eq!(open_bytes(&newer).unwrap_err(), version);
    for end in (8..good.len()).step_by(7) {
        assert!(
            matches!(open_bytes(&good[..end]), Err(PlacesError::Damaged(_))),
            "cut at {end}"
        );
    }
    let mut longer = good.clone();
    longer.push(0);
    seal(&mut longer);
    assert!(matches!(open_bytes(&longer), Err(PlacesError::Damaged(_))));
    assert!(open_bytes(&good).is_ok());
}

#[test]
fn a_changed_byte_is_noticed() {
    let good = PACKED.clone();
    for position in (12..good.len()).step_by(11) {
        let mut bad = good.clone();
        bad[position] ^= 0x10;
        assert!(open_bytes(&bad).is_err(), "byte {position}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// As if somebody made the file so: the checksum fits.
    #[test]
    fn damage_under_a_fitting_checksum_never_panics(
        changes in prop::collection::vec((20_usize..10_000, any::<u8>()), 1..4),
    ) {
        let mut bytes = PACKED.clone();
        for (position, value) in changes {
            let length = bytes.len();
            bytes[20 + position % (length - 20)] = value;
        }
        seal(&mut bytes);
        if let Ok(index) = open_bytes(&bytes) {
            ask(&index);
        }
    }

    #[test]
    fn any_text_can_be_searched(typed in "\\PC{0,60}") {
        let found = TOWN.search(&typed, None, 5);
        prop_assert!(found.len() <= 5);
    }
}

#[test]
fn places_on_both_sides_of_the_date_line_are_packed() {
    let suva = |lng| LatLng::from_degrees(-17.0, lng).unwrap();
    let index = open(&[
        poi("West", "cafe", suva(179.99)),
        poi("East", "cafe", suva(-179.99)),
    ]);
    for (name, lng) in [("West", 179.99), ("East", -179.99)] {
        let found = index.search(name, None, 1);
        assert!(found[0].at.distance_m(suva(lng)) < 2.0, "{found:?}");
    }
    assert_eq!(index.reverse(suva(-179.99), 50.0, 5)[0].name, "East");
}

#[test]
fn places_all_over_the_earth_are_refused() {
    let far = [-80.0, 80.0].map(|lng| {
        let far = LatLng::from_degrees(0.0, lng * 2.0).unwrap();
        place(PlaceKind::Area, "Far", "city", far)
    });
    let north = LatLng::from_degrees(85.0, 0.0).unwrap();
    let south = LatLng::from_degrees(-85.0, 0.0).unwrap();
    let poles = [north, south].map(|at| place(PlaceKind::Area, "Pole", "city", at));
    assert_eq!(encode(&poles), Err(PlacesError::TooLarge));
    assert!(encode(&far).is_ok(), "across the date line they are near");
    let mut long = poi("x", "cafe", at(0.0, 0.0));
    long.name = "x".repeat(5_000);
    assert_eq!(encode(&[long]), Err(PlacesError::TooLarge));
}
