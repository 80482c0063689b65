//! What a round that did not look at a driver can still say about one: from the last sighting before
//! it.

use chrono::TimeDelta;
use wayfare_core::geo::LatLng;
use wayfare_core::id::DriverId;
use wayfare_core::wire::{CarVerdict, Doing, ExplainedCar, SightingView};
use wayfare_dispatch::Decision;

use super::queries::SightingRow;
use super::sightings::HOLDS_FOR;
use super::views::UnknownName;
use crate::platform::failure::Failure;

/// The last sighting of a driver before a round, as it is shown.
pub(super) fn sighting(row: &SightingRow, pickup: LatLng) -> Result<SightingView, Failure> {
    let unknown = |name: &String| Failure::broken("reading a sighting", UnknownName(name.clone()));
    let position = LatLng::from_e7(row.lat_e7, row.lng_e7)
        .map_err(|error| Failure::broken("reading a sighting", error))?;
    let doing = Doing::ALL
        .into_iter()
        .find(|doing| doing.as_str() == row.state);
    let straight_m = position.distance_mm(pickup) / 1000;
    Ok(SightingView {
        at: row.at,
        age_s: whole_seconds(row.before - row.at),
        fix_at: row.fix_at,
        doing: doing.ok_or_else(|| unknown(&row.state))?,
        straight_m: u32::try_from(straight_m).unwrap_or(u32::MAX),
        vehicle_class: row
            .vehicle_class
            .parse()
            .map_err(|_| unknown(&row.vehicle_class))?,
    })
}

/// What became of a driver whose car a round did not look at.
pub(super) fn car(
    driver: DriverId,
    decision: &Decision,
    sighting: Option<SightingView>,
) -> ExplainedCar {
    let (verdict, sentence) = match sighting {
        None => (CarVerdict::NoRecord, NEVER_SEEN.to_owned()),
        Some(last) => from_sighting(decision, last),
    };
    ExplainedCar {
        driver_id: driver,
        verdict,
        sentence,
        gate: None,
        cost: None,
        lost_to: None,
        offer: None,
        sighting,
    }
}

const NEVER_SEEN: &str = "The record has no trace of the driver before this round: most likely the \
driver was not online in all the time that is kept.";

fn from_sighting(decision: &Decision, last: SightingView) -> (CarVerdict, String) {
    let age = ago(last.age_s);
    let silent_s = whole_seconds(decision.at - last.fix_at);
    if last.doing == Doing::Offline {
        let sentence = format!("The driver was offline: that was noted {age} before the round.");
        return (CarVerdict::Offline, sentence);
    }
    if TimeDelta::seconds(last.age_s.into()) > HOLDS_FOR {
        let sentence = format!(
            "The driver was offline: the car was last seen {age} before the round, and cars that \
             are online are noted every minute."
        );
        return (CarVerdict::Offline, sentence);
    }
    if last.doing == Doing::Silent {
        let sentence = format!(
            "The driver's device was silent: the last position was {} old.",
            ago(silent_s)
        );
        return (CarVerdict::Offline, sentence);
    }
    let straight = distance(last.straight_m);
    if last.doing != Doing::Finishing && last.straight_m > decision.radius_m {
        let sentence = format!(
            "The car was too far away: {straight} in a straight line {age} before the round, and the \
             radius was {}.",
            distance(decision.radius_m)
        );
        return (CarVerdict::TooFar, sentence);
    }
    if let Some(busy) = busy_with(last.doing) {
        let sentence = format!("The driver {busy} {age} before the round, {straight} away.");
        return (CarVerdict::Busy, sentence);
    }
    if decision.left_out > 0 {
        let sentence = format!(
            "The car was {straight} away in a straight line, and enough others were nearer: {} were \
             looked at, {} were not.",
            decision.considered.len(),
            decision.left_out
        );
        return (CarVerdict::LeftOut, sentence);
    }
    let sentence = format!(
        "The record does not say why: {age} before the round the driver was free, {straight} away, \
         and the round did not look at the car."
    );
    (CarVerdict::NoRecord, sentence)
}

const fn busy_with(doing: Doing) -> Option<&'static str> {
    match doing {
        Doing::Asked => Some("had an offer to answer"),
        Doing::Driving => Some("had a trip"),
        Doing::Finishing => Some("was finishing a trip"),
        Doing::Free | Doing::Silent | Doing::Offline => None,
    }
}

fn whole_seconds(delta: TimeDelta) -> u32 {
    u32::try_from(delta.num_seconds().max(0)).unwrap_or(u32::MAX)
}

/// A length of time in the largest unit that says enough.
fn ago(seconds: u32) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        172_800.. => format!("{} days", seconds / 86_400),
    }
}

/// A distance with as many digits as are of use.
pub(super) fn distance(metres: u32) -> String {
    match metres {
        0..1000 => format!("{metres} m"),
        1000.. => format!("{}.{} km", metres / 1000, metres % 1000 / 100),
    }
}

#[cfg(test)]
mod tests;
