//! Answers that are not what one hopes for.

use super::rides::{Ride, offer_id, pin, trip_id};
use super::server::problem;
use super::*;
use crate::sync::replica::LocalRefusal;
use crate::sync::store::{QueueState, StateKey};
use crate::trip::{Actor, CancelReason, Command, Refusal, TripStatus};
use crate::wire::{ErrorCode, StreamEvent};

const RIDE: u128 = 0x71;

/// A driver with a trip, online.
fn on_the_way() -> World {
    let mut world = World::settled();
    world.go_online(1);
    world.server.offer(RIDE);
    world.settle();
    let offer = offer_id(RIDE);
    world.act(2, DeviceAction::AcceptOffer { offer });
    world.settle();
    assert_eq!(status(&world), TripStatus::Assigned);
    world
}

fn status(world: &World) -> TripStatus {
    let trip = &world.device().replica().trips[&trip_id(RIDE)];
    trip.current.state.status()
}

fn arrive() -> DeviceAction {
    let trip = trip_id(RIDE);
    DeviceAction::Arrive { trip }
}

fn start(pin: &str) -> DeviceAction {
    DeviceAction::Start {
        trip: trip_id(RIDE),
        pin: pin.parse().unwrap(),
        arrived_at: began(),
    }
}

/// Takes the effects up to a call for commands, asks, and answers nothing yet.
fn ask_commands(world: &mut World) -> (CallId, Request) {
    loop {
        let effect = world.effects.pop_front().expect("commands are sent");
        if let Effect::Call {
            id,
            call: call @ Call::Commands { .. },
        } = effect
        {
            let now = world.now();
            let device = world.device.as_mut().unwrap();
            return (id, device.request(call, now).unwrap().unwrap());
        }
    }
}

#[test]
fn an_answer_that_comes_after_newer_commands_is_of_the_older_ones() {
    let mut world = on_the_way();
    world.act(3, arrive());
    let (id, request) = ask_commands(&mut world);
    world.act(4, start("4711"));
    let answer = world.server.serve(&request);
    world.step(move |device, now| device.answer(id, answer.clone(), now));
    assert_eq!(world.device().pending().commands, 1);
    assert_eq!(status(&world), TripStatus::InProgress);
    world.settle();
    assert_eq!(status(&world), TripStatus::InProgress);
    assert_eq!(world.server.decided.len(), 4);
}

#[test]
fn what_a_short_answer_leaves_out_is_sent_again() {
    let mut world = on_the_way();
    world.set_network(Network::Offline);
    world.act(3, arrive());
    world.act(4, start("4711"));
    world.act(5, DeviceAction::GoOffline);
    world.server.takes_max = 1;
    world.set_network(Network::Unmetered);
    world.settle();
    let kinds: Vec<_> = world.server.decided.iter().map(|(seq, ..)| *seq).collect();
    assert_eq!(kinds, [1, 2, 3, 4, 5]);
}

#[test]
fn a_lost_answer_is_given_again_and_counts_once() {
    let mut world = on_the_way();
    world.act(3, arrive());
    let (id, request) = ask_commands(&mut world);
    drop(world.server.serve(&request));
    world.step(move |device, now| device.answer(id, Answer::Lost, now));
    world.settle();
    assert_eq!(world.server.decided.len(), 3);
    assert_eq!(world.device().pending(), Pending::default());
}

#[test]
fn a_server_that_lost_commands_gets_them_once_more() {
    let mut world = on_the_way();
    world.act(3, arrive());
    world.settle();
    // As after a restored backup: it knows the first command only.
    world.server.last_seq = 1;
    world.server.results.retain(|_, result| result.seq <= 1);
    world.server.decided.truncate(1);
    world.server.now = began();
    world.server.offer(RIDE);
    world.act(4, DeviceAction::GoOffline);
    world.settle();
    let kinds: Vec<_> = world
        .server
        .decided
        .iter()
        .map(|(_, kind, _)| *kind)
        .collect();
    let wanted = ["go_online", "accept_offer", "arrive", "go_offline"];
    assert_eq!(kinds, wanted);
}

#[test]
fn a_rejected_command_is_undone_and_told_once() {
    let mut world = on_the_way();
    world.set_network(Network::Offline);
    world.act(3, arrive());
    assert_eq!(status(&world), TripStatus::Arrived);
    let reason = CancelReason::ChangedMind;
    let rider = world.server.trips[&trip_id(RIDE)].trip.request.rider;
    let cancel = Command::Cancel { reason };
    world
        .server
        .happens(trip_id(RIDE), cancel, Actor::Rider(rider));
    world
        .server
        .rejects
        .push(("arrive", ErrorCode::WrongTripState));
    world.set_network(Network::Unmetered);
    world.settle();
    let rejected = |notice: &Notice| matches!(notice, Notice::CommandRejected { action, .. } if action == "arrive");
    let notices = world.notices();
    assert_eq!(notices.iter().filter(|notice| rejected(notice)).count(), 1);
    let cancelled = Notice::TripCancelled {
        trip: trip_id(RIDE),
    };
    assert!(notices.contains(&cancelled), "{notices:?}");
    assert_eq!(
        notices[0].command().or(notices[1].command()),
        Some(command(3))
    );
    let item = world.device().queue(1).unwrap().remove(0);
    assert!(matches!(
        item.state,
        QueueState::Rejected {
            code: Some(ErrorCode::WrongTripState),
            ..
        }
    ));
    // They stay until they were seen, and then they are gone.
    world.kill();
    let kept = world.device().notices().unwrap();
    assert_eq!(kept.len(), notices.len());
    for notice in kept {
        world.step(move |device, _| device.seen(notice.id).map(|()| Vec::new()));
    }
    world.kill();
    assert_eq!(world.notices(), []);
}

#[test]
fn a_trip_that_is_given_to_somebody_else_is_no_longer_this_drivers() {
    let mut world = on_the_way();
    let reason = CancelReason::DriverNotComing;
    let reassign = Command::Reassign { reason };
    world.server.happens(trip_id(RIDE), reassign, Actor::System);
    world.settle();
    let trip = trip_id(RIDE);
    assert_eq!(world.notices(), [Notice::TripTaken { trip }]);
    assert_eq!(world.device().replica().driven(), None);
    let refused = world.try_act(3, arrive());
    assert!(
        matches!(refused, Err(DeviceError::Refused(_))),
        "{refused:?}"
    );
}

#[test]
fn a_snapshot_without_a_trip_takes_it_away_and_one_with_it_brings_it() {
    let mut world = on_the_way();
    let ride = world.server.trips.remove(&trip_id(RIDE)).unwrap();
    // The feed was forgotten while the device was away.
    world.server.feed.push(StreamEvent::Unknown);
    world.server.forgotten = world.server.feed.len();
    world.settle();
    assert_eq!(world.device().replica().driven(), None);
    assert_eq!(world.server.asked["snapshot"], 2);
    world.server.trips.insert(trip_id(RIDE), Ride { ..ride });
    world.server.feed.push(StreamEvent::Unknown);
    world.server.forgotten = world.server.feed.len();
    world.settle();
    assert_eq!(world.device().replica().driven(), Some(trip_id(RIDE)));
}

#[test]
fn a_feed_that_begins_anew_is_followed_from_a_snapshot() {
    let mut world = on_the_way();
    // As after a restored backup: the device is farther than the server.
    world.server.feed.clear();
    world.server.offer(0x99);
    assert!(world.device().memory.cursor > Some(world.server.cursor()));
    world.settle();
    assert_eq!(world.device().memory.cursor, Some(world.server.cursor()));
    assert!(
        world
            .device()
            .replica()
            .offers
            .contains_key(&offer_id(0x99))
    );
}

#[test]
fn an_offer_that_is_over_is_not_shown_any_more() {
    let mut world = World::settled();
    world.server.offer(RIDE);
    world.settle();
    world.set_network(Network::Offline);
    assert_eq!(world.device().replica().offers.len(), 1);
    world.pass(3_600_001);
    world.step(|device, now| device.input(Input::Tick, now));
    assert_eq!(world.device().replica().offers.len(), 0);
}

#[test]
fn what_this_program_does_not_know_is_asked_for_by_the_next_one() {
    let mut world = World::settled();
    world.server.feed.push(StreamEvent::Unknown);
    world.settle();
    world.kill();
    world.settle();
    assert_eq!(world.server.asked["snapshot"], 1, "the same program");
    world.step(|device, _| {
        let older = serde_json::json!({ "version": "0.0.1", "missed": true });
        device
            .store_mut()
            .write(|tx| tx.set_state(StateKey::Engine, &older))?;
        Ok(Vec::new())
    });
    world.kill();
    world.settle();
    assert_eq!(world.server.asked["snapshot"], 2);
    world.kill();
    world.settle();
    assert_eq!(world.server.asked["snapshot"], 2, "once");
}

#[test]
fn a_wrong_pin_leaves_no_command_and_is_counted_whatever_happens() {
    let mut world = on_the_way();
    world.act(3, arrive());
    for attempt in 1..=3 {
        let refused = world.try_act(4, start("0000"));
        let wrong = DeviceError::Refused(LocalRefusal::Trip(Refusal::WrongPin));
        assert_eq!(refused.unwrap_err().to_string(), wrong.to_string());
        world.kill();
        let trip = &world.device().replica().trips[&trip_id(RIDE)];
        assert_eq!(trip.wrong_pins, attempt);
    }
    assert_eq!(world.device().store().chain().unwrap().next_seq, 4);
    world.act(4, start("4711"));
    assert_eq!(status(&world), TripStatus::InProgress);
    assert_eq!(pin().to_string(), "4711");
}

#[test]
fn the_same_command_again_is_done_once_and_another_one_is_refused() {
    let mut world = on_the_way();
    world.act(3, arrive());
    world.act(3, arrive());
    assert_eq!(world.device().store().chain().unwrap().next_seq, 4);
    let other = world.try_act(3, DeviceAction::GoOffline);
    assert!(matches!(other, Err(DeviceError::CommandReused)));
}

#[test]
fn an_answer_that_nobody_waits_for_changes_nothing() {
    let mut world = on_the_way();
    let before = world.device().memory.clone();
    world.server.offer(0x99);
    let answer = world.server.serve(&Request::Snapshot);
    world.step(move |device, now| device.answer(CallId(4_711), answer.clone(), now));
    assert_eq!(world.device().memory, before);
}

#[test]
fn an_unknown_device_registers_again_and_sends_what_waits() {
    let mut world = on_the_way();
    let unknown = problem(409, ErrorCode::DeviceUnknown);
    world.server.instead.insert("commands", (unknown, 1));
    world.act(3, arrive());
    world.settle();
    assert_eq!(world.server.asked["register"], 2);
    assert_eq!(world.server.decided.len(), 3);
}

#[test]
fn a_full_disk_refuses_what_is_new_and_keeps_what_is_there() {
    let mut world = on_the_way();
    let before = world.device().memory.clone();
    let now = world.now();
    world
        .device
        .as_mut()
        .unwrap()
        .store_mut()
        .on_commit(|| CommitFault::Before);
    let device = world.device.as_mut().unwrap();
    assert!(device.act(command(3), arrive(), now).is_err());
    assert!(device.record(&[point(began(), 1)], now).is_err());
    device.store_mut().on_commit(|| CommitFault::None);
    // It goes on as soon as there is room, without beginning anew.
    assert!(device.act(command(3), arrive(), now).is_ok());
    assert_eq!(device.pending().commands, 1);
    assert_eq!(before.cursor, device.memory.cursor);
}
