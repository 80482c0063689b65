//! Where cars were seen, for rounds that did not look at them, and for how long that is kept.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_backend::dispatch::decisions::{self, Clock, Sightings, keep_sightings};
use wayfare_backend::platform::clock;
use wayfare_core::geo::LatLng;
use wayfare_core::id::{TripId, VehicleId};
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::{CarVerdict, Doing};
use wayfare_dispatch::{
    Capacity, Car, CarProfile, CarState, Decision, FeatureSet, Fix, Gate, Standing, Verdict,
};

use super::{decision, driver, explained, keep, start};
use crate::actors::{Actor, admin, alice, bob, north_of_pickup};

/// A car so far north of the usual pickup.
pub(super) fn car(actor: &Actor, north_m: f64, seen_at: DateTime<Utc>, state: CarState) -> Car {
    let place = north_of_pickup(north_m);
    Car {
        driver: driver(actor),
        profile: CarProfile {
            vehicle: VehicleId::from_uuid(Uuid::nil()),
            vehicle_class: VehicleClass::Standard,
            capacity: Capacity::default(),
            features: FeatureSet::default(),
        },
        standing: Standing {
            idle_since: seen_at,
            rating_milli: None,
            cancel_bps: 0,
            home: None,
            queue: None,
        },
        state,
        fix: Fix {
            position: LatLng::from_degrees(place.lat, place.lng).unwrap(),
            heading_deg: None,
            speed_mps: None,
            at: seen_at,
        },
    }
}

pub(super) async fn see(
    connection: &mut PgConnection,
    sightings: &Sightings,
    cars: &[Car],
    now: DateTime<Utc>,
) {
    let fresh_for = TimeDelta::seconds(60);
    keep_sightings(connection, sightings, cars, Clock { now, fresh_for })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_driver_whose_car_was_not_looked_at_is_explained_by_the_last_sighting() {
    let server = start().await;
    let (alice, bob, ada) = (
        alice(&server).await,
        bob(&server).await,
        admin(&server).await,
    );
    let trip = alice.requests_trip(&server).await;
    let first = clock::now() - TimeDelta::minutes(30);
    let at = |seconds| first + TimeDelta::seconds(seconds);
    let sightings = Sightings::default();
    let mut connection = server.pool.acquire().await.unwrap();
    let rounds: Vec<Decision> = [0, 10, 20, 30, 40, 50]
        .into_iter()
        .map(|second| decision(trip.id, at(second), &[]))
        .collect();
    keep(&server, &rounds).await;
    // Nothing is known in the first round; then the car comes nearer, gets a trip, is silent, leaves.
    let cars = [
        (10, Some(car(&bob, 8200.0, at(9), CarState::Free))),
        (20, Some(car(&bob, 4000.0, at(19), CarState::Driving))),
        (30, Some(car(&bob, 4000.0, at(19), CarState::Free))),
        (40, Some(car(&bob, 4000.0, at(-60), CarState::Free))),
        (50, None),
    ];
    for (second, car) in cars {
        see(&mut connection, &sightings, car.as_slice(), at(second)).await;
    }
    let explanation = explained(&server, &ada, &trip, &bob).await;
    let cars = explanation.rounds.iter().flat_map(|round| &round.cars);
    let verdicts: Vec<(CarVerdict, Option<Doing>)> = cars
        .map(|car| (car.verdict, car.sighting.map(|seen| seen.doing)))
        .collect();
    let expected = [
        (CarVerdict::Offline, Some(Doing::Offline)),
        (CarVerdict::Offline, Some(Doing::Silent)),
        (CarVerdict::NoRecord, Some(Doing::Free)),
        (CarVerdict::Busy, Some(Doing::Driving)),
        (CarVerdict::TooFar, Some(Doing::Free)),
        (CarVerdict::NoRecord, None),
    ];
    assert_eq!(verdicts, expected, "{explanation:?}");
    let too_far = explanation.rounds[4].cars[0].clone();
    let straight_m = too_far.sighting.unwrap().straight_m;
    assert!((8195..=8205).contains(&straight_m), "{straight_m}");
    assert!(too_far.sentence.contains("8.2 km"), "{too_far:?}");
    assert!(too_far.sentence.contains("5.0 km"), "{too_far:?}");
}

#[tokio::test]
async fn an_undone_round_is_noticed_and_its_cars_are_written_again() {
    let server = start().await;
    let bob = bob(&server).await;
    let sightings = Sightings::default();
    let now = clock::now();
    let cars = [car(&bob, 100.0, now, CarState::Free)];
    let mut undone = server.pool.begin().await.unwrap();
    see(&mut undone, &sightings, &cars, now).await;
    undone.rollback().await.unwrap();
    let mut connection = server.pool.acquire().await.unwrap();
    let later = now + TimeDelta::seconds(2);
    see(&mut connection, &sightings, &cars, later).await;
    see(
        &mut connection,
        &sightings,
        &cars,
        later + TimeDelta::seconds(2),
    )
    .await;
    let written: Vec<DateTime<Utc>> = sqlx::query_scalar("SELECT at FROM dispatch.sightings")
        .fetch_all(&server.pool)
        .await
        .unwrap();
    assert_eq!(written, [later]);
}

#[tokio::test]
async fn days_older_than_the_limit_are_dropped_and_the_next_ones_are_made() {
    let server = start().await;
    let bob = bob(&server).await;
    let now = clock::now();
    let trip = TripId::from_uuid(Uuid::from_u128(1));
    let dropped = [(driver(&bob), Verdict::Dropped(Gate::Driving))];
    // Some days have partitions, which were made the day before; the others are in the default one.
    let then = now - TimeDelta::days(10);
    decisions::tidy(&server.pool, 7, then).await.unwrap();
    let days = [-12, -10, -9, -8, -7, -1, 0];
    for day in days {
        let at = now + TimeDelta::days(day);
        keep(&server, &[decision(trip, at, &dropped)]).await;
        let mut connection = server.pool.acquire().await.unwrap();
        let cars = [car(&bob, 0.0, at, CarState::Free)];
        see(&mut connection, &Sightings::default(), &cars, at).await;
    }
    decisions::tidy(&server.pool, 7, now).await.unwrap();
    for table in ["decisions", "sightings"] {
        let statement = format!("SELECT at FROM dispatch.{table} ORDER BY at");
        let left: Vec<DateTime<Utc>> = sqlx::query_scalar(sqlx::AssertSqlSafe(statement))
            .fetch_all(&server.pool)
            .await
            .unwrap();
        let expected = [-7, -1, 0].map(|day| now + TimeDelta::days(day));
        assert_eq!(left, expected, "{table}");
        let tomorrow = (now + TimeDelta::days(1)).format("%Y%m%d");
        let made: bool = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
            .bind(format!("dispatch.{table}_{tomorrow}"))
            .fetch_one(&server.pool)
            .await
            .unwrap();
        assert!(made, "{table}");
    }
    let answer = json!(
        bob.gets(&server, "/v1/drivers/me/dispatch?hours=24")
            .await
            .body
    );
    assert_eq!(answer["requests_near"], json!(1), "{answer}");
}
