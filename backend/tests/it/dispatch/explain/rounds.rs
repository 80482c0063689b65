//! Rounds as they are, from the request to the explanation.

use chrono::{TimeDelta, Utc};
use wayfare_core::trip::TripStatus;
use wayfare_core::vehicle::VehicleClass;
use wayfare_core::wire::{CarVerdict, GateName, GateUnit, OfferStatus, OwnDispatch, RoundOutcome};

use super::{driver, explained};
use crate::actors::{Actor, admin, alice, bob, carol, dan, north_of_pickup, point, ride_until};
use crate::harness::TestServer;

#[tokio::test]
async fn everybody_learns_why_in_a_round_with_all_kinds_of_drivers() {
    let server = TestServer::start_with(|config| config.dispatch.forward_within_s = 0).await;
    let (alice, carol, ada) = (
        alice(&server).await,
        carol(&server).await,
        admin(&server).await,
    );
    let (bob, dan) = (bob(&server).await, dan(&server).await);
    let busy = Actor::driver(&server, 3, "Hugo", VehicleClass::Standard).await;
    let far = Actor::driver(&server, 4, "Erin", VehicleClass::Standard).await;
    let large = Actor::driver(&server, 5, "Finn", VehicleClass::Xl).await;
    let silent = Actor::driver(&server, 6, "Gina", VehicleClass::Standard).await;
    let offline = Actor::driver(&server, 7, "Ivan", VehicleClass::Standard).await;
    ride_until(&server, &carol, &busy, TripStatus::InProgress).await;
    bob.is_free_at(&server, north_of_pickup(300.0)).await;
    dan.is_free_at(&server, north_of_pickup(900.0)).await;
    far.is_free_at(&server, north_of_pickup(20_000.0)).await;
    large.is_free_at(&server, north_of_pickup(200.0)).await;
    silent.goes_online(&server).await;
    let before = Utc::now() - TimeDelta::seconds(90);
    let old = point(north_of_pickup(100.0), before);
    assert_eq!(silent.sends_points(&server, &[old]).await.status, 200);
    let trip = alice.requests_trip(&server).await;
    let offer = bob.is_offered_trip(&server).await;

    let newest = async |about: &Actor| {
        let explanation = explained(&server, &ada, &trip, about).await;
        let round = explanation.rounds.into_iter().next().unwrap();
        assert_eq!(round.outcome, RoundOutcome::Asked);
        round.cars.into_iter().next().unwrap()
    };
    let gate = async |about: &Actor| newest(about).await.gate.unwrap();
    let asked = newest(&bob).await;
    assert_eq!(asked.verdict, CarVerdict::Asked);
    assert_eq!(asked.offer.unwrap().status, OfferStatus::Open);
    let lost = newest(&dan).await;
    assert_eq!(lost.verdict, CarVerdict::Lost);
    let to = lost.lost_to.unwrap();
    assert_eq!(to.driver_id, Some(driver(&bob)));
    let more = lost.cost.unwrap().total_ms - asked.cost.unwrap().total_ms;
    assert_eq!(to.by_ms, Some(more));
    assert!(more > 0, "{lost:?}");

    let other = gate(&large).await;
    assert_eq!(other.name, GateName::OtherClass);
    assert_eq!(other.vehicle_class, Some(VehicleClass::Xl));
    assert_eq!(other.wanted_class, Some(VehicleClass::Standard));
    let old = gate(&silent).await;
    assert_eq!(
        (old.name, old.unit),
        (GateName::Silent, Some(GateUnit::Seconds))
    );
    assert!(old.found >= Some(90) && old.limit == Some(60), "{old:?}");
    assert_eq!(gate(&busy).await.name, GateName::Driving);
    let away = newest(&far).await;
    assert_eq!(away.verdict, CarVerdict::TooFar);
    let straight_m = away.sighting.unwrap().straight_m;
    assert!((19_990..=20_010).contains(&straight_m), "{away:?}");
    assert_eq!(newest(&offline).await.verdict, CarVerdict::NoRecord);

    bob.declines(&server, &offer).await;
    let next = dan.is_offered_trip(&server).await;
    dan.accepts(&server, &next).await;
    assert_eq!(gate(&bob).await.name, GateName::AskedBefore);
    let explanation = explained(&server, &ada, &trip, &bob).await;
    let first = explanation.rounds.last().unwrap();
    assert_eq!(first.cars[0].offer.unwrap().status, OfferStatus::Declined);
    assert!(
        explanation.summary.contains("asked once"),
        "{explanation:?}"
    );
    assert!(explanation.summary.contains("declined"), "{explanation:?}");
    let taken = newest(&dan).await;
    assert_eq!(taken.offer.unwrap().status, OfferStatus::Accepted);

    let own = "/v1/drivers/me/dispatch";
    let own_of_bob: OwnDispatch = bob.gets(&server, own).await.told(200);
    assert_eq!((own_of_bob.requests_near, own_of_bob.asked), (1, 1));
    let own_of_large: OwnDispatch = large.gets(&server, own).await.told(200);
    assert_eq!((own_of_large.requests_near, own_of_large.asked), (1, 0));
    assert_eq!(own_of_large.reasons[0].count, 1);
}
