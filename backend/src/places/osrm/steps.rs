//! OSRM's instructions as the core's.
//!
//! OSRM names a turn by its type (what kind of place it is) and its modifier (where to). The step that
//! leaves a roundabout belongs to the one that enters it: the core gives one instruction for both.

use serde::Deserialize;
use wayfare_core::geo::LatLng;
use wayfare_core::roads::{Maneuver, Step};

use super::OsrmError;
use super::answer::{Line, place, slowed_ms, thousandths};

#[derive(Debug, Deserialize)]
pub(super) struct OsrmStep {
    distance: f64,
    duration: f64,
    geometry: Line,
    #[serde(default)]
    name: String,
    /// The road's number.
    #[serde(default, rename = "ref")]
    number: String,
    #[serde(default)]
    mode: String,
    maneuver: OsrmManeuver,
    #[serde(default)]
    intersections: Vec<Intersection>,
}

#[derive(Debug, Deserialize)]
struct OsrmManeuver {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    modifier: String,
    exit: Option<u8>,
    location: [f64; 2],
    #[serde(default)]
    bearing_after: u16,
}

#[derive(Debug, Deserialize)]
struct Intersection {
    #[serde(default)]
    classes: Vec<String>,
}

impl OsrmStep {
    pub(super) fn has_class(&self, class: &str) -> bool {
        let classes = self.intersections.iter().flat_map(|place| &place.classes);
        classes.into_iter().any(|found| found == class)
    }

    fn street(&self) -> &str {
        if self.name.is_empty() {
            &self.number
        } else {
            &self.name
        }
    }
}

/// The steps of all legs, and the line along them.
pub(super) fn steps<'a>(
    legs: impl Iterator<Item = &'a [OsrmStep]>,
    slowness_bps: u32,
) -> Result<(Vec<Step>, Vec<LatLng>), OsrmError> {
    let mut steps: Vec<Step> = Vec::new();
    let mut line: Vec<LatLng> = Vec::new();
    for (leg, from) in legs.enumerate() {
        let mut on_ferry = false;
        for step in from {
            let boards = step.mode == "ferry" && !on_ferry;
            on_ferry = step.mode == "ferry";
            let places = step.geometry.places()?;
            // A step's line starts where that of the step before ends.
            let joins = line.last().is_some() && line.last() == places.first();
            let geometry_index = line.len() - usize::from(joins);
            line.extend(places);
            line.dedup();
            let length = Length {
                distance_m: whole(thousandths(step.distance)),
                duration_s: whole(slowed_ms(step.duration, slowness_bps)),
            };
            if leaves_roundabout(step)
                && let Some(entering) = steps.last_mut()
                && matches!(entering.maneuver, Maneuver::Roundabout(_))
            {
                entering.distance_m += length.distance_m;
                entering.duration_s += length.duration_s;
                step.street().clone_into(&mut entering.street);
                continue;
            }
            steps.push(Step {
                maneuver: match boards {
                    true => Maneuver::Ferry,
                    false => maneuver(&step.maneuver, leg + 1),
                },
                at: place(step.maneuver.location)?,
                street: step.street().to_owned(),
                bearing_deg: step.maneuver.bearing_after % 360,
                distance_m: length.distance_m,
                duration_s: length.duration_s,
                geometry_index,
            });
        }
    }
    Ok((steps, line))
}

struct Length {
    distance_m: u32,
    duration_s: u32,
}

fn leaves_roundabout(step: &OsrmStep) -> bool {
    matches!(
        step.maneuver.kind.as_str(),
        "exit roundabout" | "exit rotary"
    )
}

/// Thousandths to whole units.
fn whole(thousandths: u64) -> u32 {
    u32::try_from((thousandths + 500) / 1000).unwrap_or(u32::MAX)
}

/// `arrived` is the stop at the end of the leg.
fn maneuver(said: &OsrmManeuver, arrived: usize) -> Maneuver {
    let to_left = said.modifier.contains("left");
    let to_right = said.modifier.contains("right");
    match said.kind.as_str() {
        "depart" => Maneuver::Depart,
        "arrive" => Maneuver::Arrive(arrived),
        "roundabout" | "rotary" => Maneuver::Roundabout(said.exit.unwrap_or(1)),
        "merge" => Maneuver::Merge,
        "on ramp" | "off ramp" if to_left => Maneuver::RampLeft,
        "on ramp" | "off ramp" if to_right => Maneuver::RampRight,
        "fork" if to_left => Maneuver::SlightLeft,
        "fork" if to_right => Maneuver::SlightRight,
        "new name" | "notification" => Maneuver::Continue,
        _ => turn(&said.modifier),
    }
}

fn turn(modifier: &str) -> Maneuver {
    match modifier {
        "uturn" => Maneuver::UTurn,
        "sharp left" => Maneuver::SharpLeft,
        "left" => Maneuver::Left,
        "slight left" => Maneuver::SlightLeft,
        "slight right" => Maneuver::SlightRight,
        "right" => Maneuver::Right,
        "sharp right" => Maneuver::SharpRight,
        _ => Maneuver::Continue,
    }
}
