//! `/v1/sync/commands`: what was done without a network happens, in its order, once.

use serde_json::Value;
use wayfare_core::sync::DeviceAction;
use wayfare_core::trip::{CancelReason, TripStatus};
use wayfare_core::wire::{
    AvailabilityStatus, CommandOutcome, DeclineReason, Driver, ErrorCode, PaymentStatus, Trip,
};

use super::phone::{
    DevicePhone, arrive, cancel, codes, complete, flag_kinds, rate, start, start_with, wrong_pin,
};
use crate::actors::{Actor, DROPOFF, PICKUP, admin, alice, bob, north_of_pickup, ride_until};
use crate::harness::TestServer;

/// Waits for an offer, and the phone accepts it.
async fn accept(server: &TestServer, phone: &mut DevicePhone, bob: &Actor) {
    let offer = bob.is_offered_trip(server).await;
    phone.does(DeviceAction::AcceptOffer { offer: offer.id });
}

#[tokio::test]
async fn a_whole_trip_comes_in_one_batch() {
    let server = TestServer::start().await;
    let (admin, alice, bob) = (
        admin(&server).await,
        alice(&server).await,
        bob(&server).await,
    );
    let mut phone = DevicePhone::of(&server, &bob).await;
    let vehicle = bob.vehicle.unwrap();
    phone.does(DeviceAction::GoOnline { vehicle });
    phone.syncs_all(&server, &bob).await;
    bob.is_at(&server, north_of_pickup(300.0)).await;
    let stop = serde_json::json!({
        "pickup": PICKUP, "waypoints": [north_of_pickup(1500.0)], "dropoff": DROPOFF,
    });
    let class = wayfare_core::vehicle::VehicleClass::Standard;
    let quote = alice.gets_quote_of(&server, class, stop).await;
    let body = serde_json::json!({ "quote_id": quote.id });
    let trip: Trip = alice.posts(&server, "/v1/trips", body).await.told(201);
    accept(&server, &mut phone, &bob).await;
    phone.syncs_all(&server, &bob).await;

    let (id, amount) = (trip.id, quote.fare.total());
    phone.does(arrive(id));
    phone.does(start(&trip));
    phone.does(DeviceAction::ReachStop {
        trip: id,
        place: None,
    });
    phone.does(DeviceAction::LeaveStop { trip: id });
    let last = phone.does(complete(id));
    phone.does(DeviceAction::TakeCash { trip: id, amount });
    phone.does(rate(id, 5));
    phone.does(DeviceAction::GoOffline);
    let results = phone.syncs(&server, &bob).await;
    assert_eq!(codes(&results), [None; 8]);
    let fares: Vec<_> = results
        .iter()
        .filter_map(|result| Some((result.command_id, result.fare.clone()?)))
        .collect();
    let seen = alice.sees(&server, id).await;
    assert_eq!(fares, [(last, seen.fare.clone())]);
    let versions: Vec<_> = results.iter().map(|result| result.trip_version).collect();
    let of = |version| Some(version);
    let wanted = [of(3), of(4), of(5), of(6), of(7), of(7), of(7), None];
    assert_eq!(versions, wanted);

    assert_eq!(seen.status, TripStatus::Completed);
    assert_eq!(seen.payment.unwrap().status, PaymentStatus::Paid);
    assert_eq!(bob.sees(&server, id).await.my_rating, Some(5));
    let profile: Driver = bob.gets(&server, "/v1/drivers/me").await.told(200);
    assert_eq!(profile.availability, AvailabilityStatus::Offline);
    assert_eq!(flag_kinds(&server, &admin).await, []);
    let integrity = admin.checks_integrity(&server).await;
    assert_eq!(integrity.ledger.imbalance_minor, 0);
}

#[tokio::test]
async fn a_command_that_fails_leaves_those_around_it_alone() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    let mut phone = DevicePhone::of(&server, &bob).await;
    phone.does(arrive(trip.id));
    phone.does(rate(trip.id, 5));
    phone.does(start_with(trip.id, wrong_pin(&trip)));
    phone.does(start(&trip));
    phone.does(rate(trip.id, 6));
    phone.does(complete(trip.id));
    let results = phone.syncs(&server, &bob).await;
    let (state, pin) = (ErrorCode::WrongTripState, ErrorCode::WrongPin);
    let invalid = ErrorCode::InvalidRequest;
    let wanted = [None, Some(state), Some(pin), None, Some(invalid), None];
    assert_eq!(codes(&results), wanted);
    for rejected in [&results[1], &results[2], &results[4]] {
        assert!(!rejected.detail.as_deref().unwrap().is_empty());
        let shown = rejected.trip.as_ref().unwrap();
        assert_eq!((shown.id, shown.pin), (trip.id, None));
        assert_eq!(rejected.trip_version, Some(shown.version));
    }
    assert_eq!(
        results[2].trip.as_ref().unwrap().status,
        TripStatus::Arrived
    );
    let seen = alice.sees(&server, trip.id).await;
    assert_eq!(seen.status, TripStatus::Completed);
}

#[tokio::test]
async fn both_sides_hear_of_it_once() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    let mut phone = DevicePhone::of(&server, &bob).await;
    phone.does(arrive(trip.id));
    phone.does(start_with(trip.id, wrong_pin(&trip)));
    phone.does(start(&trip));
    phone.does(complete(trip.id));
    phone.syncs(&server, &bob).await;
    let told = async |actor: &Actor| -> Vec<Value> {
        sqlx::query_scalar(
            "SELECT payload -> 'trip' -> 'status' FROM realtime.messages
             WHERE user_id = $1 AND payload ->> 'kind' = 'trip_updated' ORDER BY cursor",
        )
        .bind(actor.id().uuid())
        .fetch_all(&server.pool)
        .await
        .unwrap()
    };
    // What a refused command began is not told. What was true for no time need not be.
    for actor in [&alice, &bob] {
        let statuses = told(actor).await;
        assert_eq!(statuses.last().unwrap(), "completed");
        assert!(statuses.len() <= 5, "{statuses:?}");
        assert_eq!(
            statuses
                .iter()
                .filter(|status| *status == "completed")
                .count(),
            1
        );
    }
}

#[tokio::test]
async fn pins_tried_offline_count_and_the_right_one_is_never_refused() {
    let server = TestServer::start_with(|config| config.limits.pin_attempts = 3).await;
    let (admin, alice, bob) = (
        admin(&server).await,
        alice(&server).await,
        bob(&server).await,
    );
    let trip = ride_until(&server, &alice, &bob, TripStatus::Arrived).await;
    let mut phone = DevicePhone::of(&server, &bob).await;
    for _ in 0..4 {
        phone.does(start_with(trip.id, wrong_pin(&trip)));
    }
    let results = phone.syncs(&server, &bob).await;
    assert_eq!(codes(&results), [Some(ErrorCode::WrongPin); 4]);
    use wayfare_core::wire::SyncFlagKind::PinGuessed;
    assert_eq!(flag_kinds(&server, &admin).await, [PinGuessed]);
    // Whoever is online now has used up the tries.
    let body = serde_json::json!({ "pin": trip.pin });
    let online = bob.tries(&server, "start", trip.id, body).await;
    online.refused(429, ErrorCode::RateLimited);
    phone.does(start(&trip));
    phone.syncs_all(&server, &bob).await;
    let seen = alice.sees(&server, trip.id).await;
    assert_eq!(seen.status, TripStatus::InProgress);
}

#[tokio::test]
async fn an_offer_is_declined_and_one_that_is_gone_cannot_be_taken() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let mut phone = DevicePhone::of(&server, &bob).await;
    bob.is_free_at(&server, north_of_pickup(300.0)).await;
    let trip = alice.requests_trip(&server).await;
    let offer = bob.is_offered_trip(&server).await;
    let decline = || DeviceAction::DeclineOffer {
        offer: offer.id,
        reason: DeclineReason::TooFar,
    };
    phone.does(decline());
    phone.does(decline());
    phone.does(DeviceAction::AcceptOffer { offer: offer.id });
    let results = phone.syncs(&server, &bob).await;
    assert_eq!(codes(&results), [None, None, Some(ErrorCode::OfferClosed)]);
    assert!(results[2].trip.is_none());
    assert_eq!(bob.offers(&server).await, []);
    let seen = alice.sees(&server, trip.id).await;
    assert_eq!(seen.status, TripStatus::Requested);
}

#[tokio::test]
async fn an_offer_that_expired_meanwhile_is_closed() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let mut phone = DevicePhone::of(&server, &bob).await;
    bob.is_free_at(&server, north_of_pickup(300.0)).await;
    let trip = alice.requests_trip(&server).await;
    let offer = bob.is_offered_trip(&server).await;
    phone.does(DeviceAction::AcceptOffer { offer: offer.id });
    sqlx::query(
        "UPDATE dispatch.offers SET created_at = now() - interval '2 min',
             expires_at = now() - interval '1 min'",
    )
    .execute(&server.pool)
    .await
    .unwrap();
    let results = phone.syncs(&server, &bob).await;
    assert_eq!(codes(&results), [Some(ErrorCode::OfferClosed)]);
    let seen = alice.sees(&server, trip.id).await;
    assert_eq!(seen.driver, None);
}

#[tokio::test]
async fn the_later_word_about_working_counts() {
    let server = TestServer::start().await;
    let bob = bob(&server).await;
    let mut phone = DevicePhone::of(&server, &bob).await;
    let vehicle = bob.vehicle.unwrap();
    let online = DeviceAction::GoOnline { vehicle };
    phone.did(online, chrono::Utc::now() - chrono::TimeDelta::hours(2));
    // Said on another device in the meantime.
    bob.goes_offline(&server).await;
    phone.syncs_all(&server, &bob).await;
    let profile: Driver = bob.gets(&server, "/v1/drivers/me").await.told(200);
    assert_eq!(profile.availability, AvailabilityStatus::Offline);
    phone.does(DeviceAction::GoOnline { vehicle });
    phone.syncs_all(&server, &bob).await;
    let profile: Driver = bob.gets(&server, "/v1/drivers/me").await.told(200);
    assert_eq!(profile.availability, AvailabilityStatus::Online);
}

#[tokio::test]
async fn who_goes_offline_is_not_looked_for_any_more() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let mut phone = DevicePhone::of(&server, &bob).await;
    bob.is_free_at(&server, north_of_pickup(300.0)).await;
    alice.requests_trip(&server).await;
    bob.is_offered_trip(&server).await;
    phone.does(DeviceAction::GoOffline);
    phone.syncs_all(&server, &bob).await;
    assert_eq!(bob.offers(&server).await, []);
}

#[tokio::test]
async fn a_rider_calls_off_from_a_phone() {
    let server = TestServer::start().await;
    let alice = alice(&server).await;
    let mut phone = DevicePhone::of(&server, &alice).await;
    let trip = alice.requests_trip(&server).await;
    phone.does(DeviceAction::Cancel {
        trip: trip.id,
        reason: CancelReason::ChangedMind,
        note: Some(" later \n".to_owned()),
    });
    phone.does(cancel(trip.id, CancelReason::ChangedMind));
    phone.does(arrive(trip.id));
    phone.does(DeviceAction::GoOffline);
    let results = phone.syncs(&server, &alice).await;
    let (forbidden, no_driver) = (ErrorCode::Forbidden, ErrorCode::DriverProfile);
    let codes = codes(&results);
    assert_eq!(codes[..2], [None, None]);
    assert_eq!(codes[2..], [Some(forbidden), Some(no_driver)]);
    let seen = alice.sees(&server, trip.id).await;
    assert_eq!(seen.cancelled.unwrap().note.as_deref(), Some("later"));
}

#[tokio::test]
async fn nobody_moves_a_strangers_trip() {
    let server = TestServer::start().await;
    let (alice, bob) = (alice(&server).await, bob(&server).await);
    let dan = crate::actors::dan(&server).await;
    let trip = ride_until(&server, &alice, &bob, TripStatus::Assigned).await;
    let mut phone = DevicePhone::of(&server, &dan).await;
    let amount = trip.fare.total();
    let id = trip.id;
    phone.does(arrive(id));
    phone.does(start(&trip));
    phone.does(complete(id));
    phone.does(cancel(id, CancelReason::Other));
    phone.does(DeviceAction::TakeCash { trip: id, amount });
    phone.does(rate(id, 1));
    let results = phone.syncs(&server, &dan).await;
    for result in results {
        assert_eq!(result.outcome, CommandOutcome::Rejected);
        assert_eq!(result.code, Some(ErrorCode::NotFound), "{result:?}");
        assert_eq!((result.trip, result.trip_version), (None, None));
    }
    let seen = alice.sees(&server, trip.id).await;
    assert_eq!(seen.version, trip.version);
}
