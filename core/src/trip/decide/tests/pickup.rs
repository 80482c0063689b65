//! From the request to the start of the ride: PIN, waiting, scheduled trips, drivers who change.

use super::*;

#[test]
fn a_wrong_pin_starts_nothing() {
    let command = Command::Start {
        pin: Pin::from_number(1),
    };
    assert_eq!(
        Story::in_stage(TripStage::Arrived).refusal(DRIVER, minute(60), command),
        Refusal::WrongPin
    );
}

#[test]
fn nothing_happens_before_the_last_event() {
    let story = Story::in_stage(TripStage::Assigned);
    assert_eq!(
        story.refusal(DRIVER, noon(), Command::Arrive),
        Refusal::OutOfOrder
    );
    assert_eq!(story.tries(DRIVER, minute(1), Command::Arrive), Ok(()));
}

#[test]
fn the_wait_runs_from_arrival_to_start() {
    assert_eq!(Story::in_stage(TripStage::Arrived).trip.wait_s(), 0);
    assert_eq!(Story::in_stage(TripStage::EnRoute).trip.wait_s(), 60);
    assert_eq!(Story::in_stage(TripStage::Completed).trip.wait_s(), 60);
}

/// Bob comes at minute 5 to a trip that is agreed for minute 10.
fn scheduled_for_minute_10() -> Story {
    let request = TripRequest {
        pickup_at: Some(minute(10)),
        ..request_over(&[])
    };
    Story::of(request)
        .then(1, SYSTEM, assign())
        .then(5, DRIVER, Command::Arrive)
}

#[test]
fn the_wait_of_a_scheduled_trip_begins_at_its_time() {
    let started = |at| scheduled_for_minute_10().then(at, DRIVER, start()).trip;
    assert_eq!(started(7).wait_s(), 0);
    assert_eq!(started(10).wait_s(), 0);
    assert_eq!(started(12).wait_s(), 120);
}

#[test]
fn the_wait_of_a_driver_who_is_late_begins_at_the_arrival() {
    let request = TripRequest {
        pickup_at: Some(minute(1)),
        ..request_over(&[])
    };
    let story = Story::of(request)
        .then(1, SYSTEM, assign())
        .then(4, DRIVER, Command::Arrive)
        .then(6, DRIVER, start());
    assert_eq!(story.trip.wait_s(), 120);
}

#[test]
fn the_last_driver_to_give_a_trip_back_ends_it() {
    let mut story = Story::over(&[]);
    story.rules.releases_max = 2;
    for round in 0..3 {
        assert_eq!(story.trip.state, TripState::Requested);
        story = story.then(round, SYSTEM, assign()).then(
            round,
            DRIVER,
            cancel(CancelReason::VehicleProblem),
        );
    }
    assert_eq!(story.trip.releases, 2);
    assert_eq!(story.trip.state.stage(), TripStage::Cancelled);
}

#[test]
fn a_reassigned_trip_looks_for_a_driver_and_nobody_gave_it_back() {
    let reason = CancelReason::DriverNotComing;
    for (actor, by) in [(ADMIN, Party::Admin), (SYSTEM, Party::System)] {
        let story =
            Story::in_stage(TripStage::Arrived).then(8, actor, Command::Reassign { reason });
        let at = minute(8);
        assert_eq!(
            story.events.last(),
            Some(&Event::Released { reason, by, at })
        );
        assert_eq!(story.trip.state, TripState::Requested);
        assert_eq!(story.trip.releases, 0);
        assert_eq!(
            story.refusal(DRIVER, minute(9), Command::Arrive),
            Refusal::NotYourTrip
        );
    }
}

#[test]
fn a_reassigned_trip_waits_for_its_next_driver_anew() {
    let reason = CancelReason::VehicleProblem;
    let dan = Actor::Driver(DAN);
    let to_dan = Command::Assign {
        driver: DAN,
        vehicle: CAR,
    };
    let story = Story::in_stage(TripStage::Arrived)
        .then(10, ADMIN, Command::Reassign { reason })
        .then(11, SYSTEM, to_dan)
        .then(20, dan, Command::Arrive)
        .then(21, dan, start());
    assert_eq!(story.trip.wait_s(), 60);
}

#[test]
fn a_request_is_checked_before_it_becomes_a_trip() {
    use crate::trip::RequestError;

    let over = |count| request_over(&(0..count).collect::<Vec<_>>());
    assert_eq!(over(8).check(), Ok(()));
    let too_many = RequestError::TooManyWaypoints { count: 9, max: 8 };
    assert_eq!(over(9).check(), Err(too_many));

    let at = |pickup_at| TripRequest {
        pickup_at: Some(pickup_at),
        ..request_over(&[])
    };
    assert_eq!(at(noon()).check(), Ok(()));
    assert_eq!(at(minute(-1)).check(), Err(RequestError::PickupInThePast));
}
