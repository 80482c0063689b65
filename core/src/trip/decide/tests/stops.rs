//! Rides over several stops, and stops that change.

use super::*;
use crate::trip::Visit;

fn completed(story: Story, minutes: i64) -> Trip {
    story.then(minutes, DRIVER, Command::Complete).trip
}

#[test]
fn a_ride_over_two_waypoints_ends_at_its_dropoff() {
    let story = Story::riding_over(&[1, 2])
        .then(10, DRIVER, Command::ReachStop)
        .then(12, DRIVER, Command::LeaveStop)
        .then(20, DRIVER, Command::ReachStop)
        .then(25, DRIVER, Command::LeaveStop);
    assert_eq!(
        story.refusal(DRIVER, minute(26), Command::ReachStop),
        Refusal::NoStopAhead
    );
    let story = story.then(30, DRIVER, Command::Complete);

    assert_eq!(Trip::replay(&story.events), Some(story.trip.clone()));
    assert_eq!(Trip::replay(&story.events[1..]), None);
    let trip = story.trip;
    let visit = |stop, arrived_at, left_at| Visit {
        stop,
        arrived_at: minute(arrived_at),
        left_at: Some(minute(left_at)),
    };
    assert_eq!(trip.visits, [visit(0, 10, 12), visit(1, 20, 25)]);
    assert_eq!(trip.waypoint_waits(None), [120, 300]);
    assert_eq!(trip.stops_skipped(), 0);
    assert!(!trip.stops_changed());
}

#[test]
fn a_ride_without_waypoints_has_no_stop_ahead() {
    let story = Story::riding_over(&[]);
    assert_eq!(
        story.refusal(DRIVER, minute(9), Command::ReachStop),
        Refusal::NoStopAhead
    );
    assert!(!completed(story, 9).stops_changed());
}

#[test]
fn a_stand_that_is_not_over_has_no_length() {
    let story = Story::riding_over(&[1]).then(10, DRIVER, Command::ReachStop);
    for stood_until in [None, Some(minute(12))] {
        assert_eq!(story.trip.waypoint_waits(stood_until), Vec::<i64>::new());
    }
    assert_eq!(story.trip.visits.len(), 1);
    assert_eq!(story.trip.open_stand(), Some(story.trip.visits[0]));
}

#[test]
fn a_rider_who_gets_out_at_a_waypoint_skips_what_follows() {
    let story = Story::riding_over(&[1, 2]).then(10, DRIVER, Command::ReachStop);
    assert_eq!(story.trip.stops_skipped(), 0);
    let trip = completed(story, 13);
    assert_eq!(trip.waypoint_waits(Some(minute(13))), [180]);
    assert_eq!(trip.stops_skipped(), 2);
    assert!(trip.stops_changed());
}

#[test]
fn a_rider_who_gets_out_at_the_last_waypoint_skips_the_dropoff() {
    let trip = completed(
        Story::riding_over(&[1]).then(10, DRIVER, Command::ReachStop),
        11,
    );
    assert_eq!(trip.stops_skipped(), 1);
    assert!(trip.stops_changed());
}

#[test]
fn a_ride_that_ends_on_the_way_to_a_waypoint_skips_it() {
    let trip = completed(
        Story::riding_over(&[1, 2])
            .then(10, DRIVER, Command::ReachStop)
            .then(11, DRIVER, Command::LeaveStop),
        20,
    );
    assert_eq!(trip.stops_skipped(), 1);
    assert_eq!(
        completed(Story::riding_over(&[1, 2]), 20).stops_skipped(),
        2
    );
}

#[test]
fn a_rider_changes_the_dropoff_before_the_ride() {
    for stage in [
        TripStage::Requested,
        TripStage::Assigned,
        TripStage::Arrived,
    ] {
        let story = Story::in_stage(stage);
        let before = story.trip.state;
        let story = story.then(8, RIDER, stops_to(&[1, 2], 7));
        assert_eq!(story.trip.state, before, "{stage}");
        assert_eq!(story.trip.stops.dropoff, place(7));
        assert_eq!(story.trip.request.dropoff, place(9));
        assert_eq!(story.trip.stop_changes, 1);
        assert!(story.trip.stops_changed());
    }
}

#[test]
fn changing_the_stops_there_and_back_is_no_change() {
    let story = Story::riding_over(&[1])
        .then(5, RIDER, stops_to(&[], 9))
        .then(6, RIDER, stops_to(&[1], 9));
    assert_eq!(story.trip.stop_changes, 2);
    assert!(!story.trip.stops_changed());
}

#[test]
fn a_waypoint_that_is_added_on_the_way_to_the_dropoff_comes_first() {
    let story = Story::riding_over(&[])
        .then(5, RIDER, stops_to(&[4], 9))
        .then(6, DRIVER, Command::ReachStop)
        .then(8, DRIVER, Command::LeaveStop);
    let trip = completed(story, 10);
    assert_eq!(trip.waypoint_waits(None), [120]);
    assert_eq!(trip.stops_skipped(), 0);
    assert!(trip.stops_changed());
}

#[test]
fn a_waypoint_that_is_taken_away_is_not_on_the_way_any_more() {
    let story = Story::riding_over(&[1]).then(5, RIDER, stops_to(&[], 9));
    assert_eq!(
        story.refusal(DRIVER, minute(6), Command::ReachStop),
        Refusal::NoStopAhead
    );
    let trip = completed(story, 10);
    assert_eq!(trip.stops_skipped(), 0);
    assert!(trip.stops_changed());
}

#[test]
fn the_stop_where_the_car_stands_stays_and_what_follows_may_change() {
    let story = Story::riding_over(&[1, 2]).then(10, DRIVER, Command::ReachStop);
    for elsewhere in [stops_to(&[3, 2], 9), stops_to(&[2], 9), stops_to(&[], 9)] {
        assert_eq!(
            story.refusal(RIDER, minute(11), elsewhere),
            Refusal::StopsAlreadyPassed { passed: 1 }
        );
    }
    let story = story
        .then(11, RIDER, stops_to(&[1, 5, 6], 7))
        .then(12, DRIVER, Command::LeaveStop)
        .then(13, DRIVER, Command::ReachStop);
    assert_eq!(
        story.refusal(ADMIN, minute(14), stops_to(&[1], 7)),
        Refusal::StopsAlreadyPassed { passed: 2 }
    );
    assert_eq!(story.tries(ADMIN, minute(14), stops_to(&[1, 5], 7)), Ok(()));
}

#[test]
fn stops_that_are_left_stay_as_well() {
    let story = Story::riding_over(&[1])
        .then(10, DRIVER, Command::ReachStop)
        .then(11, DRIVER, Command::LeaveStop);
    assert_eq!(
        story.refusal(RIDER, minute(12), stops_to(&[2, 1], 9)),
        Refusal::StopsAlreadyPassed { passed: 1 }
    );
    assert_eq!(story.tries(RIDER, minute(12), stops_to(&[1, 2], 9)), Ok(()));
}

#[test]
fn the_same_stops_are_no_change() {
    assert_eq!(
        Story::in_stage(TripStage::Assigned).refusal(RIDER, minute(9), stops_to(&[1, 2], 9)),
        Refusal::NothingChanged
    );
}

#[test]
fn a_trip_has_at_most_eight_waypoints() {
    let story = Story::over(&[]);
    let eight = [1, 2, 3, 4, 5, 6, 7, 8];
    let nine = [1, 2, 3, 4, 5, 6, 7, 8, 1];
    assert_eq!(story.tries(RIDER, minute(1), stops_to(&eight, 9)), Ok(()));
    assert_eq!(
        story.refusal(RIDER, minute(1), stops_to(&nine, 9)),
        Refusal::TooManyWaypoints { count: 9, max: 8 }
    );
}

#[test]
fn stops_change_only_so_often() {
    let mut story = Story::over(&[]);
    story.rules.stop_changes_max = 2;
    let story = story
        .then(1, RIDER, stops_to(&[1], 9))
        .then(2, RIDER, stops_to(&[2], 9));
    assert_eq!(
        story.refusal(RIDER, minute(3), stops_to(&[3], 9)),
        Refusal::TooManyStopChanges { max: 2 }
    );
}
