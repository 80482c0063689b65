//! Places all over the earth, and what the core says of two of them.

use serde::Serialize;
use wayfare_core::geo::LatLng;

use crate::dice::Dice;
use crate::records::Records;

const LAT_MAX_E7: i32 = 900_000_000;
const LNG_MAX_E7: i32 = 1_800_000_000;

/// Latitudes and longitudes near which a formula may go wrong, in units of 1e-7 degrees.
const HARD_LATS_E7: [i32; 4] = [0, 450_000_000, LAT_MAX_E7, -LAT_MAX_E7];
const HARD_LNGS_E7: [i32; 4] = [0, 900_000_000, LNG_MAX_E7, -LNG_MAX_E7];

/// A place in units of 1e-7 degrees: anywhere, or close to where a formula may go wrong.
pub(crate) fn anywhere_e7(dice: &mut Dice) -> (i32, i32) {
    if dice.permille(100) {
        let (lat, lng) = (*dice.pick(&HARD_LATS_E7), *dice.pick(&HARD_LNGS_E7));
        let near = |dice: &mut Dice, middle: i32, max: i32| {
            dice.between_32(-2000, 2000)
                .saturating_add(middle)
                .clamp(-max, max)
        };
        (near(dice, lat, LAT_MAX_E7), near(dice, lng, LNG_MAX_E7))
    } else {
        (
            dice.between_32(-LAT_MAX_E7, LAT_MAX_E7),
            dice.between_32(-LNG_MAX_E7, LNG_MAX_E7),
        )
    }
}

/// Writes the great circle between two places, to the last bit of its numbers.
pub(crate) fn write(dice: &mut Dice, records: &mut Records<'_>) {
    let (from_e7, to_e7) = (anywhere_e7(dice), anywhere_e7(dice));
    let places = LatLng::from_e7(from_e7.0, from_e7.1)
        .and_then(|from| LatLng::from_e7(to_e7.0, to_e7.1).map(|to| (from, to)));
    let circle = places.map(|(from, to)| GreatCircle {
        from_e7,
        to_e7,
        distance_mm: from.distance_mm(to),
        distance_bits: from.distance_m(to).to_bits(),
        bearing_bits: from.bearing_deg(to).to_bits(),
    });
    records.outcome("great_circle", &circle);
}

#[derive(Serialize)]
struct GreatCircle {
    from_e7: (i32, i32),
    to_e7: (i32, i32),
    distance_mm: u64,
    distance_bits: u64,
    bearing_bits: u64,
}
