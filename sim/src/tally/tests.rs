//! The book of trips and the measurements, with trips made by hand.

use super::*;
use wayfare_core::id::{RiderId, TripId};
use wayfare_core::pricing::Fare;
use wayfare_core::trip::TripStatus;
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::Point;

/// Trips are numbered; ids carry the number.
fn trip(number: u32, status: TripStatus, version: u32) -> Trip {
    let id: TripId = format!("trip_{number:032x}").parse().unwrap();
    let rider_id: RiderId = format!("{}_{:032x}", RiderId::PREFIX, 7).parse().unwrap();
    let place = Point {
        lat: 41.15,
        lng: -8.61,
    };
    Trip {
        id,
        status,
        version,
        rider_id,
        rider_name: None,
        passenger: None,
        vehicle_class: VehicleClass::Standard,
        needs: None,
        pickup: place,
        waypoints: vec![],
        dropoff: place,
        pickup_at: None,
        leg: None,
        distance_m: 3000,
        duration_s: 400,
        fare: Fare {
            currency: Currency::EUR,
            lines: vec![],
            total_minor: 640,
            tip_minor: 0,
            driver_share_minor: 500,
        },
        quote_id: format!("quote_{number:032x}").parse().unwrap(),
        basis: None,
        pin: None,
        driver: None,
        vehicle: None,
        requested_at: Utc::now(),
        assigned_at: None,
        arrived_at: None,
        started_at: None,
        completed_at: None,
        cancelled: None,
        payment: None,
        car: None,
        my_rating: None,
        driver_finishes_first: false,
    }
}

fn tally() -> Tally {
    Tally::new(SimClock::start(10.0)).unwrap()
}

#[tokio::test]
async fn a_trip_is_counted_once_wherever_it_stands() {
    let tally = tally();
    tally.requested(&trip(1, TripStatus::Requested, 1));
    tally.saw(&trip(1, TripStatus::Arrived, 3), TripSide::Driver);
    // The rider hears of the assignment late.
    tally.saw(&trip(1, TripStatus::Assigned, 2), TripSide::Rider);
    tally.requested(&trip(2, TripStatus::Requested, 1));
    tally.saw(&trip(2, TripStatus::Cancelled, 2), TripSide::Rider);
    let counts = tally.snapshot().counts;
    assert_eq!(
        (counts.requested, counts.arrived, counts.cancelled),
        (2, 1, 1)
    );
    assert_eq!((counts.in_progress(), counts.open), (1, 1));
    tally.saw(&trip(1, TripStatus::Completed, 5), TripSide::Driver);
    assert_eq!(tally.snapshot().counts.open, 1, "completed is not paid");
    tally.paid(trip(1, TripStatus::Completed, 5).id);
    tally.paid(trip(1, TripStatus::Completed, 5).id);
    let counts = tally.snapshot().counts;
    assert_eq!((counts.paid, counts.completed, counts.open), (1, 1, 0));
}

#[tokio::test]
async fn trips_of_others_are_not_ours() {
    let tally = tally();
    tally.saw(&trip(9, TripStatus::Assigned, 2), TripSide::Driver);
    let counts = tally.snapshot().counts;
    assert_eq!(
        (counts.others_open, counts.requested, counts.open),
        (1, 0, 0)
    );
    tally.saw(&trip(9, TripStatus::Completed, 5), TripSide::Driver);
    // Was completed before this run and only waits for its payment.
    tally.saw(&trip(8, TripStatus::Completed, 5), TripSide::Driver);
    tally.paid(trip(8, TripStatus::Completed, 5).id);
    let counts = tally.snapshot().counts;
    assert_eq!((counts.others_open, counts.others_completed), (0, 1));
    assert_eq!((counts.completed, counts.paid), (0, 0));
    assert_eq!(tally.snapshot().fares, Fares::default());
}

#[tokio::test]
async fn fares_that_differ_between_the_sides_are_noticed() {
    let tally = tally();
    for number in 1..=2 {
        tally.requested(&trip(number, TripStatus::Requested, 1));
        tally.saw(&trip(number, TripStatus::Completed, 5), TripSide::Rider);
    }
    tally.saw(&trip(1, TripStatus::Completed, 5), TripSide::Driver);
    assert_eq!(tally.snapshot().fares.one_sided, 1);
    let mut other = trip(2, TripStatus::Completed, 5);
    other.fare.total_minor = 650;
    tally.saw(&other, TripSide::Driver);
    let fares = tally.snapshot().fares;
    assert_eq!((fares.riders_minor, fares.drivers_minor), (1280, 1290));
    assert_eq!((fares.one_sided, fares.differing), (0, 1));
}

#[tokio::test]
async fn a_receipt_counts_once_and_a_paid_trip_needs_one() {
    let tally = tally();
    for number in 1..=2 {
        tally.requested(&trip(number, TripStatus::Completed, 5));
    }
    let [first, second] = [1, 2].map(|number| trip(number, TripStatus::Completed, 5).id);
    assert_eq!(tally.snapshot().counts.unproven, 0, "nobody has paid");
    tally.receipt_proven(first, PricedBy::Meter);
    tally.receipt_proven(first, PricedBy::Meter);
    tally.paid(first);
    tally.paid(second);
    assert_eq!(tally.snapshot().counts.unproven, 1);
    tally.receipt_proven(second, PricedBy::Quote);
    tally.quote_proven();
    tally.proof_failed("Ana, the quote: forged".to_owned());
    let snapshot = tally.snapshot();
    assert_eq!(snapshot.counts.unproven, 0);
    let proofs = ProofCounts {
        quotes: 1,
        receipts: 2,
        by_quote: 1,
        by_meter: 1,
        failed: 1,
        ..ProofCounts::default()
    };
    assert_eq!(snapshot.proofs, proofs);
    assert_eq!(snapshot.errors, ["Ana, the quote: forged"]);
}

#[tokio::test]
async fn a_second_driver_on_a_trip_is_noticed_and_a_successor_is_not() {
    let tally = tally();
    let id = trip(1, TripStatus::Assigned, 2).id;
    tally.assigned(id, 4);
    tally.assigned(id, 4);
    tally.released(id, 4);
    tally.assigned(id, 5);
    tally.released(id, 4);
    assert_eq!(tally.snapshot().double_assignments, 0);
    tally.assigned(id, 6);
    assert_eq!(tally.snapshot().double_assignments, 1);
    tally.overloaded("Ana");
    assert_eq!(tally.snapshot().double_assignments, 2);
}

#[tokio::test]
async fn the_match_is_the_first_offer_of_a_trip() {
    let tally = tally();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let ago = |ms| Utc::now() - chrono::TimeDelta::milliseconds(ms);
    let id = trip(1, TripStatus::Requested, 1).id;
    tally.offered(id, ago(200));
    tally.offered(id, ago(10));
    // Requested before this run began.
    tally.offered(trip(2, TripStatus::Requested, 1).id, ago(60_000));
    let snapshot = tally.snapshot();
    assert_eq!(snapshot.match_latency.count(), 1);
    assert!((snapshot.match_latency.quantile_s(0.5).unwrap() - 0.2).abs() < 0.09);
}

#[tokio::test(start_paused = true)]
async fn the_wait_for_the_car_is_in_simulated_time() {
    let tally = tally();
    tally.requested(&trip(1, TripStatus::Requested, 1));
    tokio::time::sleep(Duration::from_secs(12)).await;
    tally.saw(&trip(1, TripStatus::Arrived, 3), TripSide::Driver);
    tokio::time::sleep(Duration::from_secs(30)).await;
    tally.saw(&trip(1, TripStatus::Arrived, 3), TripSide::Rider);
    let wait = tally.snapshot().pickup_wait;
    assert_eq!(wait.count(), 1);
    assert!((wait.quantile_s(0.5).unwrap() - 120.0).abs() < 1.0);
}

#[tokio::test]
async fn only_what_nobody_expected_is_an_error() {
    let tally = tally();
    let record = |outcome, status| CallRecord {
        operation: "accept_offer",
        duration: Duration::from_millis(5),
        status,
        outcome,
    };
    tally.call(&record(CallOutcome::Done, Some(200)));
    tally.call(&record(
        CallOutcome::Refused(ErrorCode::OfferClosed),
        Some(409),
    ));
    tally.call(&record(
        CallOutcome::Refused(ErrorCode::Unavailable),
        Some(503),
    ));
    tally.call(&record(CallOutcome::Unreachable, None));
    let api = tally.snapshot().api;
    assert_eq!((api.requests, api.retries, api.errors), (4, 2, 0));
    assert_eq!(api.latency.count(), 3);
    tally.unexpected("driver 1", "accept_offer", &ClientError::SignedOut);
    let snapshot = tally.snapshot();
    assert_eq!(snapshot.api.errors, 1);
    assert_eq!(
        snapshot.errors,
        ["driver 1, accept_offer: nobody is signed in"]
    );
    assert!(snapshot.events[0].contains("TROUBLE: driver 1"));
}
