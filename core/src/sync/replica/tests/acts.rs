//! What a driver does without a network.

use super::*;
use crate::money::Money;
use crate::pricing::{Basis, Driven};
use crate::sync::claim::FareClaim;
use crate::wire::ErrorCode;

const BUSY: Result<(), LocalRefusal> = Err(LocalRefusal::Rule(ErrorCode::DriverBusy));

const fn rule(code: ErrorCode) -> Result<(), LocalRefusal> {
    Err(LocalRefusal::Rule(code))
}

fn reach(number: u128) -> DeviceAction {
    DeviceAction::ReachStop {
        trip: trip_id(number),
        place: None,
    }
}

fn leave(number: u128) -> DeviceAction {
    DeviceAction::LeaveStop {
        trip: trip_id(number),
    }
}

fn cash(amount_minor: i64) -> DeviceAction {
    DeviceAction::TakeCash {
        trip: trip_id(1),
        amount: Money::new(amount_minor, Currency::EUR),
    }
}

fn rate(stars: u8, comment: Option<&str>) -> DeviceAction {
    DeviceAction::Rate {
        trip: trip_id(1),
        stars,
        comment: comment.map(str::to_owned),
    }
}

fn claimed(total_minor: i64) -> DeviceAction {
    let claim = FareClaim {
        driven: Driven {
            ride: None,
            replanned: None,
            wait_s: 0,
            waypoints: Vec::new(),
            started_at: minute(4).into(),
            tolls: Vec::new(),
            zones: Vec::new(),
            loading_s: 0,
            unloading_s: 0,
            tip_minor: 0,
        },
        track: None,
        basis: Basis::Quote,
        fare: fare(total_minor),
    };
    DeviceAction::Complete {
        trip: trip_id(1),
        claim: Some(Box::new(claim)),
    }
}

/// Everything up to the end of the ride at minute 20.
fn drive(replica: &mut Replica, end: &DeviceAction) {
    let steps = [
        (arrive(1), 3),
        (start(1, PIN, minute(3)), 4),
        (reach(1), 8),
        (leave(1), 9),
        (reach(1), 12),
        (leave(1), 13),
    ];
    for (step, at) in steps {
        assert_eq!(act(replica, &step, minute(at)), Ok(()), "{step:?}");
    }
    assert_eq!(act(replica, end, minute(20)), Ok(()));
}

#[test]
fn a_trip_is_driven_to_its_end_without_a_network() {
    let mut replica = with(&[&assigned(1)]);
    drive(&mut replica, &claimed(1_250));
    assert_eq!(status(&replica, 1), TripStatus::Completed);
    assert_eq!(held(&replica, 1).current.visits.len(), 2);
    assert_eq!(held(&replica, 1).current.version, 9);
    assert_eq!(replica.driven(), None);
}

#[test]
fn what_the_rules_refuse_changes_nothing() {
    let mut replica = with(&[&assigned(1)]);
    let before = replica.clone();
    for (step, at) in [
        (complete(1), minute(5)),
        (reach(1), minute(5)),
        (cancel(1, CancelReason::RiderNoShow), minute(5)),
        // Before the driver had the trip.
        (arrive(1), minute(0)),
    ] {
        let refused = act(&mut replica, &step, at);
        assert!(matches!(refused, Err(LocalRefusal::Trip(_))), "{step:?}");
    }
    assert_eq!(
        act(&mut replica, &arrive(2), minute(5)),
        Err(LocalRefusal::UnknownTrip)
    );
    assert_eq!(
        act(&mut replica, &cash(1), minute(5)),
        rule(ErrorCode::WrongTripState)
    );
    assert_eq!(
        act(&mut replica, &rate(5, None), minute(5)),
        rule(ErrorCode::WrongTripState)
    );
    let long = "x".repeat(501);
    let cancel = |note: &str| DeviceAction::Cancel {
        trip: trip_id(1),
        reason: CancelReason::Other,
        note: Some(note.to_owned()),
    };
    for note in ["", &long] {
        let refused = act(&mut replica, &cancel(note), minute(5));
        assert_eq!(refused, rule(ErrorCode::InvalidRequest));
    }
    assert_eq!(replica, before);
}

#[test]
fn the_next_trip_waits_until_the_first_is_over() {
    let mut next = kit(&assigned(2));
    next.shown.driver_finishes_first = true;
    let mut replica = with(&[&assigned(1)]);
    replica.take(&StreamEvent::TripKit {
        kit: Box::new(next),
    });
    assert_eq!(replica.driven(), Some(trip_id(1)));
    assert_eq!(act(&mut replica, &arrive(2), minute(5)), BUSY);
    drive(&mut replica, &complete(1));
    // The server has not said so yet.
    assert_eq!(replica.driven(), Some(trip_id(2)));
    assert_eq!(act(&mut replica, &arrive(2), minute(25)), Ok(()));
}

#[test]
fn a_trip_that_is_given_back_makes_way_for_the_next() {
    let mut next = kit(&assigned(2));
    next.shown.driver_finishes_first = true;
    let mut replica = with(&[&assigned(1)]);
    replica.take(&StreamEvent::TripKit {
        kit: Box::new(next),
    });
    let cancel = cancel(1, CancelReason::VehicleProblem);
    assert_eq!(act(&mut replica, &cancel, minute(3)), Ok(()));
    assert_eq!(replica.in_order().collect::<Vec<_>>(), [trip_id(2)]);
    assert_eq!(act(&mut replica, &arrive(2), minute(5)), Ok(()));
}

#[test]
fn cash_is_what_the_trip_costs_and_is_taken_once() {
    let mut replica = with(&[&assigned(1)]);
    drive(&mut replica, &claimed(1_250));
    assert_eq!(
        act(&mut replica, &cash(1_249), minute(21)),
        rule(ErrorCode::WrongAmount)
    );
    assert_eq!(act(&mut replica, &cash(1_250), minute(21)), Ok(()));
    assert_eq!(
        act(&mut replica, &cash(1_250), minute(21)),
        rule(ErrorCode::AlreadyPaid)
    );
}

#[test]
fn without_a_fare_nobody_can_say_that_it_was_paid() {
    let mut replica = with(&[&assigned(1)]);
    drive(&mut replica, &complete(1));
    assert_eq!(
        act(&mut replica, &cash(1_250), minute(21)),
        Err(LocalRefusal::FareUnknown)
    );
    // The server's answer says what it costs.
    let sent = command(1, complete(1), minute(20));
    let result = CommandResult {
        fare: Some(fare(1_300)),
        ..answer(&sent, CommandOutcome::Applied, Some(9))
    };
    let steps = [
        (arrive(1), 3),
        (start(1, PIN, minute(3)), 4),
        (reach(1), 8),
        (leave(1), 9),
        (reach(1), 12),
        (leave(1), 13),
    ];
    for (version, (step, at)) in (3..).zip(steps) {
        let step = command(u64::from(version), step, minute(at));
        replica.answered(
            &step,
            &answer(&step, CommandOutcome::Applied, Some(version)),
        );
    }
    replica.answered(&sent, &result);
    assert_eq!(replica.rebase(trip_id(1), &[]), []);
    assert_eq!(status(&replica, 1), TripStatus::Completed);
    assert_eq!(act(&mut replica, &cash(1_300), minute(21)), Ok(()));
}

#[test]
fn a_trip_is_rated_once_with_one_to_five_stars() {
    let mut replica = with(&[&assigned(1)]);
    drive(&mut replica, &complete(1));
    for stars in [0, 6] {
        let refused = act(&mut replica, &rate(stars, None), minute(21));
        assert_eq!(refused, rule(ErrorCode::InvalidRequest));
    }
    let refused = act(&mut replica, &rate(5, Some("")), minute(21));
    assert_eq!(refused, rule(ErrorCode::InvalidRequest));
    assert_eq!(
        act(&mut replica, &rate(4, Some("kind")), minute(21)),
        Ok(())
    );
    assert_eq!(
        act(&mut replica, &rate(4, None), minute(21)),
        rule(ErrorCode::AlreadyRated)
    );
}
