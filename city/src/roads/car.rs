//! What a car may do on a way, from its tags.

use wayfare_core::roads::{RoadClass, SegmentFlags};

use super::access::{self, Access};
use super::directions::{Directions, first_of, key};
use super::measure::seconds;
use super::speed;
use crate::osm::Tags;

/// Ways for others, on which a tag about everybody says nothing about cars.
const NOT_FOR_CARS: [&str; 9] = [
    "footway",
    "cycleway",
    "path",
    "pedestrian",
    "bridleway",
    "platform",
    "corridor",
    "elevator",
    "steps",
];

/// What a car may do on a way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Drive {
    pub(super) class: RoadClass,
    /// In km/h; 0 where it may not drive. Never 0 in both directions.
    pub(super) speed_kmh: Directions<f64>,
    /// How long the whole way takes, if it says so: a ferry.
    pub(super) duration_s: Option<f64>,
    /// All but the lights.
    pub(super) flags: SegmentFlags,
}

/// What the way is to a car apart from signs: the class, whether it is a ramp, and the usual speed.
#[derive(Debug, Clone, Copy)]
struct Kind {
    class: RoadClass,
    link: bool,
    speed_kmh: Directions<f64>,
    duration_s: Option<f64>,
}

/// What a car may do on a way with these tags; `None` if it is not for cars.
pub(super) fn drive(tags: Tags) -> Option<Drive> {
    if tags.get("highway").is_none() && tags.get("route").is_none() {
        return None;
    }
    if !access::is_passable(tags) {
        return None;
    }
    let access = access::of_way(tags);
    let kind = ferry(tags)
        .or_else(|| road(tags))
        .or_else(|| other_way(tags, access))?;
    let is_road = tags.get("highway").and_then(speed::of_highway).is_some();
    let restricted = access
        .zip(access::is_car_pool(tags))
        .map(|(access, pool)| pool || (is_road && access == Access::Restricted));
    let is_open = access.map(|access| match access {
        Access::Closed => false,
        // What is no road leads nowhere else.
        Access::Restricted => is_road,
        _ => true,
    });
    let surface_kmh = speed::of_surface(tags);
    let signed = speed::signed(tags);
    let usable = is_open
        .zip(access::one_way(tags))
        .zip(access::fits(tags))
        .map(|((open, with_sign), fits)| open && with_sign && fits);
    let speed_kmh = kind
        .speed_kmh
        .zip(signed)
        .zip(usable)
        .map(|((usual, signed), usable)| match usable {
            true if usual > 0.0 => signed.unwrap_or(usual).min(surface_kmh),
            _ => 0.0,
        });
    if speed_kmh.forward <= 0.0 && speed_kmh.backward <= 0.0 {
        return None;
    }
    let business_only = |speed: f64, restricted: bool| speed <= 0.0 || restricted;
    Some(Drive {
        class: kind.class,
        speed_kmh,
        duration_s: kind.duration_s,
        flags: SegmentFlags {
            link: kind.link,
            roundabout: access::is_roundabout(tags),
            toll: is_toll(tags),
            tunnel: tags.get("tunnel").is_some_and(|value| value != "no"),
            destination_only: business_only(speed_kmh.forward, restricted.forward)
                && business_only(speed_kmh.backward, restricted.backward),
            ..SegmentFlags::default()
        },
    })
}

/// Name of the street, or its number.
pub(super) fn name<'a>(tags: Tags<'a>) -> &'a str {
    let given = |key: &str| tags.get(key).filter(|value| !value.trim().is_empty());
    given("name").or_else(|| given("ref")).unwrap_or("").trim()
}

fn is_toll(tags: Tags) -> bool {
    let toll = first_of(tags, &[key!("toll")]);
    toll.forward == Some("yes") || toll.backward == Some("yes")
}

fn ferry(tags: Tags) -> Option<Kind> {
    let usual = match tags.get("route")? {
        "ferry" => speed::FERRY_KMH,
        "shuttle_train" => speed::CAR_TRAIN_KMH,
        _ => return None,
    };
    Some(Kind {
        class: RoadClass::Ferry,
        link: false,
        speed_kmh: Directions::both(usual),
        duration_s: tags.get("duration").and_then(seconds).map(|s| s.max(1.0)),
    })
}

fn road(tags: Tags) -> Option<Kind> {
    let (class, link, usual) = speed::of_highway(tags.get("highway")?)?;
    let is_movable = tags.is("bridge", "movable");
    let duration_s = tags
        .get("duration")
        .filter(|_| is_movable)
        .and_then(seconds)
        .map(|s| s.max(1.0));
    let usual = if is_movable && duration_s.is_none() {
        speed::MOVABLE_BRIDGE_KMH
    } else {
        usual
    };
    Some(Kind {
        class,
        link,
        speed_kmh: Directions::both(usual),
        duration_s,
    })
}

/// A way that is no road, but that a tag opens to cars: a track, a raceway.
fn other_way(tags: Tags, access: Directions<Access>) -> Option<Kind> {
    let highway = tags.get("highway")?;
    if NOT_FOR_CARS.contains(&highway) && !access::is_about_vehicles(tags) {
        return None;
    }
    let usual = |access: Access| match access {
        Access::Unsaid | Access::Closed => 0.0,
        _ => speed::TRACK_KMH,
    };
    Some(Kind {
        class: RoadClass::Service,
        link: false,
        speed_kmh: access.map(usual),
        duration_s: None,
    })
}
