//! What a driver without a network tells late: steps that happened before others changed the trip,
//! and rides that began although the trip had been called off, given up or taken away.

use super::*;
use crate::trip::CommandKind;

const DAN_DRIVES: Actor = Actor::Driver(DAN);

fn to_dan() -> Command {
    Command::Assign {
        driver: DAN,
        vehicle: CAR,
    }
}

/// Bob had the trip from minute 1 and lost it at minute 3.
fn taken_from_bob() -> Story {
    let reason = CancelReason::DriverNotComing;
    Story::over(&[1])
        .then(1, SYSTEM, assign())
        .then(3, ADMIN, Command::Reassign { reason })
}

fn wrong_state(stage: TripStage) -> Refusal {
    Refusal::WrongState {
        stage,
        command: CommandKind::Resume,
    }
}

#[test]
fn a_ride_that_began_resumes_a_trip_that_was_called_off_before_or_after() {
    for actor in [RIDER, ADMIN, SYSTEM] {
        for started in [4, 60] {
            let story = Story::over(&[1])
                .then(1, SYSTEM, assign())
                .then(10, actor, cancel(CancelReason::ChangedMind))
                .then(started, DRIVER, resume());
            let TripState::InProgress {
                assignment,
                arrived_at,
                started_at,
                leg,
            } = story.trip.state
            else {
                panic!("{:?}", story.trip.state);
            };
            assert_eq!((assignment.driver, leg), (BOB, Leg::FIRST));
            assert_eq!((arrived_at, started_at), (minute(2), minute(started)));
            assert_eq!(story.trip.last_event_at, minute(started.max(10)));
            assert_eq!(Trip::replay(&story.events), Some(story.trip));
        }
    }
}

#[test]
fn a_resumed_ride_goes_on_over_its_stops_and_is_paid_by_its_own_wait() {
    let story = taken_from_bob()
        .then(5, DRIVER, resume())
        .then(6, DRIVER, Command::ReachStop)
        .then(7, DRIVER, Command::LeaveStop)
        .then(9, DRIVER, Command::Complete);
    assert_eq!(story.trip.state.stage(), TripStage::Completed);
    assert_eq!(story.trip.wait_s(), 180);
    assert_eq!(story.trip.waypoint_waits(None), [60]);
}

#[test]
fn a_ride_that_began_takes_the_trip_back_from_a_driver_who_did_not_start() {
    let given = taken_from_bob().then(4, SYSTEM, to_dan());
    for story in [given.clone(), given.then(6, DAN_DRIVES, Command::Arrive)] {
        let story = story.then(7, DRIVER, resume());
        assert_eq!(story.trip.state.assignment().unwrap().driver, BOB);
        assert_eq!(
            story.refusal(DAN_DRIVES, minute(8), start()),
            Refusal::NotYourTrip
        );
    }
}

#[test]
fn a_rider_who_is_in_another_car_is_not_in_this_one() {
    let dan_rides = taken_from_bob()
        .then(4, SYSTEM, to_dan())
        .then(5, DAN_DRIVES, Command::Arrive)
        .then(6, DAN_DRIVES, start());
    assert_eq!(
        dan_rides.refusal(DRIVER, minute(7), resume()),
        wrong_state(TripStage::EnRoute)
    );
    let over = dan_rides.then(8, DAN_DRIVES, Command::Complete);
    assert_eq!(
        over.refusal(DRIVER, minute(9), resume()),
        wrong_state(TripStage::Completed)
    );
}

#[test]
fn a_driver_who_ended_the_trip_does_not_resume_it() {
    let story =
        Story::in_stage(TripStage::Arrived).then(8, DRIVER, cancel(CancelReason::RiderNoShow));
    assert_eq!(
        story.refusal(DRIVER, minute(9), resume()),
        wrong_state(TripStage::Cancelled)
    );
}

#[test]
fn nothing_resumes_without_the_riders_pin() {
    let with_pin = |number| {
        let Command::Resume {
            assignment,
            arrived_at,
            ..
        } = resume()
        else {
            unreachable!()
        };
        Command::Resume {
            pin: Pin::from_number(number),
            assignment,
            arrived_at,
        }
    };
    let story = taken_from_bob();
    assert_eq!(
        story.refusal(DRIVER, minute(5), with_pin(1)),
        Refusal::WrongPin
    );
    assert_eq!(story.tries(DRIVER, minute(5), with_pin(4719)), Ok(()));
}

#[test]
fn where_the_pin_is_not_known_no_pin_is_right() {
    let request = TripRequest {
        pin: None,
        ..request_over(&[])
    };
    let story = Story::of(request).then(1, SYSTEM, assign());
    assert_eq!(
        story.refusal(DRIVER, minute(5), resume()),
        Refusal::WrongPin
    );
    let story = story.then(2, DRIVER, Command::Arrive);
    for number in [0, 4719] {
        let command = Command::Start {
            pin: Pin::from_number(number),
        };
        assert_eq!(story.refusal(DRIVER, minute(5), command), Refusal::WrongPin);
    }
}

#[test]
fn a_ride_does_not_begin_before_its_driver_came_and_nobody_comes_before_having_the_trip() {
    let story = taken_from_bob();
    let early = minute(2) - TimeDelta::milliseconds(1);
    assert_eq!(story.refusal(DRIVER, early, resume()), Refusal::OutOfOrder);
    assert_eq!(story.tries(DRIVER, minute(2), resume()), Ok(()));
    let Command::Resume {
        pin, assignment, ..
    } = resume()
    else {
        unreachable!()
    };
    let came_before = Command::Resume {
        pin,
        assignment,
        arrived_at: noon(),
    };
    assert_eq!(
        story.refusal(DRIVER, minute(5), came_before),
        Refusal::OutOfOrder
    );
}

/// The rider changes the dropoff at minute 50, which a driver without a network does not hear of.
fn changed_at_50(stage: TripStage) -> Story {
    Story::in_stage(stage).then(50, RIDER, stops_to(&[1, 2], 7))
}

#[test]
fn what_the_driver_did_before_the_rider_changed_the_stops_is_told_late() {
    for (stage, command, since) in [
        (TripStage::Assigned, Command::Arrive, 1),
        (TripStage::Arrived, start(), 2),
        (TripStage::EnRoute, Command::ReachStop, 3),
        (TripStage::EnRoute, Command::Complete, 3),
        (TripStage::AtStop, Command::LeaveStop, 4),
        (TripStage::AtStop, Command::Complete, 4),
        (TripStage::Arrived, cancel(CancelReason::VehicleProblem), 2),
    ] {
        let story = changed_at_50(stage);
        let early = minute(since) - TimeDelta::milliseconds(1);
        assert_eq!(
            story.refusal(DRIVER, early, command.clone()),
            Refusal::OutOfOrder,
            "{stage}"
        );
        let told = story.then(since, DRIVER, command);
        assert_eq!(told.trip.last_event_at, minute(50), "{stage}");
        assert_eq!(Trip::replay(&told.events), Some(told.trip));
    }
}

#[test]
fn a_stop_that_was_left_is_the_last_that_was_seen_of_the_car() {
    let story = Story::riding_over(&[1, 2])
        .then(4, DRIVER, Command::ReachStop)
        .then(9, DRIVER, Command::LeaveStop)
        .then(50, RIDER, stops_to(&[1, 3], 9));
    let early = minute(9) - TimeDelta::milliseconds(1);
    for command in [Command::ReachStop, Command::Complete] {
        assert_eq!(
            story.refusal(DRIVER, early, command.clone()),
            Refusal::OutOfOrder
        );
        assert_eq!(story.tries(DRIVER, minute(9), command), Ok(()));
    }
}

#[test]
fn what_others_want_comes_after_everything_that_is_known() {
    for (actor, command) in [
        (ADMIN, Command::Complete),
        (RIDER, stops_to(&[1], 9)),
        (ADMIN, stops_to(&[1], 9)),
    ] {
        let story = changed_at_50(TripStage::EnRoute);
        assert_eq!(
            story.refusal(actor, minute(49), command.clone()),
            Refusal::OutOfOrder
        );
        assert_eq!(story.tries(actor, minute(50), command), Ok(()));
    }
}
