//! Surge around a few places, counted three times.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use wayfare_core::geo::LatLng;
use wayfare_core::pricing::surge::{Cell, Observation, SurgeRules, update_surge};

use crate::dice::Dice;
use crate::facts::moment;
use crate::places::anywhere_e7;
use crate::records::Records;

const ROUNDS: i64 = 3;

/// Writes the cells around a place, and what demand and supply do to them.
pub(crate) fn write(dice: &mut Dice, records: &mut Records<'_>) {
    let (lat_e7, lng_e7) = anywhere_e7(dice);
    let Ok(place) = LatLng::from_e7(lat_e7, lng_e7) else {
        return;
    };
    let middle = Cell::of(place);
    let mut cells = middle.neighbours();
    cells.push(middle);
    records.write("cells", &cells);
    let began = moment(dice);
    let mut surge = BTreeMap::new();
    for round in 0..ROUNDS {
        let counts = |dice: &mut Dice| Observation {
            demand: u32::try_from(dice.magnitude(60)).unwrap_or(0),
            supply: u32::try_from(dice.magnitude(30)).unwrap_or(0),
        };
        let observed = cells.iter().map(|cell| (*cell, counts(dice))).collect();
        let now = began + TimeDelta::seconds(30 * round);
        match update_surge(&surge, &observed, &SurgeRules::default(), now) {
            Ok(next) => surge = next,
            Err(error) => records.refused("surge", &[error]),
        }
    }
    records.write("surge", &surge);
}
