//! Whether a car may drive on a way: access tags, one-way streets, and what is too low, too narrow
//! or not there yet.
//!
//! Which values mean what is as in the car profile of OSRM 26.10.

use super::directions::{Directions, Key, first_of, key};
use super::measure::{kilograms, metres};
use crate::osm::Tags;

/// From the most to the least specific.
const ACCESS_KEYS: [Key; 4] = [
    key!("motorcar"),
    key!("motor_vehicle"),
    key!("vehicle"),
    key!("access"),
];
const OPEN: [&str; 7] = [
    "yes",
    "motorcar",
    "motor_vehicle",
    "vehicle",
    "permissive",
    "designated",
    "hov",
];
const RESTRICTED: [&str; 7] = [
    "private",
    "delivery",
    "destination",
    "customers",
    "permit",
    "residents",
    "unknown",
];
const CLOSED: [&str; 14] = [
    "no",
    "agricultural",
    "forestry",
    "emergency",
    "psv",
    "taxi",
    "share_taxi",
    "minibus",
    "bus",
    "foot",
    "emergency_vehicle",
    "restricted",
    "military",
    "official",
];

/// Size of a car: a large family car.
const HEIGHT_M: f64 = 2.0;
const WIDTH_M: f64 = 1.9;
const LENGTH_M: f64 = 4.8;
const WEIGHT_KG: f64 = 2000.0;

/// What a value of an access tag says to cars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// No tag.
    Unsaid,
    /// A value that says nothing about cars.
    Other,
    Open,
    /// Only for who has business there.
    Restricted,
    Closed,
}

impl Access {
    /// Of several values (`psv;destination`) the most generous counts.
    fn of(value: Option<&str>) -> Self {
        let Some(value) = value else {
            return Self::Unsaid;
        };
        let rank = |access: &Self| match access {
            Self::Open => 3,
            Self::Restricted => 2,
            Self::Closed => 1,
            Self::Other | Self::Unsaid => 0,
        };
        value
            .split(';')
            .map(|part| Self::of_one(part.trim()))
            .max_by_key(rank)
            .unwrap_or(Self::Other)
    }

    fn of_one(value: &str) -> Self {
        if OPEN.contains(&value) {
            Self::Open
        } else if RESTRICTED.contains(&value) {
            Self::Restricted
        } else if CLOSED.contains(&value) {
            Self::Closed
        } else {
            Self::Other
        }
    }
}

/// What the access tags of a way say.
pub(super) fn of_way(tags: Tags) -> Directions<Access> {
    first_of(tags, &ACCESS_KEYS).map(Access::of)
}

/// Whether a tag says it of cars or vehicles, and not of everybody.
pub(super) fn is_about_vehicles(tags: Tags) -> bool {
    let [specific @ .., _] = &ACCESS_KEYS;
    let values = first_of(tags, specific);
    values.forward.is_some() || values.backward.is_some()
}

/// What the access tags of a node say.
pub(super) fn of_node(tags: Tags) -> Access {
    Access::of(ACCESS_KEYS.iter().find_map(|key| tags.get(key.both)))
}

/// Whether a way is there at all, and may be driven at any time.
pub(super) fn is_passable(tags: Tags) -> bool {
    const UNDER_WAY: [&str; 4] = ["construction", "proposed", "steps", "impassable"];
    let highway = tags.get("highway");
    let is_being_built = tags
        .get("construction")
        .is_some_and(|value| !["no", "widening", "minor"].contains(&value));
    !(highway.is_some_and(|value| UNDER_WAY.contains(&value))
        || (highway.is_none() && tags.get("proposed").is_some())
        || is_being_built
        || tags.is("railway", "construction")
        || tags.is("area", "yes")
        // Changes direction twice a day.
        || tags.is("oneway", "reversible")
        || tags.is("highway", "reversible")
        || tags.is("impassable", "yes")
        || tags.is("status", "impassable")
        || tags.is("service", "emergency_access"))
}

/// In which directions the one-way signs let a car drive.
pub(super) fn one_way(tags: Tags) -> Directions<bool> {
    let sign = [
        "oneway:motorcar",
        "oneway:motor_vehicle",
        "oneway:vehicle",
        "oneway",
    ]
    .iter()
    .find_map(|key| tags.get(key));
    match sign {
        Some("-1") => Directions {
            forward: false,
            backward: true,
        },
        Some("yes" | "1" | "true") => Directions {
            forward: true,
            backward: false,
        },
        Some("no") => Directions::both(true),
        _ => Directions {
            forward: true,
            backward: !(tags.is("highway", "motorway") || is_roundabout(tags)),
        },
    }
}

pub(super) fn is_roundabout(tags: Tags) -> bool {
    tags.is("junction", "roundabout") || tags.is("junction", "circular")
}

/// In which directions a car is small and light enough.
pub(super) fn fits(tags: Tags) -> Directions<bool> {
    let at_least = |keys: &[Key], measure: fn(&str) -> Option<f64>, needed: f64| {
        let limits = first_of(tags, keys).map(|value| value.and_then(measure));
        limits.map(|limit| limit.is_none_or(|limit| limit >= needed))
    };
    let low = at_least(
        &[key!("maxheight:physical"), key!("maxheight")],
        metres,
        HEIGHT_M,
    );
    let narrow = at_least(
        &[
            key!("maxwidth:physical"),
            key!("maxwidth"),
            key!("width"),
            key!("est_width"),
        ],
        metres,
        // As wide as the car is not wide enough.
        WIDTH_M.next_up(),
    );
    let short = at_least(&[key!("maxlength")], metres, LENGTH_M);
    let weak = at_least(
        &[key!("maxweightrating"), key!("maxweight")],
        kilograms,
        WEIGHT_KG,
    );
    let all = |a: Directions<bool>, b: Directions<bool>| a.zip(b).map(|(a, b)| a && b);
    all(all(low, narrow), all(short, weak))
}

/// In which directions all lanes are for cars with several people in them.
pub(super) fn is_car_pool(tags: Tags) -> Directions<bool> {
    let lanes = first_of(tags, &[key!("hov:lanes")]);
    let all_designated = |lanes: Option<&str>| {
        lanes.is_some_and(|all| all.split('|').all(|lane| lane == "designated"))
    };
    lanes.map(|lanes| tags.is("hov", "designated") || all_designated(lanes))
}
