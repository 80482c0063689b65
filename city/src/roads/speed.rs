//! How fast a car goes on a way, in km/h.
//!
//! The figures are those of the car profile of OSRM 26.10: what drivers do on roads of a class, four
//! fifths of what signs permit, and no more than the surface allows.

use wayfare_core::roads::RoadClass;

use super::directions::{Directions, Key, first_of, key};
use super::measure::kilometres_per_hour;
use crate::osm::Tags;

/// What drivers make of what signs permit.
const OF_MAXSPEED: f64 = 0.8;
/// On ways that are no roads but open to cars.
pub(super) const TRACK_KMH: f64 = 10.0;
pub(super) const FERRY_KMH: f64 = 5.0;
pub(super) const CAR_TRAIN_KMH: f64 = 10.0;
pub(super) const MOVABLE_BRIDGE_KMH: f64 = 5.0;
/// Where signs set no limit.
const UNLIMITED_KMH: f64 = 140.0;

const MAXSPEED_KEYS: [Key; 4] = [
    key!("maxspeed:advisory"),
    key!("maxspeed"),
    key!("source:maxspeed"),
    key!("maxspeed:type"),
];

/// Limits by the kind of place, where a country has no other.
const LIMITS: [(&str, f64); 4] = [
    ("urban", 50.0),
    ("rural", 90.0),
    ("trunk", 110.0),
    ("motorway", 130.0),
];

/// Limits that a country has instead. 0 is no limit that is worth a speed.
const LIMITS_OF_COUNTRIES: [(&str, f64); 45] = [
    ("ar:rural", 110.0),
    ("ar:urban", 40.0),
    ("at:rural", 100.0),
    ("at:trunk", 100.0),
    ("be-bru:rural", 70.0),
    ("be-bru:urban", 30.0),
    ("be-vlg:rural", 70.0),
    ("be:motorway", 120.0),
    ("bg:motorway", 140.0),
    ("by:motorway", 110.0),
    ("by:urban", 60.0),
    ("ca-on:rural", 80.0),
    ("ch:motorway", 120.0),
    ("ch:rural", 80.0),
    ("ch:trunk", 100.0),
    ("de:living_street", 7.0),
    ("de:motorway", 0.0),
    ("de:rural", 100.0),
    ("dk:rural", 80.0),
    ("es:trunk", 90.0),
    ("fr:rural", 80.0),
    ("gb:motorway", 112.63),
    ("gb:nsl_dual", 112.63),
    ("gb:nsl_single", 96.54),
    ("lv:living_street", 20.0),
    ("nl:rural", 80.0),
    ("nl:trunk", 100.0),
    ("no:motorway", 110.0),
    ("no:rural", 80.0),
    ("none", UNLIMITED_KMH),
    ("ph:motorway", 100.0),
    ("ph:rural", 80.0),
    ("ph:urban", 40.0),
    ("pl:expressway", 120.0),
    ("pl:motorway", 140.0),
    ("pl:rural", 100.0),
    ("ro:trunk", 100.0),
    ("ru:living_street", 20.0),
    ("ru:motorway", 110.0),
    ("ru:urban", 60.0),
    ("uk:motorway", 112.63),
    ("uk:nsl_dual", 112.63),
    ("uk:nsl_single", 96.54),
    ("za:rural", 100.0),
    ("za:urban", 60.0),
];

const SURFACES: [(&str, f64); 26] = [
    ("bricks", 60.0),
    ("cement", 80.0),
    ("clay", 30.0),
    ("cobblestone", 30.0),
    ("compacted", 80.0),
    ("dirt", 40.0),
    ("earth", 20.0),
    ("fine_gravel", 80.0),
    ("grass", 40.0),
    ("grass_paver", 40.0),
    ("gravel", 40.0),
    ("ground", 40.0),
    ("ice", 20.0),
    ("laterite", 15.0),
    ("metal", 60.0),
    ("mud", 10.0),
    ("paving_stones", 60.0),
    ("pebblestone", 40.0),
    ("rocky", 20.0),
    ("sand", 20.0),
    ("sett", 40.0),
    ("snow", 30.0),
    ("stone", 20.0),
    ("tartan", 40.0),
    ("unpaved", 40.0),
    ("wood", 40.0),
];

const TRACK_TYPES: [(&str, f64); 5] = [
    ("grade1", 60.0),
    ("grade2", 40.0),
    ("grade3", 30.0),
    ("grade4", 25.0),
    ("grade5", 20.0),
];

const SMOOTHNESSES: [(&str, f64); 6] = [
    ("intermediate", 80.0),
    ("bad", 40.0),
    ("very_bad", 20.0),
    ("horrible", 10.0),
    ("very_horrible", 5.0),
    ("impassable", 0.0),
];

/// Class, whether it is a ramp, and the usual speed of a value of `highway`.
pub(super) fn of_highway(highway: &str) -> Option<(RoadClass, bool, f64)> {
    Some(match highway {
        "motorway" => (RoadClass::Motorway, false, 90.0),
        "motorway_link" => (RoadClass::Motorway, true, 45.0),
        "trunk" => (RoadClass::Trunk, false, 85.0),
        "trunk_link" => (RoadClass::Trunk, true, 40.0),
        "primary" => (RoadClass::Primary, false, 65.0),
        "primary_link" => (RoadClass::Primary, true, 30.0),
        "secondary" => (RoadClass::Secondary, false, 55.0),
        "secondary_link" => (RoadClass::Secondary, true, 25.0),
        "tertiary" => (RoadClass::Tertiary, false, 40.0),
        "tertiary_link" => (RoadClass::Tertiary, true, 20.0),
        "unclassified" => (RoadClass::Unclassified, false, 25.0),
        "residential" => (RoadClass::Residential, false, 25.0),
        "living_street" => (RoadClass::LivingStreet, false, 10.0),
        "service" => (RoadClass::Service, false, 15.0),
        "winter_road" => (RoadClass::Unclassified, false, 20.0),
        "ice_road" => (RoadClass::Unclassified, false, 15.0),
        _ => return None,
    })
}

/// The speed that signs make, if they say one.
pub(super) fn signed(tags: Tags) -> Directions<Option<f64>> {
    first_of(tags, &MAXSPEED_KEYS).map(|value| {
        let limit = limit(value?)?;
        (limit > 0.0).then_some(limit * OF_MAXSPEED)
    })
}

/// No car is faster than this on the surface of a way.
pub(super) fn of_surface(tags: Tags) -> f64 {
    let limit = |key: &str, table: &[(&str, f64)]| {
        let value = tags.get(key)?;
        find(table, value)
    };
    [
        limit("surface", &SURFACES),
        limit("tracktype", &TRACK_TYPES),
        limit("smoothness", &SMOOTHNESSES),
    ]
    .into_iter()
    .flatten()
    .fold(f64::INFINITY, f64::min)
}

fn limit(text: &str) -> Option<f64> {
    if let Some(speed) = kilometres_per_hour(text) {
        return Some(speed);
    }
    let text = text.to_ascii_lowercase();
    find(&LIMITS_OF_COUNTRIES, &text).or_else(|| {
        let (_, place) = text.split_once(':')?;
        find(&LIMITS, place)
    })
}

fn find(table: &[(&str, f64)], name: &str) -> Option<f64> {
    table
        .iter()
        .find(|(key, _)| *key == name)
        .map(|(_, value)| *value)
}
