//! Every state with every command by every party, and the rules that need more than that table.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::*;
use crate::geo::LatLng;
use crate::id::{DriverId, RiderId, TripId, UserId, VehicleId};
use crate::trip::{CancelReason, Pin, TripRequest};
use crate::vehicle::VehicleClass;

const ALICE: RiderId = RiderId::from_uuid(Uuid::from_u128(0xA11CE));
const CAROL: RiderId = RiderId::from_uuid(Uuid::from_u128(0xCA201));
const BOB: DriverId = DriverId::from_uuid(Uuid::from_u128(0xB0B));
const DAN: DriverId = DriverId::from_uuid(Uuid::from_u128(0xDA2));
const ADMIN: UserId = UserId::from_uuid(Uuid::from_u128(0xAD));
const CAR: VehicleId = VehicleId::from_uuid(Uuid::from_u128(0xCA2));

fn noon() -> DateTime<Utc> {
    "2026-01-05T12:00:00Z".parse().unwrap()
}

fn minutes(count: i64) -> DateTime<Utc> {
    noon() + TimeDelta::minutes(count)
}

fn pin() -> Pin {
    Pin::from_number(4719)
}

fn requested() -> Trip {
    Trip::requested(TripRequest {
        trip: TripId::from_uuid(Uuid::from_u128(1)),
        rider: ALICE,
        vehicle_class: VehicleClass::Standard,
        pickup: LatLng::from_e7(411_500_000, -86_100_000).unwrap(),
        dropoff: LatLng::from_e7(411_600_000, -86_000_000).unwrap(),
        pin: pin(),
        requested_at: noon(),
    })
}

fn after(mut trip: Trip, steps: &[(Command, Actor)]) -> Trip {
    for (step, (command, actor)) in steps.iter().enumerate() {
        let at = minutes(i64::try_from(step).unwrap() + 1);
        let events = decide(
            &trip,
            *command,
            CommandContext { actor: *actor, at },
            Rules::default(),
        );
        for event in events.unwrap() {
            trip.apply(&event);
        }
    }
    trip
}

fn trip_in(status: TripStatus) -> Trip {
    let bob = Actor::Driver(BOB);
    let assign = (
        Command::Assign {
            driver: BOB,
            vehicle: CAR,
        },
        Actor::System,
    );
    let ride = [
        assign,
        (Command::Arrive, bob),
        (Command::Start { pin: pin() }, bob),
        (Command::Complete, bob),
    ];
    let cancel = Command::Cancel {
        reason: CancelReason::ChangedMind,
    };
    let trip = match status {
        TripStatus::Requested => requested(),
        TripStatus::Assigned => after(requested(), &ride[..1]),
        TripStatus::Arrived => after(requested(), &ride[..2]),
        TripStatus::InProgress => after(requested(), &ride[..3]),
        TripStatus::Completed => after(requested(), &ride),
        TripStatus::Cancelled => after(requested(), &[assign, (cancel, Actor::Rider(ALICE))]),
        TripStatus::Expired => after(requested(), &[(Command::Expire, Actor::System)]),
    };
    assert_eq!(trip.state.status(), status);
    trip
}

/// What the table says about a command.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Becomes(TripStatus),
    WrongState,
    NotAllowed,
    NotYours,
}

fn outcome(trip: &Trip, command: Command, actor: Actor) -> Outcome {
    match decide(
        trip,
        command,
        CommandContext {
            actor,
            at: minutes(60),
        },
        Rules::default(),
    ) {
        Ok(events) => {
            let mut next = trip.clone();
            events.iter().for_each(|event| next.apply(event));
            assert_eq!(
                next.version,
                trip.version + u32::try_from(events.len()).unwrap()
            );
            Outcome::Becomes(next.state.status())
        }
        Err(Refusal::WrongState { .. }) => Outcome::WrongState,
        Err(Refusal::NotAllowed { .. }) => Outcome::NotAllowed,
        Err(Refusal::NotYourTrip) => Outcome::NotYours,
        Err(refusal) => panic!("the table does not know {refusal:?}"),
    }
}

/// What the rules say, written once more as plainly as possible.
fn expected(status: TripStatus, command: CommandKind, party: Party) -> Outcome {
    use CommandKind as C;
    use Outcome::{Becomes, NotAllowed, NotYours, WrongState};
    use Party as P;
    use TripStatus as S;
    match (command, party, status) {
        // Nobody drives a trip that has no driver.
        (_, P::Driver, S::Requested | S::Expired) => NotYours,

        (C::Assign, P::System, S::Requested) => Becomes(S::Assigned),
        (C::Assign, P::System, _) => WrongState,
        (C::Assign, _, _) => NotAllowed,

        (C::Expire, P::System, S::Requested) => Becomes(S::Expired),
        (C::Expire, P::System, _) => WrongState,
        (C::Expire, _, _) => NotAllowed,

        (C::Arrive, P::Driver, S::Assigned) => Becomes(S::Arrived),
        (C::Start, P::Driver, S::Arrived) => Becomes(S::InProgress),
        (C::Complete, P::Driver, S::InProgress) => Becomes(S::Completed),
        (C::Arrive | C::Start | C::Complete, P::Driver, _) => WrongState,
        (C::Arrive | C::Start | C::Complete, _, _) => NotAllowed,

        (C::Cancel, P::Driver, S::Assigned | S::Arrived) => Becomes(S::Requested),
        (C::Cancel, _, S::Requested | S::Assigned | S::Arrived) => Becomes(S::Cancelled),
        (C::Cancel, _, S::InProgress | S::Completed | S::Cancelled | S::Expired) => WrongState,
    }
}

#[test]
fn every_state_command_and_party_has_its_outcome() {
    let commands = [
        Command::Assign {
            driver: DAN,
            vehicle: CAR,
        },
        Command::Arrive,
        Command::Start { pin: pin() },
        Command::Complete,
        Command::Cancel {
            reason: CancelReason::ChangedMind,
        },
        Command::Expire,
    ];
    let actors = [
        Actor::Rider(ALICE),
        Actor::Driver(BOB),
        Actor::Admin(ADMIN),
        Actor::System,
    ];
    for status in TripStatus::ALL {
        for command in commands {
            for actor in actors {
                assert_eq!(
                    outcome(&trip_in(status), command, actor),
                    expected(status, command.kind(), actor.party()),
                    "{status} × {} × {:?}",
                    command.kind(),
                    actor.party()
                );
            }
        }
    }
}

#[test]
fn a_stranger_is_refused_in_every_state() {
    let cancel = Command::Cancel {
        reason: CancelReason::Other,
    };
    for status in TripStatus::ALL {
        for stranger in [Actor::Rider(CAROL), Actor::Driver(DAN)] {
            assert_eq!(
                outcome(&trip_in(status), cancel, stranger),
                Outcome::NotYours,
                "{status}"
            );
        }
    }
}

#[test]
fn a_wrong_pin_starts_nothing() {
    let context = CommandContext {
        actor: Actor::Driver(BOB),
        at: minutes(60),
    };
    let command = Command::Start {
        pin: Pin::from_number(1),
    };
    assert_eq!(
        decide(
            &trip_in(TripStatus::Arrived),
            command,
            context,
            Rules::default()
        ),
        Err(Refusal::WrongPin)
    );
}

#[test]
fn nothing_happens_before_the_last_event() {
    let context = CommandContext {
        actor: Actor::Driver(BOB),
        at: noon(),
    };
    assert_eq!(
        decide(
            &trip_in(TripStatus::Assigned),
            Command::Arrive,
            context,
            Rules::default()
        ),
        Err(Refusal::OutOfOrder)
    );
}

#[test]
fn the_last_driver_to_give_a_trip_back_ends_it() {
    let mut trip = requested();
    let rules = Rules { releases_max: 2 };
    for round in 0..3 {
        let assign = Command::Assign {
            driver: BOB,
            vehicle: CAR,
        };
        let cancel = Command::Cancel {
            reason: CancelReason::VehicleProblem,
        };
        for (command, actor) in [(assign, Actor::System), (cancel, Actor::Driver(BOB))] {
            let context = CommandContext {
                actor,
                at: minutes(round),
            };
            for event in decide(&trip, command, context, rules).unwrap() {
                trip.apply(&event);
            }
        }
    }
    assert_eq!(trip.releases, 2);
    assert_eq!(trip.state.status(), TripStatus::Cancelled);
}

#[test]
fn a_driver_whose_rider_does_not_come_ends_the_trip() {
    let context = CommandContext {
        actor: Actor::Driver(BOB),
        at: minutes(60),
    };
    let command = Command::Cancel {
        reason: CancelReason::RiderNoShow,
    };
    let events = decide(
        &trip_in(TripStatus::Arrived),
        command,
        context,
        Rules::default(),
    )
    .unwrap();
    assert!(matches!(events.as_slice(), [Event::Cancelled { .. }]));
}

#[test]
fn the_wait_runs_from_arrival_to_start() {
    assert_eq!(trip_in(TripStatus::InProgress).wait_s(), 60);
    assert_eq!(trip_in(TripStatus::Completed).wait_s(), 60);
    assert_eq!(trip_in(TripStatus::Arrived).wait_s(), 0);
}

#[test]
fn a_trip_is_the_replay_of_its_events() {
    let mut trip = requested();
    let mut events = vec![Event::Requested(trip.request.clone())];
    let bob = Actor::Driver(BOB);
    for (command, actor) in [
        (
            Command::Assign {
                driver: BOB,
                vehicle: CAR,
            },
            Actor::System,
        ),
        (
            Command::Cancel {
                reason: CancelReason::VehicleProblem,
            },
            bob,
        ),
        (
            Command::Assign {
                driver: BOB,
                vehicle: CAR,
            },
            Actor::System,
        ),
        (Command::Arrive, bob),
    ] {
        let context = CommandContext {
            actor,
            at: minutes(5),
        };
        for event in decide(&trip, command, context, Rules::default()).unwrap() {
            trip.apply(&event);
            events.push(event);
        }
    }
    let kept = serde_json::to_string(&events).unwrap();
    let read: Vec<Event> = serde_json::from_str(&kept).unwrap();
    assert_eq!(Trip::replay(&read), Some(trip));
    assert_eq!(Trip::replay(&events[1..]), None);
}
