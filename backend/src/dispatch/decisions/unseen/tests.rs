use chrono::{DateTime, Utc};
use wayfare_core::id::TripId;
use wayfare_core::vehicle::VehicleClass;
use wayfare_dispatch::Outcome;

use super::*;

fn at(second: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
}

/// A round at second 1000 with a radius of five kilometres.
fn round() -> Decision {
    Decision {
        trip: TripId::from_uuid(uuid::Uuid::from_u128(1)),
        at: at(1000),
        radius_m: 5000,
        waves: 0,
        outcome: Outcome::NobodyFits,
        considered: Vec::new(),
        left_out: 0,
    }
}

/// A free car four kilometres away, seen seven seconds before.
fn free() -> SightingView {
    SightingView {
        at: at(993),
        age_s: 7,
        fix_at: at(990),
        doing: Doing::Free,
        straight_m: 4000,
        vehicle_class: VehicleClass::Standard,
    }
}

#[track_caller]
fn is_explained(decision: &Decision, last: SightingView, verdict: CarVerdict, parts: &[&str]) {
    let explained = car(
        DriverId::from_uuid(uuid::Uuid::from_u128(2)),
        decision,
        Some(last),
    );
    assert_eq!(explained.verdict, verdict, "{}", explained.sentence);
    for part in parts {
        assert!(explained.sentence.contains(part), "{}", explained.sentence);
    }
    assert_eq!(explained.sighting, Some(last));
}

#[test]
fn a_driver_who_was_never_seen_has_no_record() {
    let explained = car(DriverId::from_uuid(uuid::Uuid::nil()), &round(), None);
    assert_eq!(explained.verdict, CarVerdict::NoRecord);
}

#[test]
fn a_driver_was_offline_who_left_or_was_not_seen_for_long_or_was_silent() {
    let offline = CarVerdict::Offline;
    let left = SightingView {
        doing: Doing::Offline,
        age_s: 10_800,
        ..free()
    };
    is_explained(&round(), left, offline, &["offline", "3 h before"]);
    let long_ago = SightingView {
        age_s: 76,
        ..free()
    };
    is_explained(&round(), long_ago, offline, &["last seen 76 s before"]);
    let silent = SightingView {
        doing: Doing::Silent,
        fix_at: at(905),
        ..free()
    };
    is_explained(&round(), silent, offline, &["silent", "95 s old"]);
}

#[test]
fn a_car_outside_the_radius_was_too_far_and_one_on_a_trip_busy() {
    let far = SightingView {
        straight_m: 5001,
        ..free()
    };
    let numbers = ["5.0 km in a straight line 7 s before", "radius was 5.0 km"];
    is_explained(&round(), far, CarVerdict::TooFar, &numbers);
    let driving = SightingView {
        doing: Doing::Driving,
        ..free()
    };
    is_explained(&round(), driving, CarVerdict::Busy, &["had a trip"]);
    // Who finishes a trip starts from its end, wherever the car is.
    let finishing = SightingView {
        doing: Doing::Finishing,
        ..far
    };
    is_explained(&round(), finishing, CarVerdict::Busy, &["finishing"]);
}

#[test]
fn a_free_car_nearby_was_left_out_or_the_record_does_not_say_why() {
    let crowded = Decision {
        left_out: 12,
        ..round()
    };
    is_explained(&crowded, free(), CarVerdict::LeftOut, &["4.0 km", "12"]);
    is_explained(&round(), free(), CarVerdict::NoRecord, &["does not say"]);
}

#[test]
fn lengths_of_time_and_of_ways_are_written_for_people() {
    let times = [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h")];
    for (seconds, text) in times {
        assert_eq!(ago(seconds), text);
    }
    assert_eq!(ago(200_000), "2 days");
    for (metres, text) in [(999, "999 m"), (1000, "1.0 km"), (12_390, "12.3 km")] {
        assert_eq!(distance(metres), text);
    }
}
