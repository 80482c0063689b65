//! `/v1/admin/dispatch/explain` and `/v1/drivers/me/dispatch`: why somebody was asked or not.
//!
//! Most tests keep decisions of their own making, while the server's dispatcher rests.

mod rounds;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;
use wayfare_backend::dispatch::decisions::{
    self, Clock, Sightings, keep_decisions, keep_sightings,
};
use wayfare_backend::platform::clock;
use wayfare_core::geo::LatLng;
use wayfare_core::id::{DriverId, TripId, VehicleId};
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::{
    CarVerdict, DispatchExplanation, Doing, ErrorCode, ExplainedCar, GateName, GateUnit,
    OfferStatus, OwnDispatch, RoundOutcome, Trip,
};
use wayfare_dispatch::{
    Capacity, Car, CarProfile, CarState, Considered, Cost, Decision, FeatureSet, Fix, Gate,
    Outcome, Standing, Verdict,
};

use crate::actors::{Actor, admin, alice, bob, dan, north_of_pickup};
use crate::harness::TestServer;

/// With a dispatcher that comes round once, at the start, and then not again.
async fn start() -> TestServer {
    TestServer::start_with(|config| config.dispatch.tick_ms = 60_000).await
}

fn driver(actor: &Actor) -> DriverId {
    actor.id().into()
}

fn stranger(number: u128) -> DriverId {
    DriverId::from_uuid(Uuid::from_u128(number))
}

/// A minute's way for each thousand milliseconds of cost.
fn cost(way_ms: i64) -> Cost {
    Cost {
        way_ms,
        way_m: u32::try_from(way_ms / 100).unwrap(),
        ..Cost::default()
    }
}

fn decision(trip: TripId, at: DateTime<Utc>, verdicts: &[(DriverId, Verdict)]) -> Decision {
    let asked = verdicts
        .iter()
        .any(|(_, verdict)| matches!(verdict, Verdict::Asked { .. }));
    let considered = verdicts.iter().map(|(driver, verdict)| Considered {
        driver: *driver,
        verdict: *verdict,
    });
    Decision {
        trip,
        at,
        radius_m: 5000,
        waves: 0,
        outcome: if asked {
            Outcome::Asked
        } else {
            Outcome::NobodyFits
        },
        considered: considered.collect(),
        left_out: 0,
    }
}

async fn keep(server: &TestServer, decisions: &[Decision]) {
    let mut connection = server.pool.acquire().await.unwrap();
    keep_decisions(&mut connection, "main", decisions)
        .await
        .unwrap();
}

async fn explained(
    server: &TestServer,
    admin: &Actor,
    trip: &Trip,
    about: &Actor,
) -> DispatchExplanation {
    let (trip, driver) = (trip.id, driver(about));
    let path = format!("/v1/admin/dispatch/explain?trip={trip}&driver={driver}");
    admin.gets(server, &path).await.told(200)
}

/// What became of the driver in the only round.
async fn only_car(server: &TestServer, admin: &Actor, trip: &Trip, about: &Actor) -> ExplainedCar {
    let explanation = explained(server, admin, trip, about).await;
    let [round] = &explanation.rounds[..] else {
        panic!("{explanation:?}");
    };
    let [car] = &round.cars[..] else {
        panic!("{explanation:?}");
    };
    assert_eq!(car.driver_id, driver(about));
    assert!(explanation.summary.contains("round"), "{explanation:?}");
    car.clone()
}

#[tokio::test]
async fn the_gate_that_dropped_a_driver_is_told_with_its_numbers() {
    let server = start().await;
    let (alice, bob, ada) = (
        alice(&server).await,
        bob(&server).await,
        admin(&server).await,
    );
    let trip = alice.requests_trip(&server).await;
    let gate = Gate::Silent {
        age_s: 95,
        limit_s: 60,
    };
    let now = clock::now();
    let verdicts = [
        (stranger(1), Verdict::Dropped(Gate::Driving)),
        (driver(&bob), Verdict::Dropped(gate)),
    ];
    keep(&server, &[decision(trip.id, now, &verdicts)]).await;
    let explanation = explained(&server, &ada, &trip, &bob).await;
    let round = &explanation.rounds[0];
    assert_eq!((round.at, round.radius_m, round.waves), (now, 5000, 0));
    assert_eq!(round.outcome, RoundOutcome::NobodyFits);
    assert_eq!((round.cars_considered, round.cars_left_out), (2, 0));
    let car = only_car(&server, &ada, &trip, &bob).await;
    assert_eq!(car.verdict, CarVerdict::Dropped);
    let view = car.gate.unwrap();
    assert_eq!(view.name, GateName::Silent);
    assert_eq!((view.found, view.limit), (Some(95), Some(60)));
    assert_eq!(view.unit, Some(GateUnit::Seconds));
    assert!(car.sentence.contains("95"), "{}", car.sentence);
    assert!(car.sentence.contains("60"), "{}", car.sentence);
    assert!(explanation.summary.contains("silent"), "{explanation:?}");
}

#[tokio::test]
async fn who_lost_is_told_to_whom_and_by_how_much() {
    let server = start().await;
    let (alice, ada) = (alice(&server).await, admin(&server).await);
    let (bob, dan) = (bob(&server).await, dan(&server).await);
    let trip = alice.requests_trip(&server).await;
    let lost = Verdict::Lost {
        cost: cost(95_500),
        asked_for: None,
    };
    let asked = Verdict::Asked { cost: cost(60_000) };
    let verdicts = [(driver(&dan), asked), (driver(&bob), lost)];
    keep(&server, &[decision(trip.id, clock::now(), &verdicts)]).await;
    let car = only_car(&server, &ada, &trip, &bob).await;
    assert_eq!(car.verdict, CarVerdict::Lost);
    assert_eq!(car.cost.unwrap().total_ms, 95_500);
    let to = car.lost_to.unwrap();
    assert_eq!((to.driver_id, to.by_ms), (Some(driver(&dan)), Some(35_500)));
    assert_eq!(to.trip_id, None);
    assert!(car.sentence.contains("35.5 s"), "{}", car.sentence);
    // The one who was asked has no offer: none was made here.
    let car = only_car(&server, &ada, &trip, &dan).await;
    assert_eq!((car.verdict, car.offer), (CarVerdict::Asked, None));
}

#[tokio::test]
async fn what_became_of_an_offer_is_told() {
    let server = start().await;
    let (alice, bob, ada) = (
        alice(&server).await,
        bob(&server).await,
        admin(&server).await,
    );
    let trip = alice.requests_trip(&server).await;
    let now = clock::now();
    let asked = Verdict::Asked { cost: cost(60_000) };
    keep(&server, &[decision(trip.id, now, &[(driver(&bob), asked)])]).await;
    let answers = [
        ("timed_out", None, OfferStatus::TimedOut),
        ("declined", Some("too_far"), OfferStatus::Declined),
        ("withdrawn", None, OfferStatus::Withdrawn),
        ("accepted", None, OfferStatus::Accepted),
        ("released", None, OfferStatus::Released),
    ];
    for (status, reason, shown) in answers {
        let ended_at = now + TimeDelta::seconds(15);
        sqlx::query("DELETE FROM dispatch.offers")
            .execute(&server.pool)
            .await
            .unwrap();
        sqlx::query(
            "INSERT INTO dispatch.offers (id, trip_id, driver_id, vehicle_id, status,
                 pickup_distance_m, driver_share_minor, created_at, expires_at, closed_at,
                 decline_reason)
             VALUES ($1, $2, $3, $4, $5, 100, 100, $6, $7, $7, $8)",
        )
        .bind(Uuid::now_v7())
        .bind(trip.id.uuid())
        .bind(bob.id().uuid())
        .bind(bob.vehicle.unwrap().uuid())
        .bind(status)
        .bind(now)
        .bind(ended_at)
        .bind(reason)
        .execute(&server.pool)
        .await
        .unwrap();
        let car = only_car(&server, &ada, &trip, &bob).await;
        let fate = car.offer.unwrap();
        assert_eq!((fate.status, fate.made_at), (shown, now));
        assert_eq!(fate.ended_at, Some(ended_at));
        assert_eq!(car.cost.unwrap().way_ms, 60_000);
    }
}

/// A car so far north of the usual pickup.
fn car(actor: &Actor, north_m: f64, seen_at: DateTime<Utc>, state: CarState) -> Car {
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

async fn see(
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
async fn the_newest_rounds_are_told_and_any_moment_can_be_asked_for() {
    let server = start().await;
    let (alice, bob, ada) = (
        alice(&server).await,
        bob(&server).await,
        admin(&server).await,
    );
    let trip = alice.requests_trip(&server).await;
    let first = clock::now() - TimeDelta::minutes(10);
    let dropped = [
        (stranger(7), Verdict::Dropped(Gate::HasOffer)),
        (driver(&bob), Verdict::Dropped(Gate::Driving)),
    ];
    let at = |round: i64| first + TimeDelta::seconds(2 * round);
    let rounds: Vec<Decision> = (0..60)
        .map(|round| decision(trip.id, at(round), &dropped))
        .collect();
    keep(&server, &rounds).await;
    let explanation = explained(&server, &ada, &trip, &bob).await;
    let times: Vec<DateTime<Utc>> = explanation.rounds.iter().map(|round| round.at).collect();
    let newest: Vec<DateTime<Utc>> = (10..60).rev().map(at).collect();
    assert_eq!(times, newest);
    assert!(explanation.more_before);
    assert!(
        explanation.summary.contains("50 × driving"),
        "{}",
        explanation.summary
    );

    // Without a driver: all cars of one round, nearest first.
    let path = format!("/v1/admin/dispatch/explain?trip={}", trip.id);
    let newest: DispatchExplanation = ada.gets(&server, &path).await.told(200);
    assert_eq!(newest.rounds[0].at, at(59));
    let asked_for = at(3) + TimeDelta::seconds(1);
    let path = format!("{path}&at={}", asked_for.format("%Y-%m-%dT%H:%M:%S%.6fZ"));
    let earlier: DispatchExplanation = ada.gets(&server, &path).await.told(200);
    let [round] = &earlier.rounds[..] else {
        panic!("{earlier:?}");
    };
    assert_eq!(round.at, at(3));
    let drivers: Vec<DriverId> = round.cars.iter().map(|car| car.driver_id).collect();
    assert_eq!(drivers, [stranger(7), driver(&bob)]);
    assert!(earlier.more_before && earlier.driver_id.is_none());
}

#[tokio::test]
async fn a_trip_that_no_round_looked_at_is_not_explained_and_an_old_one_is_gone() {
    let server = start().await;
    let (alice, bob, ada) = (
        alice(&server).await,
        bob(&server).await,
        admin(&server).await,
    );
    let trip = alice.requests_trip(&server).await;
    let explanation = explained(&server, &ada, &trip, &bob).await;
    assert_eq!(explanation.rounds, []);
    assert!(explanation.summary.contains("No round"), "{explanation:?}");

    sqlx::query("UPDATE trips.trips SET requested_at = now() - interval '8 days'")
        .execute(&server.pool)
        .await
        .unwrap();
    let path = format!("/v1/admin/dispatch/explain?trip={}", trip.id);
    let problem = ada
        .gets(&server, &path)
        .await
        .refused(410, ErrorCode::RecordGone);
    assert!(problem.detail.contains("7 days"), "{problem:?}");
}

#[tokio::test]
async fn only_admins_may_ask_and_only_for_what_exists() {
    let server = start().await;
    let (alice, bob, ada) = (
        alice(&server).await,
        bob(&server).await,
        admin(&server).await,
    );
    let trip = alice.requests_trip(&server).await;
    let path = format!(
        "/v1/admin/dispatch/explain?trip={}&driver={}",
        trip.id,
        driver(&bob)
    );
    for person in [&alice, &bob] {
        let answer = person.gets(&server, &path).await;
        answer.refused(403, ErrorCode::Forbidden);
    }
    let anonymous = crate::people::get(&server, &path).send().await;
    anonymous.refused(401, ErrorCode::Unauthenticated);

    let nobody = TripId::from_uuid(Uuid::nil());
    let unknown = [
        format!("trip={nobody}"),
        format!("trip={}&driver={}", trip.id, stranger(1)),
        // A person, and no driver.
        format!(
            "trip={}&driver={}",
            trip.id,
            DriverId::from_uuid(alice.id().uuid())
        ),
    ];
    for query in unknown {
        let path = format!("/v1/admin/dispatch/explain?{query}");
        let answer = ada.gets(&server, &path).await;
        answer.refused(404, ErrorCode::NotFound);
    }
    let malformed = [
        String::new(),
        "trip=".to_owned(),
        format!("trip={}", alice.id()),
        format!("trip={}&driver={}", trip.id, trip.id),
        format!("trip={}&driver=", trip.id),
        format!("trip={}&at=yesterday", trip.id),
        format!("trip={}&at=2026-13-01T00:00:00Z", trip.id),
    ];
    for query in malformed {
        let path = format!("/v1/admin/dispatch/explain?{query}");
        let answer = ada.gets(&server, &path).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
}

#[tokio::test]
async fn a_driver_sees_how_many_requests_were_near_and_why_others_were_asked() {
    let server = start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = alice.requests_trip(&server).await;
    let now = clock::now();
    let lost = Verdict::Lost {
        cost: cost(95_500),
        asked_for: None,
    };
    let asked = Verdict::Asked { cost: cost(60_000) };
    let own_trip = Verdict::Dropped(Gate::OwnTrip);
    let silent = Verdict::Dropped(Gate::Silent {
        age_s: 70,
        limit_s: 60,
    });
    // A trip, how many minutes ago, and what became of bob.
    let rounds = [
        (1, 50, asked),
        (1, 49, Verdict::Dropped(Gate::AskedBefore)),
        (2, 40, silent),
        (2, 39, lost),
        (3, 30, lost),
        (4, 20, own_trip),
        (5, 10, silent),
        (6, 70, asked),
    ];
    let decisions = rounds.map(|(number, minutes, verdict)| {
        let trip = if number == 5 {
            trip.id
        } else {
            TripId::from_uuid(Uuid::from_u128(number))
        };
        let at = now - TimeDelta::minutes(minutes);
        let verdicts = [
            (stranger(9), Verdict::Dropped(Gate::Blocked)),
            (driver(&bob), verdict),
        ];
        decision(trip, at, &verdicts)
    });
    keep(&server, &decisions).await;
    let mut connection = server.pool.acquire().await.unwrap();
    let seen_at = now - TimeDelta::minutes(10);
    let cars = [car(&bob, 1234.0, seen_at, CarState::Free)];
    see(&mut connection, &Sightings::default(), &cars, seen_at).await;

    let own: OwnDispatch = bob
        .gets(&server, "/v1/drivers/me/dispatch?hours=1")
        .await
        .told(200);
    assert_eq!((own.requests_near, own.asked, own.cut_short), (4, 1, false));
    let counts: Vec<u32> = own.reasons.iter().map(|reason| reason.count).collect();
    assert_eq!(counts, [2, 1], "{own:?}");
    let latest: Vec<(bool, Option<u32>)> = own
        .latest
        .iter()
        .map(|one| (one.asked, one.distance_m))
        .collect();
    let expected = [
        (false, Some(1200)),
        (false, Some(1000)),
        (false, Some(1000)),
        (true, Some(600)),
    ];
    assert_eq!(latest, expected, "{own:?}");
    // Nothing of others: no id but none of one's own either.
    let text = serde_json::to_string(&own).unwrap();
    assert!(
        !text.contains("trip_") && !text.contains("driver_"),
        "{text}"
    );
    let longer: OwnDispatch = bob
        .gets(&server, "/v1/drivers/me/dispatch?hours=2")
        .await
        .told(200);
    assert_eq!((longer.requests_near, longer.asked), (5, 2));
}

#[tokio::test]
async fn the_own_view_is_for_drivers_and_for_a_day_at_most() {
    let server = start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let own = "/v1/drivers/me/dispatch";
    let none: OwnDispatch = bob.gets(&server, own).await.told(200);
    assert_eq!((none.requests_near, none.asked), (0, 0));
    assert_eq!((none.reasons, none.latest), (vec![], vec![]));
    alice
        .gets(&server, own)
        .await
        .refused(409, ErrorCode::DriverProfile);
    for hours in ["0", "25", "-1", "1.5", "many", ""] {
        let answer = bob.gets(&server, &format!("{own}?hours={hours}")).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
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
