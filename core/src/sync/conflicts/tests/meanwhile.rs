//! What the table is for, told as stories: the world went on while the driver had no network.

use super::*;
use crate::trip::{TripStage, TripState};

fn at(server: &Server, minutes: i64, kind: ActionKind) -> Verdict {
    server.judge(server.told(DRIVER, minutes), &action(kind))
}

fn resumed_at(minutes: i64) -> Verdict {
    let assignment = Assignment {
        driver: BOB,
        vehicle: CAR,
        assigned_at: minute(1),
    };
    let event = Event::Resumed {
        assignment,
        arrived_at: minute(2),
        at: minute(minutes),
    };
    Verdict::Apply {
        events: vec![event],
        resumed: true,
        retimed: false,
    }
}

const WRONG_PIN: Verdict = Verdict::Refuse {
    code: ErrorCode::WrongPin,
    refusal: Some(Refusal::WrongPin),
};

#[test]
fn a_rider_who_called_off_and_got_in_rides_whichever_came_first() {
    for server in called_off() {
        for minutes in [3, 20] {
            assert_eq!(at(&server, minutes, ActionKind::Start), resumed_at(minutes));
        }
    }
}

#[test]
fn without_the_right_pin_nothing_is_undone() {
    let wrong = start_with(Pin::from_number(1));
    let undone = [Server::looking(), Server::with_another()];
    for server in called_off().into_iter().chain(undone) {
        assert_eq!(server.hears(&wrong), WRONG_PIN);
    }
    assert_eq!(Server::assigned().hears(&wrong), WRONG_PIN);
    assert_eq!(Server::arrived().hears(&wrong), WRONG_PIN);
}

#[test]
fn a_driver_with_the_rider_in_the_car_keeps_the_trip_that_was_given_to_another() {
    let server = Server::with_another();
    let Verdict::Apply { events, .. } = server.hears_kind(ActionKind::Start) else {
        panic!("it is refused");
    };
    let server = server.with(&events);
    assert_eq!(server.trip.state.assignment().unwrap().driver, BOB);
    // The other one, who may be without a network as well, hears that the rider is elsewhere.
    let verdict = server.judge(server.told(ANOTHER, 21), &action(ActionKind::Start));
    assert_eq!(verdict, refuse(ErrorCode::RiderElsewhere));
    let verdict = server.judge(server.told(ANOTHER, 21), &action(ActionKind::Arrive));
    assert_eq!(verdict, refuse(ErrorCode::TripReassigned));
    // And the ride of this one goes on to its end.
    let steps = [
        ActionKind::ReachStop,
        ActionKind::LeaveStop,
        ActionKind::Complete,
    ];
    let server = (22..).zip(steps).fold(server, |server, (minutes, kind)| {
        let events = events_of(at(&server, minutes, kind));
        server.with(&events)
    });
    assert_eq!(server.trip.state.stage(), TripStage::Completed);
}

fn events_of(verdict: Verdict) -> Vec<Event> {
    match verdict {
        Verdict::Apply { events, .. } => events,
        Verdict::Refuse { .. } => panic!("{verdict:?}"),
    }
}

#[test]
fn a_whole_shift_of_commands_for_a_trip_that_was_called_off_ends_with_its_ride() {
    let mut server = Server::assigned().then(8, RIDER, cancel());
    let refused = at(&server, 2, ActionKind::Arrive);
    assert!(matches!(
        refused,
        Verdict::Refuse {
            code: ErrorCode::WrongTripState,
            ..
        }
    ));
    for (minutes, kind) in [
        (5, ActionKind::Start),
        (9, ActionKind::ReachStop),
        (10, ActionKind::LeaveStop),
        (15, ActionKind::Complete),
    ] {
        let events = events_of(at(&server, minutes, kind));
        assert_eq!(events.len(), 1);
        server = server.with(&events);
    }
    let TripState::Completed {
        arrived_at,
        started_at,
        completed_at,
        ..
    } = server.trip.state
    else {
        panic!("{:?}", server.trip.state);
    };
    assert_eq!(
        (arrived_at, started_at, completed_at),
        (minute(2), minute(5), minute(15))
    );
    assert_eq!(Trip::replay(&server.events), Some(server.trip));
}

#[test]
fn a_driver_who_gave_the_trip_back_cannot_resume_it() {
    for server in [
        Server::given_back(),
        Server::given_back().then(5, SYSTEM, assign(DAN)),
        Server::given_back().then(5, RIDER, cancel()),
        Server::arrived().then(8, DRIVER, no_show()),
    ] {
        let verdict = server.hears_kind(ActionKind::Start);
        assert!(matches!(verdict, Verdict::Refuse { .. }), "{verdict:?}");
    }
}

#[test]
fn a_driver_who_got_the_trip_again_after_giving_it_back_has_it() {
    let server = Server::given_back().then(5, SYSTEM, assign(BOB));
    assert_eq!(
        server.hears_kind(ActionKind::Arrive),
        applied(vec![Event::Arrived { at: minute(20) }])
    );
    let taken = server.then(6, ADMIN, reassign());
    let Earlier::TakenAway(assignment) = Earlier::of(BOB, &taken.events) else {
        panic!("it was taken away");
    };
    assert_eq!(assignment.assigned_at, minute(5));
}

#[test]
fn what_the_log_says_of_each_driver() {
    let had_by = |server: &Server, driver| Earlier::of(driver, &server.events);
    assert_eq!(had_by(&Server::requested(), BOB), Earlier::Never);
    assert_eq!(had_by(&Server::looking(), DAN), Earlier::Never);
    assert_eq!(had_by(&Server::given_back(), BOB), Earlier::GaveBack);
    let others = Server::with_another().then(6, ANOTHER, cancel());
    assert!(matches!(had_by(&others, BOB), Earlier::TakenAway(_)));
    assert_eq!(had_by(&others, DAN), Earlier::GaveBack);
    let no_show = Server::arrived().then(8, DRIVER, no_show());
    assert_eq!(had_by(&no_show, BOB), Earlier::GaveBack);
}

#[test]
fn a_start_whose_arrival_was_refused_tells_the_arrival_too() {
    let server = Server::looking().then(6, SYSTEM, assign(BOB));
    let DeviceAction::Start { trip, pin, .. } = start_with(pin()) else {
        unreachable!()
    };
    let action = DeviceAction::Start {
        trip,
        pin,
        arrived_at: minute(9),
    };
    let events = vec![
        Event::Arrived { at: minute(9) },
        Event::Started { at: minute(20) },
    ];
    assert_eq!(server.hears(&action), applied(events));
}

#[test]
fn steps_that_happened_before_the_stops_changed_count_at_their_time() {
    let changed = |server: Server| server.then(10, RIDER, stops(&[1, 4]));
    assert_eq!(
        at(&changed(Server::assigned()), 5, ActionKind::Arrive),
        applied(vec![Event::Arrived { at: minute(5) }])
    );
    assert_eq!(
        at(&changed(Server::riding()), 5, ActionKind::ReachStop),
        applied(vec![Event::StopReached {
            stop: 0,
            at: minute(5)
        }])
    );
    assert_eq!(
        at(&changed(Server::riding()), 8, ActionKind::Complete),
        applied(vec![Event::Completed { at: minute(8) }])
    );
}

#[test]
fn a_stop_that_the_rider_moved_was_not_reached_and_the_ride_still_ends() {
    for gone in [&[][..], &[3], &[3, 1]] {
        let server = Server::riding().then(10, RIDER, stops(gone));
        for kind in [ActionKind::ReachStop, ActionKind::LeaveStop] {
            let verdict = at(&server, 8, kind);
            assert!(
                matches!(
                    verdict,
                    Verdict::Refuse {
                        code: ErrorCode::WrongTripState,
                        refusal: Some(_),
                    }
                ),
                "{verdict:?}"
            );
        }
        assert_eq!(
            at(&server, 12, ActionKind::Complete),
            applied(vec![Event::Completed { at: minute(12) }])
        );
    }
}

#[test]
fn a_device_that_does_not_say_where_the_stop_was_reaches_the_next_one() {
    let trip = TRIP;
    let unsaid = DeviceAction::ReachStop { trip, place: None };
    let server = Server::riding().then(10, RIDER, stops(&[3]));
    let (stop, reached_at) = (0, minute(20));
    assert_eq!(
        server.hears(&unsaid),
        applied(vec![Event::StopReached {
            stop,
            at: reached_at
        }])
    );
    let server = Server::riding().then(10, RIDER, stops(&[]));
    assert_eq!(
        server.hears(&unsaid),
        Verdict::Refuse {
            code: ErrorCode::WrongTripState,
            refusal: Some(Refusal::NoStopAhead),
        }
    );
}

#[test]
fn a_clock_that_runs_behind_does_not_lose_a_ride() {
    let early = |server: Server, kind| server.judge(server.told(DRIVER, -600), &action(kind));
    let retimed = |events| Verdict::Apply {
        events,
        resumed: false,
        retimed: true,
    };
    assert_eq!(
        early(Server::assigned(), ActionKind::Arrive),
        retimed(vec![Event::Arrived { at: minute(1) }])
    );
    assert_eq!(
        early(Server::arrived(), ActionKind::Start),
        retimed(vec![Event::Started { at: minute(2) }])
    );
    assert_eq!(
        early(Server::riding(), ActionKind::Complete),
        retimed(vec![Event::Completed { at: minute(3) }])
    );
    let Verdict::Apply {
        events,
        resumed: true,
        retimed: true,
    } = early(Server::looking(), ActionKind::Start)
    else {
        panic!("it is not resumed");
    };
    assert!(matches!(
        events[..],
        [Event::Resumed { arrived_at, at, .. }] if arrived_at == minute(1) && at == minute(1)
    ));
}

#[test]
fn a_late_wish_of_a_rider_comes_when_it_is_heard() {
    let server = Server::arrived();
    let verdict = server.judge(server.told(RIDER, 1), &action(ActionKind::Cancel));
    let Verdict::Apply {
        events,
        retimed: false,
        ..
    } = verdict
    else {
        panic!("{verdict:?}");
    };
    assert_eq!(events[0].at(), minute(2));
    let stranger = server.judge(
        server.told(Actor::Rider(CAROL), 9),
        &action(ActionKind::Cancel),
    );
    assert_eq!(stranger, refuse(ErrorCode::NotFound));
}

#[test]
fn a_rider_does_not_drive() {
    let server = Server::assigned();
    let verdict = server.judge(server.told(RIDER, 9), &action(ActionKind::Arrive));
    assert!(matches!(
        verdict,
        Verdict::Refuse {
            code: ErrorCode::Forbidden,
            refusal: Some(Refusal::NotAllowed { .. }),
        }
    ));
}

#[test]
fn an_admin_follows_the_plain_rules() {
    let server = Server::riding();
    assert_eq!(
        server.judge(server.told(ADMIN, 9), &action(ActionKind::Complete)),
        applied(vec![Event::Completed { at: minute(9) }])
    );
    let over = server.then(9, ADMIN, Command::Complete);
    let verdict = over.judge(over.told(ADMIN, 10), &action(ActionKind::Complete));
    assert!(matches!(verdict, Verdict::Refuse { .. }), "{verdict:?}");
}
