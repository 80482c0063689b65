//! Trips that are called off: who may say that the rider did not come, and what it costs by.

use super::*;
use crate::pricing::CancellationFacts;

const NO_SHOW: CancelReason = CancelReason::RiderNoShow;

#[test]
fn a_driver_whose_rider_does_not_come_in_five_minutes_ends_the_trip() {
    let story = Story::in_stage(TripStage::Arrived);
    let until = minute(7);
    let early = until - TimeDelta::milliseconds(1);
    assert_eq!(
        story.refusal(DRIVER, early, cancel(NO_SHOW)),
        Refusal::TooEarlyForNoShow { until }
    );
    let story = story.then(7, DRIVER, cancel(NO_SHOW));
    assert_eq!(story.trip.state.stage(), TripStage::Cancelled);
    assert_eq!(story.trip.releases, 0);
}

#[test]
fn a_rider_has_five_minutes_from_the_agreed_time() {
    let request = TripRequest {
        pickup_at: Some(minute(30)),
        ..request_over(&[])
    };
    let story = Story::of(request)
        .then(1, SYSTEM, assign())
        .then(20, DRIVER, Command::Arrive);
    assert_eq!(
        story.refusal(DRIVER, minute(34), cancel(NO_SHOW)),
        Refusal::TooEarlyForNoShow { until: minute(35) }
    );
    assert_eq!(story.tries(DRIVER, minute(35), cancel(NO_SHOW)), Ok(()));
}

#[test]
fn a_city_sets_how_long_a_driver_waits() {
    let mut story = Story::in_stage(TripStage::Arrived);
    story.rules.no_show_after_s = 60;
    assert_eq!(story.tries(DRIVER, minute(3), cancel(NO_SHOW)), Ok(()));
    story.rules.no_show_after_s = i64::MAX;
    assert_eq!(
        story.refusal(DRIVER, minute(3), cancel(NO_SHOW)),
        Refusal::TooEarlyForNoShow {
            until: DateTime::<Utc>::MAX_UTC
        }
    );
}

#[test]
fn a_driver_who_is_not_there_cannot_miss_the_rider() {
    let stage = TripStage::Assigned;
    assert_eq!(
        Story::in_stage(stage).refusal(DRIVER, minute(60), cancel(NO_SHOW)),
        Refusal::NoShowBeforeArrival { stage }
    );
}

#[test]
fn only_the_driver_says_that_the_rider_did_not_come() {
    let reassign = Command::Reassign { reason: NO_SHOW };
    for stage in TripStage::ALL {
        let story = Story::in_stage(stage);
        for actor in [RIDER, ADMIN, SYSTEM] {
            let party = actor.party();
            assert_eq!(
                story.refusal(actor, minute(60), cancel(NO_SHOW)),
                Refusal::NoShowIsTheDrivers { party },
                "{stage}"
            );
        }
        assert_eq!(
            story.refusal(ADMIN, minute(60), reassign.clone()),
            Refusal::NoShowIsTheDrivers {
                party: Party::Admin
            },
            "{stage}"
        );
    }
}

#[test]
fn the_facts_of_a_cancellation_are_the_same_before_and_after_it() {
    let reason = CancelReason::ChangedMind;
    let request = TripRequest {
        pickup_at: Some(minute(30)),
        ..request_over(&[])
    };
    let story = Story::of(request)
        .then(1, SYSTEM, assign())
        .then(20, DRIVER, Command::Arrive);
    let facts = |trip: &Trip| trip.cancellation_facts(Party::Rider, reason, minute(21));
    let before = facts(&story.trip);
    assert_eq!(
        before,
        CancellationFacts {
            by: Party::Rider,
            no_show: false,
            assigned_at: Some(minute(1)),
            arrived_at: Some(minute(20)),
            pickup_at: Some(minute(30)),
            cancelled_at: minute(21),
        }
    );
    let story = story.then(21, RIDER, cancel(reason));
    assert_eq!(facts(&story.trip), before);
}

#[test]
fn the_facts_tell_a_missed_rider_and_a_driver_who_was_not_there() {
    let facts = |stage, by, reason| {
        Story::in_stage(stage)
            .trip
            .cancellation_facts(by, reason, minute(60))
    };
    assert!(facts(TripStage::Arrived, Party::Driver, NO_SHOW).no_show);
    assert!(!facts(TripStage::Arrived, Party::Rider, NO_SHOW).no_show);
    assert!(!facts(TripStage::Arrived, Party::Driver, CancelReason::Safety).no_show);

    let assigned = facts(TripStage::Assigned, Party::Rider, CancelReason::Other);
    assert_eq!(assigned.assigned_at, Some(minute(1)));
    assert_eq!(assigned.arrived_at, None);
    let requested = facts(TripStage::Requested, Party::Rider, CancelReason::Other);
    assert_eq!(requested.assigned_at, None);
}

#[test]
fn an_admin_ends_the_ride_of_a_phone_that_died() {
    let story = Story::in_stage(TripStage::AtStop).then(90, ADMIN, Command::Complete);
    assert_eq!(story.trip.state.stage(), TripStage::Completed);
    assert_eq!(story.trip.state.assignment().unwrap().driver, BOB);
}
