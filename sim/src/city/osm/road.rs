//! What the tags of a way say to a driver.
//!
//! Keys and defaults follow the OpenStreetMap wiki (Key:highway, Key:oneway, Key:maxspeed,
//! Key:access). Speeds are what cars reach in a city, not what the sign allows: lights, crossings
//! and other cars take about a fifth.

use wayfare_core::routing::RoadClass;

const KMH_PER_MPH: f64 = 1.609_344;
const TRAFFIC_FACTOR: f64 = 0.8;
const SPEED_KMH_MIN: f64 = 8.0;
const SPEED_KMH_MAX: f64 = 120.0;

/// Which way a road is driven, against the order of its nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Both,
    Forward,
    Backward,
}

/// A road that a car may drive on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Road {
    pub(super) class: RoadClass,
    pub(super) speed_kmh: u16,
    pub(super) direction: Direction,
}

impl Road {
    /// `None` when the way is no road or not open to cars.
    pub(super) fn of(tags: &[(&str, &str)]) -> Option<Self> {
        let tag = |key: &str| {
            tags.iter()
                .find(|(k, _)| *k == key)
                .map(|(_, value)| *value)
        };
        let (class, usual_kmh) = class_of(tag("highway")?)?;
        let closed = ["motorcar", "motor_vehicle", "vehicle", "access"]
            .into_iter()
            .find_map(tag)
            .is_some_and(|value| matches!(value, "no" | "private" | "agricultural" | "forestry"));
        if closed || tag("area") == Some("yes") || tag("service") == Some("parking_aisle") {
            return None;
        }
        let speed_kmh = tag("maxspeed").and_then(speed_kmh).unwrap_or(usual_kmh) * TRAFFIC_FACTOR;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to what cars drive"
        )]
        let speed_kmh = speed_kmh.round().clamp(SPEED_KMH_MIN, SPEED_KMH_MAX) as u16;
        let direction = direction(tag("oneway"), tag("junction"), tag("highway"));
        Some(Self {
            class,
            speed_kmh,
            direction,
        })
    }
}

fn class_of(highway: &str) -> Option<(RoadClass, f64)> {
    Some(match highway {
        "motorway" => (RoadClass::Motorway, 110.0),
        "motorway_link" => (RoadClass::Motorway, 60.0),
        "trunk" => (RoadClass::Trunk, 80.0),
        "trunk_link" => (RoadClass::Trunk, 50.0),
        "primary" => (RoadClass::Primary, 50.0),
        "primary_link" => (RoadClass::Primary, 40.0),
        "secondary" => (RoadClass::Secondary, 50.0),
        "secondary_link" => (RoadClass::Secondary, 40.0),
        "tertiary" => (RoadClass::Tertiary, 45.0),
        "tertiary_link" => (RoadClass::Tertiary, 35.0),
        "unclassified" => (RoadClass::Residential, 40.0),
        "residential" | "road" => (RoadClass::Residential, 32.0),
        "living_street" => (RoadClass::Service, 15.0),
        "service" => (RoadClass::Service, 15.0),
        _ => return None,
    })
}

fn direction(oneway: Option<&str>, junction: Option<&str>, highway: Option<&str>) -> Direction {
    match oneway {
        Some("yes" | "true" | "1") => Direction::Forward,
        Some("-1" | "reverse") => Direction::Backward,
        Some("no" | "false" | "0") => Direction::Both,
        _ if matches!(junction, Some("roundabout" | "circular")) => Direction::Forward,
        _ if matches!(highway, Some("motorway" | "motorway_link")) => Direction::Forward,
        _ => Direction::Both,
    }
}

/// "50", "30 mph", "50;30" (the first counts); `None` for "none", "signals", "PT:urban" and the
/// like, which say no number.
fn speed_kmh(maxspeed: &str) -> Option<f64> {
    let first = maxspeed.split(';').next()?.trim();
    let (number, factor) = match first.strip_suffix("mph") {
        Some(number) => (number.trim(), KMH_PER_MPH),
        None => (first.strip_suffix("km/h").unwrap_or(first).trim(), 1.0),
    };
    let speed = number.parse::<f64>().ok()? * factor;
    (speed.is_finite() && speed > 0.0).then_some(speed)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Tags<'a> = &'a [(&'a str, &'a str)];

    fn road(tags: Tags<'_>) -> Option<(u16, Direction)> {
        Road::of(tags).map(|road| (road.speed_kmh, road.direction))
    }

    #[test]
    fn tags_decide_speed_and_direction() {
        let cases: &[(Tags<'_>, u16, Direction)] = &[
            (&[("highway", "residential")], 26, Direction::Both),
            (
                &[("highway", "residential"), ("maxspeed", "50")],
                40,
                Direction::Both,
            ),
            (
                &[("highway", "primary"), ("maxspeed", "30 mph")],
                39,
                Direction::Both,
            ),
            (
                &[("highway", "primary"), ("maxspeed", "PT:urban")],
                40,
                Direction::Both,
            ),
            (
                &[("highway", "primary"), ("maxspeed", "0")],
                40,
                Direction::Both,
            ),
            (
                &[("highway", "service"), ("maxspeed", "5")],
                8,
                Direction::Both,
            ),
            (
                &[("highway", "motorway"), ("maxspeed", "none")],
                88,
                Direction::Forward,
            ),
            (
                &[("highway", "motorway"), ("oneway", "no")],
                88,
                Direction::Both,
            ),
            (
                &[("highway", "tertiary"), ("oneway", "yes")],
                36,
                Direction::Forward,
            ),
            (
                &[("highway", "tertiary"), ("oneway", "-1")],
                36,
                Direction::Backward,
            ),
            (
                &[("highway", "tertiary"), ("junction", "roundabout")],
                36,
                Direction::Forward,
            ),
            (
                &[("highway", "road"), ("access", "no"), ("motorcar", "yes")],
                26,
                Direction::Both,
            ),
        ];
        for (tags, speed_kmh, direction) in cases {
            assert_eq!(road(tags), Some((*speed_kmh, *direction)), "{tags:?}");
        }
    }

    #[test]
    fn what_cars_may_not_drive_on_is_no_road() {
        let cases: &[Tags<'_>] = &[
            &[("building", "yes")],
            &[("highway", "footway")],
            &[("highway", "cycleway")],
            &[("highway", "construction")],
            &[("highway", "residential"), ("access", "private")],
            &[("highway", "residential"), ("motor_vehicle", "no")],
            &[("highway", "service"), ("service", "parking_aisle")],
            &[("highway", "residential"), ("area", "yes")],
        ];
        for tags in cases {
            assert_eq!(road(tags), None, "{tags:?}");
        }
    }
}
