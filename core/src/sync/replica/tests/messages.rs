//! What the server says, and what becomes of the steps that wait.

use super::*;
use crate::wire::{ErrorCode, Snapshot};

fn driver_change(trip: &mut Trip, command: Command, at: i64) {
    change(trip, command, Actor::Driver(BOB), minute(at));
}

fn reassign(trip: &mut Trip, at: i64) {
    let reason = CancelReason::DriverNotComing;
    change(
        trip,
        Command::Reassign { reason },
        Actor::System,
        minute(at),
    );
}

fn snapshot(kits: &[&Trip], trips: &[&Trip]) -> Snapshot {
    Snapshot {
        cursor: 1,
        driver: None,
        kits: kits.iter().map(|trip| kit(trip)).collect(),
        trips: trips.iter().map(|trip| shown(trip)).collect(),
        offers: Vec::new(),
        server_time: minute(30),
    }
}

/// What the device did since minute 2: it arrived and started.
fn waiting() -> Vec<DeviceCommand> {
    vec![
        command(1, arrive(1), minute(3)),
        command(2, start(1, PIN, minute(3)), minute(4)),
    ]
}

fn act_all(replica: &mut Replica, commands: &[DeviceCommand]) {
    for command in commands {
        act(replica, &command.action, command.occurred_at).unwrap();
    }
}

#[test]
fn a_ride_that_began_goes_on_though_the_rider_called_it_off() {
    let mut trip = assigned(1);
    let mut replica = with(&[&trip]);
    act_all(&mut replica, &waiting());
    let reason = CancelReason::ChangedMind;
    change(
        &mut trip,
        Command::Cancel { reason },
        Actor::Rider(ALICE),
        minute(2),
    );
    assert_eq!(replica.take(&updated(&trip)), Some(trip_id(1)));
    let dropped = replica.rebase(trip_id(1), &waiting());
    assert_eq!(dropped.len(), 1, "{dropped:?}");
    assert_eq!(
        (dropped[0].kind, dropped[0].code),
        ("arrive", ErrorCode::WrongTripState)
    );
    assert_eq!(status(&replica, 1), TripStatus::InProgress);
    assert_eq!(replica.driven(), Some(trip_id(1)));
}

#[test]
fn a_trip_that_was_taken_away_is_gone_once_nothing_waits() {
    let mut trip = assigned(1);
    let mut replica = with(&[&trip]);
    let waiting = [command(1, arrive(1), minute(3))];
    act_all(&mut replica, &waiting);
    reassign(&mut trip, 2);
    replica.take(&updated(&trip));
    let dropped = replica.rebase(trip_id(1), &waiting);
    assert_eq!(dropped[0].code, ErrorCode::TripReassigned);
    assert_eq!(replica.driven(), None);
    assert!(replica.trips.contains_key(&trip_id(1)));
    let refusal = CommandResult {
        code: Some(ErrorCode::TripReassigned),
        ..answer(&waiting[0], CommandOutcome::Rejected, Some(3))
    };
    assert_eq!(replica.answered(&waiting[0], &refusal), Some(trip_id(1)));
    assert_eq!(replica.rebase(trip_id(1), &[]), []);
    assert!(replica.trips.is_empty());
}

#[test]
fn the_stops_that_the_rider_changed_find_their_place_between_the_steps() {
    let mut trip = assigned(1);
    let mut replica = with(&[&trip]);
    // The server had the new stops first, and the device heard of them last.
    let stops = Command::ChangeStops {
        waypoints: Vec::new(),
        dropoff: place(5),
    };
    change(&mut trip, stops, Actor::Rider(ALICE), minute(2));
    let changed = trip.clone();
    driver_change(&mut trip, Command::Arrive, 3);
    let sent = command(1, arrive(1), minute(3));
    act_all(&mut replica, std::slice::from_ref(&sent));
    replica.answered(&sent, &answer(&sent, CommandOutcome::Applied, Some(4)));
    replica.rebase(trip_id(1), &[]);
    assert!(replica.is_behind(), "version 3 is missing");
    assert_eq!(status(&replica, 1), TripStatus::Arrived);
    replica.take(&updated(&changed));
    replica.take(&kit_message(&changed));
    replica.rebase(trip_id(1), &[]);
    assert_eq!(held(&replica, 1).current, without_pin(&trip));
    assert!(!replica.is_behind());
}

#[test]
fn a_step_counts_at_the_servers_time_where_the_device_was_ahead() {
    let mut trip = assigned(1);
    let mut replica = with(&[&trip]);
    let sent = command(1, arrive(1), minute(4));
    act_all(&mut replica, std::slice::from_ref(&sent));
    driver_change(&mut trip, Command::Arrive, 3);
    let result = CommandResult {
        counted_at: Some(minute(3)),
        ..answer(&sent, CommandOutcome::Applied, Some(3))
    };
    replica.answered(&sent, &result);
    replica.rebase(trip_id(1), &[]);
    assert_eq!(held(&replica, 1).current, without_pin(&trip));
}

#[test]
fn an_answer_that_comes_late_or_twice_changes_nothing() {
    let mut trip = assigned(1);
    let mut replica = with(&[&trip]);
    let sent = command(1, arrive(1), minute(3));
    act_all(&mut replica, std::slice::from_ref(&sent));
    driver_change(&mut trip, Command::Arrive, 3);
    // The message is faster than the answer.
    replica.take(&updated(&trip));
    assert_eq!(replica.rebase(trip_id(1), std::slice::from_ref(&sent)), []);
    assert_eq!(held(&replica, 1).current, without_pin(&trip));
    for _ in 0..2 {
        replica.answered(&sent, &answer(&sent, CommandOutcome::Applied, Some(3)));
        replica.rebase(trip_id(1), &[]);
        assert_eq!(held(&replica, 1).current, without_pin(&trip));
    }
}

#[test]
fn older_messages_are_not_taken_after_newer_ones() {
    let old = assigned(1);
    let mut trip = old.clone();
    driver_change(&mut trip, Command::Arrive, 3);
    let mut replica = with(&[&trip]);
    replica.take(&kit_message(&old));
    replica.take(&updated(&old));
    replica.rebase(trip_id(1), &[]);
    assert_eq!(held(&replica, 1).current, without_pin(&trip));
}

#[test]
fn an_admin_who_ends_a_ride_is_believed_and_the_driver_may_say_it_again() {
    let mut trip = assigned(1);
    driver_change(&mut trip, Command::Arrive, 3);
    driver_change(&mut trip, Command::Start { pin: pin() }, 4);
    let mut replica = with(&[&trip]);
    let sent = command(1, complete(1), minute(20));
    act_all(&mut replica, std::slice::from_ref(&sent));
    let admin = Actor::Admin(crate::id::UserId::from_uuid(Uuid::from_u128(1)));
    change(&mut trip, Command::Complete, admin, minute(15));
    replica.answered(&sent, &answer(&sent, CommandOutcome::Applied, Some(5)));
    replica.rebase(trip_id(1), &[]);
    replica.take(&updated(&trip));
    replica.rebase(trip_id(1), &[]);
    assert_eq!(held(&replica, 1).current, without_pin(&trip));
}

#[test]
fn a_snapshot_brings_what_is_missing_and_takes_what_is_gone() {
    let (first, second) = (assigned(1), assigned(2));
    let mut replica = with(&[&first, &second]);
    replica.driver = Some(BOB);
    replica.take(&updated(&assigned(3)));
    assert!(replica.is_behind(), "there is no kit of the third");
    let mut moved = second;
    driver_change(&mut moved, Command::Arrive, 3);
    let third = assigned(3);
    let touched = replica.take_snapshot(&snapshot(&[&moved, &third], &[&moved, &third]));
    for trip in touched {
        replica.rebase(trip, &[]);
    }
    assert!(!replica.is_behind());
    let ids: Vec<_> = replica.trips.keys().copied().collect();
    assert_eq!(ids, [trip_id(2), trip_id(3)]);
    assert_eq!(held(&replica, 2).current, without_pin(&moved));
}

#[test]
fn what_only_a_snapshot_could_bring_is_asked_for_once() {
    let mut trip = assigned(1);
    let mut replica = with(&[&trip]);
    let stops = Command::ChangeStops {
        waypoints: Vec::new(),
        dropoff: place(5),
    };
    change(&mut trip, stops, Actor::Rider(ALICE), minute(2));
    let reason = CancelReason::ChangedMind;
    change(
        &mut trip,
        Command::Cancel { reason },
        Actor::Rider(ALICE),
        minute(3),
    );
    replica.take(&updated(&trip));
    replica.rebase(trip_id(1), &[]);
    assert!(replica.is_behind());
    assert_eq!(status(&replica, 1), TripStatus::Cancelled);
    assert_eq!(held(&replica, 1).current.stops, trip.stops);
    replica.take_snapshot(&snapshot(&[], &[&trip]));
    replica.rebase(trip_id(1), &[]);
    assert!(!replica.is_behind());
    assert_eq!(status(&replica, 1), TripStatus::Cancelled);
}

#[test]
fn the_newest_trips_stay_and_those_of_which_something_waits() {
    let mut replica = with(&[]);
    for number in 1..=4 {
        let mut trip = assigned(number);
        let reason = CancelReason::ChangedMind;
        let at = minute(i64::try_from(number).unwrap() + 1);
        change(
            &mut trip,
            Command::Cancel { reason },
            Actor::Rider(ALICE),
            at,
        );
        replica.take(&kit_message(&trip));
    }
    replica.take(&kit_message(&assigned(5)));
    let waits = |trip: TripId| trip == trip_id(1);
    assert_eq!(replica.forget_ended(2, waits), [trip_id(2)]);
    assert_eq!(
        replica.forget_ended(0, |_| false),
        [trip_id(4), trip_id(3), trip_id(1)]
    );
    assert_eq!(replica.trips.len(), 1);
}

#[test]
fn the_kit_of_another_driver_is_not_taken() {
    let mut replica = with(&[&assigned(1)]);
    let mut other = requested(2);
    change(&mut other, assign(DAN), Actor::System, minute(1));
    assert_eq!(replica.take(&kit_message(&other)), None);
    assert_eq!(replica.trips.len(), 1);
}

#[test]
fn other_messages_change_nothing() {
    let mut replica = with(&[&assigned(1)]);
    let before = replica.clone();
    for event in [
        StreamEvent::Ready { complete: true },
        StreamEvent::Unknown,
        StreamEvent::LocationsKept { batch: 1, kept: 1 },
    ] {
        assert_eq!(replica.take(&event), None);
    }
    assert_eq!(replica, before);
}
