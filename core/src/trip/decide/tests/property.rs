//! Whatever anybody tries in whatever order.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::trip::{CommandKind, Versioned};

/// One attempt: who wants what, how many seconds after the one before (or before it).
#[derive(Debug, Clone)]
struct Attempt {
    actor: Actor,
    command: Command,
    after_s: i64,
}

fn waypoints(count_max: usize) -> impl Strategy<Value = Vec<i32>> {
    vec(1..4_i32, 0..=count_max)
}

fn command(kind: CommandKind) -> BoxedStrategy<Command> {
    let driver = prop_oneof![9 => Just(BOB), 1 => Just(DAN)];
    let right_pin = prop_oneof![9 => Just(true), 1 => Just(false)];
    let reason = select(CancelReason::ALL.to_vec());
    match kind {
        CommandKind::Assign => driver
            .prop_map(|driver| Command::Assign {
                driver,
                vehicle: CAR,
            })
            .boxed(),
        CommandKind::Start => right_pin
            .prop_map(|right| Command::Start {
                pin: if right { pin() } else { Pin::from_number(0) },
            })
            .boxed(),
        CommandKind::ChangeStops => (waypoints(9), 8..10_i32)
            .prop_map(|(waypoints, dropoff)| stops_to(&waypoints, dropoff))
            .boxed(),
        CommandKind::Reassign => reason
            .prop_map(|reason| Command::Reassign { reason })
            .boxed(),
        CommandKind::Cancel => reason.prop_map(cancel).boxed(),
        CommandKind::Arrive => Just(Command::Arrive).boxed(),
        CommandKind::ReachStop => Just(Command::ReachStop).boxed(),
        CommandKind::LeaveStop => Just(Command::LeaveStop).boxed(),
        CommandKind::Complete => Just(Command::Complete).boxed(),
        CommandKind::Expire => Just(Command::Expire).boxed(),
        CommandKind::Resume => (right_pin, driver, 0..60_i64)
            .prop_map(|(right, driver, arrived_after_min)| Command::Resume {
                pin: if right { pin() } else { Pin::from_number(0) },
                assignment: Assignment {
                    driver,
                    vehicle: CAR,
                    assigned_at: noon(),
                },
                arrived_at: minute(arrived_after_min),
            })
            .boxed(),
    }
}

fn attempt() -> impl Strategy<Value = Attempt> {
    // What ends a trip is rarer than what moves it on.
    let kind = prop_oneof![
        8 => select(CommandKind::ALL[..6].to_vec()),
        1 => select(CommandKind::ALL[6..].to_vec()),
    ];
    let actors = vec![RIDER, DRIVER, DRIVER, DRIVER, ADMIN, SYSTEM, SYSTEM];
    let strangers = vec![Actor::Rider(CAROL), Actor::Driver(DAN)];
    let actor = prop_oneof![9 => select(actors), 1 => select(strangers)];
    (actor, kind.prop_flat_map(command), -5..200_i64).prop_map(|(actor, command, after_s)| {
        Attempt {
            actor,
            command,
            after_s,
        }
    })
}

fn request() -> impl Strategy<Value = TripRequest> {
    (waypoints(3), proptest::option::of(0..40_i64)).prop_map(|(waypoints, pickup_at)| TripRequest {
        pickup_at: pickup_at.map(minute),
        ..request_over(&waypoints)
    })
}

/// A trip whose first steps are taken already: without them few would come far.
fn story() -> impl Strategy<Value = Story> {
    (request(), 0..=3_usize).prop_map(|(request, steps)| {
        let steps_taken = [
            (SYSTEM, assign()),
            (DRIVER, Command::Arrive),
            (DRIVER, start()),
        ];
        steps_taken
            .into_iter()
            .take(steps)
            .fold(Story::of(request), |story, (actor, command)| {
                story.then(0, actor, command)
            })
    })
}

/// What holds for a trip wherever it stands.
fn check_trip(trip: &Trip) {
    assert!(trip.visits.len() <= trip.stops.waypoints.len());
    assert!(trip.stops.waypoints.len() <= WAYPOINTS_MAX);
    assert!(trip.wait_s() >= 0);
    for stood_until in [None, Some(noon()), Some(minute(1_000))] {
        let waits = trip.waypoint_waits(stood_until);
        assert!(waits.iter().all(|wait_s| *wait_s >= 0));
    }
    for (index, visit) in trip.visits.iter().enumerate() {
        assert_eq!(usize::from(visit.stop), index);
    }
    if let TripState::InProgress { leg, .. } = trip.state {
        assert!(trip.stops.position(leg.stop()).is_some());
        let standing = usize::from(matches!(leg, Leg::AtStop { .. }));
        assert_eq!(trip.visits.len(), usize::from(leg.stop()) + standing);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_tried_a_trip_stays_sound(
        mut story in story(),
        attempts in vec(attempt(), 0..80),
    ) {
        let mut at = noon();
        for Attempt { actor, command, after_s } in attempts {
            at += TimeDelta::seconds(after_s);
            let before = story.trip.clone();
            let context = CommandContext { actor, at };
            let resumes = command.kind() == CommandKind::Resume;
            let Ok(events) = decide(&before, command, context, story.rules) else {
                continue;
            };
            let stage = before.state.stage();
            prop_assert!(!stage.status().is_final() || resumes, "{stage} is final");
            prop_assert!(stage != TripStage::Completed, "what is completed stays so");
            prop_assert!(!events.is_empty());
            for event in events {
                story.trip.apply(&event);
                story.events.push(event);
            }
            prop_assert_eq!(usize::try_from(story.trip.version).unwrap(), story.events.len());
            prop_assert!(story.trip.last_event_at >= before.last_event_at);
            check_trip(&story.trip);
        }

        prop_assert_eq!(Trip::replay(&story.events), Some(story.trip.clone()));
        let kept = serde_json::to_string(&story.events.iter().map(Versioned).collect::<Vec<_>>());
        let read: Vec<Versioned<Event>> = serde_json::from_str(&kept.unwrap()).unwrap();
        prop_assert_eq!(Trip::replay(read.iter().map(|event| &event.0)), Some(story.trip));
    }

    /// Events that were never decided, in any order, as a damaged log might hold them.
    #[test]
    fn events_that_do_not_fit_change_no_final_state(
        stage in select(vec![TripStage::Completed, TripStage::Cancelled, TripStage::Expired]),
        stop in 0..3_u8,
    ) {
        let before = Story::in_stage(stage).trip;
        let at = minute(70);
        let (reason, by) = (CancelReason::Other, Party::Driver);
        let assignment = Assignment { driver: DAN, vehicle: CAR, assigned_at: at };
        let resumed = Event::Resumed { assignment, arrived_at: at, at };
        // All that can happen to a trip that is over.
        let fits = |trip: &Trip, event: &Event| {
            matches!(event, Event::Resumed { .. }) && trip.state.stage() != TripStage::Completed
        };
        for event in [
            Event::Requested(request_over(&[])),
            Event::Assigned { assignment },
            Event::Released { reason, by, at },
            Event::Arrived { at },
            Event::Started { at },
            Event::StopReached { stop, at },
            Event::StopLeft { stop, at },
            Event::StopsChanged { waypoints: Vec::new(), dropoff: place(1), by, at },
            Event::Completed { at },
            Event::Cancelled { by: DRIVER, reason, at },
            Event::Expired { at },
            resumed,
        ] {
            if fits(&before, &event) {
                continue;
            }
            let mut trip = before.clone();
            trip.apply(&event);
            let unmoved = Trip {
                version: trip.version,
                last_event_at: trip.last_event_at,
                ..before.clone()
            };
            prop_assert_eq!(trip, unmoved, "{}", event.kind());
        }
    }
}
