//! Claims that are not what the trip says.

use super::*;
use crate::pricing::{Basis, FareError};
use crate::sync::FareClaim;

/// A stop is left after three minutes; the next one is not.
fn two_stops() -> Story {
    Story {
        waypoints: vec![10, 20],
        made: vec![
            Made {
                reached_s: 120,
                left_s: Some(300),
            },
            Made {
                reached_s: 420,
                left_s: None,
            },
        ],
        ..Story::plain()
    }
}

/// The ride, and what its device claims.
fn claimed(story: &Story) -> (Ride, FareClaim) {
    let ride = Ride::of(story, northward(75));
    let claim = claim(&ride.over(), &Coast).unwrap();
    (ride, claim)
}

/// The claim with other facts, and the fare that follows from them.
fn forged(ride: &Ride, claim: &FareClaim, change: impl FnOnce(&mut FareClaim)) -> FareClaim {
    let mut forged = claim.clone();
    change(&mut forged);
    if let Ok(settlement) = crate::pricing::settle(&ride.tariff, &ride.quoted, &forged.driven) {
        forged.basis = settlement.basis;
        forged.fare = settlement.fare;
    }
    forged
}

#[test]
fn what_the_trip_does_not_say_is_refused() {
    let (ride, claim) = claimed(&two_stops());
    type Forge = fn(&mut FareClaim);
    let not_the_trip = |field| Err(ClaimRefusal::NotTheTrip { field });
    let not_the_reading = |field| Err(ClaimRefusal::NotTheReading { field });
    let rows: [(&str, Forge, Result<(), ClaimRefusal>); 15] = [
        ("nothing", |_| {}, Ok(())),
        (
            "another start",
            |claim| claim.driven.started_at = at(-3600).fixed_offset(),
            not_the_trip("started_at"),
        ),
        (
            "a longer wait",
            |claim| claim.driven.wait_s += 60,
            not_the_trip("wait_s"),
        ),
        (
            "loading",
            |claim| claim.driven.loading_s = 600,
            not_the_trip("loading_s"),
        ),
        (
            "a tip",
            |claim| claim.driven.tip_minor = 500,
            not_the_trip("tip_minor"),
        ),
        (
            "a longer stand at the stop that was left",
            |claim| claim.driven.waypoints[0].wait_s += 1,
            not_the_trip("waypoints"),
        ),
        (
            "a longer stand at the stop that was not, within the ride",
            |claim| claim.driven.waypoints[1].wait_s = 480,
            Ok(()),
        ),
        (
            "a stand that is longer than the ride",
            |claim| claim.driven.waypoints[1].wait_s = 481,
            not_the_trip("waypoints"),
        ),
        (
            "a stop that was not made",
            |claim| claim.driven.waypoints.push(WaypointFacts { wait_s: 0 }),
            not_the_trip("waypoints"),
        ),
        (
            "a longer ride than was measured",
            |claim| claim.driven.ride.as_mut().unwrap().distance_m += 1,
            not_the_reading("ride"),
        ),
        (
            "no ride though one was measured",
            |claim| claim.driven.ride = None,
            not_the_reading("ride"),
        ),
        (
            "a ride without a track",
            |claim| claim.track = None,
            not_the_reading("ride"),
        ),
        (
            "tolls without a track",
            |claim| {
                claim.track = None;
                claim.driven.ride = None;
                claim.driven.tolls.clear();
            },
            not_the_reading("tolls"),
        ),
        (
            "a toll that the tariff does not know",
            |claim| claim.driven.tolls.push("bridge".to_owned()),
            Err(ClaimRefusal::from(FareError::UnknownToll("bridge".into()))),
        ),
        (
            "two hundred kilometres",
            |claim| {
                let track = claim.track.as_mut().unwrap();
                track.reading.distance_mm = 200_000_000;
                let far = RideLength {
                    distance_m: 200_000,
                    duration_s: 900,
                };
                claim.driven.ride = Some(far);
                claim.driven.replanned = claim.driven.replanned.map(|_| far);
            },
            Err(ClaimRefusal::TooFar),
        ),
    ];
    for (what, forge, wanted) in rows {
        let forged = forged(&ride, &claim, forge);
        let found = check_claim(&ride.without_track(), &forged).map(drop);
        assert_eq!(found, wanted, "{what}");
    }
}

#[test]
fn another_fare_than_that_of_the_facts_is_refused() {
    let (ride, claim) = claimed(&Story::plain());
    let mut dearer = claim.clone();
    dearer.fare.total_minor += 10;
    let other_basis = FareClaim {
        basis: Basis::Quote,
        ..claim
    };
    for forged in [dearer, other_basis] {
        let found = check_claim(&ride.without_track(), &forged);
        assert_eq!(found, Err(ClaimRefusal::OtherFare));
    }
}

#[test]
fn a_ride_whose_stops_are_as_asked_for_is_not_planned_anew() {
    let (ride, claim) = claimed(&Story::plain());
    let forged = forged(&ride, &claim, |claim| {
        claim.driven.replanned = claim.driven.ride
    });
    let found = check_claim(&ride.without_track(), &forged);
    let field = "replanned";
    assert_eq!(found, Err(ClaimRefusal::NotTheTrip { field }));
}

#[test]
fn a_driver_need_not_know_that_the_stops_changed() {
    let story = two_stops();
    let (_, claim) = claimed(&story);
    let moved = Story {
        moved_to: Some(30),
        waypoints: vec![10],
        made: story.made[..1].to_vec(),
        ..story
    };
    let ride = Ride::of(&moved, vec![]);
    assert!(ride.trip.stops_changed());
    assert!(check_claim(&ride.over(), &claim).is_ok());
}

#[test]
fn a_trip_that_is_not_over_has_no_price() {
    let mut ride = Ride::of(&Story::plain(), northward(75));
    let (_, claimed) = claimed(&Story::plain());
    let mut events = Story::plain().events();
    events.pop();
    ride.trip = Trip::requested(ride.trip.request.clone());
    for event in &events {
        ride.trip.apply(event);
    }
    assert_eq!(claim(&ride.over(), &NoGround), Err(RideError::NotCompleted));
    assert_eq!(
        check_claim(&ride.over(), &claimed),
        Err(ClaimRefusal::Ride(RideError::NotCompleted))
    );
}

#[test]
fn points_outside_the_ride_are_not_of_it() {
    let mut ride = Ride::of(&Story::plain(), northward(75));
    let alone = price(&ride.over(), &Coast).unwrap();
    ride.track.push(seen(-1, -50));
    ride.track.push(seen(901, 200));
    assert_eq!(price(&ride.over(), &Coast).as_ref(), Ok(&alone));
    ride.track.push(seen(899, 79));
    assert_ne!(price(&ride.over(), &Coast).unwrap().track, alone.track);
}
