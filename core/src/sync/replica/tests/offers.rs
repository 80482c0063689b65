//! Offers, and being online.

use super::*;
use crate::wire::{DeclineReason, ErrorCode, OfferOutcome};

/// An offer of the trip with the same number, open until minute 10.
fn offer(number: u128, forward: bool) -> Offer {
    Offer {
        id: offer_id(number),
        trip_id: trip_id(number),
        vehicle_class: VehicleClass::Standard,
        needs: None,
        pickup: place(0).into(),
        waypoints: Vec::new(),
        dropoff: place(9).into(),
        pickup_at: None,
        pickup_distance_m: 500,
        pickup_duration_s: None,
        forward,
        wave: 1,
        distance_m: 7_000,
        duration_s: 900,
        driver_share_minor: 800,
        currency: Currency::EUR,
        requested_at: minute(0),
        expires_at: minute(10),
    }
}

fn created(number: u128, forward: bool) -> StreamEvent {
    StreamEvent::OfferCreated {
        offer: Box::new(offer(number, forward)),
    }
}

fn closed(number: u128, outcome: OfferOutcome) -> StreamEvent {
    StreamEvent::OfferClosed {
        offer_id: offer_id(number),
        outcome,
    }
}

fn accept(number: u128) -> DeviceAction {
    DeviceAction::AcceptOffer {
        offer: offer_id(number),
    }
}

fn decline(number: u128) -> DeviceAction {
    DeviceAction::DeclineOffer {
        offer: offer_id(number),
        reason: DeclineReason::Break,
    }
}

const BUSY: Result<(), LocalRefusal> = Err(LocalRefusal::Rule(ErrorCode::DriverBusy));

#[test]
fn an_offer_is_accepted_until_it_is_over() {
    for (at, expected) in [
        (minute(10), Ok(())),
        (
            minute(10) + TimeDelta::milliseconds(1),
            Err(LocalRefusal::OfferOver),
        ),
    ] {
        let mut replica = with(&[]);
        replica.take(&created(1, false));
        assert_eq!(act(&mut replica, &accept(1), at), expected);
        assert_eq!(
            replica.accepting.contains_key(&offer_id(1)),
            expected.is_ok()
        );
        assert_eq!(replica.offers.contains_key(&offer_id(1)), expected.is_err());
        assert_eq!(
            act(&mut replica, &accept(1), at),
            Err(LocalRefusal::OfferOver)
        );
    }
}

#[test]
fn offers_that_are_over_are_forgotten() {
    let mut replica = with(&[]);
    replica.take(&created(1, false));
    assert_eq!(replica.expire_offers(minute(10)), []);
    assert_eq!(replica.expire_offers(minute(11)), [offer_id(1)]);
    replica.take(&created(2, false));
    replica.take(&closed(2, OfferOutcome::Withdrawn));
    assert_eq!(
        act(&mut replica, &accept(2), minute(5)),
        Err(LocalRefusal::OfferOver)
    );
    assert_eq!(
        act(&mut replica, &decline(2), minute(5)),
        Err(LocalRefusal::OfferOver)
    );
}

#[test]
fn a_driver_takes_one_trip_and_one_that_comes_after_it() {
    let mut replica = with(&[]);
    for (number, forward) in [(1, false), (2, false), (3, true), (4, true)] {
        replica.take(&created(number, forward));
    }
    assert_eq!(act(&mut replica, &accept(1), minute(5)), Ok(()));
    assert_eq!(act(&mut replica, &accept(2), minute(5)), BUSY);
    assert_eq!(act(&mut replica, &accept(3), minute(5)), Ok(()));
    assert_eq!(act(&mut replica, &accept(4), minute(5)), BUSY);
    // The first becomes a trip, which changes nothing about that.
    replica.take(&kit_message(&assigned(1)));
    assert_eq!(replica.accepting.keys().collect::<Vec<_>>(), [&offer_id(3)]);
    assert_eq!(act(&mut replica, &accept(4), minute(5)), BUSY);
}

#[test]
fn what_waits_for_an_answer_stays_taken_whatever_comes() {
    let mut replica = with(&[]);
    replica.take(&created(1, false));
    replica.take(&created(2, false));
    act(&mut replica, &accept(1), minute(5)).unwrap();
    act(&mut replica, &decline(2), minute(5)).unwrap();
    let waiting = [
        command(1, accept(1), minute(5)),
        command(2, decline(2), minute(5)),
    ];
    // The trip leads elsewhere now, so both come again.
    replica.take(&created(1, false));
    replica.take(&created(2, false));
    replica.rebase_shift(&waiting);
    assert!(replica.offers.is_empty());
    assert!(replica.accepting.contains_key(&offer_id(1)));
}

#[test]
fn an_acceptance_ends_with_its_answer_or_its_trip() {
    let taken = || {
        let mut replica = with(&[]);
        replica.take(&created(1, false));
        act(&mut replica, &accept(1), minute(5)).unwrap();
        replica
    };
    let sent = command(1, accept(1), minute(5));
    let mut refused = taken();
    refused.answered(&sent, &answer(&sent, CommandOutcome::Rejected, None));
    assert!(refused.accepting.is_empty());

    let mut closed_by_server = taken();
    closed_by_server.take(&closed(1, OfferOutcome::TimedOut));
    assert!(closed_by_server.accepting.is_empty());

    let mut applied = taken();
    applied.take(&closed(1, OfferOutcome::Accepted));
    applied.answered(&sent, &answer(&sent, CommandOutcome::Applied, None));
    assert!(
        applied.accepting.contains_key(&offer_id(1)),
        "until the trip is here"
    );
    assert_eq!(applied.take(&kit_message(&assigned(1))), Some(trip_id(1)));
    assert!(applied.accepting.is_empty());
}

#[test]
fn being_online_is_what_was_said_last_and_else_what_the_server_says() {
    let online = DeviceAction::GoOnline { vehicle: CAR };
    let mut replica = with(&[]);
    act(&mut replica, &online, minute(1)).unwrap();
    assert!(replica.online && !replica.online_at_server);
    let sent = command(1, online, minute(1));
    let off = command(2, DeviceAction::GoOffline, minute(2));
    replica.rebase_shift(&[sent.clone(), off.clone()]);
    assert!(!replica.online);
    replica.rebase_shift(std::slice::from_ref(&sent));
    assert!(replica.online);
    replica.answered(&sent, &answer(&sent, CommandOutcome::Rejected, None));
    replica.rebase_shift(&[]);
    assert!(!replica.online);
    replica.answered(&sent, &answer(&sent, CommandOutcome::Applied, None));
    replica.rebase_shift(&[]);
    assert!(replica.online);
    replica.answered(&off, &answer(&off, CommandOutcome::Applied, None));
    replica.rebase_shift(&[]);
    assert!(!replica.online);
}
