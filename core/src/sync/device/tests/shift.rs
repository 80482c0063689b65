//! A shift, whole and killed at every step of it.

use std::collections::BTreeSet;

use super::rides::{driver, offer_id, pin, trip_id};
use super::*;
use crate::money::Money;
use crate::trip::{Trip, TripStatus};
use crate::wire::CommandOutcome;

const POINTS: i32 = 12;

/// What is compared of a shift in the end.
#[derive(Debug, PartialEq)]
struct End {
    decided: Vec<(u64, &'static str, CommandOutcome)>,
    points: usize,
    of_trip: usize,
    photo: usize,
    trips: Vec<(TripStatus, bool)>,
    fare_minor: Vec<i64>,
}

/// The trip as far as it does not depend on when the process was killed.
fn without_pin(trip: &Trip) -> Trip {
    let mut trip = trip.clone();
    trip.request.pin = None;
    trip
}

/// A shift with an hour without a network in the middle of its ride.
fn drive(world: &mut World) -> End {
    let (ride, offer) = (trip_id(0x71), offer_id(0x71));
    world.set_network(Network::Unmetered);
    world.settle();
    world.go_online(1);
    world.settle();
    world.pass(1_000);
    world.server.offer(0x71);
    world.settle();
    world.act(2, DeviceAction::AcceptOffer { offer });
    world.settle();
    world.record(0..2);
    world.set_network(Network::Offline);
    world.act(3, DeviceAction::Arrive { trip: ride });
    let arrived_at = began();
    world.act(
        4,
        DeviceAction::Start {
            trip: ride,
            pin: pin(),
            arrived_at,
        },
    );
    world.record(2..POINTS);
    let (blob, content) = photo(0xf0, 70_000);
    world.step(move |device, now| device.add_blob(&blob, &content, now));
    let claim = None;
    world.act(5, DeviceAction::Complete { trip: ride, claim });
    let fare = world.device().replica().trips[&ride].fare.clone().unwrap();
    let amount: Money = fare.total();
    world.act(6, DeviceAction::TakeCash { trip: ride, amount });
    world.pass(3_600_000);
    world.set_network(Network::Unmetered);
    world.settle();
    let comment = None;
    world.act(
        7,
        DeviceAction::Rate {
            trip: ride,
            stars: 5,
            comment,
        },
    );
    world.act(8, DeviceAction::GoOffline);
    world.settle();
    end(world)
}

fn end(world: &World) -> End {
    let server = &world.server;
    let mut seen = BTreeSet::new();
    for (trip, point) in &server.points {
        assert!(seen.insert((*trip, point.point)), "a point came twice");
    }
    let (_, content) = photo(0xf0, 70_000);
    let kept = server.blobs.values().next();
    assert!(kept.is_none_or(|(_, bytes)| *bytes == content));
    for (id, ride) in &server.trips {
        let held = &world.device().replica().trips[id];
        assert_eq!(held.current, without_pin(&ride.trip), "the same trip");
        assert_eq!(held.fare, ride.fare, "the same fare");
    }
    assert_eq!(world.notices(), []);
    let fares = server.trips.values().filter_map(|ride| ride.fare.as_ref());
    End {
        decided: server.decided.clone(),
        points: server.points.len(),
        of_trip: server
            .points
            .iter()
            .filter(|(trip, _)| trip.is_some())
            .count(),
        photo: kept.map_or(0, |(_, bytes)| bytes.len()),
        trips: server
            .trips
            .values()
            .map(|ride| (ride.trip.state.status(), ride.paid))
            .collect(),
        fare_minor: fares.map(|fare| fare.total_minor).collect(),
    }
}

#[test]
fn a_shift_with_an_hour_without_a_network_loses_nothing() {
    let mut world = World::new();
    let end = drive(&mut world);
    let kinds: Vec<_> = end
        .decided
        .iter()
        .map(|(seq, kind, _)| (*seq, *kind))
        .collect();
    let wanted = [
        (1, "go_online"),
        (2, "accept_offer"),
        (3, "arrive"),
        (4, "start"),
        (5, "complete"),
        (6, "take_cash"),
        (7, "rate"),
        (8, "go_offline"),
    ];
    assert_eq!(kinds, wanted);
    let applied = |(_, _, outcome): &(_, _, _)| *outcome == CommandOutcome::Applied;
    assert!(end.decided.iter().all(applied));
    assert_eq!(end.points, POINTS as usize);
    assert_eq!(end.of_trip, POINTS as usize);
    assert_eq!(end.photo, 70_000);
    assert_eq!(end.trips, [(TripStatus::Completed, true)]);
    let held = &world.device().replica().trips[&trip_id(0x71)];
    let had = held.current.state.assignment().unwrap();
    assert_eq!(had.driver, driver());
    // The claim is of the points of the ride.
    let commands = world.device().store().commands_from(5, 1).unwrap();
    assert!(
        commands[0].text.contains(r#""claim":{"#),
        "{}",
        commands[0].text
    );
}

#[test]
fn a_process_killed_after_any_call_goes_on_as_if_nothing_had_happened() {
    let mut whole = World::new();
    let wanted = drive(&mut whole);
    for after in 1..=whole.calls {
        let mut world = World::new();
        world.kill_after = Some(after);
        assert_eq!(drive(&mut world), wanted, "killed after call {after}");
        assert!(world.kills <= 1);
    }
}

#[test]
fn a_process_killed_in_any_commit_goes_on_as_if_nothing_had_happened() {
    let mut whole = World::new();
    let wanted = drive(&mut whole);
    let count = whole.commits.lock().unwrap().count;
    for at in 1..=count {
        // Every second one takes place although nobody hears of it.
        let fault = match at % 2 {
            0 => CommitFault::Before,
            _ => CommitFault::After,
        };
        let mut world = World::new();
        world.commits.lock().unwrap().fault = Some((at, fault));
        assert_eq!(drive(&mut world), wanted, "{fault:?} at commit {at}");
    }
}
