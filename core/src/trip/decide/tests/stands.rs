//! Stands at waypoints that the driver never said to be over, and what the track says of them.

use super::*;
use crate::track::{Stand, TrackPoint, stand};

/// The car came to the only waypoint, place 1, at minute 10, and never left it by command.
fn left_open() -> Story {
    Story::riding_over(&[1]).then(10, DRIVER, Command::ReachStop)
}

/// A point so many minutes after noon.
fn seen(minutes: i64, position: LatLng) -> TrackPoint {
    TrackPoint::new(minute(minutes), position, 5.0, None).unwrap()
}

/// What the track says of the open stand.
fn stood(trip: &Trip, points: &[TrackPoint]) -> Stand {
    let visit = trip.open_stand().unwrap();
    let position = trip.stops.position(visit.stop).unwrap();
    stand(points, position, visit.arrived_at)
}

#[test]
fn a_driver_who_forgets_to_leave_charges_the_stand_and_not_the_drive() {
    let mut trip = left_open().then(40, DRIVER, Command::Complete).trip;
    assert_eq!(trip.stops_skipped(), 1);
    let points = [
        seen(10, place(1)),
        seen(12, place(1)),
        seen(13, place(2)),
        seen(40, place(9)),
    ];
    let stood = stood(&trip, &points);
    assert_eq!((stood.until, stood.left), (minute(12), true));

    trip.end_stand(stood.until);
    assert_eq!(trip.open_stand(), None);
    assert_eq!(trip.waypoint_waits(None), [120]);
    assert_eq!(trip.waypoint_waits(Some(minute(40))), [120]);
    assert_eq!(trip.stops_skipped(), 0);
    assert!(!trip.stops_changed());
}

#[test]
fn a_rider_who_gets_out_at_the_stop_after_ten_minutes_waited_ten_minutes() {
    let trip = left_open().then(20, DRIVER, Command::Complete).trip;
    let points: Vec<_> = (10..=20).map(|minutes| seen(minutes, place(1))).collect();
    let stood = stood(&trip, &points);
    assert!(!stood.left);
    assert_eq!(trip.waypoint_waits(Some(stood.until)), [600]);
    assert_eq!(trip.stops_skipped(), 1);
    assert!(trip.stops_changed());
}

#[test]
fn a_stand_that_nobody_saw_costs_nothing() {
    let trip = left_open().then(40, DRIVER, Command::Complete).trip;
    assert_eq!(trip.waypoint_waits(None), [0]);
    let stood = stood(&trip, &[]);
    assert_eq!((stood.until, stood.left), (minute(10), false));
    assert_eq!(trip.waypoint_waits(Some(stood.until)), [0]);
}

#[test]
fn an_admin_who_ends_the_ride_hours_later_does_not_make_it_a_wait() {
    let trip = left_open().then(310, ADMIN, Command::Complete).trip;
    let points = [seen(10, place(1)), seen(14, place(1))];
    let stood = stood(&trip, &points);
    assert!(!stood.left);
    assert_eq!(trip.waypoint_waits(Some(stood.until)), [240]);
}

#[test]
fn a_stand_begins_with_the_arrival_and_ends_with_the_ride() {
    let trip = left_open().then(15, DRIVER, Command::Complete).trip;
    let ended = |at| {
        let mut trip = trip.clone();
        trip.end_stand(at);
        (trip.visits[0].left_at, trip.waypoint_waits(None))
    };
    assert_eq!(trip.waypoint_waits(Some(minute(9))), [0]);
    assert_eq!(ended(minute(9)), (Some(minute(10)), vec![0]));
    assert_eq!(trip.waypoint_waits(Some(minute(16))), [300]);
    assert_eq!(ended(minute(16)), (Some(minute(15)), vec![300]));
}

#[test]
fn a_stand_that_the_driver_ended_is_as_long_as_the_driver_said() {
    let mut trip = left_open()
        .then(12, DRIVER, Command::LeaveStop)
        .then(20, DRIVER, Command::Complete)
        .trip;
    assert_eq!(trip.open_stand(), None);
    trip.end_stand(minute(11));
    assert_eq!(trip.waypoint_waits(Some(minute(20))), [120]);
}

#[test]
fn only_the_last_stand_can_be_open() {
    let mut trip = Story::riding_over(&[1, 2])
        .then(10, DRIVER, Command::ReachStop)
        .then(12, DRIVER, Command::LeaveStop)
        .then(20, DRIVER, Command::ReachStop)
        .then(50, DRIVER, Command::Complete)
        .trip;
    assert_eq!(trip.open_stand().map(|visit| visit.stop), Some(1));
    assert_eq!(trip.waypoint_waits(None), [120, 0]);
    assert_eq!(trip.waypoint_waits(Some(minute(23))), [120, 180]);
    trip.end_stand(minute(23));
    assert_eq!(trip.waypoint_waits(None), [120, 180]);
}

#[test]
fn a_trip_without_stops_has_no_stand_to_end() {
    let mut trip = Story::riding_over(&[]).trip;
    let before = trip.clone();
    assert_eq!(trip.open_stand(), None);
    trip.end_stand(minute(9));
    assert_eq!(trip, before);
}
