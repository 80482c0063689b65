//! `/v1/admin/trips/…`: trips that an admin takes from their driver, calls off, or ends.

use serde_json::{Value, json};
use wayfare_core::pricing::Basis;
use wayfare_core::trip::{Party, TripStatus};
use wayfare_core::wire::{ErrorCode, PaymentStatus, StreamEvent, Trip};

use super::rides::{Proof, age};
use crate::actors::{
    Actor, admin, alice, bob, carol, dan, everything, north_of_pickup, ride_until,
};
use crate::harness::TestServer;
use crate::people::{count, post};

const STEPS: [&str; 3] = ["reassign", "cancel", "complete"];

fn body(step: &str) -> Value {
    match step {
        "complete" => Value::Null,
        _ => json!({ "reason": "driver_not_coming" }),
    }
}

async fn admin_does(server: &TestServer, admin: &Actor, step: &str, trip: &Trip) -> Trip {
    admin
        .tries_as_admin(server, step, trip.id, body(step))
        .await
        .told(200)
}

#[tokio::test]
async fn only_admins_reassign_call_off_or_end_trips_of_others() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let (carol, dan) = (carol(&server).await, dan(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    let before = everything(&server).await;
    for step in STEPS {
        for person in [&alice, &bob, &carol, &dan] {
            let answer = person
                .tries_as_admin(&server, step, trip.id, body(step))
                .await;
            answer.refused(403, ErrorCode::Forbidden);
        }
        let path = format!("/v1/admin/trips/{}/{step}", trip.id);
        let nobody = post(&server, &path).json(body(step)).await;
        nobody.refused(401, ErrorCode::Unauthenticated);
    }
    assert_eq!(everything(&server).await, before);
}

#[tokio::test]
async fn a_trip_that_is_taken_from_its_driver_goes_to_another_one() {
    let server = TestServer::start_with(|config| config.dispatch.max_reassignments = 0).await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let (carol, dan) = (carol(&server).await, dan(&server).await);
    let admin = admin(&server).await;
    for reached in [TripStatus::Assigned, TripStatus::Arrived] {
        bob.is_free_at(&server, north_of_pickup(10.0)).await;
        let trip = ride_until(&server, &alice, &bob, reached).await;
        let (mut listener, ..) = bob.listens(&server, None).await;
        let taken = admin_does(&server, &admin, "reassign", &trip).await;
        assert_eq!(
            (taken.status, &taken.driver),
            (TripStatus::Requested, &None)
        );
        assert_eq!((taken.pin, taken.passenger), (None, None));
        let seen = alice.sees(&server, trip.id).await;
        assert_eq!((seen.status, seen.driver), (TripStatus::Requested, None));
        assert_eq!(seen.pin, trip.pin);
        let told = listener.next().await.event;
        let StreamEvent::TripUpdated { trip: shown } = told else {
            panic!("{told:?}")
        };
        assert_eq!((shown.id, shown.status), (trip.id, TripStatus::Requested));
        let path = format!("/v1/trips/{}", trip.id);
        bob.gets(&server, &path)
            .await
            .refused(404, ErrorCode::NotFound);

        // Bob is nearest and free, and gets the next trip, but not this one.
        let next = carol.requests_trip(&server).await;
        let offer = bob.is_offered_trip(&server).await;
        assert_eq!(offer.trip_id, next.id);
        bob.accepts(&server, &offer).await;
        dan.is_free_at(&server, north_of_pickup(2000.0)).await;
        let offer = dan.is_offered_trip(&server).await;
        assert_eq!(offer.trip_id, trip.id);
        dan.accepts(&server, &offer).await;
        dan.arrives(&server, trip.id).await;
        dan.starts(&server, &trip).await;
        let done = dan.completes(&server, trip.id).await;
        assert_eq!(done.driver.unwrap().name, "Dan");
        let receipt = Proof::of(&server, &alice, trip.id)
            .await
            .verify(None)
            .unwrap();
        assert_eq!(receipt.driver.unwrap().uuid(), dan.id().uuid());
        dan.goes_offline(&server).await;
        carol.cancels(&server, next.id, "changed_mind").await;
    }
    let asked = "SELECT count(*) FROM dispatch.offers WHERE status = 'released'";
    assert_eq!(count(&server, asked).await, 2);
    let releases = "SELECT sum(releases)::bigint FROM trips.trips";
    assert_eq!(
        count(&server, releases).await,
        0,
        "nobody gave anything back"
    );
    let integrity = admin.checks_integrity(&server).await;
    assert_eq!(
        (integrity.double_assignments, integrity.unbooked_trips),
        (0, 0)
    );
}

#[tokio::test]
async fn an_admins_step_from_a_wrong_state_is_refused_and_changes_nothing() {
    let server = TestServer::start_with(|config| config.dispatch.search_timeout_s = 3600).await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let admin = admin(&server).await;
    for (status, wrong) in [
        (TripStatus::Assigned, &["complete"][..]),
        (TripStatus::Arrived, &["complete"]),
        (TripStatus::InProgress, &["reassign", "cancel"]),
        (TripStatus::Completed, &STEPS),
        (TripStatus::Requested, &["reassign", "complete"]),
    ] {
        let trip = ride_until(&server, &alice, &bob, status).await;
        bob.goes_offline(&server).await;
        let before = everything(&server).await;
        for step in wrong {
            let answer = admin
                .tries_as_admin(&server, step, trip.id, body(step))
                .await;
            answer.refused(409, ErrorCode::WrongTripState);
        }
        assert_eq!(everything(&server).await, before, "{status}");
        match status {
            TripStatus::InProgress => drop(bob.completes(&server, trip.id).await),
            TripStatus::Completed => {}
            _ => {
                admin_does(&server, &admin, "cancel", &trip).await;
                let before = everything(&server).await;
                for step in STEPS {
                    let answer = admin
                        .tries_as_admin(&server, step, trip.id, body(step))
                        .await;
                    answer.refused(409, ErrorCode::WrongTripState);
                }
                assert_eq!(everything(&server).await, before);
            }
        }
    }
}

#[tokio::test]
async fn an_admin_cannot_say_that_the_rider_did_not_come() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let admin = admin(&server).await;
    let trip = ride_until(&server, &alice, &bob, TripStatus::Arrived).await;
    age(&server, trip.id, 1000).await;
    let before = everything(&server).await;
    let no_show = json!({ "reason": "rider_no_show" });
    for step in ["reassign", "cancel"] {
        let answer = admin
            .tries_as_admin(&server, step, trip.id, no_show.clone())
            .await;
        answer.refused(403, ErrorCode::Forbidden);
    }
    let answer = alice.tries(&server, "cancel", trip.id, no_show).await;
    answer.refused(403, ErrorCode::Forbidden);
    assert_eq!(everything(&server).await, before);
}

#[tokio::test]
async fn a_trip_that_an_admin_calls_off_costs_nothing_however_late() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let admin = admin(&server).await;
    for reached in [
        TripStatus::Requested,
        TripStatus::Assigned,
        TripStatus::Arrived,
    ] {
        let trip = ride_until(&server, &alice, &bob, reached).await;
        age(&server, trip.id, 200).await;
        let note = json!({ "reason": "safety", "note": "the road is closed" });
        let off: Trip = admin
            .tries_as_admin(&server, "cancel", trip.id, note)
            .await
            .told(200);
        assert_eq!((off.status, &off.payment), (TripStatus::Cancelled, &None));
        let how = alice.sees(&server, trip.id).await.cancelled.unwrap();
        assert_eq!(
            (how.by, how.note.as_deref()),
            (Party::Admin, Some("the road is closed"))
        );
        let answer = alice.tries_to_get_receipt(&server, trip.id).await;
        answer.refused(404, ErrorCode::NotFound);
    }
    assert_eq!(
        count(&server, "SELECT count(*) FROM payments.transactions").await,
        0
    );
    let next = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    assert_eq!(next.driver.unwrap().name, "Bob");
}

#[tokio::test]
async fn a_ride_that_an_admin_ends_is_charged_and_has_its_receipt() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let admin = admin(&server).await;
    let trip = ride_until(&server, &alice, &bob, TripStatus::InProgress).await;
    age(&server, trip.id, 900).await;
    let ended = admin_does(&server, &admin, "complete", &trip).await;
    assert_eq!(
        (ended.status, ended.basis, &ended.fare),
        (TripStatus::Completed, Some(Basis::Quote), &trip.fare)
    );
    let due = alice.sees(&server, trip.id).await.payment.unwrap();
    assert_eq!(
        (due.status, due.amount),
        (PaymentStatus::Due, trip.fare.total())
    );
    let receipt = Proof::of(&server, &alice, trip.id)
        .await
        .verify(None)
        .unwrap();
    assert_eq!(receipt.fare, trip.fare);
    assert_eq!(receipt.driver.unwrap().uuid(), bob.id().uuid());
    bob.takes_cash(&server, trip.id).await;
    let integrity = admin.checks_integrity(&server).await;
    assert_eq!(
        (integrity.unbooked_trips, integrity.ledger.imbalance_minor),
        (0, 0)
    );
    ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
}

#[tokio::test]
async fn an_admins_step_happens_once_under_its_key_and_only_at_the_version_that_was_seen() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let admin = admin(&server).await;
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    bob.goes_offline(&server).await;
    let path = format!("/v1/admin/trips/{}/reassign", trip.id);
    let stale = post(&server, &path)
        .by(&admin.session)
        .header("If-Match", "\"1\"")
        .json(body("reassign"))
        .await;
    stale.refused(412, ErrorCode::VersionMismatch);
    let first = admin
        .posts_as(&server, "away", &path, body("reassign"))
        .await;
    let before = everything(&server).await;
    let again = admin
        .posts_as(&server, "away", &path, body("reassign"))
        .await;
    assert_eq!((first.status, &first.body), (200, &again.body));
    assert_eq!(everything(&server).await, before);
    let nobodys = "/v1/admin/trips/trip_00000000000000000000000000000000/cancel";
    let answer = admin.posts(&server, nobodys, body("cancel")).await;
    answer.refused(404, ErrorCode::NotFound);
    for wrong in [json!({}), json!({ "reason": "bored" }), Value::Null] {
        let answer = admin.posts(&server, &path, wrong).await;
        answer.refused(400, ErrorCode::InvalidRequest);
    }
}
