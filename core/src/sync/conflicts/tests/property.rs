//! Whatever happened to a trip, and whatever a device says of it in whatever order.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::trip::{TripStage, TripState};

/// What others do, or a driver with a network.
fn command() -> impl Strategy<Value = (Actor, Command)> {
    let reason = select(CancelReason::ALL.to_vec());
    let drives = select(vec![DRIVER, DRIVER, ANOTHER]);
    prop_oneof![
        6 => select(vec![BOB, BOB, DAN]).prop_map(|driver| (SYSTEM, assign(driver))),
        4 => drives.clone().prop_map(|driver| (driver, Command::Arrive)),
        4 => drives.clone().prop_map(|driver| (driver, start())),
        2 => drives.clone().prop_map(|driver| (driver, Command::ReachStop)),
        2 => drives.clone().prop_map(|driver| (driver, Command::LeaveStop)),
        1 => drives.clone().prop_map(|driver| (driver, Command::Complete)),
        2 => (drives, reason.clone())
            .prop_map(|(driver, reason)| (driver, Command::Cancel { reason })),
        2 => select(vec![ADMIN, SYSTEM]).prop_map(|actor| (actor, reassign())),
        2 => vec(1..5_i32, 0..3).prop_map(|waypoints| (RIDER, stops(&waypoints))),
        1 => (select(vec![RIDER, ADMIN, SYSTEM]), reason)
            .prop_map(|(actor, reason)| (actor, Command::Cancel { reason })),
        1 => Just((SYSTEM, Command::Expire)),
        1 => Just((ADMIN, Command::Complete)),
    ]
}

/// A trip to which some of these happened, a minute or so apart.
fn server() -> impl Strategy<Value = Server> {
    let attempt = (command(), 0..300_i64);
    (0..=4_usize, vec(attempt, 0..12)).prop_map(|(steps, attempts)| {
        let began = [
            Server::requested(),
            Server::assigned(),
            Server::arrived(),
            Server::riding(),
            Server::looking(),
        ];
        let mut server = began[steps].clone();
        let mut at = server.trip.last_event_at;
        for ((actor, command), after_s) in attempts {
            at += TimeDelta::seconds(after_s);
            let context = CommandContext { actor, at };
            if let Ok(events) = decide(&server.trip, command, context, Rules::default()) {
                server = server.with(&events);
            }
        }
        server
    })
}

fn any_action() -> impl Strategy<Value = DeviceAction> {
    let trip = TRIP;
    let moment = (-20..60_i64).prop_map(minute);
    prop_oneof![
        1 => select(ActionKind::ALL.to_vec()).prop_map(action),
        2 => (any::<bool>(), moment).prop_map(move |(right, arrived_at)| DeviceAction::Start {
            trip,
            pin: if right { pin() } else { Pin::from_number(0) },
            arrived_at,
        }),
        1 => proptest::option::of(0..5_i32).prop_map(move |number| DeviceAction::ReachStop {
            trip,
            place: number.map(place),
        }),
        1 => select(CancelReason::ALL.to_vec()).prop_map(move |reason| DeviceAction::Cancel {
            trip,
            reason,
            note: None,
        }),
    ]
}

fn anybody() -> impl Strategy<Value = Actor> {
    let people = vec![
        DRIVER,
        DRIVER,
        DRIVER,
        ANOTHER,
        RIDER,
        Actor::Rider(CAROL),
        ADMIN,
        SYSTEM,
    ];
    select(people)
}

/// How far a trip has come. Only giving it back, taking it away and nothing else lead back.
const fn progress(stage: TripStage) -> u8 {
    match stage {
        TripStage::Requested => 0,
        TripStage::Assigned => 1,
        TripStage::Arrived => 2,
        TripStage::EnRoute | TripStage::AtStop => 3,
        TripStage::Completed => 4,
        // The ride did not begin: it may still have.
        TripStage::Cancelled | TripStage::Expired => 2,
    }
}

/// The rider is, or was, provably not with this driver now.
fn elsewhere(trip: &Trip) -> bool {
    let began = matches!(
        trip.state,
        TripState::InProgress { .. } | TripState::Completed { .. }
    );
    began
        && trip
            .state
            .assignment()
            .is_some_and(|held| held.driver != BOB)
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        cases: 512,
        ..ProptestConfig::default()
    })]

    #[test]
    fn nothing_leads_a_trip_backwards_and_every_event_fits(
        server in server(),
        actor in anybody(),
        action in any_action(),
        minutes in -20..60_i64,
    ) {
        let before = server.trip.clone();
        let told = server.told(actor, minutes);
        let verdict = server.judge(told, &action);
        prop_assert_eq!(&before, &server.trip);
        let Verdict::Apply { events, resumed, .. } = verdict else {
            return Ok(());
        };
        // A ride that is resumed is another car's.
        let mut seen = before.car_last_seen_at().filter(|_| !resumed);
        let after = server.with(&events);
        for event in &events {
            prop_assert!(seen.is_none_or(|seen| event.at() >= seen), "{event:?}");
            seen = Some(event.at());
        }
        prop_assert_eq!(Trip::replay(&after.events), Some(after.trip.clone()));
        prop_assert_eq!(events.iter().any(|event| event.kind() == "resumed"), resumed);
        prop_assert!(after.trip.last_event_at >= before.last_event_at);
        let (from, to) = (before.state.stage(), after.trip.state.stage());
        let given_back = action.kind() == ActionKind::Cancel && to == TripStage::Requested;
        prop_assert!(progress(to) >= progress(from) || given_back, "{from} to {to}");
        if from == TripStage::Completed {
            prop_assert!(events.is_empty());
        }
        // Each event moved the trip: one that does not fit would have left the state as it was.
        if !events.is_empty() {
            prop_assert!(after.trip.state != before.state);
        }
    }

    /// A ride that began with the rider's PIN counts, whenever its driver says that it was, unless
    /// the rider is in another car, the ride is over, or the driver gave the trip back before.
    #[test]
    fn a_driver_with_the_riders_pin_is_never_refused(
        server in server(),
        arrived in -20..60_i64,
        minutes in -20..60_i64,
    ) {
        let told = server.told(DRIVER, minutes);
        let holds = |trip: &Trip| trip.state.assignment().is_some_and(|held| held.driver == BOB);
        let had = holds(&server.trip) || matches!(told.earlier, Earlier::TakenAway(_));
        let ended_it = matches!(server.trip.state, TripState::Cancelled { by: DRIVER, .. });
        let over = server.trip.state.stage() == TripStage::Completed;
        let start = DeviceAction::Start { trip: TRIP, pin: pin(), arrived_at: minute(arrived) };
        let verdict = server.judge(told, &start);
        match verdict {
            Verdict::Apply { events, .. } => {
                prop_assert!(had && !ended_it && !elsewhere(&server.trip));
                let after = server.with(&events);
                prop_assert!(holds(&after.trip));
                let TripState::InProgress { assignment, arrived_at, started_at, .. } =
                    after.trip.state
                else {
                    return Err(TestCaseError::fail("the ride did not begin"));
                };
                prop_assert!(assignment.assigned_at <= arrived_at && arrived_at <= started_at);
                prop_assert!(after.trip.wait_s() >= 0);
            }
            Verdict::Refuse { code, .. } => {
                let refused = elsewhere(&server.trip) || over || !had || ended_it;
                prop_assert!(refused, "{code} in {:?}", server.trip.state);
                if elsewhere(&server.trip) && had {
                    prop_assert_eq!(code, ErrorCode::RiderElsewhere);
                }
            }
        }
    }

    /// The other facts count as well where the car is: no clock and no change of stops refuses them.
    #[test]
    fn the_next_step_of_a_ride_is_never_refused(server in server(), minutes in -20..60_i64) {
        let next = match server.trip.state {
            TripState::Assigned { .. } => ActionKind::Arrive,
            TripState::InProgress { .. } => ActionKind::Complete,
            _ => return Ok(()),
        };
        let holder = server.trip.state.assignment().map(|held| Actor::Driver(held.driver));
        let told = server.told(holder.unwrap(), minutes);
        let verdict = server.judge(told, &action(next));
        let applies = matches!(&verdict, Verdict::Apply { events, .. } if events.len() == 1);
        prop_assert!(applies, "{verdict:?}");
    }

    /// What the plain rules allow the table allows too, with the same events.
    #[test]
    fn where_nothing_happened_meanwhile_the_table_is_the_plain_rules(
        server in server(),
        actor in anybody(),
        kind in select(STEPS.to_vec()),
        after_s in 0..3_000_i64,
    ) {
        let at = server.trip.last_event_at + TimeDelta::seconds(after_s);
        let unsaid = DeviceAction::ReachStop { trip: TRIP, place: None };
        let action = if kind == ActionKind::ReachStop { unsaid } else { action(kind) };
        let context = CommandContext { actor, at };
        let command = command_of(&action).unwrap();
        let told = Told { at, ..server.told(actor, 0) };
        match decide(&server.trip, command, context, Rules::default()) {
            Ok(events) => prop_assert_eq!(server.judge(told, &action), applied(events)),
            Err(refusal) => {
                // The table answers what is so already, and undoes what the start proves wrong.
                let verdict = server.judge(told, &action);
                let resolution = row_for(&server.trip, &action, &told).map(|row| row.resolution);
                match (resolution, verdict) {
                    (None | Some(Resolution::AsUsual), verdict) => {
                        prop_assert_eq!(verdict, refuse_for(refusal));
                    }
                    (Some(Resolution::Refuse(wanted)), Verdict::Refuse { code, .. }) => {
                        prop_assert_eq!(code, wanted);
                    }
                    (Some(Resolution::Refuse(_)), verdict) => {
                        prop_assert!(false, "{verdict:?}");
                    }
                    (Some(_), Verdict::Apply { .. }) => {}
                    (Some(_), verdict) => prop_assert!(false, "{verdict:?}"),
                }
            }
        }
    }

    /// The same step told once more by another way changes nothing.
    #[test]
    fn a_step_that_was_taken_is_not_taken_again(
        server in server(),
        kind in select(vec![
            ActionKind::Arrive,
            ActionKind::Start,
            ActionKind::Complete,
            ActionKind::Cancel,
        ]),
        minutes in -20..60_i64,
    ) {
        let told = server.told(DRIVER, minutes);
        let Verdict::Apply { events, .. } = server.judge(told, &action(kind)) else {
            return Ok(());
        };
        let after = server.with(&events);
        let again = after.told(DRIVER, minutes);
        prop_assert_eq!(after.judge(again, &action(kind)), applied(Vec::new()));
    }
}
