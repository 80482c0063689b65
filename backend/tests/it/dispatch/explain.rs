//! `/v1/admin/dispatch/explain` and `/v1/drivers/me/dispatch`: why somebody was asked or not.
//!
//! Most tests keep decisions of their own making, while the server's dispatcher rests.

mod own;
mod rounds;
mod seen;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;
use wayfare_backend::dispatch::decisions::keep_decisions;
use wayfare_backend::platform::clock;
use wayfare_core::id::{DriverId, TripId};
use wayfare_core::wire::{
    CarVerdict, DispatchExplanation, ErrorCode, ExplainedCar, GateName, GateUnit, OfferStatus,
    RoundOutcome, Trip,
};
use wayfare_dispatch::{Considered, Cost, Decision, Gate, Outcome, Verdict};

use crate::actors::{Actor, admin, alice, bob, dan};
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
