//! Quotes and receipts that hold, and what is said of those that do not.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use wayfare_core::client::ClientOptions;
use wayfare_core::id::QuoteId;
use wayfare_core::pricing::{Driven, Facts, RideLength, compute, proven_ride, settle};
use wayfare_core::quote::sign_quote;
use wayfare_core::receipt::{TrackProof, sign_receipt};
use wayfare_core::signing::{KeyId, SigningKey};
use wayfare_core::track::{StraightLine, TrackDigest, TrackPoint, measure};
use wayfare_core::trip::TripStatus;
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::TripDriver;

use super::*;

const DEMO_TARIFF: &str = include_str!("../../../docs/examples/tariff.json");
const DEMO_FACTS: &str = include_str!("../../../docs/examples/facts.json");

fn tariff() -> Tariff {
    Tariff::new(serde_json::from_str(DEMO_TARIFF).unwrap()).unwrap()
}

fn facts() -> Facts {
    serde_json::from_str(DEMO_FACTS).unwrap()
}

fn key(id: u32) -> SigningKey {
    SigningKey::from_seed(KeyId(id), &[7; 32])
}

/// Nobody answers there.
fn client() -> Client {
    let options = ClientOptions {
        attempts_max: 1,
        attempt_timeout: Duration::from_secs(5),
        ..ClientOptions::default()
    };
    Client::with_options("http://127.0.0.1:1".parse().unwrap(), options).unwrap()
}

/// A phone that has key 1 and the tariff.
async fn proofs() -> Proofs {
    let proofs = Proofs::default();
    let ring = KeyRing::from_iter([key(1).public()]);
    *proofs.keys.lock().await = Some(Arc::new(ring));
    let named = TariffRef::of(&tariff());
    let known = (named.id, named.version);
    let mut tariffs = proofs.tariffs.lock().await;
    tariffs.insert(known, Arc::new(tariff()));
    drop(tariffs);
    proofs
}

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(prefix: &str) -> T {
    format!("{prefix}_{:032x}", 7).parse().unwrap()
}

fn other_quote() -> QuoteId {
    format!("quote_{:032x}", 8).parse().unwrap()
}

fn at(second: i64) -> DateTime<Utc> {
    let noon: DateTime<Utc> = "2026-11-20T12:00:00Z".parse().unwrap();
    noon + TimeDelta::seconds(second)
}

fn place(lng_e7: i32) -> LatLng {
    LatLng::from_e7(437_000_000, lng_e7).unwrap()
}

fn promise() -> QuotePromise {
    QuotePromise {
        v: 1,
        quote: id("quote"),
        rider: id("rider"),
        vehicle_class: VehicleClass::Standard,
        pickup: place(74_000_000),
        waypoints: vec![place(74_100_000)],
        dropoff: place(74_900_000),
        pickup_at: None,
        tariff: TariffRef::of(&tariff()),
        fare: compute(&tariff(), &facts()).unwrap(),
        facts: facts(),
        issued_at: at(-600),
        expires_at: at(-300),
    }
}

fn quote(promise: &QuotePromise, key: &SigningKey) -> Quote {
    Quote {
        id: promise.quote,
        vehicle_class: promise.vehicle_class,
        pickup: promise.pickup.into(),
        waypoints: promise.waypoints.iter().map(|at| (*at).into()).collect(),
        dropoff: promise.dropoff.into(),
        pickup_at: None,
        distance_m: promise.facts.distance_m,
        duration_s: promise.facts.duration_s,
        fare: promise.fare.clone(),
        tariff_id: promise.tariff.id.clone(),
        tariff_version: promise.tariff.version,
        surge: None,
        expires_at: promise.expires_at,
        signed: sign_quote(key, promise).unwrap(),
    }
}

#[tokio::test]
async fn a_quote_that_holds_is_checked_without_the_server() {
    let quote = quote(&promise(), &key(1));
    let checked = proofs().await.check_quote(&client(), &quote).await;
    assert_eq!(checked.unwrap(), promise());
}

#[tokio::test]
async fn a_quote_that_shows_something_else_is_refused() {
    type Change = fn(&mut Quote);
    let cases: [(Change, &str); 7] = [
        (|quote| quote.id = other_quote(), "id"),
        (|quote| quote.vehicle_class = VehicleClass::Xl, "class"),
        (|quote| quote.pickup.lat += 0.000_001, "pickup"),
        (|quote| quote.waypoints.clear(), "way"),
        (|quote| quote.dropoff.lng += 0.000_001, "dropoff"),
        (|quote| quote.fare.total_minor -= 10, "fare"),
        (|quote| quote.expires_at += TimeDelta::seconds(1), "expiry"),
    ];
    let proofs = proofs().await;
    for (change, named) in cases {
        let mut quote = quote(&promise(), &key(1));
        change(&mut quote);
        let refused = proofs.check_quote(&client(), &quote).await.unwrap_err();
        assert!(
            matches!(refused, ProofError::QuoteShows { field } if field == named),
            "{named}: {refused}"
        );
    }
}

#[tokio::test]
async fn a_signed_price_that_is_not_the_tariffs_is_refused() {
    let mut dear = promise();
    dear.fare.total_minor += 10;
    let refused = proofs()
        .await
        .check_quote(&client(), &quote(&dear, &key(1)))
        .await
        .unwrap_err();
    assert!(
        matches!(refused, ProofError::Quote(QuoteError::FareDiffers(_))),
        "{refused}"
    );
}

#[tokio::test]
async fn newer_keys_are_asked_for_when_one_is_unknown() {
    let quote = quote(&promise(), &key(2));
    let refused = proofs()
        .await
        .check_quote(&client(), &quote)
        .await
        .unwrap_err();
    let ProofError::Api { operation, .. } = refused else {
        panic!("{refused}");
    };
    assert_eq!(operation, "getting the public keys");
}

/// A ride of 120 s with a point every 3 s, one more before and one after it, all with the server.
fn log() -> TrackLog {
    let log = TrackLog::driven(at(-60), id("trip"), (-1..=41).map(|step| at(3 * step)));
    assert_eq!(log.waiting(), 0);
    log
}

fn ride_track() -> Vec<TrackPoint> {
    log().own_track(id("trip"), &(at(0)..=at(120))).unwrap()
}

fn receipt(track: &[TrackPoint]) -> Receipt {
    let reading = measure(track, &StraightLine);
    let driven = Driven {
        ride: proven_ride(&reading, at(0), at(120)),
        replanned: Some(RideLength {
            distance_m: 900,
            duration_s: 100,
        }),
        started_at: at(0).fixed_offset(),
        wait_s: 0,
        waypoints: vec![],
        tolls: vec![],
        zones: vec![],
        loading_s: 0,
        unloading_s: 0,
        tip_minor: 0,
    };
    let settlement = settle(&tariff(), &facts(), &driven).unwrap();
    Receipt {
        v: 1,
        trip: id("trip"),
        quote: id("quote"),
        rider: id("rider"),
        driver: Some(id("driver")),
        vehicle_class: VehicleClass::Standard,
        tariff: TariffRef::of(&tariff()),
        charge: Charged::Trip {
            basis: settlement.basis,
            quoted: facts(),
            driven,
            started_at: at(0),
            completed_at: at(120),
            track: (!track.is_empty()).then(|| TrackProof {
                digest: TrackDigest::of(track),
                reading,
            }),
        },
        fare: settlement.fare,
        issued_at: at(120),
    }
}

fn trip(receipt: &Receipt) -> Trip {
    let Charged::Trip { basis, .. } = &receipt.charge else {
        unreachable!()
    };
    Trip {
        id: receipt.trip,
        status: TripStatus::Completed,
        version: 5,
        rider_id: receipt.rider,
        rider_name: None,
        passenger: None,
        vehicle_class: receipt.vehicle_class,
        needs: None,
        pickup: place(74_000_000).into(),
        waypoints: vec![],
        dropoff: place(74_900_000).into(),
        pickup_at: None,
        leg: None,
        distance_m: 900,
        duration_s: 100,
        fare: receipt.fare.clone(),
        quote_id: receipt.quote,
        basis: Some(*basis),
        pin: None,
        driver: Some(TripDriver {
            id: id("driver"),
            name: "Ana".to_owned(),
            rating: None,
        }),
        vehicle: None,
        requested_at: at(-500),
        assigned_at: Some(at(-400)),
        arrived_at: Some(at(-100)),
        started_at: Some(at(0)),
        completed_at: Some(at(120)),
        cancelled: None,
        payment: None,
        car: None,
        my_rating: None,
        driver_finishes_first: false,
    }
}

async fn check(trip: &Trip, receipt: &Receipt, witness: Witness<'_>) -> Result<(), ProofError> {
    let signed = sign_receipt(&key(1), receipt).unwrap();
    let proofs = proofs().await;
    let checked = proofs
        .check_receipt(&client(), trip, &signed, witness)
        .await?;
    assert_eq!(checked, *receipt);
    Ok(())
}

#[tokio::test]
async fn the_phone_comes_to_the_fare_of_the_receipt_by_its_own_track() {
    let (log, promise) = (log(), promise());
    let receipt = receipt(&ride_track());
    let Charged::Trip { driven, .. } = &receipt.charge else {
        unreachable!()
    };
    assert!(driven.ride.is_some(), "the track proves the ride");
    let witness = Witness {
        promise: Some(&promise),
        log: Some(&log),
    };
    check(&trip(&receipt), &receipt, witness).await.unwrap();
}

#[tokio::test]
async fn a_point_that_the_phone_did_not_measure_is_found() {
    let mut track = ride_track();
    track.remove(20);
    let receipt = receipt(&track);
    let (trip, log) = (trip(&receipt), log());
    let of_driver = Witness {
        promise: None,
        log: Some(&log),
    };
    let refused = check(&trip, &receipt, of_driver).await.unwrap_err();
    assert!(
        matches!(
            refused,
            ProofError::Receipt(ReceiptError::OtherTrack { .. })
        ),
        "{refused}"
    );
    let of_rider = Witness::default();
    check(&trip, &receipt, of_rider).await.unwrap();
}

#[tokio::test]
async fn a_ride_without_points_has_no_track_on_either_side() {
    let receipt = receipt(&[]);
    let (trip, full) = (trip(&receipt), log());
    let empty = TrackLog::driven(at(-60), id("trip"), std::iter::empty());
    let witness = |log| Witness {
        promise: None,
        log: Some(log),
    };
    check(&trip, &receipt, witness(&empty)).await.unwrap();
    let refused = check(&trip, &receipt, witness(&full)).await.unwrap_err();
    assert!(
        matches!(refused, ProofError::Receipt(ReceiptError::UnexpectedTrack)),
        "{refused}"
    );
}

#[tokio::test]
async fn a_receipt_that_is_not_of_the_trip_or_its_promise_is_refused() {
    type Change = fn(&mut Trip);
    let cases: [(Change, &str); 5] = [
        (|trip| trip.fare.total_minor += 5, "fare"),
        (|trip| trip.basis = None, "ride"),
        (|trip| trip.completed_at = Some(at(121)), "ride"),
        (|trip| trip.driver = None, "driver"),
        (|trip| trip.quote_id = other_quote(), "quote"),
    ];
    let receipt = receipt(&ride_track());
    for (change, named) in cases {
        let mut trip = trip(&receipt);
        change(&mut trip);
        let refused = check(&trip, &receipt, Witness::default())
            .await
            .unwrap_err();
        assert!(
            matches!(refused, ProofError::TripShows { field } if field == named),
            "{named}: {refused}"
        );
    }
    let mut promise = promise();
    promise.facts.distance_m += 1;
    let witness = Witness {
        promise: Some(&promise),
        log: None,
    };
    let refused = check(&trip(&receipt), &receipt, witness).await.unwrap_err();
    assert!(
        matches!(
            refused,
            ProofError::Receipt(ReceiptError::OtherPromise { field: "plan" })
        ),
        "{refused}"
    );
}
